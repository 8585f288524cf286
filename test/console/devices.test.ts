// The console where it is not read on a screen with a mouse: touched, in forced colors, on paper, and in another time zone.
import { type Client, createClient, type OrderRequest } from 'oee-client'
import type { BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeWith } from '../clients/programs.ts'
import { type Consoles, PHONE, startConsoles } from './browser.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const TOUCHED: BrowserContextOptions = { viewport: PHONE, hasTouch: true, isMobile: true }

describeWith(['chromium'], 'devices', () => {
  let consoles: Consoles
  let oee: Client
  /** Of a token whose price has six zeros. */
  let cheapId: string

  beforeAll(async () => {
    consoles = await startConsoles({ SIM_SPEED: 'instant' })
    oee = createClient({ url: consoles.url })
    cheapId = await placed({ type: 'market', tokenIn: 'BONK', tokenOut: 'SOL', amountIn: '50000' })
    await oee.waitFor(cheapId, 'confirmed')
  })
  afterAll(async () => {
    await consoles.stop()
  })

  const placed = async (order: OrderRequest) => (await oee.place(order)).orderId

  async function open(hash: string, options: BrowserContextOptions = {}) {
    const { page } = await consoles.open(hash, options)
    await page.locator('.bar-connection.connected').waitFor()
    return page
  }

  test('a tap on a row opens the order', async () => {
    const page = await open('#/blotter', TOUCHED)
    await page.locator('.table-body .table-row').first().tap()
    await page.waitForURL(new RegExp(`#/order\\?id=${cheapId}`))
    await page.context().close()
  })

  test('long figures wrap, and nothing of an order is wider than a phone or cut off', async () => {
    const page = await open(`#/order?id=${cheapId}`, TOUCHED)
    await page.getByText('SOL for 1 BONK').waitFor()
    const cut = await page.evaluate<readonly string[]>(
      `[...document.querySelectorAll('main, .fact dd')].filter((each) => each.scrollWidth > each.clientWidth).map(({ textContent }) => textContent)`,
    )
    expect(cut).toEqual([])
    await page.context().close()
  })

  test('a view fits a phone that has not loaded the typeface yet', async () => {
    const context = await consoles.browser.newContext(TOUCHED)
    await context.route('**/*.woff2', (route) => route.abort())
    const page = await context.newPage()
    for (const [hash, ready] of [
      ['#/trade?tokenIn=SOL&tokenOut=USDC&amountIn=2500', '.pools tbody tr'],
      ['#/market?tokenIn=SOL&tokenOut=USDC', '.market-pools tbody td.number'],
    ] as const) {
      await page.goto(`${consoles.url}/${hash}`)
      await page.locator(ready).first().waitFor()
      expect(await page.evaluate("document.querySelector('main').scrollWidth")).toBe(PHONE.width)
    }
    await context.close()
  })

  test('a long ticket scrolls in its view, not with the page, and has room for the price of a token without a name', async () => {
    const mint = '8mVd8ZqvMGLN5M4sFGyC1Fy5AjK8vKcQq3vJ6mP2aTbE'
    const terms = `type=sniper&tokenIn=SOL&tokenOut=${mint}&amountIn=1&guards.maxPrice=0.0125&exits.0.type=stop&exits.1.type=stop`
    const page = await open(`#/trade?${terms}`, TOUCHED)
    await page.getByText('SOL per token').first().waitFor()
    // In a font that is wider than the console's own, a price has less room for a moment.
    await page.evaluate('document.fonts.ready.then(() => null)')
    const [pageHeight, windowHeight, wanted, room] = await page.evaluate<readonly number[]>(`(() => {
      const { scrollWidth, clientWidth } = document.querySelector('[data-field="guards.maxPrice"] input')
      return [document.documentElement.scrollHeight, innerHeight, scrollWidth, clientWidth]
    })()`)
    expect(pageHeight).toBe(windowHeight)
    expect(wanted).toBe(room)
    await page.context().close()
  })

  test('forced colors leave the chart its own, and what is chosen has an edge', async () => {
    const page = await open('#/trade?tokenIn=A&tokenOut=B', { forcedColors: 'active' })
    await page.locator('.chart-canvas canvas').first().waitFor()
    const countColors = `(() => {
      const canvas = [...document.querySelectorAll('.chart-canvas canvas')].toSorted((a, b) => b.width - a.width)[0]
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      return new Set(new Uint32Array(data.buffer)).size
    })()`
    await vi.waitFor(async () => expect(await page.evaluate(countColors)).toBeGreaterThan(1), {
      timeout: 30_000,
    })
    const edge = "getComputedStyle(document.querySelector('.ticket-type.chosen')).outlineStyle"
    expect(await page.evaluate(edge)).toBe('solid')
    await page.context().close()
  })

  test('an order in the dark theme is printed whole, dark on white', async () => {
    const page = await open(`#/order?id=${cheapId}`, {
      colorScheme: 'dark',
      viewport: { width: 800, height: 300 },
    })
    await page.getByText('Quotes compared').waitFor()
    await page.emulateMedia({ media: 'print' })
    const [height, shown, ink] = await page.evaluate<[number, number, string]>(
      "[document.querySelector('main').scrollHeight, document.querySelector('main').clientHeight, getComputedStyle(document.body).color]",
    )
    expect(shown).toBe(height)
    expect(ink).toBe('rgb(16, 36, 62)')
    await page.context().close()
  })
})
