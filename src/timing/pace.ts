// Owns the pace of work that gives way to other work: it takes what that leaves of the time, and a small share at least.

import type { Clock, Millis } from './clock.ts'

/** One part of the work; the next begins when it has ended. */
export type Pace = (part: () => void) => Promise<void>

/** How long the event loop of this process has worked, and for how long it has been there. */
export type Worked = { readonly activeMs: Millis; readonly totalMs: Millis }

export type PaceDeps = {
  readonly clock: Clock
  elapsed(): Millis
  worked(): Worked
  /** Calls back in the next turn of the event loop. */
  nextTurn(run: () => void): void
}

const LEAST_SHARE = 0.1
/** Left free beside what other work has taken lately, so that it can grow. */
const RESERVE = 0.2
const WINDOW_MS = 100
/** Other work gets a turn as often as this. */
const TURN_MS = 5

/** Parts are done one after the other, in the order given. */
export function createPace({ clock, elapsed, worked, nextTurn }: PaceDeps): Pace {
  let last: Promise<void> = Promise.resolve()
  let inTurnMs = 0
  let window = { since: worked(), ownMs: 0 }
  let share = 1

  function note(ms: Millis): void {
    inTurnMs += ms
    window.ownMs += ms
    const now = worked()
    const totalMs = now.totalMs - window.since.totalMs
    if (totalMs < WINDOW_MS) return
    const others = (now.activeMs - window.since.activeMs - window.ownMs) / totalMs
    share = Math.min(1, Math.max(LEAST_SHARE, 1 - RESERVE - others))
    window = { since: now, ownMs: 0 }
  }

  async function doPart(part: () => void): Promise<void> {
    if (inTurnMs >= TURN_MS) {
      const pauseMs = share < 1 - RESERVE ? inTurnMs * (1 / share - 1) : 0
      inTurnMs = 0
      await new Promise<void>((resume) =>
        pauseMs > 0 ? void clock.after(pauseMs, resume) : nextTurn(resume),
      )
    }
    const since = elapsed()
    try {
      part()
    } finally {
      note(elapsed() - since)
    }
  }

  return (part) => {
    const done = last.then(() => doPart(part))
    last = done.catch(() => {})
    return done
  }
}
