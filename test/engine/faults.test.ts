// Venues and a chain in trouble, from outside: what is retried, what is left out, and that nothing is bought twice.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Accepted, events, getOrder, type Json, type Message, place, send, swapsOf } from '../client.ts'
import { type EmbeddedEngine, type Settings, startEmbedded } from '../engines.ts'

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

describe.each([
  ['down', 'venue_unavailable', {}],
  ['slow', 'venue_timeout', { QUOTE_TIMEOUT_MS: '50' }],
  ['wrong', 'quote_rejected', {}],
] as const)('with one venue %s', (fault, error, more) => {
  givenThat({ SIM_VENUE_FAULTS: `raydium=${fault}`, ...more })

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
