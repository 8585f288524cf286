// Owns the route of the stream of all orders.

import type { Pace } from '../../timing/pace.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { Problem } from '../problems.ts'
import { toFilter } from '../requests/orderFilter.ts'
import { AllOrdersQuery } from '../schemas/apiSchemas.ts'
import { readPosition } from '../streams/allOrdersCursor.ts'
import { prepareAllOrders } from '../streams/allOrdersStream.ts'
import { addStreamRoute, type Carriers } from './streamRoutes.ts'

/** `pace` is shared by all streams of this kind. */
export function allOrdersRoute(
  app: Routes,
  deps: HttpDeps,
  shared: Carriers & { readonly pace: Pace },
): void {
  addStreamRoute(
    app,
    {
      url: '/api/orders/stream',
      summary:
        'Every event of all orders, over WebSocket or as server-sent events; first the orders as they are.',
      querystring: AllOrdersQuery,
      async open({ cursor = null, ...filter }, { owner }, lastEventId) {
        // What an event source comes back with is newer than what its page asked for at first.
        const resumeAt = lastEventId ?? cursor
        const after = resumeAt === null ? null : readPosition(resumeAt)
        const { allEvents } = deps.orders.store
        if (after !== null && !(await allEvents.reaches(after))) throw new Problem('cursor_expired')
        return prepareAllOrders(deps, shared.pace, {
          filter: toFilter(filter, owner, deps.market.tokens),
          after,
        })
      },
    },
    shared,
  )
}
