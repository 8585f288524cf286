// Bodies as clients send them: many name a type, a length or chunks with every request, also where there is no body. What
// cancels must cancel: a refusal here would be a fill.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE, EXECUTE, getOrder, place, post, send } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { answersTo } from './answers.ts'

let engine: EmbeddedEngine
/** A market on which no order gets past its first attempt, so that each can be canceled. */
const RESTING = { SIM_VENUE_FAULTS: 'raydium=down,meteora=down', RETRY_BACKOFF_MS: '600000' }
beforeAll(async () => {
  engine = await startEmbedded(RESTING)
})
afterAll(() => engine.stop())

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'text/plain;charset=UTF-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/vnd.api+json',
  'application/json; charset=utf-16',
  'nonsense',
  '*/*',
  '',
]
const FRAMINGS = [
  ['no length', '', ''],
  ['a length of nothing', 'content-length: 0\r\n', ''],
  ['no chunks', 'transfer-encoding: chunked\r\n', '0\r\n\r\n'],
] as const

/** The only answer, to a request with these headers. */
async function answer(line: string, headers: string, body = '') {
  const head = `${line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n`
  const [only] = await answersTo(engine.url, `${head}${headers}\r\n${body}`)
  return { status: only?.status, body: only?.body === '' ? null : JSON.parse(only?.body ?? 'null') }
}

describe.each(FRAMINGS)('an empty body with %s is none,', (_framing, framing, body) => {
  test.each(TYPES)('of the type %j', async (type) => {
    const headers = `content-type: ${type}\r\n${framing}`
    const { orderId } = await place(engine.url)
    expect(await answer(`DELETE /api/orders/${orderId}`, headers, body)).toMatchObject({
      status: 200,
      body: { status: 'canceled' },
    })
    expect(await answer('POST /api/tickets', headers, body)).toMatchObject({ status: 201 })
    const code = /^application\/json/.test(type) ? 'invalid_json' : 'body_not_object'
    const none = { status: 400, body: { code } }
    if (!type.includes('utf-16')) expect(await answer(`POST ${EXECUTE}`, headers, body)).toMatchObject(none)
    if (!type.includes('utf-16'))
      expect(await answer('PUT /api/admin/trading', headers, body)).toMatchObject(none)
  })

  test.each(['gzip', 'br', 'identity', 'nonsense', ''])('of the encoding %j', async (encoding) => {
    const headers = `content-encoding: ${encoding}\r\n${framing}`
    const { orderId } = await place(engine.url)
    expect(await answer(`DELETE /api/orders/${orderId}`, headers, body)).toMatchObject({ status: 200 })
    expect(await answer('POST /api/tickets', headers, body)).toMatchObject({ status: 201 })
    expect(await answer(`POST ${EXECUTE}`, headers, body)).toMatchObject({ status: 400 })
  })
})

describe('a route that takes no body does not look at one:', () => {
  test.each([
    ['null', 'null'],
    ['an object', '{}'],
    ['a field that nobody knows', '{"reason":"changed my mind"}'],
    ['no JSON', 'bye'],
    ['half of it', '{"a":'],
    ['a NUL', '\0'],
    ['a form', 'a=b'],
  ])('%s', async (_what, body) => {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', '']) {
      for (const encoding of ['', 'content-encoding: gzip\r\n']) {
        const headers = `content-type: ${type}\r\n${encoding}content-length: ${body.length}\r\n`
        const { orderId } = await place(engine.url)
        expect((await answer(`DELETE /api/orders/${orderId}`, headers, body)).status).toBe(200)
        expect(await getOrder(engine.url, orderId)).toMatchObject({ status: 'canceled' })
        expect((await answer('POST /api/tickets', headers, body)).status).toBe(201)
      }
    }
  })

  test('of a request to read', async () => {
    for (const path of ['/api/orders', '/api/tokens', '/healthz']) {
      const headers = 'content-type: text/plain\r\ncontent-length: 2\r\n'
      expect((await answer(`GET ${path}`, headers, '{}')).status).toBe(200)
    }
  })

  test('of an address that there is not', async () => {
    const headers = 'content-type: application/json\r\ncontent-length: 1\r\n'
    expect(await answer('POST /nowhere', headers, '{')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
  })

  test('but reads no more of it than of any other', async () => {
    const { orderId } = await place(engine.url)
    const body = ' '.repeat(16_385)
    for (const type of ['application/json', 'text/plain']) {
      const init = { method: 'DELETE', headers: { 'content-type': type }, body }
      expect(await send(`${engine.url}/api/orders/${orderId}`, init)).toMatchObject({ status: 413 })
    }
    expect(await getOrder(engine.url, orderId)).not.toMatchObject({ status: 'canceled' })
  })
})

test('HEAD of the events of an open order ends with its headers', async () => {
  const { orderId } = await place(engine.url)
  expect(await answer(`HEAD /api/orders/${orderId}/events`, '')).toEqual({ status: 200, body: null })
})

describe('an order is taken', () => {
  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=UTF-8',
    'application/json;charset="utf-8"',
    'application/json; charset=utf8',
    'application/json;',
    'application/json ; a=b; charset=utf-8',
    'application/json; odata=verbose',
  ])('of the type %s', async (type) => {
    expect(await post(`${engine.url}${EXECUTE}`, EXAMPLE, { 'content-type': type })).toMatchObject({
      status: 201,
    })
  })

  test.each(['identity', 'Identity', ''])('of the encoding %j', async (encoding) => {
    const headers = `content-type: application/json\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${EXAMPLE.length}\r\n`
    expect((await answer(`POST ${EXECUTE}`, headers, EXAMPLE)).status).toBe(201)
  })

  test('in chunks with extensions and trailers', async () => {
    const headers =
      'content-type: application/json\r\ntransfer-encoding: Chunked\r\ntrailer: x-sum\r\nte: trailers\r\n'
    const body = `${EXAMPLE.length.toString(16)};a=b\r\n${EXAMPLE}\r\n0\r\nx-sum: 1\r\n\r\n`
    expect((await answer(`POST ${EXECUTE}`, headers, body)).status).toBe(201)
  })
})
