// Owns the SQL that reads the entries of the simulated ledger: what landed, and where.

import type { LedgerEntry, NumberedEntry } from '../../domain/ports/simulation.ts'
import type { Sql } from '../../domain/ports/sql.ts'

/** More transactions than land while a blockhash is valid. */
const MAX_RECENT = 500_000

export function entriesIn(sql: Sql) {
  return {
    /** The entries of these signatures, and the slot as of which there are no others: one snapshot. */
    async find(signatures: readonly string[]): Promise<{ slot: number; entries: readonly LedgerEntry[] }> {
      const rows = await sql.query<{ slot: number; entry: string | null }>(
        `select chain.slot::float8 as slot, ledger.entry::text as entry
         from simulation.chain left join simulation.ledger on signature = any($1::text[]) where id = 1`,
        [signatures],
      )
      const entries = rows.flatMap(({ entry }) => (entry === null ? [] : [JSON.parse(entry) as LedgerEntry]))
      return { slot: rows[0]?.slot ?? 0, entries }
    },

    /** As `find`, with nothing but the slot of each landing. */
    async findSlots(signatures: readonly string[]): Promise<{ slot: number; landed: Map<string, number> }> {
      const rows = await sql.query<{ slot: number; signature: string | null; landed: number }>(
        `select chain.slot::float8 as slot, signature, ledger.slot::float8 as landed
         from simulation.chain left join simulation.ledger on signature = any($1::text[]) where id = 1`,
        [signatures],
      )
      const landed = rows.flatMap((row): [string, number][] =>
        row.signature === null ? [] : [[row.signature, row.landed]],
      )
      return { slot: rows[0]?.slot ?? 0, landed: new Map(landed) }
    },

    /** How many swaps have landed and not reverted, by order, of the orders from one id to another. */
    async countLanded(first: string, last: string): Promise<Map<string, number>> {
      const rows = await sql.query<{ order_id: string; swaps: number }>(
        // The text is searched, not parsed: that would take longer than all the rest.
        `select order_id, count(*)::int as swaps from simulation.ledger
         where order_id >= $1 and order_id <= $2 and entry::text like '%"error":null%' group by order_id`,
        [first, last],
      )
      return new Map(rows.map(({ order_id, swaps }) => [order_id, swaps]))
    },

    /** Ledger entries in the order they landed, of one order or of all, after entry number `after`. */
    async list(orderId: string | null, after: number, limit: number): Promise<NumberedEntry[]> {
      const rows = await sql.query<{ number: number; entry: string }>(
        `select number::float8 as number, entry::text as entry from simulation.ledger
         where ($1::text is null or order_id = $1) and number > $2 order by number limit $3`,
        [orderId, after, limit],
      )
      return rows.map(({ number, entry }) => ({ number, entry: JSON.parse(entry) as LedgerEntry }))
    },
  }
}

/** The signatures that landed since that slot. */
export async function readLandedSince(sql: Sql, slot: number): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ signature: string }>(
    `select signature
     from (select signature, slot from simulation.ledger order by number desc limit ${MAX_RECENT}) as recent
     where slot >= $1`,
    [slot],
  )
  return new Set(rows.map(({ signature }) => signature))
}
