// Owns the SQL that finds orders whose time has come.

import type { Sql } from '../domain/ports/sql.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'

/**
 * Open orders past their wake-up time, and those stamped by a clock that ran ahead: an `updated_at` more than a lease in
 * the future cannot be trusted. After the first ring the interval doubles once, and no more: the process that holds the
 * order may have died. Resting orders whose time has come, by the database's clock too, wait for a worker from then on like every other order:
 * a process whose clock runs ahead wakes none early.
 */
export async function markOverdue(sql: Sql, now: Millis, leaseMs: number, limit: number): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `with woken as (
       -- Locks orders before resting_orders, as appends do: the other way round the two would deadlock.
       update orders set is_resting = false, rings = 1, updated_at = to_timestamp($1::float8 / 1000),
         wake_at = to_timestamp($1::float8 / 1000) + $2 * interval '1 ms'
       where id in (
         select id from orders
         where is_open and is_resting and id in (
           select order_id from resting_orders where wake_at <= least(to_timestamp($1::float8 / 1000), now()) order by wake_at limit $3)
         for update skip locked)
       returning id
     ), dropped as (
       -- Not in (select …), as in appends.
       delete from resting_orders where order_id = any(array(select id from woken))
     ), overdue as (
       update orders set rings = rings + 1, wake_at = to_timestamp($1::float8 / 1000) + $2 * interval '1 ms' * 2 ^ least(rings, 1)
       where id in (
         select id from orders
         where is_open and not is_resting and (wake_at <= to_timestamp($1::float8 / 1000)
           or (rings = 0 and updated_at > to_timestamp($1::float8 / 1000) + $2 * interval '1 ms'))
         order by id limit $3 for update skip locked)
       returning id)
     select id::text as id from woken union all select id::text from overdue`,
    [now, leaseMs, limit],
  )
  return rows.map(({ id }) => id)
}

/** Makes every open order overdue that waits for a worker. */
export async function wakeAll(sql: Sql, now: Millis): Promise<void> {
  await sql.query(
    'update orders set wake_at = to_timestamp($1::float8 / 1000) where is_open and not is_resting',
    [now],
  )
}
