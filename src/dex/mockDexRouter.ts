// Owns the simulated venues: Raydium and Meteora with latency and faults, over the one venue implementation.

import type { Venue } from '../domain/ports/market.ts'
import type { VenueFault } from '../domain/ports/simulation.ts'
import type { VenueName } from '../domain/route.ts'
import { type Clock, sleep } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import type { PoolsView } from './pools/listed.ts'
import { createPoolVenue } from './poolVenue.ts'
import { createVenueFault } from './simulated/venueFaults.ts'

export type SimulatedVenueOptions = {
  /** How long an answer takes. */
  readonly latencyMs: { readonly least: number; readonly most: number }
  /** What is wrong with the venue now. */
  faultNow(): VenueFault | null
}

/** As `createSimulatedVenue`, but the answers take no time: what a process knows of the venue without asking it. */
export function createVenueData(
  name: VenueName,
  readPools: () => Promise<PoolsView>,
  clock: Clock,
  { faultNow }: Pick<SimulatedVenueOptions, 'faultNow'>,
): Pick<Venue, 'name' | 'poolsFor'> {
  const venue = createPoolVenue(name, readPools, clock)
  const fault = createVenueFault(faultNow)
  return {
    name,
    async poolsFor(query) {
      fault.mayRefuse()
      return fault.distort(await venue.poolsFor(query))
    },
  }
}

export function createSimulatedVenue(
  name: VenueName,
  readPools: () => Promise<PoolsView>,
  clock: Clock,
  random: Random,
  options: SimulatedVenueOptions,
): Venue {
  const venue = createPoolVenue(name, readPools, clock)
  const fault = createVenueFault(options.faultNow)

  /** Latency first, as on a network: the answer describes the moment at its end. */
  async function answer<T>(ask: () => Promise<T>): Promise<T> {
    const { least, most } = options.latencyMs
    const latencyMs = fault.latencyMs() ?? (most > 0 ? least + random.next() * (most - least) : 0)
    if (latencyMs > 0) await sleep(clock, latencyMs)
    fault.mayRefuse()
    return ask()
  }

  return {
    ...venue,
    pools: () => answer(venue.pools),
    poolsFor: (query) => answer(async () => fault.distort(await venue.poolsFor(query))),
  }
}
