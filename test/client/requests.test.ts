// What the client makes of faults: when it asks again, how long it waits, and what its errors say.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createClient, OeeError } from 'oee-client'
import { afterEach, describe, expect, test } from 'vitest'
import { type Answer, hangUp, json, problem, type Scripted, scripted, silence } from './scripted.ts'

const MARKET = { type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: 100 } as const
const ACCEPTED = { orderId: 'o-1', wsUrl: 'ws://x', status: 'pending', seq: 1, summary: '', createdAt: '' }
const accepted = json(201, ACCEPTED)

let server: Scripted
afterEach(() => server.close())

async function client(answers: readonly Answer[], more: Partial<Parameters<typeof createClient>[0]> = {}) {
  server = await scripted(...answers)
  return createClient({ url: server.url, ...more })
}

const failure = async (call: Promise<unknown>): Promise<OeeError> => {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof OeeError)) throw new Error(`not an OeeError: ${error}`)
  return error
}

const keys = () => server.asked.map(({ headers }) => headers['idempotency-key'])

describe('a call is repeated', () => {
  test.each([
    ['after a broken connection', hangUp],
    ['after 408', problem(408, 'request_timeout')],
    ['after 429', problem(429, 'rate_limited')],
    ['after 500', problem(500, 'internal_error')],
    ["after a proxy's page with 502", (response) => response.writeHead(502).end('<h1>Bad gateway</h1>')],
    ['after 503', problem(503, 'overloaded')],
    [
      'after an answer that is cut short',
      (response) => {
        response.writeHead(201, { 'content-length': '500' })
        response.write('{"orderId"')
        setTimeout(() => response.socket?.destroy(), 20)
      },
    ],
  ] as const satisfies readonly (readonly [string, Answer])[])('%s, with the same key', async (_, answer) => {
    const oee = await client([answer, answer, accepted])
    expect(await oee.place(MARKET)).toEqual(ACCEPTED)
    expect(new Set(keys()).size).toBe(1)
    expect(keys()).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), keys()[0], keys()[0]])
    expect(server.asked.map(({ body }) => JSON.parse(body))).toEqual([MARKET, MARKET, MARKET])
  })

  test('when an attempt takes a third of its time', async () => {
    const oee = await client([silence, accepted])
    expect(await oee.place(MARKET, { timeoutMs: 1_500 })).toEqual(ACCEPTED)
    expect(server.asked).toHaveLength(2)
  })

  test('as often as maxRetries says', async () => {
    const oee = await client([problem(503, 'overloaded')], { maxRetries: 2 })
    expect(await failure(oee.tokens())).toMatchObject({ code: 'overloaded', status: 503 })
    expect(server.asked).toHaveLength(3)
  })

  test('no sooner than Retry-After says', async () => {
    const oee = await client([
      problem(429, 'rate_limited', { 'retry-after': '1' }),
      json(200, { tokens: [] }),
    ])
    await oee.tokens()
    const [first, second] = server.asked
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(995)
  })

  test('not at all where Retry-After is more than a minute, or than the time that is left', async () => {
    const oee = await client([problem(429, 'daily_notional_exceeded', { 'retry-after': '3600' })])
    expect(await failure(oee.tokens())).toMatchObject({ retryAfterMs: 3_600_000 })
    expect(await failure(oee.tokens({ timeoutMs: 300 }))).toMatchObject({ code: 'daily_notional_exceeded' })
    expect(server.asked).toHaveLength(2)
  })

  test.each([400, 401, 404, 409, 412, 422])('not after %i', async (status) => {
    const oee = await client([problem(status, 'some_code')])
    expect(await failure(oee.place(MARKET))).toMatchObject({ code: 'some_code', status, isAmbiguous: false })
    expect(server.asked).toHaveLength(1)
  })

  test('not after a redirect, which could carry the key elsewhere', async () => {
    const oee = await client([
      (response) => response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end(),
    ])
    expect(await failure(oee.tokens())).toMatchObject({ code: 'bad_answer', status: 307 })
    expect(server.asked).toHaveLength(1)
  })

  test('an amendment with If-Match only where it surely was not made', async () => {
    const oee = await client([problem(429, 'too_many_requests'), hangUp, accepted])
    const changes = { slippageBps: 50 }
    expect(await failure(oee.amend('o-1', changes, { ifMatch: 3 }))).toMatchObject({
      code: 'unreachable',
      isAmbiguous: true,
    })
    expect(server.asked.map(({ headers }) => headers['if-match'])).toEqual(['"3"', '"3"'])
  })
})

describe('an error', () => {
  test('has what the engine says, under fixed names', async () => {
    const errors = [{ field: 'amountIn', code: 'amount_malformed', detail: 'not a number' }]
    const known = { code: 'amount_malformed', requestId: 'r-9', errors }
    const oee = await client([json(422, { ...known, title: 'No.', detail: 'not a number' })])
    const error = await failure(oee.place(MARKET))
    expect(error).toMatchObject({ ...known, status: 422, name: 'OeeError', retryAfterMs: null })
    expect(error.message).toBe('No. (not a number)')
  })

  test('of a place whose answer is not known says so, and has the key to go on with', async () => {
    const oee = await client([hangUp], { maxRetries: 1 })
    const error = await failure(oee.place(MARKET, { idempotencyKey: 'mine' }))
    expect(error).toMatchObject({
      code: 'unreachable',
      status: null,
      isAmbiguous: true,
      idempotencyKey: 'mine',
    })
    // Twice to place it, twice to ask by its key.
    expect(new Set(keys())).toEqual(new Set(['mine']))
  })

  test('is bad_answer for a page that is none of an engine', async () => {
    const oee = await client([(response) => response.writeHead(200).end('<h1>It works!</h1>')])
    expect(await failure(oee.order('o-1'))).toMatchObject({ code: 'bad_answer', status: 200 })
  })

  test('is unreachable where nothing listens', async () => {
    await client([silence])
    const nowhere = createClient({ url: 'http://127.0.0.1:9', maxRetries: 0 })
    expect(await failure(nowhere.tokens())).toMatchObject({ code: 'unreachable', cause: expect.anything() })
  })
})

test('a create whose answer was lost is found by its key, even while no new order is taken on', async () => {
  const order = { orderId: 'o-7', status: 'routing', seq: 2, summary: 'Sell.', createdAt: 'now', events: [] }
  const oee = await client(
    [hangUp, problem(503, 'overloaded'), json(200, { replayOf: 'o-7' }), json(200, order)],
    {
      maxRetries: 1,
    },
  )
  expect(await oee.place(MARKET, { idempotencyKey: 'mine' })).toEqual({
    orderId: 'o-7',
    wsUrl: `${server.url.replace('http', 'ws')}/api/orders/execute?orderId=o-7`,
    status: 'routing',
    seq: 2,
    summary: 'Sell.',
    createdAt: 'now',
  })
  expect(server.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /api/orders/execute',
    'POST /api/orders/execute',
    'POST /api/orders/preview',
    'GET /api/orders/o-7',
  ])
  expect(keys().slice(0, 3)).toEqual(['mine', 'mine', 'mine'])
})

describe('a call ends', () => {
  test('with timeout when its time is over, waits between attempts included', async () => {
    const oee = await client([silence])
    const since = performance.now()
    expect(await failure(oee.tokens({ timeoutMs: 600 }))).toMatchObject({ code: 'timeout', status: null })
    expect(performance.now() - since).toBeLessThan(3_000)
  })

  test.each([
    ['before it begins', 0],
    ['while its answer is waited for', 100],
  ])('with aborted %s', async (_, ms) => {
    const oee = await client([silence])
    const controller = new AbortController()
    if (ms === 0) controller.abort('enough')
    else setTimeout(() => controller.abort('enough'), ms)
    const error = await failure(oee.tokens({ signal: controller.signal }))
    expect(error).toMatchObject({ code: 'aborted', cause: 'enough' })
    expect(server.asked).toHaveLength(ms === 0 ? 0 : 1)
  })

  test('with aborted while it waits to try again', async () => {
    const oee = await client([problem(503, 'overloaded', { 'retry-after': '20' })])
    const controller = new AbortController()
    const call = failure(oee.place(MARKET, { signal: controller.signal, timeoutMs: 60_000 }))
    setTimeout(() => controller.abort(), 200)
    expect(await call).toMatchObject({ code: 'aborted', isAmbiguous: false })
    expect(server.asked).toHaveLength(1)
  })

  test('and nothing of it keeps Node alive, when it was aborted', async () => {
    await client([problem(503, 'overloaded', { 'retry-after': '50' })])
    const program = `
      import { createClient } from '${new URL('../../client/src/index.ts', import.meta.url)}'
      const oee = createClient({ url: '${server.url}' })
      const controller = new AbortController()
      setTimeout(() => controller.abort(), 300)
      const calls = [oee.tokens({ signal: controller.signal, timeoutMs: 90_000 }), oee.watchAll({}, { signal: controller.signal }).next()]
      for (const { reason } of await Promise.allSettled(calls)) console.log(reason.code)`
    // The server is of this process, so it must not be blocked.
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program])
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    child.stderr.on('data', (text) => (said += text))
    const [code] = await once(child, 'close')
    expect({ code, said }).toEqual({ code: 0, said: 'aborted\naborted\n' })
  })
})

test('the key goes as a bearer token, and a path of the address is kept', async () => {
  server = await scripted(json(200, { tokens: [] }))
  await createClient({ url: `${server.url}/engine/`, apiKey: 'secret' }).tokens()
  expect(server.asked[0]).toMatchObject({
    url: '/engine/api/tokens',
    headers: { authorization: 'Bearer secret' },
  })
})
