// Owns the queue inside one process: rings are kept in memory, each order at most once.

import type { OrderQueue } from '../domain/ports/queue.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Clock, Stop } from '../timing/clock.ts'

/**
 * Orders handed to the worker in one turn of the event loop, about 5 ms of work. Requests are read, and denied under overload,
 * between two turns.
 */
const MAX_BATCH = 32

/** A queue that dies with its process; the sweep replaces lost rings. `nextTurn` calls back after one turn of the event loop. */
export function openLocalQueue(
  clock: Clock,
  concurrency: number,
  nextTurn: (run: () => void) => void = setImmediate,
): OrderQueue & { close(): Promise<void> } {
  const rung = new Set<OrderId>()
  const delayed = new Set<Stop>()
  let handler: ((ids: readonly OrderId[]) => Promise<void>) | null = null
  let underWay = 0
  let idle: () => void = () => {}
  const pump = oncePerTurn(nextTurn, () => void takeTurn())

  async function takeTurn(): Promise<void> {
    if (handler === null || rung.size === 0 || underWay >= concurrency) return
    const batch = take(rung, Math.min(MAX_BATCH, concurrency - underWay))
    underWay += batch.length
    if (rung.size > 0) pump()
    try {
      await handler(batch)
    } finally {
      underWay -= batch.length
      if (underWay === 0) idle()
      pump()
    }
  }

  function stop(): Promise<void> {
    handler = null
    return underWay === 0 ? Promise.resolve() : new Promise((resolve) => (idle = resolve))
  }

  return {
    async ring(id, delayMs = 0) {
      if (delayMs > 0) {
        const cancel = clock.after(delayMs, () => {
          delayed.delete(cancel)
          rung.add(id)
          pump()
        })
        delayed.add(cancel)
        return
      }
      rung.add(id)
      // Rings of the same turn form one batch.
      pump()
    },
    work(handle) {
      handler = handle
      pump()
      return stop
    },
    isAvailable: () => true,
    ping: async () => {},
    async close() {
      for (const cancel of delayed) cancel()
      await stop()
    },
  }
}

/** Returns a function that lets `run` be called in the next turn, once for all calls until then. */
function oncePerTurn(nextTurn: (run: () => void) => void, run: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    nextTurn(() => {
      isDue = false
      run()
    })
  }
}

/** Removes and returns the first `count` members. */
function take<T>(set: Set<T>, count: number): T[] {
  const taken: T[] = []
  for (const member of set) {
    if (taken.length === count) break
    set.delete(member)
    taken.push(member)
  }
  return taken
}
