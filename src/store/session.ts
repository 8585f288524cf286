// Owns what every session of a Postgres server is set to. It is set by statements after connecting and read back: a pooler
// refuses most parameters at the start of a connection, or drops them, and a role, a database or a URL brings its own.

import type pg from 'pg'

/** The server cancels a statement before the client gives up on it: a shorter window of "was it done?". */
const STATEMENT_TIMEOUT_MS = 4_000

/**
 * Our statements look alike each time: planning them anew would cost more than it could gain. All of them find rows by
 * key, so a plan made while a table is small must not be one that reads it through: keys are looked up one by one.
 */
export const PLANNING: Readonly<Record<string, string>> = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_indexscan: 'on',
  enable_bitmapscan: 'on',
  enable_nestloop: 'on',
  // A forbidden plan counts as infinitely expensive, and expensive plans would be JIT-compiled first: 200 ms a statement.
  jit: 'off',
  // No parallel workers: on a table without statistics, two more processes would be started to read five rows.
  max_parallel_workers_per_gather: '0',
}

/** As `pg_settings` shows them. One that a version of the server lacks (`transaction_timeout`) is left out. */
const SESSION: Readonly<Record<string, string>> = {
  ...PLANNING,
  // What the driver reads times, bytes, numbers and text by.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  client_encoding: 'UTF8',
  extra_float_digits: '3',
  // What our statements are written for: of two writers that meet, the second looks again at the row (read committed).
  array_nulls: 'on',
  default_transaction_isolation: 'read committed',
  standard_conforming_strings: 'on',
  // A pooled connection may stay idle between statements for any time.
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  lock_timeout: '0',
  statement_timeout: `${STATEMENT_TIMEOUT_MS}`,
  transaction_timeout: '0',
  // An acknowledged order is durable. Waiting for standbys as well is as good.
  synchronous_commit: 'on',
}

const WANTED = 'pg_settings join unnest($1::text[], $2::text[]) as wanted (name, value) using (name)'
const IS_STRICTER = "(name = 'synchronous_commit' and setting <> 'off')"

/** Where the tables are or, in a database without them, will be: the first schema of the search path that can be used. */
const FIND_HOME = `
  select quote_ident(coalesce(
    (select name from unnest(current_schemas(false)) with ordinality as path (name, place)
     where to_regclass(format('%I.order_events', name)) is not null order by place limit 1),
    current_schema())) as home`

/** Tries to set the statement timeout: one that a role brings along, 1 ms say, may cancel the setting itself. */
const PATIENCE = 20

export const POOLER_CURE = 'use session mode (pool_mode=session), or Postgres itself'

export type Session = {
  /** Sets a new connection; throws with code DATABASE_SETTING when a setting does not stay as it was set. */
  prepare(client: pg.ClientBase): Promise<void>
}

/** One for all connections of a process: the schema that the first one finds is the schema of all. */
export function createSession(): Session {
  let home: Promise<string | null> | null = null

  async function findHome(client: pg.ClientBase): Promise<string | null> {
    const { rows } = await client.query<{ home: string | null }>(FIND_HOME)
    return rows[0]?.home ?? null
  }

  return {
    async prepare(client) {
      await allowTime(client)
      home ??= findHome(client).catch((error) => {
        home = null
        throw error
      })
      const path = await home
      const wanted = { ...SESSION, ...(path === null ? {} : { search_path: path }) }
      const columns = [Object.keys(wanted), Object.values(wanted)]
      await client.query(
        `select set_config(name, case when ${IS_STRICTER} then setting else value end, false) from ${WANTED}`,
        columns,
      )
      const { rows } = await client.query<{ name: string }>(
        `select name from ${WANTED} where setting <> value and not ${IS_STRICTER} order by name`,
        columns,
      )
      if (rows.length === 0) return
      const names = rows.map(({ name }) => name).join(', ')
      const message = `PG_CONN leads to a pooler in transaction or statement mode, or to a server, that does not keep what a session sets (${names}): ${POOLER_CURE}.`
      throw Object.assign(new Error(message), { code: 'DATABASE_SETTING' })
    },
  }
}

async function allowTime(client: pg.ClientBase): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await client.query(`set statement_timeout = ${STATEMENT_TIMEOUT_MS}`)
      return
    } catch (error) {
      const isCanceled = (error as { code?: string }).code === '57014'
      if (!isCanceled || tried === PATIENCE) throw error
    }
  }
}
