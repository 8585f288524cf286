// Owns the prices of one pair at one moment, as the index of resting orders asks for them.

import { baseUnits, bps, MAX_BASE_UNITS } from '../domain/amount.ts'
import { directionOf, type RoutablePool } from '../domain/pool.ts'
import { LAUNCHES } from '../domain/ports/restingOrders.ts'
import type { Pair, RouteConstraints, RouteRequest } from '../domain/route.ts'
import type { VenuePools } from '../domain/routing/believable.ts'
import { firstPrice } from '../domain/routing/firstPrice.ts'
import { type Offer, offerOf, type RoutingSettings, routeOver } from '../domain/routing/offer.ts'
import type { Token } from '../domain/token.ts'
import type { Prices } from '../domain/triggers/levelIndex.ts'
import { fromSource, type LookDeps } from './looks.ts'

export type PriceQuery = {
  readonly mintIn: string
  readonly mintOut: string
  readonly source: string
  readonly constraints: RouteConstraints
}

export type SeenPrices = {
  /** Null while the market shows none. */
  readonly prices: Prices | null
  /** Whether every venue has answered. */
  readonly isWhole: boolean
}

/** Rejects when the market cannot be read. */
export function createPrices({ marketData, routing }: LookDeps) {
  return async (query: PriceQuery): Promise<SeenPrices> => {
    if (query.source === LAUNCHES) return { prices: ANY_PRICE, isWhole: true }
    const through = routing.intermediates
    const { venues } = await marketData.view({ mintIn: query.mintIn, mintOut: query.mintOut, through })
    const isWhole = venues.every((venue) => 'pools' in venue)
    return { prices: pricesIn(venues, query, routing), isWhole }
  }
}

function pricesIn(
  venues: readonly VenuePools[],
  { mintIn, mintOut, source, constraints }: PriceQuery,
  routing: RoutingSettings,
): Prices | null {
  const pair = pairOf(mintIn, mintOut, poolsIn(venues))
  if (pair === null) return null
  const offered = offerOf(pair, venues, routing)
  const offer = { ...offered, venues: fromSource(offered.venues, source) }
  const allowed = poolsIn(offer.venues).filter(({ venue }) => constraints.venues?.includes(venue) ?? true)
  const priceOf = (amountIn: bigint, amountOut: bigint) => Number(amountOut) / Number(amountIn)
  /** More slippage leaves a larger buffer between two hops, and so pays less. */
  const onRoute = (
    amountIn: number,
    offer: Offer,
    terms: Pick<RouteRequest, 'constraints' | 'slippageBps'>,
  ) => {
    const amount = toUnits(amountIn)
    const trade = { ...pair, amountIn: amount, ...terms }
    const routed = routeOver(trade, offer, routing)
    return routed.kind === 'routed' ? priceOf(amount, routed.route.amountOut) : null
  }
  const { maxPriceImpactBps: _, ...atAnyImpact } = constraints
  return {
    first: firstPrice({ mintIn, mintOut, through: routing.intermediates }, allowed),
    least(amountIn) {
      const amount = toUnits(amountIn)
      let best = 0n
      for (const pool of allowed) {
        const aToB = directionOf(pool, mintIn, mintOut)
        if (aToB === null) continue
        const quote = pool.quote(aToB, amount)
        if (quote.kind === 'quoted' && quote.amountOut > best) best = quote.amountOut
      }
      return priceOf(amount, best)
    },
    // As if legs cost nothing: what orders get without that cost falls with their amount.
    most: (amountIn) =>
      onRoute(amountIn, { ...offer, legCost: 0n }, { constraints: atAnyImpact, slippageBps: NONE }) ?? 0,
    exact: (amountIn, side) =>
      onRoute(amountIn, offer, { constraints, slippageBps: side === 'above' ? NONE : ALL }),
  }
}

/** Concerns whatever waits for a launch. */
const ANY_PRICE: Prices = { first: 1, most: () => 1, least: () => 1, exact: () => 1 }

const [NONE, ALL] = [bps(0), bps(10_000)]

/** The two tokens, as the pools name them; null where no pool holds one of them. */
export function pairOf(mintIn: string, mintOut: string, pools: readonly RoutablePool[]): Pair | null {
  const tokens = new Map<string, Token>()
  for (const { tokenA, tokenB } of pools) tokens.set(tokenA.mint, tokenA).set(tokenB.mint, tokenB)
  const [tokenIn, tokenOut] = [tokens.get(mintIn), tokens.get(mintOut)]
  return tokenIn === undefined || tokenOut === undefined ? null : { tokenIn, tokenOut }
}

export const poolsIn = (venues: readonly VenuePools[]) =>
  venues.flatMap((each) => ('pools' in each ? each.pools : []))

const toUnits = (amount: number) => {
  const units = BigInt(Math.round(amount))
  return baseUnits(units > MAX_BASE_UNITS ? MAX_BASE_UNITS : units)
}
