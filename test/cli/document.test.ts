// docs/cli.md and the help: every example runs against a real engine, every command is listed, and help costs no time.
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
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

  // 150 ms on an idle machine, of which Node itself takes a third.
  test('and a list cost little more than the start of Node', async () => {
    const fastest = async (command: string) => {
      const times: number[] = []
      for (let i = 0; i < 5; i++) {
        const startedAt = performance.now()
        expect((await shell.run(command)).code).toBe(0)
        times.push(performance.now() - startedAt)
      }
      return Math.min(...times)
    }
    const bare = await fastest('node --eval 0')
    expect(await fastest('oee --help')).toBeLessThan(3 * bare)
    expect(await fastest('oee ls')).toBeLessThan(4 * bare)
  })
})
