// Owns the port of orders and their logs, as the engine asks for them.

import type { Millis, Stop } from '../../timing/clock.ts'
import type { LoggedEvent } from '../eventCodec.ts'
import type { EventDraft, Order, OrderId, OrderSpec, OrderStatus, SignedSwap } from '../order.ts'
import type { CountedQuota, Rate } from '../quotas.ts'

/** Rejected by an append that lost the race: somebody else has written this order's next event. Stop quietly. */
export class StaleLog extends Error {}

export type NewOrder = {
  readonly spec: OrderSpec
  readonly idempotencyKey: string | null
  /** Digest of the request as understood; tells a repeat from another order under the same key. */
  readonly fingerprint: string
}

export type Created =
  | { readonly kind: 'created'; readonly order: Order }
  | { readonly kind: 'replayed'; readonly order: Order }
  | { readonly kind: 'conflict'; readonly key: 'idempotencyKey' | 'clientOrderId' }

/** What became of an order of a key with limits; `exceeded` made none, and counts nowhere. */
export type CreatedWithin = {
  readonly created: Created | { readonly kind: 'exceeded'; readonly limit: CountedQuota }
  readonly rate: Rate
}

/** One writer's hold on one order's log. Appends of one writer are a chain: when one is refused, so are all behind it. */
export interface OrderLog {
  /** The order with every append applied, durable or not. */
  readonly order: Order
  /**
   * Queues the next event and applies it to `order` at once; throws IllegalTransition when it may not follow.
   * Resolves when the event and all before it are durable; rejects with StaleLog or StoreUnavailable.
   */
  append(draft: EventDraft): Promise<void>
}

export type ListQuery = {
  readonly owner: string
  readonly status: OrderStatus | null
  /** Mint of a token bought or sold. */
  readonly mint: string | null
  readonly clientOrderId: string | null
  /** Only orders older than this one. */
  readonly before: OrderId | null
  readonly limit: number
}

/** What names a swap to the chain. */
export type SwapKey = Pick<SignedSwap, 'signature' | 'lastValidBlockHeight'>

/** A fill as the log tells it: by which swap, and where that landed. */
export type ReportedFill = SwapKey & { readonly orderId: OrderId; readonly slot: number }

export interface OrderStore {
  /**
   * Resolves once the order and its first event are durable, or with the earlier order under the same key. `onSent` is
   * called when they are on their way to the database: the order can be opened here from then on.
   */
  create(order: NewOrder, onSent?: () => void): Promise<Created>
  /** The same within the limits of the owner's key, which hold whoever else creates orders for it at the same moment. */
  createWithin(order: NewOrder, onSent?: () => void): Promise<CreatedWithin>
  /**
   * The logs of those orders that exist, or are being created here, ready to append to. May be behind, or of an order that
   * is not created in the end: the append finds out.
   */
  open(ids: readonly OrderId[]): Promise<OrderLog[]>
  /** The order and its whole log as stored, or null. */
  load(id: OrderId): Promise<{ order: Order; events: readonly LoggedEvent[] } | null>
  list(query: ListQuery): Promise<readonly Order[]>
  /**
   * Every event after seq `after`, in order, each once, first the stored, then the live ones, until stopped or closed.
   * `onEnd` says that the order has closed and all its events were given. Resolves once the first of the stored ones, or
   * the end where there is nothing more, was given; null when the owner has no such order.
   */
  follow(
    wanted: { readonly id: OrderId; readonly owner: string; readonly after: number },
    onEvent: (event: LoggedEvent) => void,
    onEnd: () => void,
  ): Promise<Stop | null>
  /** Open orders whose wake-up time lies before `now`, each given a later one, so that the next call names others. */
  overdue(now: Millis, limit: number): Promise<OrderId[]>
  /** The fills that were told since then, as far as their orders are among the newest `limit`. */
  filledSince(since: Millis, limit: number): Promise<readonly ReportedFill[]>
  /** Makes every open order overdue. For an engine that knows itself alone on this store, at its start. */
  wakeAll(now: Millis): Promise<void>
  /** Resolves when the store answers; rejects when it does not in time, or takes no writes whatever they are. */
  ping(): Promise<void>
}
