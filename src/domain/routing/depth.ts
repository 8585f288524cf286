// Owns depth: what each venue alone, and all of them together, pay for amounts of every size up to one, and the size at which
// another venue becomes the better one.

import { type BaseUnits, baseUnits } from '../amount.ts'
import { type RouteRequest, type VenueName, venueNames } from '../route.ts'
import { type Offer, type RoutingSettings, routeOver } from './offer.ts'

export type DepthPoint = {
  readonly amountIn: BaseUnits
  /** The best route within one venue; venues that cannot place the amount are left out. */
  readonly venues: readonly { readonly venue: VenueName; readonly amountOut: BaseUnits }[]
  /** What an order would get; null where the venues together cannot place the amount. */
  readonly amountOut: BaseUnits | null
}

/** From `amountIn` on, `to` pays more than `from`, which paid more below. */
export type Crossover = {
  readonly amountIn: BaseUnits
  readonly from: VenueName
  readonly to: VenueName
}

export type Depth = { readonly points: readonly DepthPoint[]; readonly crossovers: readonly Crossover[] }

/** The largest amount over the smallest. */
const SPAN = 1_000
/** Of an amount that is not the largest: a chosen size, which may be rounded. */
const DIGITS = 4
/** Halvings of the interval between two points: to a 250th of it, at least. */
const HALVINGS = 8
/** More are noise: two venues that pay the same to the unit. */
const MOST_CROSSOVERS = 4

/** At so many sizes, in equal ratios, the last of them the amount of `trade`. `pause` lets other work have its turn after each size. */
export async function depthOver(
  trade: RouteRequest,
  offer: Offer,
  settings: RoutingSettings,
  points: number,
  pause: () => Promise<void>,
): Promise<Depth> {
  const paid = (amountIn: BaseUnits, venues?: readonly VenueName[]) => {
    const constraints = { ...trade.constraints, ...(venues === undefined ? {} : { venues }) }
    const routing = routeOver({ ...trade, amountIn, constraints }, offer, settings)
    return routing.kind === 'routed' ? routing.route.amountOut : null
  }
  const venuesAt = (amountIn: BaseUnits) =>
    venueNames.flatMap((venue) => {
      const amountOut = paid(amountIn, [venue])
      return amountOut === null ? [] : [{ venue, amountOut }]
    })
  const found: DepthPoint[] = []
  for (const amountIn of sizesUpTo(trade.amountIn, points)) {
    found.push({ amountIn, venues: venuesAt(amountIn), amountOut: paid(amountIn) })
    await pause()
  }
  return { points: found, crossovers: crossoversIn(found, (amountIn) => betterOf(venuesAt(amountIn))) }
}

function sizesUpTo(most: BaseUnits, points: number): BaseUnits[] {
  const sizes = Array.from({ length: points - 1 }, (_, i) => {
    const size = (Number(most) / SPAN) * SPAN ** (i / (points - 1))
    return BigInt(Math.max(1, Math.round(Number(size.toPrecision(DIGITS)))))
  })
  return [...new Set(sizes.filter((size) => size < most)), most].map(baseUnits)
}

function crossoversIn(
  points: readonly DepthPoint[],
  betterAt: (amountIn: BaseUnits) => VenueName | null,
): Crossover[] {
  const crossovers: Crossover[] = []
  for (const [i, point] of points.entries()) {
    const before = points[i - 1]
    if (before === undefined || crossovers.length === MOST_CROSSOVERS) continue
    const [from, to] = [betterOf(before.venues), betterOf(point.venues)]
    if (from === null || to === null || from === to) continue
    let [low, high] = [before.amountIn, point.amountIn]
    for (let halving = 0; halving < HALVINGS && high - low > 1n; halving++) {
      const middle = baseUnits((low + high) / 2n)
      if (betterAt(middle) === from) low = middle
      else high = middle
    }
    crossovers.push({ amountIn: high, from, to })
  }
  return crossovers
}

/** The venue that pays most; null where none pays, or two pay the same. */
function betterOf(venues: DepthPoint['venues']): VenueName | null {
  const [best, next] = venues.toSorted((a, b) => (a.amountOut < b.amountOut ? 1 : -1))
  return best === undefined || best.amountOut === next?.amountOut ? null : best.venue
}
