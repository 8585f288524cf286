// Venues and a chain in trouble, from outside: what is retried, what is left out, and that nothing is bought twice.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type Accepted,
  events,
  getOrder,
  type Json,
  type Message,
  place,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, type Settings, startEmbedded } from '../support/engines.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

/** Runs the tests of a suite on an engine with these settings. */
const givenThat = (settings: Settings) => beforeAll(() => engine.restart(settings))

const kindsOf = (log: readonly Message[]) => log.map(({ kind }) => kind)
const placeSome = (count: number) =>
  Promise.all(Array.from({ length: count }, () => place(engine.url, { amountIn: '0.5' })))

/** The ledger, not the engine's own tables, is the judge: what is filled landed once, what failed never did. */
async function expectNoneLandedTwice(placed: readonly Accepted[]): Promise<readonly (readonly Message[])[]> {
  const logs = await Promise.all(placed.map(({ wsUrl }) => events(wsUrl)))
  for (const [i, { orderId }] of placed.entries()) {
    const landed = (await swapsOf(engine.url, orderId)).filter(({ error }) => error === null)
    const end = logs[i]?.at(-1)
    expect(['filled', 'failed']).toContain(end?.kind)
    expect(landed.map(({ signature }) => signature)).toEqual(end?.kind === 'filled' ? [end.signature] : [])
  }
  return logs
}

async function expectEachLandedOnce(placed: readonly Accepted[]): Promise<readonly (readonly Message[])[]> {
  const logs = await expectNoneLandedTwice(placed)
  expect(logs.map((log) => log.at(-1)?.kind)).toEqual(placed.map(() => 'filled'))
  return logs
}

describe('with both venues down', () => {
  givenThat({ SIM_VENUE_FAULTS: 'raydium=down,meteora=down', RETRY_BACKOFF_MS: '40' })
  let log: readonly Message[] = []
  beforeAll(async () => {
    log = await events((await place(engine.url)).wsUrl)
  })

  test('an order is tried three times, and failed is said once, at the end', () => {
    expect(log.map(({ kind, status, attempt }) => [kind, status, attempt])).toEqual([
      ['accepted', 'pending', 1],
      ['triggered', 'routing', 1],
      ['retried', 'routing', 2],
      ['retried', 'routing', 3],
      ['failed', 'failed', 3],
    ])
    expect(log.at(-1)).toMatchObject({
      attempts: 3,
      reachedChain: false,
      failure: {
        code: 'quotes_unavailable',
        message: 'No venue gave a usable quote in time.',
        detail:
          'raydium: venue_unavailable, connection refused; meteora: venue_unavailable, connection refused',
      },
    })
  })

  test('each retry says when, waits until then, and doubles the wait within its jitter', () => {
    const retries = log.filter(({ kind }) => kind === 'retried')
    const waits = retries.map(({ at, retryAt }) => Date.parse(String(retryAt)) - Date.parse(at))
    expect(waits[0]).toBeGreaterThanOrEqual(32)
    expect(waits[0]).toBeLessThanOrEqual(48)
    expect(waits[1]).toBeGreaterThanOrEqual(64)
    expect(waits[1]).toBeLessThanOrEqual(96)
    for (const retried of retries) {
      const next = log[retried.seq]
      expect(Date.parse(next?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(String(retried.retryAt)))
    }
  })

  test('the order says why, the quotes too, and the pools name who is away', async () => {
    const order = await getOrder(engine.url, log[0]?.orderId ?? '')
    expect(order).toMatchObject({ status: 'failed', attempt: 3, failure: { code: 'quotes_unavailable' } })
    const quotes = await send(`${engine.url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`)
    expect(quotes).toMatchObject({
      status: 200,
      body: { route: null, failure: { code: 'quotes_unavailable' } },
    })
    const pools = await send(`${engine.url}/api/pools`)
    expect(pools).toMatchObject({ status: 200, body: { pools: [], unavailable: ['raydium', 'meteora'] } })
  })
})

describe('with MAX_ATTEMPTS=1', () => {
  givenThat({ SIM_VENUE_FAULTS: 'raydium=down,meteora=down', MAX_ATTEMPTS: '1' })

  test('the first failure is the end', async () => {
    const log = await events((await place(engine.url)).wsUrl)
    expect(kindsOf(log)).toEqual(['accepted', 'triggered', 'failed'])
  })
})

/** The trouble of one venue, and as what it is then left out. */
const troubles = [
  ['down', 'venue_unavailable'],
  ['slow', 'venue_timeout'],
  ['late', 'venue_timeout'],
  ['limited', 'venue_limited'],
  ['stale', 'quote_stale'],
  ['wrong', 'quote_rejected'],
  ['zero', 'quote_rejected'],
  ['negative', 'quote_rejected'],
  ['nan', 'quote_rejected'],
] as const
const hurried: Settings = { QUOTE_TIMEOUT_MS: '150', QUOTE_HEDGE_MS: '40', RETRY_BACKOFF_MS: '5' }

describe.each(troubles)('with one venue %s', (fault, error) => {
  givenThat({ SIM_VENUE_FAULTS: `raydium=${fault}`, ...hurried })

  test(`it is left out as ${error}, by name, and the other fills the order`, async () => {
    const { orderId, wsUrl } = await place(engine.url)
    const log = await events(wsUrl)
    expect(kindsOf(log)).toEqual(['accepted', 'triggered', 'routed', 'submitted', 'filled'])
    const { quotes, route } = log[2] as unknown as { quotes: Json[]; route: Json }
    expect(quotes).toMatchObject([
      { venue: 'raydium', error, detail: expect.any(String), latencyMs: expect.any(Number) },
      ...Array.from({ length: 3 }, () => ({ venue: 'meteora', amountOut: expect.any(String) })),
    ])
    expect(route).toMatchObject({
      legs: [{ venue: 'meteora' }],
      reason: expect.stringMatching(`pays most; .*raydium left out: ${error}$`),
    })
    expect(await swapsOf(engine.url, orderId)).toHaveLength(1)
  })
})

/** 100 A buy about 400 B at the start of the market. */
const isSane = (amountOut: unknown) => Number(amountOut) > 360 && Number(amountOut) < 440

describe.each([...troubles.map(([fault]) => fault), 'flapping'])('with both venues %s', (fault) => {
  givenThat({ SIM_VENUE_FAULTS: `raydium=${fault},meteora=${fault}`, ...hurried })

  test('orders fill at a sane price or fail clearly, and the engine is well afterwards', async () => {
    const placed = await Promise.all(Array.from({ length: 12 }, () => place(engine.url)))
    const logs = await expectNoneLandedTwice(placed)
    for (const log of logs) {
      const end = log.at(-1)
      if (end?.kind === 'filled') expect(isSane(end.amountOut)).toBe(true)
      else if (fault === 'wrong') {
        // Nobody is there to compare with: the chain does not pay a minimum that no pool can, and nothing is spent.
        expect(end?.failure).toMatchObject({ code: 'slippage_exceeded' })
      } else {
        expect(end?.failure).toMatchObject({
          code: 'quotes_unavailable',
          detail: expect.stringMatching(/^raydium: \w+, .+; meteora: \w+, /),
        })
      }
    }
    expect(await send(`${engine.url}/readyz`)).toMatchObject({ status: 200 })
  })
})

describe('a venue that fails again and again', () => {
  givenThat({ SIM_VENUE_FAULTS: 'meteora=down', BREAKER_FAILURES: '3', BREAKER_OPEN_MS: '60000' })

  test('is left alone, which the orders, the quotes and the metrics say', async () => {
    for (let i = 0; i < 3; i++) await events((await place(engine.url)).wsUrl)
    const log = await events((await place(engine.url)).wsUrl)
    const open = {
      venue: 'meteora',
      error: 'circuit_open',
      detail: expect.stringMatching(/^left alone for \d+ ms more: connection refused$/),
    }
    expect(log[2]?.quotes).toContainEqual(expect.objectContaining(open))
    expect(log[2]?.route).toMatchObject({ reason: expect.stringMatching(/meteora left out: circuit_open$/) })
    const quotes = await send<{ quotes: Json[] }>(`${engine.url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`)
    expect(quotes.body.quotes).toContainEqual(expect.objectContaining(open))
    const { body } = await send<string>(`${engine.url}/metrics`)
    expect(body).toMatch(/^oee_venue_breaker\{venue="meteora"\} 2$/m)
    expect(body).toMatch(/^oee_venue_breaker\{venue="raydium"\} 0$/m)
  })
})

/** A chain whose blockhashes die within a second, so that drops are proven while a test waits. */
const hasty: Settings = {
  SIM_SLOT_MS: '10',
  SIM_BLOCKHASH_BLOCKS: '12',
  SIM_FINALITY_BLOCKS: '4',
  REBROADCAST_MS: '10',
  RETRY_BACKOFF_MS: '5',
  MAX_ATTEMPTS: '10',
}

describe('on a chain that drops half of all sends', () => {
  givenThat({ ...hasty, SIM_DROP_RATE: '0.5' })

  test('every order is confirmed, and landed exactly once', async () => {
    await expectEachLandedOnce(await placeSome(40))
  })
})

describe('on a chain that drops most sends, and with few resends', () => {
  givenThat({ ...hasty, SIM_DROP_RATE: '0.8', REBROADCAST_MS: '40' })

  test('swaps that provably died are rebuilt with a new signature, and none lands twice', async () => {
    const logs = await expectNoneLandedTwice(await placeSome(30))
    const retried = logs.filter((log) => kindsOf(log).includes('retried'))
    expect(retried.length).toBeGreaterThan(0)
    for (const log of retried) {
      const retries = log.filter(({ kind }) => kind === 'retried')
      for (const retry of retries) {
        expect(retry).toMatchObject({ failure: { code: 'swap_expired' }, status: 'routing' })
      }
      const signatures = log.filter(({ kind }) => kind === 'submitted').map(({ signature }) => signature)
      expect(new Set(signatures).size).toBe(signatures.length)
      expect(signatures).toHaveLength(retries.length + 1)
    }
  })
})

describe('on a chain that drops everything', () => {
  givenThat({ ...hasty, SIM_DROP_RATE: '1', MAX_ATTEMPTS: '3' })

  test('an order fails after its last attempt, having reached the chain, and nothing landed', async () => {
    const { orderId, wsUrl } = await place(engine.url)
    const log = await events(wsUrl)
    const attempt = ['routed', 'submitted']
    expect(kindsOf(log)).toEqual([
      'accepted',
      'triggered',
      ...[...attempt, 'retried', ...attempt, 'retried', ...attempt, 'failed'],
    ])
    expect(log.at(-1)).toMatchObject({ attempts: 3, reachedChain: true, failure: { code: 'swap_expired' } })
    expect(await swapsOf(engine.url, orderId)).toEqual([])
  })
})

describe('on a chain whose every send reports an error', () => {
  givenThat({ ...hasty, SIM_SEND_ERROR_RATE: '1' })

  test('every order is confirmed by its first swap, and landed exactly once', async () => {
    const logs = await expectEachLandedOnce(await placeSome(40))
    for (const log of logs)
      expect(kindsOf(log)).toEqual(['accepted', 'triggered', 'routed', 'submitted', 'filled'])
  })
})

describe('with a node that lags, drops and errors', () => {
  givenThat({ ...hasty, SIM_LAG_SLOTS: '6', SIM_DROP_RATE: '0.4', SIM_SEND_ERROR_RATE: '0.4' })

  test('every order is confirmed, and landed exactly once', async () => {
    await expectEachLandedOnce(await placeSome(40))
  })
})

describe('with two nodes of which one lags', () => {
  givenThat({ ...hasty, SIM_LAG_SLOTS: '8', SIM_LAG_RATE: '0.5', SIM_DROP_RATE: '0.3' })

  test('every order is confirmed, and landed exactly once', async () => {
    await expectEachLandedOnce(await placeSome(40))
  })
})

describe('on a chain where swaps land late, some of them too late', () => {
  givenThat({
    ...hasty,
    SIM_SPEED: 'realistic',
    SIM_QUOTE_LATENCY_MS: '1-2',
    SIM_LANDING_SLOTS: '2-24',
    REBROADCAST_MS: '1000',
  })

  test('one that can no longer land is built again, and none lands twice', async () => {
    // About half of all swaps land too late, so that now and then one order in hundreds uses up its ten attempts.
    const logs = await expectNoneLandedTwice(await placeSome(30))
    const builtAgain = logs.filter((log) => kindsOf(log).includes('retried'))
    expect(builtAgain.map((log) => log.at(-1)?.kind)).toContain('filled')
    const failures = logs.flatMap((log) => log.flatMap(({ failure }) => failure ?? []))
    for (const failure of failures) expect(failure).toMatchObject({ code: 'swap_expired' })
  })
})

describe('while a swap is submitted', () => {
  givenThat({ SIM_DROP_RATE: '1', SIM_SLOT_MS: '50', REBROADCAST_MS: '20' })

  test('the order, not its log, shows how often it was sent again and how long it may still land', async () => {
    const { orderId } = await place(engine.url)
    const shown = async () => (await getOrder(engine.url, orderId)) as unknown as Json
    const sentAgain = await vi.waitFor(
      async () => {
        const order = await shown()
        expect(order).toMatchObject({ status: 'submitted', rebroadcasts: expect.any(Number) })
        expect(Number(order.rebroadcasts)).toBeGreaterThan(0)
        return order
      },
      { timeout: 10_000 },
    )
    expect(sentAgain.blocksLeft).toBeLessThanOrEqual(150)
    await vi.waitFor(async () => {
      const later = await shown()
      expect(Number(later.rebroadcasts)).toBeGreaterThan(Number(sentAgain.rebroadcasts))
      expect(Number(later.blocksLeft)).toBeLessThan(Number(sentAgain.blocksLeft))
    })
    const { events: log } = (await shown()) as unknown as { events: Message[] }
    for (const event of log) expect(Object.keys(event)).not.toContain('blocksLeft')
    expect(log.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })
})

describe('on a chain that forks', () => {
  const FINALITY_BLOCKS = 4
  givenThat({
    ...hasty,
    SIM_FORK_RATE: '0.5',
    SIM_FINALITY_BLOCKS: `${FINALITY_BLOCKS}`,
    SIM_BLOCKHASH_BLOCKS: '40',
  })

  type Ready = { readonly alerts: { readonly fills_rolled_back: number } }
  const alerts = async () => ((await send(`${engine.url}/readyz`)).body as unknown as Ready).alerts

  const landedFor = async (orderId: string) =>
    (await swapsOf(engine.url, orderId)).filter(({ error }) => error === null)

  /** What the ledger holds of these orders once no fork can change it any more. */
  const finalSwaps = (placed: readonly Accepted[]) =>
    vi.waitFor(
      async () => {
        const all = await Promise.all(placed.map(({ orderId }) => landedFor(orderId)))
        expect(all.map(({ length }) => length)).toEqual(placed.map(() => 1))
        const newest = await place(engine.url, { amountIn: '0.5' })
        await events(newest.wsUrl)
        const { slot } = (await getOrder(engine.url, newest.orderId)) as unknown as { slot: number }
        expect(Math.max(...all.map(([swap]) => Number(swap?.slot)))).toBeLessThan(slot - FINALITY_BLOCKS)
        return all.map(([swap]) => swap)
      },
      { timeout: 15_000 },
    )

  test('a fill that a fork undid is sent again until it stands, told to the operator, and its order stays closed', async () => {
    const placed: Accepted[] = []
    // One after the other, so that some land in blocks that are undone.
    for (let i = 0; i < 30; i++) {
      const order = await place(engine.url, { amountIn: '0.5' })
      await events(order.wsUrl)
      placed.push(order)
    }
    const told = await Promise.all(placed.map(({ orderId }) => getOrder(engine.url, orderId)))
    const standing = await finalSwaps(placed)
    const moved = told.filter((order, i) => standing[i]?.slot !== order.slot)
    expect(moved.length).toBeGreaterThan(0)
    for (const [i, order] of told.entries()) {
      expect(standing[i]).toMatchObject({ signature: order.signature })
      expect(await getOrder(engine.url, placed[i]?.orderId ?? '')).toEqual(order)
    }
    await vi.waitFor(
      async () => expect((await alerts()).fills_rolled_back).toBeGreaterThanOrEqual(moved.length),
      { timeout: 5_000 },
    )
    const metrics = await (await fetch(`${engine.url}/metrics`)).text()
    expect(metrics).toMatch(/oee_fills_rolled_back_total\{outcome="landed_again"\} [1-9]/)
  })
})

describe('with routes of one swap only', () => {
  givenThat({ ROUTE_MAX_LEGS: '1' })

  test('a pair that no pool trades has no route, and the order fails for good', async () => {
    const { orderId, wsUrl } = await place(engine.url, { tokenIn: 'RAY', tokenOut: 'BONK' })
    const log = await events(wsUrl)
    expect(kindsOf(log)).toEqual(['accepted', 'triggered', 'failed'])
    expect(log[2]).toMatchObject({ attempts: 1, reachedChain: false, failure: { code: 'no_route' } })
    expect(await swapsOf(engine.url, orderId)).toEqual([])
  })
})

describe('in a market that moves between quote and landing', () => {
  givenThat({
    SIM_SPEED: 'realistic',
    SIM_SLOT_MS: '20',
    SIM_QUOTE_LATENCY_MS: '1-5',
    SIM_LANDING_SLOTS: '2-4',
    RETRY_BACKOFF_MS: '5',
  })

  test('orders land within their slippage, those through a third token too', async () => {
    const trades = [
      { tokenIn: 'SOL', tokenOut: 'USDC' },
      { tokenIn: 'RAY', tokenOut: 'BONK' },
      { tokenIn: 'JUP', tokenOut: 'USDT' },
    ]
    const placed: Accepted[] = []
    // One after the other, so that the market has moved on for each.
    for (let i = 0; i < 30; i++) {
      const order = await place(engine.url, { ...trades[i % trades.length], amountIn: '3', slippage: 0.01 })
      await events(order.wsUrl)
      placed.push(order)
    }
    await expectEachLandedOnce(placed)
  })
})
