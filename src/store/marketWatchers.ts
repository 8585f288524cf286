// Owns the table of the processes that watch the market: a row for each, and when it last reported.

import type { Sql } from '../domain/ports/sql.ts'
import type { Watchers } from '../domain/ports/watchers.ts'
import type { Millis } from '../timing/clock.ts'
import type { AllBound } from './bound.ts'

/** Its table, part of the schema (migrations.ts). Unlogged: after a crash of the database all report anew. */
export const MARKET_WATCHERS = `
  create unlogged table market_watchers (
    id text primary key,
    seen_at timestamptz not null
  );
`

/** By the database's clock alone: those of the processes may differ. */
async function reportWatcher(sql: Sql, id: string, withinMs: Millis): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `with reported as (
       insert into market_watchers (id, seen_at) values ($1, clock_timestamp())
       on conflict (id) do update set seen_at = excluded.seen_at
       returning id
     ), forgotten as (
       -- Rows of the dead. Never waits for another's report, which may wait for this one: the two would deadlock.
       delete from market_watchers where id in (
         select id from market_watchers
         where id <> $1 and seen_at < statement_timestamp() - interval '1 minute' for update skip locked)
     )
     select id from reported
     union select id from market_watchers where seen_at >= statement_timestamp() - $2 * interval '1 ms'`,
    [id, withinMs],
  )
  return rows.map(({ id }) => id)
}

async function deleteWatcher(sql: Sql, id: string): Promise<void> {
  await sql.query('delete from market_watchers where id = $1', [id])
}

export const watcherStatements = { reportWatcher, deleteWatcher }

export const createWatchers = (
  { reportWatcher, deleteWatcher }: AllBound<typeof watcherStatements>,
  id: string,
): Watchers => ({
  id,
  report: (withinMs) => reportWatcher(id, withinMs),
  leave: () => deleteWatcher(id),
})
