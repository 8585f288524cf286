// Owns the wire: the type of every message of the streams, and of orders, quotes and candles as answers show them. It imports
// nothing: the client has the same file. The encoders are checked against it. Unknown kinds come from a newer engine only.
// biome-ignore-all lint/style/noExcessiveLinesPerFile: a table, the type of every message.

/** `confirmed`, `failed`, `canceled` and `expired` are final. */
export type OrderStatus =
  | 'pending'
  | 'routing'
  | 'building'
  | 'submitted'
  | 'confirmed'
  | 'failed'
  | 'canceled'
  | 'expired'

export type OrderType =
  | 'market'
  | 'limit'
  | 'stop'
  | 'takeProfit'
  | 'trailingStop'
  | 'timeStop'
  | 'sniper'
  | 'oco'
  | 'twap'

export type VenueName = 'raydium' | 'meteora'

/** RFC 3339 in UTC, with milliseconds. */
type Time = string

/** An amount under two names: a decimal in token units for people, and base units under `…Base` for programs. */
type Amount<Name extends string> = { readonly [K in Name | `${Name}Base`]: string }

/** A token by its symbol; in full where it is none of the order's own. */
type TokenAs<Name extends string> = { readonly [K in Name]: string } & {
  readonly [K in `${Name}Mint`]?: string
} & { readonly [K in `${Name}Decimals`]?: number }

// ---- what an order asks for ---------------------------------------------------------------------------------------

export type Condition = {
  /** `executable`, a venue, or a pool's address. */
  readonly source: string
  readonly observations: number
  readonly dwellMs: number
  readonly maxAgeMs: number
}

type WaitingTerms = {
  readonly slippageBps: number
  readonly priceOf?: 'tokenIn' | 'tokenOut'
  readonly limitPrice?: string
  readonly trigger?: Condition & {
    readonly price?: string
    readonly trailingBps?: number
    readonly activationPrice?: string
  }
  readonly maxHoldMs?: number
  readonly fireAt?: Time
  readonly timeInForce?: 'GTT' | 'IOC'
  readonly expiresAt?: Time
  /** The expiry follows from when the order was placed, not from what was asked. */
  readonly expiresByDefault?: true
  readonly slippageLadderBps?: readonly number[]
  /** What failed attempts may cost in network fees, in SOL. */
  readonly feeBudget?: string
}

/** A leg, as its order has it. */
export type LegTerms = WaitingTerms & { readonly type: OrderType; readonly shareBps?: number }

/** What guards a sniper. */
export type Guards = {
  /** In SOL. */
  readonly minLiquidity?: string
  readonly maxPrice?: string
  readonly maxTransferFeeBps: number
  readonly minAgeSlots: number
  readonly maxAgeSlots: number
  readonly minSaleBps: number
  readonly passes: number
  readonly allowCreators?: readonly string[]
  readonly denyCreators?: readonly string[]
  readonly allow?: readonly string[]
}

export type GuardReport = {
  readonly slot: number
  readonly refusals: readonly { readonly guard: string; readonly detail: string }[]
}

type TwapTerms = {
  readonly slices: number
  readonly startAt: Time
  readonly startsByDefault?: true
  readonly durationMs: number
  readonly jitterBps: number
  readonly minSlice: string
  readonly catchUp: 'skip' | 'spread'
}

/** The place of a leg or a slice under the order that brought it about. */
type ParentTerms = {
  readonly parentId: string
  readonly childNumber: number
  /** Shortly after its plan's end: no slice is signed later. */
  readonly sliceExpiresAt?: Time
  readonly groupId?: string
  readonly groupLegs?: number
  readonly shareBps?: number
  readonly groupTotalBase?: string
}

/** What an order asks for, as understood: what only some types ask for is absent in the others. */
export type OrderTerms = {
  readonly type: OrderType
  readonly tokenIn: string
  readonly tokenInMint: string
  /** Null until the token is launched, and chosen. */
  readonly tokenInDecimals: number | null
  readonly tokenOut: string
  readonly tokenOutMint: string
  readonly tokenOutDecimals: number | null
  readonly venues?: readonly VenueName[]
  readonly maxPriceImpactBps?: number
  readonly split?: boolean
  /** Of a sniper: the address whose first launch it buys. Until it fires this stands for `tokenOut` too. */
  readonly creator?: string
  readonly guards?: Guards
  readonly legs?: readonly LegTerms[]
  readonly exits?: readonly LegTerms[]
  readonly owner: string
  readonly clientOrderId?: string
} & Amount<'amountIn'> &
  WaitingTerms &
  Partial<TwapTerms> &
  Partial<ParentTerms>

// ---- quotes and routes --------------------------------------------------------------------------------------------

/** What one pool would pay for the whole amount. */
export type PoolQuote = {
  readonly venue: VenueName
  readonly pool: string
  readonly program: string
  readonly feeToken: string
  readonly priceImpactBps: number
  readonly slot: number
  readonly latencyMs: number
} & Amount<'amountOut' | 'fee'>

/** Why a venue has no quote. */
export type VenueRefusal = {
  readonly venue: VenueName
  readonly error: string
  readonly detail: string
  readonly latencyMs: number
}

export type Quote = PoolQuote | VenueRefusal

export type RouteLeg = {
  readonly venue: VenueName
  readonly pool: string
  readonly program: string
} & TokenAs<'tokenIn'> &
  TokenAs<'tokenOut'> &
  Amount<'amountIn' | 'amountOut'>

/** The alternatives that a route was chosen over. */
export type RouteComparison = {
  readonly bestPool: ({ readonly venue: VenueName; readonly pool: string } & Amount<'amountOut'>) | null
  readonly bestVenue: ({ readonly venue: VenueName } & Amount<'amountOut'>) | null
  readonly gainOverPoolBps: number | null
  readonly gainOverVenueBps: number | null
  /** The part of the order that passes through each leg. */
  readonly shareBps: readonly number[]
  readonly priceImpactBps: number
  /** Pools that are in no leg, by the reason. */
  readonly leftOut: Readonly<Record<string, readonly string[]>>
}

export type Route = {
  readonly legs: readonly RouteLeg[]
  readonly reason: string
  readonly comparison?: RouteComparison
} & Amount<'amountOut'>

export type Failure = { readonly code: string; readonly message: string; readonly detail: string }

type Routed = { readonly quotes: readonly Quote[]; readonly route: Route } & Amount<'minAmountOut'>

/** No route: why is in `failure`. */
type Unroutable = {
  readonly quotes: readonly Quote[]
  readonly route: null
  readonly failure: { readonly code: string; readonly detail: string }
}

/** The answer of GET /api/quotes. */
export type Quotes = {
  readonly tokenIn: string
  readonly tokenOut: string
  readonly slippageBps: number
} & Amount<'amountIn'> &
  (Routed | Unroutable)

/** The answer of POST /api/orders/preview. */
export type Preview = OrderTerms & {
  readonly summary: string
  /** The order that the same key stands for already. */
  readonly replayOf?: string
  readonly warnings: readonly { readonly code: string; readonly detail: string }[]
  readonly guardReport?: GuardReport
} & (Routed | Unroutable)

// ---- events -------------------------------------------------------------------------------------------------------

/** What a source showed when it fired the order. */
export type Observation = {
  readonly source: string
  readonly slot: number
  readonly at: Time
  readonly price: string
} & Amount<'amountOut'>

/** Why an order that waits has not fired. */
export type Waiting = {
  readonly for: string | null
  readonly now: string | null
  readonly distanceBps: number | null
  readonly evaluatedAt: Time
  readonly slot: number | null
  readonly blocker: string
  readonly detail?: string
}

/** What the children of a plan have traded. */
export type Totals = Amount<'filledIn' | 'filledOut'> & {
  readonly remainingIn: string
  readonly averagePrice: string | null
}

/** What a trigger remembers between two looks. */
type Memory = Readonly<Record<string, string>>
type Terms = OrderTerms & { readonly summary: string }
type Signature = {
  readonly signature: string
  readonly txHash: string
}

/** What each kind of event has beside its place in the log. */
export type EventData = {
  readonly accepted: Terms
  readonly activated: Terms
  readonly triggered: {
    readonly observations?: readonly Observation[]
    /** The token that a sniper by creator has chosen. */
    readonly tokenOut?: string
    readonly tokenOutMint?: string
    readonly tokenOutDecimals?: number
  } & Partial<Amount<'amountIn'>>
  readonly routed: Routed
  readonly submitted: Signature & {
    readonly lastValidBlockHeight: number
    readonly steps: readonly string[]
    readonly route: {
      readonly legs: readonly ({ readonly venue: VenueName; readonly pool: string } & Amount<
        'amountIn' | 'amountOut'
      >)[]
    } & Amount<'amountOut'>
  } & Amount<'minAmountOut'>
  readonly filled: Signature & {
    readonly executedPrice: string
    /** Positive: less than quoted. */
    readonly slippageToQuoteBps: number
    readonly networkFeeLamports: string
    readonly poolFees: readonly ({ readonly pool: string } & TokenAs<'token'> & Amount<'amount'>)[]
    readonly slot: number
    /** Milliseconds in each status of this attempt, and `total`. */
    readonly stepMs: Readonly<Record<string, number>>
  } & Amount<'amountIn' | 'amountOut'>
  readonly completed: Totals
  readonly retried: { readonly failure: Failure; readonly retryAt: Time; readonly stalled?: true }
  readonly rested: {
    readonly failure?: Failure
    readonly wakeAt: Time | null
    readonly memory: Memory
    readonly waiting?: Waiting
    readonly guardReport?: GuardReport
  }
  readonly paused: { readonly by: string; readonly memory: Memory }
  readonly resumed: { readonly by: string }
  readonly amended: Terms & { readonly by: string; readonly memory: Memory }
  readonly failed: { readonly failure: Failure; readonly attempts: number; readonly reachedChain: boolean }
  readonly canceled: { readonly by: string }
  /** Of a plan: what it has traded. */
  readonly expired: Partial<Totals>
}

export type EventKind = keyof EventData

/** One event of an order: `seq` counts from 1 without gaps, `status` is the one after it. */
export type EventMessage<Kind extends EventKind = EventKind> = {
  readonly [K in Kind]: {
    readonly orderId: string
    readonly seq: number
    readonly kind: K
    readonly status: OrderStatus
    readonly attempt: number
    readonly at: Time
  } & EventData[K]
}[Kind]

/** Why a resting order has not fired, live: it is not in the log and has no `seq`. */
export type WaitingMessage = {
  readonly orderId: string
  readonly kind: 'waiting'
  readonly waiting: Waiting
}

// ---- orders and their stream --------------------------------------------------------------------------------------

/** An order as lists show it: what its status does not know is absent. */
export type OrderSummary = Terms & {
  readonly orderId: string
  readonly status: OrderStatus
  readonly seq: number
  readonly attempt: number
  readonly resting: boolean
  /** The wallet does not hold what it sells beside earlier resting orders. */
  readonly unfunded?: true
  readonly createdAt: Time
  readonly updatedAt: Time
  readonly paused?: true
  readonly memory?: Memory
  readonly retryAt?: Time
  readonly lastValidBlockHeight?: number
  readonly slot?: number
  readonly failure?: Failure
  readonly reachedChain?: boolean
  readonly endReason?: string
} & Partial<Signature> &
  Partial<Amount<'amountOut'>> &
  Partial<Totals>

/** An order with what only its own page has. */
export type OrderDetail = OrderSummary & {
  readonly waiting?: Waiting
  readonly rebroadcasts?: number
  readonly blocksLeft?: number
  /** Its legs or slices, the oldest first. */
  readonly children?: readonly OrderSummary[]
  readonly events: readonly EventMessage[]
}

/**
 * The stream of all orders: those that match as they are now, then `current`, then each event of each order once, in order
 * per order. The cursor resumes behind its message.
 */
export type OrdersMessage =
  | { readonly kind: 'order'; readonly order: OrderSummary }
  | { readonly kind: 'current'; readonly cursor: string }
  | (EventMessage & { readonly cursor: string })

// ---- the market's streams -----------------------------------------------------------------------------------------

export type QuotesMessage = Quotes & { readonly at: Time; readonly slot: number }

/** Prices of one base in quote, over one interval that begins at `at`. */
export type Candle = {
  readonly at: Time
  readonly open: string
  readonly high: string
  readonly low: string
  readonly close: string
}
