// Owns orders in Postgres: creating, appending, loading, listing, following, and finding the overdue, put together.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { isResting } from '../domain/lifecycle.ts'
import type { Order } from '../domain/order.ts'
import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import { concernedBy } from '../domain/triggers/legs.ts'
import type { Clock } from '../timing/clock.ts'
import { openAllEvents } from './allEvents.ts'
import { openFollowers } from './followers.ts'
import { createOrderCreation } from './orderCreation.ts'
import { createAppender, Log } from './orderLog.ts'
import { createOrderReads } from './orderReads.ts'
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

const restChanges = (before: Order, after: Order) => isResting(before) || isResting(after)

/** The order store over one database. Close it (stop following) before the Sql it stands on. */
export function openOrderStore(
  statements: Statements,
  broadcast: Broadcast,
  clock: Clock,
  { leaseMs, keepRecent, isSoleProcess, onEvent }: OrderStoreOptions,
): OrderStore & { close(): void } {
  const reads = createOrderReads(statements)
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
    load: reads.load,
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

  return {
    ...reads,
    ...creation,
    resting,
    allEvents,
    async open(ids) {
      const orders = await Promise.all(ids.map((id) => recent.take(id) ?? reads.loadOne(id)))
      return orders.filter((order) => order !== null).map((order) => new Log(order, clock, write))
    },
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
