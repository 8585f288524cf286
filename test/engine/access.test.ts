// Keys from outside: each route lets in whom docs/access.md says, an order is its owner's alone, tickets work once.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Scope, scopes } from '../../src/domain/access.ts'
import type { KeyStore } from '../../src/domain/ports/keys.ts'
import { start } from '../../src/index.ts'
import {
  type Accepted,
  begun,
  EXAMPLE,
  EXECUTE,
  expectProblem,
  isOpened,
  type Json,
  openSocket,
  place,
  post,
  refusedUpgrade,
  send,
} from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { type EmbeddedEngine, startDistributed, startEmbeddedWith } from '../support/engines.ts'
import { exchange } from '../support/rawHttp.ts'
import { describeDistributed } from '../support/services.ts'

const ALWAYS = { REQUIRE_API_KEYS: 'always' }
const DOC = new URL('../../docs/access.md', import.meta.url)
const EXPIRES_MS = 500

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const wsOf = (url: string) => `${url.replace('http', 'ws')}${EXECUTE}`

async function makeKeys(keys: KeyStore) {
  const make = (wanted: readonly Scope[], expiresAt: number | null = null) =>
    keys.create({ name: wanted.join(), scopes: wanted, quotas: null, expiresAt })
  const token = async (...wanted: readonly Scope[]) => (await make(wanted)).token
  const revoked = await make(scopes)
  await keys.revoke(revoked.key.id)
  return {
    trade: await token('trade'),
    read: await token('read'),
    admin: await token('admin'),
    overseer: await token('read', 'admin'),
    owner: await token('trade', 'read'),
    other: await token('trade', 'read'),
    revoked: revoked.token,
    expired: (await make(scopes, Date.now() + EXPIRES_MS)).token,
  }
}
type Keys = Awaited<ReturnType<typeof makeKeys>>

/** Another last digit. */
const wrong = (token: string) => token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')

/** The order, once its stream has ended. */
async function placeAndEnd(url: string, token: string): Promise<Accepted> {
  const placed = await place(url, {}, bearer(token))
  const { code } = await openSocket(placed.wsUrl, { headers: bearer(token) }).closed
  expect(code).toBe(1000)
  return placed
}

describe('every route lets in whom docs/access.md says', () => {
  let engine: EmbeddedEngine
  let keys: Keys
  let orders: { own: string; another: string }
  beforeAll(async () => {
    ;({ engine, made: keys } = await startEmbeddedWith(makeKeys, ALWAYS))
    orders = {
      own: (await placeAndEnd(engine.url, keys.owner)).orderId,
      another: (await placeAndEnd(engine.url, keys.other)).orderId,
    }
    await vi.waitFor(async () => {
      expect((await ask('GET /api/tokens', bearer(keys.expired))).status).toBe(401)
    })
  })
  afterAll(() => engine.stop())

  const [quotes, candles] = ['?tokenIn=A&tokenOut=B&amountIn=1', '?base=A&quote=B&interval=1s']
  const queries: Readonly<Record<string, string>> = {
    '/api/quotes': quotes,
    '/api/quotes/stream': quotes,
    '/api/candles': candles,
    '/api/candles/stream': candles,
    '/api/depth': '?tokenIn=A&tokenOut=B&maxAmountIn=1&points=2',
  }

  const bodies: Readonly<Record<string, string>> = {
    [EXECUTE]: EXAMPLE,
    '/api/orders/preview': EXAMPLE,
    '/api/simulation/launches': '{ "symbol": "MOON", "liquidity": "200", "venue": "raydium" }',
    '/api/simulation/moves': '{ "token": "A", "against": "B", "factor": "1" }',
    '/api/simulation/faults': '{ "dropRate": 0 }',
  }

  /** What a route of the table answers; 101 for a socket that opens. */
  async function ask(route: string, headers: Record<string, string>, orderId = orders.another) {
    const [method = '', path = ''] = route.split(' ')
    const address = `${engine.url}${path.replace(':id', orderId)}${queries[path] ?? ''}`
    if (method === 'POST') return post(address, bodies[path] ?? '{}', headers)
    if (method === 'PUT' || method === 'PATCH') {
      return send(address, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        body: bodies[path] ?? '{ "state": "active" }',
      })
    }
    if (method === 'GET' && path.endsWith('/stream')) return begun(address, { headers })
    if (method !== 'WS') return send(address, { method, headers })
    const url = address.replace('http', 'ws') + (path.endsWith('=') ? orderId : '')
    return (await isOpened(url, { headers })) ? { status: 101, body: {} } : refusedUpgrade(url, { headers })
  }

  const rows = [...readFileSync(DOC, 'utf8').matchAll(/^\| `(\w+ \/[^`]*)` +\|(.*)\|$/gm)]

  test('and the table has every route', async () => {
    const { body } = await send<{ paths: Record<string, object> }>(`${engine.url}/openapi.json`)
    const described = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('{id}', ':id')}`),
    )
    const pages = ['GET /docs', 'GET /openapi.json', 'GET /asyncapi.json', 'GET /llms.txt']
    const listed = rows.map(([, route = '']) => route).filter((route) => !route.startsWith('WS'))
    expect(listed.toSorted()).toEqual([...described, ...pages].toSorted())
  })

  for (const [, route = '', cells = ''] of rows) {
    test(route, async () => {
      const [none, invalid, trade, read, admin, own, another] = cells.split('|').map(Number)
      const answers = {
        none: (await ask(route, {})).status,
        trade: (await ask(route, bearer(keys.trade))).status,
        read: (await ask(route, bearer(keys.read))).status,
        admin: (await ask(route, bearer(keys.admin))).status,
        own: (await ask(route, bearer(keys.owner), orders.own)).status,
        another: (await ask(route, bearer(keys.owner), orders.another)).status,
      }
      expect(answers).toEqual({ none, trade, read, admin, own, another })
      const invalidHeaders = {
        'no scheme': { authorization: keys.owner },
        'another scheme': { authorization: `Basic ${keys.owner}` },
        empty: { authorization: 'Bearer ' },
        malformed: bearer('oee_1_2'),
        unknown: bearer(`oee_${'0'.repeat(16)}_${'0'.repeat(64)}`),
        wrong: bearer(wrong(keys.owner)),
        'of another key': bearer(`${keys.owner.slice(0, 21)}${keys.other.slice(21)}`),
        revoked: bearer(keys.revoked),
        expired: bearer(keys.expired),
      }
      for (const [what, headers] of Object.entries(invalidHeaders)) {
        const { status, body } = await ask(route, headers)
        expect({ what, status, code: (body as Json).code }).toEqual({
          what,
          status: invalid,
          code: invalid === 401 ? 'key_invalid' : (body as Json).code,
        })
      }
    })
  }

  test('a key that is refused hears which kind of key would do, and nothing else', async () => {
    const none = await send(`${engine.url}/api/orders`)
    expectProblem(none, 401, 'key_required')
    expect(none.headers.get('www-authenticate')).toBe('Bearer')
    expectProblem(
      await send(`${engine.url}/api/orders`, { headers: bearer(keys.trade) }),
      403,
      'scope_missing',
    )
    const reply = await send(`${engine.url}/api/orders/${orders.own}`, { headers: bearer(keys.other) })
    const unknown = await send(`${engine.url}/api/orders/${orders.own.replace(/.$/, 'f')}`, {
      headers: bearer(keys.other),
    })
    expectProblem(reply, 404, 'order_not_found')
    expect(Object.keys(reply.body)).toEqual(Object.keys(unknown.body))
  })

  test('a refused body is not read, and a wrong method is named to all', async () => {
    expectProblem(await post(`${engine.url}${EXECUTE}`, '{'), 401, 'key_required')
    expectProblem(await send(`${engine.url}/api/orders`, { method: 'PUT' }), 405, 'method_not_allowed')
    expectProblem(await send(`${engine.url}/nowhere`), 404, 'not_found')
  })

  describe('the simulated ledger', () => {
    const swaps = async (token: string, query = '') =>
      send<{ swaps: readonly Json[] }>(`${engine.url}/api/simulation/swaps${query}`, {
        headers: bearer(token),
      })

    test('shows an owner its swap, and another none', async () => {
      expect((await swaps(keys.owner, `?orderId=${orders.own}`)).body.swaps).toHaveLength(1)
      const foreign = await swaps(keys.owner, `?orderId=${orders.another}`)
      expect(foreign).toMatchObject({ status: 200, body: { swaps: [] } })
    })

    test('is whole for those who read and command', async () => {
      const { body } = await swaps(keys.overseer)
      const ids = body.swaps.map(({ orderId }) => orderId)
      expect(ids).toEqual(expect.arrayContaining([orders.own, orders.another]))
    })
  })
})

/** What every pair of APIs on one store must do; embedded both are one. */
function describeOwnership(engines: () => { here: string; there: string; keys: Keys }): void {
  test('an order is in the list of its owner alone, by every filter', async () => {
    const { here, there, keys } = engines()
    const clientOrderId = `of-owner-${Date.now()}`
    const { orderId } = await place(here, { clientOrderId }, bearer(keys.owner))
    for (const query of ['', `?clientOrderId=${clientOrderId}`, '?token=A']) {
      const ids = async (token: string) => {
        const { body } = await send<{ orders: readonly Json[] }>(`${there}/api/orders${query}`, {
          headers: bearer(token),
        })
        return body.orders.map((order) => order.orderId)
      }
      expect(await ids(keys.owner)).toContain(orderId)
      expect(await ids(keys.other)).not.toContain(orderId)
      expect(await ids(keys.overseer)).not.toContain(orderId)
    }
  })

  test('a key of one owner is free for another: neither hears of the other', async () => {
    const { here, there, keys } = engines()
    const name = `shared-${Date.now()}`
    for (const more of [
      { headers: { 'idempotency-key': name }, body: {} },
      { headers: {}, body: { clientOrderId: name } },
    ]) {
      const mine = await place(here, more.body, { ...more.headers, ...bearer(keys.owner) })
      const theirs = await post<Accepted>(
        `${there}${EXECUTE}`,
        { ...JSON.parse(EXAMPLE), amountIn: 7, ...more.body },
        { ...more.headers, ...bearer(keys.other) },
      )
      expect(theirs.status).toBe(201)
      expect(theirs.body.orderId).not.toBe(mine.orderId)
      expect(theirs.headers.get('idempotency-replayed')).toBeNull()
    }
  })

  test('an order placed over a socket is streamed to whoever placed it, also without read', async () => {
    const { here, keys } = engines()
    const stream = openSocket(wsOf(here), { headers: bearer(keys.trade) })
    stream.socket.on('open', () => stream.socket.send(EXAMPLE))
    const { code, frames } = await stream.closed
    expect(code).toBe(1000)
    expect(JSON.parse(frames.at(-1) ?? '')).toMatchObject({ kind: 'filled' })
  })

  test('an order of another cannot be followed, resumed or canceled, in any process', async () => {
    const { here, there, keys } = engines()
    const { orderId } = await place(here, {}, bearer(keys.owner))
    const headers = bearer(keys.other)
    expectProblem(
      await send(`${there}/api/orders/${orderId}`, { method: 'DELETE', headers }),
      404,
      'order_not_found',
    )
    const sse = await send(`${there}/api/orders/${orderId}/events`, {
      headers: { ...headers, 'last-event-id': '1' },
    })
    expectProblem(sse, 404, 'order_not_found')
    const refused = await refusedUpgrade(`${wsOf(there)}?orderId=${orderId}&after=1`, { headers })
    expectProblem(refused, 404, 'order_not_found')
  })

  describe('a ticket', () => {
    const issue = async (url: string, token: string) =>
      (await post<{ ticket: string; expiresAt: string }>(`${url}/api/tickets`, '{}', bearer(token))).body
    const offer = (ticket: string) => ['order-stream', `ticket.${ticket}`]

    test('opens one socket, in any process, as its key would', async () => {
      const { here, there, keys } = engines()
      const { orderId } = await placeAndEnd(here, keys.owner)
      const { ticket, expiresAt } = await issue(here, keys.owner)
      expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(60_000)
      const url = `${wsOf(there)}?orderId=${orderId}`
      const stream = openSocket(url, {}, offer(ticket))
      expect((await stream.closed).code).toBe(1000)
      expect(stream.socket.protocol).toBe('order-stream')
      for (const again of [url, `${wsOf(here)}?orderId=${orderId}`]) {
        expectProblem(await refusedUpgrade(again, {}, offer(ticket)), 401, 'key_invalid')
      }
    })

    test('that twenty sockets take at once opens one', async () => {
      const { here, there, keys } = engines()
      const { ticket } = await issue(here, keys.trade)
      const attempts = Array.from({ length: 20 }, (_, i) =>
        isOpened(wsOf(i % 2 === 0 ? here : there), {}, offer(ticket)),
      )
      expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1)
    })

    test('has the scopes and the orders of its key', async () => {
      const { here, there, keys } = engines()
      const { orderId } = await place(here, {}, bearer(keys.owner))
      const following = `${wsOf(there)}?orderId=${orderId}`
      const ticketOf = async (token: string) => offer((await issue(here, token)).ticket)
      expectProblem(await refusedUpgrade(wsOf(there), {}, await ticketOf(keys.read)), 403, 'scope_missing')
      expectProblem(await refusedUpgrade(following, {}, await ticketOf(keys.other)), 404, 'order_not_found')
    })

    test('is for sockets only, and in no address', async () => {
      const { here, keys } = engines()
      const { ticket } = await issue(here, keys.read)
      const headers = { 'sec-websocket-protocol': offer(ticket).join() }
      expectProblem(await send(`${here}/api/orders`, { headers }), 401, 'key_required')
      expectProblem(await refusedUpgrade(`${wsOf(here)}?ticket=${ticket}`), 401, 'key_required')
      expectProblem(await refusedUpgrade(wsOf(here), {}, offer('0'.repeat(64))), 401, 'key_invalid')
      expectProblem(await refusedUpgrade(wsOf(here), {}, offer('')), 401, 'key_invalid')
    })
  })
}

describe('an order is its owner’s alone, embedded', () => {
  let engine: EmbeddedEngine
  let keys: Keys
  beforeAll(async () => {
    ;({ engine, made: keys } = await startEmbeddedWith(makeKeys, ALWAYS))
  })
  afterAll(() => engine.stop())
  describeOwnership(() => ({ here: engine.url, there: engine.url, keys }))

  test('orders and keys are as they were after a restart', async () => {
    const { orderId } = await placeAndEnd(engine.url, keys.owner)
    await engine.restart(ALWAYS)
    const headers = bearer(keys.owner)
    expect(await send(`${engine.url}/api/orders/${orderId}`, { headers })).toMatchObject({ status: 200 })
  })
})

describeDistributed('an order is its owner’s alone, through two APIs', () => {
  let engines: Awaited<ReturnType<typeof startDistributed>>
  let keys: Keys
  const url = (number: number) => engines.engines[number]?.url ?? ''
  const known = (token: string, status: number) =>
    vi.waitFor(
      async () => {
        for (const api of [url(1), url(2)]) {
          expect((await send(`${api}/api/tokens`, { headers: bearer(token) })).status).toBe(status)
        }
      },
      { timeout: 5_000, interval: 50 },
    )
  beforeAll(async () => {
    engines = await startDistributed(['worker'])
    keys = await makeKeys(engines.keys)
    for (const role of ['api', 'api'] as const) await engines.add(role, ALWAYS)
  })
  afterAll(() => engines.stop())
  describeOwnership(() => ({ here: url(1), there: url(2), keys }))

  test('a key made and revoked while they run is known, and then no more', async () => {
    const { key, token } = await engines.keys.create({
      name: 'late',
      scopes: ['read'],
      quotas: null,
      expiresAt: null,
    })
    await known(token, 200)
    await engines.keys.revoke(key.id)
    await known(token, 401)
  })

  test('a socket that waits for an order takes none when its key is gone', async () => {
    const { key, token } = await engines.keys.create({
      name: 'brief',
      scopes: ['trade', 'read'],
      quotas: null,
      expiresAt: null,
    })
    await known(token, 200)
    const stream = openSocket(wsOf(url(1)), { headers: bearer(token) })
    await vi.waitFor(() => expect(stream.socket.readyState).toBe(1))
    await engines.keys.revoke(key.id)
    await known(token, 401)
    stream.socket.send(EXAMPLE)
    expect(await stream.closed).toEqual({ code: 1008, frames: [] })
  })
})

describe('on loopback, where keys are not required', () => {
  let engine: EmbeddedEngine
  let keys: Keys
  beforeAll(async () => {
    ;({ engine, made: keys } = await startEmbeddedWith(makeKeys))
  })
  afterAll(() => engine.stop())

  test('a request without a key is the local user’s, and one with a key its owner’s', async () => {
    const { orderId } = await place(engine.url)
    const mine = await place(engine.url, {}, bearer(keys.owner))
    expect((await send(`${engine.url}/api/orders/${orderId}`)).status).toBe(200)
    const headers = bearer(keys.owner)
    expectProblem(await send(`${engine.url}/api/orders/${orderId}`, { headers }), 404, 'order_not_found')
    expectProblem(await send(`${engine.url}/api/orders/${mine.orderId}`), 404, 'order_not_found')
  })

  test('a wrong key is not taken for none', async () => {
    const headers = bearer(wrong(keys.owner))
    expectProblem(await send(`${engine.url}/api/orders`, { headers }), 401, 'key_invalid')
  })

  test.each(['evil.example', 'localhost.evil.example:3000', '127.0.0.1.evil.example', '192.168.1.5'])(
    'a request that calls this machine %s needs a key',
    async (host) => {
      const head = `host: ${host}\r\nconnection: close\r\n`
      const bare = await exchange(engine.url, `GET /api/orders HTTP/1.1\r\n${head}\r\n`)
      expectProblem({ status: bare.status, body: JSON.parse(bare.body) }, 401, 'key_required')
      const authorization = `authorization: Bearer ${keys.read}\r\n`
      const proved = await exchange(engine.url, `GET /api/tokens HTTP/1.1\r\n${head}${authorization}\r\n`)
      expect(proved.status).toBe(200)
    },
  )

  describe('and a page of another origin is allowed', () => {
    beforeAll(() => engine.restart({ ALLOWED_ORIGINS: 'https://allowed.example' }))

    test.each(['localhost:1', '127.0.0.2', '[::1]:3000', 'allowed.example'])(
      '%s needs none',
      async (host) => {
        const request = `GET /api/orders HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`
        expect((await exchange(engine.url, request)).status).toBe(200)
      },
    )
  })
})

describe('an engine that others can reach', () => {
  const wide = { HOST: '0.0.0.0', PORT: '0', LOG_LEVEL: 'silent', SIM_SPEED: 'instant' }

  test.each([{ ...wide }, { ...wide, HOST: '::' }, { ...wide, HOST: '127.0.0.1', ...ALWAYS }])(
    'does not start without a usable key: %o',
    async (settings) => {
      const folder = await freshFolder()
      const config = readConfig({ ...settings, DATA_DIR: folder.path })
      await expect(start(config)).rejects.toThrow(/npm run keys -- create/)
      folder.remove()
    },
  )

  test('starts with one, and asks for it', async () => {
    const { engine, made } = await startEmbeddedWith(
      (keys) => keys.create({ name: 'first', scopes: ['read'], quotas: null, expiresAt: null }),
      { HOST: '0.0.0.0' },
    )
    const url = engine.url.replace('0.0.0.0', '127.0.0.1')
    expectProblem(await send(`${url}/api/orders`), 401, 'key_required')
    expect((await send(`${url}/api/orders`, { headers: bearer(made.token) })).status).toBe(200)
    await engine.stop()
  })
})
