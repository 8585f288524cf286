// Owns reading orders: each is made anew from its log.

import { type LoggedEvent, replayLog } from '../domain/eventCodec.ts'
import type { Order } from '../domain/order.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import { NOTHING_CLAIMED } from '../domain/triggers/legs.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import type { Statements } from './statements.ts'

const MAX_READS = 400

type Reads = Pick<OrderStore, 'load' | 'list' | 'children' | 'openAfter' | 'newestClosed' | 'group'> & {
  loadOne(id: OrderId): Promise<Order | null>
}

export function createOrderReads(statements: Statements): Reads {
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

  return {
    async load(id) {
      const events = await statements.selectEvents([id])
      const order = replayLog(events)
      return order === null ? null : { order, events }
    },

    /** Rings come one by one as often as in batches: those of one moment share one query. */
    loadOne: groupCommit(MAX_READS, setImmediate, async (ids: readonly OrderId[]) => {
      const orders = new Map((await loadAll(ids)).map((order) => [order.spec.orderId, order]))
      return ids.map((id) => orders.get(id) ?? null)
    }),

    list: async (query) => (await oldestFirst(await statements.selectIds(query))).reverse(),
    children: async (parent) => oldestFirst(await statements.selectChildren(parent)),
    openAfter: async (filter, after, limit) =>
      oldestFirst(await statements.selectOpenAfter(filter, after, limit)),
    newestClosed: async (filter, limit) => oldestFirst(await statements.selectClosed(filter, limit)),

    /** Legs come many at a time, as prices move. */
    group: groupCommit(MAX_READS, setImmediate, async (ids: readonly OrderId[]) => {
      const groups = await statements.selectGroups([...new Set(ids)])
      return ids.map((id) => groups.get(id) ?? NOTHING_CLAIMED)
    }),
  }
}
