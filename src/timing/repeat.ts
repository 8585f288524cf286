// Owns polling: the same look again and again, never two at once.

import type { Clock, Stop } from './clock.ts'

/** Calls `look` until stopped, each time `everyMs` after the last has ended. A failure goes to `onFault` and does not end it. */
export function repeat(
  clock: Clock,
  everyMs: number,
  look: () => Promise<void>,
  onFault: (error: unknown) => void,
): Stop {
  let stopped = false
  let stopTimer: Stop = () => {}
  function schedule(): void {
    stopTimer = clock.after(everyMs, async () => {
      await look().catch((error) => {
        if (!stopped) onFault(error)
      })
      if (!stopped) schedule()
    })
  }
  schedule()
  return () => {
    stopped = true
    stopTimer()
  }
}
