// Owns the port of the processes that watch the market: they share the pairs out among themselves.

import type { Millis } from '../../timing/clock.ts'

export interface Watchers {
  /** This process, among them. */
  readonly id: string
  /** Reports that this process watches. Returns all that have reported within so much time of the store's clock, itself too. */
  report(withinMs: Millis): Promise<readonly string[]>
  /** Takes the report back: the others need not wait until it is old. */
  leave(): Promise<void>
}
