// Owns what a ring does: each order that it names is moved on once, however often it rings.

import type { OrderId } from '../domain/spec.ts'
import { processOrder, type WorkerDeps } from './orderWorker.ts'

/**
 * The handler of rings: opens the orders named and moves each on. An order already in hand in this process is processed
 * once more afterwards instead of twice at once. Never rejects; resolves to the orders that the store kept from being moved
 * on. The sweep finds those of them that do not rest.
 */
export function createRingHandler(deps: WorkerDeps): (ids: readonly OrderId[]) => Promise<OrderId[]> {
  const inHand = new Map<OrderId, 'once' | 'again'>()

  return async function processRing(ids): Promise<OrderId[]> {
    const fresh: OrderId[] = []
    for (const id of ids) {
      if (deps.landings.isWatching(id)) continue
      if (inHand.has(id)) inHand.set(id, 'again')
      else fresh.push(id)
    }
    for (const id of fresh) inHand.set(id, 'once')
    const undone = await moveOn(fresh, deps)
    const again = fresh.filter((id) => inHand.get(id) === 'again')
    for (const id of fresh) inHand.delete(id)
    return again.length > 0 ? [...undone, ...(await processRing(again))] : undone
  }
}

async function moveOn(ids: readonly OrderId[], deps: WorkerDeps): Promise<OrderId[]> {
  const undone: OrderId[] = []
  try {
    const logs = await deps.store.open(ids)
    await Promise.all(
      logs.map((log) =>
        processOrder(log, deps).catch((error) => {
          undone.push(log.order.spec.orderId)
          deps.observe.fault('store', error)
        }),
      ),
    )
    return undone
  } catch (error) {
    deps.observe.fault('store', error)
    return [...ids]
  }
}
