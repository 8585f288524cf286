// Owns reading what orders ask for that wait for a price: prices, conditions, expiry, and how an exit retries.

import { type BaseUnits, type Bps, baseUnits, bps, exactDecimal, parseAmount } from '../domain/amount.ts'
import {
  type Condition,
  EXECUTABLE,
  type MarketSpec,
  type RestingSpec,
  type SniperSpec,
} from '../domain/order.ts'
import { type PriceOf, parsePrice } from '../domain/price.ts'
import { LAMPORT_DECIMALS } from '../domain/specCodec.ts'
import type { Millis } from '../timing/clock.ts'
import type { ExitRequest, RestingRequest } from './orderSchemas.ts'
import type { FieldError } from './problems.ts'
import { EXPIRY_FORM } from './validation.ts'

export type ExpiryRules = {
  readonly now: Millis
  /** How long an order rests that names no expiry, and how long one may. */
  readonly defaultMs: Millis
  readonly mostMs: Millis
}

/** The fields of each type beside those of every order. */
type PricedSpec = Exclude<RestingSpec, SniperSpec>
type Own<S> = S extends PricedSpec ? Omit<S, Exclude<keyof MarketSpec, 'type' | 'slippageBps'>> : never

/** Two observations against wicks where firing is irreversible at any price; one where the limit protects. */
const OBSERVATIONS = { limit: 1, stop: 2, takeProfit: 2, trailingStop: 2 } as const
const MAX_AGE_MS = 5_000
const LADDER_BPS = [300, 1_000, 2_000] as const
const FEE_BUDGET = '0.05'

/** Adds to `errors` every field at fault; the spec then must not be used. */
export function readResting(
  request: RestingRequest,
  slippage: { readonly asked: number | null; readonly otherwise: number },
  expiry: ExpiryRules,
  errors: FieldError[],
): Own<PricedSpec> {
  const priceOf: PriceOf = request.priceOf ?? 'tokenIn'
  const waits = { priceOf, condition: readCondition(request) }
  const isDefaultExpiry = request.expiresAt === undefined
  if (request.type === 'limit') {
    const isImmediate = request.timeInForce === 'IOC' || request.timeInForce === 'FOK'
    if (isImmediate && request.expiresAt !== undefined) {
      errors.push({ field: 'expiresAt', code: 'terms_contradict', detail: 'an IOC order rests for no time' })
    }
    return {
      type: 'limit',
      ...waits,
      slippageBps: bps(slippage.asked ?? slippage.otherwise),
      limitPrice: readPrice(request.limitPrice, 'limitPrice', errors),
      isDefaultExpiry: isDefaultExpiry && !isImmediate,
      expiresAt: isImmediate ? null : readExpiry(request.expiresAt, expiry, errors),
    }
  }
  const exit = {
    ...waits,
    ...readLadder(request, slippage.asked, errors),
    limitPrice: readOptionalPrice(request.limitPrice, 'limitPrice', errors),
    feeBudgetLamports: readFeeBudget(request.feeBudget ?? FEE_BUDGET, errors),
    isDefaultExpiry,
    expiresAt: readExpiry(request.expiresAt, expiry, errors),
  }
  if (request.type !== 'trailingStop') {
    return {
      type: request.type,
      ...exit,
      triggerPrice: readPrice(request.trigger.price, 'trigger.price', errors),
    }
  }
  const { trailingBps, activationPrice } = request.trigger
  return {
    type: 'trailingStop',
    ...exit,
    trailingBps: bps(trailingBps),
    activationPrice: readOptionalPrice(activationPrice, 'trigger.activationPrice', errors),
  }
}

function readCondition({ type, trigger = {} }: RestingRequest): Condition {
  const source = 'source' in trigger ? trigger.source : undefined
  return {
    source: source ?? EXECUTABLE,
    observations: trigger.observations ?? OBSERVATIONS[type],
    dwellMs: trigger.dwellMs ?? 0,
    maxAgeMs: trigger.maxAgeMs ?? MAX_AGE_MS,
  }
}

const textOf = (given: string | number) =>
  typeof given === 'number' ? (exactDecimal(String(given)) ?? '') : given

export function readPrice(given: string | number, field: string, errors: FieldError[]): string {
  const price = parsePrice(textOf(given))
  if (price !== null) return price
  errors.push({
    field,
    code: 'price_malformed',
    detail: 'a positive decimal, at most 30 digits before and after the point',
  })
  return '1'
}

const readOptionalPrice = (given: string | number | undefined, field: string, errors: FieldError[]) =>
  given === undefined ? null : readPrice(given, field, errors)

/** RFC 3339, with seconds and an offset. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))$/

/** NaN for any other text. */
function parseTimestamp(text: string): Millis {
  const [, day = '', time = ''] = TIMESTAMP.exec(text) ?? []
  // The platform reads February 30 as March 2.
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day)
  return isDay ? Date.parse(`${day}T${time.toUpperCase()}`) : Number.NaN
}

export function readExpiry(
  given: string | undefined,
  { now, defaultMs, mostMs }: ExpiryRules,
  errors: FieldError[],
): Millis {
  if (given === undefined) return now + defaultMs
  const at = parseTimestamp(given)
  const deny = (detail: string) => errors.push({ field: 'expiresAt', code: 'expiry_invalid', detail })
  if (Number.isNaN(at)) deny(EXPIRY_FORM)
  else if (at <= now) deny(`it is ${new Date(now).toISOString()} here: that time is past`)
  else if (at > now + mostMs) deny(`at most ${mostMs / 86_400_000} days from now`)
  return at
}

/** `slippageBps` is the cap of all steps: what the order says itself, or its last step. */
function readLadder(
  { slippageLadderBps }: ExitRequest,
  asked: number | null,
  errors: FieldError[],
): { readonly slippageBps: Bps; readonly slippageLadderBps: readonly Bps[] } {
  const cap = asked ?? Math.max(...(slippageLadderBps ?? LADDER_BPS))
  if (slippageLadderBps?.some((step) => step > cap)) {
    const detail = `a step is more than slippageBps, ${cap}`
    errors.push({ field: 'slippageLadderBps', code: 'terms_contradict', detail })
  }
  const steps = slippageLadderBps ?? [...LADDER_BPS.filter((step) => step < cap), cap]
  return { slippageBps: bps(cap), slippageLadderBps: steps.map((step) => bps(Math.min(step, cap))) }
}

function readFeeBudget(given: string | number, errors: FieldError[]): BaseUnits {
  const text = textOf(given)
  const read = /^0(\.0*)?$/.test(text) ? baseUnits(0n) : parseAmount(text, LAMPORT_DECIMALS)
  if (typeof read === 'bigint') return read
  errors.push({ field: 'feeBudget', code: 'amount_malformed', detail: 'an amount of SOL such as "0.05"' })
  return baseUnits(0n)
}
