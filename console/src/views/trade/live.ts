// Owns what the view follows of the market: one stream for a question, begun anew when the question changes.

import { effect, type ReadonlySignal, signal } from '@preact/signals'
import { OeeError } from 'oee-client'
import { type Message, messageOf } from '../../messages.ts'

export type Live<T> = {
  /** The newest message; that of the question before stays until the first one comes. Null where there is nothing to ask. */
  readonly value: ReadonlySignal<T | null>
  /** Why there is none; null while there is one, or may be. */
  readonly problem: ReadonlySignal<Message | null>
  close(): void
}

const RETRY_MS = 2_000

/** `question` as JSON, null for none; it is asked once it has not changed for `afterMs`. */
export function openLive<Question, T>(
  question: ReadonlySignal<string | null>,
  watch: (question: Question, options: { readonly signal: AbortSignal }) => AsyncIterable<T>,
  afterMs = 0,
): Live<T> {
  const value = signal<T | null>(null)
  const problem = signal<Message | null>(null)

  async function follow(asked: Question, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      try {
        for await (const message of watch(asked, { signal: ended })) {
          if (ended.aborted) return
          value.value = message
          problem.value = null
        }
      } catch (error) {
        if (ended.aborted) return
        const isDenied = error instanceof OeeError && error.status !== null && error.status < 500
        if (isDenied) {
          value.value = null
          problem.value = messageOf(error)
          return
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  const stop = effect(() => {
    const text = question.value
    if (text === null) {
      value.value = null
      problem.value = null
      return
    }
    const ending = new AbortController()
    const timer = setTimeout(() => void follow(JSON.parse(text) as Question, ending.signal), afterMs)
    return () => {
      clearTimeout(timer)
      ending.abort()
    }
  })
  return { value, problem, close: stop }
}
