// Owns the audit of exactly-once: what the engine says of its orders beside what the ledger of the simulated chain holds. Pure.

import type { Millis } from '../timing/clock.ts'
import { isOpenStatus } from './lifecycle.ts'
import type { Standing } from './ports/orders.ts'

export type Audit = {
  /** Orders that were looked at. */
  readonly orders: number
  /** Those of them that have not come to rest: open, or so lately closed that a fork may still undo a fill. */
  readonly underWay: number
  readonly confirmed: number
  /** Swaps of these orders that have landed and stand. */
  readonly swaps: number
  /** Confirmed orders without a landed swap, and closed orders that have one and are not confirmed. */
  readonly lost: number
  /** Orders with more than one landed swap. */
  readonly doubled: number
}

export const nothingAudited: Audit = { orders: 0, underWay: 0, confirmed: 0, swaps: 0, lost: 0, doubled: 0 }

/**
 * The audit with these orders, too. `landed` must be younger than the orders: a swap that lands in between belongs to an
 * order that was open. `settledBefore`: what closed before then, no fork can undo any more.
 */
export function audited(
  before: Audit,
  orders: readonly Standing[],
  landed: ReadonlyMap<string, number>,
  settledBefore: Millis,
): Audit {
  const audit = { ...before }
  for (const { id, status, updatedAt } of orders) {
    const swaps = landed.get(id) ?? 0
    const isConfirmed = status === 'confirmed'
    const isMissing = isConfirmed && swaps === 0
    const isUnderWay = isOpenStatus(status) || (isMissing && updatedAt >= settledBefore)
    const isLost = !isUnderWay && (isMissing || (!isConfirmed && swaps > 0))
    audit.orders += 1
    audit.underWay += isUnderWay ? 1 : 0
    audit.confirmed += isConfirmed ? 1 : 0
    audit.swaps += swaps
    audit.lost += isLost ? 1 : 0
    audit.doubled += swaps > 1 ? 1 : 0
  }
  return audit
}
