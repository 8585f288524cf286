// Orders a second, until all are submitted: market orders that are created at once, and limit orders that one change of price
// fires at once. A process of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import type { OrderId } from '../../src/domain/spec.ts'
import { AVALANCHE_PAIR, AVALANCHE_TIMES, compositionOf, SMALL_AVALANCHE_PAIR } from './book.ts'
import { marketOrder, openEngine } from './engine.ts'
import { at, createMarket } from './market.ts'
import { cpuUsSince, untilQuiet } from './pace.ts'

export type BurstRun = { readonly dataDir: string; readonly orders: number }
export type Burst = {
  readonly orders: number
  readonly market: Rate
  readonly fired: Rate
}
type Rate = { readonly perSecond: number; readonly cpuUsPerOrder: number }

const STUCK_MS = 120_000

const { dataDir, orders }: BurstRun = JSON.parse(process.argv[2] ?? '')
const market = createMarket()
const { avalanche, smallAvalanche } = compositionOf(market, orders)
const engine = await openEngine(dataDir, market)
await engine.loaded
await untilQuiet(engine)

/** Orders a second from the call of `begin` until so many different orders are submitted. */
async function rateOf(count: number, begin: () => void): Promise<Rate> {
  const submitted = new Set<OrderId>()
  let lastAt = 0
  engine.onEvent = ({ kind, orderId }) => {
    if (kind !== 'submitted') return
    submitted.add(orderId)
    lastAt = performance.now()
  }
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()]
  begin()
  while (submitted.size < count) {
    if (performance.now() - startedAt > STUCK_MS)
      throw new Error(`${submitted.size} of ${count} were submitted`)
    await sleep(20)
  }
  const cpuUsPerOrder = cpuUsSince(cpuBefore) / count
  await untilQuiet(engine)
  if (submitted.size > count) throw new Error(`${submitted.size} orders were submitted instead of ${count}`)
  return { perSecond: (1_000 * count) / (lastAt - startedAt), cpuUsPerOrder }
}

const created = (count: number) =>
  rateOf(count, () => {
    const side = at(market.sides, 0)
    for (let i = 0; i < count; i++) void engine.place(marketOrder(side))
  })

const fired = (pair: number, count: number) =>
  rateOf(count, () => {
    market.show(pair, market.stateAt(pair, AVALANCHE_TIMES))
    market.announce([pair])
  })

await created(avalanche.length)
await fired(SMALL_AVALANCHE_PAIR, smallAvalanche.length)
const burst: Burst = {
  orders: avalanche.length,
  market: await created(avalanche.length),
  fired: await fired(AVALANCHE_PAIR, avalanche.length),
}
await engine.close()
process.stdout.write(`${JSON.stringify(burst)}\n`)
