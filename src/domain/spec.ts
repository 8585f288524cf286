// Owns the spec: what an order asks for, as understood.

import type { Millis } from '../timing/clock.ts'
import type { BaseUnits, Bps } from './amount.ts'
import type { Guards } from './guards.ts'
import type { PriceOf } from './price.ts'
import type { RouteConstraints } from './route.ts'
import type { Token } from './token.ts'

declare const brand: unique symbol

/** UUIDv7: sorts by creation time. */
export type OrderId = string & { readonly [brand]: 'OrderId' }

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The order id that a text spells, in upper or lower case (RFC 9562, 4), or null. */
export function parseOrderId(text: string): OrderId | null {
  const id = text.toLowerCase()
  return UUID_V7.test(id) ? (id as OrderId) : null
}

/** The id of a new order, from a UUIDv7 that was made for it. Throws for any other text: a defect of the caller. */
export function toOrderId(uuid: string): OrderId {
  const id = parseOrderId(uuid)
  if (id === null) throw new Error(`${uuid} is not a UUIDv7`)
  return id
}

/** The order that brought this one about, and the place of this one among its children. Numbers count from 1. */
export type Parent = { readonly orderId: OrderId; readonly number: number } & (
  | ({ readonly kind: 'slice' } & SlicePlace)
  | ({ readonly kind: 'leg' } & LegPlace)
)

export type SlicePlace = {
  /** Shortly after the plan does; the slice is not signed later. Null in the logs of builds that did not write it. */
  readonly endsAt: Millis | null
}

/** Legs of one group sell the same tokens, and together never more than `total`. */
export type LegPlace = {
  /** How many legs the group has. */
  readonly legs: number
  /** The part of the total that the leg may sell; null: what the others leave. */
  readonly shareBps: Bps | null
  /** Null until the parent is filled: what it buys is not known before. */
  readonly total: BaseUnits | null
}

/** What every order asks for. */
type Asked = {
  readonly orderId: OrderId
  /** The key that may see and cancel the order. */
  readonly owner: string
  readonly tokenIn: Token
  readonly tokenOut: Token
  readonly amountIn: BaseUnits
  readonly slippageBps: Bps
  readonly constraints: RouteConstraints
  readonly clientOrderId: string | null
  /** Null for an order that was placed by itself. */
  readonly parent: Parent | null
}

/** What an order asks for that may open a position: its exits start once it is filled, and sell what it has bought. */
type Entry = { readonly exits: readonly LegTerms[] }

/** Trades as soon as a worker takes it. */
export type MarketSpec = Asked & Entry & { readonly type: 'market' }

/** The source of a price that is what a route over all pools would pay for the whole amount. */
export const EXECUTABLE = 'executable'

/** When a price counts: where it is read, how often it must be seen, and how old it may be. */
export type Condition = {
  /** EXECUTABLE, a venue's name, or a pool's address: what that venue or pool alone would pay for the whole amount. */
  readonly source: string
  /** In how many slots, one after the other, the price must be there. */
  readonly observations: number
  /** For how long it must be there. */
  readonly dwellMs: Millis
  /** An older price is none. */
  readonly maxAgeMs: Millis
}

/** What a route over all pools would pay, seen once. */
export const SEEN_ONCE: Condition = { source: EXECUTABLE, observations: 1, dwellMs: 0, maxAgeMs: 5_000 }

/** What every order asks for that waits. All its prices are of the same token. */
type Waiting = {
  readonly priceOf: PriceOf
  readonly condition: Condition
  readonly slippageBps: Bps
  /** Its end follows from when it was placed, not from what was asked: a repeat that comes later asks for the same. */
  readonly isDefaultExpiry: boolean
}

type LimitTerms = Waiting & {
  readonly type: 'limit'
  readonly limitPrice: string
  /** Null for an order that trades now or not at all (IOC; a swap is atomic, so FOK is the same). */
  readonly expiresAt: Millis | null
}

/** Exits sell at the market once their trigger has fired, and are never given up. */
type ExitTerms = Waiting & {
  /** The least that the swap may pay; null: the market. */
  readonly limitPrice: string | null
  /** The slippage of each attempt; the last one holds for all that follow. `slippageBps` is the largest. */
  readonly slippageLadderBps: readonly Bps[]
  /** What failed attempts may cost in network fees. */
  readonly feeBudgetLamports: BaseUnits
  readonly expiresAt: Millis
}

type StopTerms = ExitTerms & {
  readonly type: 'stop' | 'takeProfit'
  readonly triggerPrice: string
}

type TrailingStopTerms = ExitTerms & {
  readonly type: 'trailingStop'
  /** How far the price may fall from the best one. */
  readonly trailingBps: Bps
  /** The price from which it follows; null: from the start. */
  readonly activationPrice: string | null
}

type TimeStopTerms = ExitTerms & {
  readonly type: 'timeStop'
  readonly maxHoldMs: Millis
  /** Null until the parent is filled. */
  readonly fireAt: Millis | null
}

/** What orders and legs ask for that wait for a price or a time, beside what every order does. */
export type RestingTerms = LimitTerms | StopTerms | TrailingStopTerms | TimeStopTerms

/** Its limit is what one tokenOut may cost at most, as `priceOf` says. */
export type SniperTerms = Waiting & {
  readonly type: 'sniper'
  /** The address whose launches it waits for; null: for that of one mint. */
  readonly creator: string | null
  readonly limitPrice: string | null
  readonly guards: Guards
  readonly expiresAt: Millis
}

/** What a leg asks for beside what its parent says. */
export type LegTerms = RestingTerms & Pick<LegPlace, 'shareBps'>

/**
 * Fires when the whole amount pays at least the limit, fees and price impact included; the limit is the minimum on the
 * chain too.
 */
export type LimitSpec = Asked & Entry & LimitTerms

/** Fires at the trigger price: a stop when the market pays that or less, a takeProfit when it pays that or more. */
export type StopSpec = Asked & StopTerms

/** A stop whose price follows the best price since its activation. */
export type TrailingStopSpec = Asked & TrailingStopTerms

/** Sells at a time, whatever the price. */
export type TimeStopSpec = Asked & TimeStopTerms

/**
 * Buys a token once a pool of it is there and its guards have passed in as many slots as its condition says. Until the launch
 * the token is known by its mint alone (token.ts). One for any token of a creator names the creator in its place until it fires.
 */
export type SniperSpec = Asked & Entry & SniperTerms

/** An order that waits for a price, a time or a launch, and then trades. */
export type RestingSpec = LimitSpec | StopSpec | TrailingStopSpec | TimeStopSpec | SniperSpec

/** One cancels the other: legs that sell the same tokens, of which they together trade the amount once. */
export type OcoSpec = Asked & { readonly type: 'oco'; readonly legs: readonly LegTerms[] }

/** Sells in slices over a time, each an order of its own. */
export type TwapSpec = Asked & {
  readonly type: 'twap'
  readonly slices: number
  readonly startAt: Millis
  /** As for a default expiry: no part of what was asked. */
  readonly isDefaultStart: boolean
  readonly durationMs: Millis
  /** How much later than due a slice may come by chance, in bps of the time between two. */
  readonly jitterBps: Bps
  /** No slice trades for less; null: at the market. */
  readonly limitPrice: string | null
  readonly priceOf: PriceOf
  /** No slice is smaller. */
  readonly minSlice: BaseUnits
  /** What becomes of slices that did not trade: lost, or spread over those to come. */
  readonly catchUp: 'skip' | 'spread'
}

/** An order that trades through its children alone. */
export type PlanSpec = OcoSpec | TwapSpec

/** What the user asked for, as understood; only an amendment changes it. One member per trigger. */
export type OrderSpec = MarketSpec | RestingSpec | PlanSpec

/** Whether the order still has to choose the token that it buys, among the launches of a creator. */
export const isMintOpen = (spec: OrderSpec): boolean =>
  spec.type === 'sniper' && spec.creator === spec.tokenOut.mint

export type OrderType = OrderSpec['type']
export const orderTypes: readonly OrderType[] = [
  'market',
  'limit',
  'stop',
  'takeProfit',
  'trailingStop',
  'timeStop',
  'sniper',
  'oco',
  'twap',
]
