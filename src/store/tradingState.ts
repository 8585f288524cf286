// Owns the row that says whether trading is halted: one for all processes.

import type { Sql } from '../domain/ports/sql.ts'
import type { TradingState } from '../domain/ports/trading.ts'
import type { Millis } from '../timing/clock.ts'

/** Its table, part of the schema (migrations.ts). One row at most: none means that trading was never halted. */
export const TRADING_STATE = `
  create table trading_state (
    only_row boolean primary key default true check (only_row),
    state text not null,
    -- Counts the changes: of two answers that overtake each other the higher is the later.
    version integer not null default 1,
    changed_at timestamptz not null,
    changed_by text not null
  );
`

export type StoredTrading = {
  readonly state: TradingState['state']
  readonly version: number
  readonly changedAt: Millis
  readonly changedBy: string
}

const COLUMNS = `state, version, (extract(epoch from changed_at) * 1000)::float8 as "changedAt", changed_by as "changedBy"`

/** Null when trading was never halted. */
export async function selectTrading(sql: Sql): Promise<StoredTrading | null> {
  const [row] = await sql.query<StoredTrading>(`select ${COLUMNS} from trading_state`)
  return row ?? null
}

export async function setTrading(
  sql: Sql,
  state: TradingState['state'],
  at: Millis,
  by: string,
): Promise<StoredTrading> {
  const [row] = await sql.query<StoredTrading>(
    `insert into trading_state (state, changed_at, changed_by) values ($1, to_timestamp($2::float8 / 1000), $3)
     on conflict (only_row) do update
     set state = excluded.state, version = trading_state.version + 1,
         changed_at = excluded.changed_at, changed_by = excluded.changed_by
     returning ${COLUMNS}`,
    [state, at, by],
  )
  if (row === undefined) throw new Error('an upsert answers with its row')
  return row
}
