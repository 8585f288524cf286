// Owns what the stream of all orders gives: orders, and the events that its filter lets through, as messages in portions.

import type { Order, OrderStatus } from '../../domain/order.ts'
import type { CommittedEvent, Constants, Position } from '../../domain/ports/allEvents.ts'
import type { OrderFilter } from '../../domain/ports/orders.ts'
import type { OrderId } from '../../domain/spec.ts'
import { messageOf, orderView } from '../views.ts'
import { writePosition } from './allOrdersCursor.ts'
import { AT_ONCE, type StreamMessage } from './messageStream.ts'

/** `isResting` is not asked for: it does not stay. */
export type LastingFilter = Omit<OrderFilter, 'isResting'>

/** Messages that go to a client together. */
export type Portion = readonly StreamMessage[]

/** The last event of each order that its view has shown. */
export type Seqs = ReadonlyMap<OrderId, number>

/** The orders as they are. */
export const orderPortions = (orders: readonly Order[], unfunded: ReadonlySet<OrderId>): readonly Portion[] =>
  portionsOf(
    orders.map((order) => {
      const view = orderView(order, unfunded.has(order.spec.orderId))
      return { kind: 'order', text: JSON.stringify({ kind: 'order', order: view }) }
    }),
  )

const isNew = ({ event }: CommittedEvent, seen: Seqs | null): boolean =>
  event.seq > (seen?.get(event.orderId) ?? 0)

function fits({ event, order }: CommittedEvent, filter: LastingFilter): boolean {
  const { owner, type, mint, parentId, clientOrderId, status } = filter
  return (
    order.owner === owner &&
    isOneOf(status, event.status satisfies OrderStatus) &&
    isOneOf(type, order.type) &&
    isOneOf(parentId, order.parentId) &&
    isOneOf(clientOrderId, order.clientOrderId) &&
    (mint === null || tradesIn(order, mint))
  )
}

const isOneOf = <T>(wanted: T | null, found: T): boolean => wanted === null || wanted === found
const tradesIn = ({ mintIn, mintOut }: Constants, mint: string) => mintIn === mint || mintOut === mint

/** What the filter lets through of the entries, without what the client has seen. */
export function eventPortions(
  entries: readonly CommittedEvent[],
  filter: LastingFilter,
  seen: Seqs | null,
): readonly Portion[] {
  const wanted = entries.filter((entry) => fits(entry, filter) && isNew(entry, seen))
  return portionsOf(wanted.map(eventMessage))
}

const portions = new WeakMap<readonly CommittedEvent[], Map<string, readonly Portion[]>>()

/** What streams with this filter give of the entries: made once for all of them. */
export function sharedPortions(filter: LastingFilter) {
  const key = JSON.stringify(filter)
  return (entries: readonly CommittedEvent[]): readonly Portion[] => {
    const byFilter = portions.get(entries) ?? new Map<string, readonly Portion[]>()
    portions.set(entries, byFilter)
    const made = byFilter.get(key) ?? eventPortions(entries, filter, null)
    byFilter.set(key, made)
    return made
  }
}

const messages = new WeakMap<CommittedEvent, StreamMessage>()

/** Made once, however many streams give it. */
function eventMessage(entry: CommittedEvent): StreamMessage {
  const known = messages.get(entry)
  if (known !== undefined) return known
  const { event, position } = entry
  const id = writePosition(position)
  const message = { kind: event.kind, text: `${messageOf(event).text.slice(0, -1)},"cursor":"${id}"}`, id }
  messages.set(entry, message)
  return message
}

export function currentMessage(position: Position): StreamMessage {
  const cursor = writePosition(position)
  return { kind: 'current', text: JSON.stringify({ kind: 'current', cursor }), id: cursor }
}

function portionsOf(messages: readonly StreamMessage[]): readonly Portion[] {
  const portions: StreamMessage[][] = []
  let room = 0
  for (const message of messages) {
    room -= message.text.length
    if (room < 0) {
      portions.push([])
      room = AT_ONCE - message.text.length
    }
    portions.at(-1)?.push(message)
  }
  return portions
}
