// Owns the routes of the market: tokens, pools, quotes side by side, and what landed on the simulated chain.

import type { Principal } from '../domain/access.ts'
import { bps, formatAmount } from '../domain/amount.ts'
import { type OrderId, parseOrderId } from '../domain/order.ts'
import type { RouteConstraints, VenueName } from '../domain/route.ts'
import { answerData, routedData } from '../domain/routeCodec.ts'
import { principalOf, requireScope } from './access.ts'
import type { HttpDeps } from './deps.ts'
import { MAX_SLIPPAGE_BPS, readAmount, readPair } from './orderRequest.ts'
import type { Routes } from './orderRoutes.ts'
import { denied, type FieldError, Problem } from './problems.ts'
import { ProblemBody, QuoteQuery, QuotesView, SwapsPage, SwapsQuery } from './schemas.ts'
import { poolView, swapView } from './views.ts'

/** The limits of a route as a query spells them; the schema has checked the spelling. */
function readConstraints({ venues, maxPriceImpactBps, split }: QuoteQuery): RouteConstraints {
  return {
    ...(venues === undefined ? {} : { venues: venues.split(',') as VenueName[] }),
    ...(maxPriceImpactBps === undefined ? {} : { maxPriceImpactBps: Number(maxPriceImpactBps) }),
    ...(split === undefined ? {} : { isUnsplit: split === 'false' }),
  }
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

export function marketRoutes(app: Routes, deps: HttpDeps): void {
  const config = { access: 'read' } as const

  app.get('/api/tokens', { config, schema: { summary: 'The tokens that orders may name.' } }, async () => ({
    tokens: deps.tokens.all,
  }))

  app.get('/api/pools', { config, schema: { summary: 'The pools of all venues.' } }, async () => {
    const venues = await Promise.all(
      deps.venues.map(async (venue) => {
        const pools = await venue.pools().catch((error) => {
          deps.observe.fault('venue', error)
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
    async (request) => {
      const { query } = request
      const errors: FieldError[] = []
      const pair = readPair(query.tokenIn, query.tokenOut, deps.tokens, errors)
      const amountIn = pair === null ? null : readAmount(query.amountIn, pair.tokenIn, errors)
      const slippageBps = Number(query.slippageBps ?? deps.defaultSlippageBps)
      if (slippageBps < 1 || slippageBps > MAX_SLIPPAGE_BPS) {
        errors.push({
          field: 'slippageBps',
          code: 'slippage_invalid',
          detail: `from 1 to ${MAX_SLIPPAGE_BPS}`,
        })
      }
      if (pair === null || amountIn === null || errors.length > 0) throw denied(errors)
      const trade = { ...pair, amountIn, slippageBps: bps(slippageBps), constraints: readConstraints(query) }
      const routing = await deps.routeNow(trade)
      const asked = {
        tokenIn: pair.tokenIn.symbol,
        tokenOut: pair.tokenOut.symbol,
        amountIn: formatAmount(amountIn, pair.tokenIn.decimals),
        amountInBase: amountIn.toString(),
        slippageBps,
      }
      if (routing.kind === 'routed') return { ...asked, ...routedData(trade, routing) }
      const quotes = routing.answers.flatMap((answer) => answerData(pair.tokenOut, answer))
      return { ...asked, quotes, route: null, failure: routing.failure }
    },
  )

  const maySee = async ({ owner, scopes }: Principal, id: OrderId) =>
    scopes.includes('admin') || (await deps.store.load(id))?.order.spec.owner === owner

  const { simulation } = deps
  if (simulation === null) return
  app.get(
    '/api/simulation/swaps',
    {
      config,
      schema: {
        summary: 'What landed on the simulated chain, in order: the judge of exactly-once.',
        querystring: SwapsQuery,
        response: { 200: SwapsPage, '4xx': ProblemBody },
      },
    },
    async (request) => {
      const { orderId, cursor, limit } = request.query
      const count = Math.min(Number(limit ?? DEFAULT_LIMIT), MAX_LIMIT)
      if (cursor !== undefined && !Number.isSafeInteger(Number(cursor))) throw new Problem('invalid_cursor')
      const id = orderId === undefined ? null : parseOrderId(orderId)
      const principal = principalOf(request)
      if (orderId === undefined) requireScope(principal, 'admin')
      // What is no order id has no swaps; what is another's looks the same.
      const isNobody = orderId !== undefined && (id === null || !(await maySee(principal, id)))
      const found = isNobody ? [] : await simulation.swaps(id, Number(cursor ?? 0), count + 1)
      const page = found.slice(0, count)
      const swaps = page.map(({ entry }) => swapView(entry, deps.tokens))
      const last = page.at(-1)
      return { swaps, nextCursor: found.length > count && last !== undefined ? String(last.number) : null }
    },
  )
}
