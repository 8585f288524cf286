// docs/cli.md and the help: every example runs against a real engine, every command is listed, and help loads no engine.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { killAll, startEngine } from '../recovery/engineProcess.ts'
import { freePort } from '../recovery/servers.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { openShell } from './oee.ts'

const TEST_MS = 120_000
vi.setConfig({ testTimeout: TEST_MS })

const text = readFileSync(fileURLToPath(new URL('../../docs/cli.md', import.meta.url)), 'utf8')
const examples = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, script = '']) => script)

let folder: Awaited<ReturnType<typeof freshFolder>>
let shell: ReturnType<typeof openShell>

beforeAll(async () => {
  folder = await freshFolder()
  const settings = { DATA_DIR: folder.path, PORT: `${await freePort()}` }
  await startEngine({ ...settings, SIM_SPEED: 'instant' })
  // Without OEE_URL: the engine is found by PORT.
  shell = openShell(settings)
}, TEST_MS)
afterAll(async () => {
  await killAll()
  folder.remove()
  shell.remove()
})

describe('docs/cli.md', () => {
  test.each(examples.map((script) => [script.split('\n')[0], script]))(
    'works as it is written: %s …',
    async (_, script = '') => {
      const { code, stderr } = await shell.run(`set -eu -o pipefail\n${script}`)
      expect({ code, stderr }).toMatchObject({ code: 0 })
    },
  )

  test('lists every command, and no other', async () => {
    const { stdout } = await shell.run('oee --help')
    const [, list = ''] = stdout.split('Commands:\n')
    const commands = [...(list.split('\n\n')[0] ?? '').matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
    const documented = [...text.matchAll(/^\| `oee (\w+)` /gm)].map(([, name]) => name)
    expect(documented.toSorted()).toEqual(commands.toSorted())
  })
})

describe('help', () => {
  test('of every command begins with examples and ends with its exit codes', async () => {
    const names = [...text.matchAll(/^\| `oee (\w+)` /gm)].map(([, name]) => name)
    const pages = await Promise.all(names.map((name) => shell.run(`oee ${name} --help`)))
    for (const { code, stdout, stderr } of pages) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(
        /^Examples:\n {2}\S[\s\S]*\nUsage: oee [\s\S]*\nOptions:\n[\s\S]*\nExit codes: .*\n$/,
      )
    }
  })

  // Reading and compiling is what a start takes: the whole program is many times as much, and stands on more.
  test.each([
    ['--help', 30_000],
    ['ls', 90_000],
  ])('and a list read little of the program: oee %s, at most %d bytes', async (args, most) => {
    const folder = join(shell.folder, 'coverage')
    expect((await shell.run(`oee ${args}`, { NODE_V8_COVERAGE: folder })).code).toBe(0)
    const read = readdirSync(folder).flatMap((name) => filesIn(join(folder, name)))
    rmSync(folder, { recursive: true })
    expect(read.length).toBeGreaterThan(0)
    expect(read.filter((path) => path.includes('node_modules'))).toEqual([])
    expect(read.reduce((bytes, path) => bytes + statSync(path).size, 0)).toBeLessThan(most)
  })
})

/** The files that a process has loaded as code, by what V8 says of it. */
function filesIn(coverage: string): string[] {
  const { result } = JSON.parse(readFileSync(coverage, 'utf8')) as { result: { url: string }[] }
  return result.flatMap(({ url }) => (url.startsWith('file:') ? [fileURLToPath(url)] : []))
}
