// Owns the market data of a process in a schedule: the venues' pools as they are now, whatever befalls the venues.
import type { MarketData } from '../../src/domain/ports/marketData.ts'
import { tokenCalled } from '../support/orders.ts'
import { type FakeChain, SLOT_MS } from './chain.ts'
import type { Launches } from './launches.ts'
import { poolPaying, type VenueTerms } from './venues.ts'
import type { Life } from './world.ts'

const MINTS = [tokenCalled('A').mint, tokenCalled('B').mint] as const

export function fakeMarketData(
  terms: readonly VenueTerms[],
  life: Life,
  { height, worth }: Pick<FakeChain, 'height' | 'worth'>,
  launches: Launches,
): MarketData {
  return {
    view: async (query) => ({
      slot: height(),
      at: life.clock.now(),
      venues: terms.map((each) => ({
        venue: each.name,
        latencyMs: 0,
        pools: launches.poolsFor(poolPaying(each, worth, null), query),
      })),
    }),
    onChange(listener) {
      let isStopped = false
      const tick = () => {
        if (isStopped) return
        const pools = terms.map(({ name }) => ({ pool: `${name} pool`, mints: MINTS }))
        listener({ slot: height(), pools: [...pools, ...launches.changes()] })
        life.clock.after(SLOT_MS, tick)
      }
      life.clock.after(SLOT_MS, tick)
      return () => {
        isStopped = true
      }
    },
  }
}
