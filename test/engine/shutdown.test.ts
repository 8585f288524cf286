// Stopping and starting again, from outside: who is told what, and that no order is lost or doubled by it.
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { start } from '../../src/index.ts'
import {
  EXAMPLE,
  EXECUTE,
  ended,
  expectProblem,
  getOrder,
  heard,
  openSocket,
  place,
  post,
  refusedUpgrade,
  send,
  swapsOf,
} from '../client.ts'
import { type EmbeddedEngine, startEmbedded } from '../engines.ts'
import { freshFolder } from '../embeddedFolder.ts'
import { openRaw, untilClosed } from '../rawHttp.ts'

// Each step takes its time, so that orders can be caught in the middle.
const unhurried = {
  SIM_SPEED: 'realistic',
  SIM_SLOT_MS: '50',
  SIM_QUOTE_LATENCY_MS: '600-600',
  SIM_LANDING_SLOTS: '8-8',
}

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded(unhurried)
})
afterAll(() => engine.stop())

describe('while the engine stops', () => {
  let [url, orderId] = ['', '']
  let stopping: Promise<void>

  beforeEach(async () => {
    url = engine.url
    const placed = await place(url)
    orderId = placed.orderId
    await vi.waitFor(async () => expect((await getOrder(url, orderId)).status).toBe('routing'))
  })
  afterEach(() => stopping)
  const stop = () => {
    stopping = engine.restart(unhurried)
  }

  test('sockets that follow or wait for an order are closed with 1001, and SSE streams end', async () => {
    const ws = url.replace('http', 'ws')
    const following = openSocket(`${ws}${EXECUTE}?orderId=${orderId}`)
    const waiting = openSocket(`${ws}${EXECUTE}`)
    await Promise.all([heard(following, 2), once(waiting.socket, 'open')])
    const sse = await fetch(`${url}/api/orders/${orderId}/events`)
    stop()
    expect((await following.closed).code).toBe(1001)
    expect((await waiting.closed).code).toBe(1001)
    expect(await sse.text()).toMatch(/^id: 1$/m)
  })

  test('it is alive but not ready, and takes nothing new', async () => {
    stop()
    expect(await send(`${url}/healthz`)).toMatchObject({ status: 200 })
    expect(await send(`${url}/readyz`)).toMatchObject({ status: 503, body: { status: 'stopping' } })
    const denied = await post(`${url}${EXECUTE}`, EXAMPLE)
    expectProblem(denied, 503, 'shutting_down')
    expect(denied.headers.get('retry-after')).toBe('1')
    expectProblem(await send(`${url}/api/orders/${orderId}`), 503, 'shutting_down')
    expectProblem(await refusedUpgrade(`${url.replace('http', 'ws')}${EXECUTE}`), 503, 'shutting_down')
  })

  test('an idle connection does not hold it up', async () => {
    const closed = untilClosed(openRaw(url))
    const startedAt = Date.now()
    stop()
    await Promise.all([closed, stopping])
    expect(Date.now() - startedAt).toBeLessThan(8_000)
  })
})

describe('after a restart', () => {
  test('every order goes on where it stood and lands exactly once', async () => {
    const placed = []
    for (let i = 0; i < 15; i++) placed.push(await place(engine.url, { amountIn: '0.5' }))
    const [first] = placed
    await vi.waitFor(
      async () => expect((await getOrder(engine.url, first?.orderId ?? '')).status).toBe('submitted'),
      { timeout: 10_000 },
    )
    placed.push(await place(engine.url), await place(engine.url))
    await engine.restart({ ...unhurried, SIM_QUOTE_LATENCY_MS: '10-10' })
    for (const { orderId } of placed) {
      const order = await ended(engine.url, orderId)
      expect(order).toMatchObject({ orderId, status: 'confirmed' })
      expect(order.events.map(({ seq }) => seq)).toEqual(order.events.map((_, i) => i + 1))
      expect(await swapsOf(engine.url, orderId)).toHaveLength(1)
    }
  })

  test('orders, keys and the chain are as they were', async () => {
    const { orderId } = await place(engine.url, { clientOrderId: 'kept' })
    const before = await ended(engine.url, orderId)
    const swaps = await swapsOf(engine.url, orderId)
    await engine.restart(unhurried)
    expect(await getOrder(engine.url, orderId)).toEqual(before)
    expect(await swapsOf(engine.url, orderId)).toEqual(swaps)
    expect((await place(engine.url, { clientOrderId: 'kept' })).orderId).toBe(orderId)
  })
})

test('a second engine on the same folder is refused, and the first is not harmed', async () => {
  const folder = await freshFolder()
  const config = readConfig({ PORT: '0', LOG_LEVEL: 'silent', SIM_SPEED: 'instant', DATA_DIR: folder.path })
  const first = await start(config)
  await expect(start(config)).rejects.toMatchObject({ code: 'FOLDER_LOCKED' })
  const { orderId } = await place(first.url)
  expect(await ended(first.url, orderId)).toMatchObject({ status: 'confirmed' })
  await first.stop('the test is over')
  folder.remove()
})

test('an engine that cannot listen says so and leaves nothing locked', async () => {
  const folder = await freshFolder()
  const settings = { LOG_LEVEL: 'silent', SIM_SPEED: 'instant', DATA_DIR: folder.path }
  const taken = new URL(engine.url).port
  await expect(start(readConfig({ ...settings, PORT: taken }))).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const free = await start(readConfig({ ...settings, PORT: '0' }))
  await free.stop('the test is over')
  folder.remove()
})
