// Owns what triggers remember, by name.

import type { Millis } from '../../timing/clock.ts'
import { isPlan } from '../lifecycle.ts'
import type { Order, TriggerMemory } from '../order.ts'

/** When the order may be looked at again after a failure; 0 where there was none. */
export const notBefore = (memory: TriggerMemory): Millis =>
  memory.notBefore === undefined ? 0 : Date.parse(memory.notBefore)

/** Failures in a row: since the order was placed or amended, and since its price was last not there. */
export const failuresIn = (memory: TriggerMemory): number => Number(memory.failures ?? 0)

/** Attempts that ended in a rest and that the chain charged for. */
export const chargedIn = (memory: TriggerMemory): number => Number(memory.charged ?? 0)

/** What stays once the price is not there any more. */
export function calmed(memory: TriggerMemory): TriggerMemory {
  if (memory.failures === undefined && memory.notBefore === undefined) return memory
  const { failures: _failures, notBefore: _notBefore, ...kept } = memory
  return kept
}

/** An exit that has fired: it needs no trigger any more, but waits for its limit, if it has one. */
export const hasFired = (memory: TriggerMemory): boolean => memory.fired === 'true'

/** What a pause keeps: all of it, and of an exit under way that it has fired. */
export const memoryAfterPause = (order: Order): TriggerMemory => ({
  ...order.memory,
  ...(isFired(order) ? FIRED : {}),
})

/**
 * What an amendment keeps: the best price so far and what failures have cost, not that they were. An exit that has fired
 * stays so, unless the amendment is of its trigger: then that is asked anew. A plan goes on with the slices that it has
 * decided on.
 */
export function memoryAfterAmendment(order: Order, isOfTrigger: boolean): TriggerMemory {
  if (isPlan(order.spec)) return order.memory
  const { watermark, charged } = order.memory
  return {
    ...(watermark === undefined ? {} : { watermark }),
    ...(charged === undefined ? {} : { charged }),
    ...(isFired(order) && !isOfTrigger ? FIRED : {}),
  }
}

const FIRED = { fired: 'true' } as const

const isFired = ({ spec, status, memory }: Order): boolean =>
  hasFired(memory) || ('slippageLadderBps' in spec && status !== 'pending')
