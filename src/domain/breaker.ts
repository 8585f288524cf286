// Owns the circuit breaker of a venue: several failures in a row open it, and after a while one probe tests whether the venue
// has recovered.

import type { Millis } from '../timing/clock.ts'

export type Breaker =
  /** All queries pass; `failures` counts those in a row. */
  | { readonly state: 'closed'; readonly since: Millis; readonly failures: number }
  /** No query passes before `until`. */
  | { readonly state: 'open'; readonly since: Millis; readonly until: Millis; readonly why: string }
  /** One query has passed, as a probe. Without a result by `until` it is lost, and another may pass. */
  | { readonly state: 'half_open'; readonly since: Millis; readonly until: Millis; readonly why: string }

export type BreakerPolicy = {
  /** Failures in a row that open it; at least 1. */
  readonly failures: number
  /** How long it stays open before a probe. */
  readonly openMs: number
}

export type Outcome =
  | { readonly kind: 'answered' }
  /** `aloneMs`: the pause that the venue itself demands (Retry-After). */
  | { readonly kind: 'failed'; readonly why: string; readonly aloneMs?: number }

/** The longest pause, even if the venue demands more. */
const MAX_OPEN_MS = 60_000

export const closedBreaker = (now: Millis): Breaker => ({ state: 'closed', since: now, failures: 0 })

/** Whether one more query may pass, and the breaker after that decision. */
export function admit(
  breaker: Breaker,
  now: Millis,
  { openMs }: BreakerPolicy,
): { readonly isAdmitted: boolean; readonly breaker: Breaker } {
  if (breaker.state === 'closed') return { isAdmitted: true, breaker }
  // A clock that was set back must not extend the pause.
  const isOver = now >= breaker.until || now < breaker.since
  if (!isOver) return { isAdmitted: false, breaker }
  const { why } = breaker
  return { isAdmitted: true, breaker: { state: 'half_open', since: now, until: now + openMs, why } }
}

/** The breaker after the outcome of a query. The outcome of a query older than the present state is ignored. */
export function heard(
  breaker: Breaker,
  outcome: Outcome,
  askedAt: Millis,
  now: Millis,
  policy: BreakerPolicy,
): Breaker {
  if (breaker.state === 'open' || (askedAt < breaker.since && now >= breaker.since)) return breaker
  if (outcome.kind === 'answered') {
    const isSound = breaker.state === 'closed' && breaker.failures === 0
    return isSound ? breaker : closedBreaker(now)
  }
  const failures = breaker.state === 'closed' ? breaker.failures + 1 : policy.failures
  const isAskedToGo = outcome.aloneMs !== undefined
  if (failures < policy.failures && !isAskedToGo) return { state: 'closed', since: breaker.since, failures }
  const openMs = Math.min(Math.max(policy.openMs, outcome.aloneMs ?? 0), MAX_OPEN_MS)
  return { state: 'open', since: now, until: now + openMs, why: outcome.why }
}
