// Through a real nginx with the example's configuration, TLS and a prefix: place, follow by the addresses as given, cancel.
import { once } from 'node:events'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  EXAMPLE,
  EXECUTE,
  expectProblem,
  isOpened,
  type Json,
  openSocket,
  refusedUpgrade,
} from '../support/client.ts'
import { type EmbeddedEngine, type Settings, startEmbeddedWith } from '../support/engines.ts'
import { type Nginx, startNginx } from './nginx.ts'
import { describeWith, run } from './programs.ts'

type Options = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A market on which no order gets past its first attempt, so that each can be canceled. */
const RESTING: Settings = { SIM_VENUE_FAULTS: 'raydium=down,meteora=down', RETRY_BACKOFF_MS: '600000' }

describeWith(['nginx', 'openssl'], 'through nginx', () => {
  let engine: EmbeddedEngine
  let key: { authorization: string }
  beforeAll(async () => {
    const started = await startEmbeddedWith((keys) =>
      keys.create({ name: 'page', scopes: ['trade', 'read'], quotas: null, expiresAt: null }),
    )
    engine = started.engine
    key = { authorization: `Bearer ${started.made.token}` }
  })
  afterAll(() => engine.stop())

  describe.each<[what: string, settings: Settings, inner: string]>([
    ['that is trusted', { TRUSTED_PROXIES: '127.0.0.1' }, ''],
    ['and a proxy behind it', { TRUSTED_PROXIES: '127.0.0.1' }, '/inner'],
    ['under a PUBLIC_URL', { PUBLIC_URL: 'there' }, ''],
  ])('%s', (_what, settings, inner) => {
    let nginx: Nginx
    beforeAll(async () => {
      nginx = await startNginx(engine.url, inner)
      const publicUrl = settings.PUBLIC_URL === undefined ? {} : { PUBLIC_URL: nginx.url }
      const { port } = new URL(engine.url)
      await engine.restart({ ...RESTING, ...settings, ...publicUrl, PORT: port, REQUIRE_API_KEYS: 'always' })
    })
    afterAll(() => nginx.stop())

    async function ask(url: string, { method = 'GET', headers = {}, body }: Options = {}) {
      const asked = request(url, {
        method,
        headers: { ...key, ...headers },
        ca: nginx.certificate,
        agent: false,
      })
      asked.end(body)
      const [answer] = await once(asked, 'response')
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      const isJson = /json/.test(answer.headers['content-type'] ?? '')
      return {
        status: Number(answer.statusCode),
        headers: answer.headers as Readonly<Record<string, string>>,
        body: (isJson ? JSON.parse(text) : { text }) as Json,
      }
    }

    const place = () =>
      ask(`${nginx.url}${EXECUTE}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: EXAMPLE,
      })

    const resolve = (location = '') => new URL(location, nginx.url).href
    const socketsUrl = () => nginx.url.replace('https', 'wss')

    test('an order is placed, followed, read and canceled where the answers say', async () => {
      const placed = await place()
      expect(placed.status).toBe(201)
      const { orderId, wsUrl } = placed.body
      expect(wsUrl).toBe(`${socketsUrl()}${EXECUTE}?orderId=${orderId}`)
      expect(placed.headers.location).toBe(`${new URL(nginx.url).pathname}/api/orders/${orderId}`)
      const { origin } = new URL(nginx.url)
      const stream = openSocket(String(wsUrl), { ca: nginx.certificate, origin, headers: key })
      await once(stream.socket, 'open')
      const order = resolve(placed.headers.location)
      expect(await ask(order)).toMatchObject({ status: 200, body: { orderId } })
      // Clients name a type with each request.
      const canceled = await ask(order, { method: 'DELETE', headers: { 'content-type': 'application/json' } })
      expect(canceled).toMatchObject({ status: 200, body: { status: 'canceled' } })
      const { code, frames } = await stream.closed
      expect(code).toBe(1000)
      expect(JSON.parse(frames.at(-1) ?? '')).toMatchObject({ kind: 'canceled' })
    })

    test('server-sent events arrive while their order is open', async () => {
      const placed = await place()
      const order = resolve(placed.headers.location)
      const asked = request(`${order}/events`, { headers: key, ca: nginx.certificate, agent: false })
      asked.end()
      const [answer] = await once(asked, 'response')
      const [first] = await once(answer, 'data')
      expect(String(first)).toMatch(/^id: 1\nevent: accepted/)
      const ended = once(answer, 'end')
      let rest = ''
      answer.on('data', (chunk: Buffer) => {
        rest += chunk
      })
      await ask(order, { method: 'DELETE' })
      await ended
      expect(rest).toContain('event: canceled')
    })

    test('all orders are streamed over both carriers, and a cursor from one resumes on the other', async () => {
      const options = { ca: nginx.certificate, headers: key }
      const socket = openSocket(`${socketsUrl()}/api/orders/stream`, options)
      const current = () => socket.frames.some((frame) => JSON.parse(frame).kind === 'current')
      await expect.poll(current, { timeout: 10_000 }).toBe(true)
      const { orderId } = (await place()).body
      const own = () =>
        socket.frames.map((frame) => JSON.parse(frame)).filter((each) => each.orderId === orderId)
      await expect.poll(() => own().length, { timeout: 10_000 }).toBeGreaterThan(0)
      const [{ kind, cursor }] = own()
      expect(kind).toBe('accepted')
      socket.socket.close()
      await ask(`${nginx.url}/api/orders/${orderId}`, { method: 'DELETE' })
      const asked = request(`${nginx.url}/api/orders/stream?cursor=${cursor}`, { ...options, agent: false })
      asked.end()
      const [answer] = await once(asked, 'response')
      let text = ''
      answer.on('data', (chunk: Buffer) => {
        text += chunk
      })
      await expect.poll(() => text, { timeout: 10_000 }).toContain('event: canceled')
      expect(text).not.toContain('event: accepted')
      asked.destroy()
    })

    test('the page’s own origin may open sockets, a foreign one not', async () => {
      const url = `${socketsUrl()}${EXECUTE}`
      const { origin } = new URL(nginx.url)
      expect(await isOpened(url, { ca: nginx.certificate, origin, headers: key })).toBe(true)
      for (const foreign of [
        'https://evil.example',
        origin.replace('https:', 'http:').replace(/:\d+$/, ''),
        'null',
      ]) {
        const refused = await refusedUpgrade(url, { ca: nginx.certificate, origin: foreign, headers: key })
        expectProblem(refused, 403, 'origin_denied')
      }
    })

    test('the documentation loads with all it needs, and asks here', async () => {
      const page = await ask(`${nginx.url}/docs`)
      expect(page.status).toBe(200)
      const files = [...String(page.body.text).matchAll(/(?:src|href)="([^"]+)"/g)].map(
        ([, file = '']) => file,
      )
      expect(files.length).toBeGreaterThan(3)
      for (const file of files)
        expect([file, (await ask(new URL(file, `${nginx.url}/docs`).href)).status]).toEqual([file, 200])
      const description = await ask(`${nginx.url}/docs/json`)
      expect(description.body.servers).toEqual([{ url: new URL(nginx.url).pathname }])
      expect((await ask(`${nginx.url}/openapi.json`)).body.servers).toEqual([{ url: nginx.url }])
    })

    test('a body that is too large is refused by the engine itself', async () => {
      const body = ' '.repeat(20_000)
      const headers = { 'content-type': 'application/json' }
      expectProblem(
        await ask(`${nginx.url}${EXECUTE}`, { method: 'POST', headers, body }),
        413,
        'body_too_large',
      )
    })

    test('a client that offers HTTP/2 on the way is served', async () => {
      const { stdout } = await run('curl', ['-sSk', '--http2', '-w', '%{http_code}', `${nginx.url}/healthz`])
      expect(stdout).toMatch(/200$/)
    })
  })
})
