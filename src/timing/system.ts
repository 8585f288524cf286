// Owns the real clock and randomness. Everything else receives them as arguments, so tests can replace them.

import type { Clock, Millis } from './clock.ts'
import type { Worked } from './pace.ts'
import type { Random } from './random.ts'

export const systemClock: Clock = {
  now: Date.now,
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/** A pool, because a few random bytes from the system cost as much as a pageful. */
const RANDOM_POOL = 8_192

export function createSystemRandom(): Random {
  const pool = new Uint8Array(RANDOM_POOL)
  let used = RANDOM_POOL
  return {
    next: Math.random,
    bytes(length) {
      if (used + length > RANDOM_POOL) {
        crypto.getRandomValues(pool)
        used = 0
      }
      used += length
      return pool.slice(used - length, used)
    },
  }
}

/** Milliseconds that pass however the clock is set. */
export const elapsed = (): Millis => performance.now()

/** How long the event loop has worked, and for how long it has been there. */
export function worked(): Worked {
  const { active, idle } = performance.eventLoopUtilization()
  return { activeMs: active, totalMs: active + idle }
}
