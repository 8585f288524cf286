// Owns placing an order over HTTP: a request's body becomes a command, the command's outcome an answer or a Problem.

import { type Denial, type PlaceOutcome, placeOrder, type QuotaBreach } from '../commands/placeOrder.ts'
import type { Principal } from '../domain/access.ts'
import { formatAmount } from '../domain/amount.ts'
import { type Order, toOrderId } from '../domain/order.ts'
import type { MarketConsent } from '../domain/triggers/atOnce.ts'
import type { Admission } from './admission.ts'
import type { HttpDeps } from './deps.ts'
import { exceeded, rateHeaders } from './keyQuotas.ts'
import { toOrderSpec } from './orderRequest.ts'
import type { OrderRequest } from './orderSchemas.ts'
import { denied, type FieldError, Problem } from './problems.ts'

type Placed = {
  readonly order: Order
  readonly isReplay: boolean
  /** Rate limit headers of the key. */
  readonly headers: Readonly<Record<string, string>>
}

export type Place = ReturnType<typeof createPlacing>

export function createPlacing(deps: HttpDeps, { admit }: Admission) {
  const { clock, observe, newId } = deps
  const { tokens, defaultSlippageBps, sightOf } = deps.market
  const { expiry, maxRestingOrders } = deps.orders
  const placeDeps = { ...deps.orders, sightOf, maxRestingOrders, observe, admit }

  /** Resolves once the order is durable; throws a Problem when there is none, or when that is unknown. */
  return async function place(
    body: OrderRequest,
    idempotencyKey: string | null,
    { owner, quotas }: Principal,
  ): Promise<Placed> {
    const orderId = toOrderId(newId())
    const now = clock.now()
    const context = { orderId, owner, tokens, defaultSlippageBps, expiry: { ...expiry, now } }
    const spec = toOrderSpec(body, context)
    const wanted = { spec, idempotencyKey, quotas, consent: consentOf(body) }
    const outcome = await placeOrder(wanted, placeDeps)
    const headers = 'rate' in outcome ? rateHeaders(quotas, outcome.rate, now) : {}
    switch (outcome.kind) {
      case 'placed':
      case 'replayed':
        return { order: outcome.order, isReplay: outcome.kind === 'replayed', headers }
      case 'conflict':
        throw new Problem(conflictCodes[outcome.key], { headers })
      case 'exceeded':
        throw exceeded(outcome.limit, outcome.rate, headers, now)
      case 'denied':
        throw problemOfDenial(outcome.denial)
      case 'unknown':
        throw new Problem('store_unavailable', { detail: `if it was taken on, it is order ${orderId}` })
    }
  }
}

const consentOf = (body: OrderRequest): MarketConsent => ({
  onImmediate: 'onImmediate' in body ? (body.onImmediate ?? null) : null,
  acceptOffMarket: 'acceptOffMarket' in body && body.acceptOffMarket === true,
})

/** The key that belongs to another order. */
const conflictCodes = {
  idempotencyKey: 'idempotency_key_reused',
  clientOrderId: 'client_order_id_taken',
} as const satisfies Record<Extract<PlaceOutcome, { kind: 'conflict' }>['key'], string>

/** `store_unavailable` has two meanings, told apart by its detail; here it is certain that no order exists. */
function problemOfDenial(denial: Denial): Problem {
  switch (denial.reason) {
    case 'quotas_broken':
      return denied(denial.breaches.map(fieldErrorOf))
    case 'store_not_writable':
      return new Problem('store_unavailable', {
        detail: 'the database takes no writes; this order was not taken on',
      })
    case 'market': {
      const { field, code, detail } = denial
      return denied([{ field, code, detail }])
    }
    case 'trading_halted':
    case 'queue_unavailable':
    case 'too_many_resting_orders':
      return new Problem(denial.reason)
  }
}

function fieldErrorOf(breach: QuotaBreach): FieldError {
  const { symbol, decimals } = breach.token
  if (breach.kind === 'token') {
    return { field: breach.field, code: 'token_not_allowed', detail: `not ${symbol}` }
  }
  const detail = `at most ${formatAmount(breach.most, decimals)} ${symbol}`
  return { field: 'amountIn', code: 'order_notional_exceeded', detail }
}
