// Owns reading what a sniper asks for: its guards, and until when it waits.

import { type BaseUnits, bps, exactDecimal, parseAmount } from '../../domain/amount.ts'
import { type Guards, guardDefaults } from '../../domain/guards.ts'
import type { SniperTerms } from '../../domain/spec.ts'
import { passesIn } from '../../domain/termsCodec.ts'
import { SOL } from '../../domain/token.ts'
import type { FieldError } from '../problems.ts'
import type { AmendGuardsRequest } from '../schemas/guardSchemas.ts'
import type { SniperRequest } from '../schemas/orderSchemas.ts'
import { ADDRESS_FORM, isAddress } from './addressField.ts'
import { readPrice } from './fields.ts'
import { type ExpiryRules, readExpiry } from './restingRequest.ts'

/** Adds to `errors` every field at fault; the terms then must not be used. */
export function readSniper(
  { creator, guards = {}, expiresAt }: SniperRequest,
  slippage: { readonly asked: number | null; readonly otherwise: number },
  expiry: ExpiryRules,
  errors: FieldError[],
): SniperTerms {
  const own = { creator: creator ?? null }
  return {
    type: 'sniper',
    ...own,
    slippageBps: bps(slippage.asked ?? slippage.otherwise),
    priceOf: 'tokenOut',
    ...readGuards(guards, { ...UNGUARDED, ...own }, errors),
    isDefaultExpiry: expiresAt === undefined,
    expiresAt: readExpiry(expiresAt, expiry, errors),
  }
}

type GuardTerms = Pick<SniperTerms, 'guards' | 'limitPrice' | 'condition'>
/** `creator`: whose launches the order waits for; null: those of any. */
type GuardedTerms = GuardTerms & Pick<SniperTerms, 'creator'>

const { passes, ...bounds } = guardDefaults
/** Guards of which an order says nothing. */
const UNGUARDED: GuardTerms = {
  limitPrice: null,
  condition: passesIn(passes),
  guards: { ...bounds, minLiquidityLamports: null, allowCreators: null, denyCreators: [], allow: [] },
}

/** The guards with what the request says of them; `null` lifts one that has no default. Adds to `errors` as above. */
export function readGuards(
  asked: AmendGuardsRequest,
  before: GuardedTerms,
  errors: FieldError[],
): GuardTerms {
  const { minLiquidity, maxPrice, allowCreators, denyCreators, allow, passes, ...bounds } = asked
  const { maxTransferFeeBps, minSaleBps } = bounds
  checkAddresses('allowCreators', allowCreators ?? [], errors)
  checkAddresses('denyCreators', denyCreators ?? [], errors)
  const { guards } = before
  const next: Guards = {
    ...guards,
    ...(minLiquidity === undefined ? {} : { minLiquidityLamports: readLiquidity(minLiquidity, errors) }),
    ...(maxTransferFeeBps === undefined ? {} : { maxTransferFeeBps: bps(maxTransferFeeBps) }),
    ...(minSaleBps === undefined ? {} : { minSaleBps: bps(minSaleBps) }),
    minAgeSlots: bounds.minAgeSlots ?? guards.minAgeSlots,
    maxAgeSlots: bounds.maxAgeSlots ?? guards.maxAgeSlots,
    ...(allowCreators === undefined ? {} : { allowCreators: allowCreators?.toSorted() ?? null }),
    ...(denyCreators === undefined ? {} : { denyCreators: denyCreators?.toSorted() ?? [] }),
    ...(allow === undefined ? {} : { allow: allow.toSorted() }),
  }
  contradict(asked, next, before.creator, errors)
  return {
    guards: next,
    limitPrice: maxPrice === undefined ? before.limitPrice : readMaxPrice(maxPrice, errors),
    condition: passes === undefined ? before.condition : passesIn(passes),
  }
}

const readMaxPrice = (given: string | number | null, errors: FieldError[]) =>
  given === null ? null : readPrice(given, 'guards.maxPrice', errors)

function checkAddresses(name: string, addresses: readonly string[], errors: FieldError[]): void {
  const wrong = addresses.findIndex((address) => !isAddress(address))
  if (wrong < 0) return
  errors.push({ field: `guards.${name}.${wrong}`, code: 'invalid_type', detail: ADDRESS_FORM })
}

/** `asked` is what the request names, `guards` what comes of it. */
function contradict(
  asked: AmendGuardsRequest,
  guards: Guards,
  creator: string | null,
  errors: FieldError[],
): void {
  const deny = (name: string, detail: string) =>
    errors.push({ field: `guards.${name}`, code: 'terms_contradict', detail })
  const { minAgeSlots, maxAgeSlots, allowCreators, denyCreators, allow } = guards
  if (minAgeSlots > maxAgeSlots) deny('minAgeSlots', `more than maxAgeSlots, ${maxAgeSlots} slots`)
  const both = allowCreators?.find((creator) => denyCreators.includes(creator))
  if (both !== undefined) deny('denyCreators', `allowCreators has ${both} too`)
  if (creator !== null && denyCreators.includes(creator)) deny('denyCreators', 'it has the creator')
  if (creator !== null && allowCreators?.includes(creator) === false)
    deny('allowCreators', 'it does not have the creator')
  for (const [consent, names] of bounded) {
    const name = names.find((each) => asked[each] !== undefined)
    if (name !== undefined && allow.includes(consent)) {
      deny(name, `guards.allow has ${consent}, whatever it is`)
    }
  }
}

/** What consents to anything leaves nothing to be bounded. */
const bounded = [
  ['transfer_fee', ['maxTransferFeeBps']],
  ['pool_age', ['minAgeSlots', 'maxAgeSlots']],
  ['sale', ['minSaleBps']],
] as const

/** In lamports; null for none, or after adding to `errors`. */
function readLiquidity(given: string | number | null, errors: FieldError[]): BaseUnits | null {
  if (given === null) return null
  const text = typeof given === 'number' ? (exactDecimal(String(given)) ?? '') : given
  const lamports = parseAmount(text, SOL.decimals)
  if (typeof lamports === 'bigint') return lamports
  errors.push({
    field: 'guards.minLiquidity',
    code: 'amount_malformed',
    detail: 'an amount of SOL such as "50", with at most nine decimals',
  })
  return null
}
