import type { RoutablePool } from '../pool.ts'
import { directionOf } from '../pool.ts'
import type { Pair, VenueName, VenueRefusal } from '../route.ts'

/** The pools of one venue as they stand, or why there are none. */
export type VenuePools =
  | { readonly venue: VenueName; readonly latencyMs: number; readonly pools: readonly RoutablePool[] }
  | { readonly venue: VenueName; readonly latencyMs: number; readonly refusal: VenueRefusal }

/** A price this much better than the other venue's best is a mistake or a lie, not a bargain. */
const BELIEVABLE_LEAD_BPS = 2_000

/** Pools this far behind the other venue's, about ten seconds of mainnet, are what the market was, not what it is. */
const BELIEVABLE_LAG_SLOTS = 25

/** The venues' pools, less those of a venue whose answer cannot be true or is of long ago: it is named instead. */
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

/** Why the price of this venue is not to be believed beside the others', or null. */
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

/** What the first unit pays in the best pool that trades the pair, or a price that makes no sense; null where none does. */
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
