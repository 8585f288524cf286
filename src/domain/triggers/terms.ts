// Owns the terms of an attempt: how much less than its quote it may pay, and the least that the order takes at all.

import { type Bps, baseUnits } from '../amount.ts'
import { outputAt, ratioOf } from '../price.ts'
import type { Route } from '../route.ts'
import type { OrderSpec } from '../spec.ts'

/** The slippage of this attempt: an exit allows more with each that failed, up to what the user set. */
export function slippageOf(spec: OrderSpec, attempt: number): Bps {
  if (!('slippageLadderBps' in spec)) return spec.slippageBps
  const { slippageLadderBps } = spec
  return slippageLadderBps[attempt - 1] ?? slippageLadderBps.at(-1) ?? spec.slippageBps
}

/** The least output that the order's limit allows, in base units; 0 without a limit. */
export function leastOutput(spec: OrderSpec): bigint {
  if (!('limitPrice' in spec) || spec.limitPrice === null) return 0n
  return outputAt(ratioOf(spec.limitPrice, spec.priceOf, spec), spec.amountIn)
}

/** The route with the order's limit as its minimum too, or null when it pays less than that. */
export function withinLimit(route: Route, spec: OrderSpec): Route | null {
  const least = leastOutput(spec)
  if (route.amountOut < least) return null
  return route.minAmountOut >= least ? route : { ...route, minAmountOut: baseUnits(least) }
}
