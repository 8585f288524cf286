// Owns the ports: what the engine asks of the outside world, and what each answer is worth.

import type { Millis, Stop } from '../timing/clock.ts'
import type { ApiKey, Principal } from './access.ts'
import type { RoutablePool } from './curve.ts'
import type { LoggedEvent } from './eventCodec.ts'
import type { Failure } from './failure.ts'
import type { CountedLimit, Rate } from './limits.ts'
import type {
  EventDraft,
  Fill,
  Leg,
  Order,
  OrderId,
  OrderSpec,
  OrderStatus,
  SignedSwap,
  VenueName,
} from './order.ts'
import type { Token } from './token.ts'

// ---- SQL ----------------------------------------------------------------------------------------------------------

export type SqlRow = Readonly<Record<string, unknown>>

/** One Postgres, wherever it runs. Rejects with StoreUnavailable when it cannot be asked or does not answer in time. */
export interface Sql {
  query<Row extends SqlRow>(text: string, params?: readonly unknown[]): Promise<Row[]>
  /** Runs several statements as one transaction. */
  script(text: string): Promise<void>
  close(): Promise<void>
}

// ---- broadcast ----------------------------------------------------------------------------------------------------

/** Hints between processes. What is said while a process is away is lost to it, which costs time, never correctness. */
export interface Broadcast {
  /** Tells every process that listens on the channel, this one perhaps included. */
  tell(channel: string, text: string): void
  /** `onReconnect` runs whenever something said may have been missed. */
  listen(channel: string, onText: (text: string) => void, onReconnect: () => void): Stop
}

// ---- store --------------------------------------------------------------------------------------------------------

/** Rejected by a write whose outcome is not known or did not happen: try again later, nothing is half-written. */
export class StoreUnavailable extends Error {}

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
  readonly created: Created | { readonly kind: 'exceeded'; readonly limit: CountedLimit }
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
export type ToldFill = SwapKey & { readonly orderId: OrderId; readonly slot: number }

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
  filledSince(since: Millis, limit: number): Promise<readonly ToldFill[]>
  /** Makes every open order overdue. For an engine that knows itself alone on this store, at its start. */
  wakeAll(now: Millis): Promise<void>
  /** Resolves when the store answers; rejects when it does not in time, or takes no writes whatever they are. */
  ping(): Promise<void>
}

// ---- keys ---------------------------------------------------------------------------------------------------------

export type NewKey = Pick<ApiKey, 'name' | 'scopes' | 'limits' | 'expiresAt'>

/** API keys, as whoever runs the engine changes them. */
export interface KeyStore {
  /** The token is the only place where the key's secret is: it is not stored and cannot be had again. */
  create(key: NewKey): Promise<{ readonly key: ApiKey; readonly token: string }>
  /** The oldest first, those revoked and expired included. */
  list(): Promise<readonly ApiKey[]>
  /** Whether there is such a key. Revoked once is revoked for ever. */
  revoke(id: string): Promise<boolean>
}

/** API keys, as requests prove them. What KeyStore changes is known here within half a second. */
export interface KeyRing {
  /** Whose requests carry no key; null when every request must. */
  readonly keyless: Principal | null
  /** Whom this token proves to be asking, or null: malformed, unknown, wrong, revoked and expired look alike. */
  authenticate(token: string): Principal | null
  /** Whether the owner, once let in, would be let in now. */
  isCurrent(owner: string): boolean
  /** A secret that stands in for the owner's key once, for a minute, in any process. */
  issueTicket(owner: string): Promise<{ readonly ticket: string; readonly expiresAt: Millis }>
  /** Whom the ticket stands for, the first time; null afterwards, and when it is none. */
  redeemTicket(ticket: string): Promise<Principal | null>
}

// ---- trading ------------------------------------------------------------------------------------------------------

export type TradingState = {
  readonly state: 'active' | 'halted'
  /** Null when trading was never halted. */
  readonly changedAt: Millis | null
  readonly changedBy: string | null
}

/** Whether this engine trades: one answer for all its processes, known to each within a second and over restarts. */
export interface TradingSwitch {
  /** As far as this process knows. */
  state(): TradingState
  /** Whether new swaps may be signed now: not while halted, and not while nobody could be asked for a second. */
  mayTrade(): boolean
  /** Resolves when the change is durable. */
  set(state: TradingState['state'], by: string): Promise<TradingState>
  /** Calls `listener` each time when `mayTrade` is true again. */
  onResume(listener: () => void): Stop
}

// ---- queue --------------------------------------------------------------------------------------------------------

/** A doorbell: a lost, late or repeated ring costs time, never correctness. */
export interface OrderQueue {
  /** Asks a worker to look at the order, after `delayMs`. Rejects when the ring was not taken. */
  ring(id: OrderId, delayMs?: number): Promise<void>
  /** Hands rung orders to `handler`, several at a time, until stopped; stopping waits for handlers under way. */
  work(handler: (ids: readonly OrderId[]) => Promise<void>): () => Promise<void>
  /** Whether rings are being taken now. While not, no new orders are: those already taken are found by the sweep. */
  isAvailable(): boolean
  /** Resolves when rings are taken, and handed on to those here who work; asks by a ring. */
  ping(): Promise<void>
}

// ---- market -------------------------------------------------------------------------------------------------------

export type PoolInfo = {
  readonly venue: VenueName
  readonly pool: string
  readonly program: string
  readonly tokenA: Token
  readonly tokenB: Token
  readonly reserveA: bigint
  readonly reserveB: bigint
  readonly feeBps: number
  /** Token B per token A, in token units, fee excluded. */
  readonly price: string
}

/** One program's call in a transaction; accounts are base58 addresses. */
export type Instruction = {
  readonly programId: string
  readonly accounts: readonly string[]
  readonly data: Uint8Array
}

/** Between which tokens a route runs, and through which it may go; all by mint. */
export type Way = {
  readonly mintIn: string
  readonly mintOut: string
  readonly through: readonly string[]
}

/** Rejected by a venue that has been asked too often and wants to be left alone for so long. */
export class VenueLimited extends Error {
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super(`asked too often, not to be asked for ${retryAfterMs} ms`)
    this.retryAfterMs = retryAfterMs
  }
}

export interface Venue {
  readonly name: VenueName
  pools(): Promise<readonly PoolInfo[]>
  /**
   * The pools that trade either end against the other or a token on the way, as they are now. Rejects when down, with
   * VenueLimited when it only wants to be left alone.
   */
  routable(way: Way): Promise<readonly RoutablePool[]>
  /** The call that swaps `leg` and reverts below `minAmountOut`. */
  swapInstruction(leg: Leg, minAmountOut: bigint): Instruction
}

/** What a transaction does: swaps in order, all or nothing, its output at least `minAmountOut` in total. */
export type SwapPlan = {
  readonly orderId: OrderId
  readonly tokenIn: Token
  readonly tokenOut: Token
  readonly amountIn: bigint
  readonly minAmountOut: bigint
  readonly swaps: readonly Instruction[]
}

export type Landing =
  | { readonly kind: 'landed'; readonly fill: Fill }
  /** Landed and failed, so far back that no fork can make it succeed; the failure is one the chain proves. */
  | { readonly kind: 'reverted'; readonly failure: Failure }
  /** Proven never to land: finalized height past the last valid one, and only then the signature absent. */
  | { readonly kind: 'dropped' }
  /** Nobody knows yet. Unknown is not dead. */
  | { readonly kind: 'unknown' }

/** A submitted swap to ask after; the spec says in which tokens to read the fill. */
export type Watched = { readonly spec: OrderSpec; readonly swap: SignedSwap }

/** How firmly a landing stands. */
export type Finality =
  /** Landed in this slot; `isFinal` says that no fork can undo it any more. */
  | { readonly kind: 'landed'; readonly slot: number; readonly isFinal: boolean }
  /** Proven never to land, whatever was seen before. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'unknown' }

/** The most signatures an RPC node answers for in one request (getSignatureStatuses). */
export const MAX_LANDINGS = 256

export interface Chain {
  /** Signs the plan against a recent blockhash and sends nothing. `steps` names what the transaction does, in order. */
  sign(plan: SwapPlan): Promise<{ swap: SignedSwap; steps: readonly string[] }>
  /** Hands the bytes to the network; may be repeated. Neither outcome says anything about landing. */
  send(swap: SignedSwap): Promise<void>
  /** What became of each, in the order asked; at most MAX_LANDINGS at once. Rejects when the chain cannot be asked. */
  landings(watched: readonly Watched[]): Promise<readonly Landing[]>
  /** How firmly each of these stands, in the order asked; at most MAX_LANDINGS at once. Rejects as `landings` does. */
  finality(swaps: readonly SwapKey[]): Promise<readonly Finality[]>
  /** The newest block height there is. */
  blockHeight(): Promise<number>
  /** Calls `listener` with signatures that may have landed: a hint, nothing more. */
  onLanding(listener: (signatures: readonly string[]) => void): Stop
  ping(): Promise<void>
}
