// Owns how much work waits in the store, whichever processes have taken it on: read again and again, in memory where it is
// asked for.

import type { Backlog } from '../domain/admission.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { Clock } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'

export type BacklogOptions = {
  /** More than so many open orders need not be counted. */
  readonly maxOpen: number
  /** Whether anybody here asks for it. */
  readonly reads: boolean
  /** Told when it could not be read. */
  readonly onFault: (error: unknown) => void
}

const REREAD_MS = 250
/** What was read so long ago is not known any more; a store that does not answer is noticed by those who wait for it. */
const STALE_MS = 5_000
/**
 * So many orders are passed over before the oldest that waits is looked at: those whose ring was lost wait for the sweep,
 * and say nothing about how long others will.
 */
const STRAGGLERS = 100
const NOTHING: Backlog = { readAt: 0, open: 0, queued: 0, queueAgeMs: 0 }

type Row = { readonly open: number; readonly queued: number; readonly accepted_at: Date | null }

export function openBacklog(sql: Sql, clock: Clock, { maxOpen, reads, onFault }: BacklogOptions) {
  let known = NOTHING

  async function read(): Promise<void> {
    const readAt = clock.now()
    const [row] = await sql.query<Row>(
      `with waiting as materialized (select status, created_at from orders where is_open order by id limit $1)
       select count(*)::int as open, count(*) filter (where status = 'pending')::int as queued,
         (select created_at from waiting where status = 'pending' order by created_at offset $2 limit 1) as accepted_at
       from waiting`,
      [maxOpen, STRAGGLERS],
    )
    if (row === undefined) return
    const { open, queued, accepted_at } = row
    const acceptedAt = accepted_at?.getTime() ?? readAt
    known = { readAt, open, queued, queueAgeMs: Math.max(0, readAt - acceptedAt) }
  }

  const stopRepeating = reads ? repeat(clock, REREAD_MS, read, onFault) : () => {}
  return {
    now: (): Backlog => (clock.now() - known.readAt > STALE_MS ? NOTHING : known),
    close: stopRepeating,
  }
}
