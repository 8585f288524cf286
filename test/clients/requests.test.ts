// What clients add by themselves to requests and handshakes: none of it changes what is asked for.
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { EXAMPLE, EXECUTE, ended, openSocket, place, post } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { answersTo } from './answers.ts'

const HOST = 'host: localhost\r\n'
const CLOSE = 'connection: close\r\n'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

const statuses = async (...parts: readonly string[]) =>
  (await answersTo(engine.url, ...parts)).map(({ status }) => status)

describe('a request is served with', () => {
  test.each([
    'accept: text/html',
    'accept: application/xml;q=0.9, */*;q=0',
    'accept-encoding: br;q=1, identity;q=0',
    'accept-language: tlh',
    'accept-version: 2.x',
    'accept-charset: utf-7',
    'keep-alive: timeout=5, max=100',
    'te: trailers, deflate',
    'expect: 100-continue',
    'cache-control: no-cache',
    'if-none-match: *',
    'if-modified-since: Sat, 01 Jan 2050 00:00:00 GMT',
    'range: bytes=0-0',
    'origin: null',
    'x-requested-with: XMLHttpRequest',
    'x-http-method-override: DELETE',
    'cookie: a=b; session="x"',
    'priority: u=1, i',
    'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'sec-fetch-mode: navigate',
    'upgrade-insecure-requests: 1',
  ])('%s', async (header) => {
    const headers = `${HOST}${CLOSE}${header}\r\n`
    const [read] = (await answersTo(engine.url, `GET /api/tokens HTTP/1.1\r\n${headers}\r\n`)).filter(
      ({ status }) => status !== 100,
    )
    expect(read?.status).toBe(200)
    expect(JSON.parse(read?.body ?? '')).toHaveProperty('tokens')
    const order = `POST ${EXECUTE} HTTP/1.1\r\n${headers}content-type: application/json\r\ncontent-length: ${EXAMPLE.length}\r\n\r\n${EXAMPLE}`
    expect((await statuses(order)).at(-1)).toBe(201)
  })

  test.each([
    ['HTTP/1.0', `GET /api/tokens HTTP/1.0\r\n\r\n`, 200],
    [
      'HTTP/1.0 that stays',
      `GET /api/tokens HTTP/1.0\r\n${HOST}connection: keep-alive\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n`,
      200,
    ],
    ['an empty line before it', `\r\nGET /api/tokens HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
    ['a query with plus signs', `GET /api/orders?status=con%66irmed HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
    ['a query that is empty', `GET /api/tokens? HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
    ['a path in percent signs', `GET /%61pi/tokens HTTP/1.1\r\n${HOST}${CLOSE}\r\n`, 200],
    [
      'a key in quotes',
      `POST ${EXECUTE} HTTP/1.1\r\n${HOST}${CLOSE}idempotency-key: "8e03978e"\r\ncontent-type: application/json\r\ncontent-length: ${EXAMPLE.length}\r\n\r\n${EXAMPLE}`,
      201,
    ],
  ])('%s', async (_what, bytes, status) => {
    expect((await statuses(bytes)).at(-1)).toBe(status)
  })

  test('HEAD, whose answer ends with its headers', async () => {
    const { orderId } = await place(engine.url)
    await ended(engine.url, orderId)
    const paths = [
      '/healthz',
      '/api/tokens',
      `/api/orders/${orderId}`,
      `/api/orders/${orderId}/events`,
      '/docs/',
    ]
    for (const path of paths) {
      expect([path, await statuses(`HEAD ${path} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)]).toEqual([path, [200]])
    }
    expect(await statuses(`HEAD ${EXECUTE} HTTP/1.1\r\n${HOST}${CLOSE}\r\n`)).toEqual([426])
  })
})

describe('a handshake is taken', () => {
  const url = () => `${engine.url.replace('http', 'ws')}${EXECUTE}`

  test('that offers compression and keep-alive, as browsers do; nothing is compressed', async () => {
    const { wsUrl } = await place(engine.url)
    const headers = { connection: 'keep-alive, Upgrade', pragma: 'no-cache', 'sec-fetch-mode': 'websocket' }
    const stream = openSocket(wsUrl, { perMessageDeflate: true, headers })
    expect((await stream.closed).code).toBe(1000)
    expect(stream.socket.extensions).toBe('')
  })

  test('whose order comes in fragments, between pings', async () => {
    const stream = openSocket(url())
    await once(stream.socket, 'open')
    stream.socket.ping('are you there')
    for (const letter of EXAMPLE.slice(0, 20)) stream.socket.send(letter, { fin: false })
    stream.socket.ping()
    stream.socket.send(EXAMPLE.slice(20), { fin: true })
    const [pong] = await once(stream.socket, 'pong')
    expect(String(pong)).toBe('are you there')
    const { code, frames } = await stream.closed
    expect([code, JSON.parse(frames.at(-1) ?? '').kind]).toEqual([1000, 'filled'])
  })

  test('with our subprotocol among others; with others alone none is chosen, which this client takes for a failure', async () => {
    const stream = openSocket(url(), {}, ['graphql-ws', 'order-stream'])
    await once(stream.socket, 'open')
    expect(stream.socket.protocol).toBe('order-stream')
    stream.socket.close()
    const insisting = new WebSocket(url(), ['graphql-ws'])
    const [error] = await once(insisting, 'error')
    expect(error.message).toBe('Server sent no subprotocol')
  })

  test('whose client sends a ping of its own as text: two are told that they make no sense, the third ends it', async () => {
    const stream = openSocket(url())
    await once(stream.socket, 'open')
    for (let i = 0; i < 3; i++) stream.socket.send('ping')
    const { code, frames } = await stream.closed
    expect([code, frames.length]).toEqual([1008, 3])
    expect(JSON.parse(frames[0] ?? '')).toMatchObject({ error: { code: 'invalid_json' } })
  })
})

test('a key in quotes and the same key bare are one', async () => {
  const orders = await Promise.all(
    ['"abc"', 'abc'].map((key) => post(`${engine.url}${EXECUTE}`, EXAMPLE, { 'idempotency-key': key })),
  )
  expect(new Set(orders.map(({ body }) => body.orderId)).size).toBe(1)
})
