// Owns the answer to "why not yet": what a resting order waits for, and what its source shows now.

import type { Millis } from '../../timing/clock.ts'
import { isDormant, waits } from '../lifecycle.ts'
import type { Order, Wait } from '../order.ts'
import { distanceBps, priceText, type Ratio } from '../price.ts'
import { judge, levelsOf } from './judge.ts'
import { heldBy, isSelling, notBefore } from './memory.ts'
import type { Blocker, Sight } from './trigger.ts'

export type Waiting = Wait & { readonly blocker: Blocker }

const NO_PRICE = { for: null, now: null, distanceBps: null, slot: null } as const

export type Moment = {
  readonly now: Millis
  readonly isHalted: boolean
  /** Whether the other legs of its group have claimed all that it might sell. */
  readonly isClaimed: boolean
  /** Whether the wallet holds what the order sells. */
  readonly isFunded: boolean
}

/** Null for an order that does not wait. `sight` is null where no price is waited for. */
export function waitingOf(order: Order, sight: Sight | null, moment: Moment): Waiting | null {
  const { spec, memory } = order
  if (order.status !== 'pending') return null
  if (spec.type === 'twap')
    return { ...NO_PRICE, evaluatedAt: moment.now, blocker: blockerOf(order, null, moment) }
  if (!waits(spec)) return null
  const { above, below } = levelsOf(spec, memory)
  const level = below ?? above
  const seen = sight?.kind === 'seen' ? sight.observation : null
  const price = (ratio: Ratio) => priceText(spec, spec.priceOf, ratio)
  const isKnown = level !== null && level.numerator > 0n
  return {
    for: isKnown ? price(level) : null,
    now: seen === null ? null : price({ numerator: seen.amountOut, denominator: spec.amountIn }),
    distanceBps: seen === null || !isKnown ? null : distanceBps(level, spec.amountIn, seen.amountOut),
    evaluatedAt: seen?.at ?? moment.now,
    slot: seen?.slot ?? null,
    blocker: blockerOf(order, sight, moment),
    ...(sight?.kind === 'unseen' ? { detail: sight.detail } : {}),
  }
}

function blockerOf(order: Order, sight: Sight | null, moment: Moment): Blocker {
  const { spec, memory } = order
  if (isDormant(spec)) return 'not_started'
  if (order.status === 'pending' && order.isPaused) return 'paused'
  if (moment.isHalted) return 'halted'
  if (moment.isClaimed) return 'group_claimed'
  if (notBefore(memory) > moment.now) return heldBy(memory, moment.now) ?? 'backoff'
  if (waits(spec) && isSelling(spec, memory)) return moment.isFunded ? 'confirming' : 'unfunded'
  if (sight === null || !waits(spec)) return 'time'
  if (sight.kind === 'unseen') return sight.blocker
  if (judge(spec, memory, sight.observation) !== 'fires') return 'price'
  return moment.isFunded ? 'confirming' : 'unfunded'
}
