// Owns the preview of an order: what placing it would answer and what it would get now. Nothing is written.

import { formatAmount } from '../../domain/amount.ts'
import type { Refusal } from '../../domain/guards.ts'
import { answerData, routedData } from '../../domain/routeCodec.ts'
import type { Routing } from '../../domain/routing/findRoute.ts'
import type { OrderSpec } from '../../domain/spec.ts'
import { specData } from '../../domain/specCodec.ts'
import { summaryOf } from '../../domain/summary.ts'
import { refusalsOf } from '../../domain/triggers/launch.ts'
import { withToken } from '../../domain/triggers/snipe.ts'
import { slippageOf, withinLimit } from '../../domain/triggers/terms.ts'
import type { Sight } from '../../domain/triggers/verdict.ts'
import type { Preview } from '../../domain/wire.ts'
import { principalOf } from '../access.ts'
import { EXECUTE, type Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import type { Placing } from '../placing.ts'
import { readIdempotencyKey } from '../requests/orderRequest.ts'
import { IdempotencyHeaders, PreviewView, ProblemBody } from '../schemas/apiSchemas.ts'
import { OrderRequest } from '../schemas/orderSchemas.ts'

/** From this price impact on a preview warns. */
const WARN_IMPACT_BPS = 100

export function previewRoute(app: Routes, { market, orders }: HttpDeps, preview: Placing['preview']): void {
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
      const { spec: asked, replayOf } = await preview(request.body, key, principalOf(request))
      const { spec, sight } = await inspect(asked)
      const routing = await market.routeNow({ ...spec, slippageBps: slippageOf(spec, 1) })
      return {
        ...specData(spec),
        summary: summaryOf(spec),
        ...(replayOf === null ? {} : { replayOf }),
        ...routingView(spec, routing),
        ...reportView(spec, sight),
        warnings: [
          ...warningsOf(spec, routing),
          ...launchWarnings(spec, sight),
          ...(replayOf === null ? await fundingWarnings(spec) : []),
        ],
      } satisfies Preview
    },
  )

  /** What a sniper sees now, and the order with its token as far as that is known. */
  async function inspect(spec: OrderSpec): Promise<Inspected> {
    if (spec.type !== 'sniper') return { spec, sight: null }
    const sight = await market.sightOf(spec)
    return { spec: withToken(spec, sight), sight }
  }

  /** A resting order comes behind those that rest already. None where the wallet cannot be read. */
  async function fundingWarnings({ type, tokenIn, amountIn }: OrderSpec): Promise<Warning[]> {
    const held = await market.wallet.holds(tokenIn.mint).catch(() => null)
    if (held === null) return []
    const promised = type === 'market' ? 0n : await orders.store.resting.promised(tokenIn.mint)
    if (promised + amountIn <= held) return []
    const [has, sold] = [held, promised].map((amount) => formatAmount(amount, tokenIn.decimals))
    const detail = `the wallet holds ${has} ${tokenIn.symbol}, of which resting orders sell ${sold} already`
    return [{ code: 'unfunded', detail }]
  }
}

type Inspected = { readonly spec: OrderSpec; readonly sight: Sight | null }

const refusalsIn = (spec: OrderSpec, sight: Sight | null): readonly Refusal[] =>
  spec.type === 'sniper' && sight?.evidence !== undefined ? refusalsOf(spec, sight.evidence) : []

const reportView = (spec: OrderSpec, sight: Sight | null) =>
  sight?.evidence === undefined
    ? {}
    : { guardReport: { slot: sight.evidence.slot, refusals: [...refusalsIn(spec, sight)] } }

function launchWarnings(spec: OrderSpec, sight: Sight | null): Warning[] {
  if (sight?.kind === 'unseen' && sight.blocker === 'not_launched') {
    return [{ code: 'not_launched', detail: sight.detail }]
  }
  return refusalsIn(spec, sight).map(({ guard, detail }) => ({
    code: 'guard',
    detail: `${guard}: ${detail}`,
  }))
}

function routingView(spec: OrderSpec, routing: Routing) {
  if (routing.kind === 'unroutable') {
    const quotes = routing.answers.flatMap((answer) => answerData(spec.tokenOut, answer))
    return { quotes, route: null, failure: routing.failure }
  }
  const route = withinLimit(routing.route, spec) ?? routing.route
  return routedData(spec, { ...routing, route })
}

type Warning = {
  readonly code: 'price_impact' | 'no_route' | 'below_limit' | 'not_launched' | 'guard' | 'unfunded'
  readonly detail: string
}

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
