// Owns the port of whether this engine trades.

import type { Millis, Stop } from '../../timing/clock.ts'

export type TradingState = {
  readonly state: 'active' | 'halted'
  /** Null when trading was never halted. */
  readonly changedAt: Millis | null
  readonly changedBy: string | null
}

/** Whether this engine trades: one answer for all its processes, known to each within a second and over restarts. */
export interface TradingSwitch {
  /** As far as this process knows. */
  state(): TradingState
  /** Whether new swaps may be signed now: not while halted, and not once the switch was out of reach for a second. */
  mayTrade(): boolean
  /** Resolves when the change is durable. */
  set(state: TradingState['state'], by: string): Promise<TradingState>
  /** Calls `listener` each time when `mayTrade` is true again. */
  onResume(listener: () => void): Stop
}
