// Owns the port of the venues.

import type { Instruction, PoolInfo, RoutablePool } from '../pool.ts'
import type { Leg, RouteQuery, VenueName } from '../route.ts'

/** Rejected by a venue that limits its rate, with how long to wait. */
export class VenueLimited extends Error {
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super(`asked too often, not to be asked for ${retryAfterMs} ms`)
    this.retryAfterMs = retryAfterMs
  }
}

export interface Venue {
  readonly name: VenueName
  pools(): Promise<readonly PoolInfo[]>
  /**
   * The pools that trade either end against the other or against a token to route through, as they are now. Rejects when
   * down, with VenueLimited when it limits its rate.
   */
  poolsFor(query: RouteQuery): Promise<readonly RoutablePool[]>
  /** The call that swaps `leg` and reverts below `minAmountOut`. */
  swapInstruction(leg: Leg, minAmountOut: bigint): Instruction
}
