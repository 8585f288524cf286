// Owns reading resting orders: which prices they wait for. They are written with their logs (orderSql.ts).

import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { Held, RestingOrder, RestingOrders } from '../domain/ports/restingOrders.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { createSharedRead } from '../timing/sharedRead.ts'
import type { AllBound } from './bound.ts'
import { pgArray } from './eventRows.ts'
import { NIL } from './orderQueries.ts'

const CHANNEL = 'resting_orders'

const COLUMNS = `order_id::text as id, mint_in as "mintIn", mint_out as "mintOut", source, constraints, amount_in::float8 as "amountIn",
  above, below, coalesce(extract(epoch from not_before) * 1000, 0)::float8 as "notBefore"`

type Row = Omit<RestingOrder, 'constraints'> & { readonly constraints: string }

const NO_CONSTRAINTS: RestingOrder['constraints'] = {}

/** Field by field: at a start there are 100,000 of them, and a spread with a changed field costs 50 times as much. */
const toResting = (row: Row): RestingOrder => ({
  id: row.id,
  mintIn: row.mintIn,
  mintOut: row.mintOut,
  source: row.source,
  constraints: row.constraints === '{}' ? NO_CONSTRAINTS : JSON.parse(row.constraints),
  amountIn: row.amountIn,
  above: row.above,
  below: row.below,
  notBefore: row.notBefore,
})

async function selectRestingPage(sql: Sql, after: OrderId | null, limit: number): Promise<RestingOrder[]> {
  // Not `$1 is null or …`: planned for any value, that would read all pages before this one.
  const rows = await sql.query<Row>(
    `select ${COLUMNS} from resting_orders
     where source is not null and order_id > $1::uuid order by order_id limit $2`,
    [after ?? NIL, limit],
  )
  return rows.map(toResting)
}

async function selectRestingOf(sql: Sql, ids: readonly OrderId[]): Promise<RestingOrder[]> {
  const rows = await sql.query<Row>(
    `select ${COLUMNS} from resting_orders where source is not null and order_id = any($1::uuid[])`,
    [pgArray(ids)],
  )
  return rows.map(toResting)
}

async function selectRestingRecent(sql: Sql, withinMs: Millis): Promise<RestingOrder[]> {
  // Not clock_timestamp(): it may change from row to row, so no index can be asked for what is later.
  const rows = await sql.query<Row>(
    `select ${COLUMNS} from resting_orders
     where source is not null and noted_at > statement_timestamp() - $1 * interval '1 ms'`,
    [withinMs],
  )
  return rows.map(toResting)
}

async function countResting(sql: Sql, most: number): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'select count(*)::int as count from (select from resting_orders limit $1) as counted',
    [most],
  )
  return row?.count ?? 0
}

/** What each resting order promises to sell; the legs of a group, which sell the same tokens, do so once. */
const PROMISED = `select coalesce(group_id, order_id) as unit, mint_in, max(amount_in) as amount_in
  from resting_orders where source is not null group by 1, 2`

/** What all resting orders sell of each token. */
async function selectReserved(sql: Sql): Promise<Held[]> {
  const rows = await sql.query<{ mint: string; amount: string }>(
    `select mint_in as mint, sum(amount_in)::text as amount from (${PROMISED}) as promised group by mint_in`,
  )
  return rows.map(({ mint, amount }) => ({ mint, amount: BigInt(amount) }))
}

/** Those of these orders that, with all earlier ones which sell the same token, sell more of it than is held. */
async function selectUnfunded(sql: Sql, ids: readonly OrderId[], held: readonly Held[]): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `select order_id::text as id from (
       select unit, amount, sum(amount_in) over (partition by mint_in order by unit) as reserved
       from unnest($2::text[], $3::numeric[]) as held (mint_in, amount) join (${PROMISED}) as promised using (mint_in)
     ) as sums
     join resting_orders on coalesce(group_id, order_id) = unit
     where order_id = any($1::uuid[]) and source is not null and reserved > amount`,
    [
      pgArray(ids),
      pgArray(held.map(({ mint }) => mint)),
      pgArray(held.map(({ amount }) => amount.toString())),
    ],
  )
  return rows.map(({ id }) => id)
}

export const restingStatements = {
  selectRestingPage,
  selectRestingOf,
  selectRestingRecent,
  countResting,
  selectReserved,
  selectUnfunded,
}

/** For so long a count is good. */
const COUNTED_MS = 1_000
/** The same of the sums of all resting orders: over 100,000 they take a tenth of a second. */
const RESERVED_MS = 5_000

/** `noted` is called with orders whose rest this process has written. */
export function createRestingOrders(
  statements: AllBound<typeof restingStatements>,
  broadcast: Broadcast,
  clock: Clock,
): RestingOrders & { noted(ids: readonly OrderId[]): void } {
  const listeners = new Set<(ids: readonly OrderId[]) => void>()
  let counted = { at: Number.NEGATIVE_INFINITY, count: 0 }
  const reserved = createSharedRead(clock, RESERVED_MS, statements.selectReserved)

  return {
    page: statements.selectRestingPage,
    find: statements.selectRestingOf,
    recent: statements.selectRestingRecent,
    async count(most) {
      if (clock.now() - counted.at > COUNTED_MS) {
        counted = { at: clock.now(), count: await statements.countResting(most) }
      }
      return counted.count
    },
    async unfunded(ids, held) {
      const sums = await reserved.get()
      // Where all of them together are funded, each is: as a rule one sum answers for every order.
      const short = held.filter(({ mint, amount }) =>
        sums.some((sum) => sum.mint === mint && sum.amount > amount),
      )
      return new Set(short.length === 0 ? [] : await statements.selectUnfunded(ids, short))
    },
    async promised(mint) {
      const sums = await reserved.get()
      return sums.find((sum) => sum.mint === mint)?.amount ?? 0n
    },
    onChange(listener) {
      listeners.add(listener)
      // A hint that is lost is made up for by what is recent.
      const stop = broadcast.listen(
        CHANNEL,
        (text) => listener(text.split(',') as OrderId[]),
        () => {},
      )
      return () => {
        listeners.delete(listener)
        stop()
      }
    },
    noted(ids) {
      if (ids.length === 0) return
      for (const listener of listeners) listener(ids)
      broadcast.tell(CHANNEL, ids.join())
    },
  }
}
