// Owns what an error becomes for a person: what is wrong, what to do, and by which id the logs know it.

import { OeeError } from 'oee-client'

export type Message = {
  readonly code: string
  readonly text: string
  /** What to do about it; empty where the text says it. */
  readonly next: string
  readonly requestId: string | null
  readonly fields: readonly { readonly field: string; readonly code: string; readonly detail: string }[]
}

const NEXT: Readonly<Record<string, string>> = {
  key_required: 'Enter an API key of this engine.',
  key_invalid: 'The key is unknown, revoked or expired: enter another one.',
  scope_missing: 'Use a key with that scope: npm run -s keys -- create --scopes …',
  unreachable: 'Is the engine running, and is this address still its own?',
  timeout: 'Try again; if it stays so, the System view shows what is slow.',
  version_mismatch: 'It has changed since you looked: look again, then repeat it.',
  too_late: 'Its swap is signed: from here on only the chain decides.',
  too_many_requests: 'Wait a moment, then repeat it.',
  overloaded: 'The engine sheds load: repeat it in a moment.',
  shutting_down: 'The process is stopping: repeat it in a moment.',
}

export function messageOf(error: unknown): Message {
  if (!(error instanceof OeeError)) {
    const text = error instanceof Error ? error.message : String(error)
    return { code: 'console', text, next: 'Reload the page.', requestId: null, fields: [] }
  }
  const { code, message, requestId, errors } = error
  return { code, text: message, next: NEXT[code] ?? '', requestId, fields: errors }
}
