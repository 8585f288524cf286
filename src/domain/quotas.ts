// Owns the quotas of a key: how often, how much and of which tokens it may trade.

import type { Millis } from '../timing/clock.ts'
import type { OrderSpec } from './order.ts'
import type { Token } from './token.ts'

/** Base units as text, by mint. */
type Amounts = Readonly<Record<string, string>>

/** Notional is counted in units of the token sold: exact, and known before any price. An absent field sets no limit. */
export type KeyQuotas = {
  /** Orders accepted within any minute. */
  readonly ordersPerMinute?: number
  readonly openOrders?: number
  /** The most that one order may sell. A token that is not named may not be sold, or it would bypass the limit. */
  readonly perOrder?: Amounts
  /** The most that all orders accepted on one UTC day may sell, whatever their end. Unnamed tokens as above. */
  readonly perDay?: Amounts
  /** Mints of the tokens that may be sold or bought. */
  readonly tokens?: readonly string[]
}

/** Limits that depend on other orders: only the store can enforce them. */
export type CountedQuota = 'ordersPerMinute' | 'openOrders' | 'perDay'

/** How much of its orders per minute a key has used. */
export type Rate = {
  readonly recent: number
  /** When the oldest of them leaves the window. */
  readonly freesAt: Millis
}

/** The tokens of an order that its key may not trade, by the side of the order that names them. */
export function forbiddenTokens(
  { tokenIn, tokenOut }: Pick<OrderSpec, 'tokenIn' | 'tokenOut'>,
  { tokens, perOrder, perDay }: KeyQuotas,
): { readonly field: 'tokenIn' | 'tokenOut'; readonly token: Token }[] {
  const isListed = ({ mint }: Token) => tokens === undefined || tokens.includes(mint)
  const isBounded = [perOrder, perDay].every((amounts) => amounts === undefined || tokenIn.mint in amounts)
  return [
    ...(isListed(tokenIn) && isBounded ? [] : [{ field: 'tokenIn' as const, token: tokenIn }]),
    ...(isListed(tokenOut) ? [] : [{ field: 'tokenOut' as const, token: tokenOut }]),
  ]
}

/** The most that one order may sell of its token; null when there is no bound. */
export function mostPerOrder(
  { tokenIn }: Pick<OrderSpec, 'tokenIn'>,
  { perOrder }: KeyQuotas,
): bigint | null {
  const most = perOrder?.[tokenIn.mint]
  return most === undefined ? null : BigInt(most)
}
