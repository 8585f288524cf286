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

/** Before every id, and behind every id. */
export const NIL = '00000000-0000-0000-0000-000000000000'
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** The terms of the orders that fit, without and with their owner, and the values. Only what is asked for is in them: an `or` has no index. */
function fitting({ owner, status, mint, clientOrderId, type, isResting, parentId }: OrderFilter) {
  const values: unknown[] = [owner]
  const value = (given: unknown, cast = '') => `$${values.push(given)}${cast}`
  const terms: string[] = []
  if (status !== null) terms.push(`status = ${value(status)}`)
  if (mint !== null) terms.push(`${value(mint)} in (mint_in, mint_out)`)
  if (clientOrderId !== null) terms.push(`client_order_id = ${value(clientOrderId)}`)
  if (type !== null) terms.push(`type = ${value(type)}`)
  if (isResting !== null) terms.push(`is_resting = ${value(isResting, '::bool')}`)
  if (parentId !== null) terms.push(`parent_id = ${value(parentId, '::uuid')}`)
  return { terms, where: ['owner = $1', ...terms].join(' and '), value, values }
}

/** `before`: null for the newest of all. */
type Newest = { readonly before: OrderId | null; readonly limit: number; readonly isClosed: boolean }

/**
 * The newest that fit: a UUIDv7 sorts by time. They are a range of the index, read in its order until there are enough. A planner
 * without statistics would think the orders of an owner few, and those that fit fewer still, and read and sort them all: hence the
 * range instead of `owner = $1`, and terms in `coalesce`, of which it expects every other to hold.
 */
function newestIds(sql: Sql, filter: OrderFilter, { before, limit, isClosed }: Newest): Promise<OrderId[]> {
  const { terms, value, values } = fitting(filter)
  const last = value(before ?? LAST, '::uuid')
  const isKeyed = filter.clientOrderId !== null || filter.parentId !== null
  const range = isKeyed
    ? ['owner = $1', `id < ${last}`]
    : [`(owner, id) >= ($1, '${NIL}'::uuid)`, `(owner, id) < ($1, ${last})`]
  const wanted = [...terms, ...(isClosed ? ['not is_open'] : [])]
  const where = [...range, ...(isKeyed ? wanted : wanted.map((term) => `coalesce(${term}, false)`))]
  const order = `order by owner desc, orders.id desc limit ${value(limit)}`
  return idsOf(sql, `orders where ${where.join(' and ')} ${order}`, values)
}

/** Ids of the owner's orders that fit the query, newest first. */
export const selectIds = (sql: Sql, { before, limit, ...filter }: ListQuery): Promise<OrderId[]> =>
  newestIds(sql, filter, { before, limit, isClosed: false })

/** The newest of the closed orders that fit. */
export const selectClosed = (sql: Sql, filter: OrderFilter, limit: number): Promise<OrderId[]> =>
  newestIds(sql, filter, { before: null, limit, isClosed: true })

/** `rest` sorts by a table's `id`: alone, `id` would be the text that is selected, in whose order no index is. */
async function idsOf(sql: Sql, rest: string, values: readonly unknown[]): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(`select id::text as id from ${rest}`, values)
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
  const { where, value, values } = fitting(filter)
  const [row] = await sql.query<OpenCount>(
    `select count(*)::int as count, max(id::text) as newest from ${OPEN_ORDERS}
     where ${where} and id <= ${value(upTo ?? LAST, '::uuid')}`,
    values,
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
  const { where, value, values } = fitting(filter)
  return idsOf(
    sql,
    `${OPEN_ORDERS} where ${where} and id > ${value(after ?? NIL, '::uuid')} order by open_orders.id limit ${value(limit)}`,
    values,
  )
}

export async function selectOpenIds(
  sql: Sql,
  filter: OrderFilter,
  upTo: OrderId,
  limit: number,
): Promise<OrderId[]> {
  const { where, value, values } = fitting(filter)
  return idsOf(
    sql,
    `${OPEN_ORDERS} where ${where} and id <= ${value(upTo, '::uuid')}
     order by status = 'submitted', open_orders.id desc limit ${value(limit)}`,
    values,
  )
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

/** How the newest orders of all owners stand that trade themselves, behind the given one, the newest first. */
export async function selectStandings(sql: Sql, before: OrderId | null, limit: number): Promise<Standing[]> {
  return sql.query<Standing>(
    `select id::text as id, status, (extract(epoch from updated_at) * 1000)::float8 as "updatedAt"
     from orders where id < $1::uuid and type <> all($2::text[]) order by orders.id desc limit $3`,
    [before ?? LAST, pgArray(planTypes), limit],
  )
}
