// Owns the written form of what an order asks for: in its `accepted` event, in views, and as the fingerprint of a request.

import type { Millis } from '../timing/clock.ts'
import { type BaseUnits, baseUnits, bps, formatAmount, parseAmount } from './amount.ts'
import { decodeGuards, guardsData } from './guards.ts'
import { waits } from './lifecycle.ts'
import type { PriceOf } from './price.ts'
import type { RouteConstraints, VenueName } from './route.ts'
import {
  type Condition,
  EXECUTABLE,
  type LegTerms,
  type OrderId,
  type OrderSpec,
  type Parent,
  type RestingTerms,
  type SniperTerms,
  type TwapSpec,
} from './spec.ts'
import { isUnlaunched, type Token } from './token.ts'

/** Constraints in the words of requests, of views and of the log. */
export type ConstraintWords = {
  readonly venues?: readonly VenueName[]
  readonly maxPriceImpactBps?: number
  readonly split?: boolean
}

/** The one form of these constraints: what constrains nothing is absent, venues are sorted. */
export function readConstraints({ venues, maxPriceImpactBps, split }: ConstraintWords): RouteConstraints {
  return {
    ...(venues === undefined ? {} : { venues: venues.toSorted() }),
    ...(maxPriceImpactBps === undefined ? {} : { maxPriceImpactBps }),
    ...(split === false ? { isUnsplit: true } : {}),
  }
}

const constraintWords = ({ venues, maxPriceImpactBps, isUnsplit }: RouteConstraints): ConstraintWords => ({
  ...(venues === undefined ? {} : { venues }),
  ...(maxPriceImpactBps === undefined ? {} : { maxPriceImpactBps }),
  ...(isUnsplit ? { split: false } : {}),
})

/** An order's own fields, as the `accepted` event and every view of the order show them. */
export function specData(spec: OrderSpec) {
  const { tokenIn, tokenOut } = spec
  return {
    type: spec.type,
    tokenIn: tokenIn.symbol,
    tokenInMint: tokenIn.mint,
    tokenInDecimals: isUnlaunched(tokenIn) ? null : tokenIn.decimals,
    tokenOut: tokenOut.symbol,
    tokenOutMint: tokenOut.mint,
    tokenOutDecimals: isUnlaunched(tokenOut) ? null : tokenOut.decimals,
    amountIn: formatAmount(spec.amountIn, tokenIn.decimals),
    amountInBase: spec.amountIn.toString(),
    slippageBps: spec.slippageBps as number,
    ...constraintWords(spec.constraints),
    ...(waits(spec) ? (spec.type === 'sniper' ? sniperData(spec) : waitingData(spec)) : {}),
    ...(spec.type === 'twap' ? twapData(spec) : {}),
    ...(spec.type === 'oco' ? { legs: spec.legs.map(legData) } : {}),
    ...('exits' in spec && spec.exits.length > 0 ? { exits: spec.exits.map(legData) } : {}),
    ...(spec.parent === null ? {} : parentData(spec.parent)),
    owner: spec.owner,
    ...(spec.clientOrderId === null ? {} : { clientOrderId: spec.clientOrderId }),
  }
}

type SpecData = ReturnType<typeof specData>

/** The spec that `specData` wrote. */
export function decodeSpec(orderId: OrderId, data: SpecData): OrderSpec {
  const asked = {
    orderId,
    owner: data.owner,
    tokenIn: { symbol: data.tokenIn, mint: data.tokenInMint, decimals: data.tokenInDecimals ?? 0 },
    tokenOut: { symbol: data.tokenOut, mint: data.tokenOutMint, decimals: data.tokenOutDecimals ?? 0 },
    amountIn: baseUnits(BigInt(data.amountInBase)),
    slippageBps: bps(data.slippageBps),
    constraints: readConstraints(data),
    clientOrderId: data.clientOrderId ?? null,
    parent: 'parentId' in data ? decodeParent(data as ParentData) : null,
  }
  const { type } = data
  const exits = (data.exits ?? []).map(decodeLeg)
  switch (type) {
    case 'market':
      return { ...asked, type, exits }
    case 'twap':
      return { ...asked, type, ...decodeTwap(data as TwapData, asked.tokenIn) }
    case 'oco':
      return { ...asked, type, legs: stored(data.legs, 'legs').map(decodeLeg) }
    case 'limit':
      return { ...asked, ...decodeWaiting(type, data), type, exits }
    case 'sniper':
      return { ...asked, type, ...decodeSniper(data as SniperData), exits }
    default:
      return { ...asked, ...decodeWaiting(type, data) }
  }
}

// ---- what waits for a price or a time -----------------------------------------------------------------------------

/** What the types that wait have beside. */
type WaitingData = {
  readonly slippageBps: number
  readonly priceOf?: PriceOf
  readonly limitPrice?: string
  readonly trigger?: Condition & {
    readonly price?: string
    readonly trailingBps?: number
    readonly activationPrice?: string
  }
  readonly maxHoldMs?: number
  readonly fireAt?: string
  readonly timeInForce?: 'GTT' | 'IOC'
  readonly expiresAt?: string
  readonly expiresByDefault?: true
  readonly slippageLadderBps?: readonly number[]
  /** In SOL. */
  readonly feeBudget?: string
}

function waitingData(terms: RestingTerms): WaitingData {
  const { limitPrice, expiresAt } = terms
  return {
    slippageBps: terms.slippageBps as number,
    priceOf: terms.priceOf,
    ...(limitPrice === null ? {} : { limitPrice }),
    trigger: { ...triggerPrices(terms), ...terms.condition },
    ...(terms.type === 'timeStop' ? { maxHoldMs: terms.maxHoldMs } : {}),
    ...(terms.type === 'timeStop' && terms.fireAt !== null ? { fireAt: iso(terms.fireAt) } : {}),
    timeInForce: expiresAt === null ? 'IOC' : 'GTT',
    ...(expiresAt === null ? {} : { expiresAt: iso(expiresAt) }),
    ...(terms.isDefaultExpiry ? { expiresByDefault: true } : {}),
    ...(terms.type === 'limit'
      ? {}
      : {
          slippageLadderBps: terms.slippageLadderBps,
          feeBudget: formatAmount(terms.feeBudgetLamports, LAMPORT_DECIMALS),
        }),
  }
}

const iso = (at: Millis) => new Date(at).toISOString()

function triggerPrices(terms: RestingTerms) {
  switch (terms.type) {
    case 'limit':
    case 'timeStop':
      return {}
    case 'stop':
    case 'takeProfit':
      return { price: terms.triggerPrice }
    case 'trailingStop': {
      const { trailingBps, activationPrice } = terms
      return { trailingBps, ...(activationPrice === null ? {} : { activationPrice }) }
    }
  }
}

type TermsOf<T extends RestingTerms['type']> = Extract<RestingTerms, { readonly type: T }>

function decodeWaiting<T extends RestingTerms['type']>(type: T, data: WaitingData): TermsOf<T>
function decodeWaiting(type: RestingTerms['type'], data: WaitingData): RestingTerms {
  const { trigger, limitPrice = null, priceOf = 'tokenIn', slippageBps } = data
  const { source, observations, dwellMs, maxAgeMs } = stored(trigger, 'trigger')
  const condition = { source, observations, dwellMs, maxAgeMs }
  const isDefaultExpiry = data.expiresByDefault === true
  const waiting = { priceOf, condition, isDefaultExpiry, slippageBps: bps(slippageBps) }
  const expiresAt = data.expiresAt === undefined ? null : Date.parse(data.expiresAt)
  if (type === 'limit') return { type, ...waiting, limitPrice: stored(limitPrice, 'limitPrice'), expiresAt }
  const exit = {
    ...waiting,
    limitPrice,
    expiresAt: stored(expiresAt, 'expiresAt'),
    slippageLadderBps: stored(data.slippageLadderBps, 'slippageLadderBps').map(bps),
    feeBudgetLamports: readAmount(stored(data.feeBudget, 'feeBudget'), LAMPORT_DECIMALS),
  }
  switch (type) {
    case 'stop':
    case 'takeProfit':
      return { type, ...exit, triggerPrice: stored(trigger?.price, 'price') }
    case 'trailingStop': {
      const trailingBps = bps(stored(trigger?.trailingBps, 'trailingBps'))
      return { type, ...exit, trailingBps, activationPrice: trigger?.activationPrice ?? null }
    }
    case 'timeStop': {
      const fireAt = data.fireAt === undefined ? null : Date.parse(data.fireAt)
      return { type, ...exit, maxHoldMs: stored(data.maxHoldMs, 'maxHoldMs'), fireAt }
    }
  }
}

// ---- families -----------------------------------------------------------------------------------------------------

type LegData = WaitingData & { readonly type: RestingTerms['type']; readonly shareBps?: number }

const legData = (leg: LegTerms): LegData => ({
  type: leg.type,
  ...waitingData(leg),
  ...(leg.shareBps === null ? {} : { shareBps: leg.shareBps as number }),
})

const decodeLeg = (data: LegData): LegTerms => ({
  ...decodeWaiting(data.type, data),
  shareBps: data.shareBps === undefined ? null : bps(data.shareBps),
})

type ParentData = {
  readonly parentId: OrderId
  readonly childNumber: number
  readonly groupId?: OrderId
  readonly groupLegs?: number
  readonly shareBps?: number
  /** What the legs of the group sell in all, in base units. */
  readonly groupTotalBase?: string
}

function parentData(parent: Parent) {
  const { orderId, number } = parent
  if (parent.kind === 'slice') return { parentId: orderId, childNumber: number }
  const { legs, shareBps, total } = parent
  return {
    parentId: orderId,
    childNumber: number,
    groupId: orderId,
    groupLegs: legs,
    ...(shareBps === null ? {} : { shareBps: shareBps as number }),
    ...(total === null ? {} : { groupTotalBase: total.toString() }),
  }
}

function decodeParent({ parentId, childNumber, groupId, ...data }: ParentData): Parent {
  const place = { orderId: parentId, number: childNumber }
  if (groupId === undefined) return { kind: 'slice', ...place }
  const { groupLegs, shareBps, groupTotalBase } = data
  return {
    kind: 'leg',
    ...place,
    legs: stored(groupLegs, 'groupLegs'),
    shareBps: shareBps === undefined ? null : bps(shareBps),
    total: groupTotalBase === undefined ? null : baseUnits(BigInt(groupTotalBase)),
  }
}

type TwapData = ReturnType<typeof twapData>

const twapData = (spec: TwapSpec) => ({
  priceOf: spec.priceOf,
  ...(spec.limitPrice === null ? {} : { limitPrice: spec.limitPrice }),
  slices: spec.slices,
  startAt: iso(spec.startAt),
  ...(spec.isDefaultStart ? { startsByDefault: true as const } : {}),
  durationMs: spec.durationMs,
  jitterBps: spec.jitterBps as number,
  minSlice: formatAmount(spec.minSlice, spec.tokenIn.decimals),
  catchUp: spec.catchUp,
})

const decodeTwap = (data: TwapData, tokenIn: Token) => ({
  priceOf: data.priceOf,
  limitPrice: data.limitPrice ?? null,
  slices: data.slices,
  startAt: Date.parse(data.startAt),
  isDefaultStart: data.startsByDefault === true,
  durationMs: data.durationMs,
  jitterBps: bps(data.jitterBps),
  minSlice: readAmount(data.minSlice, tokenIn.decimals),
  catchUp: data.catchUp,
})

// ---- snipers ------------------------------------------------------------------------------------------------------

/** Its limit and how often its condition must be seen are guards on the wire. */
const sniperData = ({ guards, limitPrice, condition, ...terms }: SniperTerms) => ({
  guards: guardsData({ guards, maxPrice: limitPrice, passes: condition.observations }),
  expiresAt: iso(terms.expiresAt),
  ...(terms.isDefaultExpiry ? { expiresByDefault: true as const } : {}),
})

type SniperData = Partial<ReturnType<typeof sniperData>>

function decodeSniper(data: SniperData) {
  const { guards, maxPrice, passes } = decodeGuards(stored(data.guards, 'guards'))
  return {
    priceOf: 'tokenOut' as const,
    condition: passesIn(passes),
    isDefaultExpiry: data.expiresByDefault === true,
    limitPrice: maxPrice,
    guards,
    expiresAt: Date.parse(stored(data.expiresAt, 'expiresAt')),
  }
}

/** The condition of an order whose guards must pass in so many slots. */
export const passesIn = (observations: number): Condition => ({
  source: EXECUTABLE,
  observations,
  dwellMs: 0,
  maxAgeMs: 5_000,
})

/** The log holds what its writer left; a field that is not there is a defect. */
function stored<T>(value: T | null | undefined, name: string): T {
  if (value === undefined || value === null) throw new Error(`the log holds an order without ${name}`)
  return value
}

/** Decimals of SOL, in which network fees are counted. */
export const LAMPORT_DECIMALS = 9

function readAmount(text: string, decimals: number): BaseUnits {
  const amount = text === '0' ? baseUnits(0n) : parseAmount(text, decimals)
  if (typeof amount !== 'bigint') throw new Error(`the log holds ${text}, which is no amount`)
  return amount
}

/**
 * Tells a repeat of a request from another order under the same key: the canonical form of all that was asked for. Two
 * specs have the same one exactly if they differ in nothing but their ids, in times that neither asked for, and in what a
 * token that is to be launched is called.
 */
export const fingerprintOf = ({ orderId: _, ...asked }: OrderSpec): string =>
  canonical({
    ...withoutDefaults(asked),
    // A repeat may come when the token is launched, and has another name than its mint.
    ...(asked.type === 'sniper' ? { tokenOut: asked.tokenOut.mint } : {}),
  })

function withoutDefaults(asked: object): object {
  return {
    ...asked,
    ...('isDefaultExpiry' in asked && asked.isDefaultExpiry ? { expiresAt: null } : {}),
    ...('isDefaultStart' in asked && asked.isDefaultStart ? { startAt: null } : {}),
    ...('exits' in asked ? { exits: (asked.exits as readonly LegTerms[]).map(withoutDefaults) } : {}),
    ...('legs' in asked ? { legs: (asked.legs as readonly LegTerms[]).map(withoutDefaults) } : {}),
  }
}

/** JSON with sorted keys; base units are written as text. */
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)}}`
}
