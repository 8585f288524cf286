// Owns the circuit breaker of a venue: after several failures in a row it is left alone for a while, then a single
// question tries whether it is back.

import type { Millis } from '../timing/clock.ts'

export type Breaker =
  /** Asked by everybody; `failures` are those in a row. */
  | { readonly state: 'closed'; readonly since: Millis; readonly failures: number }
  /** Asked by nobody before `until`. */
  | { readonly state: 'open'; readonly since: Millis; readonly until: Millis; readonly why: string }
  /** Asked once, as a probe; a probe that is not heard of by `until` is lost, and another may go. */
  | { readonly state: 'half_open'; readonly since: Millis; readonly until: Millis; readonly why: string }

export type BreakerPolicy = {
  /** Failures in a row that open it; at least 1. */
  readonly failures: number
  /** How long it stays open before a probe. */
  readonly openMs: number
}

export type Outcome =
  | { readonly kind: 'answered' }
  /** `aloneMs`: how long the venue itself asks to be left alone. */
  | { readonly kind: 'failed'; readonly why: string; readonly aloneMs?: number }

/** A venue that asks for more is asked again all the same. */
const MAX_OPEN_MS = 60_000

export const closedBreaker = (now: Millis): Breaker => ({ state: 'closed', since: now, failures: 0 })

/** The breaker once somebody wants to ask, and whether he may. */
export function admit(
  breaker: Breaker,
  now: Millis,
  { openMs }: BreakerPolicy,
): { readonly isAdmitted: boolean; readonly breaker: Breaker } {
  if (breaker.state === 'closed') return { isAdmitted: true, breaker }
  // A clock that was set back must not keep a venue out until it has caught up.
  const isOver = now >= breaker.until || now < breaker.since
  if (!isOver) return { isAdmitted: false, breaker }
  const { why } = breaker
  return { isAdmitted: true, breaker: { state: 'half_open', since: now, until: now + openMs, why } }
}

/** The breaker after what became of a question. What was asked before it came into its state says nothing any more. */
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
