// Meteora DAMM v2 (program cp-amm): its two curves, and how a fee is taken and shared.

import type { DammV2Pool } from './meteoraDammV2Account.ts'
import {
  baseFeeNumerator,
  dynamicFeeAfter,
  isRateLimited,
  variableFeeNumerator,
} from './meteoraDammV2Fees.ts'
import {
  isqrt,
  min,
  mulDivCeil,
  type Refused,
  refused,
  type SpotPrice,
  type SwapAmounts,
  type SwapInput,
  type SwapQuote,
  type SwapResult,
  U64_MAX,
} from './pool.ts'
import { decodeSwapData, encodeSwapData } from './swapData.ts'

export { DAMM_V2_PROGRAM_ID, type DammV2Pool, decodeDammV2Pool } from './meteoraDammV2Account.ts'

/** What the curve takes in and gives out, fees aside. */
type CurveStep = { readonly amountOut: bigint; readonly nextSqrtPrice: bigint }

type Fill = {
  readonly fee: bigint
  readonly feeOnInput: boolean
  readonly curveIn: bigint
  readonly curveOut: bigint
  readonly nextSqrtPrice: bigint
}

const FEE_DENOMINATOR = 1_000_000_000n
const BPS = 10_000n

const SWAP2 = 0x885b_5beb_4c3f_4b41n
/** `SwapMode::ExactIn`, the last byte of `swap2`. */
const EXACT_IN = [0]

/** What `swap2` would pay for an exact input. Zero out is an answer: the program pays it. */
export function quoteDammV2(pool: DammV2Pool, input: SwapInput): SwapQuote {
  const fill = fillExactIn(pool, input)
  if ('reason' in fill) return fill
  const { fee, feeOnInput, curveOut } = fill
  return { kind: 'quoted', amountOut: feeOnInput ? curveOut : curveOut - fee, fee, feeOnInput }
}

/**
 * The quote and the pool after it. Source: cp-amm `state/pool.rs`, `apply_swap_result`, and `state/fee.rs`,
 * `split_fees` without a referral: the protocol's share first, then the share that compounds into reserve B.
 */
export function swapDammV2(pool: DammV2Pool, input: SwapInput): SwapResult<DammV2Pool> {
  const fill = fillExactIn(pool, input)
  if ('reason' in fill) return fill

  const { fee, feeOnInput, curveIn, curveOut } = fill
  const protocolFee = (fee * pool.protocolFeePercent) / 100n
  const compoundingFee = ((fee - protocolFee) * pool.compoundingFeeBps) / BPS
  const { aToB } = input
  const reserveA = aToB ? pool.reserveA + curveIn : pool.reserveA - curveOut
  const reserveB = (aToB ? pool.reserveB - curveOut : pool.reserveB + curveIn) + compoundingFee
  const sqrtPrice =
    pool.collectFeeMode === 'compounding' ? isqrt((reserveB << 128n) / reserveA) : fill.nextSqrtPrice
  const feeOnA = !aToB && !feeOnInput
  return {
    kind: 'swapped',
    amountOut: feeOnInput ? curveOut : curveOut - fee,
    fee,
    feeOnInput,
    pool: {
      ...pool,
      reserveA,
      reserveB,
      sqrtPrice,
      protocolFeeA: feeOnA ? pool.protocolFeeA + protocolFee : pool.protocolFeeA,
      protocolFeeB: feeOnA ? pool.protocolFeeB : pool.protocolFeeB + protocolFee,
      dynamicFee:
        pool.dynamicFee && dynamicFeeAfter(pool.dynamicFee, pool.sqrtPrice, sqrtPrice, input.unixTimestamp),
    },
  }
}

/** For a concentrated pool √P² / 2^128, for a compounding one the ratio of its reserves. */
export function spotPrice(pool: DammV2Pool, aToB: boolean): SpotPrice {
  const [priced, unit] =
    pool.collectFeeMode === 'compounding'
      ? [pool.reserveB, pool.reserveA]
      : [pool.sqrtPrice * pool.sqrtPrice, 1n << 128n]
  return aToB ? { numerator: priced, denominator: unit } : { numerator: unit, denominator: priced }
}

/** Source: cp-amm `instructions/swap/ix_p_swap.rs` for the order of checks, `state/pool.rs` for the amounts. */
function fillExactIn(pool: DammV2Pool, input: SwapInput): Fill | Refused {
  const { aToB, amountIn } = input
  const point = pool.activationUnit === 'slot' ? input.slot : input.unixTimestamp
  if (!pool.isEnabled) return refused('pool_disabled', 'the pool is switched off')
  if (point < pool.activationPoint) {
    return refused('pool_disabled', `the pool opens at ${pool.activationUnit} ${pool.activationPoint}`)
  }
  if (amountIn <= 0n) return refused('amount_too_small', 'the amount in must be positive')
  if (amountIn > U64_MAX) {
    return refused('insufficient_liquidity', 'the amount in is more than a vault can hold')
  }

  const elapsedPoints = point - pool.activationPoint
  if (isRateLimited(pool.baseFee, elapsedPoints, aToB)) {
    return refused('unsupported_pool', 'the rate limiter is in force')
  }
  const baseFee = baseFeeNumerator(pool.baseFee, elapsedPoints, pool.sqrtPrice)
  if (baseFee === null) return refused('unsupported_pool', 'the fee schedule leads below zero')
  const totalFee = pool.dynamicFee === null ? baseFee : baseFee + variableFeeNumerator(pool.dynamicFee)
  const feeNumerator = min(totalFee, pool.maxFeeNumerator)

  const feeOnInput = !aToB && pool.collectFeeMode !== 'output'
  const inputFee = feeOnInput ? mulDivCeil(amountIn, feeNumerator, FEE_DENOMINATOR) : 0n
  const curveIn = amountIn - inputFee
  const step =
    pool.collectFeeMode === 'compounding'
      ? constantProductStep(pool, aToB, curveIn)
      : concentratedStep(pool, aToB, curveIn)
  if (step === null) return refused('insufficient_liquidity', 'the amount in is more than the pool can take')

  const { amountOut: curveOut, nextSqrtPrice } = step
  const fee = feeOnInput ? inputFee : mulDivCeil(curveOut, feeNumerator, FEE_DENOMINATOR)
  return { fee, feeOnInput, curveIn, curveOut, nextSqrtPrice }
}

/**
 * One price range of constant liquidity, rounded against the trader throughout; `null` beyond its ends.
 * Source: cp-amm `liquidity_handler/concentrated_liquidity.rs`:
 * A in: √P' = ⌈L √P / (L + Δa √P)⌉ and Δb = L (√P - √P') / 2^128; B in: √P' = √P + ⌊Δb 2^128 / L⌋ and
 * Δa = L (√P' - √P) / (√P √P').
 */
function concentratedStep(pool: DammV2Pool, aToB: boolean, amountIn: bigint): CurveStep | null {
  const { liquidity, sqrtPrice } = pool
  if (liquidity <= 0n || sqrtPrice <= 0n) return null
  if (aToB) {
    const nextSqrtPrice = mulDivCeil(liquidity, sqrtPrice, liquidity + amountIn * sqrtPrice)
    if (nextSqrtPrice < pool.sqrtMinPrice || pool.reserveA + amountIn > U64_MAX) return null
    const amountOut = (liquidity * (sqrtPrice - nextSqrtPrice)) >> 128n
    return amountOut > pool.reserveB ? null : { amountOut, nextSqrtPrice }
  }
  const rise = (amountIn << 128n) / liquidity
  const nextSqrtPrice = sqrtPrice + rise
  if (nextSqrtPrice > pool.sqrtMaxPrice || pool.reserveB + amountIn > U64_MAX) return null
  const amountOut = (liquidity * rise) / (sqrtPrice * nextSqrtPrice)
  return amountOut > pool.reserveA ? null : { amountOut, nextSqrtPrice }
}

/**
 * x · y = k over the whole price line, rounded down; `null` if a reserve is empty or would outgrow u64.
 * Source: cp-amm `liquidity_handler/compounding_liquidity.rs`. The price follows from the reserves afterwards.
 */
function constantProductStep(pool: DammV2Pool, aToB: boolean, amountIn: bigint): CurveStep | null {
  const reserveIn = aToB ? pool.reserveA : pool.reserveB
  const reserveOut = aToB ? pool.reserveB : pool.reserveA
  const reserveInAfter = reserveIn + amountIn
  if (pool.liquidity <= 0n || reserveIn <= 0n || reserveOut <= 0n || reserveInAfter > U64_MAX) return null
  return { amountOut: (reserveOut * amountIn) / reserveInAfter, nextSqrtPrice: pool.sqrtPrice }
}

/** Data of the program's `swap2` for an exact input. Throws a RangeError for an amount outside u64. */
export function encodeDammV2SwapData(amountIn: bigint, minAmountOut: bigint): Uint8Array {
  return encodeSwapData(SWAP2, { amountIn, minAmountOut }, EXACT_IN)
}

/** The amounts of an exact-input `swap2`, or `null` for any other data. */
export function decodeDammV2SwapData(data: Uint8Array): SwapAmounts | null {
  return decodeSwapData(SWAP2, data, EXACT_IN)
}
