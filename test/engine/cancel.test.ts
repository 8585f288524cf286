// Canceling from outside: possible until the swap is submitted, never afterwards, and never both.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  ended,
  expectProblem,
  getOrder,
  heard,
  type OrderBody,
  openSocket,
  place,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

/** Nobody answers for so long: orders stand in routing, and can be canceled there. */
const unanswered = { SIM_VENUE_FAULTS: 'raydium=slow,meteora=slow', QUOTE_TIMEOUT_MS: '2000' }
const unhurried = {
  SIM_SPEED: 'realistic',
  SIM_SLOT_MS: '50',
  SIM_QUOTE_LATENCY_MS: '10-50',
  SIM_LANDING_SLOTS: '8-8',
}

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded(unanswered)
})
afterAll(() => engine.stop())

const cancel = (orderId: string) =>
  send<OrderBody>(`${engine.url}/api/orders/${orderId}`, { method: 'DELETE' })

describe('before it is submitted', () => {
  test('an order is canceled, its streams end with that, and nothing reaches the chain', async () => {
    const { orderId, wsUrl } = await place(engine.url)
    const stream = openSocket(wsUrl)
    await heard(stream, 2)
    const reply = await cancel(orderId)
    expect(reply).toMatchObject({ status: 200, body: { orderId, status: 'canceled', seq: 3 } })
    const { code, frames } = await stream.closed
    expect(code).toBe(1000)
    expect(frames.map((frame) => JSON.parse(frame).kind)).toEqual(['accepted', 'triggered', 'canceled'])
    expect(JSON.parse(frames[2] ?? '')).toMatchObject({ status: 'canceled', by: 'local' })
    // What the worker makes of the silence comes too late, and changes nothing.
    await vi.waitFor(
      async () => {
        const { body } = await send<string>(`${engine.url}/metrics`)
        expect(body).toMatch(/^oee_stale_appends_total [1-9]/m)
      },
      { timeout: 10_000, interval: 50 },
    )
    expect((await getOrder(engine.url, orderId)).events).toHaveLength(3)
    expect(await swapsOf(engine.url, orderId)).toEqual([])
  })

  test('canceling twice says the same twice', async () => {
    const { orderId } = await place(engine.url)
    const [first, second] = [await cancel(orderId), await cancel(orderId)]
    expect(second).toMatchObject({ status: 200, body: first.body })
  })

  test('twenty cancels at once are one', async () => {
    const { orderId } = await place(engine.url)
    const replies = await Promise.all(Array.from({ length: 20 }, () => cancel(orderId)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    const { events: log } = await getOrder(engine.url, orderId)
    expect(log.filter(({ kind }) => kind === 'canceled')).toHaveLength(1)
  })
})

describe('after it is submitted', () => {
  beforeAll(() => engine.restart(unhurried))

  test('it is too late, and the swap lands', async () => {
    const { orderId, wsUrl } = await place(engine.url)
    const stream = openSocket(wsUrl)
    await heard(stream, 4)
    expectProblem(await cancel(orderId), 409, 'too_late')
    const { frames } = await stream.closed
    expect(JSON.parse(frames.at(-1) ?? '')).toMatchObject({ kind: 'filled' })
    expectProblem(await cancel(orderId), 409, 'too_late')
    expect(await swapsOf(engine.url, orderId)).toHaveLength(1)
  })
})

test('cancels that race the submission end as one of the two, never both', async () => {
  const placed = await Promise.all(Array.from({ length: 30 }, () => place(engine.url, { amountIn: 1 })))
  const outcomes = await Promise.all(
    placed.map(async ({ orderId, wsUrl }) => {
      const stream = openSocket(wsUrl)
      await heard(stream, 2)
      const { status } = await cancel(orderId)
      const order = await ended(engine.url, orderId)
      return { status, ended: order.status, swaps: (await swapsOf(engine.url, orderId)).length }
    }),
  )
  for (const outcome of outcomes) {
    expect([
      { status: 200, ended: 'canceled', swaps: 0 },
      { status: 409, ended: 'confirmed', swaps: 1 },
    ]).toContainEqual(outcome)
  }
})
