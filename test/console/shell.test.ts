// The console in a real browser, before a real engine: it loads cleanly, asks for a key where one is needed, survives a crash of
// the engine, and can be used by everyone.

import { createClient } from 'oee-client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeWith } from '../clients/programs.ts'
import { seriousFaults } from './axe.ts'
import { type Consoles, PHONE, startConsoles } from './browser.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const VIEWS = ['trade', 'blotter', 'portfolio', 'market', 'system'] as const

describeWith(['chromium'], 'the console', () => {
  let consoles: Consoles
  let orderId: string
  let filledId: string

  beforeAll(async () => {
    consoles = await startConsoles({ SIM_SPEED: 'instant' })
    const oee = createClient({ url: consoles.url })
    const order = { tokenIn: 'A', tokenOut: 'B', amountIn: '1' } as const
    for (let number = 0; number < 5; number += 1) await oee.place({ ...order, type: 'market' })
    const placed = await oee.place({ ...order, type: 'limit', limitPrice: '60' })
    const filled = await oee.place({ ...order, type: 'market', amountIn: '3', clientOrderId: 'by-name' })
    orderId = placed.orderId
    filledId = filled.orderId
  })
  afterAll(async () => {
    await consoles.stop()
  })

  test('every view loads without an error, a warning or a request to another server', async () => {
    for (const view of VIEWS) {
      const { page, faults } = await consoles.open(`#/${view}`)
      await page.getByRole('main').waitFor()
      await page.locator('.bar-connection.connected').waitFor()
      await page.waitForLoadState('networkidle').catch(() => {})
      expect({ view, faults }).toEqual({ view, faults: [] })
      await page.context().close()
    }
  })

  test('nothing of another origin and no inline script can run: its content policy holds', async () => {
    const { page } = await consoles.open('#/blotter')
    await page.locator('.bar-connection.connected').waitFor()
    const outcome = await page.evaluate(`(async () => {
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.head.append(script)
      const left = await fetch('${consoles.url.replace('127.0.0.1', 'localhost')}/healthz', { mode: 'no-cors' }).then(
        () => 'sent',
        () => 'stopped',
      )
      return { ran: 'ran' in window, left }
    })()`)
    expect(outcome).toEqual({ ran: false, left: 'stopped' })
    await page.context().close()
  })

  test.each(['light', 'dark'] as const)('axe-core finds nothing serious in %s', async (colorScheme) => {
    for (const hash of ['#/blotter', `#/order?id=${orderId}`, `#/order?id=${filledId}`]) {
      const { page } = await consoles.open(hash, { colorScheme })
      await page.locator('[role=grid] [role=row] [role=gridcell]').first().waitFor()
      expect(await seriousFaults(page)).toEqual([])
      await page.keyboard.press('Shift+?')
      await page.getByRole('dialog').waitFor()
      expect(await seriousFaults(page)).toEqual([])
      await page.context().close()
    }
  })

  test('nothing overflows on a phone', async () => {
    for (const hash of ['#/blotter', `#/order?id=${orderId}`, `#/order?id=${filledId}`]) {
      const { page } = await consoles.open(hash, { viewport: PHONE, hasTouch: true, isMobile: true })
      await page.locator('[role=grid] [role=row] [role=gridcell]').first().waitFor()
      const widths = await page.evaluate(
        "[document.documentElement, document.querySelector('main')].map(({ scrollWidth }) => scrollWidth)",
      )
      expect(widths).toEqual([360, 360])
      await page.context().close()
    }
  })

  test('the keyboard alone reaches each view, finds an order by its clientOrderId, and lists the keys', async () => {
    const { page } = await consoles.open('#/blotter')
    await page.locator('.bar-connection.connected').waitFor()
    for (const [key, view] of [
      ['t', 'trade'],
      ['p', 'portfolio'],
      ['m', 'market'],
      ['s', 'system'],
      ['o', 'blotter'],
    ] as const) {
      // The two keys belong together for a second, in which a busy machine may still be loading the view before.
      await vi.waitFor(
        async () => {
          await page.keyboard.press('g')
          await page.keyboard.press(key)
          await page.waitForURL(new RegExp(`#/${view}`), { timeout: 1_000 })
        },
        { timeout: 30_000 },
      )
    }
    await page.keyboard.press('Control+k')
    await page.keyboard.type('by-name')
    await page
      .getByRole('option', { name: /by-name/ })
      .first()
      .waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/order\?id=/)
    await page.getByText('by-name').first().waitFor()
    await page.keyboard.press('Shift+?')
    // The keys of a view are there once it is loaded.
    await page.getByRole('dialog').getByText('Cancel the order').waitFor()
    await page.context().close()
  })

  test('what is typed on after Ctrl+K goes to the palette from the first letter', async () => {
    const { page } = await consoles.open('#/blotter')
    await page.locator('.bar-connection.connected').waitFor()
    // No frame comes between: nothing but what was waiting at the end of the key's own event has run.
    const focused = await page.evaluate(`(async () => {
      dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }))
      for (let i = 0; i < 20; i += 1) await null
      return document.activeElement.getAttribute('role')
    })()`)
    expect(focused).toBe('combobox')
    await page.context().close()
  })

  test('trading is halted and resumed, after a question', async () => {
    const { page } = await consoles.open('#/blotter')
    await page.locator('.bar-trading').click()
    await page.getByRole('button', { name: 'Halt trading' }).click()
    await page.getByText('Trading is halted since').waitFor()
    await page.locator('.bar-trading').click()
    await page.getByRole('button', { name: 'Resume trading' }).click()
    await page.locator('.bar-trading.active').waitFor()
    await page.context().close()
  })

  test('a network that is silent is noticed by the next call, and so is its return', async () => {
    const { page } = await consoles.open('#/blotter')
    await page.locator('.bar-connection.connected').waitFor()
    await page.route('**/api/system', (route) => route.abort())
    await page.getByText('The engine does not answer since').waitFor()
    await page.unroute('**/api/system')
    await page.locator('.bar-connection.connected').waitFor()
    await page.context().close()
  })

  test('an engine that is killed is missed at once, what is shown stays, and what happened meanwhile is caught up with', async () => {
    const { page } = await consoles.open('#/blotter')
    const row = page.locator('[role=gridcell]').first()
    await row.waitFor()
    await consoles.kill()
    await page.getByText('The engine does not answer since').waitFor({ timeout: 5_000 })
    expect(await row.isVisible()).toBe(true)
    await consoles.start()
    await createClient({ url: consoles.url }).place({
      type: 'market',
      tokenIn: 'A',
      tokenOut: 'B',
      amountIn: '7',
      clientOrderId: 'after-the-crash',
    })
    await page.getByText('after-the-crash').waitFor({ timeout: 30_000 })
    await page.locator('.bar-connection.connected').waitFor()
    expect(await page.getByText('The engine does not answer since').count()).toBe(0)
    await page.context().close()
  })

  test('a view that is opened while the engine is away is loaded once it is back, and nothing overflows meanwhile', async () => {
    const { page } = await consoles.open('#/blotter', { viewport: PHONE, hasTouch: true, isMobile: true })
    const oee = createClient({ url: consoles.url })
    await oee.setTrading('entries_halted')
    await page.getByText('Entries are halted').waitFor()
    await page.locator('.bar-connection.connected').waitFor()
    await consoles.kill()
    await page.locator('.bar-connection.lost').waitFor()
    await page.getByRole('link', { name: 'Market' }).tap()
    await page.getByText('It is loaded once the engine answers again.').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE.width)
    await consoles.start()
    await page.getByRole('heading', { name: 'Pools of SOL/USDC' }).waitFor({ timeout: 30_000 })
    await oee.setTrading('active')
    await page.context().close()
  })

  test('an order beside the ticket that was opened in an outage is followed once the engine is back', async () => {
    const { page } = await consoles.open('#/blotter')
    await page.locator('.bar-connection.connected').waitFor()
    await page.getByRole('link', { name: 'Trade' }).click()
    await page.locator('.ticket-acts').waitFor()
    await consoles.kill()
    await page.evaluate(`location.hash = '#/blotter'`)
    await page.locator('.blotter').waitFor()
    await page.evaluate(`location.hash = '#/trade?tokenIn=A&tokenOut=B&placed=${filledId}'`)
    await page.locator('.progress').getByText('The engine cannot be reached.').waitFor()
    await consoles.start()
    await page.locator('.progress').getByText('confirmed').waitFor({ timeout: 30_000 })
    expect(await page.locator('.progress .problem').count()).toBe(0)
    await page.context().close()
  })
})

describeWith(['chromium'], 'the console of an engine that takes keys', () => {
  test('asks for a key, says that one is wrong, and keeps the right one for the tab alone', async () => {
    const consoles = await startConsoles({ SIM_SPEED: 'instant' })
    try {
      await consoles.kill()
      const token = await consoles.makeKey()
      await consoles.start({ REQUIRE_API_KEYS: 'always' })
      const { page } = await consoles.open('#/blotter')
      const field = page.getByLabel('API key')
      await field.waitFor()
      for (let times = 0; times < 4; times += 1) await page.keyboard.press('Escape')
      await field.fill('oee_0123456789abcdef_nonsense')
      await page.keyboard.press('Enter')
      await page.getByText('The engine does not know this key').waitFor()
      await page.getByLabel('API key').fill(token)
      await page.keyboard.press('Enter')
      await page.locator('.bar-connection.connected').waitFor()
      expect(page.url()).not.toContain(token)
      expect(await page.evaluate('JSON.stringify({ ...localStorage })')).not.toContain(token)
      const other = await page.context().newPage()
      await other.goto(`${consoles.url}/`)
      await other.getByText('This engine asks for a key').waitFor()
    } finally {
      await consoles.stop()
    }
  })
})
