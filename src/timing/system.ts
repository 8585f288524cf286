// Owns what the machine gives that no argument does: its time and its chance. Everything else is handed them, so that a
// test can hand it others.

import { v7 } from 'uuid'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

export const systemClock: Clock = {
  now: Date.now,
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/** Asking the system for a few bytes costs as much as for a pageful. */
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

/** A UUIDv7: ids of one process sort as they were made. */
export const createId = (clock: Clock, random: Random): string =>
  v7({ msecs: clock.now(), random: random.bytes(16) })
