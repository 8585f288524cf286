// The HTTP surface from outside: methods, upgrades, health, metrics, and the documentation it serves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemTable } from '../../src/http/problems.ts'
import { begun, EXAMPLE, EXECUTE, ended, expectProblem, place, send } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { exchange } from '../support/rawHttp.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

describe('a method that an address does not take', () => {
  test.each([
    [EXECUTE, ['PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'GET, HEAD, POST'],
    ['/api/orders', ['POST', 'PUT', 'PATCH'], 'DELETE, GET, HEAD'],
    ['/api/orders/x', ['POST', 'PUT'], 'DELETE, GET, HEAD, PATCH'],
    ['/api/orders/x/events', ['POST', 'DELETE'], 'GET, HEAD'],
    ['/api/quotes', ['POST'], 'GET, HEAD'],
    ['/api/tokens', ['POST', 'DELETE'], 'GET, HEAD'],
    ['/api/simulation/swaps', ['POST', 'DELETE'], 'GET, HEAD'],
    ['/api/simulation/moves', ['GET', 'PUT'], 'POST'],
    ['/api/simulation/launches', ['DELETE', 'PUT'], 'GET, HEAD, POST'],
    ['/healthz', ['POST'], 'GET, HEAD'],
    ['/metrics', ['DELETE'], 'GET, HEAD'],
    ['/openapi.json', ['POST'], 'GET, HEAD'],
  ])('%s answers 405 and Allow', async (path, methods, allow) => {
    for (const method of methods) {
      const reply = await send(`${engine.url}${path}`, { method, headers: { 'content-type': 'x/y' } })
      expectProblem(reply, 405, 'method_not_allowed')
      expect(reply.headers.get('allow')?.split(', ').toSorted().join(', ')).toBe(allow)
    }
  })

  test('cannot be smuggled in by a header', async () => {
    const { orderId } = await place(engine.url)
    await ended(engine.url, orderId)
    const reply = await send(`${engine.url}/api/orders/${orderId}`, {
      headers: { 'x-http-method-override': 'DELETE' },
    })
    expect(reply).toMatchObject({ status: 200, body: { status: 'confirmed' } })
  })
})

describe('a plain GET where sockets open', () => {
  test('is 426 and says to upgrade', async () => {
    const reply = await send(`${engine.url}${EXECUTE}`)
    expectProblem(reply, 426, 'upgrade_required')
    expect(reply.headers.get('upgrade')).toBe('websocket')
  })
})

describe('cross-site pages', () => {
  test('get no permission to read', async () => {
    const { headers } = await send(`${engine.url}/api/tokens`, {
      headers: { origin: 'https://evil.example' },
    })
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('health', () => {
  test('healthz says that the process runs', async () => {
    expect(await send(`${engine.url}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } })
  })

  test('readyz names every part and how long it took', async () => {
    const part = { ok: true, ms: expect.any(Number) }
    expect(await send(`${engine.url}/readyz`)).toMatchObject({
      status: 200,
      body: { status: 'ready', parts: { store: part, queue: part, chain: part } },
    })
  })

  test('metrics count events, ends, venues and denials', async () => {
    const { orderId } = await place(engine.url)
    await ended(engine.url, orderId)
    await send(`${engine.url}/nowhere`)
    const { headers, body } = await send<string>(`${engine.url}/metrics`)
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    for (const sample of [
      /^oee_order_events_total\{kind="filled"\} [1-9]/m,
      /^oee_orders_closed_total\{status="confirmed"\} [1-9]/m,
      /^oee_order_duration_seconds_count\{status="confirmed"\} [1-9]/m,
      /^oee_venue_answer_seconds_count\{venue="meteora",outcome="quoted"\} [1-9]/m,
      /^oee_requests_denied_total\{code="not_found"\} [1-9]/m,
    ])
      expect(body).toMatch(sample)
  })
})

describe('every answer tells browsers to run, frame and keep nothing', () => {
  const strict = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  }
  const noSource = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  test.each([
    ['GET', '/api/orders'],
    ['GET', '/api/tokens'],
    ['GET', '/metrics'],
    ['GET', '/healthz'],
    ['GET', '/openapi.json'],
    ['GET', '/nowhere'],
    ['GET', '/%'],
    ['PUT', '/api/orders'],
    ['POST', EXECUTE],
    ['GET', EXECUTE],
  ])('%s %s', async (method, path) => {
    const { headers } = await send(`${engine.url}${path}`, { method })
    expect(Object.fromEntries(headers)).toMatchObject({
      ...strict,
      'content-security-policy': noSource,
      'cache-control': 'no-store',
    })
  })

  test('a stream of server-sent events', async () => {
    const { orderId } = await place(engine.url)
    const { headers } = await send(`${engine.url}/api/orders/${orderId}/events`)
    expect(Object.fromEntries(headers)).toMatchObject({ ...strict, 'content-security-policy': noSource })
  })

  test('what is not even HTTP', async () => {
    const { head } = await exchange(engine.url, 'NONSENSE\r\n\r\n')
    expect(head).toContain(`content-security-policy: ${noSource}`)
  })

  test('the documentation, which runs its own scripts and loads nothing from elsewhere', async () => {
    const { headers } = await send(`${engine.url}/docs/`)
    expect(Object.fromEntries(headers)).toMatchObject(strict)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'/)
    expect(policy).not.toMatch(/unsafe|https?:|\*|validator/)
  })
})

type Operation = { readonly responses: Readonly<Record<string, unknown>> }
type OpenApi = { readonly openapi: string; readonly paths: Record<string, Record<string, Operation>> }

describe('the documentation', () => {
  let openapi: OpenApi
  beforeAll(async () => {
    openapi = (await send<OpenApi>(`${engine.url}/openapi.json`)).body
  })

  test('is served as a page, without anything from elsewhere', async () => {
    const page = await send<string>(`${engine.url}/docs`)
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('swagger') })
    expect(page.body).not.toMatch(/(?:src|href)="https?:/)
  })

  test('names every route', () => {
    expect(openapi.openapi).toMatch(/^3\.1/)
    const routes = Object.entries(openapi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(routes.toSorted()).toEqual([
      'delete /api/orders',
      'delete /api/orders/{id}',
      'delete /api/simulation/faults',
      'delete /api/simulation/processes/{id}',
      'get /api/admin/trading',
      'get /api/candles',
      'get /api/candles/stream',
      'get /api/depth',
      'get /api/orders',
      'get /api/orders/execute',
      'get /api/orders/stream',
      'get /api/orders/{id}',
      'get /api/orders/{id}/events',
      'get /api/pools',
      'get /api/quotes',
      'get /api/quotes/stream',
      'get /api/simulation/audit',
      'get /api/simulation/faults',
      'get /api/simulation/launches',
      'get /api/simulation/swaps',
      'get /api/system',
      'get /api/tokens',
      'get /api/wallet',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'patch /api/orders/{id}',
      'patch /api/simulation/faults',
      'post /api/orders/execute',
      'post /api/orders/preview',
      'post /api/simulation/forks',
      'post /api/simulation/launches',
      'post /api/simulation/moves',
      'post /api/tickets',
      'put /api/admin/trading',
    ])
  })

  test('names only routes that answer', async () => {
    const { orderId } = await place(engine.url)
    await ended(engine.url, orderId)
    const [quotes, candles] = ['?tokenIn=A&tokenOut=B&amountIn=1', '?base=A&quote=B&interval=1s']
    const query: Record<string, string> = {
      '/api/quotes': quotes,
      '/api/quotes/stream': quotes,
      '/api/depth': '?tokenIn=A&tokenOut=B&maxAmountIn=1',
      '/api/candles': candles,
      '/api/candles/stream': candles,
    }
    for (const [path, methods] of Object.entries(openapi.paths)) {
      for (const method of Object.keys(methods)) {
        const address = `${engine.url}${path.replace('{id}', orderId)}${query[path] ?? ''}`
        const bodies: Record<string, string> = {
          [EXECUTE]: EXAMPLE,
          '/api/orders/preview': EXAMPLE,
          '/api/orders/{id}': '{ "state": "paused" }',
          '/api/tickets': '{}',
          '/api/admin/trading': '{ "state": "active" }',
          '/api/simulation/launches': '{ "symbol": "MOON", "liquidity": "200", "venue": "raydium" }',
          '/api/simulation/faults': '{ "dropRate": 0 }',
          '/api/simulation/moves': '{ "token": "A", "against": "B", "factor": "1.01" }',
        }
        const body = ['post', 'put', 'patch'].includes(method) ? bodies[path] : undefined
        const headers: Record<string, string> =
          body === undefined ? {} : { 'content-type': 'application/json' }
        // Of a stream only the beginning: it does not end.
        const ask = path.endsWith('/stream') ? begun : send
        const reply = await ask(address, { method: method.toUpperCase(), headers, body: body ?? null })
        const expected: Record<string, number> = {
          // Without a filter it must not cancel anything.
          'delete /api/orders': 422,
          'delete /api/orders/{id}': 409,
          // A market order has nothing to change.
          'patch /api/orders/{id}': 422,
          [`get ${EXECUTE}`]: 426,
          [`post ${EXECUTE}`]: 201,
          'post /api/simulation/launches': 201,
          // An order is no process, and where swaps land at once nothing forks.
          'delete /api/simulation/processes/{id}': 404,
          'post /api/simulation/forks': 422,
          'post /api/tickets': 201,
        }
        expect([method, path, reply.status]).toEqual([method, path, expected[`${method} ${path}`] ?? 200])
      }
    }
  })

  test('names every problem code there is', () => {
    for (const code of Object.keys(problemTable)) expect(JSON.stringify(openapi)).toContain(`"${code}"`)
  })
})
