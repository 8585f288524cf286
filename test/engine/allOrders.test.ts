// The stream of all orders from outside: the orders as they are, then every event of each once, over cuts and restarts.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Scope } from '../../src/domain/access.ts'
import {
  expectProblem,
  getOrder,
  type Json,
  openSocket,
  place,
  refusedUpgrade,
  type Stream,
  send,
} from '../support/client.ts'
import {
  type EmbeddedEngine,
  startDistributed,
  startEmbedded,
  startEmbeddedWith,
} from '../support/engines.ts'
import { describeDistributed } from '../support/services.ts'

const LIFE = ['accepted', 'triggered', 'routed', 'submitted', 'filled']
const LIMIT = { type: 'limit', tokenIn: 'A', tokenOut: 'B', amountIn: '1', limitPrice: '40' }

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 20 })
const streamUrl = (url: string, query = '') => `${url.replace('http', 'ws')}/api/orders/stream${query}`
const messagesOf = ({ frames }: Stream): readonly Json[] => frames.map((frame) => JSON.parse(frame))
const kindsOf = (stream: Stream) => messagesOf(stream).map(({ kind }) => kind)
const eventsOf = (stream: Stream) => messagesOf(stream).filter(({ seq }) => seq !== undefined)
const eventsOfOrder = (stream: Stream, id: string) =>
  eventsOf(stream).flatMap(({ orderId, kind }) => (orderId === id ? kind : []))
const isCurrent = (stream: Stream) => until(() => expect(kindsOf(stream)).toContain('current'))
const lastCursor = (stream: Stream) =>
  messagesOf(stream)
    .flatMap(({ cursor }) => (cursor === undefined ? [] : String(cursor)))
    .at(-1) ?? ''

async function openAll(url: string, query = ''): Promise<Stream> {
  const stream = openSocket(streamUrl(url, query))
  await isCurrent(stream)
  return stream
}

const placeWith = async (url: string, more: Json = {}) => (await place(url, more)).orderId

describe('the stream of all orders', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded({ SIM_SLOT_MS: '50' })
  })
  afterAll(() => engine.stop())

  test('begins with the orders as they are, then gives each event of each as it happens', async () => {
    const closed = await place(engine.url)
    await until(async () =>
      expect(await getOrder(engine.url, closed.orderId)).toMatchObject({ status: 'confirmed' }),
    )
    const resting = await placeWith(engine.url, LIMIT)
    await until(async () => expect(await getOrder(engine.url, resting)).toMatchObject({ resting: true }))
    const stream = await openAll(engine.url)
    const first = messagesOf(stream)
    const { events: _, children: __, waiting: ___, ...view } = await getOrder(engine.url, resting)
    expect(first.at(-1)).toEqual({ kind: 'current', cursor: expect.any(String) })
    expect(first.find(({ order }) => (order as Json | undefined)?.orderId === resting)).toEqual({
      kind: 'order',
      order: view,
    })
    expect(first.map(({ order }) => (order as Json | undefined)?.orderId)).toContain(closed.orderId)
    const next = await placeWith(engine.url)
    await until(() => expect(eventsOfOrder(stream, next)).toEqual(LIFE))
    await send(`${engine.url}/api/orders/${resting}`, { method: 'DELETE' })
    await until(() => expect(eventsOfOrder(stream, resting)).toEqual(['canceled']))
    stream.socket.terminate()
  })

  test('gives the very messages of the stream of one order, each with the cursor behind it', async () => {
    const stream = await openAll(engine.url)
    const { orderId, wsUrl } = await place(engine.url)
    const { frames } = await openSocket(wsUrl).closed
    await until(() => expect(eventsOfOrder(stream, orderId)).toEqual(LIFE))
    const own = eventsOf(stream).filter((event) => event.orderId === orderId)
    expect(own.map(({ cursor: _, ...event }) => event)).toEqual(frames.map((frame) => JSON.parse(frame)))
    stream.socket.terminate()
  })

  test('cut anywhere and resumed at its last cursor misses nothing and repeats nothing', async () => {
    const witness = await openAll(engine.url)
    let stream = await openAll(engine.url)
    const seen: Json[] = []
    const ids: string[] = []
    for (let round = 0; round < 12; round++) {
      ids.push(...(await Promise.all([placeWith(engine.url), placeWith(engine.url)])))
      stream.socket.terminate()
      await stream.closed
      seen.push(...eventsOf(stream))
      stream = openSocket(streamUrl(engine.url, `?cursor=${lastCursor(stream)}`))
      await until(() => expect(stream.frames.length).toBeGreaterThan(0))
    }
    const all = () => [...seen, ...eventsOf(stream)]
    for (const id of ids) {
      await until(() =>
        expect(all().flatMap(({ orderId, seq }) => (orderId === id ? seq : []))).toEqual([1, 2, 3, 4, 5]),
      )
    }
    await until(() => expect(all().length).toBe(eventsOf(witness).length))
    expect(all()).toEqual(eventsOf(witness))
    for (const each of [stream, witness]) each.socket.terminate()
  })

  test('outlives a restart of the engine by its cursor', async () => {
    const stream = await openAll(engine.url)
    const before = await placeWith(engine.url)
    await until(() => expect(eventsOfOrder(stream, before)).toEqual(LIFE))
    const closed = stream.closed
    await engine.restart({ SIM_SLOT_MS: '50' })
    expect((await closed).code).toBe(1001)
    const after = await placeWith(engine.url)
    const resumed = await openAll(engine.url, `?cursor=${lastCursor(stream)}`)
    await until(() => expect(eventsOfOrder(resumed, after)).toEqual(LIFE))
    expect(eventsOfOrder(resumed, before)).toEqual([])
    expect(kindsOf(resumed)).not.toContain('order')
    resumed.socket.terminate()
  })

  test('is chosen by type, token, parent, client order id and status', async () => {
    const parent = await placeWith(engine.url, {
      exits: [{ type: 'takeProfit', trigger: { price: '900' } }],
    })
    await until(async () => expect(await getOrder(engine.url, parent)).toMatchObject({ status: 'confirmed' }))
    const queries = [
      'type=limit',
      'token=SOL',
      `parentId=${parent}`,
      'clientOrderId=chosen',
      'status=confirmed',
    ]
    const streams = await Promise.all(queries.map((query) => openAll(engine.url, `?${query}`)))
    const [limits, sol, legs, chosen, fills] = streams as [Stream, Stream, Stream, Stream, Stream]
    expect(kindsOf(legs)).toEqual(['order', 'current'])
    const limit = await placeWith(engine.url, LIMIT)
    const sale = await placeWith(engine.url, {
      tokenIn: 'SOL',
      tokenOut: 'USDC',
      amountIn: '1',
      clientOrderId: 'chosen',
    })
    await until(() => expect(eventsOfOrder(limits, limit).slice(0, 2)).toEqual(['accepted', 'rested']))
    for (const stream of [sol, chosen]) await until(() => expect(eventsOfOrder(stream, sale)).toEqual(LIFE))
    await until(() => expect(eventsOfOrder(fills, sale)).toEqual(['filled']))
    expect(eventsOf(limits).every(({ orderId }) => orderId === limit)).toBe(true)
    expect(eventsOf(sol).every(({ orderId }) => orderId === sale)).toBe(true)
    await send(`${engine.url}/api/orders/${limit}`, { method: 'DELETE' })
    await send(`${engine.url}/api/orders?parentId=${parent}`)
    for (const { socket } of streams) socket.terminate()
  })

  test('over server-sent events each id is a cursor, and Last-Event-ID resumes', async () => {
    const stream = await openAll(engine.url)
    const cursor = lastCursor(stream)
    const orderId = await placeWith(engine.url)
    await until(() => expect(eventsOfOrder(stream, orderId)).toEqual(LIFE))
    const readUntil = async (headers: Record<string, string>, enough: (text: string) => boolean) => {
      const abort = new AbortController()
      const answer = await fetch(`${engine.url}/api/orders/stream`, { headers, signal: abort.signal })
      expect(answer.headers.get('content-type')).toBe('text/event-stream')
      let text = ''
      const decoder = new TextDecoder()
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        if (enough(text)) break
      }
      abort.abort()
      return text.split('\n\n').flatMap((block) => (block.includes('data: ') ? [block.split('\n')] : []))
    }
    const read = await readUntil({ 'last-event-id': cursor }, (text) => text.includes('event: filled'))
    const blocks = read.slice(0, LIFE.length)
    expect(blocks.map((lines) => lines.find((line) => line.startsWith('event: ')))).toEqual(
      LIFE.map((kind) => `event: ${kind}`),
    )
    const events = eventsOf(stream).filter((event) => event.orderId === orderId)
    expect(blocks.map(([id]) => id)).toEqual(events.map((event) => `id: ${event.cursor}`))
    const whole = await readUntil({}, (text) => text.includes('event: current'))
    expect(whole.at(-1)?.slice(1)).toEqual(['event: current', expect.stringContaining('"kind":"current"')])
    stream.socket.terminate()
  })

  test.each([
    ['made up', 'bm90IG91cnM'],
    ['empty', ''],
    ['of another form', Buffer.from('5').toString('base64url')],
    ['with more than its text', `${Buffer.from('5.0').toString('base64url')}=`],
  ])('a cursor that is %s is denied, before the upgrade too', async (_name, cursor) => {
    const url = `${engine.url}/api/orders/stream?cursor=${cursor}`
    expectProblem(await send(url), 400, 'invalid_cursor')
    expect((await refusedUpgrade(url.replace('http', 'ws'))).status).toBe(400)
  })

  test.each([
    ['of the past', '1.0'],
    ['of a time to come', '999999999999.0'],
  ])('a cursor %s says how to start over', async (_name, text) => {
    const url = `${engine.url}/api/orders/stream?cursor=${Buffer.from(text).toString('base64url')}`
    const answer = await send(url)
    expectProblem(answer, 410, 'cursor_expired')
    expect((answer.body as Json).title).toContain('without a cursor')
    expect((await refusedUpgrade(url.replace('http', 'ws'))).status).toBe(410)
  })

  test('a filter that no stream has, or that is not known, is denied', async () => {
    for (const query of ['resting=true', 'limit=5', 'token=NOPE', 'parentId=7', 'status=gone']) {
      const { status } = await send(`${engine.url}/api/orders/stream?${query}`)
      expect([query, status]).toEqual([query, 422])
    }
  })

  test('a client that sends frames, which this stream does not take, is closed on with 1008', async () => {
    const stream = await openAll(engine.url)
    for (let i = 0; i < 3; i++) stream.socket.send('{}')
    expect((await stream.closed).code).toBe(1008)
  })
})

test('a key gets the orders of its owner, and no others', async () => {
  const { engine, made } = await startEmbeddedWith(
    async (keys) => {
      const bearer = async (name: string, scopes: readonly Scope[]) => {
        const { token } = await keys.create({ name, scopes, expiresAt: null, quotas: null })
        return { authorization: `Bearer ${token}` }
      }
      const all = ['trade', 'read'] as const
      return {
        one: await bearer('one', all),
        two: await bearer('two', all),
        blind: await bearer('blind', ['trade']),
      }
    },
    { REQUIRE_API_KEYS: 'always' },
  )
  const { one, two, blind } = made
  try {
    const open = (headers: Record<string, string>) => openSocket(streamUrl(engine.url), { headers })
    const streams = [open(one), open(two)] as [Stream, Stream]
    await Promise.all(streams.map(isCurrent))
    const { orderId } = await place(engine.url, {}, one)
    await until(() => expect(eventsOfOrder(streams[0], orderId)).toEqual(LIFE))
    const late = open(two)
    await isCurrent(late)
    expect(eventsOf(streams[1])).toEqual([])
    expect(kindsOf(late)).toEqual(['current'])
    expectProblem(await send(`${engine.url}/api/orders/stream`), 401, 'key_required')
    expectProblem(await send(`${engine.url}/api/orders/stream`, { headers: blind }), 403, 'scope_missing')
    for (const { socket } of [...streams, late]) socket.terminate()
  } finally {
    await engine.stop()
  }
})

describeDistributed('over two API processes', () => {
  test('each gives all events of orders that any process moves, and takes the cursors of the other', async () => {
    const engines = await startDistributed(['api', 'worker', 'worker'], { SIM_SLOT_MS: '50' })
    try {
      const [first] = engines.engines
      const second = await engines.add('api')
      const urls = [first?.url ?? '', second.url]
      const witness = await openAll(urls[0] ?? '')
      let stream = await openAll(urls[1] ?? '')
      const seen: Json[] = []
      const ids: string[] = []
      for (let round = 0; round < 10; round++) {
        const url = urls[round % 2] ?? ''
        ids.push(...(await Promise.all(Array.from({ length: 5 }, () => placeWith(url)))))
        stream.socket.terminate()
        await stream.closed
        seen.push(...eventsOf(stream))
        stream = openSocket(streamUrl(url, `?cursor=${lastCursor(stream)}`))
        await until(() => expect(stream.frames.length).toBeGreaterThan(0))
      }
      const all = () => [...seen, ...eventsOf(stream)]
      await until(() => expect(all()).toHaveLength(ids.length * LIFE.length))
      await until(() => expect(eventsOf(witness)).toHaveLength(ids.length * LIFE.length))
      const named = (events: readonly Json[]) =>
        events.map(({ orderId, seq }) => `${orderId} ${seq}`).toSorted()
      expect(named(all())).toEqual(named(eventsOf(witness)))
      for (const id of ids) expect(all().flatMap((e) => (e.orderId === id ? e.kind : []))).toEqual(LIFE)
      for (const each of [stream, witness]) each.socket.terminate()
    } finally {
      await engines.stop()
    }
  }, 60_000)
})
