// Owns the written form of what only some types ask for: prices to wait for, legs, slices, guards.

import type { Millis } from '../timing/clock.ts'
import { type BaseUnits, baseUnits, bps, formatAmount, parseAmount } from './amount.ts'
import { decodeGuards, guardsData } from './guards.ts'
import type { PriceOf } from './price.ts'
import {
  type Condition,
  EXECUTABLE,
  type LegTerms,
  type OrderId,
  type Parent,
  type RestingTerms,
  type SniperTerms,
  type TwapSpec,
} from './spec.ts'
import type { Token } from './token.ts'

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

export function waitingData(terms: RestingTerms): WaitingData {
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

export function decodeWaiting<T extends RestingTerms['type']>(type: T, data: WaitingData): TermsOf<T>
export function decodeWaiting(type: RestingTerms['type'], data: WaitingData): RestingTerms {
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

export const legData = (leg: LegTerms): LegData => ({
  type: leg.type,
  ...waitingData(leg),
  ...(leg.shareBps === null ? {} : { shareBps: leg.shareBps as number }),
})

export const decodeLeg = (data: LegData): LegTerms => ({
  ...decodeWaiting(data.type, data),
  shareBps: data.shareBps === undefined ? null : bps(data.shareBps),
})

export type ParentData = {
  readonly parentId: OrderId
  readonly childNumber: number
  /** Of a slice. */
  readonly sliceExpiresAt?: string
  readonly groupId?: OrderId
  readonly groupLegs?: number
  readonly shareBps?: number
  /** What the legs of the group sell in all, in base units. */
  readonly groupTotalBase?: string
}

export function parentData(parent: Parent) {
  const { orderId, number } = parent
  if (parent.kind === 'slice') {
    const end = parent.endsAt === null ? {} : { sliceExpiresAt: iso(parent.endsAt) }
    return { parentId: orderId, childNumber: number, ...end }
  }
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

export function decodeParent({ parentId, childNumber, groupId, ...data }: ParentData): Parent {
  const place = { orderId: parentId, number: childNumber }
  if (groupId === undefined) {
    const { sliceExpiresAt } = data
    return {
      kind: 'slice',
      ...place,
      endsAt: sliceExpiresAt === undefined ? null : Date.parse(sliceExpiresAt),
    }
  }
  const { groupLegs, shareBps, groupTotalBase } = data
  return {
    kind: 'leg',
    ...place,
    legs: stored(groupLegs, 'groupLegs'),
    shareBps: shareBps === undefined ? null : bps(shareBps),
    total: groupTotalBase === undefined ? null : baseUnits(BigInt(groupTotalBase)),
  }
}

export type TwapData = ReturnType<typeof twapData>

export const twapData = (spec: TwapSpec) => ({
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

export const decodeTwap = (data: TwapData, tokenIn: Token) => ({
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
export const sniperData = ({ creator, guards, limitPrice, condition, ...terms }: SniperTerms) => ({
  ...(creator === null ? {} : { creator }),
  guards: guardsData({ guards, maxPrice: limitPrice, passes: condition.observations }),
  expiresAt: iso(terms.expiresAt),
  ...(terms.isDefaultExpiry ? { expiresByDefault: true as const } : {}),
})

export type SniperData = Partial<ReturnType<typeof sniperData>>

export function decodeSniper(data: SniperData) {
  const { guards, maxPrice, passes } = decodeGuards(stored(data.guards, 'guards'))
  return {
    creator: data.creator ?? null,
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
export function stored<T>(value: T | null | undefined, name: string): T {
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
