// Owns the logs of orders that this process created a moment ago: the worker takes the order from here, followers take its
// events, and neither asks the database.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import type { Order } from '../domain/order.ts'
import type { OrderId } from '../domain/spec.ts'

export type RecentLog = { readonly owner: string; readonly order: Order; readonly events: LoggedEvent[] }

/** Logs kept for followers, once a worker has taken the order: a follower comes right after placing. */
const MAX_TAKEN = 256

export type RecentLogs = {
  /** Adds an order that has just become durable, with its first event. */
  add(order: Order, event: LoggedEvent): void
  /** Adds events that this process has made durable. */
  append(events: readonly LoggedEvent[]): void
  get(id: OrderId): RecentLog | undefined
  /** The order as it was created, the first time; undefined where it was not created here, or long ago. */
  take(id: OrderId): Order | undefined
}

/** `maxWaiting`: orders kept for the worker of this process; 0 where it has none. */
export function createRecentLogs(maxWaiting: number): RecentLogs {
  const waiting = new Map<OrderId, RecentLog>()
  const taken = new Map<OrderId, RecentLog>()

  const get = (id: OrderId) => waiting.get(id) ?? taken.get(id)

  return {
    get,
    add(order, event) {
      waiting.set(event.orderId, { owner: order.spec.owner, order, events: [event] })
      dropOldest(waiting, Math.max(maxWaiting, MAX_TAKEN))
    },
    append(events) {
      for (const event of events) {
        const known = get(event.orderId)
        if (known === undefined) continue
        if (known.events.length === event.seq - 1) known.events.push(event)
        // Another process has moved this order on: its log is read from now on.
        else for (const logs of [waiting, taken]) logs.delete(event.orderId)
      }
    },
    take(id) {
      const known = waiting.get(id)
      if (known === undefined || maxWaiting === 0) return undefined
      waiting.delete(id)
      taken.set(id, known)
      dropOldest(taken, MAX_TAKEN)
      // A leg may have gone on with its parent.
      return known.events.length === 1 ? known.order : undefined
    },
  }
}

function dropOldest(logs: Map<OrderId, RecentLog>, most: number): void {
  for (const id of logs.keys()) {
    if (logs.size <= most) break
    logs.delete(id)
  }
}
