// Owns the pool as the engine sees it, independent of its program: listing, quote, curve, swap instruction.

import type { VenueName } from './route.ts'
import type { Token } from './token.ts'

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

/**
 * A segment of a pool's curve in floating point, fees included. It serves to choose a route, never for its amounts. The
 * first `capIn` base units pay out(x) = price · x / (1 + x / depth); a depth of Infinity is a constant price. The segments
 * of one direction are concave: each begins at a price no better than the end of the one before.
 */
export type Segment = { readonly price: number; readonly depth: number; readonly capIn: number }

/** What a pool's own mathematics pays for an exact input, to the last unit, or the reason for its refusal. */
export type ExactQuote =
  | {
      readonly kind: 'quoted'
      readonly amountOut: bigint
      /** In base units of the token that `feeOnInput` names. */
      readonly fee: bigint
      readonly feeOnInput: boolean
    }
  | {
      readonly kind: 'refused'
      readonly reason: string
      readonly detail: string
      /** The largest possible amount in, where the pool knows it. */
      readonly mostIn?: bigint
    }

/** A snapshot of a pool: slot and time are bound in, so equal queries give equal results. */
export type RoutablePool = {
  readonly venue: VenueName
  /** Base58 address; breaks ties between pools that pay the same. */
  readonly pool: string
  readonly program: string
  readonly tokenA: Token
  readonly tokenB: Token
  readonly slot: number
  quote(aToB: boolean, amountIn: bigint): ExactQuote
  segments(aToB: boolean): Iterable<Segment>
}

/** Whether `mintIn` to `mintOut` is the pool's direction A to B; null when the pool does not trade this pair. */
export function directionOf(
  { tokenA, tokenB }: Pick<RoutablePool, 'tokenA' | 'tokenB'>,
  mintIn: string,
  mintOut: string,
): boolean | null {
  if (tokenA.mint === mintIn && tokenB.mint === mintOut) return true
  return tokenB.mint === mintIn && tokenA.mint === mintOut ? false : null
}
