// Owns the port of the engine's processes: which run, and what each reports of itself.

import type { Millis } from '../../timing/clock.ts'
import type { Breaker } from '../breaker.ts'
import type { VenueName } from '../route.ts'

/** A venue as one process sees it. */
export type VenueHealth = {
  readonly venue: VenueName
  readonly breaker: Breaker['state']
  /** When the breaker came into that state. */
  readonly since: Millis
  /** How long the last answer took; null before the first. */
  readonly latencyMs: number | null
  readonly lastFailure: { readonly at: Millis; readonly why: string } | null
}

/** What a process says of itself. */
export type ProcessReport = {
  /** Open WebSockets and server-sent event streams. */
  readonly streams: number
  readonly venues: readonly VenueHealth[]
}

export const processRoles = ['all', 'api', 'worker'] as const

export type ProcessIdentity = {
  readonly id: string
  readonly role: (typeof processRoles)[number]
  readonly version: string
  readonly startedAt: Millis
}

export type RunningProcess = ProcessIdentity &
  ProcessReport & {
    /** When it last reported. */
    readonly seenAt: Millis
  }

export interface Processes {
  /** Those that reported within the last seconds, the process that answers first. Asks no database. */
  list(): readonly RunningProcess[]
  /** Ends a process at once, as `kill -9` does; false where none has that id. */
  kill(id: string): boolean
}
