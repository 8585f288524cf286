// Owns the market data of a process in a schedule: the venues' pools as they are now, whatever befalls the venues.
import type { MarketData } from '../../src/domain/ports/marketData.ts'
import { tokenCalled } from '../support/orders.ts'
import { type FakeChain, SLOT_MS } from './chain.ts'
import { poolPaying, type VenueTerms } from './venues.ts'
import type { Life } from './world.ts'

const MINTS = [tokenCalled('A').mint, tokenCalled('B').mint] as const

export function fakeMarketData(
  terms: readonly VenueTerms[],
  life: Life,
  { height, worth }: Pick<FakeChain, 'height' | 'worth'>,
): MarketData {
  return {
    view: async () => ({
      slot: height(),
      at: life.clock.now(),
      venues: terms.map((each) => ({
        venue: each.name,
        latencyMs: 0,
        pools: [poolPaying(each, worth, null)],
      })),
    }),
    onChange(listener) {
      let isStopped = false
      const tick = () => {
        if (isStopped) return
        listener({ slot: height(), pools: terms.map(({ name }) => ({ pool: `${name} pool`, mints: MINTS })) })
        life.clock.after(SLOT_MS, tick)
      }
      life.clock.after(SLOT_MS, tick)
      return () => {
        isStopped = true
      }
    },
  }
}
