// Owns polling: the same look again and again, never two at once.

import type { Clock, Stop } from './clock.ts'

/**
 * Calls `look` every `everyMs` until stopped; a look that fails goes to `onFault`, and the next comes all the same. Stopping
 * resolves once a look under way has ended.
 */
export function repeat(
  clock: Clock,
  everyMs: number,
  look: () => void | Promise<void>,
  onFault: (error: unknown) => void,
): () => Promise<void> {
  let isStopped = false
  let stopTimer: Stop = () => {}
  let underWay: Promise<void> = Promise.resolve()

  async function lookOnce(): Promise<void> {
    try {
      await look()
    } catch (error) {
      if (!isStopped) onFault(error)
    }
    if (!isStopped) schedule()
  }

  function schedule(): void {
    stopTimer = clock.after(everyMs, () => {
      underWay = lookOnce()
    })
  }
  schedule()
  return () => {
    isStopped = true
    stopTimer()
    return underWay
  }
}
