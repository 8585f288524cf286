// What the client makes of streams that break, end, repeat themselves, or say what it does not know.
import { createClient, OeeError, type StreamMessage } from 'oee-client'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Answer, events, hangUp, json, problem, type Scripted, scripted } from './scripted.ts'

let server: Scripted
afterEach(() => server.close())

async function client(...answers: readonly Answer[]) {
  server = await scripted(...answers)
  return createClient({ url: server.url, maxRetries: 2 })
}

const event = (seq: number, kind: string, status: string, orderId = 'o-1') => ({
  id: seq,
  orderId,
  kind,
  status,
})
const ended: Answer = (response) => response.writeHead(204).end()

async function all<T>(messages: AsyncIterable<T>): Promise<readonly T[]> {
  const got: T[] = []
  for await (const message of messages) got.push(message)
  return got
}

async function take<T>(messages: AsyncIterable<T>, count: number): Promise<readonly T[]> {
  const got: T[] = []
  for await (const message of messages) {
    got.push(message)
    if (got.length === count) break
  }
  return got
}

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no failure',
    (reason) => (reason instanceof OeeError ? reason : `no OeeError: ${reason}`),
  )

const allClosed = () => vi.waitFor(() => expect(server.open()).toBe(0), { timeout: 15_000 })

describe('watch', () => {
  test('goes on behind its last event after a cut, and gives nothing twice', async () => {
    const oee = await client(
      events([event(1, 'accepted', 'pending'), event(2, 'triggered', 'routing')], 'cut'),
      hangUp,
      problem(503, 'shutting_down'),
      events([event(2, 'triggered', 'routing'), event(3, 'routed', 'building')], 'end'),
      events([event(4, 'canceled', 'canceled')], 'end'),
    )
    expect((await all(oee.watch('o-1'))).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual([
      undefined,
      '2',
      '2',
      '2',
      '3',
    ])
  })

  test('ends behind the last event, or when the engine says that there is nothing behind `after`', async () => {
    const oee = await client(ended)
    expect(await all(oee.watch('o-1', { after: 5 }))).toEqual([])
    expect(server.asked[0]).toMatchObject({ headers: { 'last-event-id': '5' } })
  })

  test('passes kinds and statuses that it does not know, and only the engine ends an order in one', async () => {
    const oee = await client(
      events([event(1, 'accepted', 'pending'), event(2, 'teleported', 'elsewhere')], 'end'),
      ended,
    )
    const got = await all(oee.watch('o-1'))
    expect(got.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'accepted pending',
      'teleported elsewhere',
    ])
  })

  test('gives live answers where they are asked for, which have no seq', async () => {
    const waiting = { orderId: 'o-1', kind: 'waiting', waiting: { blocker: 'price' } }
    const oee = await client(events([event(1, 'accepted', 'pending'), waiting, waiting], 'cut'), ended)
    const got = await all(oee.watch('o-1', { waiting: true }))
    expect(got.map(({ kind }) => kind)).toEqual(['accepted', 'waiting', 'waiting'])
    expect(server.asked.map(({ url }) => url)).toEqual(Array(2).fill('/api/orders/o-1/events?waiting=true'))
  })

  test('asks for nothing before its first message is wanted', async () => {
    const oee = await client(ended)
    oee.watch('o-1')
    expect(server.asked).toHaveLength(0)
  })

  test('closes its connection when a loop breaks out of it', async () => {
    const oee = await client(events([event(1, 'accepted', 'pending'), event(2, 'triggered', 'routing')]))
    for await (const { seq } of oee.watch('o-1')) {
      expect(seq).toBe(1)
      break
    }
    await allClosed()
  })

  test('returned while it waits, closes its connection and is done', async () => {
    const oee = await client(events([event(1, 'accepted', 'pending')]))
    const messages = oee.watch('o-1')
    await messages.next()
    const next = messages.next()
    await messages.return?.()
    expect(await next).toEqual({ done: true, value: undefined })
    await allClosed()
    expect(await messages.next()).toEqual({ done: true, value: undefined })
  })

  test('aborted while it waits, closes its connection and rejects with aborted', async () => {
    const oee = await client(events([event(1, 'accepted', 'pending')]))
    const controller = new AbortController()
    const messages = oee.watch('o-1', { signal: controller.signal })
    await messages.next()
    const next = failure(messages.next())
    controller.abort()
    expect(await next).toMatchObject({ code: 'aborted' })
    await allClosed()
  })

  test.each([
    ['order_not_found', problem(404, 'order_not_found')],
    ['bad_answer', json(200, { orders: [] })],
    [
      'bad_answer',
      (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"k\n\n'),
    ],
  ] as const satisfies readonly (readonly [string, Answer])[])(
    'rejects with %s at once',
    async (code, answer) => {
      const oee = await client(answer)
      expect(await failure(all(oee.watch('o-1')))).toMatchObject({ code })
      expect(server.asked).toHaveLength(1)
    },
  )

  test('gives up after maxRetries where it was never open', async () => {
    const oee = await client(hangUp)
    expect(await failure(all(oee.watch('o-1')))).toMatchObject({ code: 'unreachable' })
    expect(server.asked).toHaveLength(3)
  })

  test('once open tries on until it is aborted', async () => {
    const oee = await client(events([event(1, 'accepted', 'pending')], 'cut'), hangUp)
    const controller = new AbortController()
    const got = failure(all(oee.watch('o-1', { signal: controller.signal })))
    await vi.waitFor(() => expect(server.asked.length).toBeGreaterThan(4), { timeout: 20_000 })
    controller.abort()
    expect(await got).toMatchObject({ code: 'aborted' })
  })

  test('reads events whose bytes come one at a time, and letters of several bytes', async () => {
    const oee = await client(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const text = `: hello\r\n\r\nid: 1\r\ndata: ${JSON.stringify({ ...event(1, 'cancéled', 'canceled'), seq: 1 })}\r\n\r\n`
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.from([byte]))
        await new Promise(setImmediate)
      }
      response.end()
    })
    expect((await all(oee.watch('o-1'))).map(({ kind }) => kind)).toEqual(['cancéled'])
  })
})

describe('watchAll', () => {
  const order = (orderId: string, seq: number) => ({ kind: 'order', order: { orderId, seq } })
  const current = { kind: 'current', cursor: 'c-0' }
  const change = (orderId: string, seq: number, cursor: string) => ({
    ...event(seq, 'routed', 'building', orderId),
    cursor,
  })
  const short = (message: StreamMessage) =>
    message.kind === 'order'
      ? `${message.order.orderId}@${message.order.seq}`
      : message.kind === 'current'
        ? message.cursor
        : `${message.orderId}:${message.seq}`

  test('goes on behind the newest cursor, and gives nothing twice', async () => {
    const oee = await client(
      events([order('a', 3), order('b', 1), current, change('a', 3, 'c-1'), change('a', 4, 'c-2')], 'cut'),
      events([change('a', 4, 'c-2'), change('b', 2, 'c-3'), { kind: 'current', cursor: 'c-4' }], 'end'),
      events([change('b', 3, 'c-5')]),
    )
    const got = await take(oee.watchAll({ token: 'SOL', status: 'pending' }), 7)
    expect(got.map(short)).toEqual(['a@3', 'b@1', 'c-0', 'a:4', 'b:2', 'c-4', 'b:3'])
    const query = '/api/orders/stream?token=SOL&status=pending'
    expect(server.asked.map(({ url }) => url)).toEqual([query, `${query}&cursor=c-2`, `${query}&cursor=c-4`])
  })

  test('begins anew where no cursor has come yet, and gives no order twice', async () => {
    const oee = await client(
      events([order('a', 3), order('b', 1)], 'cut'),
      events([order('a', 3), order('b', 2), order('c', 1), current]),
    )
    const got = await take(oee.watchAll(), 5)
    expect(got.map(short)).toEqual(['a@3', 'b@1', 'b@2', 'c@1', 'c-0'])
    expect(server.asked.map(({ url }) => url)).toEqual(['/api/orders/stream', '/api/orders/stream'])
  })

  test('goes on from a cursor that was kept', async () => {
    const oee = await client(events([change('a', 9, 'c-9')]))
    await take(oee.watchAll({ type: 'limit' }, { cursor: 'c-8' }), 1)
    expect(server.asked[0]?.url).toBe('/api/orders/stream?type=limit&cursor=c-8')
  })

  test('rejects with cursor_expired where the engine does not know the cursor any more', async () => {
    const oee = await client(events([current], 'cut'), problem(410, 'cursor_expired'))
    expect(await failure(all(oee.watchAll()))).toMatchObject({ code: 'cursor_expired', status: 410 })
  })

  test('over 50 cuts at any byte misses no event and doubles none', async () => {
    const log = Array.from({ length: 500 }, (_, i) =>
      change(`o-${i % 7}`, Math.floor(i / 7) + 1, String(i + 1)),
    )
    let cuts = 0
    const oee = await client((response, { url }) => {
      const from = Number(new URL(url, 'http://x').searchParams.get('cursor') ?? 0)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const text = log
        .slice(from)
        .map(({ id, ...message }) => `id: ${id}\ndata: ${JSON.stringify({ ...message, seq: id })}\n\n`)
        .join('')
      if (cuts >= 50) return response.write(text)
      cuts += 1
      // Up to some twelve events, and a part of one.
      response.write(text.slice(0, 1 + ((cuts * 137) % 1_400)), () => response.socket?.destroy())
    })
    const got = await take(oee.watchAll(), 500)
    expect(cuts).toBe(50)
    expect(got.map((message) => ('cursor' in message ? message.cursor : ''))).toEqual(
      log.map(({ cursor }) => cursor),
    )
  }, 60_000)
})

test('watchQuotes does not repeat a quote that a new connection begins with', async () => {
  const quote = (amountOut: string) => ({ tokenIn: 'A', amountOut, at: '', slot: 1 })
  const oee = await client(events([quote('1'), quote('2')], 'cut'), events([quote('2'), quote('3')]))
  const got = await take(
    oee.watchQuotes({ tokenIn: 'A', tokenOut: 'B', amountIn: '1', venues: ['raydium', 'meteora'] }),
    3,
  )
  expect(got).toMatchObject([{ amountOut: '1' }, { amountOut: '2' }, { amountOut: '3' }])
  expect(server.asked[0]?.url).toBe(
    '/api/quotes/stream?tokenIn=A&tokenOut=B&amountIn=1&venues=raydium%2Cmeteora',
  )
})

test('watchCandles gives the current candle whenever it changes', async () => {
  const oee = await client(
    events([
      { at: 't', close: '1' },
      { at: 't', close: '2' },
    ]),
  )
  const got = await take(oee.watchCandles({ base: 'SOL', quote: 'USDC', interval: '1s' }), 2)
  expect(got).toEqual([
    { at: 't', close: '1' },
    { at: 't', close: '2' },
  ])
})

describe('waitFor', () => {
  const log = [
    event(1, 'accepted', 'pending'),
    event(2, 'triggered', 'routing'),
    event(3, 'canceled', 'canceled'),
  ]

  test('resolves with the order once an event has had the status, even if it has moved on', async () => {
    const oee = await client(events(log), json(200, { orderId: 'o-1', status: 'canceled' }))
    expect(await oee.waitFor('o-1', ['routing', 'building'])).toMatchObject({ status: 'canceled' })
    await allClosed()
  })

  test('rejects with ended when the order ends without', async () => {
    const oee = await client(events(log))
    expect(await failure(oee.waitFor('o-1', 'confirmed'))).toMatchObject({ code: 'ended' })
  })

  test('rejects with timeout when it takes longer than it may', async () => {
    const oee = await client(events(log.slice(0, 1)))
    expect(await failure(oee.waitFor('o-1', 'confirmed', { timeoutMs: 200 }))).toMatchObject({
      code: 'timeout',
    })
    await allClosed()
  })
})
