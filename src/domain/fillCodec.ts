// Owns the written form of what was swapped: by an order, and by the children of a plan.

import type { Millis } from '../timing/clock.ts'
import { formatPrice, shortfallBps } from './amount.ts'
import { openStatuses } from './lifecycle.ts'
import type { Fill, Order, OrderEvent, Totals } from './order.ts'
import type { OrderSpec } from './spec.ts'
import { amount, inTokens, readToken, writtenToken } from './tokenCodec.ts'
import type { EventData, Totals as TotalsData } from './wire.ts'

/** The data of a `filled` event, which follows on `before`. */
export function filledData(before: Order, { fill, at }: Extract<OrderEvent, { kind: 'filled' }>) {
  if (before.status !== 'submitted') throw new Error('only a submitted order can be filled')
  const { spec, swap, route } = before
  return {
    signature: swap.signature,
    txHash: swap.signature,
    amountIn: inTokens(fill.amountIn, spec.tokenIn),
    amountInBase: fill.amountIn.toString(),
    amountOut: inTokens(fill.amountOut, spec.tokenOut),
    amountOutBase: fill.amountOut.toString(),
    executedPrice: formatPrice(fill.amountOut, spec.tokenOut.decimals, fill.amountIn, spec.tokenIn.decimals),
    slippageToQuoteBps: shortfallBps(route.amountOut, fill.amountOut),
    networkFeeLamports: fill.networkFeeLamports.toString(),
    poolFees: fill.poolFees.map(({ pool, amount, token }) => ({
      pool,
      amount: inTokens(amount, token),
      amountBase: amount.toString(),
      ...writtenToken(spec, 'token', token),
    })),
    slot: fill.slot,
    stepMs: stepMs(before, at),
  } satisfies EventData['filled']
}

/** Milliseconds spent in each status of this attempt, and in all since the order was accepted. */
function stepMs(before: Order, at: Millis): Record<string, number> {
  const spent: Record<string, number> = {}
  let until = at
  for (const status of openStatuses.toReversed()) {
    const since = before.enteredAt[status]
    if (since === undefined) continue
    spent[status] = until - since
    until = since
  }
  spent.total = at - before.createdAt
  return spent
}

export function decodeFill(spec: OrderSpec, data: ReturnType<typeof filledData>): Fill {
  return {
    amountIn: amount(data.amountInBase),
    amountOut: amount(data.amountOutBase),
    networkFeeLamports: amount(data.networkFeeLamports),
    poolFees: data.poolFees.map((fee) => ({
      pool: fee.pool,
      amount: amount(fee.amountBase),
      token: readToken(spec, fee, 'token'),
    })),
    slot: data.slot,
  }
}

/** What the children of a plan have traded, and what is left of it. */
export const totalsData = (spec: OrderSpec, { amountIn, amountOut }: Totals): TotalsData => ({
  filledIn: inTokens(amountIn, spec.tokenIn),
  filledInBase: amountIn.toString(),
  filledOut: inTokens(amountOut, spec.tokenOut),
  filledOutBase: amountOut.toString(),
  remainingIn: inTokens(spec.amountIn - amountIn, spec.tokenIn),
  averagePrice:
    amountIn === 0n ? null : formatPrice(amountOut, spec.tokenOut.decimals, amountIn, spec.tokenIn.decimals),
})

export const decodeTotals = (data: {
  readonly filledInBase: string
  readonly filledOutBase: string
}): Totals => ({
  amountIn: amount(data.filledInBase),
  amountOut: amount(data.filledOutBase),
})
