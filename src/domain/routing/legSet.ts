// Owns the value of a set of legs: its best split net of the cost of its legs, and the gain of each candidate at its prices.

import { startLevel, surplusAt } from './curve.ts'
import type { Candidate, LegSet, Network } from './network.ts'
import { type Split, splitOver } from './split.ts'

/** A set of legs, all of them used, with its best split and the output net of the cost of the legs. */
export type Choice = {
  readonly legs: LegSet
  readonly count: number
  readonly split: Split
  readonly net: number
}

/** Shares of the amount below this are float rounding, not missing liquidity. */
export const FILL_TOLERANCE = 1e-12
const IDLE_STEPS = 24

export const isFilled = (network: Network, split: Split): boolean =>
  split.filled >= network.amountIn * (1 - FILL_TOLERANCE)

export const better = (one: Choice, other: Choice | null) =>
  other !== null && other.net > one.net ? other : one

/** Net output. A set that cannot carry the amount ranks below every one that can, by how much it leaves unfilled. */
function netOf(network: Network, split: Split, count: number, legCost: number): number {
  if (count === 0) return -Number.MAX_VALUE
  if (!isFilled(network, split)) return -Number.MAX_VALUE * (1 - split.filled / network.amountIn)
  return split.amountOut - legCost * count
}

/** The best split over a set of legs; legs that receive less than one base unit are left out. */
export function evaluate(network: Network, legs: LegSet, legCost: number): Choice {
  const split = splitOver(network, legs)
  const flowing = split.flows.map((flow) => (flow >= 1 ? 1 : 0))
  const used = withoutOrphans(network, Uint8Array.from(flowing), -1)
  const count = countOf(used)
  return { legs: used, count, split, net: netOf(network, split, count, legCost) }
}

export const withCost = (network: Network, choice: Choice, legCost: number): Choice => ({
  ...choice,
  net: netOf(network, choice.split, choice.count, legCost),
})

/** The set without one leg (none for -1), and without orphans: legs of a hop whose other side is empty. */
export function withoutOrphans(network: Network, legs: LegSet, gone: number): LegSet {
  const kept = legs.slice()
  if (gone >= 0) kept[gone] = 0
  for (const { first, second } of network.hops) {
    const isThrough =
      first.some(({ index }) => kept[index] === 1) && second.some(({ index }) => kept[index] === 1)
    if (!isThrough) for (const { index } of [...first, ...second]) kept[index] = 0
  }
  return kept
}

export function countOf(legs: LegSet): number {
  let count = 0
  for (const flag of legs) count += flag
  return count
}

export function sumOver(legs: LegSet, gains: Float64Array): number {
  let sum = 0
  for (let i = 0; i < legs.length; i += 1) if (legs[i] === 1) sum += gains[i] ?? 0
  return sum
}

/** The gain of each candidate: its surplus at the prices of a split less the cost of a leg, in base units of the output. */
export function gainsAt(network: Network, split: Split, legCost: number): Float64Array {
  const gains = new Float64Array(network.candidates.length)
  const levels = network.hops.map(({ first, second }, k) => {
    const used = split.hopLevels[k] ?? Number.NaN
    return Number.isNaN(used) ? idleLevel(first, second, split.level, legCost) : used
  })
  for (const { index, stage, hop, curve } of network.candidates) {
    const between = levels[hop] ?? 1
    const surplus =
      stage === 'direct'
        ? surplusAt(curve, split.level)
        : stage === 'second'
          ? surplusAt(curve, between)
          : surplusAt(curve, split.level / between) / (between * between)
    gains[index] = surplus - legCost
  }
  return gains
}

/** The level of an idle intermediate token: where its pools would earn least (its dual price). */
function idleLevel(
  first: readonly Candidate[],
  second: readonly Candidate[],
  level: number,
  legCost: number,
): number {
  const start = (side: readonly Candidate[]) => Math.min(...side.map(({ curve }) => startLevel(curve)))
  let low = start(second)
  let high = level / start(first)
  // Even the best prices of both sides in series are worse: at this level neither side earns anything.
  if (!(low < high)) return low
  const earned = (between: number) => {
    let sum = 0
    for (const { curve } of second) sum += Math.max(0, surplusAt(curve, between) - legCost)
    for (const { curve } of first)
      sum += Math.max(0, surplusAt(curve, level / between) / (between * between) - legCost)
    return sum
  }
  for (let step = 0; step < IDLE_STEPS; step += 1) {
    const [left, right] = [low + (high - low) * 0.45, low + (high - low) * 0.55]
    if (earned(left) <= earned(right)) high = right
    else low = left
  }
  return (low + high) / 2
}

export function legsOf({ candidates }: Network, used: readonly Candidate[]): LegSet {
  const legs = new Uint8Array(candidates.length)
  for (const { index } of used) legs[index] = 1
  return legs
}
