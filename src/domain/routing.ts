// Owns routing: from what the venues answered to the route that pays most.

import { baseUnits, formatAmount, minOut, shortfallBps } from './amount.ts'
import { compare, poolImpactBps, sentence } from './comparison.ts'
import type { RoutablePool } from './curve.ts'
import type { Failure } from './failure.ts'
import type {
  Leg,
  OrderSpec,
  PoolQuote,
  Route,
  RouteComparison,
  VenueAnswer,
  VenueName,
  VenueRefusal,
  VenueRefusalCode,
} from './order.ts'
import { searchRoute, type WholeQuote } from './routeSearch.ts'
import type { Settled } from './settling.ts'
import { networkOf, tradesOnTheWay } from './splitting.ts'

export type Routing =
  | { readonly kind: 'routed'; readonly answers: readonly VenueAnswer[]; readonly route: Route }
  | { readonly kind: 'unroutable'; readonly answers: readonly VenueAnswer[]; readonly failure: Failure }

/** A quote this much better than the other venue's best is a mistake or a lie, not a bargain. */
const BELIEVABLE_LEAD_BPS = 2_000

type Trade = Pick<OrderSpec, 'tokenIn' | 'tokenOut' | 'amountIn' | 'slippageBps'>

/**
 * The route with the best output net of fees and price impact, and why. Answers that cannot be true are refused first
 * and named. Equal outputs go to the venue that answered first in the list, so the choice is deterministic.
 */
export function chooseRoute(trade: Trade, given: readonly VenueAnswer[]): Routing {
  const answers = refuseTheUnbelievable(given.map((answer) => refuseTheWrong(trade, answer)))
  const quotes = answers.flatMap(quotesOf).sort((a, b) => Number(b.amountOut - a.amountOut))
  const [best] = quotes
  if (best === undefined) return { kind: 'unroutable', answers, failure: whyNone(answers) }
  const { venue, pool, program, amountIn, amountOut } = best
  const leg = { venue, pool, program, tokenIn: trade.tokenIn, tokenOut: trade.tokenOut, amountIn, amountOut }
  const route = {
    legs: [leg],
    amountOut,
    minAmountOut: minOut(amountOut, trade.slippageBps),
    reason: explain(best, answers),
  }
  return { kind: 'routed', answers, route }
}

const quotesOf = (answer: VenueAnswer): readonly PoolQuote[] => ('quotes' in answer ? answer.quotes : [])

/** A venue's answer is refused whole when any quote of it cannot belong to this trade. */
function refuseTheWrong(trade: Trade, answer: VenueAnswer): VenueAnswer {
  const wrong = quotesOf(answer).find(
    (quote) => quote.amountIn !== trade.amountIn || quote.amountOut <= 0n || quote.venue !== answer.venue,
  )
  return wrong === undefined ? answer : refused(answer, `it quoted ${wrong.amountOut} for ${wrong.amountIn}`)
}

function refuseTheUnbelievable(answers: readonly VenueAnswer[]): readonly VenueAnswer[] {
  return answers.map((answer) => {
    const best = bestOf([answer])
    const rival = bestOf(answers.filter((other) => other.venue !== answer.venue))
    if (best === undefined || rival === undefined) return answer
    const leadBps = -shortfallBps(rival.amountOut, best.amountOut)
    if (leadBps <= BELIEVABLE_LEAD_BPS) return answer
    return refused(answer, `its quote is ${Math.round(leadBps)} bps above ${rival.venue}'s`)
  })
}

function refused({ venue, latencyMs }: VenueAnswer, detail: string): VenueAnswer {
  return { venue, latencyMs, refusal: { code: 'quote_rejected', detail } }
}

function bestOf(answers: readonly VenueAnswer[]): PoolQuote | undefined {
  return answers
    .flatMap(quotesOf)
    .reduce<PoolQuote | undefined>(
      (best, quote) => (best && best.amountOut >= quote.amountOut ? best : quote),
      undefined,
    )
}

function explain(best: PoolQuote, answers: readonly VenueAnswer[]): string {
  const rivals = answers.filter((answer) => answer.venue !== best.venue)
  const said = rivals.map((answer) => {
    const quote = bestOf([answer])
    if (quote !== undefined) return `${gainBps(best, quote)} bps more than ${answer.venue}`
    return `${answer.venue} left out: ${'refusal' in answer ? answer.refusal.code : 'no_pool'}`
  })
  return [`${best.venue} pays most`, ...said].join('; ')
}

const gainBps = (best: PoolQuote, other: PoolQuote) => -shortfallBps(other.amountOut, best.amountOut)

/** What to tell the user: a fault that may pass (retry) outweighs a final refusal by another venue. */
function whyNone(answers: readonly VenueAnswer[]): Failure {
  const refusals = answers.flatMap((answer) =>
    'refusal' in answer ? [{ venue: answer.venue, ...answer.refusal }] : [nothing(answer.venue)],
  )
  const detail = refusals.map((refusal) => `${refusal.venue}: ${refusal.code}, ${refusal.detail}`).join('; ')
  const said = (code: VenueRefusalCode) => refusals.some((refusal) => refusal.code === code)
  if (said('venue_timeout') || said('venue_unavailable') || said('quote_rejected')) {
    return { code: 'quotes_unavailable', detail }
  }
  if (said('insufficient_liquidity')) return { code: 'insufficient_liquidity', detail }
  if (said('amount_too_small')) return { code: 'amount_too_small', detail }
  return { code: 'no_route', detail }
}

const nothing = (venue: VenueName) => ({
  venue,
  code: 'no_pool' as const,
  detail: 'no pool trades this pair',
})

/**
 * The least a leg may pay. A leg into the output: its share of the route's minimum, rounded up, so that the legs together
 * pay the order's minimum at least. A leg into an intermediate token: its share of what the legs out of that token take.
 * Those amounts are fixed bytes in the transaction, so less must revert it, and more stays in the wallet. They are what
 * the first hop is quoted to pay (less `hopBufferBps`), not what it would pay at the order's worst slippage: then every
 * fill would leave that slippage behind in the intermediate token, while a revert costs one network fee and a retry.
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

// ---- over the pools themselves ------------------------------------------------------------------------------------

/** The pools of one venue as they stand, or why there are none. */
export type VenuePools =
  | { readonly venue: VenueName; readonly latencyMs: number; readonly pools: readonly RoutablePool[] }
  | { readonly venue: VenueName; readonly latencyMs: number; readonly refusal: VenueRefusal }

export type RouteOptions = {
  /** The most swaps that one route may hold; at least 1. */
  readonly maxLegs: number
  /** What each swap costs beside its pool's fee (its share of the network fee), in base units of the output. */
  readonly legCost: bigint
  /** Mints of the tokens through which a route may go. */
  readonly intermediates: readonly string[]
  /**
   * How far a first hop may fall short of its quote before the transaction reverts, in bps; 0 when absent. So much of
   * the intermediate token is not counted on, and stays in the wallet when the first hop does pay it.
   */
  readonly hopBufferBps?: number
  /** The venues allowed; all when absent. */
  readonly venues?: readonly VenueName[]
  /** All of the amount goes one way: through one pool, or through one and then another. */
  readonly isUnsplit?: boolean
  /** The most by which the amount itself may worsen the price, against the same split at the pools' present prices. */
  readonly maxPriceImpactBps?: number
}

/**
 * The route that pays most net of the cost of its legs: the amount split over pools and venues, directly and through the
 * intermediate tokens. Its amounts are the pools' own quotes, to the unit. Depends on the pools alone, not on their
 * order; never pays less, net, than the best single pool or the best single venue.
 */
export function findRoute(trade: Trade, venues: readonly VenuePools[], options: RouteOptions): Routing {
  const isAllowed = ({ venue }: { venue: VenueName }) => options.venues?.includes(venue) ?? true
  const pools = venues.flatMap((each) => ('pools' in each ? each.pools : []))
  const passage = {
    mintIn: trade.tokenIn.mint,
    mintOut: trade.tokenOut.mint,
    intermediates: options.maxLegs < 2 ? [] : options.intermediates,
    amountIn: trade.amountIn,
  }
  const network = networkOf(passage, pools.filter(isAllowed), options.hopBufferBps)
  const whole = network.direct.map((candidate) => ({
    candidate,
    quote: candidate.pool.quote(candidate.aToB, trade.amountIn),
  }))
  const answers = venues.map((venue) => answerOf(trade, venue, whole))
  const unroutable = (failure: Failure): Routing => ({ kind: 'unroutable', answers, failure })
  if (network.candidates.length === 0) return unroutable(whyNone(answers))

  const limits = { ...options, isUnsplit: options.isUnsplit ?? false }
  const found = searchRoute(network, trade.amountIn, whole, limits)
  if (found.kind === 'none') {
    const most = `${formatAmount(found.mostIn, trade.tokenIn.decimals)} ${trade.tokenIn.symbol}`
    const isTooSmall = found.code === 'amount_too_small'
    const detail = isTooSmall ? 'no pool pays a unit for it' : `the pools would take at most ${most}`
    return unroutable({ code: found.code, detail })
  }
  const restricted = tradesOnTheWay(passage, pools).filter((pool) => !isAllowed(pool))
  const comparison = compare(found, { ...limits, network, amountIn: trade.amountIn, restricted })
  const { priceImpactBps } = comparison
  if (options.maxPriceImpactBps !== undefined && priceImpactBps > options.maxPriceImpactBps) {
    const detail = `the price impact is ${priceImpactBps} bps, at most ${options.maxPriceImpactBps} are allowed`
    return unroutable({ code: 'price_impact_too_high', detail })
  }
  return { kind: 'routed', answers, route: routeOf(trade, found.route, comparison) }
}

function routeOf(trade: Trade, settled: Settled, comparison: RouteComparison): Route {
  const amountOut = baseUnits(settled.amountOut)
  return {
    legs: settled.legs.map(({ candidate: { pool, aToB }, ...leg }) => ({
      venue: pool.venue,
      pool: pool.pool,
      program: pool.program,
      tokenIn: aToB ? pool.tokenA : pool.tokenB,
      tokenOut: aToB ? pool.tokenB : pool.tokenA,
      amountIn: baseUnits(leg.amountIn),
      amountOut: baseUnits(leg.amountOut),
    })),
    amountOut,
    minAmountOut: minOut(amountOut, trade.slippageBps),
    reason: sentence(settled, comparison),
    comparison,
  }
}

/** A venue's answer for the log: what each of its pools that trades the pair would pay for the whole amount. */
function answerOf(trade: Trade, given: VenuePools, whole: readonly WholeQuote[]): VenueAnswer {
  if ('refusal' in given) return given
  const { venue, latencyMs } = given
  const own = whole.filter(({ candidate }) => candidate.pool.venue === venue)
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
  const isSize = reason === 'amount_too_small' || reason === 'insufficient_liquidity'
  return { venue, latencyMs, refusal: { code: isSize ? reason : 'no_pool', detail } }
}
