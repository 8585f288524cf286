// Owns triggers: when an order starts. An order type is a trigger and nothing else.

import type { Millis } from '../../timing/clock.ts'
import { endOf, isIoc, isSpentIoc, waits } from '../lifecycle.ts'
import type { Observation, OrderIn } from '../order.ts'
import type { RestingSpec, TimeStopSpec } from '../spec.ts'
import { judge } from './judge.ts'
import { calmed, isSelling, notBefore } from './memory.ts'
import { snipe } from './snipe.ts'
import type { Market, Verdict } from './verdict.ts'
import { watermarkAfter } from './watermark.ts'

/** Whether the order starts now, by what it asks for and what its trigger remembers. */
export type Trigger = (order: OrderIn<'pending'>, market: Market) => Verdict

/** A new order type is a new case in `judge`; everything after the trigger is one path. */
export const trigger: Trigger = (order, market) => {
  const { spec, memory } = order
  const end = endOf(spec)
  if (end !== null && market.now >= end) return { kind: 'expire' }
  if (!waits(spec)) return { kind: 'fire', observations: [] }
  if (end === null || isIoc(spec)) return atOnce(order, end)
  const rest = { kind: 'rest', wakeAt: end, memory, held: [] } as const
  if (order.isPaused) return rest
  const from = notBefore(memory)
  if (market.now < from) return { ...rest, wakeAt: Math.min(from, end) }
  // Its attempts were interrupted by a change, not its trigger.
  if (isSelling(spec, memory)) return { kind: 'fire', observations: [] }
  if (spec.type === 'timeStop') return atTime(spec, market.now, rest)
  if (spec.type === 'sniper') return snipe(spec, market, rest)
  if (market.sight?.kind !== 'seen') return { ...rest, isWatched: market.sight?.isUnread === true }
  return confirm(spec, { ...market, observation: market.sight.observation }, rest)
}

function atTime({ fireAt }: TimeStopSpec, now: Millis, rest: Extract<Verdict, { kind: 'rest' }>): Verdict {
  if (fireAt === null || now >= fireAt) return { kind: 'fire', observations: [] }
  return { ...rest, wakeAt: fireAt }
}

/** Now or not at all: the routes decide, once. */
function atOnce(order: OrderIn<'pending'>, end: Millis | null): Verdict {
  if (order.isPaused) return { kind: 'rest', wakeAt: end, memory: order.memory, held: [] }
  return isSpentIoc(order) ? { kind: 'expire' } : { kind: 'fire', observations: [] }
}

/**
 * Counts the observations of one kind, in slots one after the other. Against wicks: neither a fire nor a new watermark
 * rests on the price of a single slot, unless the order says so.
 */
function confirm(
  spec: RestingSpec,
  { now, held, observation }: Omit<Market, 'sight'> & { readonly observation: Observation },
  rest: Extract<Verdict, { kind: 'rest' }>,
): Verdict {
  const { memory } = rest
  const kind = judge(spec, memory, observation)
  // The price is gone, and with it the row of failures at it.
  if (kind === 'nothing') return { ...rest, memory: calmed(memory) }
  const before = held.filter((each) => each.slot < observation.slot && judge(spec, memory, each) === kind)
  const counted = [...before, observation]
  const since = counted[0]?.at ?? now
  const { observations, dwellMs } = spec.condition
  const isConfirmed = counted.length >= observations && observation.at - since >= dwellMs
  if (!isConfirmed) return { ...rest, held: thinned(counted) }
  if (kind === 'fires') return { kind: 'fire', observations: counted.slice(-MAX_KEPT) }
  return { ...rest, memory: { ...memory, watermark: watermarkAfter(spec, counted) } }
}

/** Of many observations, the log keeps the newest. */
const MAX_KEPT = 5

/** More than any order wants to see, so that what is dropped never counts. */
const MAX_HELD = 32

/** A long dwell sees a price in every slot: what counts are the first observation, the worst, and the newest. */
function thinned(counted: readonly Observation[]): readonly Observation[] {
  if (counted.length <= MAX_HELD) return counted
  const worst = counted.reduce((least, each) => (each.amountOut < least.amountOut ? each : least))
  return counted.toSpliced(counted[1] === worst ? 2 : 1, 1)
}
