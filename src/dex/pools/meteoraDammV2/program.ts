// Meteora DAMM v2 (program cp-amm): how a fee is taken and shared, and the `PoolProgram`.

import type { Segment } from '../../../domain/pool.ts'
import {
  type Direction,
  type InputQuote,
  isqrt,
  min,
  mulDivCeil,
  type PoolInstruction,
  type PoolProgram,
  type Refused,
  refused,
  type SpotPrice,
  type SwapAmounts,
  type SwapCall,
  type SwapInput,
  type SwapOutput,
  type SwapQuote,
  type SwapResult,
  U64_MAX,
} from '../pool.ts'
import {
  decodeSwapData,
  encodeSwapData,
  minimumRefusal,
  readonly,
  signer,
  writable,
} from '../swapInstruction.ts'
import { DAMM_V2_PROGRAM_ID, type DammV2Pool, decodeDammV2Pool, missingDammV2Accounts } from './account.ts'
import { curveInFor, curveShape, curveStep } from './curve.ts'
import { baseFeeNumerator, dynamicFeeAfter, isRateLimited, variableFeeNumerator } from './fees.ts'

export type { DammV2Pool } from './account.ts'

type Fill = {
  readonly fee: bigint
  readonly feeOnInput: boolean
  readonly curveIn: bigint
  readonly curveOut: bigint
  readonly nextSqrtPrice: bigint
}

const FEE_DENOMINATOR = 1_000_000_000n
const FEE_ROUND_UP = FEE_DENOMINATOR - 1n
const BPS = 10_000n

const SWAP2 = 0x885b_5beb_4c3f_4b41n
/** `SwapMode::ExactIn`, the last byte of `swap2`. */
const EXACT_IN = [0]
const POOL_AUTHORITY = 'HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC'
const EVENT_AUTHORITY = '3rmHSu74h1ZcmAisVcWerTCiRDQbUrBKmcwptYGjHfet'

/** What `swap2` would pay for an exact input. Zero out is an answer: the program pays it. */
function quoteDammV2(pool: DammV2Pool, input: SwapInput): SwapQuote {
  const fill = fillExactIn(pool, input)
  if ('reason' in fill) return fill
  const { fee, feeOnInput, curveOut } = fill
  return { kind: 'quoted', amountOut: feeOnInput ? curveOut : curveOut - fee, fee, feeOnInput }
}

/**
 * The quote and the pool after it. Source: cp-amm `state/pool.rs`, `apply_swap_result`, and `state/fee.rs`,
 * `split_fees` without a referral: the protocol's share first, then the share that compounds into reserve B.
 */
function swapDammV2(pool: DammV2Pool, input: SwapInput): SwapResult<DammV2Pool> {
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
function spotPrice(pool: DammV2Pool, aToB: boolean): SpotPrice {
  const [priced, unit] =
    pool.collectFeeMode === 'compounding'
      ? [pool.reserveB, pool.reserveA]
      : [pool.sqrtPrice * pool.sqrtPrice, 1n << 128n]
  return aToB ? { numerator: priced, denominator: unit } : { numerator: unit, denominator: priced }
}

/** The fee terms of a swap in one direction at one point of time. */
type Terms = { readonly feeNumerator: bigint; readonly feeOnInput: boolean }

/**
 * The terms of a swap, or why the pool takes none. Source: cp-amm `instructions/swap/ix_p_swap.rs` for the order of
 * checks.
 */
function termsOf(pool: DammV2Pool, { aToB, slot, unixTimestamp }: Direction): Terms | Refused {
  const point = pool.activationUnit === 'slot' ? slot : unixTimestamp
  if (!pool.isEnabled) return refused('pool_disabled', 'the pool is switched off')
  if (point < pool.activationPoint) {
    return refused('pool_disabled', `the pool opens at ${pool.activationUnit} ${pool.activationPoint}`)
  }
  const elapsedPoints = point - pool.activationPoint
  if (isRateLimited(pool.baseFee, elapsedPoints, aToB)) {
    return refused('unsupported_pool', 'the rate limiter is in force')
  }
  const baseFee = baseFeeNumerator(pool.baseFee, elapsedPoints, pool.sqrtPrice)
  if (baseFee === null) return refused('unsupported_pool', 'the fee schedule leads below zero')
  const totalFee = pool.dynamicFee === null ? baseFee : baseFee + variableFeeNumerator(pool.dynamicFee)
  return {
    feeNumerator: min(totalFee, pool.maxFeeNumerator),
    feeOnInput: !aToB && pool.collectFeeMode !== 'output',
  }
}

/** A swap at given terms, or `null` if the pool cannot take it. Source: cp-amm `state/pool.rs`. */
function fillAt(pool: DammV2Pool, aToB: boolean, terms: Terms, amountIn: bigint): Fill | null {
  const { feeNumerator, feeOnInput } = terms
  const inputFee = feeOnInput ? feeOf(amountIn, feeNumerator) : 0n
  const curveIn = feeOnInput ? amountIn - inputFee : amountIn
  const step = curveStep(pool, aToB, curveIn)
  if (step === null) return null
  const { amountOut: curveOut, nextSqrtPrice } = step
  const fee = feeOnInput ? inputFee : feeOf(curveOut, feeNumerator)
  return { fee, feeOnInput, curveIn, curveOut, nextSqrtPrice }
}

/** Rounded up. */
function feeOf(amount: bigint, feeNumerator: bigint): bigint {
  return (amount * feeNumerator + FEE_ROUND_UP) / FEE_DENOMINATOR
}

function fillExactIn(pool: DammV2Pool, input: SwapInput): Fill | Refused {
  const terms = termsOf(pool, input)
  if ('reason' in terms) return terms
  const { aToB, amountIn } = input
  if (amountIn <= 0n) return refused('amount_too_small', 'the amount in must be positive')
  const fill = amountIn > U64_MAX ? null : fillAt(pool, aToB, terms, amountIn)
  return fill ?? tooMuch(pool, aToB, terms)
}

function tooMuch(pool: DammV2Pool, aToB: boolean, terms: Terms): Refused {
  const refusal = refused('insufficient_liquidity', 'the amount in is more than the pool can take')
  const mostIn = mostInAt(pool, aToB, terms)
  return mostIn > 0n ? { ...refusal, mostIn } : refusal
}

/** The largest possible amount, by binary search: what stops a swap stops every larger one. */
function mostInAt(pool: DammV2Pool, aToB: boolean, terms: Terms): bigint {
  let [goes, fails] = [0n, U64_MAX + 1n]
  while (fails - goes > 1n) {
    const middle = (goes + fails) >> 1n
    if (fillAt(pool, aToB, terms, middle) === null) fails = middle
    else goes = middle
  }
  return goes
}

function quoteExactOut(pool: DammV2Pool, output: SwapOutput): InputQuote {
  const terms = termsOf(pool, output)
  if ('reason' in terms) return terms
  const { aToB, amountOut } = output
  const { feeNumerator, feeOnInput } = terms
  if (amountOut <= 0n) return refused('amount_too_small', 'the amount out must be positive')
  const beforeFee = (amount: bigint) => mulDivCeil(amount, FEE_DENOMINATOR, FEE_DENOMINATOR - feeNumerator)
  const curveIn = curveInFor(pool, aToB, feeOnInput ? amountOut : beforeFee(amountOut))
  const amountIn = curveIn === null ? U64_MAX + 1n : feeOnInput ? beforeFee(curveIn) : curveIn
  const goes = amountIn <= U64_MAX && fillAt(pool, aToB, terms, amountIn) !== null
  return goes ? { kind: 'quoted', amountIn } : tooMuch(pool, aToB, terms)
}

/** One segment: the fee does not depend on the amount, so it scales the curve. */
function* segments(pool: DammV2Pool, direction: Direction): Generator<Segment, void> {
  const terms = termsOf(pool, direction)
  if ('reason' in terms) return
  const { aToB } = direction
  const kept = 1 - Number(terms.feeNumerator) / Number(FEE_DENOMINATOR)
  const { price, depth, capIn } = curveShape(pool, aToB)
  if (!(capIn > 0)) return
  const scale = terms.feeOnInput ? kept : 1
  const most = Math.min(capIn / scale, Number(U64_MAX))
  yield { price: price * kept, depth: depth / scale, capIn: most }
}

/** The program's `swap2` as `@meteora-ag/cp-amm-sdk` builds it, without a referral. */
function swapInstruction(pool: DammV2Pool, call: SwapCall): PoolInstruction | Refused {
  const fill = fillExactIn(pool, call)
  if ('reason' in fill) return fill
  const { aToB, amountIn, minAmountOut } = call
  const impossible = minimumRefusal(minAmountOut)
  if (impossible !== null) return impossible
  const { accounts } = pool
  return {
    programId: DAMM_V2_PROGRAM_ID,
    accounts: [
      readonly(POOL_AUTHORITY),
      writable(accounts.pool),
      writable(aToB ? call.userTokenA : call.userTokenB),
      writable(aToB ? call.userTokenB : call.userTokenA),
      writable(accounts.vaultA),
      writable(accounts.vaultB),
      readonly(accounts.mintA),
      readonly(accounts.mintB),
      signer(call.user),
      readonly(accounts.tokenProgramA),
      readonly(accounts.tokenProgramB),
      readonly(DAMM_V2_PROGRAM_ID), // no referral
      readonly(EVENT_AUTHORITY),
      readonly(DAMM_V2_PROGRAM_ID),
    ],
    data: swapData({ amountIn, minAmountOut }),
  }
}

const swapData = (amounts: SwapAmounts) => encodeSwapData(SWAP2, amounts, EXACT_IN)

export const meteoraDammV2: PoolProgram<DammV2Pool> = {
  name: 'meteora-damm-v2',
  programId: DAMM_V2_PROGRAM_ID,
  missingAccounts: missingDammV2Accounts,
  decode: decodeDammV2Pool,
  mints: ({ accounts: { mintA, mintB } }) => ({ mintA, mintB }),
  quoteExactIn: quoteDammV2,
  quoteExactOut,
  swap: swapDammV2,
  spotPrice,
  reserves: ({ reserveA, reserveB }) => ({ reserveA, reserveB }),
  segments,
  swapInstruction,
  swapData,
  readSwapData: (data) => decodeSwapData(SWAP2, data, EXACT_IN),
  errors: new Map([
    [6000, 'insufficient_liquidity'], // MathOverflow
    [6003, 'pool_disabled'], // PoolDisabled
    [6006, 'amount_too_small'], // AmountIsZero
    [6007, 'insufficient_liquidity'], // TypeCastFailed
    [6015, 'insufficient_liquidity'], // PriceRangeViolation
    [6049, 'unsupported_pool'], // FailToValidateSingleSwapInstruction: the rate limiter
  ]),
}
