// Owns the simulated world: one chain, and the venues that trade on it.

import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { Sql } from '../domain/ports/sql.ts'
import { type VenueName, venueNames } from '../domain/route.ts'
import type { Clock } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { createSimulatedVenue, createVenueData, type SimulatedVenueOptions } from './mockDexRouter.ts'
import { openSimulatedChain, type SimulatedChainOptions } from './simulated/chain.ts'
import { createMarketData } from './simulated/marketData.ts'
import type { World } from './world.ts'

export type SimulatedWorldOptions = SimulatedChainOptions &
  Pick<SimulatedVenueOptions, 'latencyMs'> & {
    /** Nothing waits: quotes take no time, and what is sent lands at once. */
    readonly isInstant: boolean
  }

export type SimulatedWorldDeps = {
  readonly sql: Sql
  readonly broadcast: Broadcast
  readonly clock: Clock
  readonly random: Random
}

const AT_ONCE = { least: 0, most: 0 }

/** Rejects when the ledger cannot be read or written; otherwise resolves once it is known which process produces blocks. */
export async function openSimulatedWorld(
  given: SimulatedWorldOptions,
  { sql, broadcast, clock, random }: SimulatedWorldDeps,
): Promise<World> {
  const options = given.isInstant ? { ...given, landingSlots: AT_ONCE, latencyMs: AT_ONCE } : given
  const chain = await openSimulatedChain(sql, broadcast, clock, options)
  const faultOf = (name: VenueName) => ({ faultNow: () => chain.faults().venues[name] })
  return {
    chain,
    venues: venueNames.map((name) =>
      createSimulatedVenue(name, chain.readPools, clock, random, { ...options, ...faultOf(name) }),
    ),
    marketData: createMarketData(
      chain,
      venueNames.map((name) => createVenueData(name, chain.readPools, clock, faultOf(name))),
      clock,
    ),
    tokens: chain.tokens,
    mints: chain.mints,
    wallet: chain.wallet,
    slotMs: options.slotMs,
    finalityMs: (options.finalityBlocks + 1) * options.slotMs,
    simulation: chain,
    close: chain.close,
  }
}
