// Owns the market data of the simulated world: the pools as the chain has them, with the venues' faults and without their
// latency.

import type { Venue } from '../../domain/ports/market.ts'
import type { MarketChange, MarketData } from '../../domain/ports/marketData.ts'
import type { VenuePools } from '../../domain/routing/believable.ts'
import type { Clock } from '../../timing/clock.ts'
import type { SimulatedPool } from './market.ts'

type Blocks = {
  readPools(): Promise<{ readonly slot: number; readonly pools: ReadonlyMap<string, SimulatedPool> }>
  onBlock(listener: () => void): () => void
}

/** `venues` answer at once. */
export function createMarketData(
  { readPools, onBlock }: Blocks,
  venues: readonly Pick<Venue, 'name' | 'poolsFor'>[],
  clock: Clock,
): MarketData {
  return {
    /** Names the slot last: named first, a block in between would make one price two observations. */
    async view(query) {
      const answers = venues.map(async ({ name, poolsFor }): Promise<VenuePools> => {
        const known = { venue: name, latencyMs: 0 }
        try {
          return { ...known, pools: await poolsFor(query) }
        } catch (error) {
          return { ...known, refusal: { code: 'venue_unavailable', detail: String(error) } }
        }
      })
      const seen = await Promise.all(answers)
      const { slot } = await readPools()
      return { slot, at: clock.now(), venues: seen }
    },
    onChange(listener) {
      let before: ReadonlyMap<string, SimulatedPool> = new Map()
      return onBlock(() => {
        readPools().then(
          ({ slot, pools }) => {
            listener({ slot, pools: changed(before, pools) })
            // A copy: the validator changes its map in place.
            before = new Map(pools)
          },
          // The next block brings the next look.
          () => {},
        )
      })
    },
  }
}

/** The pools whose state object is another one. */
function changed(
  before: ReadonlyMap<string, SimulatedPool>,
  pools: ReadonlyMap<string, SimulatedPool>,
): MarketChange['pools'] {
  return [...pools.values()]
    .filter((pool) => before.get(pool.address) !== pool)
    .map(({ address, tokenA, tokenB, launch }) => ({
      pool: address,
      mints: [tokenA.mint, tokenB.mint],
      ...(launch === undefined ? {} : { creator: launch.creator }),
    }))
}
