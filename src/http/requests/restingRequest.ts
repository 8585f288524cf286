// Owns reading what orders ask for that wait for a price: prices, conditions, expiry, and how an exit retries.

import { type BaseUnits, type Bps, baseUnits, bps, parseAmount } from '../../domain/amount.ts'
import { type Condition, EXECUTABLE, type RestingTerms, SEEN_ONCE } from '../../domain/spec.ts'
import { LAMPORT_DECIMALS } from '../../domain/termsCodec.ts'
import type { Millis } from '../../timing/clock.ts'
import type { FieldError } from '../problems.ts'
import type { ExitRequest, LegRequest, LimitRequest, RestingRequest } from '../schemas/orderSchemas.ts'
import { parseTimestamp, readOptionalPrice, readPrice, textOf } from './fields.ts'
import { EXPIRY_FORM } from './validation.ts'

export type ExpiryRules = {
  readonly now: Millis
  /** How long an order rests that names no expiry, and how long one may. */
  readonly defaultMs: Millis
  readonly mostMs: Millis
  /** Takes what is at fault only because the request comes after a time that it names; where absent, that is at fault as all else is. */
  readonly late?: FieldError[]
}

/** Two observations against wicks where firing is irreversible at any price; one where the limit protects. */
const OBSERVATIONS = { limit: 1, stop: 2, takeProfit: 2, trailingStop: 2 } as const
export const LADDER_BPS = [300, 1_000, 2_000] as const
export const FEE_BUDGET = '0.05'

type Slippage = { readonly asked: number | null; readonly otherwise: number }
type LimitTerms = Extract<RestingTerms, { type: 'limit' }>
type ExitTerms = Exclude<RestingTerms, { type: 'limit' | 'timeStop' }>

/** The terms of an order or leg that waits. Adds to `errors` every field at fault; the terms then must not be used. */
export const readResting = (
  request: RestingRequest | LegRequest,
  slippage: Slippage,
  expiry: ExpiryRules,
  errors: FieldError[],
): LimitTerms | ExitTerms =>
  request.type === 'limit'
    ? readLimit(request, slippage, expiry, errors)
    : readExit(request, slippage, expiry, errors)

export function readLimit(
  request: LimitRequest,
  slippage: Slippage,
  expiry: ExpiryRules,
  errors: FieldError[],
): LimitTerms {
  const timeInForce = 'timeInForce' in request ? request.timeInForce : undefined
  const isImmediate = timeInForce === 'IOC' || timeInForce === 'FOK'
  if (isImmediate) denyWaits(request, errors)
  return {
    type: 'limit',
    priceOf: request.priceOf ?? 'tokenIn',
    condition: readCondition(request),
    slippageBps: bps(slippage.asked ?? slippage.otherwise),
    limitPrice: readPrice(request.limitPrice, 'limitPrice', errors),
    isDefaultExpiry: request.expiresAt === undefined && !isImmediate,
    expiresAt: isImmediate ? null : readExpiry(request.expiresAt, expiry, errors),
  }
}

/** An order that trades now or not at all has no end, is not to wait for other prices, and cannot shun a price that is there. */
function denyWaits(request: LimitRequest, errors: FieldError[]): void {
  const deny = (field: string, detail: string) => errors.push({ field, code: 'terms_contradict', detail })
  const { observations, dwellMs } = readCondition(request)
  if (request.expiresAt !== undefined) deny('expiresAt', 'an IOC order rests for no time')
  if (observations > 1) deny('trigger.observations', 'an IOC order sees one price')
  if (dwellMs > 0) deny('trigger.dwellMs', 'an IOC order waits for no time')
  if ('onImmediate' in request && request.onImmediate === 'reject')
    deny('onImmediate', 'an IOC order trades at once or not at all')
}

export function readExit(
  request: ExitRequest,
  slippage: Slippage,
  expiry: ExpiryRules,
  errors: FieldError[],
): ExitTerms {
  const exit = {
    priceOf: request.priceOf ?? 'tokenIn',
    condition: readCondition(request),
    ...readLadder(request, slippage.asked, errors),
    limitPrice: readOptionalPrice(request.limitPrice, 'limitPrice', errors),
    feeBudgetLamports: readFeeBudget(request.feeBudget ?? FEE_BUDGET, errors),
    isDefaultExpiry: request.expiresAt === undefined,
    expiresAt: readExpiry(request.expiresAt, expiry, errors),
  }
  if (request.type !== 'trailingStop') {
    const triggerPrice = readPrice(request.trigger.price, 'trigger.price', errors)
    return { type: request.type, ...exit, triggerPrice }
  }
  const { trailingBps, activationPrice } = request.trigger
  return {
    type: 'trailingStop',
    ...exit,
    trailingBps: bps(trailingBps),
    activationPrice: readOptionalPrice(activationPrice, 'trigger.activationPrice', errors),
  }
}

function readCondition({ type, trigger = {} }: RestingRequest | LegRequest): Condition {
  const source = 'source' in trigger ? trigger.source : undefined
  return {
    source: source ?? EXECUTABLE,
    observations: trigger.observations ?? OBSERVATIONS[type],
    dwellMs: trigger.dwellMs ?? 0,
    maxAgeMs: trigger.maxAgeMs ?? SEEN_ONCE.maxAgeMs,
  }
}

export function readExpiry(
  given: string | undefined,
  { now, defaultMs, mostMs, late }: ExpiryRules,
  errors: FieldError[],
): Millis {
  if (given === undefined) return now + defaultMs
  const at = parseTimestamp(given)
  const deny = (detail: string, into = errors) =>
    into.push({ field: 'expiresAt', code: 'expiry_invalid', detail })
  if (Number.isNaN(at)) deny(EXPIRY_FORM)
  else if (at <= now) deny(`it is ${new Date(now).toISOString()} here: that time is past`, late ?? errors)
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

export function readFeeBudget(given: string | number, errors: FieldError[]): BaseUnits {
  const text = textOf(given)
  const read = /^0(\.0*)?$/.test(text) ? baseUnits(0n) : parseAmount(text, LAMPORT_DECIMALS)
  if (typeof read === 'bigint') return read
  errors.push({ field: 'feeBudget', code: 'amount_malformed', detail: 'an amount of SOL such as "0.05"' })
  return baseUnits(0n)
}
