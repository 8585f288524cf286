// Owns the routes of a simulated world: what landed on its chain.

import type { Principal } from '../domain/access.ts'
import { type OrderId, parseOrderId } from '../domain/order.ts'
import type { Simulation } from '../domain/ports/simulation.ts'
import { principalOf, requireScope } from './access.ts'
import type { Routes } from './app.ts'
import type { HttpDeps } from './deps.ts'
import { Problem } from './problems.ts'
import { ProblemBody, SwapsPage, SwapsQuery } from './schemas.ts'
import { swapView } from './views.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

/** Where orders trade for real there are none of these routes. */
export function simulationRoutes(app: Routes, deps: HttpDeps): void {
  const { simulation } = deps.market
  if (simulation === null) return
  swapsRoute(app, deps, simulation)
}

/** Exactly-once can be checked here: the ledger belongs to the chain, not to our tables. */
function swapsRoute(app: Routes, { market, orders }: HttpDeps, simulation: Simulation): void {
  app.get(
    '/api/simulation/swaps',
    {
      config: { access: 'read' },
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
