// What is installed is what was looked at: exact versions, known digests, no scripts, and a list of it all.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

type Locked = {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly optional?: boolean
  readonly hasInstallScript?: boolean
}

const readJson = (path: string) => JSON.parse(readFileSync(join(PROJECT, path), 'utf8'))

/** Every package of a lockfile but the project itself, by where it is installed. */
function lockedIn(path: string): readonly (readonly [where: string, locked: Locked])[] {
  const { packages } = readJson(path) as { packages: Record<string, Locked> }
  return Object.entries(packages).filter(([where]) => where !== '')
}

describe.each(['package-lock.json', 'bench/oracles/package-lock.json'])('%s', (path) => {
  const locked = lockedIn(path)

  test('belongs to a package.json that names exact versions only', () => {
    const { dependencies, devDependencies } = readJson(join(dirname(path), 'package.json'))
    const versions: readonly string[] = Object.values({ ...dependencies, ...devDependencies })
    expect(versions.length).toBeGreaterThan(0)
    expect(versions.filter((version) => !EXACT.test(version))).toEqual([])
  })

  test('knows the digest of every package, those of other platforms too', () => {
    expect(locked.length).toBeGreaterThan(100)
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([])
  })

  test('takes nothing from a repository, a folder or a plain connection', () => {
    const elsewhere = locked.filter(
      ([, { link, version = '', resolved = 'https:' }]) =>
        link || !EXACT.test(version) || !resolved.startsWith('https:'),
    )
    expect(elsewhere).toEqual([])
  })
})

test('no package that runs with the engine needs a script when it is installed', () => {
  const scripted = lockedIn('package-lock.json').filter(
    ([, { dev, hasInstallScript }]) => !dev && hasInstallScript,
  )
  // Makes the parsing of what BullMQ stores faster; without it the same is done in JavaScript.
  expect(scripted).toMatchObject([['node_modules/msgpackr-extract', { optional: true }]])
})
