// Owns the pace of work that gives way to other work: beside that it takes a small share of the time.

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

/** Of the time, while there is other work to speak of: what waits for a database or another process needs the processor too. */
const SHARE = 0.02
/** Other work takes so much of the time that this work leaves it. */
const BUSY = 0.25
const WINDOW_MS = 100
/** Other work gets a turn as often as this. */
const TURN_MS = 5

/** Parts are done one after the other, in the order given. */
export function createPace({ clock, elapsed, worked, nextTurn }: PaceDeps): Pace {
  let last: Promise<void> = Promise.resolve()
  let inTurnMs = 0
  let window = { since: worked(), ownMs: 0 }
  let isBusy = false

  function note(ms: Millis): void {
    inTurnMs += ms
    window.ownMs += ms
    const now = worked()
    const totalMs = now.totalMs - window.since.totalMs
    if (totalMs < WINDOW_MS) return
    const othersMs = now.activeMs - window.since.activeMs - window.ownMs
    isBusy = othersMs > BUSY * (totalMs - window.ownMs)
    window = { since: now, ownMs: 0 }
  }

  async function doPart(part: () => void): Promise<void> {
    if (inTurnMs >= TURN_MS) {
      const pauseMs = isBusy ? inTurnMs * (1 / SHARE - 1) : 0
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
