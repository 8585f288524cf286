// Owns the routes of the trading switch: halt trading, resume it, read its state.

import type { TradingState } from '../../domain/ports/trading.ts'
import { principalOf } from '../access.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { ProblemBody, TradingRequest, TradingView } from '../schemas/apiSchemas.ts'

export function adminRoutes(app: Routes, { trading }: HttpDeps['orders']): void {
  const url = '/api/admin/trading'
  const config = { access: 'admin' } as const

  app.get(
    url,
    {
      config,
      schema: { summary: 'Whether the engine trades.', response: { 200: TradingView, '4xx': ProblemBody } },
    },
    async () => view(trading.state()),
  )

  app.put(
    url,
    {
      config,
      schema: {
        summary:
          'Halt trading or only entries, or let it go on. Halted, no new swap is signed; those submitted are followed to their end.',
        body: TradingRequest,
        response: { 200: TradingView, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async (request) => view(await trading.set(request.body.state, principalOf(request).owner)),
  )
}

/** Times on the wire are RFC 3339 in UTC. */
const view = ({ state, changedAt, changedBy }: TradingState) => ({
  state,
  changedAt: changedAt === null ? null : new Date(changedAt).toISOString(),
  changedBy,
})
