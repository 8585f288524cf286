// Owns the depth of the market as this process last saw it: no venue is asked.

import type { RouteRequest } from '../domain/route.ts'
import { type Depth, depthOver } from '../domain/routing/depth.ts'
import { offerOf } from '../domain/routing/offer.ts'
import { type Millis, sleep } from '../timing/clock.ts'
import type { LookDeps } from './looks.ts'

/** As of that slot. */
export type SeenDepth = Depth & { readonly slot: number; readonly at: Millis }

/** Null where no pool trades the pair. Rejects when the market cannot be read. */
export function createDepth({ marketData, routing, clock }: LookDeps) {
  const pause = () => sleep(clock, 0)
  return async (trade: RouteRequest, points: number): Promise<SeenDepth | null> => {
    const { tokenIn, tokenOut } = trade
    const query = { mintIn: tokenIn.mint, mintOut: tokenOut.mint, through: routing.intermediates }
    const { slot, at, venues } = await marketData.view(query)
    const hasNone = venues.every((each) => 'pools' in each && each.pools.length === 0)
    if (hasNone) return null
    return { slot, at, ...(await depthOver(trade, offerOf(trade, venues, routing), routing, points, pause)) }
  }
}
