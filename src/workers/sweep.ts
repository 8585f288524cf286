// Owns the sweep: finds orders that have stood still for longer than their lease, whatever became of their rings, and
// resting ones whose time has come.

import type { OrderStore } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Observe } from '../observe.ts'
import type { Clock } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'

export type SweepDeps = {
  readonly store: OrderStore
  readonly clock: Clock
  readonly observe: Observe
  readonly sweepMs: number
  /** No other process works on this store: every open order found at the start is ours to resume at once. */
  readonly isSoleProcess: boolean
}

const MAX_ORDERS = 500

/**
 * Hands overdue orders straight to `process`, not to the queue: the sweep must work while the queue does not. Stopping
 * resolves once a sweep under way has ended.
 */
export function startSweep(
  process: (ids: readonly OrderId[]) => Promise<void>,
  { store, clock, observe, sweepMs, isSoleProcess }: SweepDeps,
): () => Promise<void> {
  let isStopped = false
  const onFault = (error: unknown) => observe.fault('sweep', error)

  async function sweep(): Promise<void> {
    const leftovers = await store.leftovers(MAX_ORDERS)
    if (leftovers.length > 0) await process(leftovers)
    for (let ids = await next(); ids.length > 0 && !isStopped; ids = await next()) await process(ids)
  }

  async function next(): Promise<OrderId[]> {
    const ids = await store.overdue(clock.now(), MAX_ORDERS)
    observe.overdue(ids)
    return ids
  }

  async function firstSweep(): Promise<void> {
    if (isSoleProcess) await store.wakeAll(clock.now()).catch(onFault)
    await sweep()
  }

  const first = firstSweep().catch(onFault)
  const stopRepeating = repeat(clock, sweepMs, sweep, onFault)
  return async () => {
    isStopped = true
    await Promise.all([first, stopRepeating()])
  }
}
