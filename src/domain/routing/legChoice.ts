// Owns the choice of legs: the few pools that a route uses, when each leg has a cost and their number is limited.

import { capacityOf, outputOf } from './curve.ts'
import {
  better,
  type Choice,
  countOf,
  evaluate,
  FILL_TOLERANCE,
  gainsAt,
  isFilled,
  legsOf,
  sumOver,
  withCost,
  withoutOrphans,
} from './legSet.ts'
import type { Candidate, LegSet, Network } from './network.ts'

export type ChoiceLimits = {
  readonly maxLegs: number
  /** What one more leg costs, in base units of the output. */
  readonly legCost: number
  /** The whole amount goes one way: through one pool, or through two in series. */
  readonly isUnsplit: boolean
}

/** The legs chosen, and the larger sets that show why the others were not. */
export type Chosen = {
  readonly choice: Choice
  /** The optimum over all pools, with free legs and no limit on their number. */
  readonly unlimited: Choice
  /** The legs left out that would earn more than their cost, had the route room for them. */
  readonly worthwhile: { readonly legs: LegSet }
}

/** A set counts as better from this share of the output on. */
const GAIN_TOLERANCE = 1e-13
/** How many sets of legs the exhaustive search tries, and how many it considers for that. */
const MOST_TRIALS = 160
const MOST_STEPS = 4_000

/**
 * The best legs among the allowed ones. Starts from the best single way and, for more than two legs, from what elimination
 * leaves of the optimum over all pools. Then tries every other set that the prices of the best one do not rule out: by weak
 * duality no set T pays more than νX + Σ over T of (surplus at those prices − cost). Exact unless it runs out of trials,
 * which takes many near-equal pools.
 */
export function chooseLegs(network: Network, allowed: LegSet, limits: ChoiceLimits): Chosen {
  const unlimited = evaluate(network, allowed, 0)
  // Each leg rounds its input and its output: half a unit of each is lost, at the price of the moment.
  const legCost = limits.legCost + 0.5 + 0.5 / unlimited.split.level ** 2
  const costed = { ...limits, legCost }
  const way = bestSingle(network, allowed, costed) ?? widest(network, allowed, costed)
  if (limits.isUnsplit) return { choice: way, unlimited, worthwhile: way }

  // Measured on random markets of up to 60 pools: for pairs the search ends at the same set from either start, only sooner.
  const isPair = limits.maxLegs <= 2
  let choice = isPair ? way : better(eliminate(network, withCost(network, unlimited, legCost), costed), way)
  if (!isFilled(network, choice.split)) choice = better(choice, deepest(network, allowed, costed))
  choice = improve(network, allowed, choice, costed)
  return { choice, unlimited, worthwhile: { legs: worthMoreLegs(network, choice, costed) } }
}

/**
 * The legs that would earn more than their cost at the prices of the choice but do not fit beside it. The way through an
 * idle intermediate token takes two. An upper bound: the part a leg would take moves those prices.
 */
function worthMoreLegs(
  network: Network,
  { split, count }: Choice,
  { maxLegs, legCost }: ChoiceLimits,
): LegSet {
  const gains = gainsAt(network, split, legCost)
  return Uint8Array.from(network.candidates, ({ index, hop }) => {
    const isIdleHop = hop >= 0 && Number.isNaN(split.hopLevels[hop])
    return Number((gains[index] ?? 0) > 0 && count + (isIdleHop ? 2 : 1) > maxLegs)
  })
}

/** Removes the least useful leg again and again, while too many are left or a removal pays. */
function eliminate(network: Network, start: Choice, { maxLegs, legCost }: ChoiceLimits): Choice {
  let best = start
  while (best.count > 1) {
    const fewer = bestRemoval(network, best, legCost)
    if (fewer === null || (best.count <= maxLegs && fewer.net < best.net)) break
    best = fewer
  }
  return best
}

/** The removals of one step: each leg with those that are useless without it, and each hop as a whole. */
function removals(network: Network, { legs }: Choice): LegSet[] {
  const without = network.candidates
    .filter(({ index }) => legs[index] === 1)
    .map(({ index }) => withoutOrphans(network, legs, index))
  const hopless = network.hops.map(({ first }) => {
    const kept = legs.slice()
    for (const { index } of first) kept[index] = 0
    return withoutOrphans(network, kept, -1)
  })
  // Ties: the last by address goes first.
  return [...without.reverse(), ...hopless].filter((kept) => kept.includes(1))
}

/** The set after the removal that loses least per leg removed; null when no leg can be removed. */
function bestRemoval(network: Network, from: Choice, legCost: number): Choice | null {
  const gains = gainsAt(network, from.split, legCost)
  const base = network.amountIn / from.split.level ** 2
  const ranked = removals(network, from)
    .map((legs) => {
      const [count, most] = [countOf(legs), base + sumOver(legs, gains)]
      return { legs, leastLoss: count < from.count ? (from.net - most) / (from.count - count) : Number.NaN }
    })
    .filter(({ leastLoss }) => !Number.isNaN(leastLoss))
    .sort((a, b) => a.leastLoss - b.leastLoss)
  let best: Choice | null = null
  let least = Number.POSITIVE_INFINITY
  for (const { legs, leastLoss } of ranked) {
    if (leastLoss >= least) break
    const kept = evaluate(network, legs, legCost)
    const loss = (from.net - kept.net) / (from.count - kept.count)
    if (loss < least || best === null) [best, least] = [kept, loss]
  }
  return best
}

/** The best single way for the whole amount, through one pool or two in series; null when none carries it. */
function bestSingle(network: Network, allowed: LegSet, { legCost, maxLegs }: ChoiceLimits): Choice | null {
  const { amountIn } = network
  const carries = ({ index, curve }: Candidate, amount: number) =>
    allowed[index] === 1 && capacityOf(curve) >= amount * (1 - FILL_TOLERANCE)
  let best: readonly Candidate[] = []
  let most = Number.NEGATIVE_INFINITY
  const consider = (way: readonly Candidate[], amountOut: number) => {
    const net = amountOut - legCost * way.length
    if (net > most) [best, most] = [way, net]
  }
  for (const way of network.direct) if (carries(way, amountIn)) consider([way], outputOf(way.curve, amountIn))
  for (const { first, second } of maxLegs < 2 ? [] : network.hops) {
    for (const entry of first) {
      if (!carries(entry, amountIn)) continue
      const between = outputOf(entry.curve, amountIn)
      for (const exit of second)
        if (carries(exit, between)) consider([entry, exit], outputOf(exit.curve, between))
    }
  }
  if (best.length === 0) return null
  return evaluate(network, legsOf(network, best), legCost)
}

/** The single way with the most capacity, for an amount that none carries whole. */
function widest(network: Network, allowed: LegSet, { maxLegs, legCost }: ChoiceLimits): Choice {
  const through = network.hops.flatMap(({ first, second }) =>
    first.flatMap((entry) => second.map((exit) => [entry, exit])),
  )
  const ways = [...network.direct.map((way) => [way]), ...(maxLegs < 2 ? [] : through)]
  return ways
    .filter((way) => way.every(({ index }) => allowed[index] === 1))
    .map((way) => evaluate(network, legsOf(network, way), legCost))
    .reduce(better, evaluate(network, legsOf(network, []), legCost))
}

/** The direct pools with the most capacity, for an amount that the best-priced ones cannot carry. */
function deepest(network: Network, allowed: LegSet, { maxLegs, legCost }: ChoiceLimits): Choice | null {
  const ranked = network.direct
    .filter(({ index }) => allowed[index] === 1)
    .sort((a, b) => capacityOf(b.curve) - capacityOf(a.curve))
  return ranked.length === 0 ? null : evaluate(network, legsOf(network, ranked.slice(0, maxLegs)), legCost)
}

/** A depth-first search through sets of legs, by falling gain, for one that beats the best so far. */
type Trial = {
  readonly network: Network
  readonly limits: ChoiceLimits
  /** The gain of each candidate at the prices of the set that the trial started from. */
  readonly gains: Float64Array
  readonly order: readonly number[]
  /** νX, and the lead over the best that a set's bound needs to be tried. */
  readonly base: number
  readonly tolerance: number
  readonly legs: LegSet
  best: Choice
  trials: number
  steps: number
}

/** Branch and bound: tries the sets that the best one's prices do not rule out, anew from each better one, within the trials. */
function improve(network: Network, allowed: LegSet, start: Choice, limits: ChoiceLimits): Choice {
  let best = start
  let trials = MOST_TRIALS
  while (trials > 0 && isFilled(network, best.split)) {
    const gains = gainsAt(network, best.split, limits.legCost)
    const trial: Trial = {
      network,
      limits,
      gains,
      order: network.candidates
        .map(({ index }) => index)
        .filter((index) => allowed[index] === 1)
        .sort((a, b) => (gains[b] ?? 0) - (gains[a] ?? 0) || a - b),
      base: network.amountIn / best.split.level ** 2,
      tolerance: GAIN_TOLERANCE * Math.abs(best.split.amountOut),
      legs: new Uint8Array(allowed.length),
      best,
      trials,
      steps: MOST_STEPS,
    }
    tryFrom(trial, 0, 0, 0)
    if (trial.best.net <= best.net + trial.tolerance) return trial.best
    best = trial.best
    trials = trial.trials
  }
  return best
}

/** Extends a set of `count` legs with a total gain of `sum` by each leg from the `start`-th in order on. */
function tryFrom(trial: Trial, start: number, count: number, sum: number): void {
  const { network, limits, gains, order, base, tolerance, legs } = trial
  for (let at = start; at < order.length && count < limits.maxLegs; at += 1) {
    if (trial.trials <= 0 || trial.steps <= 0) return
    trial.steps -= 1
    if (base + sum + mostFrom(trial, at, limits.maxLegs - count) <= trial.best.net + tolerance) return
    const index = order[at] ?? 0
    const withIt = sum + (gains[index] ?? 0)
    legs[index] = 1
    const isPromising = base + withIt > trial.best.net + tolerance
    if (isPromising && countOf(withoutOrphans(network, legs, -1)) === count + 1) {
      trial.trials -= 1
      trial.best = better(trial.best, evaluate(network, legs, limits.legCost))
    }
    tryFrom(trial, at + 1, count + 1, withIt)
    legs[index] = 0
  }
}

/** The upper bound: the most that `count` legs from the `at`-th in order on could gain. */
function mostFrom({ gains, order }: Trial, at: number, count: number): number {
  let most = 0
  for (let next = at; next < Math.min(order.length, at + count); next += 1) {
    most += Math.max(0, gains[order[next] ?? 0] ?? 0)
  }
  return most
}
