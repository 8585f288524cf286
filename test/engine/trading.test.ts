// Halting trading from outside: nothing new is signed in any process, nothing submitted is given up, nothing waits for ever.
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../../src/index.ts'
import {
  type Accepted,
  EXAMPLE,
  EXECUTE,
  ended,
  expectProblem,
  getOrder,
  heard,
  openSocket,
  place,
  post,
  send,
  swapsOf,
} from '../support/client.ts'
import { type EmbeddedEngine, startDistributed, startEmbedded } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

/** Quotes take a while, so that orders can be caught before their signature, and landings, so that others are under way. */
const unhurried = {
  SIM_SPEED: 'realistic',
  SIM_SLOT_MS: '50',
  SIM_QUOTE_LATENCY_MS: '300-300',
  SIM_LANDING_SLOTS: '8-8',
}
const WITHIN_MS = 1_000
const CLIENTS = 20
const TRADING = '/api/admin/trading'

const switchTo = async (url: string, state: 'active' | 'halted') => {
  const reply = await send(`${url}${TRADING}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ state }),
  })
  expect(reply).toMatchObject({ status: 200, body: { state, changedBy: 'local' } })
  return Date.now()
}

const inStatus = (url: string, orderId: string, status: string) =>
  vi.waitFor(async () => expect((await getOrder(url, orderId)).status).toBe(status), {
    timeout: 10_000,
    interval: 10,
  })

/** Two APIs of one engine; embedded both are one. */
function describeHalt(engines: () => { readonly here: string; readonly there: string }): void {
  afterEach(() => switchTo(engines().here, 'active'))

  test('new orders are refused, by every API and over sockets, and say for how long', async () => {
    const { here, there } = engines()
    await switchTo(here, 'halted')
    await vi.waitFor(async () => {
      const reply = await post(`${there}${EXECUTE}`, EXAMPLE)
      expectProblem(reply, 503, 'trading_halted')
      expect(reply.headers.get('retry-after')).toBe('1')
    })
    const stream = openSocket(`${there.replace('http', 'ws')}${EXECUTE}`)
    stream.socket.on('open', () => stream.socket.send(EXAMPLE))
    await heard(stream, 1)
    expect(JSON.parse(stream.frames[0] ?? '')).toMatchObject({ error: { code: 'trading_halted' } })
    stream.socket.close()
    expect((await send(`${there}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`)).status).toBe(200)
    expect((await send(`${there}${TRADING}`)).body).toMatchObject({ state: 'halted', changedBy: 'local' })
  })

  test('an order that is not submitted waits, and goes on when trading does', async () => {
    const { here, there } = engines()
    const { orderId } = await place(here)
    await switchTo(there, 'halted')
    await inStatus(here, orderId, 'building')
    expect(await swapsOf(here, orderId)).toEqual([])
    await switchTo(there, 'active')
    expect(await ended(here, orderId)).toMatchObject({ status: 'confirmed', attempt: 1 })
    expect(await swapsOf(here, orderId)).toHaveLength(1)
  })

  test('an order that waits can be canceled', async () => {
    const { here, there } = engines()
    const { orderId } = await place(here)
    await switchTo(there, 'halted')
    await inStatus(here, orderId, 'building')
    const reply = await send(`${here}/api/orders/${orderId}`, { method: 'DELETE' })
    expect(reply).toMatchObject({ status: 200, body: { status: 'canceled' } })
    await switchTo(there, 'active')
    expect(await getOrder(here, orderId)).toMatchObject({ status: 'canceled' })
  })

  test('an order that is submitted is followed to its end', async () => {
    const { here, there } = engines()
    const { orderId } = await place(here)
    await inStatus(here, orderId, 'submitted')
    await switchTo(there, 'halted')
    expect(await ended(here, orderId)).toMatchObject({ status: 'confirmed' })
  })

  test('under load nothing is submitted a second after the halt, and all goes on after it', async () => {
    const { here, there } = engines()
    const ids: string[] = []
    /** Places one order after the other, each when the last is quoted, until it is refused. */
    const client = async (url: string): Promise<void> => {
      const reply = await post<Accepted>(`${url}${EXECUTE}`, EXAMPLE)
      if (reply.status !== 201) return expectProblem(reply, 503, 'trading_halted')
      ids.push(reply.body.orderId)
      await heard(openSocket(reply.body.wsUrl), 3)
      return client(url)
    }
    const clients = Array.from({ length: CLIENTS }, (_, i) => client(i % 2 ? here : there))
    await vi.waitFor(() => expect(ids.length).toBeGreaterThan(4 * CLIENTS), { timeout: 20_000 })
    const haltedAt = await switchTo(here, 'halted')
    const states = async () => Promise.all(ids.map(async (id) => getOrder(there, id)))
    // Every order has come to rest: it has ended or it waits.
    await vi.waitFor(
      async () => {
        expect(Date.now()).toBeGreaterThan(haltedAt + 2 * WITHIN_MS)
        const open = (await states()).map(({ status }) => status)
        expect(open.filter((status) => !['building', 'confirmed', 'failed'].includes(status))).toEqual([])
      },
      { timeout: 20_000, interval: 100 },
    )
    await Promise.all(clients)
    const resting = await states()
    const submittedAt = resting.flatMap(({ events }) =>
      events.flatMap(({ kind, at }) => (kind === 'submitted' ? [Date.parse(at)] : [])),
    )
    expect(Math.max(...submittedAt)).toBeLessThanOrEqual(haltedAt + WITHIN_MS)
    expect(resting.filter(({ status }) => status === 'building').length).toBeGreaterThan(0)
    expect(submittedAt.length).toBeGreaterThan(0)
    await switchTo(there, 'active')
    for (const id of ids) expect(['confirmed', 'failed']).toContain((await ended(here, id)).status)
  })
}

describe('halting trading, embedded', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded(unhurried)
  })
  afterAll(() => engine.stop())
  describeHalt(() => ({ here: engine.url, there: engine.url }))

  test('survives a restart, and so does what waits', async () => {
    const { orderId } = await place(engine.url)
    await switchTo(engine.url, 'halted')
    await inStatus(engine.url, orderId, 'building')
    await engine.restart(unhurried)
    expectProblem(await post(`${engine.url}${EXECUTE}`, EXAMPLE), 503, 'trading_halted')
    expect((await send<string>(`${engine.url}/metrics`)).body).toMatch(/^oee_trading_halted 1$/m)
    expect(await getOrder(engine.url, orderId)).toMatchObject({ status: 'building' })
    await switchTo(engine.url, 'active')
    expect(await ended(engine.url, orderId)).toMatchObject({ status: 'confirmed' })
  })

  test.each([['{}'], ['{ "state": "paused" }'], ['{ "state": "halted", "why": "x" }'], ['[]']])(
    'takes no %s',
    async (body) => {
      const headers = { 'content-type': 'application/json' }
      const reply = await send(`${engine.url}${TRADING}`, { method: 'PUT', headers, body })
      expect([400, 422]).toContain(reply.status)
      expect((await send(`${engine.url}${TRADING}`)).body).toMatchObject({ state: 'active' })
    },
  )
})

describeDistributed('halting trading, with two workers and two APIs', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  let [, , here, there]: readonly Engine[] = []
  beforeAll(async () => {
    engines = await startDistributed(['worker', 'worker', 'api', 'api'], unhurried)
    ;[, , here, there] = engines.engines
  })
  afterAll(() => engines.stop())
  describeHalt(() => ({ here: here?.url ?? '', there: there?.url ?? '' }))
})
