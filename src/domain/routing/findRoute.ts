// Owns routing: from the venues' answers to the route with the best net output.

import { baseUnits, formatAmount, minOut } from '../amount.ts'
import type { Failure } from '../failure.ts'
import type { RoutablePool } from '../pool.ts'
import type {
  Leg,
  PoolQuote,
  Route,
  RouteComparison,
  RouteConstraints,
  Trade,
  VenueAnswer,
  VenueName,
  VenueRefusalCode,
} from '../route.ts'
import type { VenuePools } from './believable.ts'
import { compare, poolImpactBps, sentence } from './comparison.ts'
import { type ExactRoute, quoteFrom } from './exactRoute.ts'
import { networkOf, tradesOnTheWay } from './network.ts'
import { searchRoute, type WholeQuote } from './routeSearch.ts'

export type Routing =
  | { readonly kind: 'routed'; readonly answers: readonly VenueAnswer[]; readonly route: Route }
  | { readonly kind: 'unroutable'; readonly answers: readonly VenueAnswer[]; readonly failure: Failure }

/** Transient refusals: the same venue may quote again later. */
const passing: ReadonlySet<VenueRefusalCode> = new Set([
  'venue_timeout',
  'venue_unavailable',
  'venue_limited',
  'circuit_open',
  'quote_rejected',
  'quote_stale',
])

/** The failure to report: a transient refusal (retry) outweighs a final one by another venue. */
function whyNone(answers: readonly VenueAnswer[]): Failure {
  const refusals = answers.flatMap((answer) =>
    'refusal' in answer ? [{ venue: answer.venue, ...answer.refusal }] : [nothing(answer.venue)],
  )
  const detail = refusals.map((refusal) => `${refusal.venue}: ${refusal.code}, ${refusal.detail}`).join('; ')
  const said = (code: VenueRefusalCode) => refusals.some((refusal) => refusal.code === code)
  if (isPassing(answers)) return { code: 'quotes_unavailable', detail }
  if (said('insufficient_liquidity')) return { code: 'insufficient_liquidity', detail }
  if (said('amount_too_small')) return { code: 'amount_too_small', detail }
  return { code: 'no_route', detail }
}

/** Whether a venue was missing only for now: then the others' refusals are no verdict on the order. */
const isPassing = (answers: readonly VenueAnswer[]): boolean =>
  answers.some((answer) => 'refusal' in answer && passing.has(answer.refusal.code))

const nothing = (venue: VenueName) => ({
  venue,
  code: 'no_pool' as const,
  detail: 'no pool trades this pair',
})

/**
 * The minimum output of a leg. Into the output token: its share of the route's minimum, rounded up, so that the legs
 * together pay at least the order's minimum. Into an intermediate token: its share of what the legs out of that token sell.
 * Those amounts are fixed bytes in the transaction: less must revert it, and more stays in the wallet. They follow the first
 * hop's quote (less `hopBufferBps`), not its worst slippage. Otherwise every fill would leave that slippage behind in the
 * intermediate token, while a revert costs only one network fee and a retry.
 */
export function legMinOut(route: Route, leg: Leg) {
  const taking = route.legs.filter(({ tokenIn }) => tokenIn.mint === leg.tokenOut.mint)
  if (taking.length === 0) return shareOf(route.minAmountOut, leg.amountOut, route.amountOut)
  const paying = route.legs.filter(({ tokenOut }) => tokenOut.mint === leg.tokenOut.mint)
  return shareOf(total(taking, 'amountIn'), leg.amountOut, total(paying, 'amountOut'))
}

const shareOf = (amount: bigint, part: bigint, whole: bigint) =>
  baseUnits((amount * part + whole - 1n) / whole)

const total = (legs: readonly Leg[], field: 'amountIn' | 'amountOut') =>
  legs.reduce((sum, leg) => sum + leg[field], 0n)

export type RouteOptions = Omit<RouteConstraints, 'isUnsplit'> & {
  readonly isUnsplit?: boolean
  /** The most swaps that one route may hold; at least 1. */
  readonly maxLegs: number
  /** What each swap costs beside its pool's fee (its share of the network fee), in base units of the output. */
  readonly legCost: bigint
  /** Mints of the tokens through which a route may go. */
  readonly intermediates: readonly string[]
  /**
   * How far a first hop may fall short of its quote before the transaction reverts, in bps; 0 when absent. That share of
   * the intermediate token is not spent: it stays in the wallet when the first hop pays in full.
   */
  readonly hopBufferBps?: number
}

/**
 * The route with the best output net of the cost of its legs: the amount is split over pools and venues, directly and
 * through intermediate tokens. Its amounts are the pools' own quotes, to the unit. The result depends on the pools, not on
 * their order. It never pays less, net, than the best single pool or the best single venue.
 */
export function findRoute(trade: Trade, venues: readonly VenuePools[], options: RouteOptions): Routing {
  const pools = venues.flatMap((each) => ('pools' in each ? each.pools : []))
  const { allowed, forbidden } = byVenue(pools, options.venues)
  const query = {
    mintIn: trade.tokenIn.mint,
    mintOut: trade.tokenOut.mint,
    through: options.maxLegs < 2 ? [] : options.intermediates,
    amountIn: trade.amountIn,
  }
  const network = networkOf(query, allowed, options.hopBufferBps)
  const whole = network.direct.map((candidate) => ({
    candidate,
    quote: quoteFrom(candidate, trade.amountIn),
  }))
  const answers = venues.map((venue) => answerOf(trade, venue, whole))
  const unroutable = (failure: Failure): Routing => ({ kind: 'unroutable', answers, failure })
  const asked = answers.filter(({ venue }) => options.venues?.includes(venue) ?? true)
  if (network.candidates.length === 0) return unroutable(whyNone(asked))

  const limits = { isUnsplit: false, ...options }
  const found = searchRoute(network, trade.amountIn, whole, limits)
  if (found.kind === 'none') {
    if (isPassing(asked)) return unroutable(whyNone(asked))
    const most = `${formatAmount(found.mostIn, trade.tokenIn.decimals)} ${trade.tokenIn.symbol}`
    const isTooSmall = found.code === 'amount_too_small'
    const detail = isTooSmall ? 'no pool pays a unit for it' : `the pools would take at most ${most}`
    return unroutable({ code: found.code, detail })
  }
  const restricted = tradesOnTheWay(query, forbidden)
  const comparison = compare(found, {
    network,
    amountIn: trade.amountIn,
    isUnsplit: limits.isUnsplit,
    restricted,
  })
  const { priceImpactBps } = comparison
  if (options.maxPriceImpactBps !== undefined && priceImpactBps > options.maxPriceImpactBps) {
    if (isPassing(asked)) return unroutable(whyNone(asked))
    const detail = `the price impact is ${priceImpactBps} bps, at most ${options.maxPriceImpactBps} are allowed`
    return unroutable({ code: 'price_impact_too_high', detail })
  }
  return { kind: 'routed', answers, route: routeOf(trade, found.route, comparison, answers) }
}

/** The pools of the venues that an order allows, and the others. */
function byVenue(pools: readonly RoutablePool[], venues: RouteConstraints['venues']) {
  if (venues === undefined) return { allowed: pools, forbidden: [] }
  return {
    allowed: pools.filter(({ venue }) => venues.includes(venue)),
    forbidden: pools.filter(({ venue }) => !venues.includes(venue)),
  }
}

function routeOf(
  trade: Trade,
  exact: ExactRoute,
  comparison: RouteComparison,
  answers: readonly VenueAnswer[],
): Route {
  const amountOut = baseUnits(exact.amountOut)
  return {
    legs: exact.legs.map(({ candidate: { pool, aToB }, amountIn, amountOut }) => ({
      venue: pool.venue,
      pool: pool.pool,
      program: pool.program,
      tokenIn: aToB ? pool.tokenA : pool.tokenB,
      tokenOut: aToB ? pool.tokenB : pool.tokenA,
      amountIn: baseUnits(amountIn),
      amountOut: baseUnits(amountOut),
    })),
    amountOut,
    minAmountOut: minOut(amountOut, trade.slippageBps),
    reason: [sentence(exact, comparison), ...answers.flatMap(absence)].join('; '),
    comparison,
  }
}

/** Names a venue that is missing for its own reasons, not because of the trade. */
function absence(answer: VenueAnswer): string[] {
  return 'refusal' in answer && answer.refusal.code !== 'no_pool'
    ? [`${answer.venue} left out: ${answer.refusal.code}`]
    : []
}

/** A venue's answer for the log: the quote of each of its pools of the pair for the whole amount. */
function answerOf(trade: Trade, given: VenuePools, whole: readonly WholeQuote[]): VenueAnswer {
  if ('refusal' in given) return given
  const { venue, latencyMs } = given
  const own = whole.filter(({ candidate }) => candidate.pool.venue === venue)
  if (own.length === 0) {
    return { venue, latencyMs, refusal: { code: 'no_pool', detail: 'no pool trades this pair' } }
  }
  const quotes = own.flatMap(({ candidate, quote }): PoolQuote[] => {
    if (quote.kind === 'refused') return []
    const { pool, program, slot } = candidate.pool
    return [
      {
        venue,
        pool,
        program,
        amountIn: trade.amountIn,
        amountOut: baseUnits(quote.amountOut),
        fee: baseUnits(quote.fee),
        feeToken: quote.feeOnInput ? trade.tokenIn : trade.tokenOut,
        priceImpactBps: poolImpactBps(candidate, trade.amountIn, quote.amountOut),
        slot,
      },
    ]
  })
  const [refusal] = own.flatMap(({ quote }) => (quote.kind === 'refused' ? [quote] : []))
  if (quotes.length > 0 || refusal === undefined) return { venue, latencyMs, quotes }
  const { reason, detail } = refusal
  const isTold =
    reason === 'amount_too_small' || reason === 'insufficient_liquidity' || reason === 'quote_rejected'
  return { venue, latencyMs, refusal: { code: isTold ? reason : 'no_pool', detail } }
}
