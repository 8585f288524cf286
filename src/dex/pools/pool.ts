// What the mathematics of every pool shares: the question, the answer, the reasons to refuse, and integer helpers.

import type { Segment } from '../../domain/pool.ts'

/** Accounts as the chain holds them, by address: what a pool is decoded from. */
export type AccountMap = ReadonlyMap<string, { readonly owner: string; readonly data: Uint8Array }>

/** Why a pool gives no number. The program's own refusals and ours share one list. */
export type PoolRefusal =
  | 'amount_too_small'
  | 'insufficient_liquidity'
  | 'pool_disabled'
  | 'unsupported_pool'
  | 'malformed_account'

export type Refused = {
  readonly kind: 'refused'
  readonly reason: PoolRefusal
  readonly detail: string
  /** For `insufficient_liquidity`: the largest amount in that would go, in base units. */
  readonly mostIn?: bigint
}

/** One side of a pool at one moment of the cluster's clock: everything that decides its price but the amount. */
export type Direction = { readonly aToB: boolean; readonly slot: bigint; readonly unixTimestamp: bigint }

/** An exact-input swap. `amountIn` is in base units of the input token. */
export type SwapInput = Direction & { readonly amountIn: bigint }

/** What must come out, in base units of the output token. */
export type SwapOutput = Direction & { readonly amountOut: bigint }

/** What must go in for it: the smallest amount for which an exact-input quote pays at least `amountOut`. */
export type InputQuote = { readonly kind: 'quoted'; readonly amountIn: bigint } | Refused

/** What a swap would pay. `fee` is the total fee in base units of the token that `feeOnInput` names. */
export type SwapQuote =
  | {
      readonly kind: 'quoted'
      readonly amountOut: bigint
      readonly fee: bigint
      readonly feeOnInput: boolean
    }
  | Refused

/** A quote together with the pool exactly as the program leaves it after that swap. */
export type SwapResult<P> =
  | {
      readonly kind: 'swapped'
      readonly amountOut: bigint
      readonly fee: bigint
      readonly feeOnInput: boolean
      readonly pool: P
    }
  | Refused

export type DecodedPool<P> = { readonly kind: 'decoded'; readonly pool: P } | Refused

/** Output base units per input base unit, fee excluded. */
export type SpotPrice = { readonly numerator: bigint; readonly denominator: bigint }

/** An instruction as a transaction holds it: addresses in base58, in the program's order. */
export type PoolInstruction = {
  readonly programId: string
  readonly accounts: readonly {
    readonly pubkey: string
    readonly signer: boolean
    readonly writable: boolean
  }[]
  readonly data: Uint8Array
}

/** A swap as a user calls the program. `userTokenA` and `userTokenB` are the user's token accounts. */
export type SwapCall = SwapInput & {
  readonly minAmountOut: bigint
  readonly user: string
  readonly userTokenA: string
  readonly userTokenB: string
}

export type ProgramName =
  | 'raydium-cpmm'
  | 'raydium-amm-v4'
  | 'raydium-clmm'
  | 'meteora-dlmm'
  | 'meteora-damm-v2'

/** One on-chain program, as pure functions of a decoded pool `P`. Only `swapData` throws. */
export type PoolProgram<P> = {
  readonly name: ProgramName
  readonly programId: string
  /** Addresses that `decode` still needs beside those in `accounts`: fetch them and ask again, until none is left. */
  missingAccounts(accounts: AccountMap, pool: string): readonly string[]
  decode(accounts: AccountMap, pool: string): DecodedPool<P>
  mints(pool: P): { readonly mintA: string; readonly mintB: string }
  quoteExactIn(pool: P, input: SwapInput): SwapQuote
  quoteExactOut(pool: P, output: SwapOutput): InputQuote
  /** The quote and the pool exactly as the program leaves it. */
  swap(pool: P, input: SwapInput): SwapResult<P>
  spotPrice(pool: P, aToB: boolean): SpotPrice
  /** What the pool holds for swaps, in base units; fees that wait in its vaults are not part of it. */
  reserves(pool: P): { readonly reserveA: bigint; readonly reserveB: bigint }
  segments(pool: P, direction: Direction): Iterable<Segment>
  /** The call whose bytes and accounts the venue's own SDK would build; refused where a quote would be. */
  swapInstruction(pool: P, call: SwapCall): PoolInstruction | Refused
  /** The data of such a call. Throws a RangeError for an amount outside u64. */
  swapData(amounts: SwapAmounts): Uint8Array
  /** The amounts of such a call, or null for any other data. */
  readSwapData(data: Uint8Array): SwapAmounts | null
  /** What the program's own error numbers mean; those not listed mean nothing to a quote. */
  readonly errors: ReadonlyMap<number, PoolRefusal>
}

export type SwapAmounts = { readonly amountIn: bigint; readonly minAmountOut: bigint }

export const U64_MAX = (1n << 64n) - 1n

export function refused(reason: PoolRefusal, detail: string): Refused {
  return { kind: 'refused', reason, detail }
}

export function min(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

/** a · b / divisor, rounded up. For operands that are not negative. */
export function mulDivCeil(a: bigint, b: bigint, divisor: bigint): bigint {
  return (a * b + divisor - 1n) / divisor
}

/** The largest integer whose square is at most `n`. Newton's method from the floating-point root. */
export function isqrt(n: bigint): bigint {
  if (n < 1n) return 0n
  let root = BigInt(Math.floor(Math.sqrt(Number(n))))
  let next = (root + n / root) >> 1n
  while (next !== root && next !== root + 1n) {
    root = next
    next = (root + n / root) >> 1n
  }
  while (root * root > n) root -= 1n
  while ((root + 1n) * (root + 1n) <= n) root += 1n
  return root
}
