// Owns reading a request to change an order: which terms, or whether it pauses.

import type { Amendment, Change } from '../../commands/amendOrder.ts'
import { bps } from '../../domain/amount.ts'
import type { OrderSpec } from '../../domain/spec.ts'
import { denied, type FieldError, Problem } from '../problems.ts'
import type { AmendRequest } from '../schemas/amendSchemas.ts'
import type { AmendGuardsRequest } from '../schemas/guardSchemas.ts'
import { readAmount, readPrice } from './fields.ts'
import { type ExpiryRules, readExpiry } from './restingRequest.ts'
import { readGuards } from './sniperRequest.ts'

/** The change that a valid body asks for. Throws a Problem that names every field at fault. */
export function toChange(body: AmendRequest, spec: OrderSpec, expiry: ExpiryRules): Change {
  const errors: FieldError[] = []
  const { state, trigger, guards, ...terms } = body
  const isAmended = Object.keys({ ...terms, ...trigger, ...guards }).length > 0
  if (state !== undefined && isAmended) {
    errors.push({ field: 'state', code: 'terms_contradict', detail: 'send it alone' })
  }
  if (state === undefined && !isAmended) {
    errors.push({ field: 'state', code: 'missing_field', detail: 'nothing is to be changed' })
  }
  const amendment = readTerms(body, spec, expiry, errors)
  if (errors.length > 0) throw denied(errors)
  if (state !== undefined) return { kind: state === 'paused' ? 'pause' : 'resume' }
  return { kind: 'amend', terms: amendment }
}

function readTerms(
  { limitPrice, trigger = {}, amountIn, slippageBps, expiresAt, guards }: AmendRequest,
  spec: OrderSpec,
  expiry: ExpiryRules,
  errors: FieldError[],
): Amendment {
  const { price, trailingBps, activationPrice } = trigger
  const amount = amountIn === undefined ? null : readAmount(amountIn, spec.tokenIn, errors)
  if (limitPrice !== undefined && guards?.maxPrice !== undefined) {
    errors.push({ field: 'guards.maxPrice', code: 'terms_contradict', detail: 'limitPrice is given too' })
  }
  return {
    ...(limitPrice === undefined ? {} : { limitPrice: readPrice(limitPrice, 'limitPrice', errors) }),
    ...(price === undefined ? {} : { triggerPrice: readPrice(price, 'trigger.price', errors) }),
    ...(trailingBps === undefined ? {} : { trailingBps: bps(trailingBps) }),
    ...(activationPrice === undefined
      ? {}
      : { activationPrice: readPrice(activationPrice, 'trigger.activationPrice', errors) }),
    ...(amount === null ? {} : { amountIn: amount }),
    ...(slippageBps === undefined ? {} : { slippageBps: bps(slippageBps) }),
    ...(expiresAt === undefined ? {} : { expiresAt: readExpiry(expiresAt, expiry, errors) }),
    ...(guards === undefined ? {} : guardTerms(guards, spec, errors)),
  }
}

/** The guards, and what of them an order keeps elsewhere. */
function guardTerms(guards: AmendGuardsRequest, spec: OrderSpec, errors: FieldError[]): Amendment {
  if (spec.type !== 'sniper') {
    errors.push(notAmendable('guards', spec))
    return {}
  }
  const { limitPrice, ...terms } = readGuards(guards, spec, errors)
  return guards.maxPrice === undefined ? terms : { ...terms, limitPrice }
}

/** Names on the wire of terms that the domain calls otherwise. */
const fieldNames: Readonly<Record<string, string>> = {
  triggerPrice: 'trigger.price',
  trailingBps: 'trigger.trailingBps',
  activationPrice: 'trigger.activationPrice',
}

export const notAmendable = (field: string, spec: OrderSpec): FieldError => ({
  field: fieldNames[field] ?? field,
  code: 'not_amendable',
  detail: detailOf(field, spec),
})

function detailOf(field: string, { type, parent }: OrderSpec): string {
  switch (field) {
    case 'amountIn':
      return type === 'twap' || parent !== null ? 'it follows from slices or shares' : 'only a smaller amount'
    case 'activationPrice':
      return type === 'trailingStop' ? 'it follows the market already' : `not of a ${type} order`
    case 'parentId':
      return 'not before its parent is filled'
    case 'timeInForce':
      return 'the order trades now or not at all'
    default:
      return `not of a ${type} order`
  }
}

/** The seq of an If-Match header, quoted or bare; null when absent. */
export function readIfMatch(header: string | undefined): number | null {
  if (header === undefined || header === '*') return null
  const seq = /^"?(\d{1,9})"?$/.exec(header)?.[1]
  if (seq === undefined)
    throw new Problem('invalid_request', { detail: 'If-Match takes the seq of the order' })
  return Number(seq)
}
