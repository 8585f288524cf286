// Owns the preview of the ticket: asked again after each change, never waited for, and never shown for another form than asked.

import { effect, type ReadonlySignal, signal } from '@preact/signals'
import { OeeError, type OrderRequest, type Preview } from 'oee-client'
import { type Message, messageOf } from '../../../messages.ts'
import { type Denial, denialOf } from '../model/denial.ts'
import { type Form, missingFields } from '../model/form.ts'
import { requestOf } from '../model/request.ts'

export type Answer =
  /** Nothing is asked before the required fields are filled in. */
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] }
  | { readonly kind: 'allowed'; readonly preview: Preview }
  | { readonly kind: 'denied'; readonly denial: Denial }
  | { readonly kind: 'unanswered'; readonly message: Message }

export type Previews = {
  /** Of the form that was asked about last. */
  readonly answer: ReadonlySignal<Answer>
  /** The form has changed since, or the market may have: an answer is on its way. */
  readonly isStale: ReadonlySignal<boolean>
  /** What placing has answered: it is as good as a preview. */
  deny(error: unknown, form: Form): void
  close(): void
}

type Ask = (body: OrderRequest, options: { readonly signal: AbortSignal }) => Promise<Preview>

const AFTER_MS = 300
/** The market moves on: what it denies now it may allow later. */
const AGAIN_MS = 10_000

function answerOf(error: unknown, form: Form): Answer {
  if (error instanceof OeeError && error.status !== null && error.status < 500) {
    return { kind: 'denied', denial: denialOf(error, form) }
  }
  return { kind: 'unanswered', message: messageOf(error) }
}

export function openPreviews(form: ReadonlySignal<Form>, ask: Ask): Previews {
  const answer = signal<Answer>({ kind: 'incomplete', missing: missingFields(form.peek()) })
  const isStale = signal(false)

  async function about(asked: Form, signal: AbortSignal): Promise<void> {
    const got = await ask(requestOf(asked), { signal }).then(
      (preview): Answer => ({ kind: 'allowed', preview }),
      (error: unknown) => answerOf(error, asked),
    )
    if (signal.aborted) return
    answer.value = got
    isStale.value = false
  }

  const stop = effect(() => {
    const asked = form.value
    const missing = missingFields(asked)
    if (missing.length > 0) {
      answer.value = { kind: 'incomplete', missing }
      isStale.value = false
      return
    }
    if (answer.peek().kind === 'incomplete') answer.value = { kind: 'incomplete', missing }
    isStale.value = true
    const ending = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const askAgain = async () => {
      await about(asked, ending.signal)
      if (!ending.signal.aborted) timer = setTimeout(askAgain, AGAIN_MS)
    }
    timer = setTimeout(askAgain, AFTER_MS)
    return () => {
      clearTimeout(timer)
      ending.abort()
    }
  })

  return {
    answer,
    isStale,
    deny(error, asked) {
      answer.value = answerOf(error, asked)
    },
    close: stop,
  }
}
