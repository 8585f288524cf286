// Owns the routes of the market: tokens, pools, and quotes side by side.

import { bps, MAX_SLIPPAGE_BPS } from '../../domain/amount.ts'
import { type RouteRequest, venueNames } from '../../domain/route.ts'
import { type ConstraintWords, readConstraints } from '../../domain/specCodec.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { denied, type FieldError } from '../problems.ts'
import { readAmount } from '../requests/fields.ts'
import { readPair } from '../requests/orderRequest.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import { PoolsView, QuoteQuery, QuotesView, TokensView } from '../schemas/marketSchemas.ts'
import type { LiveQuotes } from '../streams/liveQuotes.ts'
import { poolView, quotesView } from '../views.ts'
import { addStreamRoute, type Carriers } from './streamRoutes.ts'

const config = { access: 'read' } as const

type Shared = Carriers & { readonly liveQuotes: LiveQuotes }

export function marketRoutes(app: Routes, deps: HttpDeps, shared: Shared): void {
  const { tokens } = deps.market
  app.get(
    '/api/tokens',
    { config, schema: { summary: 'The tokens that orders may name.', response: { 200: TokensView } } },
    async () => ({
      tokens: [...tokens.all],
    }),
  )
  poolsRoute(app, deps)
  quoteRoutes(app, deps, shared)
}

/** A venue that does not answer is named in `unavailable`; the pools of the others are still listed. */
function poolsRoute(app: Routes, { market, observe }: HttpDeps): void {
  app.get(
    '/api/pools',
    { config, schema: { summary: 'The pools of all venues.', response: { 200: PoolsView } } },
    async () => {
      const venues = await Promise.all(
        market.venues.map(async (venue) => {
          const pools = await venue.pools().catch((error) => {
            observe.fault('venue', error)
            return null
          })
          return { venue: venue.name, pools }
        }),
      )
      return {
        pools: venues.flatMap(({ pools }) => (pools ?? []).map(poolView)),
        unavailable: venues.flatMap(({ venue, pools }) => (pools === null ? [venue] : [])),
      }
    },
  )
}

/** The same routing that an order gets, on the market as it is now; nothing is reserved. */
function quoteRoutes(app: Routes, { market }: HttpDeps, { liveQuotes, ...shared }: Shared): void {
  app.get(
    '/api/quotes',
    {
      config,
      schema: {
        summary: 'What every venue would pay now, the route an order would take, and why.',
        querystring: QuoteQuery,
        response: { 200: QuotesView, '4xx': ProblemBody },
      },
    },
    async ({ query }) => {
      const trade = readTrade(query, market)
      return quotesView(trade, await market.routeNow(trade))
    },
  )

  addStreamRoute(
    app,
    {
      url: '/api/quotes/stream',
      summary: 'The same whenever it changes, at most once a slot, over WebSocket or server-sent events.',
      querystring: QuoteQuery,
      open: async (query) => liveQuotes.follow(readTrade(query, market)),
    },
    shared,
  )
}

/** Throws a Problem for a trade that cannot be quoted. */
function readTrade(query: QuoteQuery, { tokens, defaultSlippageBps }: HttpDeps['market']): RouteRequest {
  const errors: FieldError[] = []
  const pair = readPair(query.tokenIn, query.tokenOut, tokens, errors)
  const amountIn = pair === null ? null : readAmount(query.amountIn, pair.tokenIn, errors)
  const slippageBps = Number(query.slippageBps ?? defaultSlippageBps)
  if (slippageBps < 1 || slippageBps > MAX_SLIPPAGE_BPS) {
    const detail = `from 1 to ${MAX_SLIPPAGE_BPS}`
    errors.push({ field: 'slippageBps', code: 'slippage_invalid', detail })
  }
  if (pair === null || amountIn === null || errors.length > 0) throw denied(errors)
  const constraints = readConstraints(constraintWords(query))
  return { ...pair, amountIn, slippageBps: bps(slippageBps), constraints }
}

/** Constraints as a query spells them; the schema has checked the spelling. */
function constraintWords({ venues, maxPriceImpactBps, split }: QuoteQuery): ConstraintWords {
  const named = venues?.split(',')
  return {
    ...(named === undefined ? {} : { venues: venueNames.filter((name) => named.includes(name)) }),
    ...(maxPriceImpactBps === undefined ? {} : { maxPriceImpactBps: Number(maxPriceImpactBps) }),
    ...(split === undefined ? {} : { split: split !== 'false' }),
  }
}
