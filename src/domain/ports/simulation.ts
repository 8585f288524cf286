// Owns the port of a simulated world: its ledger of what landed, whatever the engine's own tables hold, and what an operator
// does to its market.

import type { Millis } from '../../timing/clock.ts'
import type { VenueName } from '../route.ts'
import type { Token } from '../token.ts'

/** A transaction that landed, filled or reverted. Amounts are base units as text. */
export type LedgerEntry = {
  readonly signature: string
  readonly orderId: string
  readonly slot: number
  readonly at: number
  readonly mintIn: string
  readonly mintOut: string
  readonly amountIn: string
  readonly amountOut: string
  readonly networkFeeLamports: string
  readonly poolFees: readonly { readonly pool: string; readonly mint: string; readonly amount: string }[]
  readonly error: { readonly code: string; readonly detail: string } | null
}

export type NumberedEntry = { readonly number: number; readonly entry: LedgerEntry }

/** Multiplies the price of `token` in `against`, in equal ratios over so many slots. */
export type Move = {
  readonly token: Token
  readonly against: Token
  /** A price of the simulated market is a statistic, not money: a plain number does. */
  readonly factor: number
  readonly slots: number
  /** Whether the price then comes back, over as many slots: with one slot, a wick. */
  readonly isBack: boolean
  /** Null: on all, and the fair price of `token` moves along, so that the new price stays. */
  readonly venues: readonly VenueName[] | null
}

/** What is wrong with a launched token: what a guard should find in its mint or pool, and how its swaps end. */
export const tokenFaults = [
  'mint_authority',
  'freeze_authority',
  'permanent_delegate',
  'transfer_hook',
  'transfer_fee',
  'unknown_extension',
  'no_sell',
  'drained',
] as const
export type TokenFault = (typeof tokenFaults)[number]

/** A new token and its first pool, against SOL. */
export type Launch = {
  readonly symbol: string
  /** Null: made up from the seed and the symbol, as is the creator. */
  readonly mint: string | null
  readonly creator: string | null
  readonly inSlots: number
  readonly liquidityLamports: bigint
  readonly venue: VenueName
  readonly faults: readonly TokenFault[]
}

/** `slot` is the first in which the pool is there. */
export type Launched = { readonly mint: string; readonly pool: string; readonly slot: number }

/** A token that was launched, or will be. */
export type KnownLaunch = Launched & {
  readonly symbol: string
  readonly creator: string
  readonly venue: VenueName
  readonly liquidityLamports: bigint
  readonly faults: readonly TokenFault[]
  /** Whether its slot has come. */
  readonly isOut: boolean
}

export const venueFaults = [
  /** Refuses every connection. */
  'down',
  /** Answers long after any deadline. */
  'slow',
  /** Answers within the deadline, long after the other venue. */
  'late',
  /** Rate-limits every request. */
  'limited',
  /** Answers several requests, then refuses as many, in turns. */
  'flapping',
  /** Serves pools of an old slot. */
  'stale',
  /** Quotes ten times too much. */
  'wrong',
  'zero',
  'negative',
  'nan',
] as const
export type VenueFault = (typeof venueFaults)[number]

/** What goes wrong in the simulated world, in every process. */
export type Faults = {
  readonly venues: Readonly<Record<VenueName, VenueFault | null>>
  /** Share of the transactions that vanish on their way to the chain, from 0 to 1. */
  readonly dropRate: number
  /** Share of the sends that report an error although the transaction has arrived, from 0 to 1. */
  readonly sendErrorRate: number
}

/** Venues that are not named stay as they are. */
export type FaultChanges = Partial<Omit<Faults, 'venues'>> & { readonly venues?: Partial<Faults['venues']> }

export interface Simulation {
  /** At most `limit` entries in the order they landed, of one order or of all (null), after entry number `after`. */
  swaps(orderId: string | null, after: number, limit: number): Promise<readonly NumberedEntry[]>
  /** Resolves, once the move is durable, with the first slot in which it acts; null when no pool there trades the pair. */
  move(move: Move): Promise<number | null>
  /** Resolves once the launch is durable; null when a token has this symbol or mint. */
  launch(launch: Launch): Promise<Launched | null>
  /** At most `limit` launches, the newest first. */
  launches(limit: number): Promise<readonly KnownLaunch[]>
  /** Resolves, once it is durable, with the slot that begins with the fork; null where this chain never forks. */
  fork(): Promise<number | null>
  faults(): Faults
  /** Resolves once the faults are durable; other processes follow within a second. They outlive restarts. */
  setFaults(changes: FaultChanges): Promise<Faults>
  /** The faults of the settings again. */
  resetFaults(): Promise<Faults>
  /** How many swaps have landed and stand, reverted ones left out, of the orders from one id to another that have any. */
  landed(first: string, last: string): Promise<ReadonlyMap<string, number>>
  /** How long after a fill a fork may still undo it, and its swap land again. */
  readonly settlesWithinMs: Millis
}
