// Owns the sweep: finds open orders that nobody has moved on for a while, whatever became of their rings.

import type { OrderId } from '../domain/order.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Stop } from '../timing/clock.ts'

export type SweepDeps = {
  readonly store: OrderStore
  readonly clock: Clock
  readonly observe: Observe
  readonly sweepMs: number
  /** Nobody else works on this store: every open order found at the start is ours to resume at once. */
  readonly alone: boolean
}

const MAX_ORDERS = 500

/** Hands overdue orders straight to `process`, not to the queue: the sweep must work while the queue does not. */
export function startSweep(
  process: (ids: readonly OrderId[]) => Promise<void>,
  deps: SweepDeps,
): () => Promise<void> {
  const { store, clock, observe } = deps
  let stopped = false
  let stopTimer: Stop = () => {}
  let sweeping: Promise<void> = Promise.resolve()

  async function sweep(): Promise<void> {
    try {
      for (let ids = await next(); ids.length > 0 && !stopped; ids = await next()) await process(ids)
    } catch (error) {
      observe.fault('sweep', error)
    }
  }

  async function next(): Promise<OrderId[]> {
    const ids = await store.overdue(clock.now(), MAX_ORDERS)
    observe.overdue(ids)
    return ids
  }

  function schedule(): void {
    stopTimer = clock.after(deps.sweepMs, async () => {
      sweeping = sweep()
      await sweeping
      if (!stopped) schedule()
    })
  }

  async function firstSweep(): Promise<void> {
    try {
      if (deps.alone) await store.wakeAll(clock.now())
    } catch (error) {
      observe.fault('sweep', error)
    }
    await sweep()
  }

  sweeping = firstSweep()
  schedule()
  return async () => {
    stopped = true
    stopTimer()
    await sweeping
  }
}
