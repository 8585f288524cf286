// The HTTP surface from outside: methods, upgrades, broken requests, health, metrics, and the documentation it serves.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemTable } from '../../src/http/problems.ts'
import { EXAMPLE, EXECUTE, ended, expectProblem, type Json, place, post, send } from '../client.ts'
import { type EmbeddedEngine, startEmbedded } from '../engines.ts'
import { exchange, openRaw, type RawAnswer, untilClosed } from '../rawHttp.ts'

let engine: EmbeddedEngine
/** A request whose body never ends; it runs while the other tests do. */
let slowBody: Promise<RawAnswer & { readonly afterMs: number }>
beforeAll(async () => {
  engine = await startEmbedded()
  const startedAt = Date.now()
  const socket = openRaw(engine.url)
  slowBody = untilClosed(socket).then((answer) => ({ ...answer, afterMs: Date.now() - startedAt }))
  socket.write(
    `POST ${EXECUTE} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{`,
  )
})
afterAll(() => engine.stop())

describe('a method that an address does not take', () => {
  test.each([
    [EXECUTE, ['PUT', 'PATCH', 'DELETE', 'OPTIONS'], 'GET, HEAD, POST'],
    ['/api/orders', ['POST', 'PUT', 'PATCH', 'DELETE'], 'GET, HEAD'],
    ['/api/orders/x', ['POST', 'PUT', 'PATCH'], 'DELETE, GET, HEAD'],
    ['/api/orders/x/events', ['POST', 'DELETE'], 'GET, HEAD'],
    ['/api/quotes', ['POST'], 'GET, HEAD'],
    ['/api/tokens', ['POST', 'DELETE'], 'GET, HEAD'],
    ['/api/simulation/swaps', ['POST', 'DELETE'], 'GET, HEAD'],
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

describe('bytes that are hardly HTTP', () => {
  const head = `POST ${EXECUTE} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'invalid_request'],
    ['two lengths', `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 400, 'invalid_request'],
    [
      'length and chunks',
      `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'invalid_request',
    ],
    ['a length that is no number', `${head}content-length: two\r\n\r\n{}`, 400, 'invalid_request'],
    ['a folded header', `${head}x: a\r\n b\r\n\r\n`, 400, 'invalid_request'],
    ['a space before the colon', `${head}x : a\r\n\r\n`, 400, 'invalid_request'],
    ['a header of 20 KB', `${head}x: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    [
      'an address of 100 KB',
      `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ])('%s: refused, and the connection closed', async (_what, bytes, status, code) => {
    const answer = await exchange(engine.url, bytes)
    expect(answer.head).toContain('content-type: application/problem+json')
    expectProblem({ status: answer.status, body: JSON.parse(answer.body) }, status, code)
  })

  test('no host: 400', async () => {
    expect(await exchange(engine.url, 'GET /healthz HTTP/1.1\r\n\r\n')).toMatchObject({ status: 400 })
  })

  test('chunks without end are cut at the size limit', async () => {
    const socket = openRaw(engine.url)
    const answer = untilClosed(socket)
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
    for (let i = 0; i < 20; i++) socket.write(`400\r\n${' '.repeat(1_024)}\r\n`)
    socket.end()
    expect(await answer).toMatchObject({ status: 413 })
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

type Operation = {
  readonly responses: Readonly<Record<string, unknown>>
  readonly requestBody?: { readonly content: { 'application/json': { readonly example?: Json } } }
}
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
      'delete /api/orders/{id}',
      'get /api/orders',
      'get /api/orders/execute',
      'get /api/orders/{id}',
      'get /api/orders/{id}/events',
      'get /api/pools',
      'get /api/quotes',
      'get /api/simulation/swaps',
      'get /api/tokens',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'post /api/orders/execute',
    ])
  })

  test('names only routes that answer', async () => {
    const { orderId } = await place(engine.url)
    await ended(engine.url, orderId)
    const query: Record<string, string> = { '/api/quotes': '?tokenIn=A&tokenOut=B&amountIn=1' }
    for (const [path, methods] of Object.entries(openapi.paths)) {
      for (const method of Object.keys(methods)) {
        const address = `${engine.url}${path.replace('{id}', orderId)}${query[path] ?? ''}`
        const reply =
          method === 'post'
            ? await post(address, EXAMPLE)
            : await send(address, { method: method.toUpperCase() })
        const expected: Record<string, number> = {
          'delete /api/orders/{id}': 409,
          [`get ${EXECUTE}`]: 426,
          [`post ${EXECUTE}`]: 201,
        }
        expect([method, path, reply.status]).toEqual([method, path, expected[`${method} ${path}`] ?? 200])
      }
    }
  })

  test('gives an example that is taken as it stands', async () => {
    const { example } = openapi.paths[EXECUTE]?.post?.requestBody?.content['application/json'] ?? {}
    expect(example).toEqual(JSON.parse(EXAMPLE))
    expect(await post(`${engine.url}${EXECUTE}`, example)).toMatchObject({ status: 201 })
  })

  test('names every problem code there is', () => {
    for (const code of Object.keys(problemTable)) expect(JSON.stringify(openapi)).toContain(`"${code}"`)
  })
})

test('a body that does not arrive within ten seconds is 408', async () => {
  const { status, body, afterMs } = await slowBody
  expectProblem({ status, body: JSON.parse(body) }, 408, 'request_timeout')
  expect(afterMs).toBeLessThan(13_000)
})
