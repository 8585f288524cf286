// Owns the SQL of groups: legs that are taken on, start or end with their parent, and what they claim of what their group may
// sell. All of it is part of the statements that write the orders (orderSql.ts): one commit.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { isDormant, isOpenStatus } from '../domain/lifecycle.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { OrderId, OrderSpec } from '../domain/spec.ts'
import type { Claim, Group } from '../domain/triggers/legs.ts'
import type { Millis } from '../timing/clock.ts'
import { type OrderRow, pgArray } from './eventRows.ts'

/** A part of a statement with the parameters that it adds. */
type Part = { readonly sql: string; readonly params: readonly unknown[] }

const NONE: Part = { sql: '', params: [] }

/** Parameters by number, from `first` on, each an array of the type. */
const arrays = (first: number, ...types: readonly string[]) =>
  types.map((type, i) => `$${first + i}::${type}[]`).join(', ')

/** Inserts the legs of those orders that `taken` has taken on, as `legs`. A dormant leg rests, and no time wakes it. */
export function insertLegs(parents: readonly OrderRow[], taken: string, first: number): Part {
  const rows = parents.flatMap(({ children }) => children)
  if (rows.length === 0) return NONE
  return {
    sql: `, legs as (
      insert into orders (id, parent_id, owner, type, fingerprint, mint_in, mint_out, created_at, status, seq, attempt,
                          updated_at, wake_at, is_resting)
      select id, parent_id, owner, type, 'none', mint_in, mint_out, to_timestamp(at / 1000), 'pending', 1, 1,
             to_timestamp(at / 1000), to_timestamp(wake_at / 1000), wake_at is null
      from unnest(${arrays(first, 'uuid', 'uuid', 'text', 'text', 'text', 'text', 'float8', 'float8')})
        as leg (id, parent_id, owner, type, mint_in, mint_out, at, wake_at)
      where parent_id in (${taken})
      returning id, parent_id, is_resting, mint_in, mint_out
    ), dormant as (
      insert into resting_orders (order_id, group_id, mint_in, mint_out, constraints, amount_in)
      select id, parent_id, mint_in, mint_out, '{}', 0 from legs where is_resting
    ), grouped as (
      insert into order_groups (id, open_legs) select parent_id, count(*) from legs group by parent_id
    )`,
    params: [
      pgArray(rows.map(({ spec }) => spec.orderId)),
      pgArray(rows.map(({ spec }) => spec.parent?.orderId ?? null)),
      rows.map(({ spec }) => spec.owner),
      pgArray(rows.map(({ spec }) => spec.type)),
      pgArray(rows.map(({ spec }) => spec.tokenIn.mint)),
      pgArray(rows.map(({ spec }) => spec.tokenOut.mint)),
      pgArray(rows.map(({ event }) => event.at)),
      pgArray(rows.map(({ spec, wakeAt }) => (isDormant(spec) ? null : wakeAt))),
    ],
  }
}

/** What the end of its parent does to a dormant leg: its second event. */
export type LegMove = {
  readonly parentId: OrderId
  readonly event: LoggedEvent
  /** When the sweep looks after it; null where it ends. */
  readonly wakeAt: Millis | null
  readonly spec: OrderSpec
}

/** Moves those legs on, as `begun`, whose parents are in `moved`. One that was canceled meanwhile stays so. */
export function moveLegs(moves: readonly LegMove[], first: number): Part {
  if (moves.length === 0) return NONE
  return {
    sql: `, begun as (
      update orders
      set seq = 2, status = leg.status, is_open = leg.is_open, is_resting = false, mint_in = leg.mint_in,
          updated_at = to_timestamp(leg.at / 1000), wake_at = to_timestamp(leg.wake_at / 1000)
      from (select * from unnest(${arrays(first, 'uuid', 'uuid', 'text', 'bool', 'float8', 'float8', 'text')})
              as leg (id, parent_id, status, is_open, at, wake_at, mint_in) order by id) as leg
      where orders.id = leg.id and orders.seq = 1 and leg.id in (select id from locked)
        and leg.parent_id in (select id from moved)
      returning orders.id
    ), woken as (
      delete from resting_orders where order_id = any(array(select id from begun))
    )`,
    params: [
      pgArray(moves.map(({ event }) => event.orderId)),
      pgArray(moves.map(({ parentId }) => parentId)),
      pgArray(moves.map(({ event }) => event.status)),
      pgArray(moves.map(({ event }) => isOpenStatus(event.status))),
      pgArray(moves.map(({ event }) => event.at)),
      pgArray(moves.map(({ wakeAt }) => wakeAt)),
      // What was to be sold may have been chosen only now.
      pgArray(moves.map(({ spec }) => spec.tokenIn.mint)),
    ],
  }
}

type Locks = {
  readonly ids: number
  readonly seqs: number
  readonly legs: number | null
  readonly plans: number | null
}

/**
 * Locks those orders, as `locked`, that stand where the moves and the legs expect them, and the plans of slices, by id: two
 * writers that meet several rows, one as an order and the other as a leg of its parent, do not deadlock. Given are the
 * numbers of the parameters.
 */
export function lockOrders({ ids, seqs, legs, plans }: Locks): string {
  const [ofLegs, ofPlans] = [legs, plans].map((given) => (given === null ? '' : ` || $${given}::uuid[]`))
  const seqsOfLegs = legs === null ? '' : ` || array_fill(2, array[cardinality($${legs}::uuid[])])`
  // One function scan, not a union of several: a row that the lock has waited for is looked at again (read committed), and
  // of a union only the first part is found again then. Plans come last: their missing seqs are null.
  return `locked as materialized (
      select orders.id, is_open
      from unnest($${ids}::uuid[]${ofLegs}${ofPlans}, $${seqs}::int[]${seqsOfLegs}) as wanted (id, first_seq)
      join orders using (id)
      where (orders.seq = wanted.first_seq - 1) is not false order by orders.id for update of orders
    ), `
}

/** Names as `planned` those of the moves `sent` whose plan is open. No plan is moved by a statement that sends its slice. */
export function planParts(
  sent: readonly { readonly orderId: OrderId; readonly plan: OrderId }[],
  first: number,
): Part {
  if (sent.length === 0) return NONE
  return {
    sql: `sent as materialized (
      select order_id, plan_id from unnest(${arrays(first, 'uuid', 'uuid')}) as slice (order_id, plan_id)
    ), planned as materialized (
      select order_id from sent join locked on locked.id = plan_id where is_open
    ), `,
    params: [pgArray(sent.map(({ orderId }) => orderId)), pgArray(sent.map(({ plan }) => plan))],
  }
}

/**
 * Changes the groups' sums, as `claimed`, for those moves that would go through and whose claim the group allows. Groups are
 * locked after orders, and by id. At most one claim of each group.
 */
export function claimParts(
  claims: readonly { readonly orderId: OrderId; readonly claim: Claim }[],
  first: number,
): Part {
  if (claims.length === 0) return NONE
  const of = <T extends string | number | boolean>(read: (claim: Claim) => T) =>
    pgArray(claims.map(({ claim }) => read(claim)))
  return {
    sql: `wanted as materialized (
      select order_id from unnest($${first}::uuid[]) as claim (order_id)
    ), held as materialized (
      select id from order_groups where id = any($${first + 1}::uuid[]) and (select count(*) from locked) >= 0
      order by id for update
    ), claimed as (
      update order_groups as held_group
      set claimed = case claim.needs when 'idle' then claim.total else held_group.claimed + claim.claimed end,
          spent = case claim.needs when 'idle' then claim.total else held_group.spent + claim.spent end,
          open_legs = open_legs - claim.ends,
          is_done = claim.needs = 'idle' or held_group.spent + claim.spent >= claim.total or open_legs - claim.ends <= 0
      from unnest(${arrays(first, 'uuid', 'uuid', 'numeric', 'numeric', 'numeric', 'int', 'text')})
        as claim (order_id, group_id, total, claimed, spent, ends, needs)
      where held_group.id = claim.group_id and held_group.id in (select id from held)
        and claim.order_id in (select id from locked)
        and case claim.needs
          when 'fits' then held_group.claimed + claim.claimed <= claim.total
          when 'rest' then held_group.claimed + claim.claimed = claim.total
          when 'idle' then held_group.claimed = held_group.spent and held_group.spent < claim.total
          else true end
      returning claim.order_id
    ), `,
    params: [
      pgArray(claims.map(({ orderId }) => orderId)),
      of(({ groupId }) => groupId),
      of(({ total }) => total.toString()),
      of(({ claimed }) => claimed.toString()),
      of(({ spent }) => spent.toString()),
      of(({ ends }) => (ends ? 1 : 0)),
      of(({ needs }) => needs),
    ],
  }
}

type GroupRow = { readonly id: OrderId; readonly claimed: string; readonly spent: string }

/** What these groups have claimed and sold; those that exist. */
export async function selectGroups(sql: Sql, ids: readonly OrderId[]): Promise<ReadonlyMap<OrderId, Group>> {
  const rows = await sql.query<GroupRow>(
    'select id::text as id, claimed::text as claimed, spent::text as spent from order_groups where id = any($1::uuid[])',
    [pgArray(ids)],
  )
  return new Map(
    rows.map(({ id, claimed, spent }) => [id, { claimed: BigInt(claimed), spent: BigInt(spent) } as Group]),
  )
}

/** The ids of an order's children, the oldest first. */
export async function selectChildren(sql: Sql, parent: OrderId): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    'select id::text as id from orders where parent_id = $1 order by id',
    [parent],
  )
  return rows.map(({ id }) => id)
}

/**
 * What is still open of groups that are done: the plan that a group belongs to and its legs. Those without are not looked at again;
 * their rows stay, as those of their orders do.
 */
export async function selectOfDoneGroups(sql: Sql, limit: number): Promise<OrderId[]> {
  const rows = await sql.query<{ id: OrderId }>(
    `with done as materialized (
      select id from order_groups where is_done order by id limit $1
    ), members as (
      select orders.id, done.id as group_id from done join orders on orders.parent_id = done.id where is_open
      union all
      select orders.id, done.id from done join orders on orders.id = done.id where is_open
    ), over as (
      update order_groups set is_done = false where id in (select id from done) and id not in (select group_id from members)
    )
    select id::text as id from members`,
    [limit],
  )
  return rows.map(({ id }) => id)
}
