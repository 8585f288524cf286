// Owns the types of the client's calls: what each takes and what it returns.

import type { paths } from './generated/api.ts'
import type {
  Candle,
  EventMessage,
  OrderDetail,
  OrderStatus,
  OrderSummary,
  OrdersMessage,
  Preview,
  Quotes,
  QuotesMessage,
  VenueName,
  WaitingMessage,
} from './generated/wire.ts'

type Json<T> = T extends { readonly content: { readonly 'application/json': infer Body } } ? Body : never
type QueryOf<T> = T extends { readonly parameters: { readonly query?: infer Query } }
  ? NonNullable<Query>
  : never

/** An order as it is placed: one form per `type`. */
export type OrderRequest = Json<paths['/api/orders/execute']['post']['requestBody']>
export type OrderAccepted = Json<paths['/api/orders/execute']['post']['responses'][201]>
/** Terms to change, or `state` to pause and resume. */
export type OrderChanges = Json<paths['/api/orders/{id}']['patch']['requestBody']>
export type Trading = Json<paths['/api/admin/trading']['get']['responses'][200]>

type ListQuery = QueryOf<paths['/api/orders']['get']>
export type OrderFilter = Omit<ListQuery, 'cursor' | 'limit' | 'resting'> & { readonly resting?: boolean }
/** At least one field, or `all` alone. */
export type CancelFilter = OrderFilter & { readonly all?: true }
/** Of the stream of all orders, where `resting` is no filter. */
export type StreamFilter = Omit<OrderFilter, 'resting'>

type Canceled = Json<paths['/api/orders']['delete']['responses'][200]>
/** How many orders fit, and the token that cancels them. */
export type CancelCount = Extract<Canceled, { readonly token: string }>
export type CancelResult = Extract<Canceled, { readonly canceled: number }>

export type QuoteRequest = {
  readonly tokenIn: string
  readonly tokenOut: string
  /** In token units; a string keeps every digit. */
  readonly amountIn: string | number
  readonly slippageBps?: number
  readonly venues?: readonly VenueName[]
  readonly maxPriceImpactBps?: number
  readonly split?: boolean
}

export type CandleRequest = {
  readonly base: string
  readonly quote: string
  readonly interval: '1s' | '1m'
}
export type Candles = CandleRequest & { readonly candles: readonly Candle[] }

export type Token = { readonly symbol: string; readonly mint: string; readonly decimals: number }
export type Pool = {
  readonly venue: VenueName
  readonly pool: string
  readonly program: string
  readonly tokenA: string
  readonly tokenB: string
  readonly reserveA: string
  readonly reserveABase: string
  readonly reserveB: string
  readonly reserveBBase: string
  readonly feeBps: number
  /** tokenB per tokenA, without the fee. */
  readonly price: string
}
/** `unavailable`: venues that did not answer. */
export type Pools = { readonly pools: readonly Pool[]; readonly unavailable: readonly VenueName[] }

type Answer<Path extends keyof paths> = paths[Path] extends {
  readonly get: { readonly responses: { readonly 200: infer A } }
}
  ? Json<A>
  : never

export type Wallet = Answer<'/api/wallet'>
export type DepthRequest = {
  readonly tokenIn: string
  readonly tokenOut: string
  /** The largest amount, in token units. */
  readonly maxAmountIn: string | number
  /** From 2 to 48. */
  readonly points?: number
}
export type Depth = Answer<'/api/depth'>
export type System = Answer<'/api/system'>
/** What goes wrong in a simulated world. */
export type Faults = Answer<'/api/simulation/faults'>
/** What is not named stays as it is. */
export type FaultChanges = Json<paths['/api/simulation/faults']['patch']['requestBody']>
export type Audit = Answer<'/api/simulation/audit'>
export type Launch = Answer<'/api/simulation/launches'>['launches'][number]
export type LaunchRequest = Json<paths['/api/simulation/launches']['post']['requestBody']>

/** `timeoutMs` bounds the whole call, its retries and the waits between them included. */
export type CallOptions = { readonly signal?: AbortSignal; readonly timeoutMs?: number }
export type WatchOptions = {
  readonly signal?: AbortSignal
  /** Called with true whenever the stream has a connection, and with false when it has lost it. */
  readonly onConnection?: (isOpen: boolean) => void
}

/** An order, as lists show it; `order` also returns its events. */
export type Order = OrderSummary &
  Partial<Pick<OrderDetail, 'waiting' | 'rebroadcasts' | 'blocksLeft' | 'children'>>
export type OrderWithEvents = OrderDetail
export type OrderEvent = EventMessage
export type StreamMessage = OrdersMessage
export type { Candle, OrderStatus, Preview, Quotes, QuotesMessage, WaitingMessage }

/** Of a simulated engine; `not_found` from one that trades for real. What changes something takes a key with the scope `admin`. */
export type SimulationCalls = {
  faults(options?: CallOptions): Promise<Faults>
  setFaults(changes: FaultChanges, options?: CallOptions): Promise<Faults>
  /** Back to the faults of the engine's settings. */
  resetFaults(options?: CallOptions): Promise<Faults>
  /** The slot that begins with the fork. */
  fork(options?: CallOptions): Promise<{ readonly slot: number }>
  /** Ends a process of `system` as `kill -9` does. */
  kill(processId: string, options?: CallOptions): Promise<{ readonly processId: string }>
  /** Lost and doubled orders, of the newest. */
  audit(options?: CallOptions): Promise<Audit>
  /** The newest hundred, those to come among them. */
  launches(options?: CallOptions): Promise<readonly Launch[]>
  launch(
    token: LaunchRequest,
    options?: CallOptions,
  ): Promise<{ readonly mint: string; readonly pool: string; readonly slot: number }>
}

export type Client = SimulationCalls & {
  /**
   * Places an order and resolves once it is durable. All attempts carry one idempotency key, so it is placed once. An error
   * with `isAmbiguous` leaves open whether it was: place it again with the error's `idempotencyKey`.
   */
  place(
    order: OrderRequest,
    options?: CallOptions & { readonly idempotencyKey?: string },
  ): Promise<OrderAccepted>
  /** What placing it would answer, and what it would get now. Writes nothing. */
  preview(order: OrderRequest, options?: CallOptions & { readonly idempotencyKey?: string }): Promise<Preview>
  /** With `events: false` its `events` are empty: for an order that has many, and whose stream is followed. */
  order(id: string, options?: CallOptions & { readonly events?: boolean }): Promise<OrderWithEvents>
  /** Newest first; pages are asked for as they are needed. The timeout is that of a page. */
  list(filter?: OrderFilter, options?: CallOptions): AsyncIterableIterator<Order>
  /**
   * Each event of the order once, in order, behind `after` (a seq), until the last one. Connects again by itself and goes on
   * behind the last event. With `waiting` also messages without a seq, which say why a resting order has not fired.
   */
  watch(
    id: string,
    options: WatchOptions & { readonly after?: number; readonly waiting: true },
  ): AsyncIterableIterator<OrderEvent | WaitingMessage>
  watch(
    id: string,
    options?: WatchOptions & { readonly after?: number; readonly waiting?: false },
  ): AsyncIterableIterator<OrderEvent>
  /**
   * All orders of the key: first those that match as they are, then `current`, then every event once, in order per order. Never
   * ends by itself. Keep the newest `cursor` to go on from there in another process.
   */
  watchAll(
    filter?: StreamFilter,
    options?: WatchOptions & { readonly cursor?: string },
  ): AsyncIterableIterator<StreamMessage>
  /**
   * The order, once an event of it has had one of the statuses, even if it has moved on since. Rejects with `ended` when it
   * ends without. Waits for as long as it takes unless `timeoutMs` says otherwise.
   */
  waitFor(
    id: string,
    status: OrderStatus | readonly OrderStatus[],
    options?: CallOptions,
  ): Promise<OrderWithEvents>
  /** Possible until the swap is submitted, then `too_late`; canceling twice is no fault. */
  cancel(id: string, options?: CallOptions): Promise<Order>
  /** `ifMatch`: the seq that you have seen; `version_mismatch` if the order has moved on. */
  amend(
    id: string,
    changes: OrderChanges,
    options?: CallOptions & { readonly ifMatch?: number },
  ): Promise<Order>
  /** Two steps: first how many open orders fit, then, with the token of that answer as `confirm`, cancels them. */
  cancelAll(
    filter: CancelFilter,
    confirmed: { readonly confirm: string },
    options?: CallOptions,
  ): Promise<CancelResult>
  cancelAll(
    filter: CancelFilter,
    confirmed?: { readonly confirm?: undefined },
    options?: CallOptions,
  ): Promise<CancelCount>
  quote(request: QuoteRequest, options?: CallOptions): Promise<Quotes>
  /** A quote whenever it changes. Never ends by itself. */
  watchQuotes(request: QuoteRequest, options?: WatchOptions): AsyncIterableIterator<QuotesMessage>
  /** The newest `limit` candles, the oldest first. */
  candles(request: CandleRequest & { readonly limit?: number }, options?: CallOptions): Promise<Candles>
  /** The current candle whenever it changes, then the next. Never ends by itself. */
  watchCandles(request: CandleRequest, options?: WatchOptions): AsyncIterableIterator<Candle>
  trading(options?: CallOptions): Promise<Trading>
  setTrading(state: Trading['state'], options?: CallOptions): Promise<Trading>
  tokens(options?: CallOptions): Promise<readonly Token[]>
  pools(options?: CallOptions): Promise<Pools>
  /** What the wallet holds, and what resting orders reserve of it. */
  wallet(options?: CallOptions): Promise<Wallet>
  /** What venues pay for amounts of every size up to one. */
  depth(request: DepthRequest, options?: CallOptions): Promise<Depth>
  system(options?: CallOptions): Promise<System>
}
