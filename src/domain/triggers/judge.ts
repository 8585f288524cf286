// Owns the question of each order type: what one observation means for it.

import type { Observation, TriggerMemory } from '../order.ts'
import { paysAtLeast, paysAtMost, type Ratio, ratioOf } from '../price.ts'
import type { RestingSpec } from '../spec.ts'
import { hasFired, isSelling } from './memory.ts'
import { nextWatermark, stopAt, watermarkOf } from './watermark.ts'

/** `raises`: the price has moved the watermark of a trailing stop. */
export type Judgement = 'fires' | 'raises' | 'nothing'

/** The prices at which a resting order wants to be looked at: when the market pays at least `above`, or at most `below`. */
export type Levels = { readonly above: Ratio | null; readonly below: Ratio | null }

const NOTHING_PAID: Ratio = { numerator: 0n, denominator: 1n }

/** The levels of an order, by what its trigger remembers. */
export function levelsOf(spec: RestingSpec, memory: TriggerMemory): Levels {
  const at = (price: string) => ratioOf(price, spec.priceOf, spec)
  if (isSelling(spec, memory)) return { above: NOTHING_PAID, below: null }
  if (spec.type === 'limit' || (hasFired(memory) && spec.limitPrice !== null)) {
    return { above: spec.limitPrice === null ? null : at(spec.limitPrice), below: null }
  }
  switch (spec.type) {
    case 'timeStop':
      return { above: null, below: null }
    case 'stop':
      return { above: null, below: at(spec.triggerPrice) }
    // Whatever it costs: its guards are asked, and refuse a price too high.
    case 'sniper':
      return { above: NOTHING_PAID, below: null }
    case 'takeProfit':
      return { above: at(spec.triggerPrice), below: null }
    case 'trailingStop': {
      const watermark = watermarkOf(spec, memory)
      if (watermark !== null) {
        return { above: nextWatermark(watermark, spec), below: stopAt(watermark, spec) }
      }
      const { activationPrice } = spec
      return { above: activationPrice === null ? NOTHING_PAID : at(activationPrice), below: null }
    }
  }
}

/** What one observation means for the order, before it is confirmed by others. */
export function judge(spec: RestingSpec, memory: TriggerMemory, { amountOut }: Observation): Judgement {
  const { above, below } = levelsOf(spec, memory)
  if (below !== null && paysAtMost(below, spec.amountIn, amountOut)) return 'fires'
  if (above === null || !paysAtLeast(above, spec.amountIn, amountOut)) return 'nothing'
  return spec.type === 'trailingStop' && !hasFired(memory) ? 'raises' : 'fires'
}
