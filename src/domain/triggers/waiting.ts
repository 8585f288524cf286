// Owns the answer to "why not yet": what a resting order waits for, and what its source shows now.

import type { Millis } from '../../timing/clock.ts'
import type { Refusal } from '../guards.ts'
import type { Order, RestingSpec, TriggerMemory } from '../order.ts'
import { distanceBps, priceText, type Ratio, ratioOf } from '../price.ts'
import { judge, levelsOf } from './judge.ts'
import { refusalsOf } from './launch.ts'
import { notBefore } from './memory.ts'
import { withToken } from './snipe.ts'
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

type Moment = { readonly now: Millis; readonly isHalted: boolean }

/** Null for an order that does not wait for a price. */
export function waitingOf(order: Order, sight: Sight, moment: Moment): Waiting | null {
  const { memory } = order
  if (order.status !== 'pending' || order.spec.type === 'market') return null
  const spec = order.spec.type === 'sniper' ? withToken(order.spec, sight) : order.spec
  const level = levelOf(spec, memory)
  const seen = sight.kind === 'seen' ? sight.observation : null
  const price = (ratio: Ratio) => priceText(spec, spec.priceOf, ratio)
  const isKnown = level !== null && level.numerator > 0n
  const refusals = refusalsIn(spec, sight)
  return {
    for: isKnown ? price(level) : null,
    now: seen === null ? null : price({ numerator: seen.amountOut, denominator: spec.amountIn }),
    distanceBps: seen === null || !isKnown ? null : distanceBps(level, spec.amountIn, seen.amountOut),
    evaluatedAt: seen?.at ?? moment.now,
    slot: seen?.slot ?? null,
    blocker: blockerOf(order, spec, sight, moment),
    ...(refusals.length > 0
      ? { detail: refusals.map(({ guard, detail }) => `${guard}: ${detail}`).join('; ') }
      : sight.kind === 'unseen'
        ? { detail: sight.detail }
        : {}),
  }
}

/** The price that it waits for; of a sniper, the most that it pays. */
function levelOf(spec: RestingSpec, memory: TriggerMemory): Ratio | null {
  if (spec.type === 'sniper') {
    return spec.limitPrice === null ? null : ratioOf(spec.limitPrice, spec.priceOf, spec)
  }
  const { above, below } = levelsOf(spec, memory)
  return below ?? above
}

const refusalsIn = (spec: RestingSpec, { evidence }: Sight): readonly Refusal[] =>
  spec.type === 'sniper' && evidence !== undefined ? refusalsOf(spec, evidence) : []

function blockerOf(order: Order, spec: RestingSpec, sight: Sight, { now, isHalted }: Moment): Blocker {
  if (order.status === 'pending' && order.isPaused) return 'paused'
  if (isHalted) return 'halted'
  if (notBefore(order.memory) > now) return 'backoff'
  if (refusalsIn(spec, sight).length > 0) return 'guard'
  if (sight.kind === 'unseen') return sight.blocker
  return judge(spec, order.memory, sight.observation) === 'fires' ? 'confirming' : 'price'
}
