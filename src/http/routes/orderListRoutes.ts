// Owns the list of orders: its pages and its cursors.

import { type OrderId, parseOrderId } from '../../domain/spec.ts'
import { principalOf } from '../access.ts'
import type { Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import { Problem } from '../problems.ts'
import { sendText } from '../requests/json.ts'
import { toFilter } from '../requests/orderFilter.ts'
import { ListQuery, OrderPage, ProblemBody } from '../schemas/apiSchemas.ts'
import { unfundedAmong } from '../unfunded.ts'
import { orderView } from '../views.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 1_000

/** Cursors are stable: an order that is placed meanwhile is newer, and never moves the pages behind it. */
export function orderListRoutes(app: Routes, deps: HttpDeps): void {
  app.get(
    '/api/orders',
    {
      config: { access: 'read' },
      schema: {
        summary: 'Orders, newest first.',
        querystring: ListQuery,
        response: { 200: OrderPage, '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const { cursor, limit, ...filter } = request.query
      const count = Math.min(Number(limit ?? DEFAULT_LIMIT), MAX_LIMIT)
      const before = cursor === undefined ? null : readCursor(cursor)
      // One more than the page holds: it shows whether there is a next page.
      const found = await deps.orders.store.list({
        ...toFilter(filter, principalOf(request).owner, deps.market.tokens),
        before,
        limit: count + 1,
      })
      const orders = found.slice(0, count)
      const last = orders.at(-1)
      const nextCursor = found.length > count && last !== undefined ? writeCursor(last.spec.orderId) : null
      const unfunded = await unfundedAmong(orders, deps)
      const views = orders.map((order) => orderView(order, unfunded.has(order.spec.orderId)))
      return sendText(reply, JSON.stringify({ orders: views, nextCursor }))
    },
  )
}

/** An opaque cursor: the id of the last order of a page, encoded so that clients do not build their own. */
const writeCursor = (id: OrderId) => Buffer.from(id).toString('base64url')

function readCursor(cursor: string): OrderId {
  const id = parseOrderId(Buffer.from(cursor, 'base64url').toString())
  if (id === null || writeCursor(id) !== cursor) throw new Problem('invalid_cursor')
  return id
}
