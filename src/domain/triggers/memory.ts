// Owns what triggers remember, by name.

import type { Millis } from '../../timing/clock.ts'
import { isPlan } from '../lifecycle.ts'
import type { Order, TriggerMemory } from '../order.ts'
import type { EntryHold } from '../quotas.ts'
import type { RestingSpec } from '../spec.ts'

const timeOf = (text: string | undefined): Millis => (text === undefined ? 0 : Date.parse(text))

/** When the order may be looked at again, after a failure or because it is held back; 0 where it may at once. */
export const notBefore = ({ notBefore, heldUntil }: TriggerMemory): Millis =>
  Math.max(timeOf(notBefore), timeOf(heldUntil))

/** Failures in a row: since the order was placed or amended, and since its price was last not there. */
export const failuresIn = (memory: TriggerMemory): number => Number(memory.failures ?? 0)

/** Attempts that ended in a rest and that the chain charged for. */
export const chargedIn = (memory: TriggerMemory): number => Number(memory.charged ?? 0)

/** What stays once the price is not there any more. */
export function calmed(memory: TriggerMemory): TriggerMemory {
  const { failures, notBefore, heldBy, heldUntil, ...kept } = memory
  return [failures, notBefore, heldBy, heldUntil].some((each) => each !== undefined) ? kept : memory
}

const blockerOfHold = {
  haltAfterStops: 'entries_halted',
  cooldownMs: 'cooldown',
  maxLossPerDay: 'daily_loss_exceeded',
  maxFeesPerDay: 'daily_fees_exceeded',
} as const satisfies Record<TimedHold['by'], string>

/** A hold that ends at a time. */
export type TimedHold = Extract<EntryHold, { readonly until: Millis }>

/** An entry that a protection holds back: it is not looked at before that is over. */
export const memoryWhileHeld = (memory: TriggerMemory, { by, until }: TimedHold): TriggerMemory => ({
  ...memory,
  heldBy: blockerOfHold[by],
  heldUntil: new Date(until).toISOString(),
})

/** The protection that holds the order back now, or null. */
export const heldBy = (memory: TriggerMemory, now: Millis) =>
  timeOf(memory.heldUntil) > now
    ? (Object.values(blockerOfHold).find((blocker) => blocker === memory.heldBy) ?? null)
    : null

/** An exit that has fired: it needs no trigger any more, but waits for its limit, if it has one. */
export const hasFired = (memory: TriggerMemory): boolean => memory.fired === 'true'

/** An exit that has fired and waits for no limit: it needs no price any more. */
export const isSelling = (spec: RestingSpec, memory: TriggerMemory): boolean =>
  spec.type !== 'limit' && spec.limitPrice === null && hasFired(memory)

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
