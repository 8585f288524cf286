// Owns the answer to "why not yet": what a resting order waits for, and what its source shows now.

import type { Millis } from '../../timing/clock.ts'
import type { Refusal } from '../guards.ts'
import { isDormant, waits } from '../lifecycle.ts'
import type { Order, TriggerMemory, Wait } from '../order.ts'
import { distanceBps, priceText, type Ratio, ratioOf } from '../price.ts'
import type { OrderSpec, RestingSpec } from '../spec.ts'
import { judge, levelsOf } from './judge.ts'
import { refusalsOf } from './launch.ts'
import { heldBy, isSelling, notBefore } from './memory.ts'
import { crowdedIn, withToken } from './snipe.ts'
import type { Blocker, Sight } from './verdict.ts'

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
  const { memory } = order
  if (order.status !== 'pending') return null
  if (order.spec.type === 'twap')
    return { ...NO_PRICE, evaluatedAt: moment.now, blocker: blockerOf(order, null, moment) }
  if (!waits(order.spec)) return null
  const spec = order.spec.type === 'sniper' ? withToken(order.spec, sight) : order.spec
  const level = levelOf(spec, memory)
  const seen = sight?.kind === 'seen' ? sight.observation : null
  const price = (ratio: Ratio) => priceText(spec, spec.priceOf, ratio)
  const isKnown = level !== null && level.numerator > 0n
  const refusals = refusalsIn(spec, sight, memory)
  return {
    for: isKnown ? price(level) : null,
    now: seen === null ? null : price({ numerator: seen.amountOut, denominator: spec.amountIn }),
    distanceBps: seen === null || !isKnown ? null : distanceBps(level, spec.amountIn, seen.amountOut),
    evaluatedAt: seen?.at ?? moment.now,
    slot: seen?.slot ?? null,
    blocker: blockerOf({ ...order, spec }, sight, moment),
    ...(refusals.length > 0
      ? { detail: refusals.map(({ guard, detail }) => `${guard}: ${detail}`).join('; ') }
      : sight?.kind === 'unseen'
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

/** The spec must name the token as the sight does. */
function refusalsIn(spec: OrderSpec, sight: Sight | null, memory: TriggerMemory): readonly Refusal[] {
  if (spec.type !== 'sniper' || sight?.evidence === undefined) return []
  const refusals = refusalsOf(spec, sight.evidence)
  return refusals.length > 0 ? refusals : crowdedIn(memory)
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
  if (refusalsIn(spec, sight, memory).length > 0) return 'guard'
  if (sight.kind === 'unseen') return sight.blocker
  if (judge(spec, memory, sight.observation) !== 'fires') return 'price'
  return moment.isFunded ? 'confirming' : 'unfunded'
}
