// Bad input from outside: each gets exactly its status and code, none a 5xx, and the engine lives on.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { problemTable } from '../../src/http/problems.ts'
import { EXAMPLE, EXECUTE, expectProblem, type Json, post, send } from '../client.ts'
import { type EmbeddedEngine, startEmbedded } from '../engines.ts'
import { denied, unreadable } from './badBodies.ts'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

const execute = () => `${engine.url}${EXECUTE}`
const count = async () =>
  (await send<{ orders: Json[] }>(`${engine.url}/api/orders?limit=1000`)).body.orders.length

describe('a body', () => {
  let before = 0
  beforeAll(async () => {
    before = await count()
  })
  afterEach(async () => {
    expect(await count()).toBe(before)
  })

  test.each([...unreadable, ...denied])('with %s is refused', async (_what, body, status, code) => {
    const reply = await send(execute(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expectProblem(reply, status, code)
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/)
    expect(Object.keys(problemTable)).toContain(reply.body.code)
    // Nothing of the input comes back that could break a log or a terminal.
    expect(JSON.stringify(reply.body)).toMatch(/^[\x20-\x7e]*$/)
  })

  test('with several faults is told all of them, field by field', async () => {
    const { status, body } = await post(execute(), {
      type: 'market',
      tokenIn: 'DOGE',
      tokenOut: 'SHIB',
      amountIn: '1',
      slippage: 0.9,
    })
    expect(status).toBe(422)
    expect(body.errors).toEqual(
      [
        ['tokenIn', 'unknown_token'],
        ['tokenOut', 'unknown_token'],
        ['slippage', 'slippage_invalid'],
      ].map(([field, code]) => ({ field, code, detail: expect.any(String) })),
    )
    const shape = await post(execute(), { type: 'limit', tokenIn: 1, amountIn: null, foo: 1 })
    const fields = (shape.body.errors as { field: string }[]).map(({ field }) => field)
    expect(fields.toSorted()).toEqual(['amountIn', 'foo', 'tokenIn', 'tokenOut', 'type'])
  })
})

describe('a content type', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/problem+json',
    'application/jsonp',
    'text/json',
    'nonsense',
  ])('of %s is 415', async (type) => {
    expectProblem(await post(execute(), EXAMPLE, { 'content-type': type }), 415, 'unsupported_media_type')
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON; charset="UTF-8"'])(
    'of %s is taken',
    async (type) => {
      expect(await post(execute(), EXAMPLE, { 'content-type': type })).toMatchObject({ status: 201 })
    },
  )

  test.each(['gzip', 'br', 'deflate', 'gzip, gzip'])('with content-encoding %s is 415', async (encoding) => {
    const reply = await post(execute(), EXAMPLE, { 'content-encoding': encoding })
    expectProblem(reply, 415, 'unsupported_media_type')
  })

  test('that is missing is 415', async () => {
    const reply = await send(execute(), { method: 'POST', body: new Uint8Array(Buffer.from(EXAMPLE)) })
    expectProblem(reply, 415, 'unsupported_media_type')
  })
})

describe('a size', () => {
  const padded = (length: number) => EXAMPLE.padEnd(length, ' ')

  test('of 16 KiB is taken, of one byte more 413', async () => {
    expect(await post(execute(), padded(16_384))).toMatchObject({ status: 201 })
    expectProblem(await post(execute(), padded(16_385)), 413, 'body_too_large')
    expectProblem(await post(execute(), padded(2_000_000)), 413, 'body_too_large')
  })
})

describe('a query', () => {
  test.each([
    ['/api/orders?limit=0', 422, 'invalid_type'],
    ['/api/orders?limit=-1', 422, 'invalid_type'],
    ['/api/orders?limit=1e9', 422, 'invalid_type'],
    ['/api/orders?limit=abc', 422, 'invalid_type'],
    ['/api/orders?limit=99999', 422, 'invalid_type'],
    ['/api/orders?limit=', 422, 'invalid_type'],
    ['/api/orders?limit=1&limit=2', 422, 'invalid_type'],
    ['/api/orders?status=done', 422, 'invalid_type'],
    ['/api/orders?status=', 422, 'invalid_type'],
    ['/api/orders?token=DOGE', 422, 'unknown_token'],
    ['/api/orders?clientOrderId=%25', 422, 'invalid_type'],
    ['/api/orders?clientOrderId=%00', 422, 'invalid_type'],
    ['/api/orders?owner=root', 422, 'unknown_field'],
    ['/api/orders?__proto__=1', 422, 'unknown_field'],
    ['/api/orders?toString=1', 422, 'unknown_field'],
    ['/api/orders?cursor=abc', 400, 'invalid_cursor'],
    ['/api/orders?cursor=', 400, 'invalid_cursor'],
    ['/api/orders?cursor=JzsgRFJPUCBUQUJMRQ', 400, 'invalid_cursor'],
    [
      `/api/orders?cursor=${Buffer.from('019F0000-0000-7000-8000-000000000000').toString('base64url')}`,
      400,
      'invalid_cursor',
    ],
    ['/api/simulation/swaps?limit=0', 422, 'invalid_type'],
    ['/api/simulation/swaps?cursor=-1', 422, 'invalid_type'],
    [`/api/simulation/swaps?cursor=${'9'.repeat(20)}`, 422, 'invalid_type'],
    ['/api/simulation/swaps?orderId=%00', 422, 'invalid_type'],
    ['/api/quotes?tokenIn=%00&tokenOut=B&amountIn=1', 422, 'unknown_token'],
    [`${EXECUTE}?after=-1`, 422, 'invalid_type'],
    [`${EXECUTE}?after=abc`, 422, 'invalid_type'],
    [`${EXECUTE}?token=x`, 422, 'unknown_field'],
  ] as const)('%s is refused', async (path, status, code) => {
    expectProblem(await send(`${engine.url}${path}`), status, code)
  })

  test('of a cursor that names no order that exists is an ordinary page', async () => {
    const cursor = Buffer.from('019f0000-0000-7000-8000-000000000000').toString('base64url')
    expect(await send(`${engine.url}/api/orders?cursor=${cursor}`)).toMatchObject({ status: 200 })
  })
})

describe('an address', () => {
  test.each([
    ['/', 404, 'not_found'],
    ['/api', 404, 'not_found'],
    ['/api/orders/', 404, 'order_not_found'],
    ['/api/orders/execute/', 404, 'not_found'],
    ['//api/orders', 404, 'not_found'],
    ['/api/orders/%', 404, 'not_found'],
    ['/api/orders/%zz', 404, 'not_found'],
    ['/api/orders/%2e%2e%2fmetrics', 404, 'order_not_found'],
    ['/api/orders/019F0000-0000-7000-8000-000000000000', 404, 'order_not_found'],
    ['/api/orders/019f0000-0000-4000-8000-000000000000', 404, 'order_not_found'],
    [`/api/orders/${'x'.repeat(10_000)}`, 404, 'not_found'],
    ['/.env', 404, 'not_found'],
    ['/API/ORDERS', 404, 'not_found'],
  ] as const)('%s is refused', async (path, status, code) => {
    expectProblem(await send(`${engine.url}${path}`), status, code)
  })
})

test('the engine is alive afterwards, and took none of it for an order', async () => {
  expect(await send(`${engine.url}/readyz`)).toMatchObject({ status: 200 })
  expect(await post(execute(), EXAMPLE)).toMatchObject({ status: 201 })
  const { body } = await send(`${engine.url}/metrics`)
  expect(body).toMatch(/oee_requests_denied_total\{code="invalid_json"\} \d+/)
  expect(body).not.toMatch(/code="internal_error"/)
})
