// Owns the question whether a rest has to be written.

import type { OrderIn, TriggerMemory } from '../domain/order.ts'
import type { Millis } from '../timing/clock.ts'

/** A look that changes nothing costs nothing. */
export function isNews(
  { wakeAt, memory }: { readonly wakeAt: Millis | null; readonly memory: TriggerMemory },
  before: OrderIn<'pending'>,
): boolean {
  if (before.resting === null || before.resting.wakeAt !== wakeAt) return true
  const names = Object.keys(memory)
  return (
    names.length !== Object.keys(before.memory).length ||
    names.some((name) => memory[name] !== before.memory[name])
  )
}
