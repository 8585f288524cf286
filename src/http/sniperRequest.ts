// Owns reading what a sniper asks for: its guards, and until when it waits.

import { type BaseUnits, bps, exactDecimal, parseAmount } from '../domain/amount.ts'
import { type Guards, guardDefaults } from '../domain/guards.ts'
import type { SniperTerms } from '../domain/spec.ts'
import { passesIn } from '../domain/termsCodec.ts'
import { SOL } from '../domain/token.ts'
import { ADDRESS_FORM, isAddress } from './addressField.ts'
import { readOptionalPrice } from './fields.ts'
import type { GuardsRequest } from './guardSchemas.ts'
import type { SniperRequest } from './orderSchemas.ts'
import type { FieldError } from './problems.ts'
import { type ExpiryRules, readExpiry } from './restingRequest.ts'

/** Adds to `errors` every field at fault; the terms then must not be used. */
export function readSniper(
  { guards = {}, expiresAt }: SniperRequest,
  slippage: { readonly asked: number | null; readonly otherwise: number },
  expiry: ExpiryRules,
  errors: FieldError[],
): SniperTerms {
  const { maxPrice, passes = guardDefaults.passes } = guards
  return {
    type: 'sniper',
    slippageBps: bps(slippage.asked ?? slippage.otherwise),
    priceOf: 'tokenOut',
    condition: passesIn(passes),
    limitPrice: readOptionalPrice(maxPrice, 'guards.maxPrice', errors),
    guards: readGuards(guards, errors),
    isDefaultExpiry: expiresAt === undefined,
    expiresAt: readExpiry(expiresAt, expiry, errors),
  }
}

function readGuards(guards: GuardsRequest, errors: FieldError[]): Guards {
  const { minLiquidity, allowCreators, denyCreators = [], allow = [], ...bounds } = guards
  const { minAgeSlots, maxAgeSlots } = { ...guardDefaults, ...bounds }
  checkAddresses('allowCreators', allowCreators ?? [], errors)
  checkAddresses('denyCreators', denyCreators, errors)
  contradict(guards, errors)
  return {
    minLiquidityLamports: minLiquidity === undefined ? null : readLiquidity(minLiquidity, errors),
    maxTransferFeeBps: bps(bounds.maxTransferFeeBps ?? guardDefaults.maxTransferFeeBps),
    minAgeSlots,
    maxAgeSlots,
    minSaleBps: bps(bounds.minSaleBps ?? guardDefaults.minSaleBps),
    allowCreators: allowCreators?.toSorted() ?? null,
    denyCreators: denyCreators.toSorted(),
    allow: allow.toSorted(),
  }
}

function checkAddresses(name: string, addresses: readonly string[], errors: FieldError[]): void {
  const wrong = addresses.findIndex((address) => !isAddress(address))
  if (wrong < 0) return
  errors.push({ field: `guards.${name}.${wrong}`, code: 'invalid_type', detail: ADDRESS_FORM })
}

function contradict(guards: GuardsRequest, errors: FieldError[]): void {
  const deny = (name: string, detail: string) =>
    errors.push({ field: `guards.${name}`, code: 'terms_contradict', detail })
  const { allowCreators = [], denyCreators = [], allow = [] } = guards
  const { minAgeSlots, maxAgeSlots } = { ...guardDefaults, ...guards }
  if (minAgeSlots > maxAgeSlots) deny('minAgeSlots', `more than maxAgeSlots, ${maxAgeSlots} slots`)
  const both = allowCreators.find((creator) => denyCreators.includes(creator))
  if (both !== undefined) deny('denyCreators', `allowCreators has ${both} too`)
  for (const [consent, names] of bounded) {
    const name = names.find((each) => guards[each] !== undefined)
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

/** In lamports; null after adding to `errors`. */
function readLiquidity(given: string | number, errors: FieldError[]): BaseUnits | null {
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
