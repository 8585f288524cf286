// Pictures of every view: light, dark and on a phone, of an engine that has something to show. `npm run screenshots` writes them
// into screenshots/.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient, type OrderRequest } from 'oee-client'
import type { BrowserContextOptions } from 'playwright-core'
import { commandLine } from '../../scripts/commandLine.ts'
import { PHONE, startConsoles } from './browser.ts'

commandLine('Writes pictures of every view of the console into screenshots/: light, dark and on a phone.', {})
const OUT = 'screenshots'
const LOOKS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['phone', { colorScheme: 'light', viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }],
]

const consoles = await startConsoles({ SIM_SEED: '7' })
try {
  const oee = createClient({ url: consoles.url })
  const shown = await placeAll(oee)
  mkdirSync(OUT, { recursive: true })
  const views = [
    ['orders', '#/blotter'],
    ['trade', '#/trade?tokenIn=SOL&tokenOut=USDC&amountIn=2500'],
    ['portfolio', '#/portfolio'],
    ['market', '#/market'],
    ['system', '#/system'],
    ...Object.entries(shown).map(([name, id]) => [`order-${name}`, `#/order?id=${id}`] as const),
  ] as const
  for (const [look, options] of LOOKS) {
    for (const [name, hash] of views) {
      const { page, faults } = await consoles.open(hash, options)
      await page.locator('.bar-connection.connected').waitFor()
      await sleep(2_500)
      await page.screenshot({ path: join(OUT, `${name}-${look}.png`) })
      for (const fault of faults) process.stderr.write(`${name} ${look}: ${fault}\n`)
      await page.context().close()
    }
  }
} finally {
  await consoles.stop()
}

/** Orders of every kind and in every state; those whose own view is shown, by name. */
async function placeAll(oee: Client): Promise<Readonly<Record<string, string>>> {
  const pair = { tokenIn: 'SOL', tokenOut: 'USDC' } as const
  const { route } = await oee.quote({ ...pair, amountIn: '1' })
  const market = Number(route?.amountOut ?? '150')
  const at = (factor: number) => (market * factor).toFixed(4)
  const place = async (order: OrderRequest) => (await oee.place(order)).orderId
  for (let number = 1; number <= 24; number += 1) {
    await place({ type: 'market', tokenIn: 'A', tokenOut: 'B', amountIn: String(number * 25) })
  }
  const limit = await place({
    type: 'limit',
    ...pair,
    amountIn: '2.5',
    limitPrice: at(1.02),
    clientOrderId: 'take-profit-1',
  })
  await place({ type: 'stop', ...pair, amountIn: '4', trigger: { price: at(0.94) } })
  await place({ type: 'trailingStop', ...pair, amountIn: '3', trigger: { trailingBps: 250 } })
  await place({
    type: 'limit',
    tokenIn: 'USDC',
    tokenOut: 'SOL',
    amountIn: '500',
    priceOf: 'tokenOut',
    limitPrice: at(0.97),
  })
  const paused = await place({ type: 'limit', ...pair, amountIn: '1', limitPrice: at(1.1) })
  await oee.amend(paused, { state: 'paused' })
  const canceled = await place({ type: 'limit', ...pair, amountIn: '1', limitPrice: at(1.2) })
  await oee.cancel(canceled)
  const twap = await place({ type: 'twap', ...pair, amountIn: '6', slices: 6, durationMs: 60_000 })
  const failed = await place({
    type: 'market',
    tokenIn: 'A',
    tokenOut: 'B',
    amountIn: '2000000',
    maxPriceImpactBps: 1,
    acceptImpact: true,
  })
  const filled = await place({
    type: 'market',
    ...pair,
    amountIn: '120',
    clientOrderId: 'rebalance-07',
    acceptImpact: true,
  })
  await oee.waitFor(filled, ['confirmed', 'failed'], { timeoutMs: 60_000 })
  await sleep(15_000)
  return { filled, limit, twap, failed }
}
