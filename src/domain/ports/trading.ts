// Owns the port of whether this engine trades.

import type { Millis, Stop } from '../../timing/clock.ts'
import type { TradingStateName } from '../roles.ts'
import type { OrderSpec } from '../spec.ts'

export type TradingState = {
  readonly state: TradingStateName
  /** Null when trading was never halted. */
  readonly changedAt: Millis | null
  readonly changedBy: string | null
}

/** Whether this engine trades: one answer for all its processes, known to each within a second and over restarts. */
export interface TradingSwitch {
  /** As far as this process knows. */
  state(): TradingState
  /** Whether a swap of the order may be signed now: not while it is halted, and not once the switch was out of reach for a second. */
  mayTrade(spec: Pick<OrderSpec, 'type' | 'parent'>): boolean
  /** Resolves when the change is durable. */
  set(state: TradingState['state'], by: string): Promise<TradingState>
  /** Calls `listener` each time when `mayTrade` is true again for any order. */
  onResume(listener: () => void): Stop
}
