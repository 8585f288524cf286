// Owns the route of depth: what venues pay for amounts of every size.

import { bps, formatAmount } from '../../domain/amount.ts'
import type { RouteRequest } from '../../domain/route.ts'
import type { Token } from '../../domain/token.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { denied, type FieldError, Problem } from '../problems.ts'
import { readAmount } from '../requests/fields.ts'
import { readPair } from '../requests/orderRequest.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import { DepthQuery, DepthView } from '../schemas/marketSchemas.ts'

const DEFAULT_POINTS = 24

export function depthRoute(app: Routes, { market }: HttpDeps): void {
  app.get(
    '/api/depth',
    {
      config: { access: 'read' },
      schema: {
        summary: 'What each venue, and the route of an order, would pay for amounts of every size up to one.',
        querystring: DepthQuery,
        response: { 200: DepthView, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async ({ query }) => {
      const trade = readDepth(query, market)
      const depth = await market.depth(trade, Number(query.points ?? DEFAULT_POINTS))
      if (depth === null) throw new Problem('no_such_pool')
      const { tokenIn, tokenOut } = trade
      const amountIn = (amount: bigint) => amountView('amountIn', amount, tokenIn)
      const amountOut = (amount: bigint) => amountView('amountOut', amount, tokenOut)
      return {
        tokenIn: tokenIn.symbol,
        tokenOut: tokenOut.symbol,
        slot: depth.slot,
        at: new Date(depth.at).toISOString(),
        points: depth.points.map((point) => ({
          ...amountIn(point.amountIn),
          venues: point.venues.map(({ venue, amountOut: paid }) => ({ venue, ...amountOut(paid) })),
          route: point.amountOut === null ? null : amountOut(point.amountOut),
        })),
        crossovers: depth.crossovers.map(({ from, to, ...at }) => ({ ...amountIn(at.amountIn), from, to })),
      }
    },
  )
}

/** Throws a Problem for a trade that has no depth. */
function readDepth(query: DepthQuery, { tokens, defaultSlippageBps }: HttpDeps['market']): RouteRequest {
  const errors: FieldError[] = []
  const pair = readPair(query.tokenIn, query.tokenOut, tokens, errors)
  const amountIn = pair === null ? null : readAmount(query.maxAmountIn, pair.tokenIn, errors, 'maxAmountIn')
  if (pair === null || amountIn === null || errors.length > 0) throw denied(errors)
  return { ...pair, amountIn, slippageBps: bps(defaultSlippageBps), constraints: {} }
}

const amountView = <Name extends string>(name: Name, amount: bigint, { decimals }: Token) =>
  ({ [name]: formatAmount(amount, decimals), [`${name}Base`]: amount.toString() }) as {
    [K in Name | `${Name}Base`]: string
  }
