// Owns the proof that a route cannot be beaten: an upper bound on what any split could pay, found apart from the router.

import type { RoutablePool, Segment } from '../../src/domain/pool.ts'
import { directionOf } from '../../src/domain/pool.ts'
import type { AmountQuery } from '../../src/domain/routing/network.ts'

/** Halvings of the search interval by the golden ratio: 0.618^90 of it is left. */
const STEPS = 90
const GOLDEN = (Math.sqrt(5) - 1) / 2
/** Prices are sought this factor below the worst and above the best that any pool shows. */
const MARGIN = 1.0001

/**
 * An upper bound, in base units of the output, on what `query.amountIn` can buy in these pools, directly or through
 * one intermediate token, over any number of legs and before the cost of them:
 *   min over ν, μ of  Σ direct max(out(x) − νx) + Σ first hop max(μ·out(x) − νx) + Σ second hop max(out(y) − μy) + νX,
 * with ν the price of the input and μ that of each intermediate token. Whatever the prices, the sum is a bound (weak
 * duality); at the best ones it is the optimum. Source: Angeris et al., "Optimal Routing for CFMMs", 2021, the dual.
 */
export function outputBound(query: AmountQuery, pools: readonly RoutablePool[]): number {
  const { mintIn, mintOut, through } = query
  const amountIn = Number(query.amountIn)
  const direct = curvesFrom(pools, mintIn, mintOut)
  const hops = [...new Set(through)]
    .filter((mint) => mint !== mintIn && mint !== mintOut)
    .map((mint) => ({ first: curvesFrom(pools, mintIn, mint), second: curvesFrom(pools, mint, mintOut) }))
    .filter(({ first, second }) => first.length > 0 && second.length > 0)

  const spans = [spanOf(direct), ...hops.map((hop) => product(spanOf(hop.first), spanOf(hop.second)))]
  const lowest = Math.min(...spans.map(({ low }) => low))
  const highest = Math.max(...spans.map(({ high }) => high))
  return least(lowest, highest, (price) => {
    let total = price * amountIn + surplus(direct, price)
    for (const { first, second } of hops) {
      const { low, high } = spanOf(second)
      const idle = price / spanOf(first).high
      total += least(
        Math.min(low, idle),
        high,
        (middle) => middle * surplus(first, price / middle) + surplus(second, middle),
      )
    }
    return total
  })
}

type Segments = readonly (readonly Segment[])[]
type Span = { readonly low: number; readonly high: number }

function curvesFrom(pools: readonly RoutablePool[], mintIn: string, mintOut: string): Segments {
  return pools.flatMap((pool) => {
    const aToB = directionOf(pool, mintIn, mintOut)
    return aToB === null ? [] : [[...pool.segments(aToB)]]
  })
}

/** The marginal prices that the pools show, from the worst they end at to the best they begin with. */
function spanOf(curves: Segments): Span {
  const all = curves.flat()
  const ends = all.map(({ price, depth, capIn }) => price / (1 + Math.min(capIn, 1e30) / depth) ** 2)
  return { low: Math.min(...ends), high: Math.max(...all.map(({ price }) => price)) }
}

const product = (a: Span, b: Span): Span => ({ low: a.low * b.low, high: a.high * b.high })

/** Σ max over x of out(x) − price · x, segment by segment: x = depth · (√(p / price) − 1), clipped to the segment. */
function surplus(curves: Segments, price: number): number {
  let total = 0
  for (const segments of curves) {
    for (const { price: best, depth, capIn } of segments) {
      if (best <= price) break
      const wanted = depth === Number.POSITIVE_INFINITY ? capIn : depth * (Math.sqrt(best / price) - 1)
      const x = Math.min(wanted, capIn)
      total += (best * x) / (1 + x / depth) - price * x
    }
  }
  return total
}

/** The least value of a function with one valley, by golden-section search over the logarithm of its argument. */
function least(low: number, high: number, value: (argument: number) => number): number {
  if (!(high > 0)) return 0
  let left = Math.log(low / MARGIN)
  let right = Math.log(high * MARGIN)
  let inner = right - GOLDEN * (right - left)
  let outer = left + GOLDEN * (right - left)
  let atInner = value(Math.exp(inner))
  let atOuter = value(Math.exp(outer))
  for (let step = 0; step < STEPS; step += 1) {
    if (atInner <= atOuter) {
      right = outer
      outer = inner
      atOuter = atInner
      inner = right - GOLDEN * (right - left)
      atInner = value(Math.exp(inner))
    } else {
      left = inner
      inner = outer
      atInner = atOuter
      outer = left + GOLDEN * (right - left)
      atOuter = value(Math.exp(outer))
    }
  }
  return Math.min(atInner, atOuter)
}
