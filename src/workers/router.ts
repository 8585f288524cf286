// Owns the router: from the venues' answers to a route.

import type { RoutablePool } from '../domain/pool.ts'
import { directionOf } from '../domain/pool.ts'
import type { Pair, RouteRequest } from '../domain/route.ts'
import { believable, type VenuePools } from '../domain/routing/believable.ts'
import { findRoute, type Routing } from '../domain/routing/findRoute.ts'
import type { Observe } from '../observe.ts'
import { type Asking, askVenues, type VenueDeps } from './askVenues.ts'

export type QuoteDeps = VenueDeps & {
  readonly observe: Observe
  readonly routing: {
    readonly maxLegs: number
    /** Mints of the tokens through which a route may go. */
    readonly intermediates: readonly string[]
    /** How far the first of two hops may fall short of its quote, as far as the order's slippage allows. */
    readonly hopBufferBps: number
    /** What one more swap costs in a transaction, in lamports. */
    readonly legCostLamports: bigint
    /** The mint in which that is paid. */
    readonly feeMint: string
  }
}

/** The best route for a trade as the market stands now. */
export type RouteNow = (trade: RouteRequest) => Promise<Routing>

/** What can be traded for one pair: each venue's answer, and what a leg costs in the output. */
type Offer = { readonly venues: readonly VenuePools[]; readonly legCost: bigint }

/** One question to the venues, and how many orders share its answer; the last of them ends it. */
type Question = { readonly asking: Asking; readonly soon: Promise<Offer>; sharers: number }

/**
 * Finds the best route over the answers that come in time, and names each venue that is late, down, behind an open breaker
 * or not believed. Orders for one pair that ask in the same turn of the event loop share one question.
 */
export function createRouter(deps: QuoteDeps): RouteNow {
  const { maxLegs, intermediates, hopBufferBps, legCostLamports, feeMint } = deps.routing
  const asked = new Map<string, Question>()

  function questionFor(pair: Pair): Question {
    const key = `${pair.tokenIn.mint} ${pair.tokenOut.mint}`
    const shared = asked.get(key)
    if (shared !== undefined) return shared
    if (asked.size === 0) queueMicrotask(() => asked.clear())
    const query = { mintIn: pair.tokenIn.mint, mintOut: pair.tokenOut.mint, through: intermediates }
    const asking = askVenues(query, deps)
    const question = { asking, soon: asking.soon.then(() => offerOf(pair, asking)), sharers: 0 }
    asked.set(key, question)
    return question
  }

  function offerOf(pair: Pair, asking: Asking): Offer {
    const venues = believable(pair, asking.answers())
    const pools = venues.flatMap((venue) => ('pools' in venue ? venue.pools : []))
    return { venues, legCost: inOutput(legCostLamports, feeMint, pair.tokenOut.mint, pools) }
  }

  const routeOver = (trade: RouteRequest, { venues, legCost }: Offer): Routing =>
    findRoute(trade, venues, {
      legCost,
      ...trade.constraints,
      maxLegs,
      intermediates,
      hopBufferBps: Math.min(hopBufferBps, trade.slippageBps),
    })

  return async (trade) => {
    const question = questionFor(trade)
    const { asking } = question
    question.sharers += 1
    try {
      let routing = routeOver(trade, await question.soon)
      // Without a route the hedge is worth nothing: wait for the late venue.
      if (routing.kind === 'unroutable' && asking.isOpen()) {
        await asking.all
        routing = routeOver(trade, offerOf(trade, asking))
      }
      for (const answer of routing.answers) deps.observe.venueAnswered(answer)
      return routing
    } finally {
      question.sharers -= 1
      if (question.sharers === 0) asking.end()
    }
  }
}

/** A cost in base units of the output, at the best price of these pools; 0 where the fee's token does not trade for it. */
function inOutput(cost: bigint, feeMint: string, mintOut: string, pools: readonly RoutablePool[]): bigint {
  if (cost === 0n || feeMint === mintOut) return cost
  let best = 0n
  for (const pool of pools) {
    const aToB = directionOf(pool, feeMint, mintOut)
    if (aToB === null) continue
    const quote = pool.quote(aToB, cost)
    if (quote.kind === 'quoted' && quote.amountOut > best) best = quote.amountOut
  }
  return best
}
