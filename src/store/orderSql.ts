// Owns the SQL: each statement beside its reason. Batches travel as arrays (unnest): one round trip, one commit.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { transitions } from '../domain/lifecycle.ts'
import type { EventKind, Order, OrderId, OrderStatus } from '../domain/order.ts'
import type { ListQuery, NewOrder, ReportedFill } from '../domain/ports/orders.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { Millis } from '../timing/clock.ts'

export const iso = (at: Millis | null) => (at === null ? null : new Date(at).toISOString())
const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'))

/**
 * The array that Postgres reads from these, written without the escapes that the driver would look for in each: for ids,
 * numbers, names of ours and base64, in which nothing needs any. Times travel as milliseconds, cheaper to write and read.
 */
export const pgArray = (items: readonly (string | number | boolean | null)[]) =>
  `{${items.map((item) => item ?? 'null').join()}}`

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** A control character, which JSON text never holds as it is. */
const SEPARATOR = '\x1e'

/** One array per column, as unnest takes them. */
export function eventColumns(events: readonly LoggedEvent[]): unknown[] {
  return [
    pgArray(events.map((event) => event.orderId)),
    pgArray(events.map((event) => event.seq)),
    pgArray(events.map((event) => event.kind)),
    pgArray(events.map((event) => event.attempt)),
    pgArray(events.map((event) => event.at)),
    pgArray(events.map((event) => base64(event.wire))),
    // JSON within an array of text would be quoted twice over.
    events.map((event) => event.data).join(SEPARATOR),
  ]
}

/** Its caller adds which orders' events go in, as `(… in (…)) is true`: looked up by hash instead of joined. */
export const INSERT_EVENTS = `
  insert into order_events (order_id, seq, kind, attempt, at, data, wire)
  select order_id, seq, kind, attempt, to_timestamp(at / 1000), data, decode(wire, 'base64')
  from rows from (
      unnest($1::uuid[], $2::int[], $3::text[], $4::int[], $5::float8[], $6::text[]),
      string_to_table($7, E'\\x1e'))
    as event (order_id, seq, kind, attempt, at, wire, data)`

export type OrderRow = NewOrder & {
  readonly order: Order
  readonly event: LoggedEvent
  readonly wakeAt: Millis
}

/** Inserts those orders whose keys are free, each with its first event; returns their ids. */
export async function insertOrders(sql: Sql, rows: readonly OrderRow[]): Promise<ReadonlySet<OrderId>> {
  // Two processes that insert the same keys must do so in the same order, or they wait for each other in a circle.
  const sorted = rows.toSorted((a, b) => compare(a.idempotencyKey ?? '', b.idempotencyKey ?? ''))
  const taken = await sql.query<{ id: OrderId }>(
    `with taken as (
      insert into orders (id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out,
                          created_at, status, seq, attempt, updated_at, wake_at)
      select id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out,
             to_timestamp(at / 1000), 'pending', 1, 1, to_timestamp(at / 1000), to_timestamp(wake_at / 1000)
      from unnest($1::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
                  $5::float8[], $14::float8[])
        as wanted (id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out, at, wake_at)
      on conflict do nothing
      returning id
    ), written as (${INSERT_EVENTS} where (order_id in (select id from taken)) is true)
    select id::text as id from taken`,
    [
      ...eventColumns(sorted.map((row) => row.event)),
      sorted.map((row) => row.spec.owner),
      sorted.map((row) => row.spec.clientOrderId),
      sorted.map((row) => row.idempotencyKey),
      sorted.map((row) => row.fingerprint),
      pgArray(sorted.map((row) => row.spec.tokenIn.mint)),
      pgArray(sorted.map((row) => row.spec.tokenOut.mint)),
      pgArray(sorted.map((row) => row.wakeAt)),
    ],
  )
  return new Set(taken.map(({ id }) => id))
}

export type KeyedOrder = {
  readonly id: OrderId
  readonly owner: string
  readonly clientOrderId: string | null
  readonly idempotencyKey: string | null
  readonly fingerprint: string
}

/** The orders that hold any of the keys. */
export function findByKeys(sql: Sql, wanted: readonly NewOrder[]): Promise<KeyedOrder[]> {
  return sql.query<KeyedOrder>(
    `select id::text as id, owner, client_order_id as "clientOrderId", idempotency_key as "idempotencyKey", fingerprint
     from unnest($1::text[], $2::text[]) as wanted (owner, key)
     join orders using (owner) where idempotency_key = wanted.key
     union
     select id::text, owner, client_order_id, idempotency_key, fingerprint
     from unnest($1::text[], $3::text[]) as wanted (owner, key)
     join orders using (owner) where client_order_id = wanted.key`,
    [
      wanted.map(({ spec }) => spec.owner),
      wanted.map(({ idempotencyKey }) => idempotencyKey),
      wanted.map(({ spec }) => spec.clientOrderId),
    ],
  )
}

export type Move = {
  /** Consecutive events of one order. */
  readonly events: readonly LoggedEvent[]
  /** What the projection says after the last of them. */
  readonly status: OrderStatus
  readonly closed: boolean
  readonly wakeAt: Millis | null
}

/** Appends to each order whose log still ends where its writer thinks it does; returns the ids of those. */
export async function appendEvents(sql: Sql, moves: readonly Move[]): Promise<ReadonlySet<OrderId>> {
  const rows = moves.flatMap(({ events, status, closed, wakeAt }) => {
    const [first] = events
    const last = events.at(-1)
    return first === undefined || last === undefined ? [] : [{ first, last, status, closed, wakeAt }]
  })
  // The update compares with the newest seq under the row's lock (read committed looks again at a row it had to wait
  // for); the primary key of order_events is the backstop. Sorted, so that two writers meet rows in one order.
  const moved = await sql.query<{ id: OrderId }>(
    `with moved as (
      update orders
      set seq = move.last_seq, status = move.status, attempt = move.attempt,
          updated_at = to_timestamp(move.at / 1000), wake_at = to_timestamp(move.wake_at / 1000), rings = 0, is_open = not move.closed
      from (
        select * from unnest($8::uuid[], $9::int[], $10::int[], $11::text[], $12::bool[], $13::int[],
                             $14::float8[], $15::float8[])
          as move (id, first_seq, last_seq, status, closed, attempt, at, wake_at)
        order by id
      ) as move
      where orders.id = move.id and orders.seq = move.first_seq - 1
      returning orders.id
    ), written as (${INSERT_EVENTS} where (order_id in (select id from moved)) is true)
    select id::text as id from moved`,
    [
      ...eventColumns(moves.flatMap(({ events }) => events)),
      pgArray(rows.map(({ first }) => first.orderId)),
      pgArray(rows.map(({ first }) => first.seq)),
      pgArray(rows.map(({ last }) => last.seq)),
      pgArray(rows.map(({ status }) => status)),
      pgArray(rows.map(({ closed }) => closed)),
      pgArray(rows.map(({ last }) => last.attempt)),
      pgArray(rows.map(({ last }) => last.at)),
      pgArray(rows.map(({ wakeAt }) => wakeAt)),
    ],
  )
  return new Set(moved.map(({ id }) => id))
}

type EventRow = {
  readonly order_id: OrderId
  readonly seq: number
  readonly kind: EventKind
  readonly attempt: number
  readonly at: Date
  readonly data: string
  readonly wire: Uint8Array | null
}

const EVENT_COLUMNS = 'order_id::text as order_id, seq, kind, attempt, at, data, wire'

const toEvent = ({ order_id, seq, kind, attempt, at, data, wire }: EventRow): LoggedEvent => ({
  orderId: order_id,
  seq,
  kind,
  status: transitions[kind].to,
  attempt,
  at: at.getTime(),
  data,
  wire,
})

/** The whole logs of these orders, each in order. */
export async function selectEvents(sql: Sql, ids: readonly OrderId[]): Promise<LoggedEvent[]> {
  const rows = await sql.query<EventRow>(
    `select ${EVENT_COLUMNS} from order_events where order_id = any($1::uuid[]) order by order_id, seq`,
    [pgArray(ids)],
  )
  return rows.map(toEvent)
}

export type Tail = {
  readonly id: OrderId
  readonly owner: string
  /** Where the log ends, and whether for good. */
  readonly last: number
  readonly isOpen: boolean
  /** Its events after the wanted seq, in order. */
  readonly events: readonly LoggedEvent[]
}

/** How each of these logs goes on after the given seq: those that exist, all as of one moment. */
export async function selectTails(
  sql: Sql,
  wanted: readonly { readonly id: OrderId; readonly after: number }[],
): Promise<Tail[]> {
  type TailRow = Omit<Tail, 'isOpen' | 'events'> & { readonly is_open: boolean } & (
      | EventRow
      | { readonly order_id: null }
    )
  const rows = await sql.query<TailRow>(
    `select orders.id::text as id, owner, orders.seq as last, is_open, event.*
     from unnest($1::uuid[], $2::int[]) as wanted (id, after) join orders using (id)
     left join lateral (
       select ${EVENT_COLUMNS} from order_events where order_id = wanted.id and seq > wanted.after
     ) as event on true
     order by orders.id, event.seq`,
    [pgArray(wanted.map(({ id }) => id)), pgArray(wanted.map(({ after }) => after))],
  )
  const tails = new Map<OrderId, Tail & { events: LoggedEvent[] }>()
  for (const row of rows) {
    const { id, owner, last, is_open: isOpen } = row
    const tail = tails.get(id) ?? { id, owner, last, isOpen, events: [] }
    tails.set(id, tail)
    if (row.order_id !== null) tail.events.push(toEvent(row))
  }
  return [...tails.values()]
}

/** Ids of the owner's orders that fit the query, newest first: a UUIDv7 sorts by time. */
export async function selectIds(sql: Sql, query: ListQuery): Promise<OrderId[]> {
  const { owner, status, mint, clientOrderId, before, limit } = query
  const rows = await sql.query<{ id: OrderId }>(
    `select id::text as id from orders
     where owner = $1 and ($2::text is null or status = $2) and ($3::text is null or mint_in = $3 or mint_out = $3)
       and ($4::text is null or client_order_id = $4) and ($5::uuid is null or id < $5)
     order by id desc limit $6`,
    [owner, status, mint, clientOrderId, before, limit],
  )
  return rows.map(({ id }) => id)
}

/** What was filled since then, of the newest orders. By id, which sorts by time: no index has to know of it. */
export async function selectFilled(sql: Sql, since: Millis, limit: number): Promise<ReportedFill[]> {
  return sql.query<ReportedFill>(
    `select id::text as "orderId", signature, (submitted.data::json->>'lastValidBlockHeight')::float8 as "lastValidBlockHeight", slot
     from (select id, seq, status, updated_at from orders order by id desc limit $2) as newest
     cross join lateral (
       select data::json->>'signature' as signature, (data::json->>'slot')::float8 as slot from order_events
       where order_id = id and order_events.seq = newest.seq) as filled
     join order_events as submitted on submitted.order_id = id and submitted.seq = newest.seq - 1
     where status = 'confirmed' and updated_at >= $1`,
    [iso(since), limit],
  )
}

/**
 * Overdue open orders, and those that a clock ahead of ours has put off: what was written more than a lease after now says
 * nothing of how long its order has stood still. Once rung for, it waits by our clock and is an order as any other. After the first ring the next ones come half as often, for a backlog's
 * sake, and no later: whoever has an order in hand may die at any time.
 */
export async function markOverdue(sql: Sql, now: Millis, leaseMs: number, limit: number): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `update orders set rings = rings + 1, wake_at = to_timestamp($1::float8 / 1000) + $2 * interval '1 ms' * 2 ^ least(rings, 1)
     where id in (
       select id from orders
       where is_open and (wake_at <= to_timestamp($1::float8 / 1000)
         or (rings = 0 and updated_at > to_timestamp($1::float8 / 1000) + $2 * interval '1 ms'))
       order by id limit $3 for update skip locked)
     returning id::text as id`,
    [now, leaseMs, limit],
  )
  return rows.map(({ id }) => id)
}

/** Makes every open order overdue. */
export async function wakeAll(sql: Sql, now: Millis): Promise<void> {
  await sql.query('update orders set wake_at = to_timestamp($1::float8 / 1000) where is_open', [now])
}
