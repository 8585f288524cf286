// What one price change that fires nothing costs the process that watches, with so many orders at rest: a process of its own,
// which prints microseconds of CPU.
import { setImmediate as turn } from 'node:timers/promises'
import type { RestingOrder } from '../../src/domain/ports/restingOrders.ts'
import { systemClock } from '../../src/timing/system.ts'
import { openMarketWatch } from '../../src/workers/marketWatch.ts'
import { createPrices } from '../../src/workers/prices.ts'
import { seeded } from '../../test/support/routablePools.ts'
import { type Book, bookOf, MOST_MOVE, restingOf } from './book.ts'
import { createMarket, PAIRS, routing } from './market.ts'

export type WatchCost = { readonly usPerChange: number }

const CHANGES = 500
const SLICES = 11
const WARM_UP = 4

const book: Book = JSON.parse(process.argv[2] ?? '')
const market = createMarket()
const next = seeded(book.seed + 1)
const unexpected = (error: unknown) => {
  throw error
}

const waiting: RestingOrder[] = []
for (const order of bookOf(market, book)) waiting.push(restingOf(order, book.kind))
waiting.sort((a, b) => (a.id < b.id ? -1 : 1))
let given = 0
let [asked, fired] = [0, 0]
const pricesFor = createPrices({ marketData: market.marketData, clock: systemClock, routing })
const watch = openMarketWatch(
  async (ids) => {
    fired += ids.length
    return []
  },
  {
    resting: {
      async page(_after, limit) {
        const page = waiting.slice(given, given + limit)
        given += page.length
        return page
      },
      find: async () => [],
      recent: async () => [],
      onChange: () => () => {},
    },
    marketData: market.marketData,
    clock: systemClock,
    observe: { fault: (_, error) => unexpected(error), unevaluated: () => {} },
    looks: { holding: () => [] },
    pricesFor(query) {
      asked += 1
      return pricesFor(query)
    },
    intermediates: routing.intermediates,
    watchers: null,
    nextTurn: setImmediate,
  },
)
while (given < waiting.length) await turn()
waiting.length = 0
for (let i = 0; i < 100; i++) await turn()

/** Microseconds of the whole process for each change; the pools are made beforehand. */
async function slice(): Promise<number> {
  const changes = Array.from({ length: CHANGES }, () => {
    const pair = Math.floor(next() * PAIRS)
    return { pair, state: market.stateAt(pair, 1 + MOST_MOVE * (2 * next() - 1)) }
  })
  const before = process.cpuUsage()
  for (const { pair, state } of changes) {
    market.show(pair, state)
    market.announce([pair])
    await turn()
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CHANGES
}

for (let i = 0; i < WARM_UP; i++) await slice()
asked = 0
const spent: number[] = []
for (let i = 0; i < SLICES; i++) spent.push(await slice())
if (asked < CHANGES * SLICES)
  throw new Error(`the watch looked ${asked} times at ${CHANGES * SLICES} changes`)
if (fired > 0) throw new Error(`${fired} orders were looked at, though no change reached any`)
const usPerChange = spent.sort((a, b) => a - b)[spent.length >> 1] ?? Number.NaN
await watch.close()
process.stdout.write(`${JSON.stringify({ usPerChange } satisfies WatchCost)}\n`)
