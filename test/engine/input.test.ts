// Bad input from outside, against the program as it is started: each gets exactly its status and code, none a 5xx, none
// an answer that does not come; the program lives on, and its log holds nothing that the input could have written.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { problemTable } from '../../src/http/problems.ts'
import { type RunningEngine, startEngine } from '../recovery/engineProcess.ts'
import { EXAMPLE, EXECUTE, expectProblem, type Json, place, post, send } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { exchange, openRaw, type RawAnswer, untilClosed } from '../support/rawHttp.ts'
import { denied, deniedByMarket, deniedResting, unreadable } from './badBodies.ts'
import { badRequests, stalled } from './badRequests.ts'

const TIMEOUT_MS = 500

let engine: RunningEngine
let removeFolder: () => void
beforeAll(async () => {
  const folder = await freshFolder()
  removeFolder = folder.remove
  engine = await startEngine({
    DATA_DIR: folder.path,
    SIM_SPEED: 'instant',
    LOG_LEVEL: 'debug',
    REQUEST_TIMEOUT_MS: String(TIMEOUT_MS),
  })
})
afterAll(async () => {
  await engine.kill()
  removeFolder()
})

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

  test.each([...unreadable, ...denied, ...deniedResting, ...deniedByMarket])(
    'with %s is refused',
    async (_what, body, status, code) => {
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
    },
  )

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
  })

  test.each([
    ['iceberg', ['type']],
    ['market', []],
    ['limit', ['limitPrice']],
    ['stop', ['trigger']],
    ['takeProfit', ['trigger']],
    ['trailingStop', ['trigger']],
  ])('of type %s is told what that type wants, and all else at fault', async (type, own) => {
    const { body } = await post(execute(), { type, tokenIn: 1, amountIn: null, foo: 1 })
    const fields = (body.errors as { field: string }[]).map(({ field }) => field)
    expect(fields.toSorted()).toEqual(['amountIn', 'foo', 'tokenIn', 'tokenOut', ...own].toSorted())
  })
})

/** The answer is the only one, a problem, and the end of the connection; nothing in it could break a log or a terminal. */
function expectRefusal({ status, head, body }: RawAnswer, expected: number, code: string): void {
  expectProblem({ status, body: JSON.parse(body) }, expected, code)
  expect(head).toMatch(/^content-type: application\/problem\+json(;|$)/m)
  expect(Object.keys(problemTable)).toContain(code)
  expect(head + body).toMatch(/^[\x20-\x7e\r\n]*$/)
  expect(head.match(/http\/1\.1/g)).toHaveLength(1)
}

describe.each(Object.entries(badRequests))('%s:', (_kind, requests) => {
  test.each(requests)('%j is refused', async (_what, bytes, status, code) => {
    expectRefusal(await exchange(engine.url, bytes), status, code)
  })
})

describe('what does not arrive in time:', () => {
  test.each(stalled)('%s', async (_what, bytes) => {
    expectRefusal(await exchange(engine.url, bytes), 408, 'request_timeout')
  })

  test.each(['headers', 'a body'])('%s that come byte by byte', async (what) => {
    const head = `POST ${EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`
    const socket = openRaw(engine.url)
    const answer = untilClosed(socket)
    socket.write(what === 'headers' ? head : `${head}content-length: 90\r\n\r\n`)
    const drip = setInterval(() => socket.write('x'), TIMEOUT_MS / 5)
    const refusal = await answer
    clearInterval(drip)
    expectRefusal(refusal, 408, 'request_timeout')
  })

  test('a thousand upgrades left half done hold up nobody, and are all cut off', async () => {
    const half = `GET ${EXECUTE} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n`
    const sockets: Socket[] = []
    for (let i = 0; i < 1_000; i++) sockets.push(openRaw(engine.url))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    const answers = Promise.all(sockets.map(untilClosed))
    for (const socket of sockets) socket.write(half)
    await place(engine.url)
    for (const { status } of await answers) expect(status).toBe(408)
  })

  test('chunks without end are cut at the size limit', async () => {
    const socket = openRaw(engine.url)
    const answer = untilClosed(socket)
    const head = `POST ${EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`)
    for (let i = 0; i < 20; i++) socket.write(`400\r\n${' '.repeat(1_024)}\r\n`)
    socket.end()
    expect(await answer).toMatchObject({ status: 413 })
  })

  test('a body longer than it says is not taken for the next request', async () => {
    const head = `POST ${EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`
    const smuggled = `GET /api/tokens HTTP/1.1\r\nhost: localhost\r\n\r\n`
    const { status, body } = await exchange(engine.url, `${head}content-length: 2\r\n\r\n{}}${smuggled}`)
    expect([status, body]).not.toContain('symbol')
    expect([400, 422]).toContain(status)
  })
})

describe('what looks odd and is fine:', () => {
  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON; charset="UTF-8"'])(
    'the content type %s',
    async (type) => {
      expect(await post(execute(), EXAMPLE, { 'content-type': type })).toMatchObject({ status: 201 })
    },
  )

  test.each([
    ['HTTP/1.0 without a host', 'GET /healthz HTTP/1.0\r\n\r\n', 200],
    [
      'a host and no more than 100 headers',
      `GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${'a: b\r\n'.repeat(98)}\r\n`,
      200,
    ],
    [
      'a whole address',
      'GET http://localhost/api/orders HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      200,
    ],
    // Its host goes before the header, and this one does not mean this machine.
    [
      'a whole address of another',
      'GET http://evil.example/api/orders HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      401,
    ],
    [
      'a whole address without a path',
      'GET HTTPS://localhost?a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      200,
    ],
    ['an empty host', 'GET /api/orders HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n', 200],
    [
      'a host in capitals',
      'GET /api/orders HTTP/1.1\r\nHOST: LOCALHOST:3000\r\nconnection: close\r\n\r\n',
      200,
    ],
    [
      'a host with a final dot',
      'GET /api/orders HTTP/1.1\r\nhost: localhost.:3000\r\nconnection: close\r\n\r\n',
      200,
    ],
    [
      'an expectation that nobody knows',
      `POST ${EXECUTE} HTTP/1.1\r\nhost: localhost\r\nexpect: more\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${EXAMPLE.length}\r\n\r\n${EXAMPLE}`,
      201,
    ],
  ])('%s', async (_what, bytes, status) => {
    expect(await exchange(engine.url, bytes)).toMatchObject({ status })
  })

  test('a cursor that names no order that exists', async () => {
    const cursor = Buffer.from('019f0000-0000-7000-8000-000000000000').toString('base64url')
    expect(await send(`${engine.url}/api/orders?cursor=${cursor}`)).toMatchObject({ status: 200 })
  })

  test('headers by which a proxy would speak for another: they say nothing here', async () => {
    const { host } = new URL(engine.url)
    const { wsUrl } = await place(
      engine.url,
      {},
      {
        'x-forwarded-for': '10.0.0.1',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'https',
        forwarded: 'for=10.0.0.1;host=evil.example;proto=https',
      },
    )
    expect(wsUrl.startsWith(`ws://${host}/`)).toBe(true)
  })
})

describe('a size', () => {
  const padded = (length: number) => EXAMPLE.padEnd(length, ' ')

  test('of 16 KiB is taken, of one byte more 413', async () => {
    expect(await post(execute(), padded(16_384))).toMatchObject({ status: 201 })
    for (const length of [16_385, 2_000_000, 10_000_000]) {
      expectProblem(await post(execute(), padded(length)), 413, 'body_too_large')
    }
    expectProblem(await post(execute(), `{"x":${'['.repeat(100_000)}`), 413, 'body_too_large')
  })
})

test('the program is alive afterwards, and met no fault of its own', async () => {
  expect(await send(`${engine.url}/readyz`)).toMatchObject({ status: 200 })
  expect(await post(execute(), EXAMPLE)).toMatchObject({ status: 201 })
  const { body } = await send(`${engine.url}/metrics`)
  expect(body).toMatch(/oee_requests_denied_total\{code="invalid_json"\} \d+/)
  expect(body).not.toMatch(/code="internal_error"|part="(http|step)"/)
})

test('every line of its log is one of its own, and holds no control character', () => {
  const written = engine.output().trimEnd().split('\n')
  const lines = written.filter((line) => line.startsWith('{'))
  expect(lines.length).toBeGreaterThan(300)
  // The rest is the greeting.
  const rest = written.filter((line) => !line.startsWith('{'))
  expect(rest.length).toBeLessThan(12)
  for (const line of rest) expect(line).toMatch(/^$|^ {2}/)
  for (const line of lines) {
    expect(line).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(line)).toMatchObject({ pid: engine.child.pid, msg: expect.any(String) })
    expect(JSON.parse(line).level).toBeLessThan(40)
  }
})
