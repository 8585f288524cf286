// Owns the real clock, randomness and ids. Everything else receives them as arguments, so tests can replace them.

import { v7 } from 'uuid'
import type { Clock, Millis } from './clock.ts'
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

/** A UUIDv7: ids of one process sort by creation. */
export const createId = (clock: Clock, random: Random): string =>
  v7({ msecs: clock.now(), random: random.bytes(16) })

/** Milliseconds that pass however the clock is set. */
export const elapsed = (): Millis => performance.now()

/** From here on a process counts as busy, in part of the time that its event loop works. */
const BUSY = 0.7
const UTILIZATION_MS = 100

/** Whether the event loop of this process has been busy lately. */
export function createBusyGauge(): () => boolean {
  let since = performance.eventLoopUtilization()
  let at = elapsed()
  let isBusy = false
  return () => {
    if (elapsed() - at < UTILIZATION_MS) return isBusy
    isBusy = performance.eventLoopUtilization(since).utilization > BUSY
    since = performance.eventLoopUtilization()
    at = elapsed()
    return isBusy
  }
}
