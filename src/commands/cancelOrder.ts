// Owns canceling an order: possible while the transition table allows it, and then done once.

import { mayFollow } from '../domain/lifecycle.ts'
import type { Order, OrderId, OrderStatus } from '../domain/order.ts'
import { type OrderStore, StaleLog } from '../domain/ports/orders.ts'

export type CancelOutcome =
  | { readonly kind: 'canceled'; readonly order: Order }
  /** The order is past canceling: its swap may be on the chain, or it has ended otherwise. */
  | { readonly kind: 'too_late'; readonly status: OrderStatus }
  | { readonly kind: 'not_found' }

/**
 * Cancels an order of `owner`; canceling a canceled one is no fault. An order of another owner is not found, so that its
 * existence is not revealed.
 *
 * Optimistic concurrency: a worker may write the next event between our read and our append. Each lost race moves the
 * order on, and an order has few steps left, so the loop ends.
 */
export async function cancelOrder(
  id: OrderId,
  owner: string,
  { store }: { readonly store: Pick<OrderStore, 'open'> },
): Promise<CancelOutcome> {
  for (;;) {
    const [log] = await store.open([id])
    if (log === undefined || log.order.spec.owner !== owner) return { kind: 'not_found' }
    const { order } = log
    if (order.status === 'canceled') return { kind: 'canceled', order }
    if (!mayFollow(order, 'canceled')) return { kind: 'too_late', status: order.status }
    try {
      await log.append({ kind: 'canceled', by: owner })
      return { kind: 'canceled', order: log.order }
    } catch (error) {
      if (!(error instanceof StaleLog)) throw error
    }
  }
}
