// What is installed is what was looked at: exact versions, known digests, no scripts, and a list of it all.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
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

type Component = {
  readonly 'bom-ref': string
  readonly purl: string
  readonly hashes: readonly { readonly alg: string; readonly content: string }[]
}

type Document = {
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const readJson = (path: string) => JSON.parse(readFileSync(join(PROJECT, path), 'utf8'))

/** Every package of a lockfile but the project itself and its workspaces, by where it is installed. */
function lockedIn(path: string): readonly (readonly [where: string, locked: Locked])[] {
  const { packages } = readJson(path) as { packages: Record<string, Locked> }
  const { workspaces = [] } = readJson(join(dirname(path), 'package.json')) as { workspaces?: string[] }
  const own = ['', ...workspaces]
  return Object.entries(packages).filter(
    ([where, { resolved = '' }]) => !own.includes(where) && !workspaces.includes(resolved),
  )
}

test('the client needs no package, and its tools are exact versions', () => {
  const { dependencies, peerDependencies, devDependencies } = readJson('client/package.json')
  expect({ dependencies, peerDependencies }).toEqual({})
  const versions: readonly string[] = Object.values(devDependencies)
  expect(versions.filter((version) => !EXACT.test(version))).toEqual([])
})

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
  // Makes msgpackr faster, which BullMQ brings; without it the same is done in JavaScript.
  expect(scripted).toMatchObject([['node_modules/msgpackr-extract', { optional: true }]])
})

describe('npm run sbom', () => {
  const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: PROJECT, encoding: 'utf8' })
  const document: Document = JSON.parse(stdout)

  test('writes a CycloneDX document about this version of the engine', () => {
    const { name, version } = readJson('package.json')
    expect(document).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: expect.stringMatching(/^1\.\d$/),
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
      metadata: { component: { type: 'application', name, version } },
    })
    // What refers to something refers to what is there.
    const refs = [document.metadata.component, ...document.components].map(
      (component) => component['bom-ref'],
    )
    const referred = document.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn])
    expect(referred.filter((ref) => !refs.includes(ref))).toEqual([])
  })

  test('names every package that runs with the engine, its version and its digest, and no other', () => {
    const locked = lockedIn('package-lock.json').filter(([, { dev }]) => !dev)
    const wanted = locked.map(([where, { version, integrity }]) => {
      const name = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length)
      return `${name}@${version} ${integrity}`
    })
    const named = document.components.map(({ purl, hashes }) => {
      const digests = hashes.map(
        ({ alg, content }) => `${alg} ${Buffer.from(content, 'hex').toString('base64')}`,
      )
      return `${decodeURIComponent(purl.slice('pkg:npm/'.length))} ${digests.join(' ').replace('SHA-512 ', 'sha512-')}`
    })
    expect(new Set(named)).toEqual(new Set(wanted))
    const { dependencies } = readJson('package.json') as { dependencies: Record<string, string> }
    const workspaces: readonly string[] = readJson('package.json').workspaces
    const own = workspaces.map((folder) => readJson(`${folder}/package.json`).name)
    const taken = Object.entries(dependencies).filter(([name]) => !own.includes(name))
    const direct = taken.map(([name, version]) => `${name}@${version}`)
    expect(direct.filter((id) => !named.some((line) => line.startsWith(`${id} `)))).toEqual([])
  })
})
