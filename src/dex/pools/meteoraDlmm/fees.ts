// Meteora DLMM (program lb_clmm): the price of a bin, and the fee rate as volatility moves it.
// Fee rates are parts per billion; volatilities are ten-thousandths of a bin, 32 bits to the program: plain numbers.

import { min } from '../pool.ts'

/** The fee parameters of a pool. Periods are in seconds. */
export type DlmmFeeParameters = {
  readonly baseFeeRate: bigint
  readonly variableFeeControl: bigint
  readonly maxVolatilityAccumulator: number
  readonly filterPeriodSeconds: bigint
  readonly decayPeriodSeconds: bigint
  readonly reductionFactorBps: number
  /** The protocol's share of every fee. */
  readonly protocolShareBps: bigint
}

/** The volatility left by the last swaps. `indexReference` is the bin from which it is counted. */
export type Volatility = {
  readonly accumulator: number
  readonly reference: number
  readonly indexReference: number
  readonly lastUpdateTimestamp: bigint
}

/** The references that a swap starts with. */
export type VolatilityReferences = Pick<Volatility, 'reference' | 'indexReference'>

export const FEE_DENOMINATOR = 1_000_000_000n

const MAX_FEE_RATE = 100_000_000n
const BPS = 10_000
const VARIABLE_FEE_SCALE = 100_000_000_000n
const ONE_Q64 = 1n << 64n
const U128_MAX = (1n << 128n) - 1n
const U32_MAX = 0xffff_ffff

/** The longer the time since the last swap, the more volatility has decayed: nothing, a part, or all. */
export type Memory = 'kept' | 'decayed' | 'forgotten'

/** Source: lb_clmm `LbPair::update_references`. */
export function memoryAt(fees: DlmmFeeParameters, volatility: Volatility, unixTimestamp: bigint): Memory {
  const elapsed = unixTimestamp - volatility.lastUpdateTimestamp
  if (elapsed < fees.filterPeriodSeconds) return 'kept'
  return elapsed < fees.decayPeriodSeconds ? 'decayed' : 'forgotten'
}

/**
 * The references of a swap from `activeId`, or `null` where the program's 32-bit product overflows. Source: as above.
 */
export function referencesAfter(
  memory: Memory,
  fees: DlmmFeeParameters,
  volatility: Volatility,
  activeId: number,
): VolatilityReferences | null {
  switch (memory) {
    case 'kept':
      return volatility
    case 'decayed': {
      const product = volatility.accumulator * fees.reductionFactorBps
      return product > U32_MAX ? null : { reference: Math.floor(product / BPS), indexReference: activeId }
    }
    case 'forgotten':
      return { reference: 0, indexReference: activeId }
  }
}

/** Source: lb_clmm `LbPair::update_volatility_accumulator`. */
export function accumulatorAt(
  binId: number,
  { reference, indexReference }: VolatilityReferences,
  fees: DlmmFeeParameters,
): number {
  return Math.min(reference + Math.abs(indexReference - binId) * BPS, fees.maxVolatilityAccumulator)
}

/** Source: lb_clmm `LbPair::get_total_fee`: base plus variable fee, the latter rounded up, capped at a tenth. */
export function feeRateAt(accumulator: number, fees: DlmmFeeParameters, binStep: number): bigint {
  const movement = BigInt(accumulator * binStep)
  const scaled = fees.variableFeeControl * movement * movement
  return min(fees.baseFeeRate + (scaled + VARIABLE_FEE_SCALE - 1n) / VARIABLE_FEE_SCALE, MAX_FEE_RATE)
}

/**
 * B per A in bin `binId` as Q64.64, or `null` beyond what the program can hold. Source: lb_clmm `math/price_math.rs`
 * and `math/u64x64_math.rs`: the power of the inverted base, rounded down at every step, then inverted back.
 */
export function binPrice(binId: number, binStep: number): bigint | null {
  if (binId === 0) return ONE_Q64
  let square = U128_MAX / (ONE_Q64 + (BigInt(binStep) << 64n) / 10_000n)
  let result = ONE_Q64
  for (let bits = Math.abs(binId); bits > 0; bits >>>= 1) {
    if ((bits & 1) === 1) result = (result * square) >> 64n
    square = (square * square) >> 64n
  }
  if (result === 0n) return null
  return binId > 0 ? U128_MAX / result : result
}
