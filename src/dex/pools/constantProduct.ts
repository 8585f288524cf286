// The constant-product curve, x · y = k, with a fee on the input: what Raydium's CPMM and AMM v4 share.

import type { Segment } from '../../domain/pool.ts'

/** One direction of such a pool, in base units; `mostIn` is what the vault of the input can still take. */
export type Reserves = { readonly reserveIn: bigint; readonly reserveOut: bigint; readonly mostIn: bigint }

/**
 * The smallest net input (fee taken) that pays `amountOut`, which must be less than `reserveOut`: from
 * ⌊net · reserveOut / (reserveIn + net)⌋ >= amountOut.
 */
export function netInputFor(amountOut: bigint, { reserveIn, reserveOut }: Reserves): bigint {
  const left = reserveOut - amountOut
  return (amountOut * reserveIn + left - 1n) / left
}

/**
 * The smallest gross input that leaves `net` once a fee of `numerator` / `denominator`, rounded up, is taken: from
 * ⌊gross · (1 - fee)⌋ >= net.
 */
export function grossInputFor(net: bigint, numerator: bigint, denominator: bigint): bigint {
  const kept = denominator - numerator
  return (net * denominator + kept - 1n) / kept
}

/** The whole curve as one segment: out = R γx / (r + γx), with γ = 1 - fee. */
export function constantProductSegment(reserves: Reserves, feeRate: number): Segment {
  const [reserveIn, reserveOut] = [Number(reserves.reserveIn), Number(reserves.reserveOut)]
  const kept = 1 - feeRate
  return {
    price: (kept * reserveOut) / reserveIn,
    depth: reserveIn / kept,
    capIn: Number(reserves.mostIn),
  }
}
