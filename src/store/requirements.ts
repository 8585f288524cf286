// Owns what the engine needs of a Postgres server, looked for before anything is created there: each lack is a fault with
// code DATABASE_… whose message says the cure.

import type pg from 'pg'
import { tableNames } from './migrations.ts'
import { POOLER_CURE } from './session.ts'

/** `string_to_table` came with it. */
const OLDEST_VERSION = 140_000

/** Where the simulated chain keeps its tables. */
const SIMULATION = 'simulation'

type Survey = {
  readonly versionNumber: number
  readonly version: string
  readonly isStandby: boolean
  readonly isReadOnly: boolean
  readonly role: string
  readonly database: string
  readonly home: string | null
  readonly mayCreate: boolean
  readonly maySimulate: boolean
  /** Statements of ours by name, in a schema without our record of its version. */
  readonly foreign: string | null
  /** A table that belongs to a role whose rights this one lacks, and that role. */
  readonly closed: { readonly name: string; readonly owner: string } | null
}

const SURVEY = `
  select current_setting('server_version_num')::int as "versionNumber", current_setting('server_version') as version,
    pg_is_in_recovery() as "isStandby", current_setting('transaction_read_only') = 'on' as "isReadOnly",
    current_user::text as role, current_database()::text as database, current_schema()::text as home,
    has_schema_privilege(current_schema(), 'create') as "mayCreate",
    case when to_regnamespace('${SIMULATION}') is null then has_database_privilege(current_database(), 'create')
         else has_schema_privilege('${SIMULATION}', 'create') and has_schema_privilege('${SIMULATION}', 'usage')
    end as "maySimulate",
    (select min(relname::text) from pg_class
     where relnamespace = to_regnamespace(quote_ident(current_schema())) and relname = any($1) and not exists (
       select from pg_attribute where attrelid = to_regclass('schema_version') and attname = 'version'
         and atttypid = 'int4'::regtype)) as foreign,
    (select json_build_object('name', relname, 'owner', pg_get_userbyid(relowner)) from pg_class
     where relkind = 'r' and not pg_has_role(relowner, 'usage')
       and (relnamespace = to_regnamespace('${SIMULATION}')
         or (relnamespace = to_regnamespace(quote_ident(current_schema())) and relname = any($1)))
     order by relname limit 1) as closed`

export async function checkServer(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<Survey>(SURVEY, [tableNames])
  for (const found of rows) {
    const what = lackOf(found)
    if (what !== null) throw Object.assign(new Error(what.message), { code: what.code })
  }
}

function lackOf(found: Survey): { readonly code: string; readonly message: string } | null {
  const { role, database, home, foreign, closed } = found
  const lack = (code: string, message: string) => ({ code: `DATABASE_${code}`, message })
  if (found.versionNumber < OLDEST_VERSION) {
    return lack('OLD', `Postgres 14 or newer is needed; PG_CONN leads to ${found.version}.`)
  }
  if (found.isStandby) {
    return lack('STANDBY', 'PG_CONN leads to a standby, which takes no writes: set it to the primary.')
  }
  if (found.isReadOnly) {
    const cure = `run: alter role ${role} reset default_transaction_read_only (or alter database ${database} reset …)`
    return lack(
      'READ_ONLY',
      `Postgres (PG_CONN) takes no writes from ${role}: default_transaction_read_only is on; ${cure}.`,
    )
  }
  if (home === null) {
    return lack('NO_SCHEMA', `Postgres (PG_CONN) has no schema that ${role} may use: ${schemaCure(role)}.`)
  }
  if (foreign !== null) {
    return lack(
      'FOREIGN',
      `Schema ${home} of PG_CONN holds a table ${foreign} that is not this engine's: give it a database of its own, or a schema: ${schemaCure(role)}.`,
    )
  }
  if (closed !== null) {
    const cure = `connect as ${closed.owner}, or run as it: grant ${closed.owner} to ${role}`
    return lack(
      'OWNER',
      `Table ${closed.name} of PG_CONN belongs to ${closed.owner}, not to ${role}: ${cure}.`,
    )
  }
  if (!found.mayCreate) {
    const cure = `grant create on schema ${home} to ${role}`
    return lack(
      'RIGHTS',
      `${role} may not create tables in schema ${home} (PG_CONN): run as its owner: ${cure}.`,
    )
  }
  if (!found.maySimulate) {
    const cure = `create schema if not exists ${SIMULATION}; grant create, usage on schema ${SIMULATION} to ${role}`
    return lack(
      'RIGHTS',
      `${role} may not make the schema "${SIMULATION}" in database ${database} (PG_CONN), or its tables: run as the database's owner: ${cure}.`,
    )
  }
  return null
}

const schemaCure = (role: string) =>
  `create schema engine authorization ${role}; alter role ${role} set search_path = engine`

/** Looks for a pooler: one that lends its connections to several clients shows at the first look or the next. */
const LOOKS = 5

/**
 * Throws with code DATABASE_POOLER behind a pooler in transaction or statement mode: there a session's settings leak to
 * another client, and a statement prepared in it is unknown later.
 */
export async function checkPooler(mine: pg.ClientBase, other: pg.ClientBase): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if (!(await isShared(mine, other))) continue
    const message = `PG_CONN leads to a pooler in transaction or statement mode, which does not keep a session: ${POOLER_CURE}.`
    throw Object.assign(new Error(message), { code: 'DATABASE_POOLER' })
  }
}

/** While the other client holds its server process by a transaction, ours must still be what it was. */
async function isShared(mine: pg.ClientBase, other: pg.ClientBase): Promise<boolean> {
  const before = await processOf(mine)
  try {
    await other.query('begin')
  } catch (error) {
    // As PgBouncer says in statement mode.
    if (/transaction blocks? not allowed/i.test((error as Error).message)) return true
    throw error
  }
  const shared = (await processOf(other)) === before || (await processOf(mine)) !== before
  await other.query('rollback')
  return shared
}

async function processOf(client: pg.ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid
}
