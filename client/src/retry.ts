// Owns retries: which failures are worth one, and how long to wait before it.

import type { OeeError } from './errors.ts'

const FIRST_MS = 250
const MOST_MS = 8_000
/** A server that asks for more is not waited for: its error is returned, with the time. */
const MOST_RETRY_AFTER_MS = 60_000

/** Whether the request may have been carried out: no answer, or one that does not rule it out. */
export function isUnknown({ status, code }: OeeError): boolean {
  if (status === null) return code === 'unreachable' || code === 'timeout'
  return status >= 500 && (status !== 503 || code === 'store_unavailable' || code === 'bad_answer')
}

/** Whether the same request may have another answer soon. A conflict (409) never has. */
export function isTransient({ status, code }: OeeError): boolean {
  if (status === null) return code === 'unreachable' || code === 'timeout'
  return status === 408 || status === 429 || status >= 500
}

/** Exponential backoff with full jitter, and no sooner than the server asks; null: so long that it is not waited for. */
export function delayBefore(retry: number, { retryAfterMs }: OeeError): number | null {
  const backoff = Math.random() * Math.min(MOST_MS, FIRST_MS * 2 ** retry)
  if (retryAfterMs === null) return backoff
  return retryAfterMs > MOST_RETRY_AFTER_MS ? null : retryAfterMs + backoff
}
