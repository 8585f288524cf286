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
} from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { openRaw, untilClosed } from '../support/rawHttp.ts'

// Each step takes its time, so that orders can be caught in the middle.
const unhurried = {
  SIM_SPEED: 'realistic',
  SIM_SLOT_MS: '50',
  SIM_QUOTE_LATENCY_MS: '600-600',
  SIM_LANDING_SLOTS: '8-8',
}

/** Longer than the order in hand takes to be handed over. */
const PATIENCE_MS = 6_000

describe('while the engine stops', () => {
  let [url, orderId] = ['', '']
  let stop: () => Promise<void>

  beforeEach(async () => {
    const engine = await startEmbedded(unhurried)
    let stopping: Promise<void> | null = null
    stop = () => {
      stopping ??= engine.stop()
      return stopping
    }
    url = engine.url
    orderId = (await place(url)).orderId
    await vi.waitFor(async () => expect((await getOrder(url, orderId)).status).toBe('routing'))
  })
  afterEach(() => stop(), PATIENCE_MS)

  test('sockets that follow or wait for an order are closed with 1001, and SSE streams end', async () => {
    const ws = url.replace('http', 'ws')
    const following = openSocket(`${ws}${EXECUTE}?orderId=${orderId}`)
    const waiting = openSocket(`${ws}${EXECUTE}`)
    await Promise.all([heard(following, 2), once(waiting.socket, 'open')])
    const sse = await fetch(`${url}/api/orders/${orderId}/events`)
    void stop()
    expect((await following.closed).code).toBe(1001)
    expect((await waiting.closed).code).toBe(1001)
    expect(await sse.text()).not.toMatch(/event: filled/)
  })

  test('it is alive but not ready, and takes nothing new', async () => {
    void stop()
    expect(await send(`${url}/healthz`)).toMatchObject({ status: 200 })
    expect(await send(`${url}/readyz`)).toMatchObject({ status: 503, body: { status: 'stopping' } })
    const denied = await post(`${url}${EXECUTE}`, EXAMPLE)
    expectProblem(denied, 503, 'shutting_down')
    expect(denied.headers.get('retry-after')).toBe('1')
    expectProblem(await send(`${url}/api/orders/${orderId}`), 503, 'shutting_down')
  })

  test(
    'an upgrade is refused with 503, and its connection does not hold the stop up',
    async () => {
      void stop()
      expectProblem(await refusedUpgrade(`${url.replace('http', 'ws')}${EXECUTE}`), 503, 'shutting_down')
      await stop()
    },
    PATIENCE_MS,
  )

  test.each([
    ['says nothing', ''],
    ['never ends its request', `POST ${EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n{`],
  ])(
    'a connection that %s does not hold the stop up',
    async (_what, bytes) => {
      const socket = openRaw(url)
      const closed = untilClosed(socket)
      await once(socket, 'connect')
      socket.write(bytes)
      await Promise.all([stop(), closed])
    },
    PATIENCE_MS,
  )
})

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded(unhurried)
})
afterAll(() => engine.stop())

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
