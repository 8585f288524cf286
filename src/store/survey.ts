// Owns a look at a Postgres server for the operator: whether the engine starts on it, what it promises to keep, its schema,
// its clock. Nothing is written.

import pg from 'pg'
import type { ClockReading, PostgresFacts } from '../domain/ports/survey.ts'
import type { Clock } from '../timing/clock.ts'
import { engineSchema, schemaFault } from './migrations.ts'
import { openPostgres } from './postgres.ts'

const CONNECT_TIMEOUT_MS = 2_000
const QUERY_TIMEOUT_MS = 5_000

type Row = Omit<PostgresFacts, 'clock' | 'schema' | 'engineSchema' | 'schemaFault' | 'fault'> & {
  readonly hasSchema: boolean
}

/** In a session of its own, which no setting of the engine's has touched. */
const FACTS = `
  select current_setting('server_version') as version,
    json_build_object('fsync', current_setting('fsync'), 'synchronous_commit', current_setting('synchronous_commit'),
      'full_page_writes', current_setting('full_page_writes')) as settings,
    to_regclass('schema_version') is not null as "hasSchema",
    least(
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - (select count(*) from pg_stat_activity where backend_type = 'client backend'),
      (select nullif(rolconnlimit, -1) - (select count(*) from pg_stat_activity where usename = current_user)
       from pg_roles where rolname = current_user),
      (select nullif(datconnlimit, -1) - (select count(*) from pg_stat_activity where datname = current_database())
       from pg_database where datname = current_database())
    )::int + 1 as "freeConnections"`

export async function surveyPostgres(pgConn: string, clock: Clock): Promise<PostgresFacts> {
  const client = new pg.Client({
    connectionString: pgConn,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    application_name: 'oee doctor',
  })
  // Reported by the query that is under way.
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<Row>(FACTS)
    const [row] = rows
    if (row === undefined) throw new Error('Postgres gave no row')
    const { hasSchema, ...facts } = row
    const schema = hasSchema ? await schemaIn(client) : null
    return {
      ...facts,
      clock: await readClock(client, clock),
      schema,
      engineSchema,
      schemaFault: schemaFault(schema ?? 0)?.message ?? null,
      fault: await startFault(pgConn),
    }
  } finally {
    await client.end()
  }
}

async function schemaIn(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ version: number | null }>(
    'select max(version)::int as version from schema_version',
  )
  return rows[0]?.version ?? null
}

async function readClock(client: pg.Client, clock: Clock): Promise<ClockReading> {
  const askedAt = clock.now()
  const { rows } = await client.query<{ now: number }>(
    'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
  )
  const accuracyMs = (clock.now() - askedAt) / 2
  return { aheadMs: (rows[0]?.now ?? Number.NaN) - askedAt - accuracyMs, accuracyMs }
}

/** Looked for as a start does. */
async function startFault(pgConn: string): Promise<Error | null> {
  const sql = openPostgres({ connectionString: pgConn, maxConnections: 2, onConnectionError: () => {} })
  try {
    await sql.check()
    return null
  } catch (error) {
    return error as Error
  } finally {
    await sql.close()
  }
}
