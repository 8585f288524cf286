// Owns the price impact of orders that are placed: which amounts worsen the price so far that they need consent.

import type { BaseUnits } from '../domain/amount.ts'
import type { RouteRequest } from '../domain/route.ts'
import { offerOf, routeOver } from '../domain/routing/offer.ts'
import { CONSENT_IMPACT_BPS } from '../domain/triggers/atOnce.ts'
import type { LookDeps } from './looks.ts'

/** The price impact in bps where it needs consent; null where it is less, or where no price is seen. Never rejects. */
export type HeavyImpactOf = (trade: RouteRequest) => Promise<number | null>

/** For so long an amount counts as light, and an older view of the market shows no price. */
const LIGHT_MS = 1_000
const MAX_AGE_MS = 5_000
/** Half of what needs consent: what is light stays below that even when the market gets thinner meanwhile. */
const LIGHT_BPS = CONSENT_IMPACT_BPS / 2

/** What so few base units lose, they lose to rounding. */
const DUST = 100n

/**
 * Quoting costs as much as all else that placing an order does. So a pair keeps the largest amount that was light a moment
 * ago: no smaller one is quoted.
 */
export function createHeavyImpact({ marketData, clock, routing }: LookDeps): HeavyImpactOf {
  const light = new Map<string, BaseUnits>()
  let since = Number.NEGATIVE_INFINITY

  function forgetOld(): void {
    const age = clock.now() - since
    if (age >= 0 && age < LIGHT_MS) return
    light.clear()
    since = clock.now()
  }

  const isLight = (key: string, amountIn: BaseUnits) => amountIn <= (light.get(key) ?? 0n)

  return async (trade) => {
    const { tokenIn, tokenOut, amountIn, slippageBps } = trade
    const { maxPriceImpactBps, ...constraints } = trade.constraints
    // It would not trade at such an impact.
    if (maxPriceImpactBps !== undefined && maxPriceImpactBps < CONSENT_IMPACT_BPS) return null
    forgetOld()
    const key = `${tokenIn.mint} ${tokenOut.mint} ${JSON.stringify(constraints)}`
    if (isLight(key, amountIn)) return null
    const query = { mintIn: tokenIn.mint, mintOut: tokenOut.mint, through: routing.intermediates }
    const view = await marketData.view(query).catch(() => null)
    if (view === null || clock.now() - view.at > MAX_AGE_MS) return null
    // Of many orders that came at once, the first may have been quoted by now.
    if (isLight(key, amountIn)) return null
    const plain = { tokenIn, tokenOut, amountIn, slippageBps, constraints }
    const routed = routeOver(plain, offerOf(plain, view.venues, routing), routing)
    if (routed.kind === 'unroutable' || amountIn < DUST || routed.route.amountOut < DUST) return null
    const impactBps = routed.route.comparison?.priceImpactBps ?? 0
    if (impactBps <= LIGHT_BPS) light.set(key, amountIn)
    return impactBps < CONSENT_IMPACT_BPS ? null : impactBps
  }
}
