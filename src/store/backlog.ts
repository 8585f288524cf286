// Owns the backlog: how much work waits in the store, whichever processes have taken it on. Reread on a timer, so that
// asking costs no query. Resting orders are not work.

import type { Backlog } from '../domain/admission.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { Clock } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'

export type BacklogOptions = {
  /** Counting stops at so many orders. */
  readonly maxOpen: number
  /** Whether this process needs it. */
  readonly reads: boolean
  /** Receives each fault of reading it. */
  readonly onFault: (error: unknown) => void
}

const REREAD_MS = 250
/** An older reading counts as no backlog: a store that does not answer holds new orders up by itself. */
const STALE_MS = 5_000
/** The oldest orders that are passed over: their rings were lost, so their wait says nothing about that of others. */
const STRAGGLERS = 100
const NOTHING: Backlog = { readAt: 0, open: 0, queued: 0, queueAgeMs: 0 }

type Row = { readonly open: number; readonly queued: number; readonly queued_at: Date | null }

export function openBacklog(sql: Sql, clock: Clock, { maxOpen, reads, onFault }: BacklogOptions) {
  let known = NOTHING

  async function read(): Promise<void> {
    const readAt = clock.now()
    const [row] = await sql.query<Row>(
      `with working as materialized (
         select status, updated_at from orders where is_open and not is_resting order by id limit $1)
       select count(*)::int as open, count(*) filter (where status = 'pending')::int as queued,
         (select updated_at from working where status = 'pending' order by updated_at offset $2 limit 1) as queued_at
       from working`,
      [maxOpen, STRAGGLERS],
    )
    if (row === undefined) return
    const { open, queued, queued_at } = row
    const queuedAt = queued_at?.getTime() ?? readAt
    known = { readAt, open, queued, queueAgeMs: Math.max(0, readAt - queuedAt) }
  }

  const stopRepeating = reads ? repeat(clock, REREAD_MS, read, onFault) : () => {}
  return {
    now: (): Backlog => (clock.now() - known.readAt > STALE_MS ? NOTHING : known),
    close: stopRepeating,
  }
}
