// Owns what an operator does to a simulated market, whichever database its chain stands on: when it takes effect, and that it
// survives restarts and forks.
import { expect, test } from 'vitest'
import type { SimulatedChain, SimulatedChainOptions } from '../../src/dex/simulated/chain.ts'
import type { Move } from '../../src/domain/ports/simulation.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { tokenCalled } from '../support/orders.ts'
import { openProducer, passSlots, priceOf } from './simulatedChains.ts'

export const halved: Move = {
  token: tokenCalled('A'),
  against: tokenCalled('USDC'),
  factor: 0.5,
  slots: 1,
  isBack: false,
  venues: null,
}

export function interventionsSuite(freshSql: () => Promise<Sql>): void {
  async function withChain(
    more: Partial<SimulatedChainOptions>,
    use: (chain: SimulatedChain, clock: ManualClock, sql: Sql) => Promise<void>,
  ): Promise<void> {
    const clock = manualClock()
    const sql = await freshSql()
    const chain = await openProducer(sql, clock, more)
    await use(chain, clock, sql).finally(chain.close)
  }

  const slotOf = async (chain: SimulatedChain) => (await chain.readPools()).slot

  test('a move acts from the slot that its answer names, and not before', () =>
    withChain({}, async (chain, clock) => {
      const slot = (await chain.move(halved)) ?? 0
      expect(slot).toBeGreaterThan(await slotOf(chain))
      await passSlots(chain, clock, slot - 1 - (await slotOf(chain)))
      expect(await priceOf(chain, 'A', 'USDC')).toBeCloseTo(1, 1)
      await passSlots(chain, clock, 1)
      expect(await priceOf(chain, 'A', 'USDC')).toBeCloseTo(0.5, 1)
      await passSlots(chain, clock, 20)
      expect(await priceOf(chain, 'A', 'USDC')).toBeCloseTo(0.5, 1)
    }))

  test('a move that comes back is a wick of exactly so many slots', () =>
    withChain({}, async (chain, clock) => {
      const slot = (await chain.move({ ...halved, isBack: true })) ?? 0
      const prices: number[] = []
      while ((await slotOf(chain)) < slot + 2) {
        await passSlots(chain, clock, 1)
        prices[await slotOf(chain)] = await priceOf(chain, 'A', 'USDC')
      }
      const [wick, after] = [prices[slot] ?? 0, prices[slot + 1] ?? 0]
      expect(prices[slot - 1] ?? 1).toBeCloseTo(1, 1)
      expect(wick).toBeCloseTo(0.5, 1)
      expect(after).toBeCloseTo(1, 1)
    }))

  test('a move of a pair that no pool there trades is none', () =>
    withChain({}, async (chain) => {
      expect(
        await chain.move({ ...halved, token: tokenCalled('RAY'), against: tokenCalled('BONK') }),
      ).toBeNull()
    }))

  test('a move survives a restart before its slot, half-way, and afterwards', () =>
    withChain({}, async (chain, clock, sql) => {
      const slot = (await chain.move({ ...halved, factor: 0.25, slots: 2 })) ?? 0
      await chain.close()
      const second = await openProducer(sql, clock)
      await passSlots(second, clock, slot - (await slotOf(second)))
      expect(await priceOf(second, 'A', 'USDC')).toBeCloseTo(0.5, 1)
      await second.close()
      const third = await openProducer(sql, clock)
      expect(await priceOf(third, 'A', 'USDC')).toBeCloseTo(0.25, 1)
      await third.close()
      const fourth = await openProducer(sql, clock)
      await passSlots(fourth, clock, 20)
      expect(await priceOf(fourth, 'A', 'USDC')).toBeCloseTo(0.25, 1)
      await fourth.close()
    }))

  test('a move stands when forks undo the slots in which it acted', () =>
    withChain({ forkRate: 1 }, async (chain, clock) => {
      await chain.move({ ...halved, slots: 3 })
      await passSlots(chain, clock, 12)
      expect(await priceOf(chain, 'A', 'USDC')).toBeCloseTo(0.5, 1)
    }))
}
