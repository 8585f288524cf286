// Every command against a real engine, as a shell runs it. Examples of docs/cli.md are test/cli/document.test.ts.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { json, scripted } from '../client/scripted.ts'
import { killAll, launch, startEngine } from '../recovery/engineProcess.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { openShell } from './oee.ts'

const TEST_MS = 120_000
vi.setConfig({ testTimeout: TEST_MS })

const MARKET = '--in A --out B --amount 1'
const LIMIT = '--type limit --in A --out B --amount 100 --limit-price 5'
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const hasPty = spawnSync('script', ['--version']).status === 0

let folder: Awaited<ReturnType<typeof freshFolder>>
let shell: ReturnType<typeof openShell>

beforeAll(async () => {
  folder = await freshFolder()
  const engine = await startEngine({ DATA_DIR: folder.path, SIM_SPEED: 'instant' })
  shell = openShell({ OEE_URL: engine.url })
}, TEST_MS)
afterAll(async () => {
  await killAll()
  folder.remove()
  shell.remove()
})

/** The standard output of a command that does what it is asked for. */
async function done(command: string): Promise<string> {
  const { code, stdout, stderr } = await shell.run(command)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return stdout
}

const placed = async (terms: string): Promise<string> => {
  const id = (await done(`oee place ${terms}`)).trim()
  expect(id).toMatch(UUID)
  return id
}

describe('place and watch', () => {
  test('the id alone is data; --watch follows the order to its fill', async () => {
    const id = await placed(MARKET)
    expect(await done(`oee watch ${id}`)).toMatch(
      / accepted .*\n.* triggered\n(.*\n)*.* filled .* for .* at .*\n$/,
    )
    const { code, stdout, stderr } = await shell.run(`oee place ${MARKET} --watch`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^Sell 1 A for B/) })
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/ filled /)
  })

  test('--json gives the events as they are on the wire, each once', async () => {
    const lines = (await done(`oee place ${MARKET} --watch --json`)).trimEnd().split('\n')
    const messages = lines.map((line) => JSON.parse(line)) as { seq: number; kind: string }[]
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, i) => i + 1))
    expect(messages.at(-1)?.kind).toBe('filled')
  })

  test('an order that ends without a fill ends its watch with 1', async () => {
    const id = await placed(LIMIT)
    const watching = shell.start(`oee watch ${id}`)
    await vi.waitFor(() => expect(watching.said.stdout).toContain('accepted'), TEST_MS)
    await done(`oee cancel ${id}`)
    const { code, stdout } = await watching.ended
    expect(code).toBe(1)
    expect(stdout).toMatch(/ canceled +by local\n$/)
  })

  test('a dry run and a preview place nothing and show the route', async () => {
    const before = await done('oee ls --json --limit 1000')
    expect(await done(`oee place ${MARKET} --dry-run`)).toMatch(/^Sell 1 A for B.*\nVENUE .*(\n.*)+\nRoute: /)
    const preview = JSON.parse(await done(`oee preview ${LIMIT} --json`))
    expect(preview).toMatchObject({ type: 'limit', limitPrice: '5', warnings: [{ code: 'below_limit' }] })
    expect(await done('oee ls --json --limit 1000')).toBe(before)
  })

  test('a body comes from a file or standard input, and must be exact', async () => {
    const body = { type: 'oco', tokenIn: 'A', tokenOut: 'B', amountIn: '10' }
    const legs = [
      { type: 'limit', limitPrice: '5' },
      { type: 'stop', trigger: { price: '1' } },
    ]
    writeFileSync(join(shell.folder, 'order.json'), JSON.stringify({ ...body, legs }))
    const id = await placed('--body order.json')
    expect(await done(`oee show ${id}`)).toMatch(/limit(.*\n)*.*stop/)
    expect(await placed('--body - < order.json')).not.toBe(id)
    const wrong = [
      ['{"amountIn":"1","amountIn":"2"}', 'duplicate_key'],
      ['{"amountIn":9007199254740993}', 'number_not_exact'],
      ['{"amountIn":', 'invalid_json'],
    ]
    for (const [text, code] of wrong) {
      const ended = await shell.run(`echo '${text}' | oee place --body -`)
      expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`[${code}]`) })
    }
  })

  test('the same idempotency key places one order', async () => {
    const terms = `${MARKET} --idempotency-key once-${process.pid}`
    expect(await placed(terms)).toBe(await placed(terms))
  })

  test.runIf(hasPty)(
    'on a terminal it draws what the order does meanwhile, in colors unless NO_COLOR says no',
    async () => {
      const id = await placed(LIMIT)
      const onTerminal = (more: string) =>
        shell.start(`script -qec "${more} oee watch ${id}" /dev/null`, { TERM: 'xterm' })
      const [colored, plain] = [onTerminal(''), onTerminal('NO_COLOR=1')]
      await vi.waitFor(() => expect(colored.said.stdout).toMatch(/… .*waits for 5, .* \d\.\d s/), TEST_MS)
      await vi.waitFor(() => expect(plain.said.stdout).toMatch(/… .* \d\.\d s/), TEST_MS)
      await done(`oee cancel ${id}`)
      await Promise.all([colored.ended, plain.ended])
      expect(colored.said.stdout).toContain('\u001b[33m')
      expect(plain.said.stdout).not.toContain('\u001b[33m')
    },
  )

  test('Ctrl-C ends it quietly with 130, and a closed pipe with nothing at all', async () => {
    const id = await placed(LIMIT)
    const watching = shell.start(`exec oee watch ${id}`)
    await vi.waitFor(() => expect(watching.said.stdout).toContain('accepted'), TEST_MS)
    watching.child.kill('SIGINT')
    expect(await watching.ended).toMatchObject({ code: 130, stderr: '' })
    const piped = await shell.run('oee ls --limit 1000 --json | head -1')
    expect(piped).toMatchObject({ code: 0, stderr: '' })
    expect(piped.stdout.trimEnd().split('\n')).toHaveLength(1)
    await done(`oee cancel ${id}`)
  })
})

describe('orders that are there', () => {
  test('are listed by filters, shown, amended, paused, resumed and canceled', async () => {
    const id = await placed(`${LIMIT} --client-order-id mine-${process.pid}`)
    expect(await done('oee ls --open')).toMatch(new RegExp(`^ORDER .*\n(.*\n)*${id}  (resting|pending) `))
    const [line = ''] = (await done(`oee ls --client-order-id mine-${process.pid} --json`)).split('\n')
    expect(JSON.parse(line)).toMatchObject({ orderId: id, limitPrice: '5' })
    await done(`oee amend ${id} --limit-price 6 --expires 3d`)
    expect(JSON.parse(await done(`oee amend ${id} --pause --json`))).toMatchObject({
      paused: true,
      limitPrice: '6',
    })
    const { seq } = JSON.parse(await done(`oee amend ${id} --resume --json`))
    const late = await shell.run(`oee amend ${id} --limit-price 7 --if-match ${seq - 1}`)
    expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('[version_mismatch]') })
    const shown = await done(`oee show ${id}`)
    expect(shown).toMatch(/^order +.*\nstatus +pending\n(.*\n)*.* amended .*\n(.*\n)*.* paused +by local/)
    await done(`oee cancel ${id}`)
    expect(JSON.parse(await done(`oee show ${id} --json`))).toMatchObject({ status: 'canceled' })
    const again = await shell.run(`oee amend ${id} --pause`)
    expect(again).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('[too_late]') })
  })

  test('are canceled by a filter only with --yes, after they were counted', async () => {
    await Promise.all([placed(LIMIT), placed(LIMIT)])
    const open = async () => (await done('oee ls --open --type limit --json')).trimEnd().split('\n').length
    const before = await open()
    const counted = await shell.run('oee cancel --type limit')
    expect(counted).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `${before} open orders fit: repeat it with --yes to cancel them. [not_confirmed]\n`,
    })
    expect(await open()).toBe(before)
    expect(JSON.parse(await done('oee cancel --type limit --yes --json'))).toEqual({
      canceled: before,
      tooLate: 0,
    })
    expect(await done('oee ls --open --type limit')).toBe('')
  })

  test('are exported when they were filled, as CSV and as JSON lines', async () => {
    const id = await placed(`${MARKET} --client-order-id =1+1`).catch(() =>
      placed(`${MARKET} --client-order-id x:1`),
    )
    await shell.run(`oee watch ${id}`)
    const csv = (await done('oee export')).trimEnd().split('\n')
    const fills = (await done('oee export --format jsonl')).trimEnd().split('\n')
    expect(csv).toHaveLength(fills.length + 1)
    const fill = fills.map((line) => JSON.parse(line)).find(({ orderId }) => orderId === id)
    expect(fill).toMatchObject({ type: 'market', tokenIn: 'A', amountIn: '1', tokenOut: 'B' })
    const [head = '', ...rows] = csv
    const row = rows.find((one) => one.includes(id))?.split(',') ?? []
    expect(Object.fromEntries(head.split(',').map((name, i) => [name, row[i]]))).toMatchObject({
      amountOut: fill.amountOut,
      executedPrice: fill.executedPrice,
      signature: fill.signature,
    })
    expect(await done('oee export --since 2099-01-01T00:00:00Z --format jsonl')).toBe('')
  })
})

describe('the market and the operator', () => {
  test('a quote shows every pool and the route; an impossible one ends with 1', async () => {
    expect(await done('oee quote --in SOL --out USDC --amount 1')).toMatch(
      /^VENUE +POOL .*\nraydium .*(\n.*)+\nRoute: /,
    )
    const quotes = JSON.parse(await done('oee quote --in SOL --out USDC --amount 1 --json'))
    expect(quotes).toMatchObject({ tokenIn: 'SOL', route: { legs: expect.any(Array) } })
    const unknown = await shell.run('oee quote --in SOL --out NOPE --amount 1')
    expect(unknown).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/tokenOut: .*\[unknown_token\]\n$/),
    })
  })

  test('trading is halted and goes on again', async () => {
    expect(JSON.parse(await done('oee halt --entries --json'))).toMatchObject({ state: 'entries_halted' })
    await done('oee halt')
    await vi.waitFor(async () => {
      const denied = await shell.run(`oee place ${MARKET}`)
      expect(denied).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('[trading_halted]'),
      })
    }, TEST_MS)
    await done('oee resume')
    await vi.waitFor(() => placed(MARKET), TEST_MS)
  })

  test('a benchmark reports orders per second and percentiles', async () => {
    const { stdout } = await shell.run('oee bench --orders 20 --concurrency 4 --json')
    expect(JSON.parse(stdout)).toMatchObject({
      orders: 20,
      unfilled: 0,
      ordersPerSecond: expect.any(Number),
      answerMs: { p50: expect.any(Number), p99: expect.any(Number) },
      endMs: { p50: expect.any(Number), p99: expect.any(Number) },
    })
  })

  test('an engine that may trade real funds is not benchmarked without --yes', async () => {
    const live = await scripted(json(200, { paths: { '/api/orders': {} } }))
    const { code, stderr } = await shell.run('oee bench', { OEE_URL: live.url })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/may trade real funds.*\[not_confirmed\]\n$/),
    })
    expect(live.asked.map(({ url }) => url)).toEqual(['/openapi.json'])
    await live.close()
  })
})

describe('all orders, and quotes as they change', () => {
  /** Runs a command that does not end by itself until its output shows what is looked for, then ends it by Ctrl-C. */
  async function until(command: string, seen: RegExp, act: () => Promise<unknown> = async () => {}) {
    const running = shell.start(`exec ${command}`)
    const isCurrent = /so far|"kind":"current"|slot/
    await vi.waitFor(() => expect(running.said.stdout + running.said.stderr).toMatch(isCurrent), TEST_MS)
    await act()
    await vi.waitFor(() => expect(running.said.stdout).toMatch(seen), TEST_MS)
    running.child.kill('SIGINT')
    const ended = await running.ended
    expect(ended.code).toBe(130)
    return ended
  }

  test('orders are shown as they are, then each event as it comes', async () => {
    const before = await placed(LIMIT)
    const watching = until('oee watch --all --token A', /filled/, async () => {
      await placed(MARKET)
    })
    const { stdout, stderr } = await watching
    expect(stdout).toMatch(new RegExp(`^[\\d:.]{12}  ${before}  A/B +(pending|rested) .* Sell 100 A`, 'm'))
    expect(stderr).toMatch(/^\d+ orders so far; new events follow\.\n$/)
    await done(`oee cancel ${before}`)
  })

  test('for programs each event of an order comes once, in order, with a cursor that goes on from there', async () => {
    let id = ''
    const { stdout } = await until('oee watch --all --json', /"kind":"filled".*"cursor"/, async () => {
      id = await placed(`${MARKET} --client-order-id streamed-${process.pid}`)
    })
    type Message = {
      readonly kind: string
      readonly orderId?: string
      readonly seq?: number
      readonly cursor?: string
    }
    const messages = stdout
      .trimEnd()
      .split('\n')
      .map((line): Message => JSON.parse(line))
    const own = messages.filter(({ orderId }) => orderId === id).map(({ seq = 0 }) => seq)
    expect(own).toEqual(own.map((_, i) => (own[0] ?? 0) + i))
    const { cursor = '' } = messages.findLast(({ kind }) => kind === 'current') ?? {}
    expect(cursor).not.toBe('')
    const forged = await shell.run('oee watch --all --cursor forged')
    expect(forged).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/start again without --cursor \[invalid_cursor\]\n$/),
    })
  })

  test('a quote is shown again whenever it changes', async () => {
    const { stdout } = await until('oee quote --in A --out B --amount 1 --watch', /slot \d+\n[\s\S]*Route: /)
    expect(stdout).toMatch(/^\n[\d:.]{12} {2}slot \d+\nVENUE /)
  })
})

describe('what is wrong ends with one sentence, its code and what to try', () => {
  const nowhere = { OEE_URL: 'http://127.0.0.1:9' }

  test.each<[string, number, RegExp, Readonly<Record<string, string>>?]>([
    ['oee wach', 2, /^There is no such command. Is "oee watch" meant\?/],
    ['oee ls --opne', 2, /is --open meant\?/],
    ['oee ls --limit many', 2, /^--limit must be a whole number from 1 to/],
    ['oee ls extra', 2, /^There is one argument too many\./],
    ['oee show', 2, /^Name the id of an order\./],
    ['oee watch', 2, /^Name the id of an order, or give --all\./],
    ['oee cancel', 2, /^Name the id of an order, or a filter, or --all\./],
    ['oee amend x', 2, /^Name what is to be changed\./],
    ['oee place --in A --out B', 2, /^Name --amount\./],
    ['oee place --in A --out B --amount 1 --expires soon', 2, /^--expires must be/],
    ['oee place --body none.json', 2, /cannot be read \(ENOENT\)/],
    ['oee place --body none.json --in A', 2, /leave the other terms out/],
    ['oee place --in A --out A --amount 1', 1, /\[same_token\]$/],
    ['oee place --in A --out B --amount 0', 1, /amountIn: .*\[amount_not_positive\]$/],
    ['oee show 01a207b9-ca92-7195-91cf-eaba8959c2b5', 1, /"oee ls" lists.*\[order_not_found\]$/],
    ['oee export --format xml', 2, /^--format must be csv or jsonl/],
    ['oee ls', 2, /^OEE_URL must be an address/, { OEE_URL: 'localhost:3000' }],
    ['oee ls', 2, /^OEE_API_KEY_FILE names a file that cannot be read/, { OEE_API_KEY_FILE: '/none' }],
    ['oee ls', 3, /start it with "oee start".*\[unreachable\]$/, nowhere],
    ['oee watch 01a207b9-ca92-7195-91cf-eaba8959c2b5', 3, /\[unreachable\]$/, nowhere],
    ['oee place --in A --out B --amount 1', 3, /--idempotency-key [\da-f]{32}.*\[unreachable\]$/, nowhere],
    ['oee bench', 3, /\[unreachable\]$/, nowhere],
  ])('%s → %i', async (command, code, said, settings = {}) => {
    const ended = await shell.run(command, settings)
    expect(ended).toMatchObject({ code, stdout: '' })
    expect(ended.stderr.trimEnd()).toMatch(said)
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('a page of another server is not taken for an engine', async () => {
    const other = await scripted(json(404, { message: 'nothing here' }))
    const ended = await shell.run('oee ls', { OEE_URL: other.url })
    expect(ended).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/not one of an engine.*\[bad_answer\]\n$/),
    })
    await other.close()
  })
})

test('a key comes from the environment or a file, and is never repeated', async () => {
  const guarded = await freshFolder()
  const settings = { DATA_DIR: guarded.path, SIM_SPEED: 'instant' }
  const { stdout: key } = await launch(settings, ['keys', 'create', '--name', 'reader', '--scopes', 'read'])
    .exited
  writeFileSync(join(shell.folder, 'reader.key'), key)
  const { url: OEE_URL, kill } = await startEngine({ ...settings, REQUIRE_API_KEYS: 'always' })
  const without = await shell.run('oee ls', { OEE_URL })
  expect(without).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/set OEE_API_KEY.*\[key_required\]\n$/),
  })
  for (const given of [{ OEE_API_KEY: key.trim() }, { OEE_API_KEY_FILE: 'reader.key' }]) {
    expect(await shell.run('oee ls', { OEE_URL, ...given })).toMatchObject({
      code: 0,
      stderr: 'No orders.\n',
    })
    const denied = await shell.run(`oee place ${MARKET}`, { OEE_URL, ...given })
    expect(denied).toMatchObject({ code: 1, stderr: expect.stringContaining('[scope_missing]') })
    expect(denied.stderr).not.toContain(key.trim())
  }
  await kill()
  guarded.remove()
})
