// The keys of the console in a real browser: which of them work where the focus is.
import { type Client, createClient } from 'oee-client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeWith } from '../clients/programs.ts'
import { type Consoles, startConsoles } from './browser.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const TICKET = '#/trade?tokenIn=A&tokenOut=B&amountIn=1'

describeWith(['chromium'], 'keys', () => {
  let consoles: Consoles
  let oee: Client

  beforeAll(async () => {
    consoles = await startConsoles({ SIM_SPEED: 'instant' })
    oee = createClient({ url: consoles.url })
  })
  afterAll(async () => {
    await consoles.stop()
  })

  async function open(hash: string) {
    const { page } = await consoles.open(hash)
    await page.locator('.bar-connection.connected').waitFor()
    return page
  }

  async function countOrders(): Promise<number> {
    let count = 0
    for await (const _ of oee.list()) count += 1
    return count
  }

  test('Ctrl Enter in a dialog does not place the order of the ticket behind it', async () => {
    await oee.place({
      type: 'stop',
      tokenIn: 'A',
      tokenOut: 'B',
      amountIn: '5',
      trigger: { price: '3' },
    })
    const page = await open(TICKET)
    await page.getByRole('button', { name: /^Amend/ }).click()
    const before = await countOrders()
    await page.getByLabel('Trigger price').press('Control+Enter')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^Place order/ }).waitFor()
    expect(await countOrders()).toBe(before)
    await page.context().close()
  })

  test('Ctrl Enter places the order, though a button has the focus', async () => {
    const page = await open(TICKET)
    await page.getByRole('button', { name: 'Sell 25 % of what is free' }).press('Control+Enter')
    await page.getByRole('button', { name: /^Placed/ }).waitFor()
    await page.context().close()
  })

  test('the palette scrolls to what the arrows choose', async () => {
    const page = await open('#/blotter')
    await page.setViewportSize({ width: 1280, height: 420 })
    await page.keyboard.press('Control+k')
    for (let step = 0; step < 20; step += 1) await page.keyboard.press('ArrowDown')
    const [list, chosen] = await Promise.all(
      ['[role=listbox]', '[aria-selected=true]'].map((each) =>
        page.locator(`.palette ${each}`).boundingBox(),
      ),
    )
    if (list == null || chosen == null) throw new Error('the palette is not there')
    expect(chosen.y).toBeGreaterThanOrEqual(list.y)
    expect(chosen.y + chosen.height).toBeLessThanOrEqual(list.y + list.height)
    await page.context().close()
  })
})
