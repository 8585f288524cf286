// Owns asking the engine again and again for as long as a view is shown.

import { useEffect, useRef, useState } from 'preact/hooks'
import { type Message, messageOf } from './messages.ts'

export type Polled<T> = {
  /** The newest answer, which stays while later ones fail; null before the first. */
  readonly value: T | null
  /** Why the newest question was denied or failed; null also while the engine is away. */
  readonly message: Message | null
  /** Asks at once. */
  again(): void
}

/** That the engine is away stands under the bar, once for all that is asked. */
const ownFault = (message: Message) => (message.code === 'unreachable' ? null : message)

/** A word that is typed is one question. */
const SETTLE_MS = 200

/** `ask` is called anew when `key` changes, which says what it asks for; the answer before stays until then. */
export function usePolled<T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<T>,
  everyMs: number,
): Polled<T> {
  const [state, setState] = useState<{ value: T | null; message: Message | null }>({
    value: null,
    message: null,
  })
  const [round, setRound] = useState(0)
  const isAsked = useRef(false)
  useEffect(() => {
    const stop = new AbortController()
    let timer = setTimeout(next, isAsked.current ? SETTLE_MS : 0)
    isAsked.current = true
    async function next(): Promise<void> {
      if (!document.hidden) {
        const change = await ask(stop.signal).then(
          (value) => ({ value, message: null }),
          (error: unknown) => ({ message: ownFault(messageOf(error)) }),
        )
        if (stop.signal.aborted) return
        setState((before) => ({ ...before, ...change }))
      }
      timer = setTimeout(next, everyMs)
    }
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [key, everyMs, round])
  return { ...state, again: () => setRound((before) => before + 1) }
}
