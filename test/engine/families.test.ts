// Orders that bring about others, from outside: one-cancels-other, brackets and TWAP, judged by the ledger.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  EXECUTE,
  ended,
  expectProblem,
  getOrder,
  type Json,
  type OrderBody,
  post,
  type Swap,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import {
  change,
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

const childrenOf = async (url: string, orderId: string) =>
  (await getOrder(url, orderId)).children as readonly OrderBody[]

const familyEnded = (url: string, orderId: string) =>
  until(async () => {
    const family = [await getOrder(url, orderId), ...(await childrenOf(url, orderId))]
    const ends = ['confirmed', 'failed', 'canceled', 'expired']
    expect(family.map(({ status }) => status).filter((status) => !ends.includes(status))).toEqual([])
  })

/** What the ledger says that these orders sold, in base units; reverted swaps sold nothing. */
async function soldBy(url: string, orders: readonly OrderBody[]): Promise<bigint> {
  const swaps = await Promise.all(orders.map(({ orderId }) => swapsOf(url, orderId)))
  const landed = swaps.flat().filter(({ error }: Swap) => error === null)
  return landed.reduce((sum, { amountInBase }) => sum + BigInt(String(amountInBase)), 0n)
}

const cancel = (url: string, orderId: string) =>
  send<OrderBody>(`${url}/api/orders/${orderId}`, { method: 'DELETE' })

/** A takeProfit and a stop around the present price. */
async function oco(url: string, more: Json = {}): Promise<Json> {
  const [above, below] = [await priceTimes(url, 1.05), await priceTimes(url, 0.95)]
  const legs = [
    { type: 'takeProfit', trigger: { price: above } },
    { type: 'stop', trigger: { price: below } },
  ]
  return { type: 'oco', legs, ...more }
}

describe('one cancels the other', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  test('the legs are orders of their own, and the one that trades ends the other and the whole', async () => {
    const { url } = engine
    const orderId = await rest(url, await oco(url))
    const listed = await send<{ orders: readonly OrderBody[] }>(`${url}/api/orders?parentId=${orderId}`)
    expect(listed.body.orders.map(({ type }) => type).toSorted()).toEqual(['stop', 'takeProfit'])
    await until(async () => {
      for (const leg of await childrenOf(url, orderId)) {
        expect(leg).toMatchObject({ parentId: orderId, groupId: orderId, resting: true, status: 'pending' })
        expect(leg.waiting).toMatchObject({ blocker: 'price' })
      }
    })
    await move(url, '0.92')
    await familyEnded(url, orderId)
    const [takeProfit, stop] = await childrenOf(url, orderId)
    expect(stop).toMatchObject({ status: 'confirmed', endReason: 'filled' })
    expect(takeProfit).toMatchObject({ status: 'canceled', endReason: 'group_filled' })
    const whole = await getOrder(url, orderId)
    expect(whole).toMatchObject({ status: 'confirmed', filledIn: '100', remainingIn: '0' })
    expect(Number(whole.averagePrice)).toBeCloseTo(Number(stop?.amountOut) / 100, 6)
    expect(await soldBy(url, await childrenOf(url, orderId))).toBe(100_000_000n)
  })

  test('legs whose prices come in the same slot trade the amount once', async () => {
    const { url } = engine
    const price = await priceTimes(url, 0.97)
    const stop = { type: 'stop', trigger: { price } }
    const orderId = await rest(url, { type: 'oco', legs: [stop, stop, stop, stop] })
    await move(url, '0.93')
    await familyEnded(url, orderId)
    const legs = await childrenOf(url, orderId)
    expect(legs.filter(({ status }) => status === 'confirmed')).toHaveLength(1)
    expect(await soldBy(url, legs)).toBe(100_000_000n)
  })

  test('legs with shares sell each its own, and a leg without one what is left', async () => {
    const { url } = engine
    const [near, far] = [await priceTimes(url, 1.03), await priceTimes(url, 0.85)]
    const legs = [
      { type: 'takeProfit', trigger: { price: near }, shareBps: 4_000 },
      { type: 'stop', trigger: { price: far } },
    ]
    const orderId = await rest(url, { type: 'oco', legs })
    await move(url, '1.06')
    await until(async () =>
      expect((await childrenOf(url, orderId))[0]).toMatchObject({ status: 'confirmed' }),
    )
    expect(await getOrder(url, orderId)).toMatchObject({ status: 'pending' })
    await move(url, '0.7')
    await familyEnded(url, orderId)
    const [takeProfit, stop] = await childrenOf(url, orderId)
    expect(takeProfit).toMatchObject({ status: 'confirmed', amountIn: '40' })
    expect(stop).toMatchObject({ status: 'confirmed', amountIn: '60' })
    expect(await getOrder(url, orderId)).toMatchObject({ status: 'confirmed', filledIn: '100' })
  })

  test('canceling the whole ends its legs, and canceling all its legs ends the whole', async () => {
    const { url } = engine
    const whole = await rest(url, await oco(url))
    expect(await cancel(url, whole)).toMatchObject({ status: 200, body: { status: 'canceled' } })
    await familyEnded(url, whole)
    expect((await childrenOf(url, whole)).map(({ endReason }) => endReason)).toEqual([
      'group_canceled',
      'group_canceled',
    ])
    const parted = await rest(url, await oco(url))
    for (const leg of await childrenOf(url, parted)) await cancel(url, leg.orderId)
    await familyEnded(url, parted)
    expect(await getOrder(url, parted)).toMatchObject({
      status: 'expired',
      endReason: 'legs_ended',
      filledIn: '0',
    })
  })

  test('a cancel of the whole and a leg that fires: one of them, and never both', async () => {
    const { url } = engine
    for (let round = 0; round < 6; round++) {
      const price = await priceTimes(url, 0.97)
      const orderId = await rest(url, {
        type: 'oco',
        legs: [
          { type: 'stop', trigger: { price, observations: 1 } },
          { type: 'takeProfit', trigger: { price: await priceTimes(url, 1.5) } },
        ],
      })
      await move(url, '0.94')
      await slotsPass(url, round % 3)
      const outcome = await cancel(url, orderId)
      await familyEnded(url, orderId)
      const legs = await childrenOf(url, orderId)
      const isCanceled = outcome.status === 200
      expect((await getOrder(url, orderId)).status).toBe(isCanceled ? 'canceled' : 'confirmed')
      expect(await soldBy(url, legs)).toBe(isCanceled ? 0n : 100_000_000n)
    }
  })

  test('the same key stands for the same order and the same legs', async () => {
    const { url } = engine
    const body = { ...sale, ...(await oco(url)) }
    const headers = { 'idempotency-key': 'once' }
    const [one, two] = [
      await post(`${url}${EXECUTE}`, body, headers),
      await post(`${url}${EXECUTE}`, body, headers),
    ]
    expect(two).toMatchObject({ status: 201, body: { orderId: one.body.orderId } })
    expect(await childrenOf(url, String(one.body.orderId))).toHaveLength(2)
  })
})

describe('a bracket', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  /** Buys A for 400 B, and sells what it got. */
  const buy = { tokenIn: 'B', tokenOut: 'A', amountIn: '400' }

  test('its legs are there at once, start with the fill, and sell what it bought, to the unit', async () => {
    const { url } = engine
    const exits = [
      { type: 'takeProfit', trigger: { price: await priceTimes(url, 1.04) }, shareBps: 5_000 },
      { type: 'trailingStop', trigger: { trailingBps: 5_000 } },
      { type: 'stop', trigger: { price: await priceTimes(url, 0.93) } },
    ]
    const { body } = await post(`${url}${EXECUTE}`, { ...buy, type: 'market', exits })
    expect(body.summary).toContain('Then sell what was bought')
    const orderId = String(body.orderId)
    expect(await childrenOf(url, orderId)).toHaveLength(3)
    const parent = await ended(url, orderId)
    const bought = BigInt(String(parent.amountOutBase))
    await until(async () => {
      const legs = await childrenOf(url, orderId)
      const amounts = legs.map(({ amountInBase }) => BigInt(String(amountInBase)))
      expect(amounts).toEqual([(bought + 1n) / 2n, bought, bought])
      expect(legs.every(({ resting }) => resting)).toBe(true)
    })
    await move(url, '1.06')
    await until(async () =>
      expect((await childrenOf(url, orderId))[0]).toMatchObject({ status: 'confirmed' }),
    )
    await move(url, '0.8')
    await familyEnded(url, orderId)
    const legs = await childrenOf(url, orderId)
    expect(legs.map(({ status }) => status)).toEqual(['confirmed', 'canceled', 'confirmed'])
    expect(await soldBy(url, legs)).toBe(bought)
  })

  test('legs wait for a limit order, and end with it when it does not trade', async () => {
    const { url } = engine
    const limitPrice = ((1 / (await priceNow(url))) * 1.5).toFixed(6)
    const exits = [{ type: 'stop', trigger: { price: await priceTimes(url, 0.5) } }]
    const orderId = await rest(url, { ...buy, type: 'limit', limitPrice, exits })
    const [leg] = await childrenOf(url, orderId)
    expect(leg).toMatchObject({ status: 'pending', resting: true, waiting: { blocker: 'not_started' } })
    expectProblem(await change(url, String(leg?.orderId), { state: 'paused' }), 422, 'not_amendable')
    await cancel(url, orderId)
    expect((await childrenOf(url, orderId))[0]).toMatchObject({
      status: 'canceled',
      endReason: 'parent_not_filled',
    })
  })

  test('a leg that is canceled before its parent is filled stays so', async () => {
    const { url } = engine
    const exits = [
      { type: 'stop', trigger: { price: await priceTimes(url, 0.5) } },
      { type: 'takeProfit', trigger: { price: await priceTimes(url, 2) } },
    ]
    const limitPrice = ((1 / (await priceNow(url))) * 1.03).toFixed(6)
    const orderId = await rest(url, { ...buy, type: 'limit', limitPrice, exits })
    const [stop] = await childrenOf(url, orderId)
    expect(await cancel(url, String(stop?.orderId))).toMatchObject({ status: 200 })
    await move(url, '0.9')
    expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed' })
    await until(async () => {
      const [canceled, started] = await childrenOf(url, orderId)
      expect(canceled).toMatchObject({ status: 'canceled', endReason: 'canceled' })
      expect(started).toMatchObject({ status: 'pending', resting: true })
    })
  })

  test('its longest holding time sells what is left', async () => {
    const { url } = engine
    const exits = [{ type: 'takeProfit', trigger: { price: await priceTimes(url, 3) } }]
    const { body } = await post(`${url}${EXECUTE}`, { ...buy, type: 'market', exits, maxHoldMs: 1_000 })
    const orderId = String(body.orderId)
    const parent = await ended(url, orderId)
    await familyEnded(url, orderId)
    const [takeProfit, timeStop] = await childrenOf(url, orderId)
    expect(takeProfit).toMatchObject({ status: 'canceled' })
    expect(timeStop).toMatchObject({ status: 'confirmed', type: 'timeStop' })
    const filledAt = Date.parse(String(parent.updatedAt))
    const fired = (await getOrder(url, String(timeStop?.orderId))).events.find(
      ({ kind }) => kind === 'triggered',
    )
    expect(Date.parse(String(fired?.at))).toBeGreaterThanOrEqual(filledAt + 1_000)
  })

  test('a leg that makes no sense denies the whole, and nothing is written', async () => {
    const { url } = engine
    const exits = [{ type: 'stop', trigger: { price: await priceTimes(url, 1.2) } }]
    const key = { 'idempotency-key': 'denied' }
    const reply = await post(`${url}${EXECUTE}`, { ...buy, type: 'market', exits }, key)
    expectProblem(reply, 422, 'would_fire_at_once')
    expect(reply.body.errors).toEqual([expect.objectContaining({ field: 'exits.0.trigger' })])
    expectProblem(
      await post(`${url}/api/orders/preview`, { ...buy, type: 'market', exits }),
      422,
      'would_fire_at_once',
    )
  })

  test('its legs outlive a restart, and the watermark of a trailing one too', async () => {
    const exits = [{ type: 'trailingStop', trigger: { trailingBps: 800 } }]
    const { body } = await post(`${engine.url}${EXECUTE}`, { ...buy, type: 'market', exits })
    const orderId = String(body.orderId)
    await ended(engine.url, orderId)
    const raised = (await priceNow(engine.url)) * 1.1
    await move(engine.url, '1.2')
    await until(async () => {
      const [leg] = await childrenOf(engine.url, orderId)
      expect(Number((leg?.memory as Json | undefined)?.watermark)).toBeGreaterThan(raised)
    })
    await engine.restart(settings)
    await move(engine.url, '0.85')
    await familyEnded(engine.url, orderId)
    expect((await childrenOf(engine.url, orderId))[0]).toMatchObject({ status: 'confirmed' })
  })
})

describe('a TWAP', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(settings)
  })
  afterAll(() => engine.stop())

  test('sells in slices, each an order of its own, and ends with what they got', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'twap', slices: 5, durationMs: 1_500, jitterBps: 2_000 })
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'confirmed', filledIn: '100', remainingIn: '0' })
    const slices = await childrenOf(url, orderId)
    expect(slices.length).toBeGreaterThan(1)
    expect(slices.every(({ parentId, groupId }) => parentId === orderId && groupId === undefined)).toBe(true)
    expect(await soldBy(url, slices)).toBe(100_000_000n)
    const got = slices.reduce((sum, { amountOut }) => sum + Number(amountOut), 0)
    expect(Number(order.averagePrice)).toBeCloseTo(got / 100, 6)
  })

  test('goes on after a restart, and no slice comes twice', async () => {
    const orderId = await rest(engine.url, { type: 'twap', slices: 400, durationMs: 200_000 })
    const count = async () => (await childrenOf(engine.url, orderId)).length
    await until(async () => expect(await count()).toBeGreaterThan(1))
    await engine.restart(settings)
    const before = await count()
    await until(async () => expect(await count()).toBeGreaterThan(before + 1))
    await cancel(engine.url, orderId)
    await until(async () => {
      const statuses = (await childrenOf(engine.url, orderId)).map(({ status }) => status)
      expect(statuses.filter((status) => !['confirmed', 'canceled'].includes(status))).toEqual([])
    })
    const slices = await childrenOf(engine.url, orderId)
    const numbers = slices.map(({ childNumber }) => childNumber)
    expect(new Set(numbers).size).toBe(numbers.length)
    const sold = slices.filter(({ status }) => status === 'confirmed')
    expect(await soldBy(engine.url, slices)).toBe(
      sold.reduce((sum, { amountInBase }) => sum + BigInt(String(amountInBase)), 0n),
    )
  })

  test('slices that find no price are caught up on or lost, and what is left ends with it', async () => {
    const { url } = engine
    const limitPrice = await priceTimes(url, 1.1)
    const orderId = await rest(url, { type: 'twap', slices: 3, durationMs: 1_200, limitPrice })
    const order = await ended(url, orderId)
    expect(order).toMatchObject({ status: 'expired', filledIn: '0', remainingIn: '100', averagePrice: null })
    const slices = await childrenOf(url, orderId)
    expect(slices.map(({ endReason }) => endReason)).toEqual(slices.map(() => 'not_filled_at_once'))
    expect(await soldBy(url, slices)).toBe(0n)
  })

  test('begins at its time, and a cancel ends it and what is open of it', async () => {
    const { url } = engine
    const orderId = await rest(url, { type: 'twap', slices: 4, durationMs: 60_000, startAt: inMs(800) })
    expect(await childrenOf(url, orderId)).toEqual([])
    await until(async () => expect(await childrenOf(url, orderId)).toHaveLength(1))
    expect(await cancel(url, orderId)).toMatchObject({ status: 200, body: { status: 'canceled' } })
    await until(async () => expect((await childrenOf(url, orderId))[0]?.status).not.toBe('pending'))
    expect(kindsOf(await getOrder(url, orderId)).at(-1)).toBe('canceled')
  })

  test.each([
    [{ slices: 1 }, 'slices', 'invalid_type'],
    [{ slices: 4, amountIn: '0.000003' }, 'slices', 'terms_contradict'],
    [{ slices: 4, minSlice: '30' }, 'slices', 'terms_contradict'],
    [{ slices: 1_000, durationMs: 1_000 }, 'durationMs', 'terms_contradict'],
    [{ startAt: '2020-01-01T00:00:00Z' }, 'startAt', 'start_invalid'],
    [{ startAt: 1_893_456_000 }, 'startAt', 'invalid_type'],
    [{ exits: [] }, 'exits', 'unknown_field'],
  ])('%j is denied', async (terms, field, code) => {
    const body = { ...sale, type: 'twap', slices: 4, durationMs: 60_000, ...terms }
    const reply = await post(`${engine.url}${EXECUTE}`, body)
    expectProblem(reply, 422, code)
    expect(reply.body.errors).toEqual([expect.objectContaining({ field, code })])
  })
})

describeDistributed('families over several workers', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  beforeAll(async () => {
    engines = await startDistributed(['worker', 'worker', 'api'], settings)
  })
  afterAll(() => engines.stop())

  test('legs that fire in different processes at once trade the amount once', async () => {
    const url = engines.engines.at(-1)?.url ?? ''
    const wholes: string[] = []
    const price = await priceTimes(url, 0.97)
    const stop = { type: 'stop', trigger: { price, observations: 1 } }
    for (let i = 0; i < 10; i++) wholes.push(await rest(url, { type: 'oco', legs: [stop, stop, stop] }))
    await move(url, '0.93')
    for (const orderId of wholes) {
      await familyEnded(url, orderId)
      expect(await soldBy(url, await childrenOf(url, orderId))).toBe(100_000_000n)
      expect(await getOrder(url, orderId)).toMatchObject({ status: 'confirmed', filledIn: '100' })
    }
  })
})
