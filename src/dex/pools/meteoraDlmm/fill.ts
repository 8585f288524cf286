// Meteora DLMM (program lb_clmm): what one bin takes and pays, whole or in part.

import { mulDivCeil, U64_MAX } from '../pool.ts'
import type { Bin } from './bins.ts'
import { FEE_DENOMINATOR } from './fees.ts'

/** A bin at a fee rate: what it takes until it is empty, and what it then pays, fees aside. */
export type WholeBin = {
  readonly bin: Bin
  readonly feeRate: bigint
  readonly curveIn: bigint
  readonly curveOut: bigint
}

/** What one bin takes of an amount and pays for it. The fee is part of one of the two. */
type BinFill = { readonly curveIn: bigint; readonly curveOut: bigint; readonly fee: bigint }

/** The direction of a swap, and which side of it the fee is taken from. */
type Side = { readonly aToB: boolean; readonly feeOnInput: boolean }

/**
 * The bin in which a swap ends: the fee is rounded up, the output down, and any input beyond the whole bin is fee.
 * Source: dlmm-sdk `commons/src/quote.rs`, `swap_exact_in_quote_at_bin`.
 */
export function fillBin({ aToB, feeOnInput }: Side, whole: WholeBin, amountIn: bigint): BinFill {
  const { bin, feeRate } = whole
  if (feeOnInput) {
    const fee = (amountIn * feeRate + 999_999_999n) / FEE_DENOMINATOR
    const curveIn = amountIn - fee
    const curveOut = curveIn < whole.curveIn ? curveOutFor(bin, aToB, curveIn) : whole.curveOut
    return { curveIn, curveOut, fee }
  }
  const curveOut = amountIn < whole.curveIn ? curveOutFor(bin, aToB, amountIn) : whole.curveOut
  return { curveIn: amountIn, curveOut, fee: mulDivCeil(curveOut, feeRate, FEE_DENOMINATOR) }
}

/** The least input of one bin that pays `amountOut`: the inverses of `fillBin`, each rounded up. */
export function amountInFor({ aToB, feeOnInput }: Side, whole: WholeBin, amountOut: bigint): bigint {
  const afterFee = FEE_DENOMINATOR - whole.feeRate
  const curveOut = feeOnInput ? amountOut : mulDivCeil(amountOut, FEE_DENOMINATOR, afterFee)
  const curveIn = curveOut < whole.curveOut ? curveInFor(whole.bin, aToB, curveOut) : whole.curveIn
  return feeOnInput ? mulDivCeil(curveIn, FEE_DENOMINATOR, afterFee) : curveIn
}

/** Whether one unit more still leaves `curveIn`: if the fee was rounded up by less than the rate. */
export function losesUnit(curveIn: bigint, fee: bigint, feeRate: bigint): boolean {
  return fee * FEE_DENOMINATOR - (curveIn + fee) * feeRate < feeRate
}

/** The input of a bin for `curveOut`, rounded up. Source: commons `Bin::get_amount_in`. */
export function curveInFor({ price }: Bin, aToB: boolean, curveOut: bigint): bigint {
  return aToB ? ((curveOut << 64n) + price - 1n) / price : (curveOut * price + U64_MAX) >> 64n
}

/** The output of a bin for `curveIn`, rounded down. Source: commons `Bin::get_amount_out`. */
function curveOutFor({ price }: Bin, aToB: boolean, curveIn: bigint): bigint {
  return aToB ? (curveIn * price) >> 64n : (curveIn << 64n) / price
}
