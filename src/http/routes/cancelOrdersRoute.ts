// Owns the route that cancels all orders of a filter: a count and a token first, then, with the token, the cancel.

import { cancelOrders } from '../../commands/cancelOrders.ts'
import type { OrderFilter } from '../../domain/ports/orders.ts'
import type { OrderId } from '../../domain/spec.ts'
import { principalOf } from '../access.ts'
import type { Routes } from '../app.ts'
import { readConfirmation, writeConfirmation } from '../confirmation.ts'
import type { HttpDeps } from '../deps.ts'
import { Problem } from '../problems.ts'
import { toFilter } from '../requests/orderFilter.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import { CancelQuery, OrdersCanceled } from '../schemas/cancelSchemas.ts'

const CONFIRM_MS = 5 * 60_000

export function cancelOrdersRoute(app: Routes, { orders, market, clock }: HttpDeps): void {
  app.delete(
    '/api/orders',
    {
      config: { access: 'trade' },
      schema: {
        summary: 'Count the open orders that fit a filter; with confirm, cancel them.',
        querystring: CancelQuery,
        response: { 200: OrdersCanceled, '4xx': ProblemBody, '5xx': ProblemBody },
      },
    },
    async (request) => {
      const { confirm, ...words } = request.query
      denyUnmeant(words)
      const filter = toFilter(words, principalOf(request).owner, market.tokens)
      if (confirm === undefined) return { ...(await plan(filter)), filter: words }
      const newest = confirmed(confirm, filter)
      const outcome = newest === null ? NOTHING : await cancelOrders(filter, newest, { store: orders.store })
      const { canceled, tooLate, remaining } = outcome
      return { canceled, tooLate: tooLate.length, tooLateIds: [...tooLate], remaining, filter: words }
    },
  )

  /** The token ends at the newest order that was counted: one that is placed later is not canceled by surprise. */
  async function plan(filter: OrderFilter) {
    const { count, newest } = await orders.store.countOpen(filter, null)
    const expiresAt = clock.now() + CONFIRM_MS
    return { count, token: writeConfirmation({ newest, expiresAt }, filter), expiresAt: iso(expiresAt) }
  }

  /** The newest order that the token stands for; throws a Problem where it does not stand for this filter now. */
  function confirmed(token: string, filter: OrderFilter): OrderId | null {
    const confirmation = readConfirmation(token, filter)
    if (confirmation === null) throw new Problem('confirm_invalid')
    const { newest, expiresAt } = confirmation
    if (clock.now() < expiresAt) return newest
    throw new Problem('confirm_expired', { detail: `it was valid until ${iso(expiresAt)}` })
  }
}

const NOTHING = { canceled: 0, tooLate: [], remaining: 0 } as const

const iso = (at: number) => new Date(at).toISOString()

/** A filter that was forgotten must not cancel everything. */
function denyUnmeant({ all, ...filter }: Omit<CancelQuery, 'confirm'>): void {
  const isAll = all === 'true'
  if (isAll !== Object.keys(filter).length > 0) return
  const detail = isAll ? 'all=true stands alone' : 'every open order: all=true'
  throw new Problem('filter_required', {
    detail,
    errors: [{ field: 'all', code: 'filter_required', detail }],
  })
}
