// Owns the real tables in a schedule: one embedded Postgres for all processes, each statement steered, real work awaited
// before anything else happens.

import type { OrderStatus } from '../../src/domain/order.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import { migrate } from '../../src/store/migrations.ts'
import { createStatements, type Statements } from '../../src/store/statements.ts'
import { openMemoryWatchers } from '../support/memoryTables.ts'
import { type Durable, type Effects, holdsSwap, type Stored, steered, telling } from './durable.ts'
import { LIMITED_OWNER } from './limits.ts'
import type { World } from './world.ts'

/** Turns of the event loop after which work that was put off has begun. */
const IDLE_TURNS = 3

/** Real work under way: nothing else happens before it is done, and what it set off has begun. */
export function openTraffic() {
  const underWay = new Set<Promise<unknown>>()
  return {
    track<T>(work: Promise<T>): Promise<T> {
      underWay.add(work)
      const done = () => underWay.delete(work)
      work.then(done, done)
      return work
    },
    async quiet(): Promise<void> {
      for (let idle = 0; idle < IDLE_TURNS; idle++) {
        if (underWay.size > 0) idle = 0
        await Promise.allSettled(underWay)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

type ProjectionRow = { id: OrderId; status: OrderStatus; isResting: boolean; seq: number; attempt: number }

/** The database, emptied for one schedule. */
export async function sqlDurable(
  sql: Sql,
  { clock }: World,
  { track }: ReturnType<typeof openTraffic>,
  effects: Effects,
  limits: KeyQuotas | null,
): Promise<Durable> {
  await migrate(sql)
  await sql.script(
    `truncate orders, order_events, resting_orders, order_groups, api_keys, key_usage, key_positions, sold_today,
       trading_state`,
  )
  if (limits !== null) {
    await sql.query(
      `insert into api_keys (id, name, digest, scopes, quotas, created_at) values ($1, 'bot', '', '{trade}', $2, now())`,
      [LIMITED_OWNER, limits],
    )
  }
  // The schedule has a clock of its own, by which also its processes come and go.
  const watchers = openMemoryWatchers(clock.now)
  const tables: Statements = {
    ...createStatements(sql),
    reportWatcher: async (id, withinMs) => watchers.reportWatcher(id, withinMs),
    deleteWatcher: async (id) => watchers.deleteWatcher(id),
    selectNow: async () => clock.now(),
  }
  const faults: string[] = []
  type Statement = (...args: readonly unknown[]) => Promise<unknown>
  const tracked =
    (statement: unknown): Statement =>
    (...args) =>
      track((statement as Statement)(...args).catch(report))
  const report = (error: unknown): never => {
    faults.push(String(error))
    throw error
  }

  async function read(): Promise<ReadonlyMap<OrderId, Stored>> {
    const rows = await sql.query<ProjectionRow>(
      'select id::text as id, status, is_resting as "isResting", seq, attempt from orders order by id',
    )
    const events = await tables.selectEvents(rows.map(({ id }) => id))
    return new Map(
      rows.map(({ id, ...projection }) => [
        id,
        { events: events.filter(({ orderId }) => orderId === id), projection },
      ]),
    )
  }

  return {
    tablesOf: (life, fateOf) =>
      Object.fromEntries(
        Object.entries(telling(tables, effects)).map(([name, statement]) => [
          name,
          steered(name, tracked(statement), life, fateOf, clock.after),
        ]),
      ) as unknown as Statements,
    read: () => track(read()),
    faults,
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, statement]) => [name, tracked(statement)]),
    ) as unknown as Statements,
    holds: async (id, signature) => holdsSwap(await track(tables.selectEvents([id])), signature),
  }
}
