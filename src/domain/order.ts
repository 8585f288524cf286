// Owns the order: what has happened to it, and what is known of it now.

import type { Millis } from '../timing/clock.ts'
import type { BaseUnits } from './amount.ts'
import type { Failure } from './failure.ts'
import type { GuardReport } from './guards.ts'
import type { Route, VenueAnswer } from './route.ts'
import type { OrderId, OrderSpec } from './spec.ts'
import type { Token } from './token.ts'

/** What a trigger remembers between two looks, such as the best price so far: by name, as text, and public. */
export type TriggerMemory = Readonly<Record<string, string>>

/** A wait for the market or for a time. It needs no worker, so it is neither overdue nor queued. */
export type Resting = {
  /** When the trigger wants to look again at the latest; null: only when the market moves. */
  readonly wakeAt: Millis | null
}

/** What a source paid for the amount of an order, at a slot. */
export type Observation = {
  readonly source: string
  readonly slot: number
  readonly at: Millis
  readonly amountOut: BaseUnits
}

/** Why an order that waits for a price has not fired, as of one look at the market. */
export type Wait = {
  /** The price that fires it, in the order's own terms; null where none is known yet. */
  readonly for: string | null
  /** What its source shows; null where it shows nothing. */
  readonly now: string | null
  /** How far the market pays more (or, negative, less) than the price, in bps of it. */
  readonly distanceBps: number | null
  readonly evaluatedAt: Millis
  readonly slot: number | null
  /** In one word; a closed list, which the triggers have. */
  readonly blocker: string
  readonly detail?: string
}

/** A signed transaction: the wire bytes are enough to send it, the signature to ask for it. */
export type SignedSwap = {
  readonly signature: string
  readonly wire: Uint8Array
  /** The last block height in which the transaction may land. */
  readonly lastValidBlockHeight: number
}

/** What was swapped, as the chain reports it. */
export type Fill = {
  readonly amountIn: BaseUnits
  readonly amountOut: BaseUnits
  readonly networkFeeLamports: BaseUnits
  readonly poolFees: readonly { readonly pool: string; readonly amount: BaseUnits; readonly token: Token }[]
  readonly slot: number
}

export type EventKind =
  | 'accepted'
  | 'activated'
  | 'triggered'
  | 'routed'
  | 'submitted'
  | 'filled'
  | 'completed'
  | 'retried'
  | 'rested'
  | 'paused'
  | 'resumed'
  | 'amended'
  | 'failed'
  | 'canceled'
  | 'expired'

/** A fact about an order, before it has its place in the log. */
export type EventDraft =
  | { readonly kind: 'accepted'; readonly spec: OrderSpec }
  /** The parent of a leg has been filled: the spec says what the leg sells. */
  | { readonly kind: 'activated'; readonly spec: OrderSpec }
  | {
      readonly kind: 'triggered'
      /** Those that fired it, the newest last; none for an order that waits for no price, or not any more. */
      readonly observations: readonly Observation[]
      /** What it sells: less than it asked for where other legs of its group have claimed some. */
      readonly amountIn: BaseUnits
      /** The token that it has chosen among those of a creator; absent where there was none to choose. */
      readonly tokenOut?: Token
    }
  | { readonly kind: 'routed'; readonly answers: readonly VenueAnswer[]; readonly route: Route }
  | { readonly kind: 'submitted'; readonly swap: SignedSwap; readonly steps: readonly string[] }
  | { readonly kind: 'filled'; readonly fill: Fill }
  /** The children of a plan have traded all of it. */
  | { readonly kind: 'completed'; readonly totals: Totals }
  /** `isStalled`: an exit that has failed several times, and is tried on. */
  | {
      readonly kind: 'retried'
      readonly failure: Failure
      readonly retryAt: Millis
      readonly isStalled: boolean
    }
  /**
   * `reason` is what ended the attempt; null where the trigger has only looked. `waiting` is absent where it saw no market.
   * `guardReport`: where its guards refuse anew.
   */
  | ({
      readonly kind: 'rested'
      readonly reason: Failure | null
      readonly memory: TriggerMemory
      readonly waiting?: Wait
      readonly guardReport?: GuardReport
    } & Resting)
  /** With what its trigger remembers when it is resumed. */
  | { readonly kind: 'paused'; readonly by: string; readonly memory: TriggerMemory }
  | { readonly kind: 'resumed'; readonly by: string }
  /** The whole spec as it is from now on, and what its trigger still remembers. */
  | {
      readonly kind: 'amended'
      readonly by: string
      readonly spec: OrderSpec
      readonly memory: TriggerMemory
    }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** `by`: a key, or what has made the order pointless. */
  | { readonly kind: 'canceled'; readonly by: string }
  /** `totals`: of a plan. */
  | { readonly kind: 'expired'; readonly totals: Totals | null }

/** What the children of a plan have traded. */
export type Totals = { readonly amountIn: BaseUnits; readonly amountOut: BaseUnits }

/** A fact in its place: `seq` counts from 1 without gaps; `attempt` counts tries from 1. */
export type OrderEvent = EventDraft & {
  readonly orderId: OrderId
  readonly seq: number
  readonly attempt: number
  readonly at: Millis
}

export type OrderStatus = OrderState['status']
export type OpenStatus = 'pending' | 'routing' | 'building' | 'submitted'

export type FailedAttempt = { readonly attempt: number; readonly failure: Failure; readonly at: Millis }

/**
 * What each status knows beyond what every order knows, which part of the engine moves it on, and what a crash leaves:
 * - pending: the trigger, asked by a worker or, while it rests, by the market and the clock. The sweep finds it again.
 * - routing: a worker, at `retryAt`. The sweep finds it again.
 * - building: a worker. Its route may be too old by then and is quoted again.
 * - submitted: the landing watch of the process that took it. The signed bytes are in the log: the next process asks for them.
 */
export type OrderState =
  /** `resting` is null while the order waits for a worker. A paused order looks at no market until it is resumed. */
  | { readonly status: 'pending'; readonly resting: Resting | null; readonly isPaused: boolean }
  | { readonly status: 'routing'; readonly retryAt: Millis | null }
  | { readonly status: 'building'; readonly route: Route }
  | { readonly status: 'submitted'; readonly route: Route; readonly swap: SignedSwap }
  | { readonly status: 'confirmed'; readonly route: Route; readonly swap: SignedSwap; readonly fill: Fill }
  /** A plan: its children have the swaps. */
  | { readonly status: 'confirmed'; readonly totals: Totals }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'canceled'; readonly by: string }
  | { readonly status: 'expired'; readonly totals: Totals | null }

export type Order = {
  readonly spec: OrderSpec
  /** What its trigger remembers. */
  readonly memory: TriggerMemory
  readonly seq: number
  readonly attempt: number
  readonly createdAt: Millis
  readonly updatedAt: Millis
  /** When the order entered each status on this attempt. */
  readonly enteredAt: Partial<Record<OpenStatus, Millis>>
  readonly failedAttempts: readonly FailedAttempt[]
  /** Whether any signed transaction may have reached the chain. */
  readonly reachedChain: boolean
} & OrderState

export type OrderIn<S extends OrderStatus> = Order & { readonly status: S }
export type FilledOrder = OrderIn<'confirmed'> & { readonly fill: Fill; readonly swap: SignedSwap }
export type OpenOrder = OrderIn<OpenStatus>
