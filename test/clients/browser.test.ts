// A page in a real browser, from an origin of its own, trades with an engine behind a real nginx with TLS and a prefix. A page of
// an origin that is not allowed gets nothing.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { send } from '../support/client.ts'
import { type Ground, startGround } from './engines.ts'
import { type Nginx, startNginx } from './nginx.ts'
import { describeWith, find } from './programs.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const FILES: Readonly<Record<string, string>> = { '/page.html': 'text/html', '/page.js': 'text/javascript' }
/** A script that a test evaluates is no module. */
const SHOW = "import { client } from './page.js'; globalThis.client = client"
const FILLED = ['pending', 'routing', 'building', 'submitted', 'confirmed']

/** What `page.js` exports, as the page sees it. */
type Client = {
  ask(path: string): Promise<Response>
  place(idempotencyKey: string): Promise<Response>
  cancel(orderId: string): Promise<Response>
  overSocket(wsUrl: string): Promise<readonly string[]>
  overEvents(orderId: string): Promise<readonly string[]>
}
type Order = {
  readonly orderId: string
  readonly wsUrl: string
  readonly status: string
  readonly code?: string
}
type Asked = { readonly engine: string; readonly waiting: string; readonly key: string }

/** Runs in the page: all that a client does, and what it may read of the answers. */
async function trade({ engine, waiting, key }: Asked) {
  const { client } = globalThis as unknown as { client(engine: string, key: string): Client }
  const [here, there] = [client(engine, key), client(waiting, key)]
  const placed = await here.place('page-filled')
  const order = (await placed.json()) as Order
  const place = placed.headers.get('location') ?? ''
  const again = await here.place('page-filled')
  const open = (await (await there.place('page-canceled')).json()) as Order
  const tooMany = await there.place('page-refused')
  const canceled = await there.cancel(open.orderId)
  const list = (await (await here.ask('/api/orders')).json()) as { orders: Order[] }
  return {
    placed: placed.status,
    wsUrl: order.wsUrl,
    socket: await here.overSocket(order.wsUrl),
    events: await here.overEvents(order.orderId),
    location: (await fetch(new URL(place, engine), { headers: { authorization: `Bearer ${key}` } })).status,
    replayed: again.headers.get('idempotency-replayed'),
    isSame: ((await again.json()) as Order).orderId === order.orderId,
    tooMany: [tooMany.status, tooMany.headers.get('retry-after')],
    canceled: ((await canceled.json()) as Order).status,
    listed: list.orders.map((each) => each.orderId === order.orderId),
  }
}

/** Runs in the page: whether anything at all can be had. The ticket is good: what is refused is refused for the origin. */
async function knock({ engine, key, ticket }: Asked & { readonly ticket: string }) {
  const headers = { authorization: `Bearer ${key}` }
  const outcome = (asked: Promise<Response>) =>
    asked.then(
      (answer) => `${answer.status}`,
      () => 'nothing',
    )
  const url = `${engine.replace('https', 'wss')}/api/orders/execute`
  const socket = new WebSocket(url, ['order-stream', `ticket.${ticket}`])
  const opened = new Promise((resolve) => {
    socket.onopen = () => resolve('opened')
    socket.onerror = () => resolve('nothing')
  })
  return {
    read: await outcome(fetch(`${engine}/api/orders`, { headers })),
    public: await outcome(fetch(`${engine}/healthz`)),
    place: await outcome(fetch(`${engine}/api/orders/execute`, { method: 'POST', body: '{}', headers })),
    ticket: await outcome(fetch(`${engine}/api/tickets`, { method: 'POST', headers })),
    socket: await opened,
  }
}

describeWith(['chromium', 'nginx', 'openssl'], 'Chromium, through nginx with TLS and a prefix', () => {
  let pages: Server
  let ground: Ground
  let proxies: readonly Nginx[]
  let browser: Browser
  let asked: Asked
  const urlOf = (host: string) => `http://${host}:${(pages.address() as AddressInfo).port}`

  beforeAll(async () => {
    pages = createServer(({ url = '' }, response) => {
      response.setHeader('content-type', FILES[url] ?? 'text/plain')
      response.end(FILES[url] && readFileSync(new URL(`examples${url}`, import.meta.url)))
    }).listen(0, '127.0.0.1')
    await once(pages, 'listening')
    const settings = { ALLOWED_ORIGINS: urlOf('127.0.0.1'), TRUSTED_PROXIES: '127.0.0.1' }
    ground = await startGround(settings, { openOrders: 1 })
    const [engine, waiting] = [await startNginx(ground.url), await startNginx(ground.waitingUrl)]
    proxies = [engine, waiting]
    asked = { engine: engine.url, waiting: waiting.url, key: ground.key }
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
    browser = await chromium.launch({ executablePath: find('chromium') ?? '', args })
  })
  afterAll(async () => {
    await browser.close()
    for (const proxy of proxies) await proxy.stop()
    await ground.stop()
    pages.close()
  })

  async function pageAt(host: string): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(`${urlOf(host)}/page.html`)
    await page.addScriptTag({ type: 'module', content: SHOW })
    await page.waitForFunction('globalThis.client')
    return page
  }

  test('a page of an allowed origin places, follows, cancels and lists', async () => {
    const page = await pageAt('127.0.0.1')
    expect(await page.evaluate(trade, asked)).toEqual({
      placed: 201,
      wsUrl: expect.stringContaining(`${asked.engine.replace('https', 'wss')}/api/orders/execute?orderId=`),
      socket: FILLED,
      events: FILLED,
      location: 200,
      replayed: 'true',
      isSame: true,
      tooMany: [429, '1'],
      canceled: 'canceled',
      listed: [true],
    })
    await page.close()
  })

  test('its form shows the statuses', async () => {
    const page = await pageAt('127.0.0.1')
    await page.fill('[name=engine]', asked.engine)
    await page.fill('[name=key]', asked.key)
    await page.click('button')
    await page.locator('#said:not(:empty)').waitFor()
    expect(await page.textContent('#said')).toBe(FILLED.join('\n'))
    await page.close()
  })

  test('a page of a foreign origin gets nothing', async () => {
    const headers = { authorization: `Bearer ${ground.key}` }
    const before = await send(`${ground.url}/api/orders`, { headers })
    const { body } = await send(`${ground.url}/api/tickets`, { method: 'POST', headers })
    const page = await pageAt('localhost')
    const got = await page.evaluate(knock, { ...asked, ticket: String(body.ticket) })
    expect(got).toEqual({
      read: 'nothing',
      public: 'nothing',
      place: 'nothing',
      ticket: 'nothing',
      socket: 'nothing',
    })
    expect((await send(`${ground.url}/api/orders`, { headers })).body).toEqual(before.body)
    await page.close()
  })
})
