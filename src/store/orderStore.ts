// Owns orders in Postgres: creating, appending to their logs in group commits, loading, listing, and finding the overdue.

import { encodeEvent, type LoggedEvent, replayLog } from '../domain/eventCodec.ts'
import { groupCommit } from '../domain/groupCommit.ts'
import { evolve, isOpen } from '../domain/lifecycle.ts'
import type { EventDraft, Millis, Order, OrderEvent, OrderId } from '../domain/order.ts'
import {
  type Broadcast,
  type Clock,
  type Created,
  type CreatedWithin,
  type NewOrder,
  type OrderLog,
  type OrderStore,
  StaleLog,
} from '../domain/ports.ts'
import { openFeed } from './feed.ts'
import type { Verdict } from './limitedOrders.ts'
import type { KeyedOrder, OrderRow } from './statements.ts'
import type { Tables } from './tables.ts'

export type OrderStoreOptions = {
  /** How long an order may stand still before the sweep rings for it. */
  readonly leaseMs: number
  /** Nobody else writes to this store. */
  readonly alone: boolean
  /** How many orders created here to keep at hand for the worker of this process. */
  readonly keepRecent: number
  /** Told of each event that this process has made durable, once. */
  readonly onEvent: (event: LoggedEvent, after: Order) => void
}

const MAX_BATCH = 400
/** Room for all that a ring's orders append on one way to `submitted`: cut apart, an order would be moved twice. */
const MAX_APPENDS = 1_600

type Creation = { readonly wanted: NewOrder; readonly onSent: () => void }

/** An order that is being created here, or was a moment ago. */
type Begun = {
  readonly order: Order
  /** Settles when its first event has been told, or never will be. */
  readonly told: Promise<unknown>
}

type Append = { readonly log: Log; readonly event: LoggedEvent; readonly after: Order }

/** A batch for one statement: what each order's one writer adds to it. */
type Round = Map<OrderId, { readonly log: Log; readonly appends: Append[] }>

/** The order store over one database. Close it (stop following) before the Sql it stands on. */
export function openOrderStore(
  tables: Tables,
  broadcast: Broadcast,
  clock: Clock,
  options: OrderStoreOptions,
): OrderStore & { close(): void } {
  const feed = openFeed(tables, broadcast, clock, options.alone)
  const recent = new Map<OrderId, Begun>()
  // Appends come many at a time from the steps of one moment: their batch leaves before the next requests are read, so
  // that the database works while we do. Requests come one by one: their batch waits for all that can be read now.
  const writeAppend = groupCommit(MAX_APPENDS, process.nextTick, writeAppends)
  const createOne = groupCommit(MAX_BATCH, setImmediate, createAll)
  const createOneWithin = groupCommit(MAX_BATCH, setImmediate, createAllWithin)

  const wakeAt = (order: Order): Millis | null => {
    if (!isOpen(order)) return null
    const from = order.status === 'routing' ? Math.max(order.retryAt ?? 0, order.updatedAt) : order.updatedAt
    return from + options.leaseMs
  }

  // ---- creating ---------------------------------------------------------------------------------------------------

  async function createAll(creations: readonly Creation[]): Promise<Created[]> {
    const { rows, answer } = insert(creations, tables.insertOrders, (taken) => taken)
    return conclude(rows, await answer)
  }

  async function createAllWithin(creations: readonly Creation[]): Promise<CreatedWithin[]> {
    const takenAmong = (verdicts: readonly Verdict[]) =>
      new Set(verdicts.flatMap(({ id, isTaken }) => (isTaken ? [id] : [])))
    const { rows, answer } = insert(creations, tables.insertLimitedOrders, takenAmong)
    const verdicts = await answer
    const allowed = rows.filter((_, i) => at(verdicts, i).exceeded === null)
    const created = await conclude(allowed, takenAmong(verdicts))
    return verdicts.map(({ exceeded, rate }) => {
      // As many as were allowed, in the same order.
      const outcome = exceeded === null ? created.shift() : { kind: 'exceeded' as const, limit: exceeded }
      if (outcome === undefined) throw new Error('an allowed order has no outcome')
      return { created: outcome, rate }
    })
  }

  /** Sends the orders to the database, then says so: from then on they can be opened here. */
  function insert<Answer>(
    creations: readonly Creation[],
    send: (rows: readonly OrderRow[]) => Promise<Answer>,
    takenAmong: (answer: Answer) => ReadonlySet<OrderId>,
  ): { rows: readonly OrderRow[]; answer: Promise<Answer> } {
    const now = clock.now()
    const rows = creations.map(({ wanted }) => draft(wanted, now))
    const answer = send(rows).then((found) => {
      tellBegun(rows, takenAmong(found))
      return found
    })
    for (const { order } of rows) remember({ order, told: answer })
    for (const { onSent } of creations) onSent()
    return { rows, answer }
  }

  function draft(wanted: NewOrder, now: Millis): OrderRow {
    const { spec } = wanted
    const event: OrderEvent = { kind: 'accepted', spec, orderId: spec.orderId, seq: 1, attempt: 1, at: now }
    const wakeAt = now + options.leaseMs
    return { order: evolve(null, event), event: encodeEvent(null, event), wakeAt, ...wanted }
  }

  function tellBegun(rows: readonly OrderRow[], taken: ReadonlySet<OrderId>): void {
    for (const { spec, event, order } of rows) {
      if (!taken.has(spec.orderId)) {
        recent.delete(spec.orderId)
        continue
      }
      // Nobody can have followed an order before its first event: there is nobody to tell.
      feed.begin(spec.owner, event)
      options.onEvent(event, order)
    }
  }

  /** What became of the orders that were to be inserted: those not taken have an earlier one under their keys. */
  async function conclude(rows: readonly OrderRow[], taken: ReadonlySet<OrderId>): Promise<Created[]> {
    const refused = rows.filter(({ spec }) => !taken.has(spec.orderId))
    const earlier = refused.length === 0 ? [] : await tables.findByKeys(refused)
    return Promise.all(
      rows.map(async (row): Promise<Created> => {
        if (!taken.has(row.spec.orderId)) return explainRefusal(row, earlier)
        return { kind: 'created', order: row.order }
      }),
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
    if (options.keepRecent === 0) return
    recent.set(begun.order.spec.orderId, begun)
    for (const id of recent.keys()) {
      if (recent.size <= options.keepRecent) break
      recent.delete(id)
    }
  }

  // ---- appending --------------------------------------------------------------------------------------------------

  /** Results are errors instead of throws, so that one refused order does not fail its neighbours. */
  async function writeAppends(appends: readonly Append[]): Promise<(Error | null)[]> {
    const results = new Map<Append, Error | null>()
    for (let rest = appends; rest.length > 0; ) {
      const { round, later } = nextRound(rest, results)
      rest = later
      const chains = [...round.values()]
      const outcome = await moveOrders(chains).catch((error: Error) => error)
      for (const { log, appends } of chains) {
        log.broken = refusalOf(log, outcome)
        for (const append of appends) results.set(append, log.broken)
      }
      for (const { log } of chains) await log.begun()
      report(chains.filter(({ log }) => log.broken === null).flatMap((chain) => chain.appends))
    }
    return appends.map((append) => results.get(append) ?? null)
  }

  function report(written: readonly Append[]): void {
    feed.publish(written.map(({ event }) => event))
    for (const { event, after } of written) options.onEvent(event, after)
  }

  function moveOrders(
    chains: readonly { readonly appends: readonly Append[] }[],
  ): Promise<ReadonlySet<OrderId>> {
    return tables.appendEvents(
      chains.map(({ appends }) => {
        const { after } = at(appends, appends.length - 1)
        const events = appends.map(({ event }) => event)
        return { events, status: after.status, closed: !isOpen(after), wakeAt: wakeAt(after) }
      }),
    )
  }

  // ---- reading ----------------------------------------------------------------------------------------------------

  async function load(id: OrderId) {
    const events = await tables.selectEvents([id])
    const order = replayLog(events)
    return order === null ? null : { order, events }
  }

  /** Rings come one by one as often as in batches: those of one moment share one query. */
  const readOne = groupCommit(MAX_BATCH, setImmediate, async (ids: readonly OrderId[]) => {
    const orders = new Map((await loadAll(ids)).map((order) => [order.spec.orderId, order]))
    return ids.map((id) => orders.get(id) ?? null)
  })

  async function loadAll(ids: readonly OrderId[]): Promise<Order[]> {
    if (ids.length === 0) return []
    const events = await tables.selectEvents(ids)
    const logs = new Map<OrderId, LoggedEvent[]>(ids.map((id) => [id, []]))
    for (const event of events) logs.get(event.orderId)?.push(event)
    return [...logs.values()].map(replayLog).filter((order) => order !== null)
  }

  return {
    create: (wanted, onSent = () => {}) => createOne({ wanted, onSent }),
    createWithin: (wanted, onSent = () => {}) => createOneWithin({ wanted, onSent }),
    async open(ids) {
      const atHand: Begun[] = []
      const missing: OrderId[] = []
      for (const id of ids) {
        const begun = recent.get(id)
        recent.delete(id)
        if (begun === undefined) missing.push(id)
        else atHand.push(begun)
      }
      const found = (await Promise.all(missing.map(readOne))).filter((order) => order !== null)
      return [
        ...atHand.map(({ order, told }) => new Log(order, clock, writeAppend, told)),
        ...found.map((order) => new Log(order, clock, writeAppend, null)),
      ]
    },
    load,
    async list(query) {
      const orders = await loadAll(await tables.selectIds(query))
      return orders.sort((a, b) => (a.spec.orderId < b.spec.orderId ? 1 : -1))
    },
    follow: feed.follow,
    overdue: (now, limit) => tables.markOverdue(now, options.leaseMs, limit),
    filledSince: tables.selectFilled,
    wakeAll: (now) => tables.wakeAll(now),
    ping: tables.ping,
    close: feed.close,
  }
}

/** One writer's chain of appends; broken for good by the first that is refused. */
class Log implements OrderLog {
  order: Order
  broken: Error | null = null
  readonly #clock: Clock
  readonly #write: (append: Append) => Promise<Error | null>
  #told: Promise<unknown> | null

  constructor(
    order: Order,
    clock: Clock,
    write: (append: Append) => Promise<Error | null>,
    told: Promise<unknown> | null,
  ) {
    this.order = order
    this.#clock = clock
    this.#write = write
    this.#told = told
  }

  /** Waits until the first event is told: what follows it must not be told before. */
  async begun(): Promise<void> {
    if (this.#told === null) return
    await this.#told.catch(() => {})
    this.#told = null
  }

  append(draft: EventDraft): Promise<void> {
    const before = this.order
    const event: OrderEvent = {
      orderId: before.spec.orderId,
      ...draft,
      seq: before.seq + 1,
      attempt: draft.kind === 'retried' ? before.attempt + 1 : before.attempt,
      // A clock that was set back must not turn the history around.
      at: Math.max(this.#clock.now(), before.updatedAt),
    }
    this.order = evolve(before, event)
    const done = this.#write({ log: this, event: encodeEvent(before, event), after: this.order }).then(
      (error) => {
        if (error !== null) throw error
      },
    )
    // Callers need not await what a later append of the same chain will tell them anyway.
    done.catch(() => {})
    return done
  }
}

/** Why a chain was not written; null when it was. After a fault nobody knows: this writer stops all the same. */
function refusalOf({ order }: Log, outcome: ReadonlySet<OrderId> | Error): Error | null {
  if (outcome instanceof Error) return outcome
  const { orderId } = order.spec
  return outcome.has(orderId) ? null : new StaleLog(`order ${orderId} has moved on`)
}

/**
 * What can go in one statement: per order the appends of one chain only. A stale writer's seq 3 must not follow
 * another's seq 2, so a second writer of the same order waits for the next round, and a broken chain ends here.
 */
function nextRound(
  appends: readonly Append[],
  results: Map<Append, Error | null>,
): { round: Round; later: Append[] } {
  const round: Round = new Map()
  const later: Append[] = []
  for (const append of appends) {
    const { log, event } = append
    const chain = round.get(event.orderId)
    if (log.broken !== null) results.set(append, log.broken)
    else if (chain === undefined) round.set(event.orderId, { log, appends: [append] })
    else if (chain.log === log) chain.appends.push(append)
    else later.push(append)
  }
  return { round, later }
}

function at<T>(items: readonly T[], i: number): T {
  const item = items[i]
  if (item === undefined) throw new Error(`nothing at ${i}`)
  return item
}
