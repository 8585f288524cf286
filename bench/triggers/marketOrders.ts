// Market orders a second, and how long each takes at half of that, while every slot changes all prices: a process of its own.
import type { OrderId } from '../../src/domain/spec.ts'
import { seeded } from '../../test/support/routablePools.ts'
import { MOST_MOVE } from './book.ts'
import { marketOrder, openEngine } from './engine.ts'
import { at, createMarket, PAIRS } from './market.ts'
import { atRate, cpuUsSince, spreadOf, untilQuiet } from './pace.ts'

export type MarketRun = {
  readonly dataDir: string
  /** Orders of a burst, and how long and how often a second they then come at a steady rate. */
  readonly orders: number
  readonly seconds: number
  readonly pacedPerSecond: number
}
export type MarketOrders = {
  readonly perSecond: number
  readonly cpuUsPerOrder: number
  /** Milliseconds from when an order was due until it was confirmed. */
  readonly p50: number
  readonly p99: number
}

/** Clients, each of which places its next order when the last one is confirmed. */
const CLIENTS = 256
const SLOT_MS = 400

const { dataDir, orders, seconds, pacedPerSecond }: MarketRun = JSON.parse(process.argv[2] ?? '')
const market = createMarket()
const next = seeded(5)
const engine = await openEngine(dataDir, market)
await engine.loaded
await untilQuiet(engine)

/** Called when the order is confirmed. */
const waiting = new Map<OrderId, () => void>()
engine.onEvent = ({ kind, orderId }) => {
  if (kind !== 'filled') return
  waiting.get(orderId)?.()
  waiting.delete(orderId)
}

function confirmed(): Promise<void> {
  const order = marketOrder(at(market.sides, Math.floor(next() * market.sides.length)))
  return new Promise((resolve, reject) => {
    waiting.set(order.orderId, resolve)
    engine.place(order).catch(reject)
  })
}

async function burst(count: number): Promise<number> {
  const startedAt = performance.now()
  let placed = 0
  const client = async () => {
    while (placed < count) {
      placed += 1
      await confirmed()
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return (1_000 * count) / (performance.now() - startedAt)
}

const pairs = Array.from({ length: PAIRS }, (_, pair) => pair)
const slots = setInterval(() => {
  for (const pair of pairs) market.show(pair, market.stateAt(pair, 1 + MOST_MOVE * (2 * next() - 1)))
  market.announce(pairs)
}, SLOT_MS)

await burst(Math.ceil(orders / 2))
const cpuBefore = process.cpuUsage()
const perSecond = await burst(orders)
const cpuUsPerOrder = cpuUsSince(cpuBefore) / orders
const took: number[] = []
const all: Promise<void>[] = []
await atRate(pacedPerSecond, seconds, (dueAt) => {
  all.push(
    confirmed().then(() => {
      took.push(performance.now() - dueAt)
    }),
  )
})
await Promise.all(all)
clearInterval(slots)
await engine.close()
const result: MarketOrders = { perSecond, cpuUsPerOrder, ...spreadOf(took) }
process.stdout.write(`${JSON.stringify(result)}\n`)
