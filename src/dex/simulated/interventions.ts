// Owns the SQL of what an operator does to the simulated market, from any process. It takes effect in a slot that the
// database decides: the row of the chain, which every block updates, orders interventions and blocks.

import type { Move } from '../../domain/ports/simulation.ts'
import type { Sql } from '../../domain/ports/sql.ts'
import { lastSlotOf, type PlannedMove } from './moves.ts'

export const INTERVENTIONS_SCHEMA = `
  alter table simulation.chain add column if not exists interventions integer not null default 0;
  create table if not exists simulation.moves (number bigserial primary key, slot bigint not null, last_slot bigint not null,
    move json not null);`

/**
 * Slots between the last durable block and an intervention. The producer may have computed one more block already; with the
 * write of that one it learns of the intervention.
 */
const NOTICE_SLOTS = 2

export function interventionsIn(sql: Sql) {
  return {
    /** Resolves, once the move is durable, with the first slot in which it acts. */
    async planMove(move: Move): Promise<number> {
      const rows = await sql.query<{ slot: number }>(
        `with chain as (update simulation.chain set interventions = interventions + 1 where id = 1 returning slot)
         insert into simulation.moves (slot, last_slot, move)
         select slot + ${NOTICE_SLOTS}, slot + $1, $2 from chain
         returning slot::float8 as slot`,
        [lastSlotOf({ ...move, slot: NOTICE_SLOTS }), JSON.stringify(move)],
      )
      const [planned] = rows
      if (planned === undefined) throw new Error('the simulated chain has no genesis')
      return planned.slot
    },

    /** The moves, in the order planned, whose last slot is `slot` or later. */
    async readMoves(slot: number): Promise<readonly PlannedMove[]> {
      const rows = await sql.query<{ slot: number; move: string }>(
        `select slot::float8 as slot, move::text as move from simulation.moves where last_slot >= $1 order by number`,
        [slot],
      )
      return rows.map((row) => ({ ...(JSON.parse(row.move) as Move), slot: row.slot }))
    },
  }
}
