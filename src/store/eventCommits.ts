// Owns the SQL of commits: which events each of them wrote, and reading them in the order in which commits became visible.

import { type CommittedEvent, type Constants, isBehind, type Position } from '../domain/ports/allEvents.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'
import { type EventRow, toEvent } from './eventRows.ts'

/**
 * By serial number alone rows would be missed: one that is committed later may have a smaller number. A transaction's id is
 * given once, and all ids below the oldest transaction under way are visible for good.
 */
export const EVENT_COMMITS = `
  -- Which events each commit wrote: streams of all orders go by it. No key: a restored database begins its ids anew.
  create table event_commits (
    xid xid8 not null default pg_current_xact_id(),
    order_ids uuid[] not null,
    seqs integer[] not null,
    at timestamptz not null default clock_timestamp()
  );
  create index event_commits_in_order on event_commits (xid);
  -- What lies before it is no gap, but was never written.
  insert into event_commits (order_ids, seqs) values ('{}', '{}');
`

/** Notes the events that the part `written` of a statement has inserted. In an order that their writer knows as well. */
export const NOTE_COMMIT = `, committed as (
      insert into event_commits (order_ids, seqs)
      select array_agg(order_id order by order_id, seq), array_agg(seq order by order_id, seq)
      from written having count(*) > 0
    )`

/** The id of the commit, of a statement with `NOTE_COMMIT`. */
export const COMMIT_ID = 'pg_current_xact_id()::text as commit'

export type CommitBounds = {
  /** The oldest commit that is kept. */
  readonly oldest: bigint
  /** Commits from here on may still be under way. */
  readonly horizon: bigint
  /** No transaction has this id yet. */
  readonly nextId: bigint
}

export type Commits = Omit<CommitBounds, 'nextId'> & {
  readonly entries: readonly CommittedEvent[]
  readonly next: Position
  /** Whether transactions are under way that hide what is committed behind them. */
  readonly isHeldUp: boolean
}

/** Commits of one read: some hundred events each, where orders are placed as fast as they can. */
const MAX_COMMITS = 20

type CommitRow = {
  readonly horizon: string
  readonly next_id: string
  readonly oldest: string
  readonly last: string | null
  readonly picked: number
} & (
  | (EventRow & {
      readonly commit: string
      readonly n: number
      readonly owner: string
      readonly type: Constants['type']
      readonly mint_in: string
      readonly mint_out: string
      readonly parent_id: OrderId | null
      readonly client_order_id: string | null
    })
  | { readonly order_id: null }
)

/** All of an event but its signed bytes, which no stream shows. */
const COLUMNS = 'order_id::text as order_id, seq, kind, attempt, at, data, null::bytea as wire'

/** Reads on behind that place; the events of one owner, or with null of all. */
export async function selectCommits(sql: Sql, after: Position, owner: string | null): Promise<Commits> {
  const rows = await sql.query<CommitRow>(
    `with now as (
      select pg_snapshot_xmin(snapshot) as horizon, pg_snapshot_xmax(snapshot) as next_id from pg_current_snapshot() as snapshot
    ), picked as (
      select xid, order_ids, seqs from event_commits
      where xid >= $1::xid8 and xid < (select horizon from now) order by xid limit $4
    ), entries as (
      select xid::text as commit, n::int as n, event.*, owner, type, mint_in, mint_out, parent_id::text as parent_id, client_order_id
      from picked cross join lateral unnest(order_ids, seqs) with ordinality as entry (id, number, n)
      join orders on orders.id = entry.id
      cross join lateral (
        select ${COLUMNS} from order_events where order_id = entry.id and order_events.seq = entry.number
      ) as event
      where (xid > $1::xid8 or n > $2) and ($3::text is null or owner = $3)
    )
    select horizon::text as horizon, next_id::text as next_id, (select count(*)::int from picked) as picked,
      (select picked.xid::text from picked order by picked.xid desc limit 1) as last,
      coalesce((select xid from event_commits order by xid limit 1), horizon)::text as oldest, entries.*
    from now left join entries on true order by entries.commit::xid8, entries.n`,
    [after.commit.toString(), after.events, owner, MAX_COMMITS],
  )
  const [first] = rows
  if (first === undefined) throw new Error('the bounds of the commits are missing')
  const [horizon, oldest] = [BigInt(first.horizon), BigInt(first.oldest)]
  const isWhole = first.picked < MAX_COMMITS
  const end = { commit: isWhole ? horizon : BigInt(first.last ?? 0) + 1n, events: 0 }
  return {
    oldest,
    horizon,
    entries: rows.flatMap(entryOf),
    next: isBehind(end, after) ? after : end,
    isHeldUp: first.horizon !== first.next_id,
  }
}

function entryOf(row: CommitRow): CommittedEvent[] {
  if (row.order_id === null) return []
  const { owner, type, mint_in, mint_out, parent_id, client_order_id } = row
  return [
    {
      event: toEvent(row),
      order: {
        owner,
        type,
        mintIn: mint_in,
        mintOut: mint_out,
        parentId: parent_id,
        clientOrderId: client_order_id,
      },
      position: { commit: BigInt(row.commit), events: row.n },
    },
  ]
}

export async function selectCommitBounds(sql: Sql): Promise<CommitBounds> {
  const [row] = await sql.query<{ oldest: string; horizon: string; next_id: string }>(
    `select horizon::text as horizon, next_id::text as next_id,
      coalesce((select xid from event_commits order by xid limit 1), horizon)::text as oldest
     from (select pg_snapshot_xmin(snapshot) as horizon, pg_snapshot_xmax(snapshot) as next_id
           from pg_current_snapshot() as snapshot) as now`,
  )
  if (row === undefined) throw new Error('the bounds of the commits are missing')
  return { oldest: BigInt(row.oldest), horizon: BigInt(row.horizon), nextId: BigInt(row.next_id) }
}

/**
 * Forgets up to `limit` of the oldest commits, as far as they are that old; the newest of all stays. And those with ids that are
 * still to be given: they come from another server, by a restored dump. Returns how many.
 */
export async function forgetCommits(sql: Sql, ageMs: Millis, limit: number): Promise<number> {
  const rows = await sql.query(
    `with bounds as (select pg_snapshot_xmax(pg_current_snapshot()) as next_id),
       oldest as (select xid, at from event_commits order by xid limit $2)
     delete from event_commits
     where xid in (select xid from oldest where at < clock_timestamp() - $1 * interval '1 ms')
         and xid < (select xid from event_commits order by xid desc limit 1)
       or xid >= (select next_id from bounds)
     returning 1`,
    [ageMs, limit],
  )
  return rows.length
}
