// Owns repetition: a look at the database again and again, the next one after the last has ended.

import type { Clock, Stop } from './clock.ts'

/** Calls `look` every `everyMs` until stopped. One that fails is told of, and the next comes all the same. */
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
