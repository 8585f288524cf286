// Owns the pool as the engine sees it: what it lists, quotes and swaps, whatever the program behind it.

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
 * A segment of a pool's curve in plain numbers, fees included, for finding a route (never for the amounts of one): the
 * first `capIn` base units that go into it pay out(x) = price · x / (1 + x / depth); a depth of Infinity is a constant
 * price. The segments of a direction follow each other, each with a price no better than the end of the one before.
 */
export type Segment = { readonly price: number; readonly depth: number; readonly capIn: number }

/** What a pool's own mathematics pays for an exact input, to the last unit, or why it would not. */
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
      /** The largest amount in that would go, where the pool knows it. */
      readonly mostIn?: bigint
    }

/** A pool at one moment of the chain: slot and time are bound in, so that equal questions have equal answers. */
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

/** Whether the pool sells its token A for its token B on the way from `mintIn` to `mintOut`; null when it does not trade them. */
export function directionOf(
  { tokenA, tokenB }: Pick<RoutablePool, 'tokenA' | 'tokenB'>,
  mintIn: string,
  mintOut: string,
): boolean | null {
  if (tokenA.mint === mintIn && tokenB.mint === mintOut) return true
  return tokenB.mint === mintIn && tokenA.mint === mintOut ? false : null
}
