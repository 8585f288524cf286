// Owns the price of the first unit: no amount gets more. Fees are in it.

import { directionOf, type RoutablePool } from '../pool.ts'
import type { RouteQuery } from '../route.ts'

/** Output per input in base units, over one pool or over two through one of the tokens on the way; 0 without any. */
export function firstPrice({ mintIn, mintOut, through }: RouteQuery, pools: readonly RoutablePool[]): number {
  const hops = through.filter((mint) => mint !== mintIn && mint !== mintOut)
  return Math.max(
    best(mintIn, mintOut, pools),
    ...hops.map((mint) => best(mintIn, mint, pools) * best(mint, mintOut, pools)),
  )
}

function best(mintIn: string, mintOut: string, pools: readonly RoutablePool[]): number {
  let most = 0
  for (const pool of pools) {
    const aToB = directionOf(pool, mintIn, mintOut)
    if (aToB !== null) most = Math.max(most, ofPool(pool, aToB))
  }
  return most
}

/** Memoized: a pool is a snapshot, and the same one serves many pairs and looks. */
const known = new WeakMap<RoutablePool, Map<boolean, number>>()

function ofPool(pool: RoutablePool, aToB: boolean): number {
  const prices = known.get(pool) ?? new Map<boolean, number>()
  known.set(pool, prices)
  const price = prices.get(aToB) ?? firstSegment(pool, aToB)
  prices.set(aToB, price)
  return price
}

function firstSegment(pool: RoutablePool, aToB: boolean): number {
  for (const { price } of pool.segments(aToB)) return price
  return 0
}
