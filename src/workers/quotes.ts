// Owns asking the venues: all at once, each with the same deadline, none able to hold up the others; and the route over
// what they say.

import type { RoutablePool } from '../domain/curve.ts'
import type { OrderSpec, VenueRefusal } from '../domain/order.ts'
import type { Clock, Stop, Venue, Way } from '../domain/ports.ts'
import { believable, findRoute, type Routing, type VenuePools } from '../domain/routing.ts'
import type { Observe } from '../observe.ts'

export type QuoteDeps = {
  readonly venues: readonly Venue[]
  readonly clock: Clock
  readonly observe: Observe
  readonly quoteTimeoutMs: number
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

export type Trade = Pick<OrderSpec, 'tokenIn' | 'tokenOut' | 'amountIn' | 'slippageBps' | 'limits'>

/** The best route over all that the venues say within the deadline; names each that is late, down or not to be believed. */
export async function routeNow(trade: Trade, deps: QuoteDeps): Promise<Routing> {
  const { maxLegs, intermediates, legCostLamports, feeMint } = deps.routing
  const hopBufferBps = Math.min(deps.routing.hopBufferBps, trade.slippageBps)
  const way = { mintIn: trade.tokenIn.mint, mintOut: trade.tokenOut.mint, through: intermediates }
  const venues = believable(trade, await collectPools(way, deps))
  const pools = venues.flatMap((venue) => ('pools' in venue ? venue.pools : []))
  const legCost = inOutput(legCostLamports, feeMint, trade.tokenOut.mint, pools)
  const routing = findRoute(trade, venues, {
    ...trade.limits,
    maxLegs,
    intermediates,
    hopBufferBps,
    legCost,
  })
  for (const answer of routing.answers) deps.observe.venueAnswered(answer)
  return routing
}

async function collectPools(way: Way, deps: QuoteDeps): Promise<VenuePools[]> {
  const { clock, quoteTimeoutMs, venues } = deps
  const askedAt = clock.now()
  let cancel: Stop = () => {}
  const deadline = new Promise<Said>((resolve) => {
    const detail = `no answer within ${quoteTimeoutMs} ms`
    cancel = clock.after(quoteTimeoutMs, () => resolve({ refusal: { code: 'venue_timeout', detail } }))
  })
  const answers = await Promise.all(
    venues.map(async (venue): Promise<VenuePools> => {
      const said = await Promise.race([ask(venue, way), deadline])
      return { venue: venue.name, latencyMs: clock.now() - askedAt, ...said }
    }),
  )
  cancel()
  return answers
}

type Said = { readonly pools: readonly RoutablePool[] } | { readonly refusal: VenueRefusal }

async function ask(venue: Venue, way: Way): Promise<Said> {
  try {
    return { pools: await venue.routable(way) }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return { refusal: { code: 'venue_unavailable', detail } }
  }
}

/** A cost in base units of the output, at the best price at hand; 0 where the fee's token does not trade for it. */
function inOutput(cost: bigint, feeMint: string, mintOut: string, pools: readonly RoutablePool[]): bigint {
  if (cost === 0n || feeMint === mintOut) return cost
  let best = 0n
  for (const pool of pools) {
    const aToB = pool.tokenA.mint === feeMint && pool.tokenB.mint === mintOut
    const bToA = pool.tokenB.mint === feeMint && pool.tokenA.mint === mintOut
    if (!aToB && !bToA) continue
    const quote = pool.quote(aToB, cost)
    if (quote.kind === 'quoted' && quote.amountOut > best) best = quote.amountOut
  }
  return best
}
