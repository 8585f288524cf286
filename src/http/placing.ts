// Owns placing an order over HTTP: a request's body becomes a command, the command's outcome an answer or a Problem.

import {
  type Denial,
  findRepeat,
  type OrderToPlace,
  type PlaceOutcome,
  placeOrder,
  previewOrder,
  type QuotaBreach,
} from '../commands/placeOrder.ts'
import type { Principal } from '../domain/access.ts'
import { formatAmount } from '../domain/amount.ts'
import type { Order } from '../domain/order.ts'
import { type OrderId, type OrderSpec, toOrderId } from '../domain/spec.ts'
import type { MarketConsent } from '../domain/triggers/atOnce.ts'
import type { Millis } from '../timing/clock.ts'
import type { Admission } from './admission.ts'
import type { HttpDeps } from './deps.ts'
import { exceeded, rateHeaders } from './keyQuotas.ts'
import { denied, type FieldError, Problem } from './problems.ts'
import { LateRequest, toOrderSpec } from './requests/orderRequest.ts'
import type { OrderRequest } from './schemas/orderSchemas.ts'

type Placed = {
  readonly order: Order
  readonly isReplay: boolean
  /** Rate limit headers of the key. */
  readonly headers: Readonly<Record<string, string>>
}

export type Placing = ReturnType<typeof createPlacing>
export type Place = Placing['place']

export function createPlacing(deps: HttpDeps, { admit }: Admission) {
  const { clock, observe } = deps
  const { sightOf, heavyImpactOf } = deps.market
  const placeDeps = { ...deps.orders, sightOf, heavyImpactOf, observe, admit }

  /** A repeat stands for its order whenever it comes, also once the times are past that it names. */
  async function repeated(wanted: LateOrder): Promise<Order> {
    const order = await findRepeat(wanted, placeDeps)
    if (order === null) throw wanted.late
    return order
  }

  return {
    /** Resolves once the order is durable; throws a Problem when there is none, or when that is unknown. */
    async place(body: OrderRequest, idempotencyKey: string | null, principal: Principal): Promise<Placed> {
      const wanted = read(body, idempotencyKey, principal, deps)
      if ('late' in wanted) return { order: await repeated(wanted), isReplay: true, headers: {} }
      const outcome = await placeOrder(wanted, placeDeps)
      const headers = 'rate' in outcome ? rateHeaders(principal.quotas, outcome.rate, clock.now()) : {}
      if (!('order' in outcome)) {
        throw problemOfOutcome(outcome, wanted.spec.orderId, headers, clock.now())
      }
      return { order: outcome.order, isReplay: outcome.kind === 'replayed', headers }
    },

    /** The spec that placing the body would make an order of, and the order that it would repeat; throws as `place` does. */
    async preview(
      body: OrderRequest,
      idempotencyKey: string | null,
      principal: Principal,
    ): Promise<{ readonly spec: OrderSpec; readonly replayOf: OrderId | null }> {
      const wanted = read(body, idempotencyKey, principal, deps)
      if ('late' in wanted) return replayOf(await repeated(wanted))
      const outcome = await previewOrder(wanted, placeDeps)
      if (outcome === null) return { spec: wanted.spec, replayOf: null }
      if ('order' in outcome) return replayOf(outcome.order)
      throw problemOfOutcome(outcome, wanted.spec.orderId, {}, clock.now())
    },
  }
}

function read(
  body: OrderRequest,
  idempotencyKey: string | null,
  { owner, quotas }: Principal,
  { clock, newId, market, orders }: HttpDeps,
): OrderToPlace | LateOrder {
  const { tokens, defaultSlippageBps } = market
  const expiry = { ...orders.expiry, now: clock.now() }
  const context = { orderId: toOrderId(newId()), owner, tokens, defaultSlippageBps, expiry }
  const asked = { idempotencyKey, quotas, consent: consentOf(body) }
  try {
    return { ...asked, spec: toOrderSpec(body, context) }
  } catch (error) {
    if (!(error instanceof LateRequest)) throw error
    return { ...asked, spec: error.spec, late: error }
  }
}

/** What was to be placed before a time that it names, and what it is denied for unless it was. */
type LateOrder = OrderToPlace & { readonly late: LateRequest }

const replayOf = ({ spec }: Order) => ({ spec, replayOf: spec.orderId })

function problemOfOutcome(
  outcome: Exclude<PlaceOutcome, { kind: 'placed' | 'replayed' }>,
  orderId: OrderId,
  headers: Readonly<Record<string, string>>,
  now: Millis,
): Problem {
  switch (outcome.kind) {
    case 'conflict':
      return new Problem(conflictCodes[outcome.key], { headers })
    case 'exceeded':
      return exceeded(outcome, headers, now)
    case 'denied':
      return problemOfDenial(outcome.denial)
    case 'unknown':
      return new Problem('store_unavailable', { detail: `if it was taken on, it is order ${orderId}` })
  }
}

const consentOf = (body: OrderRequest): MarketConsent => ({
  onImmediate: 'onImmediate' in body ? (body.onImmediate ?? null) : null,
  acceptOffMarket: 'acceptOffMarket' in body && body.acceptOffMarket === true,
  acceptImpact: 'acceptImpact' in body && body.acceptImpact === true,
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
