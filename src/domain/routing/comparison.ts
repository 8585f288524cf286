// Owns the reason for a route: its alternatives, as data and as one sentence.

import { baseUnits, shortfallBps } from '../amount.ts'
import type { RoutablePool } from '../pool.ts'
import type { LeftOut, RouteComparison } from '../route.ts'
import { startLevel } from './curve.ts'
import type { ExactLeg, ExactRoute } from './exactRoute.ts'
import type { Candidate, Network, Stage } from './network.ts'
import type { Found } from './routeSearch.ts'

/** What a comparison needs besides the result of the search. */
export type Considered = {
  readonly network: Network
  readonly amountIn: bigint
  readonly isUnsplit: boolean
  /** Pools that the order does not allow. */
  readonly restricted: readonly RoutablePool[]
}

/** The alternatives over which the route was chosen. */
export function compare(found: Found, considered: Considered): RouteComparison {
  const { route, bestPool, bestVenue } = found
  const amountIn = Number(considered.amountIn)
  return {
    bestPool: bestPool && {
      venue: bestPool.candidate.pool.venue,
      pool: bestPool.candidate.pool.pool,
      amountOut: baseUnits(bestPool.amountOut),
    },
    bestVenue: bestVenue && { ...bestVenue, amountOut: baseUnits(bestVenue.amountOut) },
    gainOverPoolBps: bestPool && gainBps(bestPool.amountOut, route.amountOut),
    gainOverVenueBps: bestVenue && gainBps(bestVenue.amountOut, route.amountOut),
    shareBps: route.legs.map((leg) => Math.round(shareOf(leg, route, amountIn) * 10_000)),
    priceImpactBps: impactBps(startOutput(route), route.amountOut),
    leftOut: leftOut(found, considered),
  }
}

// Subtracted from zero: a negated zero would not survive JSON.
const gainBps = (other: bigint, amountOut: bigint) => 0 - shortfallBps(other, amountOut)

/** The part of the order that passes through a leg, from 0 to 1. */
function shareOf(leg: ExactLeg, route: ExactRoute, amountIn: number): number {
  if (leg.candidate.stage !== 'second') return Number(leg.amountIn) / amountIn
  const { hop } = leg.candidate
  const entered = amountInto(legsOf(route, 'first', hop))
  return ((entered / amountIn) * Number(leg.amountIn)) / amountInto(legsOf(route, 'second', hop))
}

const legsOf = ({ legs }: ExactRoute, stage: Stage, hop: number) =>
  legs.filter(({ candidate }) => candidate.stage === stage && candidate.hop === hop)

const amountInto = (legs: readonly ExactLeg[]) => legs.reduce((sum, leg) => sum + Number(leg.amountIn), 0)

const startPrice = ({ curve }: Candidate) => 1 / startLevel(curve) ** 2

/** What the same split would pay if every leg kept the price at which it begins. */
function startOutput(route: ExactRoute): number {
  let total = 0
  for (const { candidate, amountIn } of route.legs) {
    const { stage, hop } = candidate
    const paid = Number(amountIn) * startPrice(candidate)
    if (stage === 'direct') total += paid
    if (stage !== 'second') continue
    const atStart = legsOf(route, 'first', hop).reduce(
      (all, leg) => all + Number(leg.amountIn) * startPrice(leg.candidate),
      0,
    )
    total += paid * (atStart / amountInto(legsOf(route, 'second', hop)))
  }
  return total
}

/** Price impact to a hundredth of a basis point, never below zero. */
const impactBps = (atStart: number, amountOut: bigint): number =>
  Math.max(0, Math.round((1 - Number(amountOut) / atStart) * 1_000_000) / 100)

/** The impact of the whole amount on one pool. */
export const poolImpactBps = (candidate: Candidate, amountIn: bigint, amountOut: bigint): number =>
  impactBps(Number(amountIn) * startPrice(candidate), amountOut)

function leftOut({ route, chosen, refused }: Found, considered: Considered): RouteComparison['leftOut'] {
  const { unlimited, worthwhile, choice } = chosen
  const whyNot = (candidate: Candidate): LeftOut => {
    const { index } = candidate
    if (refused.has(candidate)) return 'refused'
    if (unlimited.legs[index] === 0) return 'worse_price'
    if (considered.isUnsplit) return 'no_split'
    return worthwhile.legs[index] === 0 || choice.legs[index] === 1 ? 'not_worth_its_cost' : 'too_many_legs'
  }
  const pools: Partial<Record<LeftOut, string[]>> = {}
  const note = (why: LeftOut, { pool }: RoutablePool) => {
    pools[why] = [...(pools[why] ?? []), pool]
  }
  for (const pool of considered.restricted) note('restricted', pool)
  for (const candidate of considered.network.candidates) {
    if (!route.legs.some((leg) => leg.candidate === candidate)) note(whyNot(candidate), candidate.pool)
  }
  return pools
}

const leftOutWords: Readonly<Record<LeftOut, string>> = {
  restricted: 'not allowed',
  refused: 'refused',
  worse_price: 'at a worse price',
  not_worth_its_cost: 'not worth a leg',
  too_many_legs: 'one leg too many',
  no_split: 'only by a split',
}

/** The comparison in one sentence, for people. */
export function sentence(route: ExactRoute, comparison: RouteComparison): string {
  const { bestPool, bestVenue, gainOverPoolBps, gainOverVenueBps, shareBps } = comparison
  const parts = route.legs.map((leg, i) => {
    const share = shareBps[i] ?? 0
    return share === 10_000 ? nameOf(leg) : `${share / 100} % ${nameOf(leg)}`
  })
  const said = [`${parts.join(' + ')} pays most`]
  const isBestPool = route.legs.length === 1 && route.legs[0]?.candidate.pool.pool === bestPool?.pool
  if (bestPool !== null && !isBestPool) {
    said.push(`${gainOverPoolBps} bps more than the best pool, ${bestPool.pool} (${bestPool.venue})`)
  }
  if (bestVenue !== null && gainOverVenueBps !== 0) {
    said.push(`${gainOverVenueBps} bps more than ${bestVenue.venue} alone`)
  }
  const counts = Object.entries(leftOutWords).flatMap(([why, words]) => {
    const pools = comparison.leftOut[why as LeftOut]
    return pools === undefined ? [] : [`${pools.length} ${words}`]
  })
  if (counts.length > 0) said.push(`left out: ${counts.join(', ')}`)
  return said.join('; ')
}

function nameOf({ candidate: { pool, aToB, stage } }: ExactLeg): string {
  const { tokenA, tokenB } = pool
  const name = `${pool.program} ${pool.pool}`
  if (stage === 'first') return `${name} to ${(aToB ? tokenB : tokenA).symbol}`
  return stage === 'second' ? `${name} from ${(aToB ? tokenA : tokenB).symbol}` : name
}
