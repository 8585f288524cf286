// The views Orders and Order in a real browser: live over reloads and many rows, filtered, changed and canceled by keyboard.
import { type Client, createClient } from 'oee-client'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeWith } from '../clients/programs.ts'
import { type Consoles, startConsoles } from './browser.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

const PAIR = { tokenIn: 'A', tokenOut: 'B', amountIn: '1' } as const
/** A price that the market never pays. */
const FAR = { ...PAIR, type: 'limit', limitPrice: '60' } as const
const ROWS = 5_000
const LONG = { timeout: 120_000 }

describeWith(['chromium'], 'the orders', () => {
  let consoles: Consoles
  let oee: Client

  beforeAll(async () => {
    consoles = await startConsoles({ SIM_SPEED: 'instant', MAX_RESTING_ORDERS: String(2 * ROWS) })
    oee = createClient({ url: consoles.url, timeoutMs: 120_000 })
  })
  afterAll(async () => {
    await consoles.stop()
  })

  const rowsOf = (page: Page) => page.locator('.blotter [role=row][aria-rowindex]:not([aria-rowindex="1"])')
  const figureOf = (page: Page, label: string) =>
    page.locator('.count', { hasText: label }).locator('.count-figure')

  /** One after the other, so that the last is the newest. */
  async function placeNamed(...names: readonly string[]) {
    const orderIds: string[] = []
    for (const clientOrderId of names) orderIds.push((await oee.place({ ...FAR, clientOrderId })).orderId)
    return orderIds
  }

  test('an order that is placed elsewhere appears, and its fill changes it in place', async () => {
    const { page, faults } = await consoles.open('#/blotter')
    await page.getByText('No orders yet.').waitFor()
    await oee.place({ ...PAIR, type: 'market', clientOrderId: 'first' })
    const row = rowsOf(page).filter({ hasText: 'first' })
    await row.filter({ hasText: 'confirmed' }).waitFor()
    expect(await row.count()).toBe(1)
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('a filter is in the address, and the address shows the same again', async () => {
    await oee.place({ ...FAR, clientOrderId: 'far-one' })
    const { page } = await consoles.open('#/blotter')
    await page.getByLabel('status', { exact: true }).selectOption('resting')
    await page.getByLabel('id or clientOrderId').fill('far')
    await page.waitForURL(/status=resting/)
    await expect.poll(() => rowsOf(page).count()).toBe(1)
    await page.reload()
    await rowsOf(page).first().waitFor()
    await expect.poll(() => rowsOf(page).count()).toBe(1)
    expect(await rowsOf(page).textContent()).toContain('far-one')
    await page.getByRole('button', { name: 'Clear' }).click()
    await expect.poll(() => rowsOf(page).count()).toBeGreaterThan(1)
    await page.context().close()
  })

  test('the counts are of what the rest of the filter leaves: as many as their links show', async () => {
    const { page } = await consoles.open('#/blotter?q=far-one&status=confirmed')
    await page.getByText(/There are no confirmed orders/).waitFor()
    expect(await figureOf(page, 'all').textContent()).toBe('1')
    expect(await figureOf(page, 'confirmed').textContent()).toBe('0')
    await page.locator('.count', { hasText: 'resting' }).click()
    await expect.poll(() => rowsOf(page).count()).toBe(1)
    await page.context().close()
  })

  test('back from an order, the filter and the row are those that were left', async () => {
    const { page } = await consoles.open('#/blotter?token=A')
    await rowsOf(page).nth(1).waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    const chosen = page.locator('.table-row[aria-selected=true]')
    const name = await chosen.getByRole('link').textContent()
    await page.keyboard.press('Enter')
    await page.locator('.order-head').waitFor()
    await page.keyboard.press('Backspace')
    await page.waitForURL(/#\/blotter\?token=A/)
    expect(await chosen.getByRole('link').textContent()).toBe(name)
    await page.context().close()
  })

  test('where the chosen order leaves the filter, the arrows go on from its place', async () => {
    const orderIds = await placeNamed('gone-1', 'gone-2', 'gone-3')
    const { page } = await consoles.open('#/blotter?q=gone&status=resting')
    await expect.poll(() => rowsOf(page).count()).toBe(3)
    await page.getByRole('grid').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await oee.cancel(orderIds[1] ?? '')
    await expect.poll(() => rowsOf(page).count()).toBe(2)
    await page.keyboard.press('ArrowDown')
    expect(await page.locator('.table-row[aria-selected=true]').textContent()).toContain('gone-1')
    await page.context().close()
  })

  test('a leg that has not started sells nothing yet', async () => {
    const exits = [{ type: 'stop', trigger: { price: '0.01' } }] as const
    await oee.place({ ...FAR, clientOrderId: 'with-exit', exits })
    const { page } = await consoles.open('#/blotter?type=stop')
    await expect.poll(() => rowsOf(page).locator('.token-amount').first().textContent()).toBe('B–')
    await page.context().close()
  })

  test('a resting order says how far its price is away, is amended and canceled by keyboard alone', async () => {
    await oee.place({ ...FAR, clientOrderId: 'by-hand' })
    const { page } = await consoles.open('#/blotter?q=by-hand')
    const row = rowsOf(page)
    await row.filter({ hasText: /−\d.*price/ }).waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('e')
    await page.getByLabel('Limit price').fill('61')
    await page.keyboard.press('Enter')
    await page.getByText('by-hand is amended.').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/#\/order\?id=/)
    await page.getByText('at least 61 B').first().waitFor()
    await page.keyboard.press('x')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Enter')
    await page.locator('.order-state', { hasText: 'canceled' }).waitFor()
    await page.context().close()
  })

  test('an amendment that the engine denies is shown at its field', async () => {
    const { orderId } = await oee.place({ ...FAR })
    const { page } = await consoles.open(`#/order?id=${orderId}`)
    await page.locator('.order-state').waitFor()
    await page.keyboard.press('e')
    await page.getByLabel('Amount, only smaller').fill('2')
    await page.keyboard.press('Enter')
    await page.locator('.field.wrong', { hasText: 'Amount' }).waitFor()
    await page.context().close()
  })

  test('an order shows its attempts, quotes, route and events while it is reloaded in mid-flight', async () => {
    const { orderId } = await oee.place({ ...FAR, limitPrice: '3.9' })
    const { page } = await consoles.open(`#/order?id=${orderId}`)
    await page.reload()
    await page.locator('.order-state', { hasText: 'confirmed' }).waitFor()
    await page.getByText('in the route').first().waitFor()
    for (const kind of ['accepted', 'triggered', 'routed', 'submitted', 'filled']) {
      await page.getByRole('gridcell', { name: kind, exact: true }).waitFor()
    }
    await page.getByRole('gridcell', { name: 'routed', exact: true }).click()
    await page.waitForURL(/event=3/)
    await page.getByRole('region', { name: /Event 3/ }).waitFor()
    await page.context().close()
  })

  test('an order that does not exist says so', async () => {
    const { page } = await consoles.open('#/order?id=01a207b9-ca92-7195-91cf-eaba8959c2b5')
    await page.getByText('There is no such order.').waitFor()
    await page.context().close()
  })

  test('many are canceled in two steps: the filter in words and the count of the engine, then the cancel', async () => {
    const order = { ...FAR, tokenIn: 'SOL', tokenOut: 'USDC', limitPrice: '9000' } as const
    for (let number = 0; number < 3; number += 1) await oee.place(order)
    const { page } = await consoles.open('#/blotter?token=SOL&type=limit')
    await rowsOf(page).nth(2).waitFor()
    expect(await rowsOf(page).count()).toBe(3)
    await page.keyboard.press('Shift+X')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('open limit orders that sell or buy SOL').waitFor()
    await dialog.getByRole('button', { name: 'Cancel 3 orders' }).click()
    await page.getByText('3 orders are canceled.').waitFor()
    await expect.poll(() => rowsOf(page).filter({ hasText: 'canceled' }).count()).toBe(3)
    await page.context().close()
  })

  test('two tabs show the same, and what one cancels the other sees', async () => {
    await oee.place({ ...FAR, clientOrderId: 'shared' })
    const { page } = await consoles.open('#/blotter?q=shared')
    const other = await page.context().newPage()
    await other.goto(`${consoles.url}/#/blotter?q=shared`)
    await rowsOf(other).filter({ hasText: 'resting' }).waitFor()
    await page.bringToFront()
    await rowsOf(page).filter({ hasText: 'resting' }).waitFor()
    await page.getByRole('grid').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('x')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Enter')
    await rowsOf(other).filter({ hasText: 'canceled' }).waitFor()
    await page.context().close()
  })

  test(`${ROWS} rows are there, few of them are drawn, and the keyboard reaches the last`, async () => {
    for (let placed = 0; placed < ROWS; placed += 100) {
      await Promise.all(Array.from({ length: 100 }, () => oee.place(FAR)))
    }
    const { page, faults } = await consoles.open('#/blotter')
    await expect
      .poll(async () => Number((await figureOf(page, 'all').textContent())?.replace(/\s/g, '')), LONG)
      .toBeGreaterThan(ROWS)
    expect(await rowsOf(page).count()).toBeLessThan(80)
    await page.getByRole('grid').focus()
    await page.keyboard.press('End')
    await rowsOf(page).filter({ hasText: 'first' }).waitFor()
    await page.getByLabel('status', { exact: true }).selectOption('confirmed')
    await expect.poll(() => rowsOf(page).count()).toBeLessThan(10)
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('a flood is looked at now and then, and said so; afterwards every order is followed again', async () => {
    const { page, faults } = await consoles.open('#/blotter')
    await page.locator('.count').first().waitFor()
    const notice = page.getByText('Orders change faster than this page can show each change.')
    let isSeen = false
    const seen = notice.waitFor(LONG).then(() => {
      isSeen = true
    })
    const placeOn = async () => {
      while (!isSeen) await oee.place({ ...PAIR, type: 'market' })
    }
    await Promise.all([seen, ...Array.from({ length: 32 }, placeOn)])
    await oee.place({ ...FAR, clientOrderId: 'in-the-flood' })
    await rowsOf(page).filter({ hasText: 'in-the-flood' }).waitFor()
    await notice.waitFor({ state: 'detached', ...LONG })
    await oee.place({ ...PAIR, type: 'market', clientOrderId: 'behind-it' })
    await rowsOf(page).filter({ hasText: 'behind-it' }).filter({ hasText: 'confirmed' }).waitFor()
    expect(faults).toEqual([])
    await page.context().close()
  })
})
