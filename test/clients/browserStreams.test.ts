// A page in a real browser, from an origin of its own: it streams the market over both carriers, and reads the headers of
// answers; a page of an origin that is not allowed gets nothing. The page at /docs loads without a fault.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type EmbeddedEngine, startEmbeddedWith } from '../support/engines.ts'
import { describeWith, find } from './programs.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

type Asked = { readonly engine: string; readonly key: string }

/** Runs in the page: the first message of each stream, over each carrier, and what it may read of an answer. */
async function stream({ engine, key }: Asked) {
  const headers = { authorization: `Bearer ${key}` }
  const failed = () => 'nothing'
  const paths = {
    quotes: '/api/quotes/stream?tokenIn=A&tokenOut=B&amountIn=1',
    candles: '/api/candles/stream?base=A&quote=B&interval=1s',
  }

  async function overEvents(path: string): Promise<string> {
    const stop = new AbortController()
    // Both headers make the browser ask first.
    const asked = { headers: { ...headers, 'last-event-id': '1' }, signal: stop.signal }
    const answer = await fetch(engine + path, asked)
    const { value } = (await answer.body?.pipeThrough(new TextDecoderStream()).getReader().read()) ?? {}
    stop.abort()
    return value?.split('\n')[0] ?? ''
  }

  async function overSocket(path: string): Promise<string> {
    const issued = await fetch(`${engine}/api/tickets`, { method: 'POST', headers })
    const { ticket } = (await issued.json()) as { ticket: string }
    const socket = new WebSocket(engine.replace('http', 'ws') + path, ['order-stream', `ticket.${ticket}`])
    const first = await new Promise<string>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(Object.keys(JSON.parse(data))[0] ?? '')
      socket.onerror = () => reject(new Error('no socket'))
    })
    socket.close()
    return first
  }

  async function placed(): Promise<unknown> {
    const answer = await fetch(`${engine}/api/orders/execute`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': 'page' },
      body: '{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": "1" }',
    })
    const read = ['location', 'idempotency-replayed', 'ratelimit'].map((name) => answer.headers.has(name))
    return [answer.status, ...read]
  }

  return {
    events: await Promise.all(Object.values(paths).map((path) => overEvents(path).catch(failed))),
    sockets: await Promise.all(Object.values(paths).map((path) => overSocket(path).catch(failed))),
    first: await placed().catch(failed),
    again: await placed().catch(failed),
  }
}

describeWith(['chromium'], 'Chromium', () => {
  let engine: EmbeddedEngine
  let browser: Browser
  let pages: Server
  let asked: Asked
  const originOf = (host: string) => `http://${host}:${(pages.address() as AddressInfo).port}`

  beforeAll(async () => {
    pages = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<title>a page</title>')
    }).listen(0, '127.0.0.1')
    await once(pages, 'listening')
    const started = await startEmbeddedWith(
      (keys) => keys.create({ name: 'page', scopes: ['trade', 'read'], quotas: null, expiresAt: null }),
      { ALLOWED_ORIGINS: originOf('127.0.0.1'), REQUIRE_API_KEYS: 'always', REQUESTS_PER_MINUTE: '1000' },
    )
    engine = started.engine
    asked = { engine: engine.url, key: started.made.token }
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
    browser = await chromium.launch({ executablePath: find('chromium') ?? '', args })
  })
  afterAll(async () => {
    await browser.close()
    await engine.stop()
    pages.close()
  })

  async function opened(url: string): Promise<{ page: Page; faults: string[] }> {
    const page = await browser.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    await page.goto(url)
    return { page, faults }
  }

  test('a page of an allowed origin streams the market over both carriers, and reads the headers', async () => {
    const { page } = await opened(originOf('127.0.0.1'))
    expect(await page.evaluate(stream, asked)).toEqual({
      events: ['event: quote', 'event: candle'],
      sockets: ['tokenIn', 'at'],
      first: [201, true, false, true],
      again: [201, true, true, true],
    })
    await page.close()
  })

  test('a page of a foreign origin gets nothing', async () => {
    const { page } = await opened(originOf('localhost'))
    expect(await page.evaluate(stream, asked)).toEqual({
      events: ['nothing', 'nothing'],
      sockets: ['nothing', 'nothing'],
      first: 'nothing',
      again: 'nothing',
    })
    await page.close()
  })

  test('the page at /docs shows every group under our name, without a fault, and fits a phone', async () => {
    const { page, faults } = await opened(`${engine.url}/docs`)
    await page.locator('.opblock').first().waitFor()
    expect(await page.locator('header.name').textContent()).toMatch(/^Order execution engine/)
    expect(await page.locator('.opblock-tag').count()).toBe(5)
    expect(await page.locator('.topbar').count()).toBe(0)
    await page.setViewportSize({ width: 390, height: 800 })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect(faults).toEqual([])
    await page.close()
  })
})
