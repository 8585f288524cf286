// Owns orders in Postgres: creating, appending, loading, listing, following, and finding the overdue, put together.

import { type LoggedEvent, replayLog } from '../domain/eventCodec.ts'
import { isResting } from '../domain/lifecycle.ts'
import type { Order } from '../domain/order.ts'
import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import { concernedBy, NOTHING_CLAIMED } from '../domain/triggers/legs.ts'
import type { Clock } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import { openAllEvents } from './allEvents.ts'
import { openFollowers } from './followers.ts'
import { createOrderCreation } from './orderCreation.ts'
import { createAppender, Log } from './orderLog.ts'
import { createRecentLogs } from './recentLogs.ts'
import { createRestingOrders } from './restingOrders.ts'
import type { Statements } from './statements.ts'

export type OrderStoreOptions = {
  /** How long an order may stand still before the sweep rings for it. */
  readonly leaseMs: number
  /** Orders created here that are kept for the worker of this process; 0 where it has none. */
  readonly keepRecent: number
  /** No other process writes to this store. */
  readonly isSoleProcess: boolean
  /** Receives each event that this process has made durable, once. */
  readonly onEvent: (event: LoggedEvent, after: Order) => void
}

const MAX_READS = 400

const restChanges = (before: Order, after: Order) => isResting(before) || isResting(after)

/** The order store over one database. Close it (stop following) before the Sql it stands on. */
export function openOrderStore(
  statements: Statements,
  broadcast: Broadcast,
  clock: Clock,
  { leaseMs, keepRecent, isSoleProcess, onEvent }: OrderStoreOptions,
): OrderStore & { close(): void } {
  const recent = createRecentLogs(keepRecent)
  const resting = createRestingOrders(statements, broadcast, clock)
  const allEvents = openAllEvents({ statements, broadcast, clock, isSoleProcess })
  const writes = allEvents.noting(statements)
  const followers = openFollowers({ statements, broadcast, clock, recent, isSoleProcess })

  const onRelated = new Set<(ids: readonly OrderId[]) => void>()
  const tellRelated = (ids: readonly OrderId[]) => {
    if (ids.length > 0) for (const listener of onRelated) listener(ids)
  }

  const creation = createOrderCreation({
    statements: writes,
    clock,
    leaseMs,
    load,
    onCreated(order, event) {
      // An order cannot have been followed before its first event: there is no follower to push to.
      recent.add(order, event)
      onEvent(event, order)
      const { orderId, parent } = order.spec
      if (parent?.kind === 'leg' && parent.total !== null) tellRelated([orderId])
    },
  })
  const write = createAppender(writes, leaseMs, (written) => {
    const events = written.map(({ event }) => event)
    recent.append(events)
    followers.publish(events)
    for (const { event, after } of written) onEvent(event, after)
    tellRelated(written.flatMap(({ before, after }) => concernedBy(before, after)))
    resting.noted(
      written.flatMap(({ before, after }) => (restChanges(before, after) ? after.spec.orderId : [])),
    )
  })

  async function load(id: OrderId) {
    const events = await statements.selectEvents([id])
    const order = replayLog(events)
    return order === null ? null : { order, events }
  }

  async function loadAll(ids: readonly OrderId[]): Promise<Order[]> {
    if (ids.length === 0) return []
    const logs = new Map<OrderId, LoggedEvent[]>(ids.map((id) => [id, []]))
    for (const event of await statements.selectEvents(ids)) logs.get(event.orderId)?.push(event)
    return [...logs.values()].map(replayLog).filter((order) => order !== null)
  }

  async function oldestFirst(ids: readonly OrderId[]): Promise<Order[]> {
    const orders = await loadAll(ids)
    return orders.sort((a, b) => (a.spec.orderId < b.spec.orderId ? -1 : 1))
  }

  /** Rings come one by one as often as in batches: those of one moment share one query. */
  const loadOne = groupCommit(MAX_READS, setImmediate, async (ids: readonly OrderId[]) => {
    const orders = new Map((await loadAll(ids)).map((order) => [order.spec.orderId, order]))
    return ids.map((id) => orders.get(id) ?? null)
  })

  /** Legs come many at a time, as prices move. */
  const readGroup = groupCommit(MAX_READS, setImmediate, async (ids: readonly OrderId[]) => {
    const groups = await statements.selectGroups([...new Set(ids)])
    return ids.map((id) => groups.get(id) ?? NOTHING_CLAIMED)
  })

  return {
    ...creation,
    load,
    resting,
    allEvents,
    async open(ids) {
      const orders = await Promise.all(ids.map((id) => recent.take(id) ?? loadOne(id)))
      return orders.filter((order) => order !== null).map((order) => new Log(order, clock, write))
    },
    async list(query) {
      const orders = await loadAll(await statements.selectIds(query))
      return orders.sort((a, b) => (a.spec.orderId < b.spec.orderId ? 1 : -1))
    },
    children: async (parent) => oldestFirst(await statements.selectChildren(parent)),
    openAfter: async (filter, after, limit) =>
      oldestFirst(await statements.selectOpenAfter(filter, after, limit)),
    newestClosed: async (filter, limit) => oldestFirst(await statements.selectClosed(filter, limit)),
    group: readGroup,
    onRelated(listener) {
      onRelated.add(listener)
      return () => void onRelated.delete(listener)
    },
    countOpen: statements.countOpen,
    openIds: statements.selectOpenIds,
    follow: followers.follow,
    overdue: (now, limit) => statements.markOverdue(now, leaseMs, limit),
    leftovers: statements.selectOfDoneGroups,
    standings: statements.selectStandings,
    filledSince: statements.selectFilled,
    now: statements.selectNow,
    wakeAll: statements.wakeAll,
    ping: statements.ping,
    close() {
      followers.close()
      allEvents.close()
    },
  }
}
