// The client as it would be published: small, without dependencies, and readable by every kind of importer.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const CLIENT = join(PROJECT, 'client')
const ENTRY = join(CLIENT, 'dist/index.js')
const MOST_BYTES = 8 * 1024

let folder: string
let tarball: string

function run(command: string, args: readonly string[], cwd = CLIENT) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

beforeAll(() => {
  if (!existsSync(ENTRY)) throw new Error(`${ENTRY} is missing: run "npm run build" first`)
  folder = mkdtempSync(join(tmpdir(), 'order-engine-client-'))
  const packed = spawnSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: CLIENT,
    encoding: 'utf8',
  })
  const [{ filename }] = JSON.parse(packed.stdout)
  tarball = join(folder, filename)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

test('for a browser it is at most 8 KB, compressed', async () => {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  })
  const [bundle] = outputFiles
  const bytes = gzipSync(bundle?.contents ?? '', { level: 9 }).length
  expect(bytes).toBeGreaterThan(1_000)
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES)
})

test('publint finds nothing to say about the package', () => {
  const linted = run('npm', ['run', 'lint', '--', tarball])
  expect(linted).toMatchObject({ status: 0 })
}, 60_000)

test('the types are right for every importer of ES modules', () => {
  // CommonJS reaches it with import(), as Node 20 has it.
  const judged = run('npm', ['run', 'lint:types', '--', tarball])
  expect(judged).toMatchObject({ status: 0 })
}, 120_000)

test('the package holds what is built, its description, and nothing else', () => {
  const { said } = run('tar', ['-tzf', tarball])
  const files = said.trim().split('\n')
  expect(files).toContain('package/dist/index.d.ts')
  expect(
    files.filter((file) => !/^package\/(package\.json|README\.md|LICENSE|dist\/.+\.(js|d\.ts))$/.test(file)),
  ).toEqual([])
})

test('what is installed from it runs in Node without another package', () => {
  const installed = join(folder, 'node_modules/oee-client')
  expect(run('mkdir', ['-p', installed])).toMatchObject({ status: 0 })
  expect(run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])).toMatchObject({ status: 0 })
  const program =
    "import { createClient } from 'oee-client'; console.log(Object.keys(createClient({ url: 'http://x' })).join())"
  const { status, said } = run(process.execPath, ['--input-type=module', '-e', program], folder)
  expect(status).toBe(0)
  expect(said).toContain('place,preview,order,list,watch')
  expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))).not.toHaveProperty('dependencies')
})
