// Owns the routes of the market: tokens, pools, and quotes side by side.

import { bps, formatAmount, MAX_SLIPPAGE_BPS } from '../domain/amount.ts'
import { venueNames } from '../domain/route.ts'
import { answerData, routedData } from '../domain/routeCodec.ts'
import { type ConstraintWords, readConstraints } from '../domain/specCodec.ts'
import type { Quotes } from '../domain/wire.ts'
import type { Routes } from './app.ts'
import type { HttpDeps } from './deps.ts'
import { readAmount } from './fields.ts'
import { readPair } from './orderRequest.ts'
import { denied, type FieldError } from './problems.ts'
import { ProblemBody, QuoteQuery, QuotesView } from './schemas.ts'
import { poolView } from './views.ts'

const config = { access: 'read' } as const

export function marketRoutes(app: Routes, deps: HttpDeps): void {
  const { tokens } = deps.market
  app.get('/api/tokens', { config, schema: { summary: 'The tokens that orders may name.' } }, async () => ({
    tokens: tokens.all,
  }))
  poolsRoute(app, deps)
  quotesRoute(app, deps.market)
}

/** A venue that does not answer is named in `unavailable`; the pools of the others are still listed. */
function poolsRoute(app: Routes, { market, observe }: HttpDeps): void {
  app.get('/api/pools', { config, schema: { summary: 'The pools of all venues.' } }, async () => {
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
  })
}

/** The same routing that an order gets, on the market as it is now; nothing is reserved. */
function quotesRoute(app: Routes, { tokens, defaultSlippageBps, routeNow }: HttpDeps['market']): void {
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
      const trade = { ...pair, amountIn, slippageBps: bps(slippageBps), constraints }
      const routing = await routeNow(trade)
      const asked = {
        tokenIn: pair.tokenIn.symbol,
        tokenOut: pair.tokenOut.symbol,
        amountIn: formatAmount(amountIn, pair.tokenIn.decimals),
        amountInBase: amountIn.toString(),
        slippageBps,
      }
      if (routing.kind === 'routed') return { ...asked, ...routedData(trade, routing) } satisfies Quotes
      const quotes = routing.answers.flatMap((answer) => answerData(pair.tokenOut, answer))
      return { ...asked, quotes, route: null, failure: routing.failure } satisfies Quotes
    },
  )
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
