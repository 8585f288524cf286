// Owns what a ring does: each order that it names is moved on once, however often it rings.

import type { OrderId } from '../domain/spec.ts'
import { processOrder, type WorkerDeps } from './orderWorker.ts'

/**
 * The handler of rings: opens the orders named and moves each on. An order already in hand in this process is processed
 * once more afterwards instead of twice at once. Never rejects: the sweep finds what could not be done now.
 */
export function createRingHandler(deps: WorkerDeps): (ids: readonly OrderId[]) => Promise<void> {
  const inHand = new Map<OrderId, 'once' | 'again'>()

  return async function processRing(ids) {
    const fresh: OrderId[] = []
    for (const id of ids) {
      if (deps.landings.isWatching(id)) continue
      if (inHand.has(id)) inHand.set(id, 'again')
      else fresh.push(id)
    }
    for (const id of fresh) inHand.set(id, 'once')
    try {
      const logs = await deps.store.open(fresh)
      await Promise.all(
        logs.map((log) => processOrder(log, deps).catch((error) => deps.observe.fault('store', error))),
      )
    } catch (error) {
      deps.observe.fault('store', error)
    }
    const again = fresh.filter((id) => inHand.get(id) === 'again')
    for (const id of fresh) inHand.delete(id)
    if (again.length > 0) await processRing(again)
  }
}
