// Owns the routes of the market: tokens, pools, quotes side by side, and what landed on the simulated chain.

import type { Principal } from '../domain/access.ts'
import { bps, formatAmount, MAX_SLIPPAGE_BPS } from '../domain/amount.ts'
import { type OrderId, parseOrderId } from '../domain/order.ts'
import type { Simulation } from '../domain/ports/simulation.ts'
import { venueNames } from '../domain/route.ts'
import { answerData, routedData } from '../domain/routeCodec.ts'
import { type ConstraintWords, readConstraints } from '../domain/specCodec.ts'
import { principalOf, requireScope } from './access.ts'
import type { Routes } from './app.ts'
import type { HttpDeps } from './deps.ts'
import { readAmount, readPair } from './orderRequest.ts'
import { denied, type FieldError, Problem } from './problems.ts'
import { ProblemBody, QuoteQuery, QuotesView, SwapsPage, SwapsQuery } from './schemas.ts'
import { poolView, swapView } from './views.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const config = { access: 'read' } as const

export function marketRoutes(app: Routes, deps: HttpDeps): void {
  const { tokens, simulation } = deps.market
  app.get('/api/tokens', { config, schema: { summary: 'The tokens that orders may name.' } }, async () => ({
    tokens: tokens.all,
  }))
  poolsRoute(app, deps)
  quotesRoute(app, deps.market)
  if (simulation !== null) swapsRoute(app, deps, simulation)
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
      if (routing.kind === 'routed') return { ...asked, ...routedData(trade, routing) }
      const quotes = routing.answers.flatMap((answer) => answerData(pair.tokenOut, answer))
      return { ...asked, quotes, route: null, failure: routing.failure }
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

/** Exactly-once can be checked here: the ledger belongs to the chain, not to our tables. */
function swapsRoute(app: Routes, { market, orders }: HttpDeps, simulation: Simulation): void {
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
      // Without an order id it lists the swaps of all owners.
      if (orderId === undefined) requireScope(principal, 'admin')
      // An id that is none has no swaps, and someone else's order looks the same.
      const isHidden = orderId !== undefined && (id === null || !(await maySee(principal, id)))
      const found = isHidden ? [] : await simulation.swaps(id, Number(cursor ?? 0), count + 1)
      const page = found.slice(0, count)
      const swaps = page.map(({ entry }) => swapView(entry, market.tokens))
      const last = page.at(-1)
      return { swaps, nextCursor: found.length > count && last !== undefined ? String(last.number) : null }
    },
  )

  const maySee = async ({ owner, scopes }: Principal, id: OrderId) =>
    scopes.includes('admin') || (await orders.store.load(id))?.order.spec.owner === owner
}
