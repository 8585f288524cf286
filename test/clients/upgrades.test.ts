// Upgrades that are no WebSocket's: clients offer h2c with plain requests, and are served as if they had not.
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE, EXECUTE, ended, events, openSocket, place } from '../support/client.ts'
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { answersTo } from './answers.ts'
import { describeWith, run } from './programs.ts'

const H2C =
  'connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n'
const HOST = 'host: localhost\r\n'
const JSON_TYPE = 'content-type: application/json\r\n'
const LENGTH = `content-length: ${EXAMPLE.length}\r\n`
const LAST = `GET /healthz HTTP/1.1\r\n${HOST}connection: close\r\n\r\n`
const UNKNOWN = '019f0000-0000-7000-8000-000000000000'
const handshake =
  'connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

let engine: EmbeddedEngine
beforeAll(async () => {
  engine = await startEmbedded()
})
afterAll(() => engine.stop())

const statuses = async (...parts: readonly string[]) =>
  (await answersTo(engine.url, ...parts)).map(({ status }) => status)

const get = (path: string, headers: string) => `GET ${path} HTTP/1.1\r\n${HOST}${headers}\r\n`
const post = (headers: string, body = EXAMPLE) =>
  `POST ${EXECUTE} HTTP/1.1\r\n${HOST}${JSON_TYPE}${headers}\r\n${body}`

describe('an upgrade to another protocol is ignored:', () => {
  test.each([
    ['h2c', H2C],
    ['TLS', 'connection: Upgrade\r\nupgrade: TLS/1.2\r\n'],
    ['a protocol that nobody knows', 'connection: upgrade\r\nupgrade: foo/2\r\n'],
    ['several', 'connection: upgrade\r\nupgrade: h2c, foo\r\n'],
    ['two headers', 'connection: upgrade\r\nupgrade: h2c\r\nupgrade: foo\r\n'],
    ['nothing named', 'connection: upgrade\r\nupgrade:\r\n'],
    ['Connection without Upgrade', 'connection: upgrade\r\n'],
    ['Upgrade without Connection', 'upgrade: h2c\r\n'],
    ['of a socket without Connection', handshake.replace('connection: Upgrade\r\n', '')],
  ])('%s', async (_what, headers) => {
    for (const path of ['/healthz', '/api/orders', '/api/tokens', '/docs/']) {
      expect([path, await statuses(get(path, headers), LAST)]).toEqual([path, [200, 200]])
    }
    expect(await statuses(post(headers + LENGTH), LAST)).toEqual([201, 200])
    expect(await statuses(get(EXECUTE, headers), LAST)).toEqual([426])
    expect(await statuses(get(`/api/orders/${UNKNOWN}`, headers), LAST)).toEqual([404, 200])
    expect(await statuses(get('/nowhere', headers), LAST)).toEqual([404, 200])
    const remove = `DELETE /api/orders/${UNKNOWN} HTTP/1.1\r\n${HOST}${headers}\r\n`
    expect(await statuses(remove, LAST)).toEqual([404, 200])
  })

  test.each([
    ['a body with its length', [post(H2C + LENGTH)]],
    ['a body that comes later', [post(H2C + LENGTH, ''), EXAMPLE.slice(0, 20), EXAMPLE.slice(20)]],
    [
      'a body in chunks',
      [
        post(
          `${H2C}transfer-encoding: chunked\r\n`,
          `${EXAMPLE.length.toString(16)}\r\n${EXAMPLE}\r\n0\r\n\r\n`,
        ),
      ],
    ],
    [
      'chunks that come one by one',
      [
        post(`${H2C}transfer-encoding: chunked\r\n`, '5\r\n'),
        `${EXAMPLE.slice(0, 5)}\r\n`,
        `${(EXAMPLE.length - 5).toString(16)}\r\n${EXAMPLE.slice(5)}\r\n`,
        '0\r\n\r\n',
      ],
    ],
    ['all that was pipelined', [post(H2C + LENGTH) + post(LENGTH) + post(H2C + LENGTH)]],
  ])('with %s', async (_what, parts) => {
    const answers = await answersTo(engine.url, ...parts, LAST)
    const orders = answers.filter(({ status }) => status === 201)
    expect(answers.map(({ status }) => status)).toEqual([...orders.map(() => 201), 200])
    expect(orders).toHaveLength(parts.join('').match(/POST/g)?.length ?? 0)
    for (const { body } of orders) {
      expect(await ended(engine.url, JSON.parse(body).orderId)).toMatchObject({ status: 'confirmed' })
    }
  })

  test('and 100 Continue is sent before the body', async () => {
    const answers = await statuses(post(`${H2C}${LENGTH}expect: 100-continue\r\n`, ''), EXAMPLE, LAST)
    expect(answers).toEqual([100, 201, 200])
  })

  test('in a body that is too large, as without it', async () => {
    expect(await statuses(post(`${H2C}content-length: 20000\r\n`, 'x'.repeat(20_000)), LAST)).toEqual([
      413, 200,
    ])
  })

  test('answers leave in the order of their requests', async () => {
    const slow = `/api/quotes?tokenIn=A&tokenOut=B&amountIn=1`
    const answers = await answersTo(
      engine.url,
      get(slow, '') + get('/healthz', H2C) + get(slow, H2C) + get('/api/tokens', '') + LAST,
    )
    expect(answers.map(({ body }) => Object.keys(JSON.parse(body))[0])).toEqual([
      'tokenIn',
      'status',
      'tokenIn',
      'tokens',
      'status',
    ])
  })

  test('a thousand times on one connection', async () => {
    const warnings: unknown[] = []
    const note = (warning: unknown) => warnings.push(warning)
    process.on('warning', note)
    expect(await statuses(get('/healthz', H2C).repeat(1_000), LAST)).toEqual(Array(1_001).fill(200))
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  test('in what cannot be read, refused as without it', async () => {
    const twoHosts = get('/healthz', `${H2C}host: other\r\n`)
    expect(await statuses(twoHosts)).toEqual([400])
    expect(await statuses(post(`${H2C}transfer-encoding: chunked\r\n`, 'zz\r\n'))).toEqual([400])
  })
})

describe('a handshake', () => {
  test('behind requests that are not answered yet opens once they are', async () => {
    const { orderId } = await place(engine.url)
    await ended(engine.url, orderId)
    const path = `${EXECUTE}?orderId=${orderId}`
    const answers = await answersTo(
      engine.url,
      get('/api/quotes?tokenIn=A&tokenOut=B&amountIn=1', '') + get(path, handshake),
      // A masked close, which ends the connection.
      Buffer.from([0x88, 0x80, 0, 0, 0, 0]).toString('latin1'),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 101])
    expect(answers[1]?.body ?? '').toContain('"kind":"filled"')
  })

  test('on a connection that has offered h2c before opens', async () => {
    const [first, second] = await answersTo(
      engine.url,
      get('/healthz', H2C),
      get(`${EXECUTE}?orderId=${UNKNOWN}`, handshake),
    )
    expect([first?.status, second?.status]).toEqual([200, 404])
  })

  test('asks for websocket in any case', async () => {
    const { wsUrl } = await place(engine.url)
    const stream = openSocket(wsUrl, { headers: { upgrade: 'WebSocket' } })
    expect((await stream.closed).code).toBe(1000)
  })
})

test('a client that speaks HTTP/2 without asking is refused at once', async () => {
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
  for (const parts of [
    [preface],
    [`${preface}\0\0\0\x04\0\0\0\0\0`],
    ['PRI * HTTP/2.0\r\n', '\r\nSM\r\n\r\n'],
  ]) {
    const [answer] = await answersTo(engine.url, ...parts)
    expect(answer?.status).toBe(400)
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({
      code: 'invalid_request',
      detail: 'HTTP/1.1 is spoken here, not HTTP/2',
    })
  }
})

describeWith(['curl'], 'curl --http2', () => {
  test('places, reads, lists, cancels', async () => {
    const curl = async (...args: readonly string[]) => {
      const { stdout } = await run('curl', ['-sS', '--http2', '-w', '\n%{http_code}', ...args])
      const [body = '', status] = stdout.split(/\n(?=\d+$)/)
      return { status: Number(status), body: body === '' ? null : JSON.parse(body) }
    }
    const orders = `${engine.url}/api/orders`
    const placed = await curl(
      `${engine.url}${EXECUTE}`,
      '-H',
      'content-type: application/json',
      '-d',
      EXAMPLE,
    )
    expect(placed.status).toBe(201)
    const { orderId } = placed.body
    await events(placed.body.wsUrl)
    expect(await curl(`${orders}/${orderId}`)).toMatchObject({ status: 200, body: { status: 'confirmed' } })
    expect(await curl(orders)).toMatchObject({ status: 200 })
    expect(await curl(`${orders}/${orderId}`, '-X', 'DELETE')).toMatchObject({ status: 409 })
    expect(await curl(`${engine.url}/api/tickets`, '-X', 'POST')).toMatchObject({ status: 201 })
  })

  test('with prior knowledge fails at once', async () => {
    const { code } = await run('curl', [
      '-sS',
      '--http2-prior-knowledge',
      '-m',
      '10',
      `${engine.url}/healthz`,
    ])
    // 28 would be a time-out.
    expect(code).not.toBe(0)
    expect(code).not.toBe(28)
  })
})

const JAVA_CLIENT = fileURLToPath(new URL('Client.java', import.meta.url))

describeWith(['java'], 'Java’s HttpClient, which offers h2c', () => {
  test('places over POST, follows over a socket, reads, cancels too late', async () => {
    const { code, stdout, stderr } = await run('java', [JAVA_CLIENT, engine.url, EXAMPLE])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.trim().split('\n')).toEqual([
      'place 201',
      'socket 1000',
      'read 200',
      'list 200',
      'cancel 409',
    ])
  })
})
