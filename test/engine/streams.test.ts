// Streams from outside: whenever and however a client connects, it gets every event once, in order, and then the end.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { EXAMPLE, EXECUTE, events, heard, openSocket, place, swapsOf } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'

const LIFE = ['accepted', 'triggered', 'routed', 'submitted', 'filled']

let engine: EmbeddedEngine
beforeAll(async () => {
  // Quotes and landings take their time, so that streams can be opened in the middle of a life.
  engine = await startEmbedded({
    SIM_SPEED: 'realistic',
    SIM_SLOT_MS: '50',
    SIM_QUOTE_LATENCY_MS: '150-200',
    SIM_LANDING_SLOTS: '3-4',
  })
})
afterAll(() => engine.stop())

const execute = (query = '') => `${engine.url.replace('http', 'ws')}${EXECUTE}${query}`

describe('a WebSocket', () => {
  test('opened at once streams the life as it happens', async () => {
    const { orderId, wsUrl } = await place(engine.url)
    const stream = openSocket(wsUrl)
    await heard(stream, 1)
    expect(stream.frames.length).toBeLessThan(LIFE.length)
    const { code, frames } = await stream.closed
    expect(code).toBe(1000)
    const log = frames.map((frame) => JSON.parse(frame))
    expect(log.map(({ seq, kind }) => [seq, kind])).toEqual(LIFE.map((kind, i) => [i + 1, kind]))
    expect(new Set(log.map((event) => event.orderId))).toEqual(new Set([orderId]))
  })

  test('opened in the middle of the life begins with its first event', async () => {
    const { wsUrl } = await place(engine.url)
    const witness = openSocket(wsUrl)
    await heard(witness, 3)
    const late = openSocket(wsUrl)
    const [first, second] = await Promise.all([witness.closed, late.closed])
    expect(second).toEqual(first)
    expect(second.frames).toHaveLength(LIFE.length)
  })

  test('opened after the end gets the whole life again, to the byte', async () => {
    const { wsUrl } = await place(engine.url)
    const { frames } = await openSocket(wsUrl).closed
    expect(await openSocket(wsUrl).closed).toEqual({ code: 1000, frames })
  })

  test('with after resumes behind that seq, live and after the end', async () => {
    const { wsUrl } = await place(engine.url)
    const [whole, rest] = await Promise.all([events(wsUrl), events(`${wsUrl}&after=2`)])
    expect(rest).toEqual(whole.slice(2))
    expect(await events(`${wsUrl}&after=4`)).toEqual(whole.slice(4))
    expect(await events(`${wsUrl}&after=5`)).toEqual([])
    expect(await events(`${wsUrl}&after=999999999`)).toEqual([])
  })

  test('cut in the middle and resumed misses nothing and repeats nothing', async () => {
    const { wsUrl } = await place(engine.url)
    const cut = openSocket(wsUrl)
    await heard(cut, 2)
    cut.socket.terminate()
    const { frames } = await cut.closed
    const rest = await events(`${wsUrl}&after=${frames.length}`)
    expect([...frames.map((frame) => JSON.parse(frame).seq), ...rest.map(({ seq }) => seq)]).toEqual([
      1, 2, 3, 4, 5,
    ])
  })

  test('fifty on one order all get the same bytes', async () => {
    const { wsUrl } = await place(engine.url)
    const all = await Promise.all(Array.from({ length: 50 }, () => openSocket(wsUrl).closed))
    expect(new Set(all.map((closed) => JSON.stringify(closed))).size).toBe(1)
    expect(all[0]?.frames).toHaveLength(LIFE.length)
  })

  test('takes an order as its first frame, answers as the POST does, and streams it', async () => {
    const stream = openSocket(execute())
    await once(stream.socket, 'open')
    stream.socket.send(EXAMPLE)
    const { code, frames } = await stream.closed
    const [answer, ...log] = frames.map((frame) => JSON.parse(frame))
    expect(answer).toEqual({
      orderId: expect.any(String),
      wsUrl: execute(`?orderId=${answer.orderId}`),
      status: 'pending',
      seq: 1,
      summary: expect.stringMatching(/^Sell 100 A for B /),
      createdAt: expect.any(String),
    })
    expect(log.map(({ kind }) => kind)).toEqual(LIFE)
    expect(code).toBe(1000)
    expect(await swapsOf(engine.url, answer.orderId)).toHaveLength(1)
  })

  test('takes the order sent in the same packet as the upgrade', async () => {
    const stream = openSocket(execute())
    stream.socket.on('open', () =>
      stream.socket.send(JSON.stringify({ ...JSON.parse(EXAMPLE), clientOrderId: 'ws1' })),
    )
    const { frames } = await stream.closed
    expect(JSON.parse(frames[0] ?? '')).toMatchObject({ clientOrderId: 'ws1' })
    expect(frames).toHaveLength(LIFE.length + 1)
  })

  test('refuses a bad order in a frame of its own and then takes a better one', async () => {
    const stream = openSocket(execute())
    await once(stream.socket, 'open')
    stream.socket.send('{ "type": "market", "tokenIn": "A" }')
    await heard(stream, 1)
    expect(JSON.parse(stream.frames[0] ?? '')).toMatchObject({
      error: { code: 'missing_field', status: 422 },
    })
    stream.socket.send(EXAMPLE)
    const { code, frames } = await stream.closed
    expect(frames.slice(2).map((frame) => JSON.parse(frame).kind)).toEqual(LIFE)
    expect(code).toBe(1000)
  })
})

describe('one keep-alive connection', () => {
  /** Reads from a bare socket until the text read so far fits. */
  async function readUntil(
    socket: Socket,
    chunks: Buffer[],
    fits: (text: string) => boolean,
  ): Promise<string> {
    const text = () => Buffer.concat(chunks).toString('latin1')
    await vi.waitFor(() => expect(fits(text())).toBe(true), { timeout: 10_000, interval: 5 })
    expect(socket.errored).toBeNull()
    return text()
  }

  test('carries the POST and then the upgrade to the stream', async () => {
    const { hostname, port } = new URL(engine.url)
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    await once(socket, 'connect')
    const head = `host: ${hostname}:${port}\r\n`
    socket.write(
      `POST ${EXECUTE} HTTP/1.1\r\n${head}content-type: application/json\r\n` +
        `content-length: ${EXAMPLE.length}\r\n\r\n${EXAMPLE}`,
    )
    const answer = await readUntil(socket, chunks, (text) => text.includes('}'))
    expect(answer).toMatch(/^HTTP\/1\.1 201 /)
    const { orderId } = JSON.parse(answer.slice(answer.indexOf('{')))
    chunks.length = 0
    socket.write(
      `GET ${EXECUTE}?orderId=${orderId} HTTP/1.1\r\n${head}connection: Upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    // 0x88 0x02 0x03 0xe8 is the close frame that says 1000.
    const stream = await readUntil(socket, chunks, (text) => text.includes('\x88\x02\x03\xe8'))
    expect(stream).toMatch(/^HTTP\/1\.1 101 /)
    expect(stream).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect([...stream.matchAll(/"kind":"(\w+)"/g)].map(([, kind]) => kind)).toEqual(LIFE)
    socket.destroy()
  })
})

describe('server-sent events', () => {
  const sse = (orderId: string, headers: Record<string, string> = {}) =>
    fetch(`${engine.url}/api/orders/${orderId}/events`, { headers })

  const parse = (text: string) =>
    text
      .split('\n\n')
      .filter((block) => /^id:/m.test(block))
      .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))))

  test('carry the same events as the socket, by seq and kind', async () => {
    const { orderId, wsUrl } = await place(engine.url)
    const response = await sse(orderId)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const [text, { frames }] = await Promise.all([response.text(), openSocket(wsUrl).closed])
    expect(parse(text)).toEqual(LIFE.map((kind, i) => ({ id: String(i + 1), event: kind, data: frames[i] })))
  })

  test('resume behind Last-Event-ID, and answer 204 when there is nothing to come back for', async () => {
    const { orderId, wsUrl } = await place(engine.url)
    const live = await sse(orderId, { 'last-event-id': '1' })
    expect(parse(await live.text()).map(({ id }) => id)).toEqual(['2', '3', '4', '5'])
    await events(wsUrl)
    const rest = await sse(orderId, { 'last-event-id': '4' })
    expect(parse(await rest.text()).map(({ id }) => id)).toEqual(['5'])
    const nothing = await sse(orderId, { 'last-event-id': '5' })
    expect([nothing.status, await nothing.text()]).toEqual([204, ''])
  })

  test('refuse a Last-Event-ID that is no seq', async () => {
    const { orderId } = await place(engine.url)
    const response = await sse(orderId, { 'last-event-id': 'one' })
    expect([response.status, await response.json()]).toMatchObject([422, { code: 'invalid_type' }])
  })
})
