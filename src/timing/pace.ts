// Owns the pace of work that gives way to other work: while the process is busy, it takes a small share of the time.

import type { Clock } from './clock.ts'

/** One part of the work; the next begins when it has ended. */
export type Pace = (part: () => void | Promise<void>) => Promise<void>

/** Of the time, while the process is busy. */
const SHARE = 0.1
/** Pauses are no shorter: a timer costs as well. */
const LEAST_PAUSE_MS = 5

/** Parts are done one after the other, in the order given; `nowMs` measures what they take. */
export function createPace(clock: Clock, nowMs: () => number, isBusy: () => boolean): Pace {
  let last: Promise<void> = Promise.resolve()
  let owedMs = 0

  async function doPart(part: () => void | Promise<void>): Promise<void> {
    if (owedMs >= LEAST_PAUSE_MS) {
      const pauseMs = isBusy() ? owedMs : 0
      owedMs = 0
      await new Promise<void>((resume) => clock.after(pauseMs, resume))
    }
    const since = nowMs()
    try {
      await part()
    } finally {
      owedMs += (nowMs() - since) * (1 / SHARE - 1)
    }
  }

  return (part) => {
    const done = last.then(() => doPart(part))
    last = done.catch(() => {})
    return done
  }
}
