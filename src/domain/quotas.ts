// Owns the quotas of a key: how often, how much and of which tokens it may trade.

import type { Millis } from '../timing/clock.ts'
import { isEntry } from './roles.ts'
import { isMintOpen, type OrderSpec } from './spec.ts'
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
} & Protections

/** Quotas of what has become of a key's orders. They hold back its entries, never its exits. */
export type Protections = {
  /** So many stops filled within `withinMs` halt entries, until `haltMs` after the last of them. */
  readonly haltAfterStops?: { readonly stops: number; readonly withinMs: Millis; readonly haltMs: Millis }
  /** For how long no entry may buy a token after an exit has sold it. */
  readonly cooldownMs?: Millis
  /**
   * The most of each token that entries may lose on one UTC day: what all fills of the day have spent of it less what they
   * have brought in, at least zero, and what open entries may still spend. Unnamed tokens as in `perOrder`.
   */
  readonly maxLossPerDay?: Amounts
  /** Lamports of network fees on one UTC day, as text, failed attempts included: from there on no entry starts. */
  readonly maxFeesPerDay?: string
  /**
   * Snipers that fire while so many positions are open wait. A position is a sniper that has fired, until it ends or, where it has
   * bought and has exits, until the last of these has ended.
   */
  readonly maxOpenPositions?: number
}

/** Limits that depend on other orders: only the store can enforce them. */
export type CountedQuota =
  | 'ordersPerMinute'
  | 'openOrders'
  | 'perDay'
  // Asked of orders that fire, and of none that is placed.
  | Exclude<keyof Protections, 'maxOpenPositions'>

/** Whether anything of the key's fills has to be counted. */
export const isProtected = (quotas: KeyQuotas): boolean =>
  quotas.haltAfterStops !== undefined ||
  quotas.cooldownMs !== undefined ||
  quotas.maxLossPerDay !== undefined ||
  quotas.maxFeesPerDay !== undefined ||
  quotas.maxOpenPositions !== undefined

/** A protection that keeps an entry from starting now, and until when; null: until another order of the key ends. */
export type EntryHold =
  | { readonly by: Exclude<keyof Protections, 'maxOpenPositions'>; readonly until: Millis }
  | { readonly by: 'maxOpenPositions'; readonly until: null }

/** How much of its orders per minute a key has used. */
export type Rate = {
  readonly recent: number
  /** When the oldest of them leaves the window. */
  readonly freesAt: Millis
}

/** The tokens of an order that its key may not trade, by the side of the order that names them. */
export function forbiddenTokens(
  spec: OrderSpec,
  { tokens, perOrder, perDay, maxLossPerDay }: KeyQuotas,
): { readonly field: 'tokenIn' | 'tokenOut' | 'creator'; readonly token: Token }[] {
  const { tokenIn, tokenOut } = spec
  const bounds = [perOrder, perDay, isEntry(spec) ? maxLossPerDay : undefined]
  const isListed = ({ mint }: Token) => tokens === undefined || tokens.includes(mint)
  const isBounded = bounds.every((amounts) => amounts === undefined || tokenIn.mint in amounts)
  return [
    ...(isListed(tokenIn) && isBounded ? [] : [{ field: 'tokenIn' as const, token: tokenIn }]),
    ...(isListed(tokenOut)
      ? []
      : [{ field: isMintOpen(spec) ? ('creator' as const) : ('tokenOut' as const), token: tokenOut }]),
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
