// Owns orders and events as rows: how they travel to the database in batches, and how events are read back.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { transitions } from '../domain/lifecycle.ts'
import type { EventKind, Order } from '../domain/order.ts'
import type { NewOrder } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Millis } from '../timing/clock.ts'

export type OrderRow = NewOrder & {
  /** Digest of the canonical form of the spec. */
  readonly fingerprint: string
  readonly order: Order
  readonly event: LoggedEvent
  readonly wakeAt: Millis
  /** The legs that it brings about, which are taken on with it or not at all. */
  readonly children: readonly OrderRow[]
}

const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'))

/**
 * The text of a Postgres array, without the escapes that the driver would look for in each item: for ids, numbers, names
 * of ours and base64, which need none. Times travel as milliseconds, cheaper to write and to read.
 */
export const pgArray = (items: readonly (string | number | boolean | null)[]) =>
  `{${items.map((item) => item ?? 'null').join()}}`

/** A control character, which JSON text never holds as it is. */
const SEPARATOR = '\x1e'

/** One array per column, as unnest takes them. */
export function eventColumns(events: readonly LoggedEvent[]): unknown[] {
  return [
    pgArray(events.map((event) => event.orderId)),
    pgArray(events.map((event) => event.seq)),
    pgArray(events.map((event) => event.kind)),
    pgArray(events.map((event) => event.attempt)),
    pgArray(events.map((event) => event.at)),
    pgArray(events.map((event) => base64(event.wire))),
    // JSON within an array of text would be quoted twice over.
    events.map((event) => event.data).join(SEPARATOR),
  ]
}

/** The statement around it adds which orders' events go in, as `(… in (…)) is true`: looked up by hash, not joined. */
export const INSERT_EVENTS = `
  insert into order_events (order_id, seq, kind, attempt, at, data, wire)
  select order_id, seq, kind, attempt, to_timestamp(at / 1000), data, decode(wire, 'base64')
  from rows from (
      unnest($1::uuid[], $2::int[], $3::text[], $4::int[], $5::float8[], $6::text[]),
      string_to_table($7, E'\\x1e'))
    as event (order_id, seq, kind, attempt, at, wire, data)`

export type EventRow = {
  readonly order_id: OrderId
  readonly seq: number
  readonly kind: EventKind
  readonly attempt: number
  readonly at: Date
  readonly data: string
  readonly wire: Uint8Array | null
}

export const EVENT_COLUMNS = 'order_id::text as order_id, seq, kind, attempt, at, data, wire'

export const toEvent = ({ order_id, seq, kind, attempt, at, data, wire }: EventRow): LoggedEvent => ({
  orderId: order_id,
  seq,
  kind,
  status: transitions[kind].to,
  attempt,
  at: at.getTime(),
  data,
  wire,
})
