// Meteora DAMM v2 (program cp-amm): the fee rate of a swap, and how a swap moves the volatility behind it.
// Fee numerators are parts per billion of the traded amount.

import { min } from '../pool.ts'

/** Reduces the fee once per period, by a fixed numerator or by basis points of the remainder. */
type Schedule = {
  readonly decay: 'linear' | 'exponential'
  readonly cliffFeeNumerator: bigint
  readonly periods: bigint
  readonly reductionFactor: bigint
}

/** The base fee. Points are slots or seconds, whichever the pool's activation counts. */
export type BaseFee =
  | { readonly kind: 'static'; readonly feeNumerator: bigint }
  | (Schedule & { readonly kind: 'timeSchedule'; readonly pointsPerPeriod: bigint })
  | (Schedule & {
      readonly kind: 'marketCapSchedule'
      readonly initSqrtPrice: bigint
      readonly sqrtPriceStepBps: bigint
      readonly durationPoints: bigint
    })
  /** Grows with the amount bought within `durationPoints` of activation; only the fee outside that is modelled. */
  | { readonly kind: 'rateLimiter'; readonly feeNumerator: bigint; readonly durationPoints: bigint }

/** The volatility fee. Volatilities are in ten-thousandths of a bin; `binStep` is in basis points. */
export type DynamicFee = {
  readonly binStep: bigint
  /** `binStep` as a Q64.64 fraction. */
  readonly binStepQ64: bigint
  readonly variableFeeControl: bigint
  readonly maxVolatilityAccumulator: bigint
  readonly filterPeriodSeconds: bigint
  readonly decayPeriodSeconds: bigint
  readonly reductionFactorBps: bigint
  readonly lastUpdateTimestamp: bigint
  readonly sqrtPriceReference: bigint
  readonly volatilityAccumulator: bigint
  readonly volatilityReference: bigint
}

const BPS = 10_000n
const ONE_Q64 = 1n << 64n
const VARIABLE_FEE_SCALE = 100_000_000_000n

/**
 * The base fee of a swap `elapsedPoints` after activation, or `null` where the program's arithmetic fails.
 * Source: cp-amm `base_fee/fee_time_scheduler.rs` and `base_fee/fee_market_cap_scheduler.rs`.
 */
export function baseFeeNumerator(baseFee: BaseFee, elapsedPoints: bigint, sqrtPrice: bigint): bigint | null {
  switch (baseFee.kind) {
    case 'static':
    case 'rateLimiter':
      return baseFee.feeNumerator
    case 'timeSchedule':
      return scheduledFee(baseFee, elapsedPoints / baseFee.pointsPerPeriod)
    case 'marketCapSchedule': {
      if (elapsedPoints > baseFee.durationPoints) return scheduledFee(baseFee, baseFee.periods)
      if (sqrtPrice <= baseFee.initSqrtPrice) return scheduledFee(baseFee, 0n)
      const riseBps = ((sqrtPrice - baseFee.initSqrtPrice) * BPS) / baseFee.initSqrtPrice
      return scheduledFee(baseFee, riseBps / baseFee.sqrtPriceStepBps)
    }
  }
}

/** Whether the fee depends on the amount: buys of A within the limiter's window (`base_fee/fee_rate_limiter.rs`). */
export function isRateLimited(baseFee: BaseFee, elapsedPoints: bigint, aToB: boolean): boolean {
  return baseFee.kind === 'rateLimiter' && !aToB && elapsedPoints <= baseFee.durationPoints
}

/** The variable fee, from the volatility left by the previous swap. Source: cp-amm `state/fee.rs`, `get_variable_fee`. */
export function variableFeeNumerator(fee: DynamicFee): bigint {
  if (fee.volatilityAccumulator === 0n) return 0n
  const movement = fee.volatilityAccumulator * fee.binStep
  return (movement * movement * fee.variableFeeControl + VARIABLE_FEE_SCALE - 1n) / VARIABLE_FEE_SCALE
}

/**
 * The volatility after a swap from one sqrt price to another at `now` (Unix seconds). Source: cp-amm
 * `state/fee.rs`: `update_references` before the swap, `update_volatility_accumulator` after it; the time stamp
 * moves only when the price crosses a bin (`state/pool.rs`, `update_post_swap`).
 */
export function dynamicFeeAfter(
  fee: DynamicFee,
  sqrtPriceBefore: bigint,
  sqrtPriceAfter: bigint,
  now: bigint,
): DynamicFee {
  const elapsed = now > fee.lastUpdateTimestamp ? now - fee.lastUpdateTimestamp : 0n
  let { sqrtPriceReference, volatilityReference } = fee
  if (elapsed >= fee.filterPeriodSeconds) {
    sqrtPriceReference = sqrtPriceBefore
    volatilityReference =
      elapsed < fee.decayPeriodSeconds ? (fee.volatilityAccumulator * fee.reductionFactorBps) / BPS : 0n
  }
  const volatility = volatilityReference + binsBetween(fee, sqrtPriceAfter, sqrtPriceReference) * BPS
  const hasCrossedBin = binsBetween(fee, sqrtPriceBefore, sqrtPriceAfter) > 0n
  return {
    ...fee,
    sqrtPriceReference,
    volatilityReference,
    volatilityAccumulator: min(volatility, fee.maxVolatilityAccumulator),
    lastUpdateTimestamp: hasCrossedBin ? now : fee.lastUpdateTimestamp,
  }
}

/**
 * How many bins lie between two sqrt prices: linear in their ratio, doubled because a price is a square. Zero is
 * the reference of a fee that no swap has touched, which only a clock near 1970 leaves in place.
 */
function binsBetween(fee: DynamicFee, a: bigint, b: bigint): bigint {
  if (a === 0n || b === 0n) return 0n
  const ratio = a > b ? (a << 64n) / b : (b << 64n) / a
  return ((ratio - ONE_Q64) / fee.binStepQ64) * 2n
}

function scheduledFee(schedule: Schedule, passedPeriods: bigint): bigint | null {
  const { cliffFeeNumerator, periods, reductionFactor } = schedule
  const period = min(passedPeriods, periods)
  if (schedule.decay === 'linear') {
    const fee = cliffFeeNumerator - reductionFactor * period
    return fee < 0n ? null : fee
  }
  const base = ONE_Q64 - (reductionFactor << 64n) / BPS
  if (base < 0n) return null
  const factor = powQ64(base, Number(period))
  return factor === 0n ? null : (factor * cliffFeeNumerator) >> 64n
}

/** base ^ exponent in Q64.64 for a base of at most one: `math/fee_math.rs`, `pow`, rounded down at every step. */
function powQ64(base: bigint, exponent: number): bigint {
  let result = ONE_Q64
  let square = base
  for (let bits = exponent; bits > 0; bits >>>= 1) {
    if ((bits & 1) === 1) result = (result * square) >> 64n
    square = (square * square) >> 64n
  }
  return result
}
