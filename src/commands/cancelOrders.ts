// Owns canceling all orders that fit a filter, as far as one call goes.

import type { OrderFilter, OrderStore } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import { cancelOrder } from './cancelOrder.ts'

export type CanceledOrders = {
  readonly canceled: number
  /** Orders that are past canceling: submitted, or ended otherwise. */
  readonly tooLate: readonly OrderId[]
  /** Orders that fit and were not tried yet: another call goes on with them. */
  readonly remaining: number
}

type CancelDeps = {
  readonly store: Pick<OrderStore, 'open' | 'countOpen' | 'openIds' | 'children'>
}

/** Orders of one call: a few seconds. */
const MAX_PER_CALL = 10_000
/** Orders canceled at once: a batch of reads, and of appends. */
const BATCH = 400

/**
 * Cancels the open orders that fit the filter and are no newer than `upTo`, each as `cancelOrder` does: canceled or
 * filled, never both. Rejects when the store does not answer; a repeat goes on where this call ended.
 */
export async function cancelOrders(
  filter: OrderFilter,
  upTo: OrderId,
  deps: CancelDeps,
  maxPerCall = MAX_PER_CALL,
): Promise<CanceledOrders> {
  const ids = await deps.store.openIds(filter, upTo, maxPerCall)
  const tooLate: OrderId[] = []
  for (let i = 0; i < ids.length; i += BATCH) {
    tooLate.push(...(await cancelBatch(ids.slice(i, i + BATCH), filter.owner, deps)))
  }
  const canceled = ids.length - tooLate.length
  if (ids.length < maxPerCall) return { canceled, tooLate, remaining: 0 }
  // Those that were too late are still open, most of them.
  const { count } = await deps.store.countOpen(filter, upTo)
  return { canceled, tooLate, remaining: Math.max(0, count - tooLate.length) }
}

/** Returns those that could not be canceled any more. */
async function cancelBatch(
  ids: readonly OrderId[],
  owner: string,
  { store }: CancelDeps,
): Promise<OrderId[]> {
  const outcomes = await Promise.all(ids.map((id) => cancelOrder(id, owner, { store })))
  return ids.filter((_, i) => outcomes[i]?.kind !== 'canceled')
}
