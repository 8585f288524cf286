// Owns asking the venues: all at once, with one deadline, and hedged: a slow venue holds up an order that can do without it
// for no longer than the hedge.

import type { Outcome } from '../domain/breaker.ts'
import type { RoutablePool } from '../domain/pool.ts'
import { type Venue, VenueLimited } from '../domain/ports/market.ts'
import type { RouteQuery, VenueName, VenueRefusal } from '../domain/route.ts'
import type { VenuePools } from '../domain/routing/believable.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import type { Breakers } from './breakers.ts'

export type VenueDeps = {
  readonly venues: readonly Venue[]
  readonly clock: Clock
  readonly breakers: Breakers
  /** The deadline: a later venue is left out. */
  readonly quoteTimeoutMs: number
  /** The hedge: how long to wait for the others once a venue has answered. */
  readonly quoteHedgeMs: number
}

export type Asking = {
  /** Resolves when all have answered, when the hedge is over, or at the deadline. */
  readonly soon: Promise<void>
  /** Resolves when all have answered, or at the deadline. */
  readonly all: Promise<void>
  /** Whether a venue may still answer. */
  isOpen(): boolean
  /** The answers so far; venues that are silent are named as late. */
  answers(): readonly VenuePools[]
  /** Waits no longer. To be called once, whatever the result. */
  end(): void
}

type Said = { readonly pools: readonly RoutablePool[] } | { readonly refusal: VenueRefusal }

const ANSWERED: Outcome = { kind: 'answered' }

export function askVenues(query: RouteQuery, deps: VenueDeps): Asking {
  const { venues, clock, breakers, quoteTimeoutMs, quoteHedgeMs } = deps
  const askedAt = clock.now()
  const heard = new Map<VenueName, VenuePools>()
  const [soon, all] = [ending(), ending()]
  let isOpen = true
  let stopHedge: Stop | null = null
  const stopDeadline = clock.after(quoteTimeoutMs, close)

  function close(): void {
    isOpen = false
    stopDeadline()
    stopHedge?.()
    soon.reach()
    all.reach()
  }

  function hear(venue: VenueName, said: Said, outcome?: Outcome): void {
    if (!isOpen) return
    if (outcome !== undefined) breakers.heard(venue, outcome, askedAt)
    heard.set(venue, { venue, latencyMs: clock.now() - askedAt, ...said })
    if (heard.size === venues.length) close()
    // A refusal, or an empty list, gives no route.
    else if ('pools' in said && said.pools.length > 0) stopHedge ??= clock.after(quoteHedgeMs, soon.reach)
  }

  function lateness(): VenueRefusal {
    const isPastDeadline = clock.now() - askedAt >= quoteTimeoutMs
    const detail = isPastDeadline
      ? `no answer within ${quoteTimeoutMs} ms`
      : `no answer ${quoteHedgeMs} ms after another venue's`
    return { code: 'venue_timeout', detail }
  }

  for (const venue of venues) {
    const refusal = breakers.ask(venue.name)
    if (refusal !== null) hear(venue.name, { refusal })
    else
      ask(venue, query).then(
        (pools) => hear(venue.name, { pools }, ANSWERED),
        (error) => hear(venue.name, { refusal: refusalOf(error) }, failureOf(error)),
      )
  }

  return {
    soon: soon.reached,
    all: all.reached,
    isOpen: () => isOpen,
    answers: () =>
      venues.map(({ name: venue }) => {
        return heard.get(venue) ?? { venue, latencyMs: clock.now() - askedAt, refusal: lateness() }
      }),
    end() {
      for (const { name } of venues) {
        if (!heard.has(name)) breakers.heard(name, { kind: 'failed', why: lateness().detail }, askedAt)
      }
      close()
    },
  }
}

/** A promise, and the function that resolves it. */
function ending(): { readonly reached: Promise<void>; readonly reach: () => void } {
  let reach: () => void = () => {}
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  return { reached, reach }
}

/** Turns a synchronous throw into a rejection. */
const ask = async (venue: Venue, query: RouteQuery) => venue.poolsFor(query)

const sentenceOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const refusalOf = (error: unknown): VenueRefusal => ({
  code: error instanceof VenueLimited ? 'venue_limited' : 'venue_unavailable',
  detail: sentenceOf(error),
})

const failureOf = (error: unknown): Outcome => ({
  kind: 'failed',
  why: sentenceOf(error),
  ...(error instanceof VenueLimited ? { aloneMs: error.retryAfterMs } : {}),
})
