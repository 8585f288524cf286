// Owns the route: the quotes of the venues, the chosen legs, and the comparison that justifies them.

import type { BaseUnits, Bps } from './amount.ts'
import type { Token } from './token.ts'

/** The token sold and the token bought. */
export type Pair = { readonly tokenIn: Token; readonly tokenOut: Token }

/** What a route has to achieve. */
export type Trade = Pair & { readonly amountIn: BaseUnits; readonly slippageBps: Bps }

/** The ends of a route and the intermediate tokens it may pass, by mint. */
export type RouteQuery = {
  readonly mintIn: string
  readonly mintOut: string
  readonly through: readonly string[]
}

/** What the order allows of a route. An absent field sets no limit. */
export type RouteConstraints = {
  readonly venues?: readonly VenueName[]
  /** All of the amount goes one way: through one pool, or through one and then another. */
  readonly isUnsplit?: true
  /** The most by which the amount itself may worsen the price, against the same split at the pools' present prices. */
  readonly maxPriceImpactBps?: number
}

/** The trade, and what the order allows of its route. */
export type RouteRequest = Trade & { readonly constraints: RouteConstraints }

export const venueNames = ['raydium', 'meteora'] as const
export type VenueName = (typeof venueNames)[number]

/** What one pool would pay for the whole amount, fees and price impact included. */
export type PoolQuote = {
  readonly venue: VenueName
  readonly pool: string
  readonly program: string
  readonly amountIn: BaseUnits
  readonly amountOut: BaseUnits
  readonly fee: BaseUnits
  readonly feeToken: Token
  readonly priceImpactBps: number
  readonly slot: number
}

/** The answer of one venue within the deadline. */
export type VenueAnswer =
  | { readonly venue: VenueName; readonly latencyMs: number; readonly quotes: readonly PoolQuote[] }
  | { readonly venue: VenueName; readonly latencyMs: number; readonly refusal: VenueRefusal }

export type VenueRefusal = { readonly code: VenueRefusalCode; readonly detail: string }

export type VenueRefusalCode =
  | 'no_pool'
  | 'amount_too_small'
  | 'insufficient_liquidity'
  | 'venue_timeout'
  | 'venue_unavailable'
  | 'venue_limited'
  | 'circuit_open'
  | 'quote_rejected'
  | 'quote_stale'

/** One swap in one pool. */
export type Leg = {
  readonly venue: VenueName
  readonly pool: string
  readonly program: string
  readonly tokenIn: Token
  readonly tokenOut: Token
  readonly amountIn: BaseUnits
  readonly amountOut: BaseUnits
}

/** Why a pool that trades a pair of the route is in none of its legs. */
export type LeftOut =
  /** The order does not allow its venue. */
  | 'restricted'
  /** Its own mathematics refused the part meant for it. */
  | 'refused'
  /** Even its first unit pays less than the route does at the margin. */
  | 'worse_price'
  /** It would add less than its leg costs. */
  | 'not_worth_its_cost'
  /** It would add more, but the route may have no more legs. */
  | 'too_many_legs'
  /** It would add more, but the order must not be split. */
  | 'no_split'

/** The alternatives that a route was chosen over. Amounts are in base units of the output, before the cost of legs. */
export type RouteComparison = {
  readonly bestPool: {
    readonly venue: VenueName
    readonly pool: string
    readonly amountOut: BaseUnits
  } | null
  /** The best route that stays within one venue. */
  readonly bestVenue: { readonly venue: VenueName; readonly amountOut: BaseUnits } | null
  readonly gainOverPoolBps: number | null
  readonly gainOverVenueBps: number | null
  /** The part of the order that passes through each leg, in the order of the legs. */
  readonly shareBps: readonly number[]
  /** How much less the route pays than the same split at unmoved prices; fees count in neither. */
  readonly priceImpactBps: number
  /** The pools that are in no leg, by the reason. */
  readonly leftOut: Readonly<Partial<Record<LeftOut, readonly string[]>>>
}

/** Legs are in the order of execution: those into an intermediate token before those out of it. */
export type Route = {
  readonly legs: readonly Leg[]
  readonly amountOut: BaseUnits
  readonly minAmountOut: BaseUnits
  /** Why this route and no other, for people. */
  readonly reason: string
  readonly comparison?: RouteComparison
}
