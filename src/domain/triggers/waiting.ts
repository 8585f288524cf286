// Owns the answer to "why not yet": what a resting order waits for, and what its source shows now.

import type { Millis } from '../../timing/clock.ts'
import { isDormant, waits } from '../lifecycle.ts'
import type { Order } from '../order.ts'
import { distanceBps, priceText, type Ratio } from '../price.ts'
import { judge, levelsOf } from './judge.ts'
import { notBefore } from './memory.ts'
import type { Blocker, Sight } from './trigger.ts'

export type Waiting = {
  /** The price that fires it, in the order's own terms; null where none is known yet. */
  readonly for: string | null
  /** What its source shows; null where it shows nothing. */
  readonly now: string | null
  /** How far the market pays more (or, negative, less) than the price, in bps of it. */
  readonly distanceBps: number | null
  readonly evaluatedAt: Millis
  readonly slot: number | null
  readonly blocker: Blocker
  readonly detail?: string
}

const NO_PRICE = { for: null, now: null, distanceBps: null, slot: null } as const

type Moment = {
  readonly now: Millis
  readonly isHalted: boolean
  /** Whether the other legs of its group have claimed all that it might sell. */
  readonly isClaimed: boolean
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

function blockerOf(order: Order, sight: Sight | null, { now, isHalted, isClaimed }: Moment): Blocker {
  if (isDormant(order.spec)) return 'not_started'
  if (order.status === 'pending' && order.isPaused) return 'paused'
  if (isHalted) return 'halted'
  if (isClaimed) return 'group_claimed'
  if (notBefore(order.memory) > now) return 'backoff'
  if (sight === null || !waits(order.spec)) return 'time'
  if (sight.kind === 'unseen') return sight.blocker
  return judge(order.spec, order.memory, sight.observation) === 'fires' ? 'confirming' : 'price'
}
