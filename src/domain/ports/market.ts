// Owns the port of the venues.

import type { Instruction, PoolInfo, RoutablePool } from '../pool.ts'
import type { Leg, RouteQuery, VenueName } from '../route.ts'

/** Rejected by a venue that has been asked too often and wants to be left alone for so long. */
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
   * The pools that trade either end against the other or a token on the way, as they are now. Rejects when down, with
   * VenueLimited when it only wants to be left alone.
   */
  poolsFor(query: RouteQuery): Promise<readonly RoutablePool[]>
  /** The call that swaps `leg` and reverts below `minAmountOut`. */
  swapInstruction(leg: Leg, minAmountOut: bigint): Instruction
}
