// Owns the circuit breakers of the venues.

import {
  admit,
  type Breaker,
  type BreakerPolicy,
  closedBreaker,
  heard,
  type Outcome,
} from '../domain/breaker.ts'
import type { VenueHealth } from '../domain/ports/processes.ts'
import { type VenueName, type VenueRefusal, venueNames } from '../domain/route.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Millis } from '../timing/clock.ts'

export type Breakers = {
  /** Claims the right to ask the venue: null, or why not. A caller that asks reports the outcome by `heard`. */
  ask(venue: VenueName): VenueRefusal | null
  heard(venue: VenueName, outcome: Outcome, askedAt: Millis): void
  /** Each venue as this process sees it now. */
  health(): readonly VenueHealth[]
}

export function createBreakers(
  policy: BreakerPolicy,
  { clock, observe }: { readonly clock: Clock; readonly observe: Pick<Observe, 'breaker'> },
): Breakers {
  const atStart = closedBreaker(clock.now())
  const breakers = new Map<VenueName, Breaker>(venueNames.map((name) => [name, atStart]))
  for (const name of venueNames) observe.breaker(name, atStart, null)

  const latencies = new Map<VenueName, Millis>()
  const failures = new Map<VenueName, NonNullable<VenueHealth['lastFailure']>>()

  const breakerOf = (venue: VenueName): Breaker => breakers.get(venue) ?? atStart

  function become(venue: VenueName, after: Breaker): void {
    const before = breakerOf(venue)
    if (after === before) return
    breakers.set(venue, after)
    if (after.state !== before.state) observe.breaker(venue, after, before)
  }

  return {
    ask(venue) {
      const now = clock.now()
      const { isAdmitted, breaker } = admit(breakerOf(venue), now, policy)
      become(venue, breaker)
      if (isAdmitted || breaker.state === 'closed') return null
      return { code: 'circuit_open', detail: `left alone for ${breaker.until - now} ms more: ${breaker.why}` }
    },
    heard(venue, outcome, askedAt) {
      const now = clock.now()
      if (outcome.kind === 'answered') latencies.set(venue, now - askedAt)
      else failures.set(venue, { at: now, why: outcome.why })
      become(venue, heard(breakerOf(venue), outcome, askedAt, now, policy))
    },
    health: () =>
      venueNames.map((venue) => {
        const { state, since } = breakerOf(venue)
        const [latencyMs, lastFailure] = [latencies.get(venue) ?? null, failures.get(venue) ?? null]
        return { venue, breaker: state, since, latencyMs, lastFailure }
      }),
  }
}
