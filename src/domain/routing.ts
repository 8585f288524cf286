// Owns routing: from what the venues answered to the route that pays most.

import { baseUnits, formatAmount, minOut } from './amount.ts'
import { compare, poolImpactBps, sentence } from './comparison.ts'
import type { RoutablePool } from './curve.ts'
import type { Failure } from './failure.ts'
import type {
  Leg,
  OrderSpec,
  PoolQuote,
  Route,
  RouteComparison,
  RouteLimits,
  VenueAnswer,
  VenueName,
  VenueRefusal,
  VenueRefusalCode,
} from './order.ts'
import { searchRoute, type WholeQuote } from './routeSearch.ts'
import { quoteFrom, type Settled } from './settling.ts'
import { networkOf, tradesOnTheWay } from './splitting.ts'

export type Routing =
  | { readonly kind: 'routed'; readonly answers: readonly VenueAnswer[]; readonly route: Route }
  | { readonly kind: 'unroutable'; readonly answers: readonly VenueAnswer[]; readonly failure: Failure }

/** A price this much better than the other venue's best is a mistake or a lie, not a bargain. */
const BELIEVABLE_LEAD_BPS = 2_000

type Trade = Pick<OrderSpec, 'tokenIn' | 'tokenOut' | 'amountIn' | 'slippageBps'>
type Pair = Pick<Trade, 'tokenIn' | 'tokenOut'>

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

/** The venues' pools, less those of a venue whose answer cannot be true: it is named instead. */
export function believable(pair: Pair, venues: readonly VenuePools[]): readonly VenuePools[] {
  const prices = venues.map((each) => ('pools' in each ? bestPrice(pair, each.pools) : 0))
  return venues.map((each, i) => {
    const rival = Math.max(0, ...prices.filter((price, j) => j !== i && Number.isFinite(price)))
    const detail = 'pools' in each ? doubt(each, prices[i] ?? 0, rival) : null
    if (detail === null) return each
    return { venue: each.venue, latencyMs: each.latencyMs, refusal: { code: 'quote_rejected', detail } }
  })
}

/** Why a venue with this best price is not to be believed beside another's, or null. */
function doubt(
  { venue, pools }: Extract<VenuePools, { pools: unknown }>,
  price: number,
  rival: number,
): string | null {
  if (pools.some((pool) => pool.venue !== venue)) return "it names another venue's pools as its own"
  if (!Number.isFinite(price)) return `its price is ${price}`
  const leadBps = rival === 0 ? 0 : Math.round((price / rival - 1) * 10_000)
  return leadBps <= BELIEVABLE_LEAD_BPS ? null : `its price is ${leadBps} bps above the other venue's`
}

/** What the first unit pays in the best pool that trades the pair; 0 where none does, NaN where one makes no sense. */
function bestPrice({ tokenIn, tokenOut }: Pair, pools: readonly RoutablePool[]): number {
  let best = 0
  for (const pool of pools) {
    const aToB = pool.tokenA.mint === tokenIn.mint && pool.tokenB.mint === tokenOut.mint
    if (!aToB && !(pool.tokenB.mint === tokenIn.mint && pool.tokenA.mint === tokenOut.mint)) continue
    for (const { price } of pool.segments(aToB)) {
      best = Math.max(best, price)
      break
    }
  }
  return best
}

export type RouteOptions = RouteLimits & {
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
    quote: quoteFrom(candidate, trade.amountIn),
  }))
  const answers = venues.map((venue) => answerOf(trade, venue, whole))
  const unroutable = (failure: Failure): Routing => ({ kind: 'unroutable', answers, failure })
  if (network.candidates.length === 0) return unroutable(whyNone(answers))

  const limits = { ...options, isUnsplit: options.isUnsplit ?? false }
  const found = searchRoute(network, trade.amountIn, whole, limits)
  if (found.kind === 'none') {
    // A venue that makes no sense now may do so later: that is no verdict on the amount.
    if (answers.some((answer) => 'refusal' in answer && answer.refusal.code === 'quote_rejected')) {
      return unroutable(whyNone(answers))
    }
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
  return { kind: 'routed', answers, route: routeOf(trade, found.route, comparison, answers) }
}

function routeOf(
  trade: Trade,
  settled: Settled,
  comparison: RouteComparison,
  answers: readonly VenueAnswer[],
): Route {
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
    reason: [sentence(settled, comparison), ...answers.flatMap(absence)].join('; '),
    comparison,
  }
}

/** Names a venue that had nothing to offer because of itself, not because of the trade. */
function absence(answer: VenueAnswer): string[] {
  return 'refusal' in answer && answer.refusal.code !== 'no_pool'
    ? [`${answer.venue} left out: ${answer.refusal.code}`]
    : []
}

/** A venue's answer for the log: what each of its pools that trades the pair would pay for the whole amount. */
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
