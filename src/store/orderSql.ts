// Owns the SQL that writes orders: each statement beside its reason, each one commit. Batches travel as arrays (unnest).

import type { BaseUnits } from '../domain/amount.ts'
import type { LoggedEvent } from '../domain/eventCodec.ts'
import type { OrderStatus } from '../domain/order.ts'
import type { NewOrder } from '../domain/ports/orders.ts'
import type { RestingOrder } from '../domain/ports/restingOrders.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { OrderId, OrderSpec } from '../domain/spec.ts'
import type { Claim } from '../domain/triggers/legs.ts'
import type { Millis } from '../timing/clock.ts'
import { COMMIT_ID, NOTE_COMMIT } from './eventCommits.ts'
import { eventColumns, INSERT_EVENTS, type OrderRow, pgArray } from './eventRows.ts'
import { claimParts, insertLegs, type LegMove, lockOrders, moveLegs, planParts } from './orderGroups.ts'

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The orders that a statement has written, by their ids, and the commit that has done so; null where there are none. */
export type Written = { readonly ids: ReadonlySet<OrderId>; readonly commit: bigint | null }

const writtenBy = (rows: readonly { readonly id: OrderId; readonly commit: string }[]): Written => ({
  ids: new Set(rows.map(({ id }) => id)),
  commit: rows[0] === undefined ? null : BigInt(rows[0].commit),
})

/** Inserts those orders whose keys are free, each with its first event and its legs. */
export async function insertOrders(sql: Sql, rows: readonly OrderRow[]): Promise<Written> {
  // Deadlock: two processes that insert the same keys, or the same slices, must do so in the same order.
  const nameOf = ({ idempotencyKey, spec }: OrderRow) => idempotencyKey ?? spec.clientOrderId ?? spec.orderId
  const sorted = rows.toSorted((a, b) => compare(nameOf(a), nameOf(b)))
  const legs = insertLegs(sorted, 'select id from taken', 17)
  const hasLegs = legs.params.length > 0
  const taken = await sql.query<{ id: OrderId; commit: string }>(
    `with taken as (
      insert into orders (id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out, type,
                          parent_id, created_at, status, seq, attempt, updated_at, wake_at)
      select id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out, type, parent_id,
             to_timestamp(at / 1000), 'pending', 1, 1, to_timestamp(at / 1000), to_timestamp(wake_at / 1000)
      from unnest($1::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
                  $5::float8[], $14::float8[], $15::text[], $16::uuid[])
        as wanted (id, owner, client_order_id, idempotency_key, fingerprint, mint_in, mint_out, at, wake_at, type, parent_id)
      ${hasLegs ? 'where owner is not null' : ''}
      on conflict do nothing
      returning id
    )${legs.sql}, written as (${INSERT_EVENTS} where (order_id in (
      select id from taken ${hasLegs ? 'union all select id from legs' : ''})) is true returning order_id, seq)${NOTE_COMMIT}
    select id::text as id, ${COMMIT_ID} from taken`,
    [
      // The events of the legs come behind: their rows have an id and a time here, and nothing else of an order.
      ...eventColumns([...sorted, ...sorted.flatMap(({ children }) => children)].map((row) => row.event)),
      sorted.map((row) => row.spec.owner),
      sorted.map((row) => row.spec.clientOrderId),
      sorted.map((row) => row.idempotencyKey),
      pgArray(sorted.map((row) => row.fingerprint)),
      pgArray(sorted.map((row) => row.spec.tokenIn.mint)),
      pgArray(sorted.map((row) => row.spec.tokenOut.mint)),
      pgArray(sorted.map((row) => row.wakeAt)),
      pgArray(sorted.map((row) => row.spec.type)),
      pgArray(sorted.map((row) => row.spec.parent?.orderId ?? null)),
      ...legs.params,
    ],
  )
  return writtenBy(taken)
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

/** A rest that begins, changes or ends with a move; null where it ends. */
export type Rest = {
  readonly wakeAt: Millis | null
  readonly waitsFor: (Omit<RestingOrder, 'id' | 'amountIn'> & { readonly amountIn: BaseUnits }) | null
}

export type Move = {
  /** Consecutive events of one order. */
  readonly events: readonly LoggedEvent[]
  /** What the projection says after the last of them. */
  readonly status: OrderStatus
  readonly closed: boolean
  /** When the sweep looks after it; null for orders that are closed or rest. */
  readonly wakeAt: Millis | null
  /** Null where the order rested neither before nor rests now. */
  readonly rest: Rest | 'ended' | null
  /** The mint that it buys from now on; null where that stays. */
  readonly mintOut: string | null
  /** What it claims of its group, or gives back; a claim that the group does not allow refuses the move. */
  readonly claim: Claim | null
  /** The plan that must still be open, or the move is refused. */
  readonly plan: OrderId | null
  /** What follows for the legs that have waited for it. */
  readonly legs: readonly LegMove[]
  readonly spec: OrderSpec
}

/**
 * Appends to each order whose log still ends where its writer thinks it does, and whose group or plan allows it; and to their
 * legs that go on with them.
 */
export async function appendEvents(sql: Sql, moves: readonly Move[]): Promise<Written> {
  const rows = moves.flatMap(({ events, ...move }) => {
    const [first, last] = [events[0], events.at(-1)]
    return first === undefined || last === undefined ? [] : [{ ...move, first, last }]
  })
  // Batches in which no order begins or ends a rest, nearly all of them, do not pay for the others; nor for groups.
  const rests = rows.some(({ rest }) => rest !== null) ? RESTS : NO_RESTS
  const restParams = rests === NO_RESTS ? [] : restColumns(rows.map(({ rest }) => rest))
  const legMoves = moves.flatMap(({ legs }) => legs)
  const firstOfLegs = 16 + restParams.length
  const legs = moveLegs(legMoves, firstOfLegs)
  const hasLegs = legs.params.length > 0
  const firstOfGuards = firstOfLegs + legs.params.length
  const guards = guardsOf(rows, hasLegs ? firstOfLegs : null, firstOfGuards)
  const choices = choicesOf(rows, firstOfGuards + guards.params.length)
  const gone = `select id from moved${hasLegs ? ' union all select id from begun' : ''}`
  // Optimistic concurrency: the update compares with the newest seq under the row's lock (read committed looks again at a
  // row it had to wait for); the primary key of order_events is the backstop. Sorted, so that two writers meet rows in one
  // order and do not deadlock.
  const moved = await sql.query<{ id: OrderId; commit: string }>(
    `with ${guards.with}moved as (
      update orders
      set seq = move.last_seq, status = move.status, attempt = move.attempt, ${rests.set}${choices.set}
          updated_at = to_timestamp(move.at / 1000), wake_at = to_timestamp(move.wake_at / 1000), rings = 0, is_open = not move.closed
      from (
        select * from unnest($8::uuid[], $9::int[], $10::int[], $11::text[], $12::bool[], $13::int[],
                             $14::float8[], $15::float8[]${rests.arrays}${choices.arrays})
          as move (id, first_seq, last_seq, status, closed, attempt, at, wake_at${rests.columns}${choices.columns})
        order by id
      ) as move
      where orders.id = move.id and orders.seq = move.first_seq - 1${guards.where}
      returning orders.id${rests.returning}
    )${rests.wakeUps}${legs.sql}, written as (${INSERT_EVENTS} where (order_id in (${gone})) is true returning order_id, seq)${NOTE_COMMIT}
    select id::text as id, ${COMMIT_ID} from (${gone}) as gone`,
    [
      ...eventColumns([...moves.flatMap(({ events }) => events), ...legMoves.map(({ event }) => event)]),
      pgArray(rows.map(({ first }) => first.orderId)),
      pgArray(rows.map(({ first }) => first.seq)),
      pgArray(rows.map(({ last }) => last.seq)),
      pgArray(rows.map(({ status }) => status)),
      pgArray(rows.map(({ closed }) => closed)),
      pgArray(rows.map(({ last }) => last.attempt)),
      pgArray(rows.map(({ last }) => last.at)),
      pgArray(rows.map(({ wakeAt }) => wakeAt)),
      ...restParams,
      ...legs.params,
      ...guards.params,
      ...choices.params,
    ],
  )
  return writtenBy(moved)
}

/** Parts of the statement above, where an order has chosen the token that it buys: nearly none does. */
function choicesOf(rows: readonly Pick<Move, 'mintOut'>[], first: number) {
  if (rows.every(({ mintOut }) => mintOut === null)) return { set: '', arrays: '', columns: '', params: [] }
  return {
    set: ' mint_out = coalesce(move.mint_out, orders.mint_out),',
    arrays: `, $${first}::text[]`,
    columns: ', mint_out',
    params: [pgArray(rows.map(({ mintOut }) => mintOut))],
  }
}

type Row = Pick<Move, 'claim' | 'plan'> & { readonly first: LoggedEvent }

/** What a batch locks and asks for before it moves, where it has legs, claims, or slices to send: nearly none has. */
function guardsOf(rows: readonly Row[], firstOfLegs: number | null, first: number) {
  const claims = claimParts(
    rows.flatMap(({ first: { orderId }, claim }) => (claim === null ? [] : { orderId, claim })),
    first,
  )
  const firstOfPlans = first + claims.params.length
  const plans = planParts(
    rows.flatMap(({ first: { orderId }, plan }) => (plan === null ? [] : { orderId, plan })),
    firstOfPlans,
  )
  const [hasClaims, hasPlans] = [claims.params.length > 0, plans.params.length > 0]
  if (firstOfLegs === null && !hasClaims && !hasPlans) return { with: '', where: '', params: [] }
  const locks = lockOrders({ ids: 8, seqs: 9, legs: firstOfLegs, plans: hasPlans ? firstOfPlans + 1 : null })
  return {
    with: `${locks}${claims.sql}${plans.sql}`,
    where: `${LOCKED}${hasClaims ? CLAIMED : ''}${hasPlans ? PLANNED : ''}`,
    params: [...claims.params, ...plans.params],
  }
}

const LOCKED = ' and move.id in (select id from locked)'
/** A move that wants a claim has to have it. */
const CLAIMED = `
        and (move.id in (select order_id from claimed) or not move.id in (select order_id from wanted))`
/** One that sends a slice has to have a plan. */
const PLANNED = `
        and (move.id in (select order_id from planned) or not move.id in (select order_id from sent))`

/** Parts of the statement above. A null `is_resting` stands for an order whose rest does not change. */
const RESTS = {
  set: 'is_resting = coalesce(move.is_resting, orders.is_resting),',
  arrays:
    ', $16::bool[], $17::float8[], $18::text[], $19::text[], $20::numeric[], $21::float8[], $22::float8[], $23::float8[]',
  columns: ', is_resting, rests_until, source, constraints, amount_in, above, below, not_before',
  returning: `, move.is_resting, move.rests_until, move.source, move.constraints, move.amount_in, move.above, move.below,
        move.not_before, orders.mint_in, orders.mint_out, orders.parent_id`,
  wakeUps: `, noted as (
      insert into resting_orders (order_id, group_id, wake_at, mint_in, mint_out, source, constraints, amount_in, above, below, not_before)
      select id, parent_id, to_timestamp(rests_until / 1000), mint_in, mint_out, source, constraints, amount_in, above, below,
             to_timestamp(not_before / 1000)
      from moved where is_resting
      on conflict (order_id) do update set
        wake_at = excluded.wake_at, source = excluded.source, constraints = excluded.constraints,
        amount_in = excluded.amount_in, above = excluded.above, below = excluded.below,
        not_before = excluded.not_before, noted_at = clock_timestamp()
    ), dropped as (
      -- Not in (select …): a plan from when no order rested would read through all that rest by now.
      delete from resting_orders where order_id = any(array(select id from moved where not is_resting))
    )`,
} as const
const NO_RESTS: Readonly<Record<keyof typeof RESTS, string>> = {
  set: '',
  arrays: '',
  columns: '',
  returning: '',
  wakeUps: '',
}

function restColumns(rests: readonly Move['rest'][]): unknown[] {
  const each = rests.map((rest) => (rest === 'ended' ? null : rest))
  const waits = each.map((rest) => rest?.waitsFor ?? null)
  return [
    pgArray(rests.map((rest) => (rest === null ? null : rest !== 'ended'))),
    pgArray(each.map((rest) => rest?.wakeAt ?? null)),
    pgArray(waits.map((wait) => wait?.source ?? null)),
    // Not pgArray: JSON needs the driver's escapes.
    waits.map((wait) => JSON.stringify(wait?.constraints ?? {})),
    pgArray(waits.map((wait) => wait?.amountIn.toString() ?? 0)),
    pgArray(waits.map((wait) => wait?.above ?? null)),
    pgArray(waits.map((wait) => wait?.below ?? null)),
    pgArray(waits.map((wait) => wait?.notBefore || null)),
  ]
}

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
