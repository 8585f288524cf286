// Owns the SQL that reads orders and their logs.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { planTypes } from '../domain/lifecycle.ts'
import type { ListQuery, OpenCount, OrderFilter, ReportedFill, Standing } from '../domain/ports/orders.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'
import { EVENT_COLUMNS, type EventRow, pgArray, toEvent } from './eventRows.ts'

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

/** Of an order: whether it fits the filter, whose values are `filterValues`. */
const FITS = `owner = $1 and ($2::text is null or status = $2) and ($3::text is null or mint_in = $3 or mint_out = $3)
       and ($4::text is null or client_order_id = $4) and ($5::text is null or type = $5)
       and ($6::bool is null or is_resting = $6) and ($7::uuid is null or parent_id = $7)`

const filterValues = ({ owner, status, mint, clientOrderId, type, isResting, parentId }: OrderFilter) => [
  owner,
  status,
  mint,
  clientOrderId,
  type,
  isResting,
  parentId,
]

/** Ids of the owner's orders that fit the query, newest first: a UUIDv7 sorts by time. */
export async function selectIds(sql: Sql, query: ListQuery): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `select id::text as id from orders where ${FITS} and ($8::uuid is null or id < $8) order by id desc limit $9`,
    [...filterValues(query), query.before, query.limit],
  )
  return rows.map(({ id }) => id)
}

/**
 * The open orders, by what holds only those: however many have closed, they are not read. One index on all open orders
 * would do as well, and cost every append that begins or ends a rest.
 */
const OPEN_ORDERS = `(
       select * from orders where is_open and not is_resting
       union all
       select orders.* from resting_orders join orders on orders.id = order_id where is_open and is_resting
     ) as open_orders`

export async function countOpen(sql: Sql, filter: OrderFilter, upTo: OrderId | null): Promise<OpenCount> {
  const [row] = await sql.query<OpenCount>(
    `select count(*)::int as count, max(id::text) as newest from ${OPEN_ORDERS}
     where ${FITS} and ($8::uuid is null or id <= $8)`,
    [...filterValues(filter), upTo],
  )
  return row ?? { count: 0, newest: null }
}

/** The open orders that fit, behind the given one, the oldest first. */
export async function selectOpenAfter(
  sql: Sql,
  filter: OrderFilter,
  after: OrderId | null,
  limit: number,
): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `select id::text as id from ${OPEN_ORDERS} where ${FITS} and ($8::uuid is null or id > $8) order by id limit $9`,
    [...filterValues(filter), after, limit],
  )
  return rows.map(({ id }) => id)
}

/** The newest of the closed orders that fit. */
export async function selectClosed(sql: Sql, filter: OrderFilter, limit: number): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `select id::text as id from orders where ${FITS} and not is_open order by id desc limit $8`,
    [...filterValues(filter), limit],
  )
  return rows.map(({ id }) => id)
}

export async function selectOpenIds(
  sql: Sql,
  filter: OrderFilter,
  upTo: OrderId,
  limit: number,
): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `select id::text as id from ${OPEN_ORDERS} where ${FITS} and id <= $8
     order by status = 'submitted', id desc limit $9`,
    [...filterValues(filter), upTo, limit],
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
     where status = 'confirmed' and updated_at >= $1 and signature is not null`,
    [new Date(since).toISOString(), limit],
  )
}

/** Behind every id. */
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** How the newest orders of all owners stand that trade themselves, behind the given one, the newest first. */
export async function selectStandings(sql: Sql, before: OrderId | null, limit: number): Promise<Standing[]> {
  return sql.query<Standing>(
    `select id::text as id, status, (extract(epoch from updated_at) * 1000)::float8 as "updatedAt"
     from orders where id < $1::uuid and type <> all($2::text[]) order by id desc limit $3`,
    [before ?? LAST, pgArray(planTypes), limit],
  )
}
