// Owns the search for a route: the best split, the best of each venue and the best single pool, compared to the unit.

import type { ExactQuote } from '../pool.ts'
import type { VenueName } from '../route.ts'
import { levelAfter, startLevel } from './curve.ts'
import { type ExactLeg, type ExactRoute, exactRoute } from './exactRoute.ts'
import { type ChoiceLimits, type Chosen, chooseLegs } from './legChoice.ts'
import { type Choice, isFilled } from './legSet.ts'
import type { Candidate, LegSet, Network } from './network.ts'

export type SearchLimits = {
  readonly maxLegs: number
  /** In base units of the output. */
  readonly legCost: bigint
  readonly isUnsplit: boolean
}

/** The quote of one direct pool for the whole amount. */
export type WholeQuote = { readonly candidate: Candidate; readonly quote: ExactQuote }

export type Found = {
  readonly kind: 'found'
  readonly route: ExactRoute
  readonly chosen: Readonly<Record<keyof Chosen, Pick<Choice, 'legs'>>>
  readonly bestPool: ExactLeg | null
  readonly bestVenue: { readonly venue: VenueName; readonly amountOut: bigint } | null
  readonly refused: ReadonlySet<Candidate>
}

export type NotFound = {
  readonly kind: 'none'
  readonly code: 'amount_too_small' | 'insufficient_liquidity'
  /** The largest possible amount, in base units of the input. */
  readonly mostIn: bigint
}

/** The best route over the network's pools; `whole` are the exact quotes of its direct pools for the whole amount. */
export function searchRoute(
  network: Network,
  amountIn: bigint,
  whole: readonly WholeQuote[],
  limits: SearchLimits,
): Found | NotFound {
  const bestPool = bestWhole(whole, amountIn)
  if (bestPool !== null && isUnbeatable(network, bestPool, Number(limits.legCost))) {
    return foundAlone(network, bestPool)
  }
  const everything = new Uint8Array(network.candidates.length).fill(1)
  const main = chooseExact(network, everything, amountIn, limits)
  // An amount that all venues together cannot place, one alone could only waste.
  const byVenue = venuesOf(network).map((venue) => ({
    venue,
    exact: main.exact && bestWithin(network, venue, main.exact, amountIn, limits),
  }))
  const net = ({ amountOut, legs }: ExactRoute) => amountOut - limits.legCost * BigInt(legs.length)
  const better = (one: ExactRoute | null, other: ExactRoute | null): ExactRoute | null => {
    if (one === null || other === null) return one ?? other
    const gain = net(other) - net(one)
    return gain > 0n || (gain === 0n && isSimpler(other, one)) ? other : one
  }
  const single: ExactRoute | null = bestPool && {
    kind: 'exact',
    legs: [bestPool],
    amountOut: bestPool.amountOut,
  }
  const route = byVenue.reduce((best, { exact }) => better(best, exact), better(main.exact, single))
  if (route === null) return noneOf(network, main, whole)
  const bestVenue = byVenue.reduce<Found['bestVenue']>((best, { venue, exact }) => {
    const own = better(exact, single?.legs[0]?.candidate.pool.venue === venue ? single : null)
    return own !== null && (best === null || own.amountOut > best.amountOut)
      ? { venue, amountOut: own.amountOut }
      : best
  }, null)
  return {
    kind: 'found',
    route,
    chosen: main.chosen,
    bestPool,
    bestVenue,
    refused: new Set(main.refusals.keys()),
  }
}

/**
 * Whether no second leg can earn its cost beside this pool, the best single one. Moving a part of the amount elsewhere gains
 * at most the difference between the price of the first unit there and of the last unit here. If that difference, over the
 * whole amount, is no more than the cost of a leg, this pool alone is the optimum and the search can be skipped.
 */
function isUnbeatable(network: Network, { candidate }: ExactLeg, legCost: number): boolean {
  const end = levelAfter(candidate.curve, network.amountIn)
  let other = Number.POSITIVE_INFINITY
  for (const each of network.candidates) {
    if (each !== candidate) other = Math.min(other, startOfWay(network, each))
  }
  return network.amountIn * (1 / other ** 2 - 1 / end ** 2) <= legCost
}

/** The level of the first unit this way, over both hops: the candidate's own start and the best start of the other hop. */
function startOfWay({ hops }: Network, { curve, stage, hop }: Candidate): number {
  if (stage === 'direct') return startLevel(curve)
  const others = stage === 'first' ? hops[hop]?.second : hops[hop]?.first
  let best = Number.POSITIVE_INFINITY
  for (const other of others ?? []) best = Math.min(best, startLevel(other.curve))
  return startLevel(curve) * best
}

function foundAlone(network: Network, leg: ExactLeg): Found {
  const { candidate, amountOut } = leg
  const end = levelAfter(candidate.curve, network.amountIn)
  const only = new Uint8Array(network.candidates.length)
  only[candidate.index] = 1
  const unlimited = only.slice()
  for (const each of network.candidates) if (startOfWay(network, each) < end) unlimited[each.index] = 1
  return {
    kind: 'found',
    route: { kind: 'exact', legs: [leg], amountOut },
    chosen: {
      unlimited: { legs: unlimited },
      worthwhile: { legs: only },
      choice: { legs: only },
    },
    bestPool: leg,
    bestVenue: { venue: candidate.pool.venue, amountOut },
    refused: new Set(),
  }
}

/** Breaks ties between routes that pay the same: fewer legs first, then the addresses of the pools. */
function isSimpler(one: ExactRoute, other: ExactRoute): boolean {
  const addresses = ({ legs }: ExactRoute) => legs.map(({ candidate }) => candidate.pool.pool).join()
  if (one.legs.length !== other.legs.length) return one.legs.length < other.legs.length
  return addresses(one) < addresses(other)
}

type Attempt = {
  readonly chosen: Chosen
  readonly exact: ExactRoute | null
  /** The pools that refused their part, and why. */
  readonly refusals: ReadonlyMap<Candidate, string>
  /** The amount that the first choice, with every pool, could place. */
  readonly mostIn: number
}

/** Chooses legs and has their pools quote them. A pool that refuses its part is left out, and the choice repeated. */
function chooseExact(network: Network, allowed: LegSet, amountIn: bigint, limits: SearchLimits): Attempt {
  const left = allowed.slice()
  const refusals = new Map<Candidate, string>()
  const inFloats: ChoiceLimits = { ...limits, legCost: Number(limits.legCost) }
  let mostIn = Number.NaN
  for (;;) {
    const chosen = chooseLegs(network, left, inFloats)
    const { unlimited, choice } = chosen
    if (Number.isNaN(mostIn)) {
      mostIn = isFilled(network, unlimited.split) ? choice.split.filled : unlimited.split.filled
    }
    // An amount that all pools together cannot place, fewer could only waste: a first hop would buy more than the second can use.
    const canPlace = isFilled(network, unlimited.split) && isFilled(network, choice.split)
    if (!canPlace || choice.count === 0) return { chosen, exact: null, refusals, mostIn }
    const exact = exactRoute(network, choice, amountIn)
    if (exact.kind === 'exact') return { chosen, exact, refusals, mostIn }
    refusals.set(exact.candidate, exact.reason)
    left[exact.candidate.index] = 0
  }
}

const venuesOf = ({ candidates }: Network): VenueName[] =>
  [...new Set(candidates.map(({ pool }) => pool.venue))].sort()

/** The best route within one venue; the overall best if that stays within it. */
function bestWithin(
  network: Network,
  venue: VenueName,
  best: ExactRoute,
  amountIn: bigint,
  limits: SearchLimits,
): ExactRoute | null {
  if (best.legs.every(({ candidate }) => candidate.pool.venue === venue)) return best
  const own = Uint8Array.from(network.candidates, ({ pool }) => Number(pool.venue === venue))
  return chooseExact(network, own, amountIn, limits).exact
}

/** The single pool that pays most for the whole amount, the first by address of equals; null when none fills it. */
function bestWhole(whole: readonly WholeQuote[], amountIn: bigint): ExactLeg | null {
  let best: ExactLeg | null = null
  for (const { candidate, quote } of whole) {
    if (quote.kind === 'refused' || (best !== null && quote.amountOut <= best.amountOut)) continue
    best = { kind: 'leg', candidate, amountIn, amountOut: quote.amountOut }
  }
  return best
}

/** Why there is no route: too little liquidity, unless every pool found the amount too small. */
function noneOf(network: Network, { mostIn, refusals }: Attempt, whole: readonly WholeQuote[]): NotFound {
  const reasons = [
    ...refusals.values(),
    ...whole.flatMap(({ quote }) => (quote.kind === 'refused' ? [quote.reason] : [])),
  ]
  const isEnough = mostIn >= network.amountIn * (1 - 1e-9)
  const isUnderUnit = reasons.length === 0 || reasons.includes('amount_too_small')
  const isTooSmall = isEnough && isUnderUnit && !reasons.includes('insufficient_liquidity')
  return {
    kind: 'none',
    code: isTooSmall ? 'amount_too_small' : 'insufficient_liquidity',
    mostIn: BigInt(Math.floor(mostIn)),
  }
}
