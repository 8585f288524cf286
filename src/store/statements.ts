// Owns the list of what the store asks of its database: each question is one statement, each write one commit.

import { type Sql, StoreUnavailable } from '../domain/ports/sql.ts'
import type { Millis } from '../timing/clock.ts'
import type { AllBound } from './bound.ts'
import { forgetCommits, selectCommitBounds, selectCommits } from './eventCommits.ts'
import { insertWithinQuotas } from './keyQuotas.ts'
import { watcherStatements } from './marketWatchers.ts'
import { selectChildren, selectGroups, selectOfDoneGroups } from './orderGroups.ts'
import {
  countOpen,
  selectClosed,
  selectEvents,
  selectFilled,
  selectIds,
  selectOpenAfter,
  selectOpenIds,
  selectStandings,
  selectTails,
} from './orderQueries.ts'
import { appendEvents, findByKeys, insertOrders } from './orderSql.ts'
import { processStatements } from './processes.ts'
import { selectEntryHold } from './protections.ts'
import { restingStatements } from './restingOrders.ts'
import { selectTrading, setTrading } from './tradingState.ts'
import { markOverdue, wakeAll } from './wakeUps.ts'

/** Rejects when the database does not answer in time, or is read-only. */
async function ping(sql: Sql): Promise<void> {
  const [row] = await sql.query<{ is_read_only: boolean }>(
    "select current_setting('transaction_read_only') = 'on' as is_read_only",
  )
  if (row?.is_read_only) throw new StoreUnavailable('the database is read-only')
}

async function selectNow(sql: Sql): Promise<Millis> {
  const [row] = await sql.query<{ now: number }>(
    'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now',
  )
  return row?.now ?? 0
}

const statements = {
  insertOrders,
  insertWithinQuotas,
  findByKeys,
  appendEvents,
  selectCommits,
  selectCommitBounds,
  forgetCommits,
  selectEvents,
  selectTails,
  selectIds,
  countOpen,
  selectOpenIds,
  selectOpenAfter,
  selectClosed,
  selectFilled,
  selectStandings,
  markOverdue,
  wakeAll,
  selectGroups,
  selectChildren,
  selectOfDoneGroups,
  ...restingStatements,
  selectEntryHold,
  selectTrading,
  setTrading,
  ...watcherStatements,
  ...processStatements,
  selectNow,
  ping,
}

export type Statements = AllBound<typeof statements>

/** The statements, asked of one database. Each rejects as the Sql beneath it does. */
export const createStatements = (sql: Sql): Statements =>
  Object.fromEntries(
    Object.entries(statements).map(([name, statement]) => [
      name,
      (...args: readonly unknown[]) => (statement as (...args: readonly unknown[]) => unknown)(sql, ...args),
    ]),
  ) as Statements
