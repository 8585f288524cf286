// A market order from outside: every event of its life, with exactly the fields that are promised.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  EXAMPLE,
  EXECUTE,
  events,
  getOrder,
  type Json,
  type Message,
  place,
  post,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const BASE_UNITS = /^\d+$/
const DECIMAL = /^\d+(\.\d*[1-9])?$/

const matching = (pattern: RegExp) => expect.stringMatching(pattern)
const money = (name: string) => ({ [name]: matching(DECIMAL), [`${name}Base`]: matching(BASE_UNITS) })

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

describe('the example order', () => {
  test('is taken verbatim: 201, its id, its socket, its place', async () => {
    const { status, headers, body } = await post(`${engine.url}${EXECUTE}`, EXAMPLE)
    expect(status).toBe(201)
    expect(body).toEqual({
      orderId: matching(UUID_V7),
      wsUrl: `${engine.url.replace('http', 'ws')}${EXECUTE}?orderId=${body.orderId}`,
      status: 'pending',
      seq: 1,
      summary: 'Sell 100 A for B at the market, at most 1 % below the quote.',
      createdAt: matching(TIME),
    })
    expect(headers.get('location')).toBe(`/api/orders/${body.orderId}`)
    expect(headers.get('idempotency-replayed')).toBeNull()
  })

  describe('lives through', () => {
    let log: readonly Message[]
    const eventOf = (kind: string) => log.find((event) => event.kind === kind)
    /** The event's own data, without its place in the log. */
    const dataOf = (kind: string) => {
      const { orderId, seq, kind: _kind, status, attempt, at, ...data } = eventOf(kind) ?? ({} as Message)
      return data as Json
    }

    beforeAll(async () => {
      const { wsUrl } = await place(engine.url)
      log = await events(wsUrl)
    })

    test('pending, routing, building, submitted, confirmed, one event each, in order', () => {
      const { orderId } = log[0] ?? {}
      expect(log.map(({ seq, kind, status, attempt }) => [seq, kind, status, attempt])).toEqual([
        [1, 'accepted', 'pending', 1],
        [2, 'triggered', 'routing', 1],
        [3, 'routed', 'building', 1],
        [4, 'submitted', 'submitted', 1],
        [5, 'filled', 'confirmed', 1],
      ])
      for (const event of log) {
        expect(event).toMatchObject({ orderId, at: matching(TIME) })
        expect(Object.keys(event).slice(0, 6)).toEqual(['orderId', 'seq', 'kind', 'status', 'attempt', 'at'])
      }
      const times = log.map(({ at }) => at)
      expect(times).toEqual(times.toSorted())
    })

    test('accepted: the order as understood', () => {
      expect(dataOf('accepted')).toMatchObject({
        type: 'market',
        tokenIn: 'A',
        tokenOut: 'B',
        amountIn: '100',
        amountInBase: '100000000',
        slippageBps: 100,
      })
      expect(dataOf('accepted')).not.toHaveProperty('clientOrderId')
    })

    test('triggered: nothing more', () => {
      expect(dataOf('triggered')).toEqual({})
    })

    test('routed: the quote of every venue, the route, why, and the least output', () => {
      const { quotes, route, ...rest } = dataOf('routed')
      const quote = (venue: string, program: string) => ({
        venue,
        program,
        pool: matching(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/),
        ...money('amountOut'),
        ...money('fee'),
        feeToken: matching(/^[AB]$/),
        priceImpactBps: expect.any(Number),
        slot: expect.any(Number),
        latencyMs: expect.any(Number),
      })
      const named = (quotes as { program: string }[]).toSorted((a, b) => (a.program < b.program ? -1 : 1))
      expect(named).toEqual([
        quote('meteora', 'meteora-damm-v2'),
        quote('meteora', 'meteora-dlmm'),
        quote('meteora', 'meteora-dlmm'),
        quote('raydium', 'raydium-amm-v4'),
        quote('raydium', 'raydium-clmm'),
        quote('raydium', 'raydium-cpmm'),
      ])
      expect(route).toMatchObject({
        legs: [{ tokenIn: 'A', tokenOut: 'B', amountInBase: '100000000', ...money('amountOut') }],
        ...money('amountOut'),
        reason: matching(/^(raydium|meteora)-[a-z0-9-]+ \w+ pays most; left out: \d+ at a worse price$/),
      })
      expect(rest).toEqual(money('minAmountOut'))
    })

    test('routed: the route pays the best of the quotes, and the minimum is 1 % below, rounded up', () => {
      const { quotes, route, minAmountOutBase } = dataOf('routed') as {
        quotes: { venue: string; amountOutBase: string }[]
        route: { legs: { venue: string }[]; amountOutBase: string }
        minAmountOutBase: string
      }
      const best = quotes.toSorted((a, b) => Number(BigInt(b.amountOutBase) - BigInt(a.amountOutBase)))[0]
      expect(route.amountOutBase).toBe(best?.amountOutBase)
      expect(route.legs.map(({ venue }) => venue)).toEqual([best?.venue])
      expect(BigInt(minAmountOutBase)).toBe((BigInt(route.amountOutBase) * 99n + 99n) / 100n)
    })

    test('submitted: the signature, until when it is valid, and the route, but never the signed bytes', () => {
      const { signature, ...rest } = dataOf('submitted')
      expect(signature).toEqual(matching(/^[1-9A-HJ-NP-Za-km-z]{64,88}$/))
      expect(rest).toMatchObject({
        txHash: signature,
        lastValidBlockHeight: expect.any(Number),
        steps: expect.arrayContaining(['memo']),
        route: money('amountOut'),
        ...money('minAmountOut'),
      })
      expect(JSON.stringify(log)).not.toMatch(/wire/i)
    })

    test('filled: what was swapped, at what price and cost, and how long each step took', () => {
      const filled = dataOf('filled')
      expect(filled).toEqual({
        signature: dataOf('submitted').signature,
        txHash: dataOf('submitted').signature,
        amountIn: '100',
        amountInBase: '100000000',
        ...money('amountOut'),
        executedPrice: matching(DECIMAL),
        slippageToQuoteBps: expect.any(Number),
        networkFeeLamports: matching(BASE_UNITS),
        poolFees: [expect.objectContaining({ ...money('amount'), token: matching(/^[AB]$/) })],
        slot: expect.any(Number),
        stepMs: {
          pending: expect.any(Number),
          routing: expect.any(Number),
          building: expect.any(Number),
          submitted: expect.any(Number),
          total: expect.any(Number),
        },
      })
      expect(BigInt(String(filled.amountOutBase))).toBeGreaterThanOrEqual(
        BigInt(String(dataOf('routed').minAmountOutBase)),
      )
      expect(Number(filled.executedPrice)).toBeCloseTo(Number(filled.amountOut) / 100, 9)
    })

    test('the ledger of the chain says the same, once', async () => {
      const { orderId } = log[0] ?? { orderId: '' }
      const { signature, amountOutBase, slot }: Json = dataOf('filled')
      expect(await swapsOf(engine.url, orderId)).toEqual([
        expect.objectContaining({
          orderId,
          signature,
          slot,
          amountIn: '100',
          amountInBase: '100000000',
          amountOutBase,
          error: null,
          at: matching(TIME),
        }),
      ])
    })

    test('the order shows its outcome and the same events', async () => {
      const { events: stored, ...order } = await getOrder(engine.url, log[0]?.orderId ?? '')
      expect(stored).toEqual(log)
      expect(order).toMatchObject({
        orderId: log[0]?.orderId,
        status: 'confirmed',
        seq: 5,
        attempt: 1,
        type: 'market',
        tokenIn: 'A',
        tokenOut: 'B',
        amountIn: '100',
        slippageBps: 100,
        createdAt: log[0]?.at,
        updatedAt: log[4]?.at,
        signature: dataOf('filled').signature,
        txHash: dataOf('filled').signature,
        amountOut: dataOf('filled').amountOut,
        amountOutBase: dataOf('filled').amountOutBase,
      })
    })
  })
})

describe('an order', () => {
  test.each([
    ['amountIn as text', { amountIn: '0.000001' }, { amountIn: '0.000001', amountInBase: '1' }],
    ['amountIn with zeros behind', { amountIn: '1.50' }, { amountIn: '1.5', amountInBase: '1500000' }],
    ['amountIn as 1e2', { amountIn: 1e2 }, { amountInBase: '100000000' }],
    ['slippageBps', { slippage: undefined, slippageBps: 5000 }, { slippageBps: 5000 }],
    ['slippage as text', { slippage: '0.0001' }, { slippageBps: 1 }],
    ['no slippage', { slippage: undefined }, { slippageBps: 50 }],
    ['a client order id', { clientOrderId: 'bot:7.a_B-c' }, { clientOrderId: 'bot:7.a_B-c' }],
    ['a mint', { tokenIn: 'FrzVvWTW21TnuHoUjfTinit5SBP7QXCTrW9WJTDkZxBy' }, { tokenIn: 'A' }],
  ])('may be given %s', async (_name, given, understood) => {
    const { orderId } = await place(engine.url, given)
    const { events: log } = await getOrder(engine.url, orderId)
    expect(log[0]).toMatchObject(understood)
  })

  test.each([
    ['SOL', 'USDC', '1.5', ['wrap SOL', 'unwrap SOL']],
    ['BONK', 'SOL', '1000000', ['unwrap SOL']],
    ['USDC', 'USDT', '10', []],
  ])('trades %s for %s', async (tokenIn, tokenOut, amountIn, wrapping) => {
    const { wsUrl } = await place(engine.url, { tokenIn, tokenOut, amountIn })
    const log = await events(wsUrl)
    expect(log.at(-1)).toMatchObject({ kind: 'filled' })
    const { steps } = log[3] as unknown as { steps: string[] }
    expect(steps.filter((step) => step.includes('wrap'))).toEqual(wrapping)
  })

  test.each([
    [
      'a price impact beyond its limit',
      { amountIn: '2000000', maxPriceImpactBps: 1 },
      'price_impact_too_high',
    ],
    [
      'an amount that buys nothing',
      { tokenIn: 'BONK', tokenOut: 'SOL', amountIn: '0.00001' },
      'amount_too_small',
    ],
  ])('fails at once and for good with %s', async (_name, given, code) => {
    const { orderId, wsUrl } = await place(engine.url, given)
    const log = await events(wsUrl)
    expect(log.map(({ kind }) => kind)).toEqual(['accepted', 'triggered', 'failed'])
    expect(log[2]).toMatchObject({ status: 'failed', attempts: 1, reachedChain: false, failure: { code } })
    expect(await swapsOf(engine.url, orderId)).toEqual([])
  })

  test.each([
    ['over two pools, as one transaction', { amountIn: '2000000' }, 2],
    ['through a third token', { tokenIn: 'RAY', tokenOut: 'BONK', amountIn: '10' }, 2],
    ['in one pool when splits are forbidden', { amountIn: '2000000', split: false }, 1],
    ['on one venue when the other is not allowed', { amountIn: '2000000', venues: ['meteora'] }, 2],
  ] as const)('may go %s', async (_name, given, legs) => {
    const { orderId, wsUrl } = await place(engine.url, given)
    const log = await events(wsUrl)
    expect(log.at(-1)).toMatchObject({ kind: 'filled' })
    const { route, minAmountOutBase } = log[2] as unknown as {
      route: { legs: unknown[] }
      minAmountOutBase: string
    }
    expect(route.legs).toHaveLength(legs)
    const [swap, ...others] = await swapsOf(engine.url, orderId)
    expect(others).toEqual([])
    expect(swap).toMatchObject({ error: null, amountOutBase: (log.at(-1) as unknown as Json).amountOutBase })
    expect(BigInt(String(swap?.amountOutBase)) >= BigInt(minAmountOutBase)).toBe(true)
  })

  test('for more than the wallet holds is reverted by the chain and fails for good', async () => {
    const { orderId, wsUrl } = await place(engine.url, {
      tokenIn: 'USDC',
      tokenOut: 'USDT',
      amountIn: '2000000000',
      acceptImpact: true,
    })
    const log = await events(wsUrl)
    expect(log.at(-1)).toMatchObject({
      kind: 'failed',
      attempts: 1,
      reachedChain: true,
      failure: { code: 'insufficient_funds', message: 'The wallet does not hold enough of the input token.' },
    })
    expect(await swapsOf(engine.url, orderId)).toMatchObject([{ error: { code: 'insufficient_funds' } }])
  })

  test('two hundred at once are each confirmed exactly once', async () => {
    const placed = await Promise.all(
      Array.from({ length: 200 }, () => place(engine.url, { amountIn: '0.5' })),
    )
    await Promise.all(placed.map(({ wsUrl }) => events(wsUrl)))
    const swaps = await Promise.all(placed.map(({ orderId }) => swapsOf(engine.url, orderId)))
    expect(swaps.map((each) => each.map(({ error }) => error))).toEqual(placed.map(() => [null]))
  })
})
