// Owns the watermark of trailing stops: the best price so far. It moves in steps and only up, and the log holds each step,
// so that no restart and no change of owner moves it back.

import type { Observation, TriggerMemory } from '../order.ts'
import { lowered, priceText, type Ratio, raised, ratioOf } from '../price.ts'
import type { RestingSpec, TrailingStopSpec } from '../spec.ts'

/** The watermark in output per input; null before the activation. */
export const watermarkOf = (spec: RestingSpec, memory: TriggerMemory): Ratio | null =>
  memory.watermark === undefined ? null : ratioOf(memory.watermark, 'tokenIn', spec)

/** Each step is an event: a step of a twentieth of the distance makes at most a few dozen of them before it matters. */
const STEPS = 20

/** The least price that moves the watermark up. */
export const nextWatermark = (watermark: Ratio, { trailingBps }: TrailingStopSpec): Ratio =>
  raised(watermark, Math.max(1, Math.floor(trailingBps / STEPS)))

/** The price at which the order fires. */
export const stopAt = (watermark: Ratio, { trailingBps }: TrailingStopSpec): Ratio =>
  lowered(watermark, trailingBps)

/** The worst of the prices that confirm each other, in tokenOut per tokenIn. */
export function watermarkAfter(spec: RestingSpec, confirmed: readonly Observation[]): string {
  const [least] = confirmed.map(({ amountOut }) => amountOut).toSorted((a, b) => Number(a - b))
  if (least === undefined) throw new Error('nothing has confirmed the watermark')
  return priceText(spec, 'tokenIn', { numerator: least, denominator: spec.amountIn })
}
