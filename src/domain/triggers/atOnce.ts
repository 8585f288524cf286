// Owns orders whose price is there already: what they are denied for when they are placed.

import { shortfallBps } from '../amount.ts'
import { distanceBps, ratioOf } from '../price.ts'
import type { LimitSpec, OrderSpec, RestingSpec, SniperSpec } from '../spec.ts'
import { judge } from './judge.ts'
import { isOfUnknownAge, tooLate } from './launch.ts'
import { leastOutput } from './terms.ts'
import type { Sight } from './verdict.ts'

export type MarketConsent = {
  /** Null: as the type has it; a limit fires, every other type is denied. */
  readonly onImmediate: 'fire' | 'reject' | null
  readonly acceptOffMarket: boolean
  readonly acceptImpact: boolean
}

export type MarketDenial = {
  readonly code:
    | 'would_fire_at_once'
    | 'off_market'
    | 'unknown_source'
    | 'impact_needs_consent'
    | 'pool_too_old'
  readonly field: string
  readonly detail: string
}

/** A limit this much worse than the market is a slip of the hand until the client says otherwise. */
const OFF_MARKET_BPS = 500

/** And so is an amount that itself worsens the price this much. */
export const CONSENT_IMPACT_BPS = 500

/** Why the order makes no sense at this market; null where it does, or where nothing is seen. */
export function denialByMarket(spec: RestingSpec, sight: Sight, consent: MarketConsent): MarketDenial | null {
  if (spec.type === 'sniper') return denialOfSniper(spec, sight)
  if (sight.kind === 'unseen') {
    if (sight.blocker !== 'unknown_source') return null
    return { code: 'unknown_source', field: 'trigger.source', detail: sight.detail }
  }
  // Now or not at all: whether the price is there is the whole question.
  if (spec.expiresAt === null) return null
  const { amountOut } = sight.observation
  const otherwise = spec.type === 'limit' ? 'fire' : 'reject'
  const field = spec.type === 'limit' ? 'limitPrice' : 'trigger'
  const judgement = judge(spec, {}, sight.observation)
  // A trailing stop never fires at its first price, but its activation may be there already.
  const isActive = spec.type === 'trailingStop' && spec.activationPrice !== null && judgement === 'raises'
  const isThere = judgement === 'fires' || isActive
  if (isThere && (consent.onImmediate ?? otherwise) === 'reject') {
    return { code: 'would_fire_at_once', field, detail: 'the market is there already' }
  }
  if (spec.type !== 'limit' || consent.acceptOffMarket) return null
  const worseBps = offMarketBps(spec, amountOut)
  if (worseBps <= OFF_MARKET_BPS) return null
  return { code: 'off_market', field, detail: `the limit is ${worseBps} bps worse than the market` }
}

/**
 * Whether the order trades at the price of now, and so may be asked to accept its impact. Exits are not: they have to sell.
 * `sight` is null for an order that waits for no price.
 */
export function tradesAtOnce(spec: OrderSpec, sight: Sight | null): boolean {
  if (spec.type === 'market') return true
  return spec.type === 'limit' && sight?.kind === 'seen' && judge(spec, {}, sight.observation) === 'fires'
}

export const denialByImpact = (impactBps: number): MarketDenial => ({
  code: 'impact_needs_consent',
  field: 'amountIn',
  detail: `the amount itself worsens the price by ${impactBps} bps`,
})

/** How much worse than the market the limit is, in bps of the market's price as the order prices it. */
const offMarketBps = (spec: LimitSpec, amountOut: bigint): number =>
  spec.priceOf === 'tokenIn'
    ? shortfallBps(amountOut, leastOutput(spec))
    : distanceBps(ratioOf(spec.limitPrice, spec.priceOf, spec), spec.amountIn, amountOut)

/** It may buy at once, but must be able to: at the age of its token it could be too late for ever. */
function denialOfSniper(spec: SniperSpec, { evidence }: Sight): MarketDenial | null {
  if (evidence === undefined) return null
  const failure = tooLate(spec, evidence)
  if (failure === null && !isOfUnknownAge(spec, evidence)) return null
  const { symbol } = evidence.token
  const detail =
    failure?.detail ?? `the launch of ${symbol} is not known: guards.allow ["pool_age"] consents to any age`
  return { code: 'pool_too_old', field: 'guards.maxAgeSlots', detail }
}
