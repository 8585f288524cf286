// Owns the curves of the depth: one for each venue, one for the route of an order. Statistics for the eye, not money: floats do.

import type { Depth } from 'oee-client'

export type Series = {
  readonly name: string
  /** Which dash and color: 0, 1 … for venues, 3 for the route. */
  readonly look: number
  /** At each point; null where the amount cannot be placed. */
  readonly outputs: readonly (string | null)[]
}

const ROUTE_LOOK = 3

export function seriesOf({ points }: Depth): readonly Series[] {
  const venues = [...new Set(points.flatMap((point) => point.venues.map(({ venue }) => venue)))]
  return [
    ...venues.map((name, look) => ({
      name,
      look,
      outputs: points.map((point) => point.venues.find(({ venue }) => venue === name)?.amountOut ?? null),
    })),
    { name: 'route', look: ROUTE_LOOK, outputs: points.map(({ route }) => route?.amountOut ?? null) },
  ]
}

/** The best price of the smallest amount, which all others are compared with. */
function firstPrice({ points }: Depth): number {
  const [first] = points
  const outputs = [...(first?.venues ?? []), ...(first?.route ? [first.route] : [])]
  return Math.max(0, ...outputs.map(({ amountOut }) => Number(amountOut) / Number(first?.amountIn)))
}

/** How much less each unit is paid than the first, in bps. */
export function lossBps(depth: Depth, amountIn: string, amountOut: string): number {
  const best = firstPrice(depth)
  return best === 0 ? 0 : Math.max(0, (1 - Number(amountOut) / Number(amountIn) / best) * 10_000)
}
