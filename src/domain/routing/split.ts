// Owns the split: how an amount divides over a given set of legs so that every marginal price is equal.

import {
  boundaryOf,
  type Curve,
  capacityOf,
  inParallel,
  inputAt,
  inSeries,
  outputOf,
  withSlack,
} from './curve.ts'
import type { Candidate, Hop, LegSet, Network } from './network.ts'

/** The flows through a set of legs, and the prices they lead to. */
export type Split = {
  /** Amount in of each candidate, in base units of its own input token. */
  readonly flows: Float64Array
  readonly amountOut: number
  /** The part of the amount in that the legs carry. */
  readonly filled: number
  /** 1 / √(marginal price of the input in the output): equal in every leg that is neither empty nor full. */
  readonly level: number
  /** The same for the second half of each hop: 1 / √(price of the intermediate in the output). NaN where none is used. */
  readonly hopLevels: Float64Array
}

const curveIn = ({ curve }: Candidate): Curve => curve
const allowedIn = (legs: LegSet, candidates: readonly Candidate[]) =>
  candidates.filter(({ index }) => legs[index] === 1)

/** The curve of the allowed legs through one intermediate token; null when one of its sides has none. */
function compositeOf(network: Network, hop: Hop, legs: LegSet): Curve | null {
  const [first, second] = [allowedIn(legs, hop.first), allowedIn(legs, hop.second)]
  if (first.length === 0 || second.length === 0) return null
  const key = [...first, ...second].map(({ index }) => index).join()
  const known = network.composites.get(key)
  if (known !== undefined) return known
  const reach = withSlack(network.amountIn)
  const entry = inParallel(first.map(curveIn), reach)
  const between = withSlack(outputOf(entry, reach))
  const curve = inSeries(entry, inParallel(second.map(curveIn), between))
  network.composites.set(key, curve)
  return curve
}

/**
 * The optimal split of the amount over the allowed legs, by equal marginal prices (Angeris et al., "Optimal Routing for
 * Constant Function Market Makers", 2021; the decomposition into pools at common prices: Diamandis et al., "An Efficient
 * Algorithm for Optimal Routing Through Constant Function Market Makers", 2023). Pools in parallel and in series
 * have curves of the same kind as one pool, so the optimum is found without iterating to a tolerance.
 */
export function splitOver(network: Network, legs: LegSet): Split {
  const { amountIn, candidates, hops } = network
  const ways = allowedIn(legs, network.direct)
  const throughs = hops.map((hop) => compositeOf(network, hop, legs))
  const curves = [...ways.map(curveIn), ...throughs.filter((curve) => curve !== null)]
  const amounts = new Float64Array(curves.length)
  const level = fill(curves, amountIn, amounts)

  const flows = new Float64Array(candidates.length)
  const hopLevels = new Float64Array(hops.length).fill(Number.NaN)
  let [amountOut, filled] = [0, 0]
  for (const [i, curve] of curves.entries()) {
    const amount = amounts[i] ?? 0
    filled += amount
    amountOut += outputOf(curve, amount)
    const way = ways[i]
    if (way !== undefined) flows[way.index] = amount
  }
  let next = ways.length
  for (const [k, hop] of hops.entries()) {
    if (throughs[k] === null) continue
    const amount = amounts[next] ?? 0
    next += 1
    const between = spread(allowedIn(legs, hop.first), amount, flows).amountOut
    hopLevels[k] = spread(allowedIn(legs, hop.second), between, flows).level
  }
  return { flows, amountOut, filled, level, hopLevels }
}

/** Fills parallel pools with `amount`, writes their flows, and returns their total output and common level. */
export function spread(pools: readonly Candidate[], amount: number, flows: Float64Array) {
  const amounts = new Float64Array(pools.length)
  const level = fill(pools.map(curveIn), amount, amounts)
  let amountOut = 0
  for (const [i, { index, curve }] of pools.entries()) {
    const flow = amounts[i] ?? 0
    flows[index] = flow
    amountOut += outputOf(curve, flow)
  }
  return { amountOut, level }
}

/** The total input of all curves up to a level. */
function totalAt(curves: readonly Curve[], level: number, isInclusive: boolean): number {
  let total = 0
  for (const curve of curves) total += inputAt(curve, level, isInclusive)
  return total
}

/** Bisection: at `low` too little is in, at `high` enough. At a jump both are the same level. */
type Bracket = { low: number; high: number; isJump: boolean }

/**
 * Water-filling: divides `amount` over the curves so that all reach the same level, writes the parts, and returns the level.
 * Bisects over the boundaries of each curve in turn until none lies inside the bracket. There every part is linear in the
 * level, so the rest is one division. Curves whose total capacity is smaller are filled completely.
 */
function fill(curves: readonly Curve[], amount: number, parts: Float64Array): number {
  const bracket: Bracket = { low: 0, high: Number.POSITIVE_INFINITY, isJump: false }
  for (const curve of curves) {
    let left = 0
    let right = 2 * curve.size
    while (left < right && !bracket.isJump) {
      const middle = (left + right) >> 1
      const boundary = boundaryOf(curve, middle)
      if (boundary > bracket.low && boundary < bracket.high) narrow(bracket, curves, amount, boundary)
      if (boundary <= bracket.low) left = middle + 1
      else right = middle
    }
  }
  return pour(bracket, curves, amount, parts)
}

function narrow(bracket: Bracket, curves: readonly Curve[], amount: number, level: number): void {
  if (totalAt(curves, level, false) >= amount) {
    bracket.high = level
  } else if (totalAt(curves, level, true) < amount) {
    bracket.low = level
  } else {
    bracket.low = level
    bracket.high = level
    bracket.isJump = true
  }
}

function pour(bracket: Bracket, curves: readonly Curve[], amount: number, parts: Float64Array): number {
  const { low, high, isJump } = bracket
  const isFull = high === Number.POSITIVE_INFINITY
  const least = totalAt(curves, low, !isJump)
  const most = isFull ? least : totalAt(curves, high, isJump)
  const share = most > least ? (amount - least) / (most - least) : 1
  for (const [i, curve] of curves.entries()) {
    const fewest = inputAt(curve, low, !isJump)
    parts[i] = isFull ? capacityOf(curve) : fewest + share * (inputAt(curve, high, isJump) - fewest)
  }
  return isFull || isJump ? low : low + share * (high - low)
}
