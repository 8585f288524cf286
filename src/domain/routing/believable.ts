// Owns plausibility: which venue's answer is too old, or too good, to route over.

import type { RoutablePool } from '../pool.ts'
import { directionOf } from '../pool.ts'
import type { Pair, VenueName, VenueRefusal } from '../route.ts'

/** One venue's pools at this moment, or its refusal. */
export type VenuePools =
  | { readonly venue: VenueName; readonly latencyMs: number; readonly pools: readonly RoutablePool[] }
  | { readonly venue: VenueName; readonly latencyMs: number; readonly refusal: VenueRefusal }

/** A price this far above the other venues' best is an error, not a bargain. */
const BELIEVABLE_LEAD_BPS = 2_000

/** Stale: pools this far behind the other venues', about ten seconds on mainnet. */
const BELIEVABLE_LAG_SLOTS = 25

/** The venues' pools without those of a venue whose answer is impossible or stale; its refusal stands in their place. */
export function believable(pair: Pair, venues: readonly VenuePools[]): readonly VenuePools[] {
  const slots = venues.map((each) => ('pools' in each ? newestSlot(each.pools) : null))
  const now = Math.max(0, ...slots.filter((slot) => slot !== null && Number.isSafeInteger(slot)).map(Number))
  const isStale = slots.map((slot) => slot !== null && !(now - slot <= BELIEVABLE_LAG_SLOTS))
  const prices = venues.map((each, i) => {
    return 'pools' in each && !isStale[i] ? bestPrice(pair, each.pools) : null
  })
  return venues.map((each, i) => {
    const { venue, latencyMs } = each
    const refused = (code: 'quote_stale' | 'quote_rejected', detail: string): VenuePools => {
      return { venue, latencyMs, refusal: { code, detail } }
    }
    if (!('pools' in each)) return each
    if (each.pools.some((pool) => pool.venue !== venue)) {
      return refused('quote_rejected', "it names another venue's pools as its own")
    }
    if (isStale[i])
      return refused('quote_stale', `its pools are of slot ${slots[i]}, the other venue's of ${now}`)
    const detail = doubt(prices, i)
    return detail === null ? each : refused('quote_rejected', detail)
  })
}

/** The reason why this venue's price is implausible beside the others', or null. */
function doubt(prices: readonly (number | null)[], own: number): string | null {
  const price = prices[own] ?? null
  if (price === null) return null
  if (!isPrice(price)) return `its price is ${price}`
  const rival = Math.max(0, ...prices.filter((other, i) => i !== own && isPrice(other)).map(Number))
  const leadBps = rival === 0 ? 0 : Math.round((price / rival - 1) * 10_000)
  return leadBps <= BELIEVABLE_LEAD_BPS ? null : `its price is ${leadBps} bps above the other venue's`
}

const isPrice = (price: number | null): boolean =>
  price !== null && price > 0 && price < Number.POSITIVE_INFINITY

/** Null where there are no pools. */
const newestSlot = (pools: readonly RoutablePool[]): number | null =>
  pools.length === 0 ? null : Math.max(...pools.map(({ slot }) => slot))

/** The best first-unit price among the pools of the pair, or the first that is no price at all; null without such pools. */
function bestPrice({ tokenIn, tokenOut }: Pair, pools: readonly RoutablePool[]): number | null {
  let best: number | null = null
  for (const pool of pools) {
    const aToB = directionOf(pool, tokenIn.mint, tokenOut.mint)
    if (aToB === null) continue
    for (const { price } of pool.segments(aToB)) {
      if (!isPrice(price)) return price
      best = Math.max(best ?? 0, price)
      break
    }
  }
  return best
}
