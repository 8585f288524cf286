// Owns what each stream asks for and remembers, so that a new connection goes on without a gap and without repeats.

import type { EventMessage, OrdersMessage, WaitingMessage } from './generated/wire.ts'
import type { Query } from './http.ts'
import type { Source } from './stream.ts'

const FINAL: ReadonlySet<string> = new Set(['confirmed', 'failed', 'canceled', 'expired'])

type Watched = EventMessage | WaitingMessage

/** One order: goes on behind its last seq. A status that is not known here is not final: the engine says when it is over. */
export function orderSource(id: string, after: number, waiting: boolean): Source<Watched> {
  let last = after
  let isOver = false
  return {
    path: `/api/orders/${encodeURIComponent(id)}/events`,
    resume: () => ({
      query: { waiting: waiting || undefined },
      headers: last === 0 ? {} : { 'last-event-id': String(last) },
    }),
    socket: () => ({
      path: '/api/orders/execute',
      query: { orderId: id, after: last, waiting: waiting || undefined },
    }),
    receive(message) {
      const event = message as Watched
      if (!('seq' in event)) return event
      if (event.seq <= last) return null
      last = event.seq
      isOver = FINAL.has(event.status)
      return event
    },
    isOver: () => isOver,
    end() {
      isOver = true
    },
  }
}

/** Orders whose last seq is remembered: more than any resume repeats. */
const MOST_REMEMBERED = 20_000

/** All orders: goes on behind the newest cursor, or begins anew where none has come yet. */
export function ordersSource(filter: Query, from: string | undefined): Source<OrdersMessage> {
  let cursor = from
  /** The last seq of each order, the least recently changed first. */
  const seen = new Map<string, number>()

  function isNew(orderId: string, seq: number): boolean {
    const last = seen.get(orderId) ?? 0
    if (seq <= last) return false
    seen.delete(orderId)
    seen.set(orderId, seq)
    const [oldest] = seen.keys()
    if (seen.size > MOST_REMEMBERED && oldest !== undefined) seen.delete(oldest)
    return true
  }

  const path = '/api/orders/stream'
  return {
    path,
    resume: () => ({ query: { ...filter, cursor } }),
    socket: () => ({ path, query: { ...filter, cursor } }),
    receive(received) {
      const message = received as OrdersMessage
      if ('cursor' in message) cursor = message.cursor
      if ('order' in message) return isNew(message.order.orderId, message.order.seq) ? message : null
      if ('seq' in message) return isNew(message.orderId, message.seq) ? message : null
      return message
    },
    isOver: () => false,
    end() {},
  }
}

/** What has no past: the newest message counts, and one that a new connection repeats is no news. */
export function newestSource<T>(path: string, query: Query): Source<T> {
  let last = ''
  return {
    path,
    resume: () => ({ query }),
    socket: () => ({ path, query }),
    receive(message) {
      const text = JSON.stringify(message)
      if (text === last) return null
      last = text
      return message as T
    },
    isOver: () => false,
    end() {},
  }
}
