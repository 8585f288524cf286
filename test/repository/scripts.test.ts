// The programs beside the engine fail when they must: wrong usage, a missing server, a finding, an interruption. Each with its
// exit code and one line that says what is wrong.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const SLOW_MS = 120_000
vi.setConfig({ testTimeout: SLOW_MS })
const STACK = /^\s+at /m

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }
type Settings = Readonly<Record<string, string>>

function launch(command: string, settings: Settings = {}) {
  const [program = '', ...args] = command.split(' ')
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(program, args, { cwd: PROJECT, env: { PATH, HOME, ...settings } })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => (said.stdout += text))
  child.stderr.on('data', (text) => (said.stderr += text))
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...said }))
  return { child, ended, said }
}

const run = (command: string, settings: Settings = {}) => launch(command, settings).ended

const script = (file: string) => `node --import tsx ${file}`

/** A program, and what it must not be asked. */
const programs: readonly (readonly [command: string, wrong: readonly string[], why: RegExp])[] = [
  [script('scripts/chaos.ts'), ['--runs', '0'], /--runs must be a whole number from 1, not "0"/],
  [script('scripts/fuzz.ts'), ['--url', 'localhost'], /--url must be an address/],
  [script('scripts/sbom.ts'), ['sbom.json'], /Unexpected argument 'sbom.json'/],
  [script('scripts/vectors.ts'), [], /give one file or folder or more/],
  [
    script('bench/run.ts'),
    ['--only', 'embedded,all'],
    /--only must be one of yardsticks, .*, not "embedded,all"/,
  ],
  [script('bench/quotes.ts'), ['--seed', '1'], /Unknown option '--seed'/],
  [script('bench/allOrders.ts'), ['--pairs', '0'], /--pairs must be a whole number from 1, not "0"/],
  [script('bench/console.ts'), ['--rows', '0'], /--rows must be a whole number from 1, not "0"/],
  [script('bench/sockets.ts'), ['--sockets', 'many'], /--sockets must be a whole number from 1, not "many"/],
  [script('bench/overload.ts'), ['--seconds', '-1'], /Option '--seconds' argument is ambiguous/],
  [script('bench/triggers.ts'), ['--rounds', '0'], /--rounds must be a whole number from 1, not "0"/],
  [
    script('bench/oracles/compare.ts'),
    ['--quotes', '1e9'],
    /--quotes must be a whole number from 1, not "1e9"/,
  ],
  [script('test/console/screenshots.ts'), ['here'], /Unexpected argument 'here'/],
  [script('test/recovery/chaos.ts'), ['--fault', 'none'], /--fault must be one of crash, .*, not "none"/],
  ['node scripts/test.mjs', ['--bogus'], /Unknown option '--bogus'/],
  ['bash scripts/services.sh', ['restart', 'here'], /it starts and stops, and cannot restart/],
]

describe.each(programs)('%s', (command, wrong, why) => {
  test('says how it is used when asked, and refuses wrong usage with one line', async () => {
    const [help, refusal] = await Promise.all(
      [`${command} --help`, [command, ...wrong].join(' ')].map((line) => run(line)),
    )
    expect(help).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/^usage: /) })
    expect(refusal).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(why) })
    expect(refusal?.stderr.trim().split('\n')).toHaveLength(1)
  })
})

test('every script of package.json that is a program of ours is among them', () => {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'))
  const files = Object.values<string>(scripts).flatMap(
    (line) => /(?:scripts|bench|test)\/\S+(?<!\.test\.ts)(?=\s|$)/.exec(line) ?? [],
  )
  // A step of the build is run by nothing else.
  const known = [...programs.map(([command]) => command.split(' ').at(-1)), 'scripts/bundle.mjs']
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter((file) => !known.includes(file))).toEqual([])
})

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'order-engine-scripts-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('npm run vectors', () => {
  type State = { accounts: Record<string, { data: string }>; swaps: { amountOut?: string }[] }
  type Vector = { pool: string; venue: string; states: [State, ...State[]] }
  const whole = readFileSync(join(PROJECT, 'test/vectors/raydium-cpmm-1.json'), 'utf8')
  const changed = (change: (vector: Vector) => void) => {
    const vector = JSON.parse(whole)
    change(vector)
    return JSON.stringify(vector)
  }
  const noPool = ({ pool, states: [{ accounts }] }: Vector) =>
    Object.assign(accounts, { [pool]: { owner: '', data: '' } })
  const misquoted = ({ states: [{ swaps }] }: Vector) => {
    const paid = swaps.find(({ amountOut }) => amountOut !== undefined)
    Object.assign(paid ?? {}, { amountOut: '1' })
  }
  const files: readonly (readonly [name: string, text: string, said: RegExp])[] = [
    ['whole', whole, /^whole.json: exact 78, wrong 0, refused as the program 6, refused wrongly 0$/m],
    ['refused', changed(noPool), /^ {2}state 0: refused as malformed_account .*, 29 times$/m],
    ['wrong', changed(misquoted), /the program pays 1$/m],
    [
      'foreign',
      changed((vector) => void Object.assign(vector, { venue: 'orca' })),
      /no program for venue orca, \d+ times$/m,
    ],
    [
      'unasked',
      changed(({ states: [{ swaps }] }) => void swaps.splice(0)),
      /unreadable: \/states\/0\/swaps must not have fewer than 1 items$/m,
    ],
    [
      'stateless',
      changed((vector) => void Object.assign(vector, { states: [] })),
      /unreadable: \/states must not have fewer than 1 items$/m,
    ],
    ['list', '[]', /unreadable: it must be object$/m],
    ['cut', whole.slice(0, 5_000), /unreadable: .*JSON/m],
    ['empty', '', /unreadable: .*JSON/m],
  ]

  test('names every file and what is wrong with it, and fails', async () => {
    for (const [name, text] of files) writeFileSync(join(folder, `${name}.json`), text)
    const { code, stdout, stderr } = await run(`${script('scripts/vectors.ts')} ${folder}`)
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    for (const [, , said] of files) expect(stdout).toMatch(said)
    const faulty = stdout
      .split('\n')
      .filter((line) => /\.json: /.test(line) && !/wrong 0, .* wrongly 0$/.test(line))
    expect(faulty).toHaveLength(files.length - 1)
  })

  test.each(['nothing.json', 'test/domain'])('fails when there is nothing to check: %s', async (path) => {
    const { code, stdout, stderr } = await run(`${script('scripts/vectors.ts')} ${path}`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^vectors.ts: .*(no such file|holds no vector).*\n$/)
  })

  test('passes on those of the project', async () => {
    const { code, stdout } = await run(`${script('scripts/vectors.ts')} test/vectors`)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^exact \d{4}, wrong 0, refused as the program \d{3}, refused wrongly 0\n$/m)
  })
})

describe('npm run chaos', () => {
  test('finds a planted defect, tells its story and fails', async () => {
    const { code, stdout } = await run(`${script('scripts/chaos.ts')} --planted --seed 1 --runs 100`)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}signed an old quote: /m)
    expect(stdout).toMatch(/^failed seeds: \d+/m)
  })

  test('says how far it came when it is interrupted, and fails', async () => {
    const { child, ended, said } = launch(`${script('scripts/chaos.ts')} --planted --seed 1 --minutes 9`)
    await expect.poll(() => said.stdout, { timeout: SLOW_MS }).toMatch(/^seed \d+ broke/m)
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await ended
    expect({ code, stderr }).toEqual({
      code: 143,
      stderr: 'chaos.ts: ended by SIGTERM before it was done.\n',
    })
    expect(stdout).toMatch(/^\d+ schedules, seeds 1 to .* failed$/m)
  })
})

describe('npm run fuzz', () => {
  test('fails at an answer that means a defect, and says which', async () => {
    const server = createServer((request, response) => {
      const isOrder = request.method === 'POST'
      response.statusCode = isOrder ? 500 : 200
      response.end(isOrder ? '{}' : 'oee_up 1')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { code, stderr } = await run(
      `${script('scripts/fuzz.ts')} --bodies 8 --frames 8 --seed 1 --url ${url}`,
    )
    server.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(/answered 500/)
  })

  test('fails with one line when there is no engine', async () => {
    const { code, stderr } = await run(`${script('scripts/fuzz.ts')} --url http://127.0.0.1:9`)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^fuzz.ts: no engine at .*\n$/),
    })
  })
})

describe('a program that needs servers', () => {
  const nowhere = { TEST_REDIS_URL: 'redis://127.0.0.1:9', TEST_PG_CONN: 'postgres://127.0.0.1:9/none' }

  test.each(['bench/run.ts', 'bench/overload.ts'])(
    '%s fails with one line where none answers',
    async (file) => {
      const { code, stderr } = await run(`${script(file)} --no-build`, nowhere)
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/^\w+.ts: Redis cannot be reached: .*\n$/),
      })
    },
  )

  test.each([
    ['half a pair', { TEST_REDIS_URL: 'redis://127.0.0.1:9' }, /belong together/],
    [
      'an address where none answers',
      nowhere,
      /TEST_REDIS_URL is set, but its server cannot be used: connect ECONNREFUSED/,
    ],
    ['what is no address', { ...nowhere, TEST_REDIS_URL: 'localhost' }, /must begin with redis/],
    [
      'none installed, and all are wanted',
      { PATH: '', REQUIRE_SERVICES: '1' },
      /there is no Redis and Postgres, so nothing was run/,
    ],
  ])('npm test fails with %s', async (_, settings, why) => {
    const { code, stdout } = await run(`${process.execPath} scripts/test.mjs test/domain/amount`, settings)
    expect(code).toBe(1)
    expect(stdout).toMatch(why)
    expect(stdout).toMatch(/^0 passed, 1 failed\n$/m)
    expect(stdout).not.toMatch(STACK)
  })

  test('npm test names what it does not run without them', async () => {
    const { code, stdout } = await run(`${process.execPath} scripts/test.mjs test/engine/distributed`, {
      PATH: '',
    })
    expect(code).toBe(1)
    expect(stdout).toMatch(/suite that needs Redis and Postgres \(the distributed runtime\) will NOT be run/)
    expect(stdout).toMatch(/No test was run at all, and that is a failure/)
  })

  test('services.sh stops nothing where nothing is', async () => {
    const { code, stderr } = await run(`bash scripts/services.sh stop ${folder}/none`)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^services.sh: there is no .*\n$/),
    })
  })
})
