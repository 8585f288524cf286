// Owns what a trigger looks at, and what it decides.

import type { Millis } from '../../timing/clock.ts'
import type { Failure } from '../failure.ts'
import type { GuardReport } from '../guards.ts'
import type { Observation, TriggerMemory } from '../order.ts'
import type { RouteRequest } from '../route.ts'
import type { Condition, SniperSpec } from '../spec.ts'
import type { Evidence } from './launch.ts'

/** Why a resting order cannot fire now: a closed list, on the wire. */
export const blockers = [
  'price',
  'time',
  'confirming',
  'stale_source',
  'no_price',
  'unknown_source',
  'paused',
  'halted',
  'backoff',
  'group_claimed',
  'not_started',
  'entries_halted',
  'cooldown',
  'daily_loss_exceeded',
  'daily_fees_exceeded',
  'unfunded',
  'not_launched',
  'guard',
] as const
export type Blocker = (typeof blockers)[number]

/** A trade of which the source of a condition is asked; for a sniper, what its guards look at too. */
export type SightRequest = (RouteRequest & { readonly condition: Condition }) | SniperSpec

/** What the order's source shows now; of a launched token, what its guards look at too. */
export type Sight = { readonly evidence?: Evidence } & (
  | { readonly kind: 'seen'; readonly observation: Observation }
  | {
      readonly kind: 'unseen'
      readonly blocker: 'stale_source' | 'no_price' | 'unknown_source' | 'not_launched'
      readonly detail: string
      /** Not for what the market shows, but because it could not be read: the next slot may show it. */
      readonly isUnread?: boolean
    }
)

/** What a trigger may look at. */
export type Market = {
  readonly now: Millis
  /** Null for an order that waits for no price. */
  readonly sight: Sight | null
  /** The observations of earlier looks that are not yet enough, the newest last. */
  readonly held: readonly Observation[]
}

export type Verdict =
  | { readonly kind: 'fire'; readonly observations: readonly Observation[] }
  | {
      readonly kind: 'rest'
      /** When to look again at the latest; after the market's `now`. */
      readonly wakeAt: Millis | null
      readonly memory: TriggerMemory
      /** Observations that count at the next look. */
      readonly held: readonly Observation[]
      /** Whether to look again at the next slot, whatever the market does. */
      readonly isWatched?: boolean
      /** Refusals of its guards that the log does not have yet. */
      readonly guardReport?: GuardReport
    }
  /** The launch has shown what the token is called and how it is divided. */
  | { readonly kind: 'learn'; readonly spec: SniperSpec }
  /** It can never fire any more. */
  | { readonly kind: 'fail'; readonly failure: Failure }
  | { readonly kind: 'expire' }
