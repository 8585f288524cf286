// Owns reading what orders ask for that have children: legs of an OCO, exits of an entry, slices of a TWAP.

import { type BaseUnits, baseUnits, bps, formatAmount } from '../../domain/amount.ts'
import type { Pair } from '../../domain/route.ts'
import { type LegTerms, SEEN_ONCE, type TwapSpec } from '../../domain/spec.ts'
import type { FieldError } from '../problems.ts'
import type { LegRequest, TwapRequest } from '../schemas/orderSchemas.ts'
import { parseTimestamp, readAmount, readOptionalPrice } from './fields.ts'
import { type ExpiryRules, FEE_BUDGET, LADDER_BPS, readFeeBudget, readResting } from './restingRequest.ts'

/** What has been read already of the order around it; null where that is at fault. */
export type Given = {
  readonly slippage: { readonly asked: number | null; readonly otherwise: number }
  readonly expiry: ExpiryRules
  readonly pair: Pair | null
  readonly amountIn: BaseUnits | null
}

type Exits = { readonly exits?: readonly LegRequest[]; readonly maxHoldMs?: number }

/** The exits of an order, and the time stop that its longest holding time makes. */
export function readExits(
  { exits = [], maxHoldMs }: Exits,
  given: Given,
  errors: FieldError[],
): readonly LegTerms[] {
  const legs = readLegs('exits', exits, given, errors)
  return maxHoldMs === undefined ? legs : [...legs, timeStop(maxHoldMs, given)]
}

export function readOcoLegs(
  legs: readonly LegRequest[],
  given: Given,
  errors: FieldError[],
): readonly LegTerms[] {
  const { amountIn, pair } = given
  for (const [i, { shareBps }] of legs.entries()) {
    if (shareBps === undefined || amountIn === null || pair === null) continue
    if (amountIn * BigInt(shareBps) >= 10_000n) continue
    const detail = `${shareBps} bps are less than the smallest unit of ${pair.tokenIn.symbol}`
    errors.push({ field: `legs.${i}.shareBps`, code: 'amount_not_positive', detail })
  }
  return readLegs('legs', legs, given, errors)
}

function readLegs(
  name: string,
  legs: readonly LegRequest[],
  { slippage, expiry }: Given,
  errors: FieldError[],
): readonly LegTerms[] {
  // Of a ladder, whose steps are meant to trade all. A stop may stand for each of them.
  const steps = legs.filter(({ type }) => type === 'takeProfit' || type === 'limit')
  const shares = steps.reduce((sum, { shareBps = 0 }) => sum + shareBps, 0)
  if (shares > 10_000) {
    errors.push({
      field: name,
      code: 'terms_contradict',
      detail: `the shares make ${shares} bps, more than all`,
    })
  }
  return legs.map((leg, i) => {
    const own: FieldError[] = []
    const late: FieldError[] = []
    // The slippage of an entry is of its purchase; that of an OCO is of its legs, through which alone it trades.
    const isCapped = name === 'legs' || leg.type === 'limit'
    const asked = leg.slippageBps ?? (isCapped ? slippage.asked : null)
    const terms = readResting(leg, { asked, otherwise: slippage.otherwise }, { ...expiry, late }, own)
    const named = (faults: readonly FieldError[]) =>
      faults.map((error) => ({ ...error, field: `${name}.${i}.${error.field}` }))
    errors.push(...named(own))
    const lateOnes = expiry.late ?? errors
    lateOnes.push(...named(late))
    return { ...terms, shareBps: leg.shareBps === undefined ? null : bps(leg.shareBps) }
  })
}

function timeStop(maxHoldMs: number, { expiry }: Given): LegTerms {
  return {
    type: 'timeStop',
    maxHoldMs,
    fireAt: null,
    priceOf: 'tokenIn',
    condition: SEEN_ONCE,
    limitPrice: null,
    slippageBps: bps(Math.max(...LADDER_BPS)),
    slippageLadderBps: LADDER_BPS.map(bps),
    feeBudgetLamports: readFeeBudget(FEE_BUDGET, []),
    isDefaultExpiry: true,
    expiresAt: expiry.now + expiry.defaultMs,
    shareBps: null,
  }
}

type TwapTerms = Pick<
  TwapSpec,
  | 'type'
  | 'slices'
  | 'startAt'
  | 'isDefaultStart'
  | 'durationMs'
  | 'jitterBps'
  | 'limitPrice'
  | 'priceOf'
  | 'minSlice'
  | 'catchUp'
>

export function readTwap(
  request: TwapRequest,
  { pair, amountIn, expiry }: Given,
  errors: FieldError[],
): TwapTerms {
  const { slices, durationMs, startAt, jitterBps = 0, priceOf = 'tokenIn', catchUp = 'spread' } = request
  const least = pair === null ? baseUnits(1n) : readMinSlice(request.minSlice, pair, errors)
  if (pair !== null && amountIn !== null && amountIn / BigInt(slices) < least) {
    const { symbol, decimals } = pair.tokenIn
    const detail = `each of ${slices} slices would sell less than ${formatAmount(least, decimals)} ${symbol}`
    errors.push({ field: 'slices', code: 'terms_contradict', detail })
  }
  if (durationMs < slices * MIN_INTERVAL_MS) {
    const detail = `slices follow one another after ${MIN_INTERVAL_MS} ms or more: at most ${Math.floor(durationMs / MIN_INTERVAL_MS)}`
    errors.push({ field: 'durationMs', code: 'terms_contradict', detail })
  }
  return {
    type: 'twap',
    slices,
    durationMs,
    jitterBps: bps(jitterBps),
    priceOf,
    limitPrice: readOptionalPrice(request.limitPrice, 'limitPrice', errors),
    minSlice: least,
    catchUp,
    startAt: startAt === undefined ? expiry.now : readStart(startAt, expiry, errors),
    isDefaultStart: startAt === undefined,
  }
}

/** A slice takes a moment to be decided on, placed and landed. */
const MIN_INTERVAL_MS = 200

function readMinSlice(
  given: string | number | undefined,
  { tokenIn }: Pair,
  errors: FieldError[],
): BaseUnits {
  const least = given === undefined ? null : readAmount(given, tokenIn, errors, 'minSlice')
  return least ?? baseUnits(1n)
}

/** A start that is past already, by a slow request or a little, is now. */
function readStart(given: string, { now, mostMs, late }: ExpiryRules, errors: FieldError[]): number {
  const at = parseTimestamp(given)
  const deny = (detail: string, into = errors) =>
    into.push({ field: 'startAt', code: 'start_invalid', detail })
  if (Number.isNaN(at)) deny('RFC 3339, such as 2027-01-31T00:00:00Z')
  else if (at < now - START_SLACK_MS)
    deny(`it is ${new Date(now).toISOString()} here: that time is past`, late ?? errors)
  else if (at > now + mostMs) deny(`at most ${mostMs / 86_400_000} days from now`)
  return at
}

const START_SLACK_MS = 60_000
