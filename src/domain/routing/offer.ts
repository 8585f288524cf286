// Owns the offer of the market for one pair: the pools that are believed, what a leg costs, and the route over them.

import { directionOf, type RoutablePool } from '../pool.ts'
import type { Pair, RouteRequest } from '../route.ts'
import { believable, type VenuePools } from './believable.ts'
import { findRoute, type Routing } from './findRoute.ts'

export type RoutingSettings = {
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

/** What can be traded for one pair: each venue's answer, and what a leg costs in the output. */
export type Offer = { readonly venues: readonly VenuePools[]; readonly legCost: bigint }

export function offerOf(pair: Pair, answers: readonly VenuePools[], settings: RoutingSettings): Offer {
  const venues = believable(pair, answers)
  const pools = venues.flatMap((venue) => ('pools' in venue ? venue.pools : []))
  return { venues, legCost: inOutput(settings.legCostLamports, settings.feeMint, pair.tokenOut.mint, pools) }
}

export const routeOver = (
  trade: RouteRequest,
  { venues, legCost }: Offer,
  { maxLegs, intermediates, hopBufferBps }: RoutingSettings,
): Routing =>
  findRoute(trade, venues, {
    legCost,
    ...trade.constraints,
    maxLegs,
    intermediates,
    hopBufferBps: Math.min(hopBufferBps, trade.slippageBps),
  })

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
