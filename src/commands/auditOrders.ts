// Owns the audit of the newest orders against the ledger, page by page, so that no single question holds the store up.

import { type Audit, audited, nothingAudited } from '../domain/audit.ts'
import type { OrderStore, Standing } from '../domain/ports/orders.ts'
import type { Simulation } from '../domain/ports/simulation.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Clock } from '../timing/clock.ts'

export type AuditDeps = {
  readonly store: Pick<OrderStore, 'standings'>
  readonly simulation: Pick<Simulation, 'landed' | 'settlesWithinMs'>
  readonly clock: Clock
}

const PAGE = 1_000

/** At most so many orders, the newest. Rejects when the store does not answer. */
export async function auditOrders(most: number, { store, simulation, clock }: AuditDeps): Promise<Audit> {
  const settledBefore = clock.now() - simulation.settlesWithinMs
  let audit = nothingAudited
  let before: OrderId | null = null
  while (audit.orders < most) {
    const page: readonly Standing[] = await store.standings(before, Math.min(PAGE, most - audit.orders))
    const [newest, oldest] = [page[0], page.at(-1)]
    if (newest === undefined || oldest === undefined) break
    before = oldest.id
    audit = audited(audit, page, await simulation.landed(oldest.id, newest.id), settledBefore)
  }
  return audit
}
