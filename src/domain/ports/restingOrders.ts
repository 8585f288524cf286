// Owns the port of resting orders: the prices at which they want to be looked at.

import type { Millis, Stop } from '../../timing/clock.ts'
import type { RouteConstraints } from '../route.ts'
import type { OrderId } from '../spec.ts'

/** The source of an order that waits for no price but for a launch of any token by the address in `mintOut`. */
export const LAUNCHES = 'launches'

/** What is needed to find the orders that a price concerns. Floats: they find candidates, and fire none. */
export type RestingOrder = {
  readonly id: OrderId
  readonly mintIn: string
  readonly mintOut: string
  /** As in a condition, or LAUNCHES. */
  readonly source: string
  readonly constraints: RouteConstraints
  /** In base units. */
  readonly amountIn: number
  /** Output per input in base units: to be looked at when the market pays at least, or at most, so much. */
  readonly above: number | null
  readonly below: number | null
  /** Not to be looked at before. */
  readonly notBefore: Millis
}

/** Base units of a token. */
export type Held = { readonly mint: string; readonly amount: bigint }

export interface RestingOrders {
  /** At most `limit` of those that wait for a price, in the order of their ids, after the id given. */
  page(after: OrderId | null, limit: number): Promise<readonly RestingOrder[]>
  /** Those of these orders that wait for a price now. */
  find(ids: readonly OrderId[]): Promise<readonly RestingOrder[]>
  /** Those that came to rest, or moved a price, within the last so many milliseconds of the store's clock. */
  recent(withinMs: Millis): Promise<readonly RestingOrder[]>
  /** How many orders rest, for whatever; counting stops at `most`. A second old at worst. */
  count(most: number): Promise<number>
  /**
   * Those of these orders that the wallet does not fund: together with all earlier ones that rest and sell the same token,
   * of any key, they sell more of it than is held. Paused ones sell nothing. Five seconds old at worst while all are funded.
   */
  unfunded(ids: readonly OrderId[], held: readonly Held[]): Promise<ReadonlySet<OrderId>>
  /** Base units of the token that all resting orders sell together, of any key. Five seconds old at worst. */
  promised(mint: string): Promise<bigint>
  /** Calls `listener` with orders that have begun, changed or ended a rest, in any process: a hint, nothing more. */
  onChange(listener: (ids: readonly OrderId[]) => void): Stop
}
