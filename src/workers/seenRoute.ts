// Owns the route over the market as this process last saw it: no venue is asked, so that it may be looked for often.

import type { MarketData } from '../domain/ports/marketData.ts'
import type { RouteRequest } from '../domain/route.ts'
import type { Routing } from '../domain/routing/findRoute.ts'
import { offerOf, routeOver } from '../domain/routing/offer.ts'
import type { Millis, Stop } from '../timing/clock.ts'
import type { LookDeps } from './looks.ts'

/** The route that an order would take, as of that slot, or why there is none. */
export type SeenRoute = { readonly slot: number; readonly at: Millis; readonly routing: Routing }

/** Rejects when the market cannot be read. */
export function createSeenRoute({ marketData, routing }: Omit<LookDeps, 'clock'>) {
  return async (trade: RouteRequest): Promise<SeenRoute> => {
    const { tokenIn, tokenOut } = trade
    const query = { mintIn: tokenIn.mint, mintOut: tokenOut.mint, through: routing.intermediates }
    const { slot, at, venues } = await marketData.view(query)
    return { slot, at, routing: routeOver(trade, offerOf(trade, venues, routing), routing) }
  }
}

/** Calls `listener` once in each slot, however often the market changes within it. */
export function onSlot({ onChange }: MarketData, listener: () => void): Stop {
  let last: number | null = null
  return onChange(({ slot }) => {
    if (slot === last) return
    last = slot
    listener()
  })
}
