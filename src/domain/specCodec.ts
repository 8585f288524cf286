// Owns the written form of what an order asks for: in its `accepted` event, in views, and as the fingerprint of a request.

import { baseUnits, bps, formatAmount } from './amount.ts'
import type { OrderId, OrderSpec } from './order.ts'
import type { RouteConstraints, VenueName } from './route.ts'

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
    tokenOutDecimals: tokenOut.decimals,
    amountIn: formatAmount(spec.amountIn, tokenIn.decimals),
    amountInBase: spec.amountIn.toString(),
    slippageBps: spec.slippageBps as number,
    ...constraintWords(spec.constraints),
    owner: spec.owner,
    ...(spec.clientOrderId === null ? {} : { clientOrderId: spec.clientOrderId }),
  }
}

/** The spec that `specData` wrote. */
export function decodeSpec(orderId: OrderId, data: ReturnType<typeof specData>): OrderSpec {
  return {
    orderId,
    owner: data.owner,
    type: data.type,
    tokenIn: { symbol: data.tokenIn, mint: data.tokenInMint, decimals: data.tokenInDecimals },
    tokenOut: { symbol: data.tokenOut, mint: data.tokenOutMint, decimals: data.tokenOutDecimals },
    amountIn: baseUnits(BigInt(data.amountInBase)),
    slippageBps: bps(data.slippageBps),
    constraints: readConstraints(data),
    clientOrderId: data.clientOrderId ?? null,
  }
}

/**
 * Tells a repeat of a request from another order under the same key: the canonical form of all that was asked for. Two
 * specs have the same one exactly if they differ in nothing but their ids.
 */
export const fingerprintOf = ({ orderId: _, ...asked }: OrderSpec): string => canonical(asked)

/** JSON with sorted keys; base units are written as text. */
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)}}`
}
