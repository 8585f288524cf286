// Owns orders in Postgres: appending to their logs in group commits, loading, listing, and finding the overdue. Creating
// them is orderCreation.ts.

import { encodeEvent, type LoggedEvent, replayLog } from '../domain/eventCodec.ts'
import { evolve, isOpen } from '../domain/lifecycle.ts'
import type { EventDraft, Order, OrderEvent, OrderId } from '../domain/order.ts'
import type { Broadcast } from '../domain/ports/broadcast.ts'
import { type OrderLog, type OrderStore, StaleLog } from '../domain/ports/orders.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import { openFollowers } from './followers.ts'
import { type Begun, type CreationOptions, createOrderCreation } from './orderCreation.ts'
import type { Tables } from './tables.ts'

export type OrderStoreOptions = CreationOptions & {
  /** Nobody else writes to this store. */
  readonly alone: boolean
  /** Told of each event that this process has made durable, once. */
  readonly onEvent: (event: LoggedEvent, after: Order) => void
}

const MAX_READS = 400
/** Room for all that a ring's orders append on one way to `submitted`: cut apart, an order would be moved twice. */
const MAX_APPENDS = 1_600

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
  const followers = openFollowers(tables, broadcast, clock, options.alone)
  const creation = createOrderCreation(tables, clock, options, {
    load,
    onBegun({ spec, event, order }) {
      // Nobody can have followed an order before its first event: there is nobody to tell.
      followers.begin(spec.owner, event)
      options.onEvent(event, order)
    },
  })
  // Appends come many at a time from the steps of one moment: their batch leaves before the next requests are read, so
  // that the database works while we do.
  const writeAppend = groupCommit(MAX_APPENDS, process.nextTick, writeAppends)

  const wakeAt = (order: Order): Millis | null => {
    if (!isOpen(order)) return null
    const from = order.status === 'routing' ? Math.max(order.retryAt ?? 0, order.updatedAt) : order.updatedAt
    return from + options.leaseMs
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
    followers.publish(written.map(({ event }) => event))
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
  const readOne = groupCommit(MAX_READS, setImmediate, async (ids: readonly OrderId[]) => {
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
    create: creation.create,
    createWithin: creation.createWithin,
    async open(ids) {
      const atHand: Begun[] = []
      const missing: OrderId[] = []
      for (const id of ids) {
        const begun = creation.take(id)
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
    follow: followers.follow,
    overdue: (now, limit) => tables.markOverdue(now, options.leaseMs, limit),
    filledSince: tables.selectFilled,
    wakeAll: (now) => tables.wakeAll(now),
    ping: tables.ping,
    close: followers.close,
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
