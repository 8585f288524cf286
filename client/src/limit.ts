// Owns limits of time: a signal that aborts with the caller's own or after a while, and waits that end with it.

import { OeeError } from './errors.ts'

export type Limit = {
  /** Its reason is an OeeError: `aborted` or `timeout`. */
  readonly signal: AbortSignal
  /** Begins a new time. */
  restart(ms: number): void
  /** Ends now, as if the caller had aborted. */
  abort(): void
  /** Lets go of the timer and of the caller's signal. */
  close(): void
}

/** Without `ms` there is no limit but the caller's signal. */
export function openLimit(outer: AbortSignal | undefined, ms?: number): Limit {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let limitMs = 0
  let startedAt = 0
  let dueAt = 0
  const end = (error: unknown) => {
    close()
    controller.abort(error)
  }
  const abort = () => {
    const { reason } = outer ?? {}
    end(
      reason instanceof OeeError
        ? reason
        : new OeeError('aborted', 'The call was aborted.', reason === undefined ? {} : { cause: reason }),
    )
  }
  /** A stream restarts it with every message: a timer that is set for no later is left to look again when it is due. */
  function restart(ms: number): void {
    if (controller.signal.aborted) return
    const now = performance.now()
    const isSet = timer !== undefined && dueAt <= now + ms
    limitMs = ms
    startedAt = now
    if (!isSet) arm(ms)
  }
  function arm(delay: number): void {
    clearTimeout(timer)
    dueAt = performance.now() + delay
    timer = setTimeout(() => {
      const left = startedAt + limitMs - performance.now()
      if (left > 0) arm(left)
      else end(new OeeError('timeout', `There was no answer within ${limitMs} ms.`))
    }, delay)
  }
  function close(): void {
    clearTimeout(timer)
    timer = undefined
    outer?.removeEventListener('abort', abort)
  }
  if (outer?.aborted) abort()
  else {
    outer?.addEventListener('abort', abort)
    if (ms !== undefined) restart(ms)
  }
  return { signal: controller.signal, restart, abort, close }
}

/** Rejects with the signal's reason as soon as it aborts; no timer outlives it. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
