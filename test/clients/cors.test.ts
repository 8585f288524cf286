// Pages of other origins: those of ALLOWED_ORIGINS may use the whole API and read every answer, all others nothing of it.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  EXAMPLE,
  EXECUTE,
  expectProblem,
  isOpened,
  place,
  post,
  refusedUpgrade,
  send,
} from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded, startEmbeddedWith } from '../support/engines.ts'

const PAGE = 'https://app.example.com'
const FOREIGN = 'https://evil.example'
const APP = 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'
const ALLOWED = { ALLOWED_ORIGINS: ` HTTPS://App.Example.com:443/ ,${APP}` }

let engine: EmbeddedEngine
let key: { authorization: string }
beforeAll(async () => {
  const started = await startEmbeddedWith(
    (keys) => keys.create({ name: 'page', scopes: ['trade', 'read'], quotas: null, expiresAt: null }),
    { ...ALLOWED, REQUIRE_API_KEYS: 'always', MAX_WAITING_ORDERS: '1' },
  )
  engine = started.engine
  key = { authorization: `Bearer ${started.made.token}` }
})
afterAll(() => engine.stop())

const corsOf = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control')))
const EXPOSED =
  'location, idempotency-replayed, ratelimit, ratelimit-policy, retry-after, allow, www-authenticate'
const SHARED = { 'access-control-allow-origin': PAGE, 'access-control-expose-headers': EXPOSED }

const preflight = (path: string, method: string, origin: string, more: Record<string, string> = {}) =>
  send(`${engine.url}${path}`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': method, ...more },
  })

describe('a preflight', () => {
  test.each([
    [EXECUTE, 'GET, HEAD, POST'],
    ['/api/orders', 'DELETE, GET, HEAD'],
    ['/api/orders/x', 'DELETE, GET, HEAD, PATCH'],
    ['/api/orders/x/events', 'GET, HEAD'],
    ['/api/quotes/stream', 'GET, HEAD'],
    ['/api/candles', 'GET, HEAD'],
    ['/api/candles/stream', 'GET, HEAD'],
    ['/api/tickets', 'POST'],
    ['/api/admin/trading', 'GET, HEAD, PUT'],
    ['/healthz', 'GET, HEAD'],
    ['/nowhere', 'DELETE, GET, HEAD, PATCH, POST, PUT'],
  ])('for %s allows what the address takes', async (path, methods) => {
    const { status, headers, body } = await preflight(path, 'GET', PAGE, {
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    })
    expect([status, body, headers.get('vary')]).toEqual([204, '', 'origin'])
    const { 'access-control-allow-methods': allowed, ...rest } = corsOf(headers)
    expect(allowed?.split(', ').toSorted().join(', ')).toBe(methods)
    expect(rest).toEqual({
      ...SHARED,
      'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, last-event-id',
      'access-control-max-age': '7200',
    })
  })

  test('from a public page is granted access to a private address', async () => {
    const asked = { 'access-control-request-private-network': 'true' }
    const { headers } = await preflight(EXECUTE, 'POST', PAGE, asked)
    expect(headers.get('access-control-allow-private-network')).toBe('true')
  })

  test('of an app or extension that is allowed passes', async () => {
    const { status, headers } = await preflight(EXECUTE, 'POST', APP)
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, APP])
  })

  test.each([FOREIGN, 'null', 'http://app.example.com', `${PAGE}:8443`, `${PAGE}.evil.example`, '*', ''])(
    'of %j is refused, and tells nothing',
    async (origin) => {
      for (const path of [EXECUTE, '/api/tokens']) {
        const reply = await preflight(path, 'POST', origin)
        expectProblem(reply, 403, 'origin_denied')
        expect(corsOf(reply.headers)).toEqual({})
      }
    },
  )

  test('is none without a method that is asked for, or an origin', async () => {
    const headersOfNone: Record<string, string>[] = [
      {},
      { origin: PAGE },
      { 'access-control-request-method': 'POST' },
    ]
    for (const headers of headersOfNone) {
      const reply = await send(`${engine.url}${EXECUTE}`, { method: 'OPTIONS', headers })
      expectProblem(reply, 405, 'method_not_allowed')
    }
  })
})

describe('an answer', () => {
  const origin = { origin: PAGE }
  test.each([
    ['200', '/api/tokens', {}, 200],
    ['401', '/api/tokens', { headers: { authorization: 'Bearer none' } }, 401],
    ['404', '/nowhere', {}, 404],
    ['404 of a path that is none', '/%', {}, 404],
    ['405', '/api/orders', { method: 'PUT' }, 405],
    ['413', EXECUTE, { method: 'POST', body: ' '.repeat(20_000) }, 413],
    ['415', EXECUTE, { method: 'POST', body: '{}' }, 415],
    ['422', '/api/orders?limit=0', {}, 422],
    ['201 of a ticket', '/api/tickets', { method: 'POST' }, 201],
    ['the documentation', '/docs/', {}, 200],
    ['health', '/healthz', {}, 200],
  ] as const)('%s can be read by the page', async (_what, path, init, status) => {
    const given = 'headers' in init ? init.headers : key
    const reply = await send(`${engine.url}${path}`, { ...init, headers: { ...origin, ...given } })
    expect(reply.status).toBe(status)
    expect(corsOf(reply.headers)).toEqual(SHARED)
    expect(reply.headers.get('vary')).toBe('origin')
    const foreign = await send(`${engine.url}${path}`, { ...init, headers: { origin: FOREIGN, ...given } })
    expect(foreign.status).toBe(status)
    expect(corsOf(foreign.headers)).toEqual({})
    expect(foreign.headers.get('vary')).toBe('origin')
  })

  test('to an order can be read, its headers too, and so can its events and its cancelation', async () => {
    const headers = { ...origin, ...key, 'idempotency-key': 'cors' }
    const placed = await post<{ orderId: string }>(`${engine.url}${EXECUTE}`, EXAMPLE, headers)
    expect([placed.status, corsOf(placed.headers)]).toEqual([201, SHARED])
    const path = `${engine.url}${placed.headers.get('location')}`
    const events = await send(`${path}/events`, { headers })
    expect([events.status, corsOf(events.headers)]).toEqual([200, SHARED])
    const over = await send(`${path}/events`, { headers: { ...headers, 'last-event-id': '99' } })
    expect([over.status, corsOf(over.headers)]).toEqual([204, SHARED])
    const late = await send(path, { method: 'DELETE', headers })
    expect([late.status, corsOf(late.headers)]).toEqual([409, SHARED])
  })

  test('that an order is not let in can be read', async () => {
    const orders = () =>
      Promise.all(
        Array.from({ length: 20 }, () => post(`${engine.url}${EXECUTE}`, EXAMPLE, { ...origin, ...key })),
      )
    await vi.waitFor(async () => {
      const refused = (await orders()).find(({ status }) => status === 503)
      expect(refused?.body).toMatchObject({ code: 'overloaded' })
      expect(corsOf(refused?.headers ?? new Headers())).toEqual(SHARED)
    })
  })
})

describe('a socket', () => {
  const url = () => `${engine.url.replace('http', 'ws')}${EXECUTE}`

  test('opens for a page of an allowed origin, with a ticket', async () => {
    for (const origin of [PAGE, APP]) {
      const issued = await post<{ ticket: string }>(`${engine.url}/api/tickets`, '', { origin, ...key })
      const protocols = ['order-stream', `ticket.${issued.body.ticket}`]
      expect(await isOpened(url(), { origin }, protocols)).toBe(true)
    }
  })

  test.each([FOREIGN, 'null', 'file://', 'chrome-extension://ponmlkjihgfedcbaponmlkjihgfedcba'])(
    'does not open for %s',
    async (origin) => {
      expectProblem(await refusedUpgrade(url(), { origin, headers: key }), 403, 'origin_denied')
    },
  )
})

test('without allowed origins no answer speaks of them', async () => {
  const plain = await startEmbedded()
  const { headers } = await send(`${plain.url}/api/tokens`, { headers: { origin: PAGE } })
  expect([corsOf(headers), headers.get('vary')]).toEqual([{}, null])
  const reply = await send(`${plain.url}/api/tokens`, {
    method: 'OPTIONS',
    headers: { origin: PAGE, 'access-control-request-method': 'GET' },
  })
  expectProblem(reply, 403, 'origin_denied')
  await plain.stop()
})

test('limits and the end of the process can be read, and the preflight before passes', async () => {
  const limited = await startEmbedded({
    ...ALLOWED,
    REQUESTS_PER_MINUTE: '2',
    SIM_VENUE_FAULTS: 'raydium=down,meteora=down',
    RETRY_BACKOFF_MS: '600000',
  })
  const headers = { origin: PAGE }
  const ask = { ...headers, 'access-control-request-method': 'GET' }
  const tokens = `${limited.url}/api/tokens`
  const { orderId } = await place(limited.url)
  // A stream that stays open keeps the process answering while it ends.
  const stream = await fetch(`${limited.url}/api/orders/${orderId}/events`, { headers })
  const over = await send(tokens, { headers })
  expectProblem(over, 429, 'too_many_requests')
  expect(corsOf(over.headers)).toEqual(SHARED)
  expect((await send(tokens, { method: 'OPTIONS', headers: ask })).status).toBe(204)
  await stream.body?.cancel()
  await limited.stop()
})
