// Several processes' worth of engines on one Postgres and one Redis: any API serves any order, and each lands once.
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Engine } from '../../src/index.ts'
import {
  type Accepted,
  EXAMPLE,
  EXECUTE,
  ended,
  events,
  expectProblem,
  getOrder,
  heard,
  openSocket,
  place,
  post,
  send,
  swapsOf,
} from '../support/client.ts'
import { startDistributed } from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

type Distributed = Awaited<ReturnType<typeof startDistributed>>

const LIFE = ['accepted', 'triggered', 'routed', 'submitted', 'filled']
const socketOf = (api: Engine, { orderId }: { orderId: string }) =>
  `${api.url.replace('http', 'ws')}${EXECUTE}?orderId=${orderId}`

async function expectEachLandedOnce(api: Engine, placed: readonly { orderId: string }[]): Promise<void> {
  for (const { orderId } of placed) {
    expect(await ended(api.url, orderId)).toMatchObject({ orderId, status: 'confirmed' })
    expect(await swapsOf(api.url, orderId)).toMatchObject([{ orderId, error: null }])
  }
}

describeDistributed('a worker and two APIs', () => {
  let engines: Distributed
  let [api, otherApi, worker]: readonly Engine[] = []
  const both = () => {
    if (api === undefined || otherApi === undefined) throw new Error('both APIs are started')
    return [api, otherApi] as const
  }
  beforeAll(async () => {
    engines = await startDistributed(['worker', 'api', 'api'])
    ;[worker, api, otherApi] = engines.engines
  })
  afterAll(() => engines.stop())

  test('give quotes and candles of the shared market from either API, which trades nothing itself', async () => {
    for (const { url } of both()) {
      for (const path of [
        'quotes/stream?tokenIn=A&tokenOut=B&amountIn=100',
        'candles/stream?base=B&quote=A&interval=1s',
      ]) {
        const stream = openSocket(`${url.replace('http', 'ws')}/api/${path}`)
        await heard(stream, 3)
        stream.socket.close()
      }
    }
    const move = { token: 'B', against: 'A', factor: '0.8' }
    const [here, there] = both()
    const price = async () => {
      const { body } = await send<{ route: { amountOut: string } }>(
        `${there.url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=10`,
      )
      return Number(body.route.amountOut)
    }
    const before = await price()
    expect((await post(`${here.url}/api/simulation/moves`, move)).status).toBe(200)
    await expect.poll(async () => (await price()) / before, { timeout: 10_000 }).toBeGreaterThan(1.2)
    expect((await post(`${here.url}/api/simulation/moves`, { ...move, factor: '1.25' })).status).toBe(200)
    await expect.poll(async () => (await price()) / before, { timeout: 10_000 }).toBeLessThan(1.03)
  })

  test('run the example order, and either API streams it at once', async () => {
    const [here, there] = both()
    const placed = await place(here.url)
    const [mine, theirs] = await Promise.all([events(placed.wsUrl), events(socketOf(there, placed))])
    expect(mine.map(({ seq, kind }) => [seq, kind])).toEqual(LIFE.map((kind, i) => [i + 1, kind]))
    expect(theirs).toEqual(mine)
    expect(await swapsOf(there.url, placed.orderId)).toHaveLength(1)
  })

  test('stream an order from its first event to a client that comes late or after the end', async () => {
    const [here, there] = both()
    const placed = await place(here.url)
    const first = await events(placed.wsUrl)
    expect(await events(socketOf(there, placed))).toEqual(first)
    expect(await events(`${socketOf(there, placed)}&after=3`)).toEqual(first.slice(3))
  })

  test('give the order by its id through either API as soon as it is acknowledged', async () => {
    const [here, there] = both()
    for (let i = 0; i < 10; i++) {
      const { orderId } = await place(here.url)
      expect(await getOrder(there.url, orderId)).toMatchObject({ orderId, tokenIn: 'A' })
    }
  })

  test('stream an order that was placed over a socket', async () => {
    const [, there] = both()
    const stream = openSocket(`${there.url.replace('http', 'ws')}${EXECUTE}`)
    stream.socket.on('open', () => stream.socket.send(EXAMPLE))
    const { code, frames } = await stream.closed
    expect(frames.slice(1).map((frame) => JSON.parse(frame).kind)).toEqual(LIFE)
    expect(code).toBe(1000)
  })

  test('carry server-sent events through the API that did not take the order', async () => {
    const [here, there] = both()
    const { orderId } = await place(here.url)
    const text = await (await fetch(`${there.url}/api/orders/${orderId}/events`)).text()
    expect([...text.matchAll(/^event: (\w+)$/gm)].map(([, kind]) => kind)).toEqual(LIFE)
  })

  test('make one order of fifty equal requests, whichever API they reach', async () => {
    const apis = both()
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        post<Accepted>(`${apis[i % 2]?.url}${EXECUTE}`, EXAMPLE, { 'idempotency-key': 'fifty' }),
      ),
    )
    expect(new Set(replies.map(({ status, body }) => `${status} ${body.orderId}`)).size).toBe(1)
    await expectEachLandedOnce(apis[0], [{ orderId: replies[0]?.body.orderId ?? '' }])
  })

  test('confirm a hundred orders at once, each exactly once', async () => {
    const apis = both()
    const placed = await Promise.all(
      Array.from({ length: 100 }, (_, i) => place(apis[i % 2]?.url ?? '', { amountIn: '0.5' })),
    )
    await expectEachLandedOnce(apis[1], placed)
  })

  test('see one market: quotes and pools of an API are the worker’s', async () => {
    const [here] = both()
    expect(await send(`${here.url}/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`)).toMatchObject({
      status: 200,
      body: {
        quotes: Array.from({ length: 6 }, () => ({ slot: expect.any(Number) })),
        // One leg or two: the market decides.
        route: { legs: expect.arrayContaining([expect.objectContaining({ pool: expect.any(String) })]) },
      },
    })
    expect(await send(`${here.url}/api/pools`)).toMatchObject({ status: 200, body: { unavailable: [] } })
  })

  test('refuse a bad order and an unknown one at either API', async () => {
    for (const { url } of both()) {
      expectProblem(await post(`${url}${EXECUTE}`, { type: 'market' }), 422, 'missing_field')
      expectProblem(
        await send(`${url}/api/orders/019f0000-0000-7000-8000-000000000000`),
        404,
        'order_not_found',
      )
    }
  })

  test('are all ready', async () => {
    for (const { url } of engines.engines) {
      expect(await send(`${url}/readyz`)).toMatchObject({ status: 200, body: { status: 'ready' } })
    }
  })

  test('serve orders at the APIs only: the worker answers for its health and nothing else', async () => {
    const url = worker?.url ?? ''
    expectProblem(await post(`${url}${EXECUTE}`, EXAMPLE), 404, 'not_found')
    expect(await send(`${url}/metrics`)).toMatchObject({ status: 200 })
  })
})

describeDistributed('when a process comes, goes or is forgotten', () => {
  const hasty = { ORDER_LEASE_MS: '300', SWEEP_MS: '100', SIM_SLOT_MS: '50' }
  let engines: Distributed
  let api: Engine
  beforeAll(async () => {
    engines = await startDistributed(['api'], hasty)
    const [first] = engines.engines
    if (first === undefined) throw new Error('an API is started')
    api = first
  })
  afterAll(() => engines.stop())

  test('orders wait for the first worker, streams stay open meanwhile, and none needs its ring', async () => {
    const placed = await Promise.all(Array.from({ length: 10 }, () => place(api.url)))
    const stream = openSocket(placed[0]?.wsUrl ?? '')
    await heard(stream, 1)
    await forgetAllRings()
    await engines.add('worker')
    await expectEachLandedOnce(api, placed)
    expect((await stream.closed).frames).toHaveLength(LIFE.length)
  })

  async function forgetAllRings(): Promise<void> {
    const redis = new Redis(engines.redisUrl)
    const keys = await vi.waitFor(async () => {
      const found = await redis.keys(`${engines.queuePrefix}*`)
      expect(found.length).toBeGreaterThan(0)
      return found
    })
    await redis.unlink(...keys)
    redis.disconnect()
  }

  test('a worker that stops hands over to another, and each order lands once', async () => {
    await engines.add('worker')
    const placed = await Promise.all(Array.from({ length: 40 }, () => place(api.url, { amountIn: '0.5' })))
    await engines.engines[1]?.stop('handing over')
    placed.push(...(await Promise.all(Array.from({ length: 10 }, () => place(api.url)))))
    await expectEachLandedOnce(api, placed)
  })

  test('an API that stops tells its sockets, and the client resumes at another', async () => {
    const leaving = await engines.add('api')
    const unfinished = await place(leaving.url, { tokenIn: 'BONK', tokenOut: 'SOL', amountIn: '0.00001' })
    await ended(api.url, unfinished.orderId)
    const waiting = openSocket(`${leaving.url.replace('http', 'ws')}${EXECUTE}`)
    await vi.waitFor(() => expect(waiting.socket.readyState).toBe(1))
    await leaving.stop('leaving')
    expect((await waiting.closed).code).toBe(1001)
    expect((await events(`${socketOf(api, unfinished)}&after=1`)).map(({ kind }) => kind)).toEqual([
      'triggered',
      'failed',
    ])
  })
})

describeDistributed('canceling through another API', () => {
  test('stops an order before it is submitted, and both APIs say so', async () => {
    const engines = await startDistributed(['worker', 'api', 'api'], {
      QUOTE_TIMEOUT_MS: '3000',
      SIM_SPEED: 'realistic',
      SIM_SLOT_MS: '50',
      SIM_QUOTE_LATENCY_MS: '1200-1200',
    })
    const [, here, there] = engines.engines
    if (here === undefined || there === undefined) throw new Error('both APIs are started')
    const { orderId, wsUrl } = await place(here.url)
    const stream = openSocket(wsUrl)
    await heard(stream, 2)
    const reply = await send(`${there.url}/api/orders/${orderId}`, { method: 'DELETE' })
    expect(reply).toMatchObject({ status: 200, body: { status: 'canceled' } })
    const { code, frames } = await stream.closed
    expect(frames.map((frame) => JSON.parse(frame).kind)).toEqual(['accepted', 'triggered', 'canceled'])
    expect(code).toBe(1000)
    const witness = await place(there.url)
    await ended(there.url, witness.orderId)
    expect(await getOrder(here.url, orderId)).toMatchObject({ status: 'canceled', seq: 3 })
    expect(await swapsOf(here.url, orderId)).toEqual([])
    await engines.stop()
  })
})
