// Raydium CLMM: the arithmetic of one step over a range of constant liquidity, whole or in part.

import { min } from '../pool.ts'

/** Constant liquidity between two prices, and what all of it takes and pays in base units; `amountIn` includes the fee. */
export type TickRange = {
  readonly sqrtPrice: bigint
  readonly sqrtPriceEnd: bigint
  readonly liquidity: bigint
  /** liquidity · 2^64, and that times `sqrtPrice`, less one: what a partial step would compute each time. */
  readonly liquidityQ64: bigint
  readonly productLessOne: bigint
  /** Whether no partial step on this range can leave a whole unit of its net input unused. */
  readonly isTight: boolean
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly fee: bigint
}

/** What a part of a range takes and pays; `amountIn` is in base units and includes the fee. */
export type PartialStep = { readonly amountOut: bigint; readonly fee: bigint; readonly sqrtPrice: bigint }

const PPM = 1_000_000n
const Q64 = 1n << 64n
const Q64_LESS_ONE = Q64 - 1n

/** The range from one price to another that lies in the direction of the swap. */
export function rangeBetween(
  sqrtPrice: bigint,
  sqrtPriceEnd: bigint,
  liquidity: bigint,
  aToB: boolean,
  tradeFeePpm: bigint,
): TickRange {
  const { netIn, amountOut } = wholeStep(sqrtPrice, sqrtPriceEnd, liquidity, aToB)
  const fee = ceilDiv(netIn * tradeFeePpm, PPM - tradeFeePpm)
  const liquidityQ64 = liquidity << 64n
  return {
    sqrtPrice,
    sqrtPriceEnd,
    liquidity,
    liquidityQ64,
    productLessOne: liquidityQ64 * sqrtPrice - 1n,
    // Down, at most divisor / (√P √P') units stay unused, and the divisor is largest at the end; up, liquidity / 2^64.
    isTight: aToB ? liquidityQ64 + netIn * sqrtPrice <= sqrtPrice * sqrtPriceEnd : liquidity <= Q64,
    amountIn: netIn + fee,
    amountOut,
    fee,
  }
}

/**
 * A step that stays on its range: 0 <= amountIn < what the range takes. Source: raydium-clmm `libraries/swap_math.rs`
 * (`compute_swap`) and `sqrt_price_math.rs`. The net input's fraction is rounded down, √P' against the trader, and
 * what the price move does not need is fee too.
 *
 * Down: √P' = ⌈L √P / (L + a √P)⌉, up: √P' = √P + ⌊a / L⌋. The input that such a move needs, ⌈L Δ(1/√P)⌉ or
 * ⌈L Δ√P⌉, is the net input less the whole units that this rounding gave away.
 */
export function partialStep(
  range: TickRange,
  aToB: boolean,
  amountIn: bigint,
  tradeFeePpm: bigint,
): PartialStep {
  const net = (amountIn * (PPM - tradeFeePpm)) / PPM
  const { sqrtPrice, liquidity, liquidityQ64, productLessOne } = range
  if (aToB) {
    const divisor = liquidityQ64 + net * sqrtPrice
    const next = productLessOne / divisor + 1n
    const unused = range.isTight ? 0n : (next * divisor - productLessOne - 1n) / (sqrtPrice * next)
    const amountOut = (liquidity * (sqrtPrice - next)) >> 64n
    return { amountOut, fee: amountIn - net + unused, sqrtPrice: next }
  }
  const shifted = net << 64n
  const rise = shifted / liquidity
  const next = sqrtPrice + rise
  const unused = range.isTight ? 0n : (shifted - rise * liquidity) >> 64n
  const amountOut = (liquidityQ64 * rise) / (sqrtPrice * next)
  return { amountOut, fee: amountIn - net + unused, sqrtPrice: next }
}

/** The smallest input, fee included, for which a step on `range` pays `amountOut`, at most what the whole takes. */
export function partialInputFor(
  range: TickRange,
  aToB: boolean,
  amountOut: bigint,
  tradeFeePpm: bigint,
): bigint {
  const { sqrtPrice, sqrtPriceEnd, liquidity, liquidityQ64 } = range
  let net: bigint
  if (aToB) {
    const next = sqrtPrice - ceilDiv(amountOut << 64n, liquidity)
    if (next <= sqrtPriceEnd) return range.amountIn
    net = ceilDiv(liquidityQ64 * (sqrtPrice - next), next * sqrtPrice)
  } else {
    const divisor = liquidityQ64 - amountOut * sqrtPrice
    if (divisor <= 0n) return range.amountIn
    const next = range.productLessOne / divisor + 1n
    if (next >= sqrtPriceEnd) return range.amountIn
    net = ceilDiv((next - sqrtPrice) * liquidity, Q64)
  }
  const amountIn = ceilDiv(net * PPM, PPM - tradeFeePpm)
  return min(amountIn, range.amountIn)
}

/** From tick to tick: Δa = L (√P' - √P) 2^64 / (√P √P'), Δb = L (√P' - √P) / 2^64; in rounded up, out down. */
function wholeStep(sqrtPrice: bigint, sqrtPriceEnd: bigint, liquidity: bigint, aToB: boolean) {
  const move = liquidity * (aToB ? sqrtPrice - sqrtPriceEnd : sqrtPriceEnd - sqrtPrice)
  const prices = sqrtPrice * sqrtPriceEnd
  return aToB
    ? { netIn: ceilDiv(move << 64n, prices), amountOut: move >> 64n }
    : { netIn: (move + Q64_LESS_ONE) >> 64n, amountOut: (move << 64n) / prices }
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
