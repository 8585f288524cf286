// Owns the shape of a world: the market and the chain that the engine trades on, and the pace that they set.

import type { Chain } from '../domain/ports/chain.ts'
import type { Venue } from '../domain/ports/market.ts'
import type { MarketData } from '../domain/ports/marketData.ts'
import type { Mints } from '../domain/ports/mints.ts'
import type { Simulation } from '../domain/ports/simulation.ts'
import type { Wallet } from '../domain/ports/wallet.ts'
import type { TokenList } from '../domain/token.ts'

export type World = {
  readonly chain: Chain
  readonly venues: readonly Venue[]
  readonly marketData: MarketData
  /** Grows where new tokens come about. */
  readonly tokens: TokenList
  readonly mints: Mints
  readonly wallet: Wallet
  /** Length of a slot: how often a landing may become known. */
  readonly slotMs: number
  /** How long a landing takes, at the usual pace, until no fork can undo it. */
  readonly finalityMs: number
  /** Null where orders trade for real. */
  readonly simulation: Simulation | null
  close(): Promise<void>
}
