// Fills an embedded store with orders at rest, through the store itself: a process of its own.
import { compositionOf, limitOf, type Waiting } from './book.ts'
import { openStore } from './engine.ts'
import { createMarket } from './market.ts'

export type Fill = { readonly dataDir: string; readonly orders: number }
export type Filled = { readonly orders: number; readonly seconds: number }

const CHUNK = 5_000

const { dataDir, orders }: Fill = JSON.parse(process.argv[2] ?? '')
const startedAt = performance.now()
const { store, close } = await openStore(dataDir, () => {})
const { targets, avalanche, smallAvalanche, others } = compositionOf(createMarket(), orders)
const all: readonly Waiting[] = [...targets.flat(), ...avalanche, ...smallAvalanche, ...others]
for (let from = 0; from < Math.min(orders, all.length); from += CHUNK) {
  const specs = all.slice(from, from + CHUNK).map(limitOf)
  await Promise.all(specs.map((spec) => store.create({ spec, idempotencyKey: null, isLimited: false })))
  const logs = await store.open(specs.map(({ orderId }) => orderId))
  await Promise.all(
    logs.map((log, i) => {
      const wakeAt = specs[i]?.expiresAt ?? null
      return log.append({ kind: 'rested', reason: null, wakeAt, memory: {} })
    }),
  )
}
const count = await store.resting.count(2 * orders + 1)
await close()
const filled: Filled = { orders: count, seconds: (performance.now() - startedAt) / 1_000 }
process.stdout.write(`${JSON.stringify(filled)}\n`)
