// Owns creating orders: in group commits, each with its first event, at most one under a key.

import { createHash } from 'node:crypto'
import { encodeEvent, type LoggedEvent } from '../domain/eventCodec.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import { evolve } from '../domain/lifecycle.ts'
import type { Order, OrderEvent } from '../domain/order.ts'
import type { Created, Creation, NewOrder, OrderStore } from '../domain/ports/orders.ts'
import { legsOf } from '../domain/triggers/legs.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import type { OrderRow } from './eventRows.ts'
import type { Verdict } from './keyQuotas.ts'
import type { KeyedOrder } from './orderSql.ts'
import type { Statements } from './statements.ts'

type Load = OrderStore['load']

export type CreationDeps = {
  readonly statements: Pick<Statements, 'insertOrders' | 'insertWithinQuotas' | 'findByKeys'>
  readonly clock: Clock
  /** How long an order may stand still before the sweep rings for it. */
  readonly leaseMs: number
  /** Receives each order once it is durable. */
  readonly onCreated: (order: Order, event: LoggedEvent) => void
  readonly load: Load
}

type Insert = (rows: readonly OrderRow[]) => Promise<readonly Verdict[]>

const MAX_BATCH = 400

export function createOrderCreation(deps: CreationDeps): Pick<OrderStore, 'create' | 'findByKey'> {
  const { statements, clock, leaseMs, load } = deps

  async function insertFree(rows: readonly OrderRow[]): Promise<readonly Verdict[]> {
    const { ids } = await statements.insertOrders(rows)
    return rows.map(({ spec: { orderId: id } }) => ({
      id,
      isTaken: ids.has(id),
      exceeded: null,
      heldUntil: null,
      rate: null,
    }))
  }

  // Requests come one by one: their batch waits for all that can be read now.
  const batched = (insert: Insert) =>
    groupCommit(MAX_BATCH, setImmediate, (orders: readonly NewOrder[]) => createAll(orders, insert))
  const create = batched(insertFree)
  const createWithin = batched(async (rows) => (await statements.insertWithinQuotas(rows)).verdicts)

  async function createAll(orders: readonly NewOrder[], insert: Insert): Promise<Creation[]> {
    const now = clock.now()
    const rows = orders.map((order) => draft(order, now, leaseMs))
    const verdicts = await insert(rows)
    const known = rows.filter((_, i) => verdicts[i]?.isTaken === false && verdicts[i]?.exceeded === null)
    for (const [i, row] of rows.entries()) {
      if (!verdicts[i]?.isTaken) continue
      for (const { order, event } of [row, ...row.children]) deps.onCreated(order, event)
    }
    const earlier = known.length === 0 ? [] : await statements.findByKeys(known)
    return Promise.all(rows.map((row, i) => outcomeOf(row, verdicts[i], earlier, load)))
  }

  return {
    create: (order) => (order.isLimited ? createWithin(order) : create(order)),
    async findByKey(order) {
      if (!isKeyed(order)) return null
      return repeatOrConflict(draft(order, clock.now(), leaseMs), await statements.findByKeys([order]), load)
    },
  }
}

async function outcomeOf(
  row: OrderRow,
  verdict: Verdict | undefined,
  earlier: readonly KeyedOrder[],
  load: Load,
): Promise<Creation> {
  if (verdict === undefined) throw new Error(`nothing was decided of order ${row.spec.orderId}`)
  const { isTaken, exceeded, heldUntil, rate } = verdict
  if (isTaken) return { outcome: { kind: 'created', order: row.order }, rate }
  if (exceeded !== null) return { outcome: { kind: 'exceeded', limit: exceeded, heldUntil }, rate }
  const outcome = (await repeatOrConflict(row, earlier, load)) ?? (await repeatById(row, load))
  if (outcome === null) throw new Error(`order ${row.spec.orderId} was not taken, without a reason`)
  return { outcome, rate }
}

/** A slice that its plan places once more. */
async function repeatById({ spec }: OrderRow, load: Load): Promise<Created | null> {
  const stored = spec.parent === null ? null : await load(spec.orderId)
  return stored === null ? null : { kind: 'replayed', order: stored.order }
}

/** What an order is whose keys belong to an earlier one; null where they are free. */
async function repeatOrConflict(
  wanted: OrderRow,
  earlier: readonly KeyedOrder[],
  load: Load,
): Promise<Exclude<Created, { kind: 'created' }> | null> {
  const { owner, clientOrderId } = wanted.spec
  const mine = earlier.filter((row) => row.owner === owner)
  const byKey = mine.find(
    (row) => row.idempotencyKey !== null && row.idempotencyKey === wanted.idempotencyKey,
  )
  const byClient = mine.find((row) => row.clientOrderId !== null && row.clientOrderId === clientOrderId)
  const found = byKey ?? byClient
  if (found === undefined) return null
  if (found.fingerprint !== wanted.fingerprint) {
    return { kind: 'conflict', key: found === byKey ? 'idempotencyKey' : 'clientOrderId' }
  }
  const stored = await load(found.id)
  if (stored === null) throw new Error(`order ${found.id} has no log`)
  return { kind: 'replayed', order: stored.order }
}

/** Stands for the fingerprint of an order that no key can find. */
const UNKEYED = 'none'

const isKeyed = ({ spec, idempotencyKey }: NewOrder) => idempotencyKey !== null || spec.clientOrderId !== null

/** Of a fixed, small size: every new version of an order's row holds it. */
const digestOf = (text: string) => createHash('sha256').update(text).digest('base64')

function draft(wanted: NewOrder, now: Millis, leaseMs: number): OrderRow {
  const { spec } = wanted
  const event: OrderEvent = { kind: 'accepted', spec, orderId: spec.orderId, seq: 1, attempt: 1, at: now }
  return {
    ...wanted,
    fingerprint: isKeyed(wanted) ? digestOf(fingerprintOf(spec)) : UNKEYED,
    order: evolve(null, event),
    event: encodeEvent(null, event),
    wakeAt: now + leaseMs,
    children: legsOf(spec).map((leg) =>
      draft({ spec: leg, idempotencyKey: null, isLimited: false }, now, leaseMs),
    ),
  }
}
