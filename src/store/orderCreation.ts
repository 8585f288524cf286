// Owns creating orders: in group commits, each with its first event, at most one under a key; and those created here a
// moment ago, for whoever works on them in this process.

import { encodeEvent } from '../domain/eventCodec.ts'
import { evolve } from '../domain/lifecycle.ts'
import type { Order, OrderEvent, OrderId } from '../domain/order.ts'
import type { Created, CreatedWithin, NewOrder, OrderStore } from '../domain/ports/orders.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import type { Verdict } from './keyQuotas.ts'
import type { KeyedOrder, OrderRow } from './orderSql.ts'
import type { Tables } from './tables.ts'

export type CreationOptions = {
  /** How long an order may stand still before the sweep rings for it. */
  readonly leaseMs: number
  /** How many orders created here to keep at hand for the worker of this process. */
  readonly keepRecent: number
}

/** An order that is being created here, or was a moment ago. */
export type Begun = {
  readonly order: Order
  /** Settles when its first event has been told, or never will be. */
  readonly told: Promise<unknown>
}

type CreationDeps = {
  /** Told of each order once it is durable. */
  readonly onBegun: (row: OrderRow) => void
  readonly load: OrderStore['load']
}

type Creation = { readonly wanted: NewOrder; readonly onSent: () => void }

const MAX_BATCH = 400

export function createOrderCreation(
  tables: Pick<Tables, 'insertOrders' | 'insertWithinQuotas' | 'findByKeys'>,
  clock: Clock,
  { leaseMs, keepRecent }: CreationOptions,
  { onBegun, load }: CreationDeps,
) {
  const recent = new Map<OrderId, Begun>()
  // Requests come one by one: their batch waits for all that can be read now.
  const createOne = groupCommit(MAX_BATCH, setImmediate, createAll)
  const createOneWithin = groupCommit(MAX_BATCH, setImmediate, createAllWithin)

  async function createAll(creations: readonly Creation[]): Promise<Created[]> {
    const { rows, answer } = insert(creations, tables.insertOrders, (taken) => taken)
    return conclude(rows, await answer)
  }

  async function createAllWithin(creations: readonly Creation[]): Promise<CreatedWithin[]> {
    const { rows, answer } = insert(creations, tables.insertWithinQuotas, takenAmong)
    const verdicts = await answer
    const allowed = rows.filter((_, i) => verdicts[i]?.exceeded === null)
    const created = await conclude(allowed, takenAmong(verdicts))
    return verdicts.map(({ exceeded, rate }) => {
      // As many as were allowed, in the same order.
      const outcome = exceeded === null ? created.shift() : { kind: 'exceeded' as const, limit: exceeded }
      if (outcome === undefined) throw new Error('an allowed order has no outcome')
      return { created: outcome, rate }
    })
  }

  /** Sends the orders to the database, then says so: from then on they can be taken here. */
  function insert<Answer>(
    creations: readonly Creation[],
    send: (rows: readonly OrderRow[]) => Promise<Answer>,
    takenIn: (answer: Answer) => ReadonlySet<OrderId>,
  ): { rows: readonly OrderRow[]; answer: Promise<Answer> } {
    const now = clock.now()
    const rows = creations.map(({ wanted }) => draft(wanted, now))
    const answer = send(rows).then((found) => {
      tell(rows, takenIn(found))
      return found
    })
    for (const { order } of rows) remember({ order, told: answer })
    for (const { onSent } of creations) onSent()
    return { rows, answer }
  }

  function draft(wanted: NewOrder, now: Millis): OrderRow {
    const { spec } = wanted
    const event: OrderEvent = { kind: 'accepted', spec, orderId: spec.orderId, seq: 1, attempt: 1, at: now }
    return {
      order: evolve(null, event),
      event: encodeEvent(null, event),
      wakeAt: now + leaseMs,
      ...wanted,
    }
  }

  function tell(rows: readonly OrderRow[], taken: ReadonlySet<OrderId>): void {
    for (const row of rows) {
      if (taken.has(row.spec.orderId)) onBegun(row)
      else recent.delete(row.spec.orderId)
    }
  }

  /** What became of the orders that were to be inserted: those not taken have an earlier one under their keys. */
  async function conclude(rows: readonly OrderRow[], taken: ReadonlySet<OrderId>): Promise<Created[]> {
    const refused = rows.filter(({ spec }) => !taken.has(spec.orderId))
    const earlier = refused.length === 0 ? [] : await tables.findByKeys(refused)
    return Promise.all(
      rows.map((row) =>
        taken.has(row.spec.orderId)
          ? { kind: 'created' as const, order: row.order }
          : explainRefusal(row, earlier),
      ),
    )
  }

  async function explainRefusal(wanted: NewOrder, earlier: readonly KeyedOrder[]): Promise<Created> {
    const { owner, clientOrderId } = wanted.spec
    const mine = earlier.filter((row) => row.owner === owner)
    const byKey = mine.find(
      (row) => row.idempotencyKey !== null && row.idempotencyKey === wanted.idempotencyKey,
    )
    const byClient = mine.find((row) => row.clientOrderId !== null && row.clientOrderId === clientOrderId)
    const found = byKey ?? byClient
    if (found === undefined) throw new Error(`order ${wanted.spec.orderId} was refused without a reason`)
    if (found.fingerprint !== wanted.fingerprint) {
      return { kind: 'conflict', key: found === byKey ? 'idempotencyKey' : 'clientOrderId' }
    }
    const stored = await load(found.id)
    if (stored === null) throw new Error(`order ${found.id} has no log`)
    return { kind: 'replayed', order: stored.order }
  }

  function remember(begun: Begun): void {
    if (keepRecent === 0) return
    recent.set(begun.order.spec.orderId, begun)
    for (const id of recent.keys()) {
      if (recent.size <= keepRecent) break
      recent.delete(id)
    }
  }

  return {
    /** As OrderStore says. */
    create: (wanted: NewOrder, onSent = () => {}) => createOne({ wanted, onSent }),
    createWithin: (wanted: NewOrder, onSent = () => {}) => createOneWithin({ wanted, onSent }),
    /** The order, if it was begun here and nobody has taken it since. */
    take(id: OrderId): Begun | undefined {
      const begun = recent.get(id)
      recent.delete(id)
      return begun
    },
  }
}

const takenAmong = (verdicts: readonly Verdict[]) =>
  new Set(verdicts.flatMap(({ id, isTaken }) => (isTaken ? [id] : [])))
