// Owns what the order store and the trading switch ask of their database: each question is one statement, each write one
// commit.

import type { OrderId } from '../domain/order.ts'
import type { ListQuery, NewOrder } from '../domain/ports/orders.ts'
import { type Sql, StoreUnavailable } from '../domain/ports/sql.ts'
import type { TradingState } from '../domain/ports/trading.ts'
import type { Millis } from '../timing/clock.ts'
import { insertWithinQuotas } from './keyQuotas.ts'
import * as statements from './orderSql.ts'
import { selectTrading, setTrading } from './tradingState.ts'

export type Tables = ReturnType<typeof openTables>

/** The tables in a Postgres. A statement rejects as the Sql beneath it does. */
export const openTables = (sql: Sql) => ({
  insertOrders: (rows: readonly statements.OrderRow[]) => statements.insertOrders(sql, rows),
  insertWithinQuotas: (rows: readonly statements.OrderRow[]) => insertWithinQuotas(sql, rows),
  findByKeys: (wanted: readonly NewOrder[]) => statements.findByKeys(sql, wanted),
  appendEvents: (moves: readonly statements.Move[]) => statements.appendEvents(sql, moves),
  selectEvents: (ids: readonly OrderId[]) => statements.selectEvents(sql, ids),
  selectTails: (wanted: readonly { readonly id: OrderId; readonly after: number }[]) =>
    statements.selectTails(sql, wanted),
  selectIds: (query: ListQuery) => statements.selectIds(sql, query),
  selectFilled: (since: Millis, limit: number) => statements.selectFilled(sql, since, limit),
  markOverdue: (now: Millis, leaseMs: number, limit: number) =>
    statements.markOverdue(sql, now, leaseMs, limit),
  wakeAll: (now: Millis) => statements.wakeAll(sql, now),
  selectTrading: () => selectTrading(sql),
  setTrading: (state: TradingState['state'], at: Millis, by: string) => setTrading(sql, state, at, by),
  ping: async () => {
    const [row] = await sql.query<{ is_read_only: boolean }>(
      "select current_setting('transaction_read_only') = 'on' as is_read_only",
    )
    if (row?.is_read_only) throw new StoreUnavailable('the database is read-only')
  },
})
