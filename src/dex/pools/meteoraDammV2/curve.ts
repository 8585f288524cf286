// Meteora DAMM v2 (program cp-amm): its two curves, fees aside, for exact input and exact output.

import { mulDivCeil, U64_MAX } from '../pool.ts'
import type { DammV2Pool } from './account.ts'

/** What the curve takes and pays, fees aside. */
export type CurveStep = { readonly amountOut: bigint; readonly nextSqrtPrice: bigint }

/** What `amountIn` buys on the pool's curve; `null` beyond its ends. */
export function curveStep(pool: DammV2Pool, aToB: boolean, amountIn: bigint): CurveStep | null {
  return pool.collectFeeMode === 'compounding'
    ? constantProductStep(pool, aToB, amountIn)
    : concentratedStep(pool, aToB, amountIn)
}

/**
 * The least that buys `amountOut` on the pool's curve: the inverse of `curveStep`, exact to the unit. It does not check
 * whether the pool can take that much. `null` if no amount buys it.
 */
export function curveInFor(pool: DammV2Pool, aToB: boolean, amountOut: bigint): bigint | null {
  const { liquidity, sqrtPrice } = pool
  if (pool.collectFeeMode === 'compounding') {
    const [reserveIn, reserveOut] = aToB ? [pool.reserveA, pool.reserveB] : [pool.reserveB, pool.reserveA]
    return amountOut < reserveOut ? mulDivCeil(amountOut, reserveIn, reserveOut - amountOut) : null
  }
  if (liquidity <= 0n || sqrtPrice <= 0n) return null
  if (aToB) {
    // √P' may be at most this; then L √P / (L + Δa √P) ≤ √P'.
    const nextSqrtPrice = sqrtPrice - mulDivCeil(amountOut, 1n << 128n, liquidity)
    return nextSqrtPrice > 0n
      ? mulDivCeil(liquidity, sqrtPrice - nextSqrtPrice, sqrtPrice * nextSqrtPrice)
      : null
  }
  // The rise r of the root must give L r / (√P (√P + r)) ≥ Δa; the amount in must give that rise.
  const room = liquidity - amountOut * sqrtPrice
  if (room <= 0n) return null
  const rise = mulDivCeil(amountOut, sqrtPrice * sqrtPrice, room)
  return mulDivCeil(rise, liquidity, 1n << 128n)
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
    // ⌈a / b⌉ = ⌊(a - 1) / b⌋ + 1
    const nextSqrtPrice = (liquidity * sqrtPrice - 1n) / (liquidity + amountIn * sqrtPrice) + 1n
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

type Shape = { readonly price: number; readonly depth: number; readonly capIn: number }

/** The curve in floating point, fees aside: the first `capIn` units pay out(x) = price · x / (1 + x / depth). */
export function curveShape(pool: DammV2Pool, aToB: boolean): Shape {
  const [reserveIn, reserveOut] = aToB ? [pool.reserveA, pool.reserveB] : [pool.reserveB, pool.reserveA]
  const [held, payable] = [Number(reserveIn), Number(reserveOut)]
  if (pool.liquidity <= 0n || reserveIn < 0n || reserveOut <= 0n) return { price: 0, depth: 0, capIn: 0 }
  const room = Number(U64_MAX) - held
  if (pool.collectFeeMode === 'compounding') return { price: payable / held, depth: held, capIn: room }
  const root = Number(pool.sqrtPrice) / 2 ** 64
  const liquidity = Number(pool.liquidity) / 2 ** 64
  const end = Number(aToB ? pool.sqrtMinPrice : pool.sqrtMaxPrice) / 2 ** 64
  const [price, depth] = aToB ? [root * root, liquidity / root] : [1 / (root * root), liquidity * root]
  const toEnd = aToB ? liquidity * (1 / end - 1 / root) : liquidity * (end - root)
  // The x at which out(x) is all that the pool holds; Infinity when the curve never pays so much.
  const toEmpty = payable < price * depth ? payable / (price - payable / depth) : Number.POSITIVE_INFINITY
  return { price, depth, capIn: Math.min(room, toEnd, toEmpty) }
}
