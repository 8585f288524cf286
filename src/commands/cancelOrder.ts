// Owns canceling an order: possible while the transition table allows it, and then done once.

import { isOpen, mayFollow } from '../domain/lifecycle.ts'
import type { Order, OrderStatus } from '../domain/order.ts'
import { type OrderStore, StaleLog } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import { totalsOf } from '../domain/triggers/plan.ts'

export type CancelDeps = { readonly store: Pick<OrderStore, 'open' | 'children'> }

export type CancelOutcome =
  | { readonly kind: 'canceled'; readonly order: Order }
  /** The order is past canceling: its swap may be on the chain, or it has ended otherwise. */
  | { readonly kind: 'too_late'; readonly status: OrderStatus }
  | { readonly kind: 'not_found' }

/**
 * Cancels an order of `owner`, and with it what waits under it; canceling a canceled one is no fault. An order of another
 * owner is not found, so that its existence is not revealed.
 *
 * Optimistic concurrency: a worker may write the next event between our read and our append. Each lost race moves the
 * order on, and an order has few steps left, so the loop ends.
 */
export const cancelOrder = (id: OrderId, owner: string, deps: CancelDeps): Promise<CancelOutcome> =>
  cancelBy(owner, id, owner, deps)

async function cancelBy(by: string, id: OrderId, owner: string, deps: CancelDeps): Promise<CancelOutcome> {
  for (;;) {
    const [log] = await deps.store.open([id])
    if (log === undefined || log.order.spec.owner !== owner) return { kind: 'not_found' }
    const { order } = log
    if (order.status === 'canceled') return { kind: 'canceled', order }
    if (!mayFollow(order, 'canceled')) return { kind: 'too_late', status: order.status }
    const blocking = order.spec.type === 'oco' ? await cancelClaims(order, deps) : null
    if (blocking !== null) return { kind: 'too_late', status: blocking }
    try {
      await log.append({ kind: 'canceled', by })
    } catch (error) {
      if (!(error instanceof StaleLog)) throw error
      continue
    }
    if (order.spec.type === 'twap') await cancelSlices(order, deps)
    return { kind: 'canceled', order: log.order }
  }
}

/**
 * Legs that are under way hold a claim, and while one does the whole cannot be canceled: they are canceled first. Returns
 * the status of one that is past canceling, or that all is sold: the whole is about to be completed.
 */
async function cancelClaims({ spec }: Order, deps: CancelDeps): Promise<OrderStatus | null> {
  const legs = await deps.store.children(spec.orderId)
  if (totalsOf(legs).amountIn >= spec.amountIn) return 'confirmed'
  // Before any is canceled: a cancel that is denied leaves all legs as they are.
  if (legs.some(({ status }) => status === 'submitted')) return 'submitted'
  for (const leg of legs) {
    if (leg.status !== 'routing' && leg.status !== 'building') continue
    const outcome = await cancelOrder(leg.spec.orderId, spec.owner, deps)
    if (outcome.kind === 'too_late' && outcome.status === 'submitted') return outcome.status
  }
  return null
}

/** No further ones come: the plan is canceled. A slice that is past canceling goes on to its end. */
async function cancelSlices({ spec }: Order, deps: CancelDeps): Promise<void> {
  for (const slice of await deps.store.children(spec.orderId)) {
    if (isOpen(slice)) await cancelBy('plan', slice.spec.orderId, spec.owner, deps)
  }
}
