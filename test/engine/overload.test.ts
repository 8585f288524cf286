// Overload from outside: what there is no room for is refused at once and leaves nothing behind, what was accepted comes to
// its end, and afterwards there is room again. The limits are set so low that no load is needed.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type Accepted,
  EXAMPLE,
  EXECUTE,
  ended,
  expectProblem,
  heard,
  isOpened,
  type Json,
  openSocket,
  place,
  post,
  type Reply,
  refusedUpgrade,
  send,
} from '../support/client.ts'
import { startDistributed, startEmbedded } from '../support/engines.ts'
import { openRaw } from '../support/rawHttp.ts'
import { describeDistributed } from '../support/services.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

const socketUrl = (url: string) => `${url.replace('http', 'ws')}${EXECUTE}`
const order = (url: string) => post<Accepted>(`${url}${EXECUTE}`, EXAMPLE)
const opened = async (url: string): Promise<readonly Json[]> =>
  (await send<{ orders: readonly Json[] }>(`${url}/api/orders?limit=1000`)).body.orders

async function metric(url: string, name: string): Promise<number> {
  const { body } = await send<string>(`${url}/metrics`)
  return Number(
    body
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1) ?? 0,
  )
}

function expectRefusal(reply: Reply): void {
  expectProblem(reply, 503, 'overloaded')
  expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d?$/)
  expect(reply.body.detail).toBe(`try again in ${reply.headers.get('retry-after')} s`)
}

const refused = (url: string) =>
  vi.waitFor(async () => expectRefusal(await order(url)), { timeout: 20_000, interval: 20 })
const taken = (url: string) =>
  vi.waitFor(async () => expect((await order(url)).status).toBe(201), { timeout: 20_000, interval: 20 })

/** Refused over HTTP, before and after the upgrade; everything else works. */
async function expectShut(url: string, open: ReturnType<typeof openSocket>): Promise<void> {
  expectRefusal(await order(url))
  expectRefusal(await post(`${url}${EXECUTE}`, '{ not even JSON'))
  expectRefusal(await post(`${url}${EXECUTE}`, EXAMPLE, { 'idempotency-key': 'again' }))
  expectProblem(await refusedUpgrade(socketUrl(url)), 503, 'overloaded')
  // More often than frames without sense are put up with.
  for (let i = 1; i <= 4; i++) {
    open.socket.send(EXAMPLE)
    await heard(open, i)
  }
  const errors = open.frames.map((frame) => (JSON.parse(frame) as { error: Json }).error)
  for (const error of errors) {
    expect(error).toMatchObject({ code: 'overloaded', status: 503, retryAfter: expect.any(Number) })
    expect(error.retryAfter).toBeGreaterThanOrEqual(1)
  }
  expect((await send(`${url}/readyz`)).status).toBe(200)
  expect((await send(`${url}/api/tokens`)).status).toBe(200)
}

describe('overload, embedded', () => {
  test('of a hundred at once those beyond what may wait are refused, the others come to their end', async () => {
    const engine = await startEmbedded({ MAX_WAITING_ORDERS: '2' })
    closers.push(engine.stop)
    const replies = await Promise.all(Array.from({ length: 100 }, () => order(engine.url)))
    const accepted = replies.filter(({ status }) => status === 201)
    const beyond = replies.filter(({ status }) => status !== 201)
    expect(accepted.length).toBeGreaterThan(0)
    expect(beyond.length).toBeGreaterThan(0)
    for (const reply of beyond) expectRefusal(reply)
    for (const { body } of accepted) expect((await ended(engine.url, body.orderId)).status).toBe('confirmed')
    // What was refused has left no order.
    expect(await opened(engine.url)).toHaveLength(accepted.length)
    expect(await metric(engine.url, 'oee_orders_denied_total{cause="answers"}')).toBe(beyond.length)
    expect((await order(engine.url)).status).toBe(201)
  })

  test('while as many are open as may be, none is let in; as soon as they end, others are', async () => {
    const engine = await startEmbedded({
      MAX_OPEN_ORDERS: '3',
      SIM_VENUE_FAULTS: 'raydium=slow,meteora=slow',
      QUOTE_TIMEOUT_MS: '5000',
    })
    closers.push(engine.stop)
    const { url } = engine
    const socket = openSocket(socketUrl(url))
    for (let i = 0; i < 3; i++) await place(url)
    await refused(url)
    await expectShut(url, socket)
    const before = await opened(url)
    const following = openSocket(`${socketUrl(url)}?orderId=${before[0]?.orderId}`)
    await heard(following, 1)
    expect(await metric(url, 'oee_orders_open')).toBe(3)
    for (const { orderId } of before) {
      expect((await send(`${url}/api/orders/${orderId}`, { method: 'DELETE' })).status).toBe(200)
    }
    await taken(url)
    expect(await isOpened(socketUrl(url))).toBe(true)
    // The socket that was refused four times is as good as any.
    socket.socket.send(EXAMPLE)
    await heard(socket, 5)
    expect(JSON.parse(socket.frames[4] ?? '')).toMatchObject({ status: 'pending', wsUrl: expect.any(String) })
    socket.socket.close()
  })
})

test('of orders that come all at once each is worked on as it is written, and none is left to the sweep', async () => {
  const engine = await startEmbedded({ MAX_WAITING_ORDERS: '1000' })
  closers.push(engine.stop)
  const { url } = engine
  const accepted = await Promise.all(Array.from({ length: 300 }, () => place(url)))
  for (const { orderId } of accepted) expect((await ended(url, orderId)).status).toBe('confirmed')
  // Who appends to an order before it is there is told that its log has moved on, and leaves it to the sweep.
  expect((await send<string>(`${url}/metrics`)).body).toContain('\noee_stale_appends_total 0\n')
})

test('connections beyond as many as may be are closed at once, until others end', async () => {
  const engine = await startEmbedded({ MAX_CONNECTIONS: '3' })
  closers.push(engine.stop)
  const held = Array.from({ length: 3 }, () => openRaw(engine.url))
  await Promise.all(held.map((socket) => once(socket, 'connect')))
  const beyond = openRaw(engine.url).resume()
  await once(beyond, 'close')
  for (const socket of held) socket.destroy()
  await vi.waitFor(async () =>
    expect(await metric(engine.url, 'oee_connections_dropped_total')).toBeGreaterThan(0),
  )
  expect((await order(engine.url)).status).toBe(201)
})

describeDistributed('overload, distributed', () => {
  test('without a worker the queue grows old and new orders are refused; with one all end, and others are let in', async () => {
    const engines = await startDistributed(['api'], { MAX_QUEUE_AGE_MS: '1000' })
    closers.push(engines.stop)
    const url = engines.engines[0]?.url ?? ''
    const socket = openSocket(socketUrl(url))
    const accepted = await Promise.all(Array.from({ length: 101 }, () => place(url)))
    await refused(url)
    await sleep(1_000)
    await expectShut(url, socket)
    expect(await metric(url, 'oee_queue_age_seconds')).toBeGreaterThan(1)
    await engines.add('worker')
    for (const { orderId } of accepted) expect((await ended(url, orderId)).status).toBe('confirmed')
    await taken(url)
    socket.socket.close()
  })
})
