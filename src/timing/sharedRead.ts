// Owns sharing reads: for a while all that ask get the same answer.

import type { Clock, Millis } from './clock.ts'

/** Reads anew once the last read is more than `maxAgeMs` old, has failed or is forgotten. */
export function createSharedRead<T>(clock: Clock, maxAgeMs: Millis, read: () => Promise<T>) {
  let last: { readonly at: Millis; readonly answer: Promise<T> } | null = null
  const forget = () => {
    last = null
  }

  return {
    forget,
    get(): Promise<T> {
      if (last === null || clock.now() - last.at > maxAgeMs) {
        const answer = read()
        last = { at: clock.now(), answer }
        answer.catch(forget)
      }
      return last.answer
    },
  }
}
