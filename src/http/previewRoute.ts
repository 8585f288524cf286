// Owns the preview of an order: what placing it would answer and what it would get now. Nothing is written.

import type { OrderSpec } from '../domain/order.ts'
import { answerData, routedData } from '../domain/routeCodec.ts'
import type { Routing } from '../domain/routing/findRoute.ts'
import { specData } from '../domain/specCodec.ts'
import { summaryOf } from '../domain/summary.ts'
import { slippageOf, withinLimit } from '../domain/triggers/terms.ts'
import { principalOf } from './access.ts'
import { EXECUTE, type Routes } from './app.ts'
import type { HttpDeps } from './deps.ts'
import { readIdempotencyKey } from './orderRequest.ts'
import { OrderRequest } from './orderSchemas.ts'
import type { Placing } from './placing.ts'
import { IdempotencyHeaders, PreviewView, ProblemBody } from './schemas.ts'

/** From this price impact on a preview warns. */
const WARN_IMPACT_BPS = 100

export function previewRoute(app: Routes, { market }: HttpDeps, preview: Placing['preview']): void {
  app.post(
    '/api/orders/preview',
    {
      config: { access: 'trade' },
      schema: {
        summary: `What POST ${EXECUTE} would answer to the same body, and what the order would get now. Writes nothing.`,
        headers: IdempotencyHeaders,
        body: OrderRequest,
        response: { 200: PreviewView, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async (request) => {
      const key = readIdempotencyKey(request.headers['idempotency-key'])
      const { spec, replayOf } = await preview(request.body, key, principalOf(request))
      const routing = await market.routeNow({ ...spec, slippageBps: slippageOf(spec, 1) })
      return {
        ...specData(spec),
        summary: summaryOf(spec),
        ...(replayOf === null ? {} : { replayOf }),
        ...routingView(spec, routing),
        warnings: warningsOf(spec, routing),
      }
    },
  )
}

function routingView(spec: OrderSpec, routing: Routing) {
  if (routing.kind === 'unroutable') {
    const quotes = routing.answers.flatMap((answer) => answerData(spec.tokenOut, answer))
    return { quotes, route: null, failure: routing.failure }
  }
  const route = withinLimit(routing.route, spec) ?? routing.route
  return routedData(spec, { ...routing, route })
}

type Warning = { readonly code: 'price_impact' | 'no_route' | 'below_limit'; readonly detail: string }

function warningsOf(spec: OrderSpec, routing: Routing): Warning[] {
  if (routing.kind === 'unroutable') return [{ code: 'no_route', detail: routing.failure.detail }]
  const impactBps = routing.route.comparison?.priceImpactBps ?? 0
  const detail = `the amount itself worsens the price by ${impactBps} bps`
  return [
    ...(impactBps < WARN_IMPACT_BPS ? [] : [{ code: 'price_impact' as const, detail }]),
    ...(withinLimit(routing.route, spec) === null
      ? [
          {
            code: 'below_limit' as const,
            detail: 'the market pays less than the limit: the order would rest',
          },
        ]
      : []),
  ]
}
