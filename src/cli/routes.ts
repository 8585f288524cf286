// Owns how quotes and a route are shown to a person.

import type { Quotes } from 'oee-client'
import { type Terminal, table } from './terminal.ts'

type Routing = Pick<Quotes, 'quotes'> &
  ({ readonly route: null; readonly failure: { readonly code: string; readonly detail: string } } | Routed)
type Routed = Pick<Extract<Quotes, { readonly minAmountOut: string }>, 'route' | 'minAmountOut'>

/** Every pool, then the route and the least that it pays, or why there is none. */
export function routeLines(routing: Routing, tokenOut: string, { paint }: Terminal): string[] {
  const rows = routing.quotes.map((quote) =>
    'error' in quote
      ? [quote.venue, '', quote.error, '', '']
      : [
          quote.venue,
          quote.pool.slice(0, 8),
          `${quote.amountOut} ${tokenOut}`,
          `${quote.fee} ${quote.feeToken}`,
          `${quote.priceImpactBps} bps`,
        ],
  )
  const quotes = table([['VENUE', 'POOL', 'PAYS', 'FEE', 'IMPACT'], ...rows], [2, 3, 4])
  if (routing.route === null) {
    const { code, detail } = routing.failure
    return [quotes, paint('red', `No route: ${detail} (${code})`)]
  }
  const { legs, amountOut, reason } = routing.route
  const way = legs.map(
    ({ venue, pool, amountIn, tokenIn }) => `${amountIn} ${tokenIn} on ${venue} ${pool.slice(0, 8)}`,
  )
  return [
    quotes,
    `Route: ${way.join(', ')}: ${paint('bold', `${amountOut} ${tokenOut}`)}, at least ${routing.minAmountOut} (${reason})`,
  ]
}
