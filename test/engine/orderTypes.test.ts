// Orders that wait for a price, from outside: placed over HTTP, fired by a market that moves, judged by the ledger.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  EXECUTE,
  ended,
  expectProblem,
  getOrder,
  type Json,
  type OrderBody,
  post,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import {
  change,
  eventOf,
  inMs,
  kindsOf,
  move,
  priceNow,
  priceTimes,
  rest,
  sale,
  settings,
  slotsPass,
  until,
} from '../support/resting.ts'
import { describeDistributed } from '../support/services.ts'

describe('orders that wait for a price', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  test('a limit rests, says why, and fills at its price or better once the market is there', async () => {
    const { url } = engine
    const limitPrice = await priceTimes(url, 1.02)
    const orderId = await rest(url, { type: 'limit', limitPrice })
    const resting = await getOrder(url, orderId)
    expect(resting).toMatchObject({
      status: 'pending',
      resting: true,
      type: 'limit',
      waiting: { for: String(Number(limitPrice)), blocker: 'price', slot: expect.any(Number) },
      summary: expect.stringContaining('Sell 100 A for B when the whole amount gets at least'),
    })
    expect(Number((resting.waiting as Json).distanceBps)).toBeLessThan(-100)
    await move(url, '1.05')
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed', attempt: 1, resting: false, endReason: 'filled' })
    expect(kindsOf(order)).toEqual(['accepted', 'rested', 'triggered', 'routed', 'submitted', 'filled'])
    expect(Number(order.amountOut)).toBeGreaterThanOrEqual(Number(limitPrice) * 100)
    expect(Number(eventOf(order, 'routed').minAmountOut)).toBeGreaterThanOrEqual(Number(limitPrice) * 100)
    expect(await swapsOf(url, orderId)).toHaveLength(1)
  })

  test('a limit whose price is there trades at once', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 0.98) })
    const order = await ended(url, orderId)
    expect(kindsOf(order)).toEqual(['accepted', 'triggered', 'routed', 'submitted', 'filled'])
  })

  test('now or not at all: it fills when the price is there, and else ends without a trace on the chain', async () => {
    const { url } = engine
    const immediate = async (times: number, timeInForce: string) =>
      ended(url, await rest(url, { type: 'limit', timeInForce, limitPrice: await priceTimes(url, times) }))
    expect(await immediate(0.98, 'FOK')).toMatchObject({ status: 'confirmed' })
    const missed = await immediate(1.02, 'IOC')
    expect(missed).toMatchObject({ status: 'expired', endReason: 'not_filled_at_once' })
    expect(await swapsOf(url, missed.orderId)).toEqual([])
  })

  test('a stop fires below its price, seen in two slots, and sells at the market', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'stop', trigger: { price: await priceTimes(url, 0.97) } })
    await move(url, '0.93')
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed', slippageLadderBps: [300, 1000, 2000] })
    const { observations } = eventOf(order, 'triggered') as { observations: readonly { slot: number }[] }
    expect(new Set(observations.map(({ slot }) => slot)).size).toBe(2)
  })

  test('a stop outlives a wick of one slot', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'stop', trigger: { price: await priceTimes(url, 0.97) } })
    await move(url, '0.9', { slots: 1, back: true })
    await slotsPass(url, 8)
    expect(await getOrder(url, orderId)).toMatchObject({ status: 'pending', resting: true })
  })

  test('a price may be that of the token bought: what buys a dip, and what buys a breakout', async () => {
    const { url } = engine
    const cost = 1 / (await priceNow(url))
    const priced = { priceOf: 'tokenOut' }
    const [dip, breakout] = [
      await rest(url, { type: 'takeProfit', ...priced, trigger: { price: (cost * 0.97).toFixed(6) } }),
      await rest(url, { type: 'stop', ...priced, trigger: { price: (cost * 1.03).toFixed(6) } }),
    ]
    await move(url, '1.05')
    expect(await ended(url, dip)).toMatchObject({ status: 'confirmed' })
    expect(await getOrder(url, breakout)).toMatchObject({ status: 'pending' })
    await move(url, '0.88')
    expect(await ended(url, breakout)).toMatchObject({ status: 'confirmed' })
  })

  test('a stop with a limit that the market falls through waits for its limit', async () => {
    const { url } = engine
    const [price, limitPrice] = [await priceTimes(url, 0.97), await priceTimes(url, 0.96)]
    const orderId = await rest(url, { type: 'stop', trigger: { price }, limitPrice })
    await move(url, '0.9')
    await until(async () => expect(await getOrder(url, orderId)).toMatchObject({ memory: { fired: 'true' } }))
    const waiting = await getOrder(url, orderId)
    expect(waiting).toMatchObject({ status: 'pending', attempt: 1 })
    await move(url, '1.09')
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed' })
    expect(Number(order.amountOut)).toBeGreaterThanOrEqual(Number(limitPrice) * 100)
  })

  test('an order that waits ends at its time, and not before', async () => {
    const { url } = engine
    const expiresAt = inMs(1_500)
    const orderId = await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 1.3), expiresAt })
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'expired', endReason: 'expired', expiresAt })
    expect(String(order.updatedAt) >= expiresAt).toBe(true)
  })

  test('the list tells types and resting orders apart', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 2) })
    const listed = async (query: string) =>
      (await send<{ orders: readonly Json[] }>(`${url}/api/orders?${query}`)).body.orders
    const resting = await listed('resting=true')
    expect(resting.map((order) => order.orderId)).toContain(orderId)
    expect(new Set(resting.map(({ status }) => status))).toEqual(new Set(['pending']))
    expect(new Set((await listed('type=stop')).map(({ type }) => type))).toEqual(new Set(['stop']))
  })
})

describe('on a market that no other test has moved', () => {
  let engine: EmbeddedEngine
  beforeEach(async () => {
    engine = await startEmbedded(settings)
  })
  afterEach(() => engine.stop())

  test('a trailing stop follows the best price over a restart, and fires below it', async () => {
    const orderId = await rest(engine.url, { type: 'trailingStop', trigger: { trailingBps: 500 } })
    const watermark = async () => {
      const { memory = {} } = await getOrder(engine.url, orderId)
      return Number((memory as Json).watermark ?? 0)
    }
    await until(async () => expect(await watermark()).toBeGreaterThan(0))
    const first = await watermark()
    await move(engine.url, '1.1')
    await until(async () => expect(await watermark()).toBeGreaterThan(first * 1.08))
    const best = await watermark()
    await engine.restart(settings)
    expect(await watermark()).toBe(best)
    await move(engine.url, '0.92')
    const order = await ended(engine.url, orderId)
    expect(order).toMatchObject({ status: 'confirmed' })
    expect(Number(order.amountOut) / 100).toBeGreaterThan(first)
  })

  test('one pool may be the source, and the price of another then does not fire it', async () => {
    // Slots long enough to be seen one by one: arbitrage closes the gap within several of them.
    await engine.restart({ ...settings, SIM_SLOT_MS: '200' })
    const { url } = engine
    const { quotes } = (
      await send<{ quotes: readonly { venue: string; pool: string; program: string }[] }>(
        `${url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=100`,
      )
    ).body
    const price = await priceTimes(url, 0.97)
    const stopAt = (venue: string) => {
      const source = quotes.find((quote) => quote.venue === venue)?.pool
      return rest(url, { type: 'stop', trigger: { price, source, observations: 1 } })
    }
    const [onRaydium, onMeteora] = [await stopAt('raydium'), await stopAt('meteora')]
    await move(url, '0.84', { venues: ['raydium'] })
    const order = await ended(url, onRaydium)
    expect(order).toMatchObject({ status: 'confirmed' })
    expect(Number(order.amountOut)).toBeGreaterThan(Number(price) * 100)
    expect(await getOrder(url, onMeteora)).toMatchObject({ status: 'pending' })
  })
})

describe('orders that are changed while they wait', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  test('a paused order does not fire until it is resumed', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 1.02) })
    expect(await change(url, orderId, { state: 'paused' })).toMatchObject({
      status: 200,
      body: { paused: true },
    })
    await move(url, '1.06')
    await slotsPass(url, 8)
    expect(await getOrder(url, orderId)).toMatchObject({ status: 'pending', waiting: { blocker: 'paused' } })
    expect(await change(url, orderId, { state: 'active' })).toMatchObject({ status: 200 })
    expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed' })
  })

  test('an amended price and a smaller amount hold from then on', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 1.5) })
    const limitPrice = await priceTimes(url, 0.99)
    const seen = (await getOrder(url, orderId)).seq
    const reply = await change(url, orderId, { limitPrice, amountIn: '40' }, { 'if-match': String(seen) })
    expect(reply).toMatchObject({
      status: 200,
      body: { amountIn: '40', limitPrice: String(Number(limitPrice)) },
    })
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed', amountIn: '40' })
    expect(eventOf(order, 'filled')).toMatchObject({ amountIn: '40' })
  })

  test('what cannot be changed is denied, and nothing changes', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 1.5) })
    const before = await getOrder(url, orderId)
    expectProblem(await change(url, orderId, { amountIn: '100.5' }), 422, 'not_amendable')
    expectProblem(await change(url, orderId, { trigger: { price: '3' } }), 422, 'not_amendable')
    expectProblem(await change(url, orderId, { state: 'paused', limitPrice: '5' }), 422, 'terms_contradict')
    expectProblem(await change(url, orderId, {}), 422, 'missing_field')
    expectProblem(await change(url, orderId, { expiresAt: '2020-01-01T00:00:00Z' }), 422, 'expiry_invalid')
    expectProblem(
      await change(url, orderId, { limitPrice: '5' }, { 'if-match': '1' }),
      412,
      'version_mismatch',
    )
    expect((await getOrder(url, orderId)).events).toEqual(before.events)
    const { orderId: market } = (await post<OrderBody>(`${url}${EXECUTE}`, { ...sale, type: 'market' })).body
    await ended(url, market)
    expectProblem(await change(url, market, { state: 'paused' }), 422, 'not_amendable')
    const { orderId: filled } = await ended(
      url,
      await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 0.98) }),
    )
    expectProblem(await change(url, filled, { limitPrice: '5' }), 409, 'too_late')
  })

  test('changes, cancels and the market at once: the order ends as one of them, once', async () => {
    const { url } = engine
    for (let round = 0; round < 4; round++) {
      const orderId = await rest(url, { type: 'limit', limitPrice: await priceTimes(url, 1.01) })
      await Promise.all([
        move(url, '1.02'),
        ...Array.from({ length: 5 }, (_, i) =>
          i % 2 === 0
            ? change(url, orderId, { state: i === 0 ? 'paused' : 'active' })
            : send(`${url}/api/orders/${orderId}`, { method: 'DELETE' }),
        ),
      ])
      const order = await ended(url, orderId)
      const landed = (await swapsOf(url, orderId)).filter(({ error }) => error === null)
      expect(landed).toHaveLength(order.status === 'confirmed' ? 1 : 0)
      expect(['confirmed', 'canceled']).toContain(order.status)
    }
  })
})

describe('terms that make no sense', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  /** The answer to the same body from both addresses: what a preview says, placing does. */
  async function denied(body: Json) {
    const [preview, placed] = [
      await post(`${engine.url}/api/orders/preview`, { ...sale, ...body }),
      await post(`${engine.url}${EXECUTE}`, { ...sale, ...body }),
    ]
    expect(preview.body.code).toBe(placed.body.code)
    const faults = ({ body }: typeof placed) =>
      (body.errors as readonly Json[]).map(({ field, code }) => [field, code])
    expect(faults(preview)).toEqual(faults(placed))
    return placed
  }

  test('a stop that would fire at once is denied, unless that is meant', async () => {
    const price = await priceTimes(engine.url, 1.05)
    const stop = { type: 'stop', trigger: { price } }
    expectProblem(await denied(stop), 422, 'would_fire_at_once')
    expectProblem(
      await denied({ type: 'takeProfit', trigger: { price: await priceTimes(engine.url, 0.95) } }),
      422,
      'would_fire_at_once',
    )
    expect(await ended(engine.url, await rest(engine.url, { ...stop, onImmediate: 'fire' }))).toMatchObject({
      status: 'confirmed',
    })
  })

  test('a limit far below the market is a slip of the hand, unless that is meant', async () => {
    const limit = { type: 'limit', limitPrice: await priceTimes(engine.url, 0.9) }
    expectProblem(await denied(limit), 422, 'off_market')
    expect(await rest(engine.url, { ...limit, acceptOffMarket: true })).toEqual(expect.any(String))
  })

  const impossible: readonly (readonly [name: string, body: Json, code: string, field: string])[] = [
    ['a stop without a trigger', { type: 'stop' }, 'missing_field', 'trigger'],
    [
      'a price and a distance both',
      { type: 'stop', trigger: { price: '3', trailingBps: 100 } },
      'unknown_field',
      'trigger.trailingBps',
    ],
    ['a limit without a price', { type: 'limit' }, 'missing_field', 'limitPrice'],
    [
      'an end that is past',
      { type: 'limit', limitPrice: '5', expiresAt: '2020-01-01T00:00:00Z' },
      'expiry_invalid',
      'expiresAt',
    ],
    [
      'an end in seconds',
      { type: 'limit', limitPrice: '5', expiresAt: 1_893_456_000 },
      'expiry_invalid',
      'expiresAt',
    ],
    [
      'an end too far',
      { type: 'limit', limitPrice: '5', expiresAt: '2099-01-01T00:00:00Z' },
      'expiry_invalid',
      'expiresAt',
    ],
    ['a price below zero', { type: 'limit', limitPrice: '-5' }, 'price_malformed', 'limitPrice'],
    ['a price in words', { type: 'limit', limitPrice: 'five' }, 'price_malformed', 'limitPrice'],
    [
      'a source that is none',
      { type: 'stop', trigger: { price: '3', source: 'binance' } },
      'unknown_source',
      'trigger.source',
    ],
    [
      'now or never, with an end',
      { type: 'limit', limitPrice: '5', timeInForce: 'IOC', expiresAt: '2027-01-01T00:00:00Z' },
      'terms_contradict',
      'expiresAt',
    ],
    [
      'a step beyond its own cap',
      { type: 'stop', trigger: { price: '3' }, slippageBps: 500, slippageLadderBps: [300, 1_000] },
      'terms_contradict',
      'slippageLadderBps',
    ],
    ['a type that there is not', { type: 'iceberg' }, 'unsupported_order_type', 'type'],
  ]
  test.each(impossible)('%s', async (_name, body, code, field) => {
    const reply = await denied(body)
    expectProblem(reply, 422, code)
    expect(reply.body.errors).toEqual([expect.objectContaining({ field, code })])
  })

  test('a preview says what would be placed and what it would get, and writes nothing', async () => {
    const { url } = engine
    const count = async () =>
      (await send<{ orders: readonly Json[] }>(`${url}/api/orders`)).body.orders.length
    const before = await count()
    const limitPrice = await priceTimes(url, 1.1)
    const body = { ...sale, type: 'limit', limitPrice }
    const { status, body: preview } = await post(`${url}/api/orders/preview`, body)
    expect(status).toBe(200)
    expect(preview).toMatchObject({
      type: 'limit',
      summary: expect.stringContaining('Sell 100 A'),
      route: { amountOut: expect.any(String) },
      warnings: [{ code: 'below_limit' }],
    })
    expect(await count()).toBe(before)
    const huge = await post(`${url}/api/orders/preview`, {
      ...sale,
      type: 'market',
      amountIn: '10000000',
      acceptImpact: true,
    })
    expect(huge).toMatchObject({ status: 200, body: { warnings: [{ code: 'price_impact' }] } })
  })

  test('a repeat stands for its order, although the market would deny it by now', async () => {
    const { url } = engine
    const body = {
      type: 'stop',
      trigger: { price: await priceTimes(url, 0.97) },
      clientOrderId: 'a stop'.replace(' ', '-'),
    }
    const orderId = await rest(url, body)
    await change(url, orderId, { state: 'paused' })
    await move(url, '0.9')
    await slotsPass(url, 4)
    const again = await post<OrderBody>(`${url}${EXECUTE}`, { ...sale, ...body })
    expect(again).toMatchObject({ status: 201, body: { orderId } })
    expectProblem(
      await post(`${url}${EXECUTE}`, { ...sale, ...body, clientOrderId: 'another' }),
      422,
      'would_fire_at_once',
    )
  })
})

describeDistributed('orders that wait for a price, on several processes', () => {
  test('fire once, whichever process sees the price, and survive the end of one', async () => {
    const { engines, add, stop } = await startDistributed(['api', 'worker', 'worker'], settings)
    const url = engines[0]?.url ?? ''
    const limitPrice = await priceTimes(url, 1.02)
    const orderIds = await Promise.all(
      Array.from({ length: 20 }, () => rest(url, { type: 'limit', limitPrice, amountIn: '1' })),
    )
    await engines[1]?.stop('the test ends it')
    await add('worker')
    await move(url, '1.05')
    for (const orderId of orderIds) {
      expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed' })
      expect(await swapsOf(url, orderId)).toHaveLength(1)
    }
    await stop()
  })
})
