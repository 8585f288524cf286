// Owns the answer to "why not yet": what a resting order waits for, and what its source shows now.

import type { Millis } from '../../timing/clock.ts'
import type { Order, RestingSpec, Wait } from '../order.ts'
import { distanceBps, priceText, type Ratio } from '../price.ts'
import { judge, levelsOf } from './judge.ts'
import { notBefore } from './memory.ts'
import type { Blocker, Sight } from './trigger.ts'

export type Waiting = Wait & { readonly blocker: Blocker }

type Moment = { readonly now: Millis; readonly isHalted: boolean }

/** Null for an order that does not wait for a price. */
export function waitingOf(order: Order, sight: Sight, moment: Moment): Waiting | null {
  const { spec, memory } = order
  if (order.status !== 'pending' || spec.type === 'market') return null
  const { above, below } = levelsOf(spec, memory)
  const level = below ?? above
  const seen = sight.kind === 'seen' ? sight.observation : null
  const price = (ratio: Ratio) => priceText(spec, spec.priceOf, ratio)
  const isKnown = level !== null && level.numerator > 0n
  return {
    for: isKnown ? price(level) : null,
    now: seen === null ? null : price({ numerator: seen.amountOut, denominator: spec.amountIn }),
    distanceBps: seen === null || !isKnown ? null : distanceBps(level, spec.amountIn, seen.amountOut),
    evaluatedAt: seen?.at ?? moment.now,
    slot: seen?.slot ?? null,
    blocker: blockerOf(order, spec, sight, moment),
    ...(sight.kind === 'unseen' ? { detail: sight.detail } : {}),
  }
}

function blockerOf(order: Order, spec: RestingSpec, sight: Sight, { now, isHalted }: Moment): Blocker {
  if (order.status === 'pending' && order.isPaused) return 'paused'
  if (isHalted) return 'halted'
  if (notBefore(order.memory) > now) return 'backoff'
  if (sight.kind === 'unseen') return sight.blocker
  return judge(spec, order.memory, sight.observation) === 'fires' ? 'confirming' : 'price'
}
