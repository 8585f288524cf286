// Portfolio, Market and System in a real browser, before a real engine: what they show is what the engine says, and what they
// change, the engine does.
import { createClient } from 'oee-client'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { describeWith } from '../clients/programs.ts'
import { seriousFaults } from './axe.ts'
import { type Consoles, PHONE, startConsoles } from './browser.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const HASHES = {
  portfolio: '#/portfolio',
  market: '#/market?tokenIn=A&tokenOut=B&size=100000',
  system: '#/system',
} as const
const PAIR = { tokenIn: 'A', tokenOut: 'B', slippageBps: 1_000 } as const

describeWith(['chromium'], 'an overview', () => {
  let consoles: Consoles
  let oee: ReturnType<typeof createClient>
  let filledId: string

  beforeAll(async () => {
    consoles = await startConsoles({ SIM_SLOT_MS: '50', SIM_QUOTE_LATENCY_MS: '1-5' })
    oee = createClient({ url: consoles.url })
    filledId = (await oee.place({ ...PAIR, type: 'market', amountIn: '120' })).orderId
    await oee.waitFor(filledId, 'confirmed')
    await oee.place({ ...PAIR, type: 'limit', amountIn: '1000', limitPrice: '60' })
    await oee.place({ ...PAIR, type: 'market', amountIn: '900000', maxPriceImpactBps: 1 })
    await oee.launch({ symbol: 'MOON', liquidity: '50', venue: 'raydium' })
  })
  afterAll(async () => {
    await consoles.stop()
  })

  /** A page whose view is filled. */
  async function opened(view: keyof typeof HASHES, options = {}) {
    const { page, faults } = await consoles.open(HASHES[view], options)
    await page.locator('.sheet tbody td:not(.sheet-empty)').first().waitFor()
    return { page, faults }
  }
  const rowOf = (page: Page, table: string, text: string) =>
    page.getByRole('table', { name: table }).getByRole('row').filter({ hasText: text })

  for (const view of ['portfolio', 'market', 'system'] as const) {
    test(`${view} loads cleanly, passes axe-core in both themes, and fits a phone`, async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page, faults } = await opened(view, { colorScheme })
        expect(await seriousFaults(page)).toEqual([])
        expect(faults).toEqual([])
        await page.context().close()
      }
      const { page } = await opened(view, { viewport: PHONE, hasTouch: true, isMobile: true })
      const widths = await page.evaluate(
        "[document.documentElement, document.querySelector('main')].map(({ scrollWidth }) => scrollWidth)",
      )
      expect(widths).toEqual([360, 360])
      await page.context().close()
    })
  }

  test('a drawing for the width before does not hold the page open', async () => {
    for (const [hash, drawing] of [
      [HASHES.market, '.depth-drawing'],
      ['#/trade?tokenIn=A&tokenOut=B', '.chart-canvas > *'],
    ] as const) {
      const { page } = await consoles.open(hash, { viewport: PHONE, hasTouch: true, isMobile: true })
      await page.locator(drawing).first().waitFor()
      const width = await page.evaluate(
        `document.querySelector('${drawing}').style.width = '900px'; document.querySelector('main').scrollWidth`,
      )
      expect([hash, width]).toEqual([hash, 360])
      await page.context().close()
    }
  })

  describe('portfolio', () => {
    test('has the balances, what is reserved, and each fill with its quality', async () => {
      const { page } = await opened('portfolio')
      await rowOf(page, 'Balances of the wallet', 'USDC').waitFor()
      await page.getByRole('link', { name: '1 000' }).waitFor()
      await rowOf(page, 'Result by pair', 'A/B').waitFor()
      await page
        .getByRole('table', { name: 'Execution quality by venue' })
        .getByText('0.00 %')
        .first()
        .waitFor()
      const fills = page.getByRole('grid', { name: 'Fills, the newest first' })
      await fills.getByText('120', { exact: true }).waitFor()
      // A fill that comes while it is open.
      await oee.place({ ...PAIR, type: 'market', amountIn: '77' })
      await fills.getByText('77', { exact: true }).waitFor()
      await fills.focus()
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await page.waitForURL(/#\/order\?id=/)
      await page.context().close()
    })
  })

  describe('market', () => {
    test('has the pools, the curves of the venues and their health', async () => {
      const { page } = await opened('market')
      await rowOf(page, 'Pools of A and B, the best price first', 'raydium-cpmm').waitFor()
      await page.locator('.series-0').first().waitFor()
      await page.locator('.series-1').first().waitFor()
      await rowOf(page, 'Health of the venues', 'meteora').getByText('closed').waitFor()
      await rowOf(page, 'Launches, the newest first', 'MOON').getByText('launched').waitFor()
      await page.context().close()
    })

    test('is another pair’s by keyboard, and the address says so', async () => {
      const { page } = await opened('market')
      await page.getByLabel('sells').selectOption('SOL')
      await page.getByLabel('buys').selectOption('USDC')
      await page.waitForURL(/tokenIn=SOL&tokenOut=USDC/)
      await page.getByRole('heading', { name: 'Pools of SOL/USDC' }).waitFor()
      await page.getByLabel('up to').fill('nonsense')
      await page.getByText('amount_malformed', { exact: true }).waitFor()
      await page.getByLabel('up to').fill('5000')
      await page.getByRole('slider', { name: 'Size' }).focus()
      await page.keyboard.press('End')
      await page.locator('.depth-size-text', { hasText: /^5.000 SOL$/ }).waitFor()
      await page.context().close()
    })

    test('writes a price with many zeros as a decimal, and draws no chart of an amount that no venue takes', async () => {
      const { page } = await consoles.open('#/market?tokenIn=BONK&tokenOut=SOL&size=0.001')
      const prices = page.getByRole('table', { name: 'Pools of BONK and SOL, the best price first' })
      await prices
        .getByText(/^0\.0000001\d+$/)
        .first()
        .waitFor()
      await page.getByText('There is nothing to draw.').waitFor()
      expect(await page.locator('.depth-drawing').count()).toBe(0)
      await page.context().close()
    })

    test('leaves the look of an order as it was', async () => {
      const { page } = await opened('market')
      await page.evaluate(`location.hash = '#/order?id=${filledId}'`)
      await page.locator('.axis text').first().waitFor()
      expect(await page.evaluate("getComputedStyle(document.querySelector('.axis text')).stroke")).toBe(
        'none',
      )
      await page.context().close()
    })

    test('launches a token, and shows what the engine denies at its field', async () => {
      const { page } = await opened('market')
      await page.getByRole('button', { name: 'Launch a token' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Symbol').fill('TRAP')
      await dialog.getByRole('textbox', { name: 'Liquidity' }).fill('0')
      await page.keyboard.press('Enter')
      await dialog.getByText('in units of SOL').first().waitFor()
      await dialog.getByRole('textbox', { name: 'Liquidity' }).fill('70')
      await dialog.getByLabel('it cannot be sold').check()
      await page.keyboard.press('Enter')
      await rowOf(page, 'Launches, the newest first', 'TRAP').getByText('no_sell').waitFor()
      expect(await oee.launches()).toMatchObject([
        { symbol: 'TRAP', faults: ['no_sell'] },
        { symbol: 'MOON' },
      ])
      await page.context().close()
    })
  })

  describe('system', () => {
    test('has the rate, the time per step, the failures and the processes', async () => {
      const { page } = await opened('system')
      await rowOf(page, 'Failed orders by code', 'price_impact_too_high').waitFor()
      for (let number = 1; number <= 5; number += 1) {
        await oee.place({ ...PAIR, type: 'market', amountIn: String(number) })
      }
      await rowOf(page, 'Time per step', 'submitted').getByText('ms').first().waitFor()
      await expect
        .poll(() => page.locator('.figure').filter({ hasText: 'orders a second' }).textContent())
        .toMatch(/s0?\.?[1-9]|s\d*\.[1-9]/)
      const { processes } = await oee.system()
      await page.getByTitle(processes[0]?.processId ?? '').waitFor()
      await page.context().close()
    })

    test('a fault that is chosen is the engine’s, and no order is lost or doubled by it', async () => {
      const { page } = await opened('system')
      await page.getByLabel('meteora').selectOption('down')
      await expect.poll(() => oee.faults()).toMatchObject({ venues: { raydium: null, meteora: 'down' } })
      await page.getByLabel('errors after they arrived').selectOption('0.5')
      await page.getByLabel('transactions that vanish').selectOption('0.5')
      await expect.poll(() => oee.faults()).toMatchObject({ dropRate: 0.5, sendErrorRate: 0.5 })
      const placed = await Promise.all(
        Array.from({ length: 10 }, () => oee.place({ ...PAIR, type: 'market', amountIn: '10' })),
      )
      await page.getByRole('button', { name: 'Fork now' }).click()
      await page.getByText('begins with a fork').waitFor()
      await Promise.all(placed.map(({ orderId }) => oee.waitFor(orderId, ['confirmed', 'failed'])))
      const audit = page.getByRole('region', { name: 'Audit against the ledger' })
      await expect.poll(() => audit.textContent(), { timeout: 30_000 }).toMatch(/lost0orders.*doubled0orders/)
      await page.getByRole('button', { name: 'Reset' }).click()
      await expect.poll(() => oee.faults()).toMatchObject({ venues: { meteora: null }, dropRate: 0 })
      await expect.poll(() => page.getByLabel('meteora').inputValue()).toBe('nothing')
      await page.context().close()
    })

    test('a process that is killed is missed, and the next one is shown once it is there', async () => {
      const { page } = await opened('system')
      const [before] = (await oee.system()).processes
      await page.getByRole('button', { name: 'Kill a process' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Kill it' }).click()
      await page.locator('.bar-connection.lost').waitFor()
      expect(await page.getByTitle(before?.processId ?? '').count()).toBe(1)
      await consoles.kill()
      await consoles.start()
      await page.locator('.bar-connection.connected').waitFor({ timeout: 30_000 })
      const [after] = (await oee.system()).processes
      await page.getByTitle(after?.processId ?? '').waitFor()
      expect(await page.getByTitle(before?.processId ?? '').count()).toBe(0)
      await page.context().close()
    })
  })
})

describeWith(['chromium'], 'an overview of a key that only reads', () => {
  test('shows all, and says what changing the faults takes', async () => {
    const consoles = await startConsoles({ SIM_SPEED: 'instant' })
    try {
      await consoles.kill()
      const token = await consoles.makeKey('read')
      await consoles.start({ REQUIRE_API_KEYS: 'always' })
      const { page } = await consoles.open('#/system')
      await page.getByLabel('API key').fill(token)
      await page.keyboard.press('Enter')
      await page.getByText('Changing them takes a key with the scope admin.').waitFor()
      expect(await page.getByLabel('raydium').isDisabled()).toBe(true)
      await page.getByRole('region', { name: 'Audit against the ledger' }).getByText('lost').waitFor()
    } finally {
      await consoles.stop()
    }
  })
})
