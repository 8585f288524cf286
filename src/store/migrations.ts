// Owns the schema: forward-only steps, each run once and for all.

import type { Sql } from '../domain/ports/sql.ts'
import { EVENT_COMMITS } from './eventCommits.ts'
import { KEY_QUOTAS } from './keyQuotas.ts'
import { MARKET_WATCHERS } from './marketWatchers.ts'
import { PROCESSES } from './processes.ts'
import { OPEN_POSITIONS, PROTECTIONS } from './protections.ts'
import { TRADING_STATE } from './tradingState.ts'

/** Serializes the migrations of processes that start together. */
const MIGRATION_LOCK = 7_203_001

type Migration = { readonly version: number; readonly sql: string }

/** Builds before 0.1.0 counted up to 7, and left other tables. */
const FIRST: Migration = {
  version: 8,
  sql: `
  -- The projection of each order's log: what finding, listing and fencing need. The log itself is order_events.
  -- Only columns that no index names change while an order waits for a worker or is worked on. And orders that are inserted
  -- together move together: with room for a second version of each row in its page, those updates touch no index (HOT).
  create table orders (
    id uuid primary key,
    owner text not null,
    type text not null,
    parent_id uuid,
    client_order_id text,
    idempotency_key text,
    fingerprint text not null,
    mint_in text not null,
    mint_out text not null,
    created_at timestamptz not null,
    status text not null,
    is_open boolean not null default true,
    -- Waits for the market or a time, and for no worker.
    is_resting boolean not null default false,
    seq integer not null,
    attempt integer not null,
    updated_at timestamptz not null,
    -- When the sweep looks after an open order that does not rest.
    wake_at timestamptz,
    rings integer not null default 0
  ) with (fillfactor = 50);
  create unique index orders_client_order_id on orders (owner, client_order_id) where client_order_id is not null;
  create unique index orders_idempotency_key on orders (owner, idempotency_key) where idempotency_key is not null;
  create index orders_listed on orders (owner, id);
  create index orders_of_parent on orders (parent_id) where parent_id is not null;
  -- What the sweep and admission read: however many orders rest, they are not in it.
  create index orders_working on orders (id) where is_open and not is_resting;

  -- Resting orders: the time that wakes them, and the prices at which they want to be looked at. A table of its own: an
  -- index on a column of orders that changes with every append would cost every append.
  create table resting_orders (
    order_id uuid primary key,
    -- The order whose legs sell the same tokens; null outside of a group.
    group_id uuid,
    wake_at timestamptz,
    mint_in text not null,
    mint_out text not null,
    -- Null where no price is waited for.
    source text,
    constraints text not null,
    amount_in numeric not null,
    above float8,
    below float8,
    not_before timestamptz,
    noted_at timestamptz not null default clock_timestamp()
  );
  create index resting_orders_due on resting_orders (wake_at) where wake_at is not null;
  create index resting_orders_noted on resting_orders (noted_at);

  -- What the legs of each order have claimed of what they may sell together, in base units: written in the statement of a
  -- leg's event, so that however many fire at once, they never sell more.
  create table order_groups (
    id uuid primary key,
    claimed numeric not null default 0,
    spent numeric not null default 0,
    open_legs integer not null,
    -- All is sold, or no leg is left: the sweep ends what is still open of the group.
    is_done boolean not null default false
  );
  create index order_groups_done on order_groups (id) where is_done;

  -- The log is the order. The key is the only lock: inserting seq + 1 first is moving the order on.
  -- No foreign key: both tables are written by one statement only (orderSql.ts).
  -- The data is JSON already: to have it parsed once more costs as much as to store it. And a routed event of 2 to 3 KB is
  -- cheaper to keep as it is than to compress.
  create table order_events (
    order_id uuid not null,
    seq integer not null,
    kind text not null,
    attempt integer not null,
    at timestamptz not null,
    data text not null,
    wire bytea,
    primary key (order_id, seq)
  ) with (toast_tuple_target = 4096);

  -- Of a key's secret only the SHA-256 is kept: 256 random bits cannot be guessed from it.
  create table api_keys (
    id text primary key,
    name text not null,
    digest bytea not null,
    scopes text[] not null,
    quotas json,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
  );

  -- Unlogged: a ticket that is lost with a crash of the database is asked for again.
  create unlogged table tickets (
    digest bytea primary key,
    owner text not null,
    expires_at timestamptz not null
  );
  create index tickets_expired on tickets (expires_at);
  ${KEY_QUOTAS}
  ${PROTECTIONS}
  ${TRADING_STATE}
  ${MARKET_WATCHERS}
  `,
}
/** By version, without gaps. */
export const migrations: readonly Migration[] = [
  FIRST,
  { version: 9, sql: EVENT_COMMITS },
  { version: 10, sql: PROCESSES },
  { version: 11, sql: OPEN_POSITIONS },
]

/** The version that this engine brings a database to. */
export const engineSchema = (migrations.at(-1) ?? FIRST).version

/** Tables whose rows leave their indexes again all the time, and dead entries behind. */
export const churning: readonly string[] = ['orders', 'resting_orders']

/** Every table that the steps create, and the one that counts them. */
export const tableNames: readonly string[] = [
  'schema_version',
  ...migrations.flatMap(({ sql }) =>
    [...sql.matchAll(/create (?:unlogged )?table (\w+)/g)].map(([, name = '']) => name),
  ),
]

/**
 * Brings the schema up to date. Refuses one that a newer engine has written with code SCHEMA_NEWER, one from before 0.1.0
 * with SCHEMA_OLDER; the database stays as it is.
 */
export async function migrate(sql: Sql): Promise<void> {
  const guard = `select pg_advisory_xact_lock(${MIGRATION_LOCK});`
  await sql.script(`${guard} create table if not exists schema_version (version integer not null)`)
  const done = await sql.query<{ version: number }>(
    'select coalesce(max(version), 0)::int as version from schema_version',
  )
  const version = done[0]?.version ?? 0
  const fault = schemaFault(version)
  if (fault !== null) throw fault
  for (const step of migrations.filter((each) => each.version > version)) {
    // Another process may have taken this step while we waited for the lock: the block then does nothing.
    await sql.script(`${guard}
      do $migrate$ begin
        if not exists (select from schema_version where version = ${step.version}) then
          ${step.sql}
          insert into schema_version values (${step.version});
        end if;
      end $migrate$`)
  }
}

/** Why this engine does not work on that version of the schema; 0 is none yet. */
export function schemaFault(version: number): Error | null {
  if (version > engineSchema) {
    return refusal(
      'SCHEMA_NEWER',
      `The database is at schema ${version}, newer than this engine's ${engineSchema}: start the newer engine.`,
    )
  }
  if (version > 0 && version < FIRST.version) {
    return refusal(
      'SCHEMA_OLDER',
      `The database is at schema ${version}, of a build before 0.1.0: use another DATA_DIR or database.`,
    )
  }
  return null
}

const refusal = (code: string, message: string): Error => Object.assign(new Error(message), { code })
