// Owns the router: from the venues' answers to a route.

import type { Pair, RouteRequest } from '../domain/route.ts'
import type { Routing } from '../domain/routing/findRoute.ts'
import { type Offer, offerOf, type RoutingSettings, routeOver } from '../domain/routing/offer.ts'
import type { Observe } from '../observe.ts'
import { type Asking, askVenues, type VenueDeps } from './askVenues.ts'

export type QuoteDeps = VenueDeps & {
  readonly observe: Observe
  readonly routing: RoutingSettings
}

/** The best route for a trade as the market stands now. */
export type RouteNow = (trade: RouteRequest) => Promise<Routing>

/** One question to the venues, and how many orders share its answer; the last of them ends it. */
type Question = { readonly asking: Asking; readonly soon: Promise<Offer>; sharers: number }

/**
 * Finds the best route over the answers that come in time, and names each venue that is late, down, behind an open breaker
 * or not believed. Orders for one pair that ask in the same turn of the event loop share one question.
 */
export function createRouter(deps: QuoteDeps): RouteNow {
  const { routing: settings } = deps
  const asked = new Map<string, Question>()

  function questionFor(pair: Pair): Question {
    const key = `${pair.tokenIn.mint} ${pair.tokenOut.mint}`
    const shared = asked.get(key)
    if (shared !== undefined) return shared
    if (asked.size === 0) queueMicrotask(() => asked.clear())
    const query = { mintIn: pair.tokenIn.mint, mintOut: pair.tokenOut.mint, through: settings.intermediates }
    const asking = askVenues(query, deps)
    const question = {
      asking,
      soon: asking.soon.then(() => offerOf(pair, asking.answers(), settings)),
      sharers: 0,
    }
    asked.set(key, question)
    return question
  }

  return async (trade) => {
    const question = questionFor(trade)
    const { asking } = question
    question.sharers += 1
    try {
      let routing = routeOver(trade, await question.soon, settings)
      // Without a route the hedge is worth nothing: wait for the late venue.
      if (routing.kind === 'unroutable' && asking.isOpen()) {
        await asking.all
        routing = routeOver(trade, offerOf(trade, asking.answers(), settings), settings)
      }
      for (const answer of routing.answers) deps.observe.venueAnswered(answer)
      return routing
    } finally {
      question.sharers -= 1
      if (question.sharers === 0) asking.end()
    }
  }
}
