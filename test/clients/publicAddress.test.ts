// Under which address clients reach the engine: what PUBLIC_URL, a trusted proxy or the request itself says decides wsUrl,
// Location, the documentation and the Origin check alike.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
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
import { type EmbeddedEngine, startEmbedded } from '../support/engines.ts'
import { answersTo } from './answers.ts'

type Headers = Readonly<Record<string, string>>

const JSON_TYPE = 'content-type: application/json\r\n'

/** What an order placed with these headers is told. */
async function told(engine: EmbeddedEngine, headers: Headers, path = EXECUTE) {
  const lines = Object.entries({ host: 'engine:3000', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const [answer] = await answersTo(
    engine.url,
    `POST ${path} HTTP/1.1\r\n${lines.join('')}${JSON_TYPE}connection: close\r\ncontent-length: ${EXAMPLE.length}\r\n\r\n${EXAMPLE}`,
  )
  expect(answer?.status).toBe(201)
  const { orderId, wsUrl } = JSON.parse(answer?.body ?? '')
  const location = /^location: (.*)$/m.exec(answer?.head ?? '')?.[1] ?? ''
  const base = wsUrl.replace(`${EXECUTE}?orderId=${orderId}`, '')
  expect(location.endsWith(`/api/orders/${orderId}`)).toBe(true)
  expect(base.endsWith(location.replace(`/api/orders/${orderId}`, ''))).toBe(true)
  return base
}

/** A key is not asked for on loopback, but only by names that mean this machine. */
const HOST = { host: 'localhost:3000' }

describe('behind a trusted proxy', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded({ TRUSTED_PROXIES: '127.0.0.1' })
  })
  afterAll(() => engine.stop())

  const cases: readonly (readonly [what: string, headers: Headers, base: string])[] = [
    ['nothing said', {}, 'ws://localhost:3000'],
    ['scheme', { 'x-forwarded-proto': 'https' }, 'wss://localhost:3000'],
    ['scheme of two proxies', { 'x-forwarded-proto': 'https,http' }, 'wss://localhost:3000'],
    ['scheme the other way round', { 'x-forwarded-proto': 'http, https' }, 'ws://localhost:3000'],
    ['scheme of a socket', { 'x-forwarded-proto': 'WSS' }, 'wss://localhost:3000'],
    ['scheme that is none', { 'x-forwarded-proto': 'gopher' }, 'ws://localhost:3000'],
    ['host', { 'x-forwarded-host': 'trade.example.com' }, 'ws://trade.example.com'],
    [
      'host with port',
      { 'x-forwarded-host': 'trade.example.com:8443', 'x-forwarded-proto': 'https' },
      'wss://trade.example.com:8443',
    ],
    [
      'host with the default port',
      { 'x-forwarded-host': 'trade.example.com:443', 'x-forwarded-proto': 'https' },
      'wss://trade.example.com',
    ],
    [
      'hosts of two proxies',
      { 'x-forwarded-host': 'trade.example.com, inner:8080' },
      'ws://trade.example.com',
    ],
    ['host that is none', { 'x-forwarded-host': 'evil"><b>' }, 'ws://localhost:3000'],
    ['host with a user', { 'x-forwarded-host': 'user@evil.example' }, 'ws://localhost:3000'],
    ['host of IPv6', { 'x-forwarded-host': '[2001:db8::1]:8080' }, 'ws://[2001:db8::1]:8080'],
    [
      'port',
      { 'x-forwarded-host': 'trade.example.com', 'x-forwarded-port': '8443' },
      'ws://trade.example.com:8443',
    ],
    [
      'port beside one of the host',
      { 'x-forwarded-host': 'trade.example.com:1', 'x-forwarded-port': '2' },
      'ws://trade.example.com:1',
    ],
    ['port instead of that of Host', { 'x-forwarded-port': '8443' }, 'ws://localhost:8443'],
    [
      'default port instead of that of Host',
      { 'x-forwarded-port': '443', 'x-forwarded-proto': 'https' },
      'wss://localhost',
    ],
    [
      'port of a proxy in the middle',
      { 'x-forwarded-port': '80', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example' },
      'wss://a.example',
    ],
    ['port that is none', { 'x-forwarded-port': '8443x' }, 'ws://localhost:3000'],
    ['prefix', { 'x-forwarded-prefix': '/engine' }, 'ws://localhost:3000/engine'],
    ['prefix with a slash at its end', { 'x-forwarded-prefix': '/engine/' }, 'ws://localhost:3000/engine'],
    ['prefixes of two proxies', { 'x-forwarded-prefix': '/a, /b' }, 'ws://localhost:3000/a/b'],
    ['no prefix', { 'x-forwarded-prefix': '/' }, 'ws://localhost:3000'],
    ['prefix that leads elsewhere', { 'x-forwarded-prefix': '//evil.example' }, 'ws://localhost:3000'],
    ['prefix that climbs', { 'x-forwarded-prefix': '/a/../b' }, 'ws://localhost:3000'],
    ['prefix with a query', { 'x-forwarded-prefix': '/a?b' }, 'ws://localhost:3000'],
    ['Forwarded', { forwarded: 'for=1.2.3.4;proto=https;host=trade.example.com' }, 'wss://trade.example.com'],
    [
      'Forwarded in quotes',
      { forwarded: 'Proto="https"; Host="trade.example.com:8443"' },
      'wss://trade.example.com:8443',
    ],
    [
      'Forwarded with IPv6',
      { forwarded: 'for="[2001:db8::7]:42";host="[2001:db8::1]:99"' },
      'ws://[2001:db8::1]:99',
    ],
    [
      'Forwarded of two',
      { forwarded: 'for="a, b";host=first.example;proto=https, for=c;host=second.example' },
      'wss://first.example',
    ],
    ['Forwarded that cannot be read', { forwarded: 'host=trade.example.com;;proto' }, 'ws://localhost:3000'],
    ['Forwarded with an open quote', { forwarded: 'host="trade.example.com' }, 'ws://localhost:3000'],
    ['both', { forwarded: 'host=b.example', 'x-forwarded-host': 'a.example' }, 'ws://a.example'],
  ]
  test.each(cases)('%s', async (_what, headers, base) => {
    expect(await told(engine, { ...HOST, ...headers })).toBe(base)
    const { hostname, port, protocol } = new URL(base)
    const origin = `${protocol === 'wss:' ? 'https' : 'http'}://${hostname}${port === '' ? '' : `:${port}`}`
    const url = `${engine.url.replace('http', 'ws')}${EXECUTE}`
    const handshake = { headers: { ...HOST, ...headers } }
    expect(await isOpened(url, { ...handshake, origin })).toBe(true)
    const refused = await refusedUpgrade(url, { ...handshake, origin: 'https://evil.example' })
    expectProblem(refused, 403, 'origin_denied')
  })

  test('the description names it', async () => {
    const headers = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'trade.example.com',
      'x-forwarded-prefix': '/engine',
    }
    const openapi = await send(`${engine.url}/openapi.json`, { headers })
    expect(openapi.body.servers).toEqual([{ url: 'https://trade.example.com/engine' }])
    const shown = await send(`${engine.url}/docs/json`, { headers })
    expect(shown.body.servers).toEqual([{ url: '/engine' }])
    expect((await send(`${engine.url}/docs/json`)).body.servers).toEqual([{ url: '/' }])
  })
})

test('what a proxy says that is not trusted is not believed', async () => {
  const engine = await startEmbedded({ TRUSTED_PROXIES: '10.0.0.0/8' })
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/evil',
    'x-forwarded-port': '1',
    forwarded: 'host=evil.example',
  }
  expect(await told(engine, { ...HOST, ...headers })).toBe('ws://localhost:3000')
  const refused = await refusedUpgrade(`${engine.url.replace('http', 'ws')}${EXECUTE}`, {
    headers,
    origin: 'https://evil.example',
  })
  expectProblem(refused, 403, 'origin_denied')
  await engine.stop()
})

test('a client is counted by the address that Forwarded names, too', async () => {
  const engine = await startEmbedded({ TRUSTED_PROXIES: '127.0.0.1,10.0.0.9', REQUESTS_PER_MINUTE: '1' })
  const from = async (headers: Headers) => (await send(`${engine.url}/healthz`, { headers })).status
  expect(await from({ forwarded: 'for=1.1.1.1' })).toBe(200)
  expect(await from({ forwarded: 'for=9.9.9.9, for="1.1.1.1:80", for=10.0.0.9' })).toBe(429)
  expect(await from({ 'x-forwarded-for': '1.1.1.1:443' })).toBe(429)
  expect(await from({ forwarded: 'for="[2001:db8::1]:42"' })).toBe(200)
  expect(await from({ forwarded: 'for="[2001:db8::2]"' })).toBe(429)
  // What hides the client, or is no address, is the proxy's.
  expect(await from({ forwarded: 'for=unknown' })).toBe(200)
  for (const hidden of [{ forwarded: 'for=_x' }, { 'x-forwarded-for': 'garbage' }, {}]) {
    expect(await from(hidden)).toBe(429)
  }
  await engine.stop()
})

describe('PUBLIC_URL', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded({
      PUBLIC_URL: 'https://Trade.Example.com:443/engine/',
      TRUSTED_PROXIES: '127.0.0.1',
    })
  })
  afterAll(() => engine.stop())
  const BASE = 'wss://trade.example.com/engine'

  test('goes before all else', async () => {
    expect(await told(engine, HOST)).toBe(BASE)
    expect(await told(engine, { ...HOST, 'x-forwarded-host': 'other.example' })).toBe(BASE)
    expect((await send(`${engine.url}/openapi.json`)).body.servers).toEqual([
      { url: 'https://trade.example.com/engine' },
    ])
  })

  test('is a name of this machine, however it is written', async () => {
    for (const host of ['trade.example.com', 'TRADE.example.com.', 'trade.example.com:443']) {
      expect(await told(engine, { host })).toBe(BASE)
    }
  })

  test('is the origin of our own pages, and so is where they ask', async () => {
    const url = `${engine.url.replace('http', 'ws')}${EXECUTE}`
    for (const origin of ['https://trade.example.com', engine.url]) {
      expect(await isOpened(url, { origin })).toBe(true)
    }
    for (const origin of ['https://example.com', 'https://trade.example.com:8443', 'null']) {
      expectProblem(await refusedUpgrade(url, { origin }), 403, 'origin_denied')
    }
  })

  test('is taken off a path where the proxy leaves it on', async () => {
    expect(await told(engine, HOST, `/engine${EXECUTE}`)).toBe(BASE)
    for (const path of ['/', '/healthz', '/docs/', '/openapi.json', '/api/tokens', '/api/orders?limit=1']) {
      expect([path, (await send(`${engine.url}/engine${path}`)).status]).toEqual([path, 200])
    }
    expect(new URL((await fetch(`${engine.url}/engine`)).url).pathname).toBe('/engine/')
    for (const path of ['/engines/healthz', '/engine/nowhere', '/engine//healthz']) {
      expect([path, (await send(`${engine.url}${path}`)).status]).toEqual([path, 404])
    }
  })

  test('may have a path that looks like one of ours', async () => {
    const other = await startEmbedded({ PUBLIC_URL: 'http://trade.example.com/api' })
    expect(await told(other, HOST)).toBe('ws://trade.example.com/api')
    expect(await told(other, HOST, `/api${EXECUTE}`)).toBe('ws://trade.example.com/api')
    await other.stop()
  })

  test.each([
    'trade.example.com',
    'ws://trade.example.com',
    'https://user@trade.example.com',
    'https://trade.example.com/?a=b',
    'https://trade.example.com/#a',
    'https://trade.example.com//engine',
    'https://',
  ])('cannot be %s', (url) => {
    expect(() => readConfig({ PUBLIC_URL: url })).toThrow(/PUBLIC_URL must be a URL such as/)
  })
})

describe('ALLOWED_ORIGINS', () => {
  test('are read as browsers write them', () => {
    const given =
      'http://X:1/, HTTPS://app.example.com:443, http://bücher.example:80/, chrome-extension://abc, capacitor://localhost, tauri://localhost, http://[::1]:5173, http://x:1'
    expect(readConfig({ ALLOWED_ORIGINS: given }).ALLOWED_ORIGINS).toEqual([
      'http://x:1',
      'https://app.example.com',
      'http://xn--bcher-kva.example',
      'chrome-extension://abc',
      'capacitor://localhost',
      'tauri://localhost',
      'http://[::1]:5173',
    ])
  })

  test.each([
    '*',
    'x:1',
    'null',
    'app.example.com',
    'localhost:5173',
    'https://app.example.com/page',
    'https://app.example.com/?a',
    'https://app.example.com#a',
    'https://*.example.com',
    'ws://app.example.com',
    'file:///',
    'http://x:99999',
    'https://a.example https://b.example',
    '"https://a.example"',
  ])('cannot name %j', (item) => {
    expect(() => readConfig({ ALLOWED_ORIGINS: `https://ok.example,${item}` })).toThrow(
      `ALLOWED_ORIGINS must be origins such as https://app.example.com, not ${JSON.stringify(item)}`,
    )
  })

  test('cannot have a user, whose password is not repeated', () => {
    expect(() => readConfig({ ALLOWED_ORIGINS: 'https://user:secret@a.example' })).toThrow(
      /^(?!.*secret).*not one with a user/,
    )
  })
})

describe('an order id', () => {
  let engine: EmbeddedEngine
  beforeAll(async () => {
    engine = await startEmbedded({
      SIM_VENUE_FAULTS: 'raydium=down,meteora=down',
      RETRY_BACKOFF_MS: '600000',
    })
  })
  afterAll(() => engine.stop())

  test.each([
    ['upper case', (id: string) => id.toUpperCase()],
    [
      'both cases',
      (id: string) => id.replace(/[a-f]/g, (letter, at) => (at % 2 ? letter : letter.toUpperCase())),
    ],
    ['percent signs', (id: string) => id.replaceAll('-', '%2d')],
    [
      'percent signs for all',
      (id: string) => [...id.toUpperCase()].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(''),
    ],
  ])('is the same in %s', async (_what, spell) => {
    const { orderId } = await place(engine.url)
    const order = `${engine.url}/api/orders/${spell(orderId)}`
    expect(await send(order)).toMatchObject({ status: 200, body: { orderId } })
    const swaps = await send(`${engine.url}/api/simulation/swaps?orderId=${spell(orderId)}`)
    expect(swaps).toMatchObject({ status: 200, body: { swaps: [] } })
    expect(await isOpened(`${engine.url.replace('http', 'ws')}${EXECUTE}?orderId=${spell(orderId)}`)).toBe(
      true,
    )
    expect(await send(order, { method: 'DELETE' })).toMatchObject({
      status: 200,
      body: { orderId, status: 'canceled' },
    })
    const { body } = await send<string>(`${order}/events`)
    expect(body).toContain(`"orderId":"${orderId}"`)
  })

  test('is no other when it is spelled otherwise', async () => {
    const { orderId } = await place(engine.url)
    for (const text of [`{${orderId}}`, `urn:uuid:${orderId}`, orderId.replaceAll('-', ''), ` ${orderId}`]) {
      const reply = await send(`${engine.url}/api/orders/${encodeURIComponent(text)}`)
      expectProblem(reply, 404, 'order_not_found')
    }
    expect(await post(`${engine.url}${EXECUTE}`, EXAMPLE)).toMatchObject({ status: 201 })
  })
})
