// Owns time in tests: a clock that stands still until it is moved.
import type { Clock, Millis } from '../../src/timing/clock.ts'

export type ManualClock = Clock & {
  /** Lets so much time pass, running what falls due on the way, in order. Negative: the clock is set back. */
  advance(ms: number): void
}

type Timer = { readonly at: Millis; readonly fn: () => void }

export function manualClock(now: Millis = Date.UTC(2026, 0, 1)): ManualClock {
  const timers = new Set<Timer>()
  let time = now

  const nextDue = (until: Millis): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]

  return {
    now: () => time,
    after(ms, fn) {
      const timer = { at: time + ms, fn }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const until = time + ms
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        timers.delete(due)
        time = Math.max(time, due.at)
        due.fn()
      }
      time = until
    },
  }
}
