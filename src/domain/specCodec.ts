// Owns the written form of what an order asks for: in its `accepted` event, in views, and as the fingerprint of a request.

import { type BaseUnits, baseUnits, bps, formatAmount, parseAmount } from './amount.ts'
import { decodeGuards, type GuardsData, guardsData } from './guards.ts'
import {
  type Condition,
  EXECUTABLE,
  type MarketSpec,
  type OrderId,
  type OrderSpec,
  type RestingSpec,
  type SniperSpec,
} from './order.ts'
import type { PriceOf } from './price.ts'
import type { RouteConstraints, VenueName } from './route.ts'
import { isUnlaunched } from './token.ts'

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
    tokenInDecimals: tokenIn.decimals,
    tokenOut: tokenOut.symbol,
    tokenOutMint: tokenOut.mint,
    tokenOutDecimals: isUnlaunched(tokenOut) ? null : tokenOut.decimals,
    amountIn: formatAmount(spec.amountIn, tokenIn.decimals),
    amountInBase: spec.amountIn.toString(),
    slippageBps: spec.slippageBps as number,
    ...constraintWords(spec.constraints),
    ...(spec.type === 'market' ? {} : waitingData(spec)),
    owner: spec.owner,
    ...(spec.clientOrderId === null ? {} : { clientOrderId: spec.clientOrderId }),
  }
}

type SpecData = ReturnType<typeof specData>

/** What the types that wait for a price have beside. */
type WaitingData = {
  readonly priceOf?: PriceOf
  readonly limitPrice?: string
  readonly trigger?: Condition & {
    readonly price?: string
    readonly trailingBps?: number
    readonly activationPrice?: string
  }
  readonly timeInForce?: 'GTT' | 'IOC'
  readonly expiresAt?: string
  readonly expiresByDefault?: true
  readonly slippageLadderBps?: readonly number[]
  /** In SOL. */
  readonly feeBudget?: string
  readonly guards?: GuardsData
}

function waitingData(spec: RestingSpec): WaitingData {
  const { limitPrice, expiresAt } = spec
  if (spec.type === 'sniper') return sniperData(spec)
  return {
    priceOf: spec.priceOf,
    ...(limitPrice === null ? {} : { limitPrice }),
    trigger: { ...triggerPrices(spec), ...spec.condition },
    timeInForce: expiresAt === null ? 'IOC' : 'GTT',
    ...(expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    ...(spec.isDefaultExpiry ? { expiresByDefault: true } : {}),
    ...(spec.type === 'limit'
      ? {}
      : {
          slippageLadderBps: spec.slippageLadderBps,
          feeBudget: formatAmount(spec.feeBudgetLamports, LAMPORT_DECIMALS),
        }),
  }
}

/** Its limit and how often its condition must be seen are guards on the wire. */
const sniperData = ({
  guards,
  limitPrice,
  condition,
  expiresAt,
  isDefaultExpiry,
}: SniperSpec): WaitingData => ({
  guards: guardsData({ guards, maxPrice: limitPrice, passes: condition.observations }),
  expiresAt: new Date(expiresAt).toISOString(),
  ...(isDefaultExpiry ? { expiresByDefault: true } : {}),
})

function triggerPrices(spec: Exclude<RestingSpec, SniperSpec>) {
  switch (spec.type) {
    case 'limit':
      return {}
    case 'stop':
    case 'takeProfit':
      return { price: spec.triggerPrice }
    case 'trailingStop': {
      const { trailingBps, activationPrice } = spec
      return { trailingBps, ...(activationPrice === null ? {} : { activationPrice }) }
    }
  }
}

/** The spec that `specData` wrote. */
export function decodeSpec(orderId: OrderId, data: SpecData): OrderSpec {
  const asked = {
    orderId,
    owner: data.owner,
    tokenIn: { symbol: data.tokenIn, mint: data.tokenInMint, decimals: data.tokenInDecimals },
    tokenOut: { symbol: data.tokenOut, mint: data.tokenOutMint, decimals: data.tokenOutDecimals ?? 0 },
    amountIn: baseUnits(BigInt(data.amountInBase)),
    slippageBps: bps(data.slippageBps),
    constraints: readConstraints(data),
    clientOrderId: data.clientOrderId ?? null,
  }
  const { type } = data
  return type === 'market' ? { ...asked, type } : { ...asked, ...decodeWaiting(type, data) }
}

type OwnFields<S> = S extends RestingSpec ? Omit<S, keyof MarketSpec> & Pick<S, 'type'> : never

function decodeWaiting(type: RestingSpec['type'], data: WaitingData): OwnFields<RestingSpec> {
  if (type === 'sniper') return decodeSniper(data)
  const { trigger, limitPrice = null, priceOf = 'tokenIn' } = data
  const { source, observations, dwellMs, maxAgeMs } = stored(trigger, 'trigger')
  const condition = { source, observations, dwellMs, maxAgeMs }
  const waiting = { priceOf, condition, isDefaultExpiry: data.expiresByDefault === true }
  const expiresAt = data.expiresAt === undefined ? null : Date.parse(data.expiresAt)
  if (type === 'limit') return { type, ...waiting, limitPrice: stored(limitPrice, 'limitPrice'), expiresAt }
  const exit = {
    ...waiting,
    limitPrice,
    expiresAt: stored(expiresAt, 'expiresAt'),
    slippageLadderBps: stored(data.slippageLadderBps, 'slippageLadderBps').map(bps),
    feeBudgetLamports: parseLamports(stored(data.feeBudget, 'feeBudget')),
  }
  if (type !== 'trailingStop') return { type, ...exit, triggerPrice: stored(trigger?.price, 'price') }
  return {
    type,
    ...exit,
    trailingBps: bps(stored(trigger?.trailingBps, 'trailingBps')),
    activationPrice: trigger?.activationPrice ?? null,
  }
}

function decodeSniper(data: WaitingData): OwnFields<SniperSpec> {
  const { guards, maxPrice, passes } = decodeGuards(stored(data.guards, 'guards'))
  return {
    type: 'sniper',
    priceOf: 'tokenOut',
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

function parseLamports(text: string): BaseUnits {
  const amount = text === '0' ? baseUnits(0n) : parseAmount(text, LAMPORT_DECIMALS)
  if (typeof amount !== 'bigint') throw new Error(`the log holds ${text}, which is no amount of SOL`)
  return amount
}

/**
 * Tells a repeat of a request from another order under the same key: the canonical form of all that was asked for. Two
 * specs have the same one exactly if they differ in nothing but their ids, an end that neither asked for, and what a token
 * that is to be launched is called.
 */
export function fingerprintOf({ orderId: _, ...asked }: OrderSpec): string {
  return canonical({
    ...asked,
    ...('isDefaultExpiry' in asked && asked.isDefaultExpiry ? { expiresAt: null } : {}),
    // A repeat may come when the token is launched, and has another name than its mint.
    ...(asked.type === 'sniper' ? { tokenOut: asked.tokenOut.mint } : {}),
  })
}

/** JSON with sorted keys; base units are written as text. */
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)}}`
}
