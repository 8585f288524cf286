// What the mathematics of every pool shares: the question, the answer, the reasons to refuse, and integer helpers.

/** Why a pool gives no number. The program's own refusals and ours share one list. */
export type PoolRefusal =
  | 'amount_too_small'
  | 'insufficient_liquidity'
  | 'pool_disabled'
  | 'unsupported_pool'
  | 'malformed_account'

export type Refused = { readonly kind: 'refused'; readonly reason: PoolRefusal; readonly detail: string }

/** An exact-input swap at one moment of the cluster's clock. `amountIn` is in base units of the input token. */
export type SwapInput = {
  readonly aToB: boolean
  readonly amountIn: bigint
  readonly slot: bigint
  readonly unixTimestamp: bigint
}

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
