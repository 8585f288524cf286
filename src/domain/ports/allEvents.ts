// Owns the port of the events of all orders, in the order in which they became durable.

import type { Stop } from '../../timing/clock.ts'
import type { LoggedEvent } from '../eventCodec.ts'
import type { OrderId, OrderType } from '../spec.ts'

/**
 * A place among the events of all orders. All commits before `commit` lie behind it, and the first `events` events of that one. Commits are
 * numbered in the order in which they became visible, with gaps.
 */
export type Position = { readonly commit: bigint; readonly events: number }

/** What of an order does not change, so that a stream can be chosen by it: but for the token that a sniper by creator chooses. */
export type Constants = {
  readonly owner: string
  readonly type: OrderType
  readonly mintIn: string
  readonly mintOut: string
  readonly parentId: OrderId | null
  readonly clientOrderId: string | null
}

export type CommittedEvent = {
  readonly event: LoggedEvent
  readonly order: Constants
  /** The place behind this event. */
  readonly position: Position
}

/** Some of the events, and the place behind them. */
export type EventsPart = { readonly entries: readonly CommittedEvent[]; readonly next: Position }

export const isBehind = (a: Position, b: Position): boolean =>
  a.commit < b.commit || (a.commit === b.commit && a.events < b.events)

export interface AllEvents {
  /** The place behind all that is durable now. Rejects with StoreUnavailable. */
  head(): Promise<Position>
  /** A place that all which is visible now lies before, also commits that older transactions still hide. As above. */
  ceiling(): Promise<Position>
  /** Whether everything behind that place is still kept, and the place is not one to come. Rejects with StoreUnavailable. */
  reaches(position: Position): Promise<boolean>
  /**
   * What follows on that place, of all owners or with those of this one among it: some of it, or nothing while there is
   * nothing more. Rejects with StoreUnavailable.
   */
  read(after: Position, owner: string): Promise<EventsPart>
  /** Calls `onMore` when there may be more to read. While nothing listens this costs nothing. */
  listen(onMore: () => void): Stop
}
