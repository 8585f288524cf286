// Owns what triggers remember, by name.

import type { Millis } from '../../timing/clock.ts'
import type { TriggerMemory } from '../order.ts'

/** When the order may be looked at again after a failure; 0 where there was none. */
export const notBefore = (memory: TriggerMemory): Millis =>
  memory.notBefore === undefined ? 0 : Date.parse(memory.notBefore)

/** Failures since the order was placed or amended. */
export const failuresIn = (memory: TriggerMemory): number => Number(memory.failures ?? 0)

/** Those of them that ended in a rest and that the chain charged for. */
export const chargedIn = (memory: TriggerMemory): number => Number(memory.charged ?? 0)

/** An exit that has fired, and rests because the market pays less than its limit. */
export const hasFired = (memory: TriggerMemory): boolean => memory.fired === 'true'

/** What stays after an amendment: the best price so far, and nothing of what was tried. */
export const memoryAfterAmendment = ({ watermark }: TriggerMemory): TriggerMemory =>
  watermark === undefined ? {} : { watermark }
