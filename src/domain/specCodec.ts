// Owns the written form of what an order asks for: in its `accepted` event and in views.

import { baseUnits, bps, formatAmount } from './amount.ts'
import { waits } from './lifecycle.ts'
import type { RouteConstraints, VenueName } from './route.ts'
import type { OrderId, OrderSpec } from './spec.ts'
import {
  decodeLeg,
  decodeParent,
  decodeSniper,
  decodeTwap,
  decodeWaiting,
  legData,
  type ParentData,
  parentData,
  type SniperData,
  sniperData,
  stored,
  type TwapData,
  twapData,
  waitingData,
} from './termsCodec.ts'
import { isUnlaunched } from './token.ts'
import type { OrderTerms } from './wire.ts'

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
  } satisfies OrderTerms
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
