// Owns the port of orders and their logs, as the engine asks for them.

import type { Millis, Stop } from '../../timing/clock.ts'
import type { LoggedEvent } from '../eventCodec.ts'
import type { EventDraft, Order, OrderStatus, SignedSwap } from '../order.ts'
import type { CountedQuota, Rate } from '../quotas.ts'
import type { OrderId, OrderSpec, OrderType } from '../spec.ts'
import type { Group } from '../triggers/legs.ts'
import type { AllEvents } from './allEvents.ts'
import type { RestingOrders } from './restingOrders.ts'

/** Rejected by an append that lost the race: another writer was first with this order's next event. Stop quietly. */
export class StaleLog extends Error {}

export type NewOrder = {
  readonly spec: OrderSpec
  readonly idempotencyKey: string | null
  /** Whether the owner's key has quotas that depend on its other orders. */
  readonly isLimited: boolean
}

export type Created =
  | { readonly kind: 'created'; readonly order: Order }
  | { readonly kind: 'replayed'; readonly order: Order }
  | { readonly kind: 'conflict'; readonly key: 'idempotencyKey' | 'clientOrderId' }

/** `heldUntil`: when the protection ends that holds the order back; null for other quotas. */
export type Exceeded = {
  readonly kind: 'exceeded'
  readonly limit: CountedQuota
  readonly heldUntil: Millis | null
}

export type Creation = {
  /** `exceeded` made no order, and counts nowhere. */
  readonly outcome: Created | Exceeded
  /** Null for an order that is not limited. */
  readonly rate: Rate | null
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

/** Which orders of an owner; null leaves a field open. */
export type OrderFilter = {
  readonly owner: string
  readonly status: OrderStatus | null
  /** Mint of a token bought or sold. */
  readonly mint: string | null
  readonly clientOrderId: string | null
  readonly type: OrderType | null
  readonly isResting: boolean | null
  /** Only the children of this order. */
  readonly parentId: OrderId | null
}

export type ListQuery = OrderFilter & {
  /** Only orders older than this one. */
  readonly before: OrderId | null
  readonly limit: number
}

/** How many open orders fit a filter, and the newest of them. */
export type OpenCount = { readonly count: number; readonly newest: OrderId | null }

/** What names a swap to the chain. */
export type SwapKey = Pick<SignedSwap, 'signature' | 'lastValidBlockHeight'>

/** A fill as the log has it: by which swap, and where that landed. */
export type ReportedFill = SwapKey & { readonly orderId: OrderId; readonly slot: number }

/** An order in a few words. */
export type Standing = {
  readonly id: OrderId
  readonly status: OrderStatus
  readonly updatedAt: Millis
}

export interface OrderStore {
  /** The orders that wait for a price. */
  readonly resting: RestingOrders
  /** The events of all orders. */
  readonly allEvents: AllEvents
  /**
   * Resolves once the order and its first event are durable, or with the earlier order under the same key. The quotas of
   * the owner's key hold, whatever other processes create for it at the same moment.
   */
  create(order: NewOrder): Promise<Creation>
  /** What this order would be a repeat of, or in conflict with; null where its keys are free. Writes nothing. */
  findByKey(order: NewOrder): Promise<Exclude<Created, { kind: 'created' }> | null>
  /** The logs of those orders that exist, ready to append to. May be behind: the append finds out. */
  open(ids: readonly OrderId[]): Promise<OrderLog[]>
  /** The order and its whole log as stored, or null. */
  load(id: OrderId): Promise<{ order: Order; events: readonly LoggedEvent[] } | null>
  list(query: ListQuery): Promise<readonly Order[]>
  /** At most so many of the open orders that fit, behind the given one, the oldest first. */
  openAfter(filter: OrderFilter, after: OrderId | null, limit: number): Promise<readonly Order[]>
  /** At most so many of the closed orders that fit: the newest, of these the oldest first. */
  newestClosed(filter: OrderFilter, limit: number): Promise<readonly Order[]>
  /** The legs or slices of an order, the oldest first. */
  children(parent: OrderId): Promise<readonly Order[]>
  /** What the legs of an order have claimed. */
  group(parent: OrderId): Promise<Group>
  /** The open orders that fit, those newer than `upTo` left out. */
  countOpen(filter: OrderFilter, upTo: OrderId | null): Promise<OpenCount>
  /** At most `limit` of them: those with a submitted swap last, the newest of the others first. */
  openIds(filter: OrderFilter, upTo: OrderId, limit: number): Promise<readonly OrderId[]>
  /**
   * Every event after seq `after`, in order, each once, first the stored, then the live ones, until stopped or closed.
   * `onEnd` is called when the order has closed and all its events were given. Resolves once the first of the stored ones, or
   * the end where there is nothing more, was given; null when the owner has no such order.
   */
  follow(
    wanted: { readonly id: OrderId; readonly owner: string; readonly after: number },
    onEvent: (event: LoggedEvent) => void,
    onEnd: () => void,
  ): Promise<Stop | null>
  /**
   * Orders that wait for a worker since before their wake-up time, and resting ones whose time has come. Each gets a later
   * wake-up time, so that the next call names others.
   */
  overdue(now: Millis, limit: number): Promise<OrderId[]>
  /** What is still open of groups that have sold all, or of which no leg is left. */
  leftovers(limit: number): Promise<readonly OrderId[]>
  /** Calls `listener` with orders that an event of another one concerns, as this process has written it: a hint. */
  onRelated(listener: (ids: readonly OrderId[]) => void): Stop
  /**
   * How at most `limit` orders stand, of any owner, behind the given one, the newest first; those that trade through their
   * children alone are left out.
   */
  standings(before: OrderId | null, limit: number): Promise<readonly Standing[]>
  /** The fills recorded since then, as far as their orders are among the newest `limit`. */
  filledSince(since: Millis, limit: number): Promise<readonly ReportedFill[]>
  /** The store's clock: one for all processes. */
  now(): Promise<Millis>
  /** Makes every order overdue that waits for a worker. For the only process on this store, at its start. */
  wakeAll(now: Millis): Promise<void>
  /** Resolves when the store answers; rejects when it does not in time, or takes no writes at all. */
  ping(): Promise<void>
}
