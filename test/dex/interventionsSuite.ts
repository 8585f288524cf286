// Owns what an operator does to a simulated market, whichever database its chain stands on: when it takes effect, and that it
// survives restarts and forks.
import { expect, test, vi } from 'vitest'
import type { SimulatedChain, SimulatedChainOptions } from '../../src/dex/simulated/chain.ts'
import { DRAIN_SLOTS } from '../../src/dex/simulated/launches.ts'
import { programOf, type SimulatedPool } from '../../src/dex/simulated/market.ts'
import type { Launch, Launched, Move } from '../../src/domain/ports/simulation.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { tokenCalled } from '../support/orders.ts'
import {
  landedFor,
  noFaults,
  openChain,
  openProducer,
  passSlots,
  priceOf,
  signed,
} from './simulatedChains.ts'

export const halved: Move = {
  token: tokenCalled('A'),
  against: tokenCalled('USDC'),
  factor: 0.5,
  slots: 1,
  isBack: false,
  venues: null,
}

const LAMPORTS = 1_000_000_000n

export const moon: Launch = {
  symbol: 'MOON',
  mint: null,
  creator: null,
  inSlots: 0,
  liquidityLamports: 200n * LAMPORTS,
  venue: 'raydium',
  faults: [],
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

  test('a move survives restarts before its slot, half-way, and afterwards', () =>
    withChain({}, async (chain, clock, sql) => {
      const slots = 20
      const slot = (await chain.move({ ...halved, slots })) ?? 0
      await chain.close()
      for (const until of [slot, slot + 6, slot + slots, slot + slots + 20]) {
        const again = await openProducer(sql, clock)
        await passSlots(again, clock, Math.max(0, until - (await slotOf(again))))
        const steps = Math.min(slots, (await slotOf(again)) - slot + 1)
        expect((await priceOf(again, 'A', 'USDC')) / 0.5 ** (steps / slots)).toBeCloseTo(1, 1)
        await again.close()
      }
    }))

  test('a move stands when forks undo the slots in which it acted', () =>
    withChain({ forkRate: 1 }, async (chain, clock) => {
      await chain.move({ ...halved, slots: 3 })
      await passSlots(chain, clock, 12)
      expect(await priceOf(chain, 'A', 'USDC')).toBeCloseTo(0.5, 1)
    }))

  test('a fork that is asked for undoes the two blocks before the slot that the answer names', () =>
    withChain({}, async (chain, clock, sql) => {
      await passSlots(chain, clock, 3)
      // The fork counts from the last block that is durable.
      const durable = async () => {
        const [row] = await sql.query<{ slot: number }>('select slot::float8 as slot from simulation.chain')
        return row?.slot
      }
      await vi.waitFor(async () => expect(await durable()).toBe(await slotOf(chain)))
      const slot = (await chain.fork()) ?? 0
      const swapped = await signed(chain)
      const landings = (count: number) =>
        vi.waitFor(async () => expect(await landedFor(chain, swapped)).toHaveLength(count))
      await chain.send(swapped.swap)
      await passSlots(chain, clock, slot - 1 - (await slotOf(chain)))
      await landings(1)
      await passSlots(chain, clock, 1)
      await landings(0)
      await chain.send(swapped.swap)
      await passSlots(chain, clock, 2)
      await landings(1)
    }))

  test('a chain whose reverts are final at once, or whose blocks are, never forks', async () => {
    const atOnce = { landingSlots: { least: 0, most: 0 } }
    await withChain(atOnce, async (chain) => expect(await chain.fork()).toBeNull())
    await withChain({ finalityBlocks: 1 }, async (chain) => expect(await chain.fork()).toBeNull())
    await withChain({ ...atOnce, forkRate: 0.5 }, async (chain) => expect(await chain.fork()).not.toBeNull())
  })

  test('faults that are changed add up, outlive a restart, and give way to the settings', () =>
    withChain({}, async (chain, clock, sql) => {
      await chain.setFaults({ venues: { raydium: 'slow' } })
      const both = await chain.setFaults({ dropRate: 0.5 })
      expect(both).toEqual({ ...noFaults, venues: { raydium: 'slow', meteora: null }, dropRate: 0.5 })
      const other = await openChain(sql, clock, { produces: false })
      expect(other.faults()).toEqual(both)
      await chain.resetFaults()
      await vi.waitFor(() => {
        clock.advance(1_000)
        expect(other.faults()).toEqual(noFaults)
      })
      await other.close()
    }))

  test('a launched pool and its token are there from the slot that the answer names, over restarts', () =>
    withChain({}, async (chain, clock, sql) => {
      const { mint, pool, slot } = await launchedOn(chain, { ...moon, inSlots: 2 })
      await passSlots(chain, clock, slot - 1 - (await slotOf(chain)))
      expect((await chain.readPools()).pools.has(pool)).toBe(false)
      expect(chain.tokens.find('MOON')).toBeUndefined()
      expect(await chain.mints.mintInfo(mint)).toBeNull()
      await passSlots(chain, clock, 1)
      expect((await chain.readPools()).pools.get(pool)).toMatchObject({
        tokenA: { symbol: 'MOON', mint, decimals: 6 },
      })
      await vi.waitFor(() => expect(chain.tokens.find('MOON')).toBe(chain.tokens.find(mint)))
      await chain.close()
      const again = await openProducer(sql, clock)
      expect((await again.readPools()).pools.has(pool)).toBe(true)
      expect(again.tokens.find('MOON')).toMatchObject({ mint })
      await again.close()
    }))

  test('symbol and mint of a token belong to it, listed, launched or about to be', () =>
    withChain({}, async (chain) => {
      const { mint } = await launchedOn(chain, { ...moon, inSlots: 1_000 })
      expect(await chain.launch(moon)).toBeNull()
      expect(await chain.launch({ ...moon, symbol: 'SUN', mint })).toBeNull()
      expect(await chain.launch({ ...moon, symbol: 'SOL' })).toBeNull()
      expect(await chain.launch({ ...moon, symbol: 'SUN', mint: tokenCalled('A').mint })).toBeNull()
      expect(await chain.launch({ ...moon, symbol: 'SUN' })).not.toBeNull()
    }))

  test('a mint that is made up depends on seed and symbol alone', async () => {
    const mintOf = async (seed: number) => {
      let made = ''
      await withChain({ seed }, async (chain) => {
        made = (await launchedOn(chain, moon)).mint
      })
      return made
    }
    expect(await mintOf(7)).toBe(await mintOf(7))
    expect(await mintOf(7)).not.toBe(await mintOf(8))
  })

  test('a launch stands when forks undo its slot, and what it drains stays drained', () =>
    withChain({ forkRate: 1 }, async (chain, clock) => {
      const kept = await launchedOn(chain, moon)
      const { pool, slot } = await launchedOn(chain, { ...moon, symbol: 'RUG', faults: ['drained'] })
      await passSlots(chain, clock, slot + DRAIN_SLOTS + 8 - (await slotOf(chain)))
      const { pools } = await chain.readPools()
      expect(reserveOfSol(pools.get(kept.pool))).toBeGreaterThan(150n * LAMPORTS)
      expect(reserveOfSol(pools.get(pool))).toBeLessThan(LAMPORTS / 1_000n)
    }))

  test('what is known of a launched token is what a guard asks for', () =>
    withChain({}, async (chain, clock) => {
      const faults = ['freeze_authority', 'transfer_fee', 'unknown_extension'] as const
      const creator = 'E2PNtRfT4Cm2QFYM2u9f44s1QqTKiBCrTWUqYTtVa5z9'
      const { mint, pool, slot } = await launchedOn(chain, { ...moon, creator, faults })
      await passSlots(chain, clock, slot + 1 - (await slotOf(chain)))
      await vi.waitFor(async () => {
        expect(await chain.mints.mintInfo(mint)).toEqual({
          mint,
          decimals: 6,
          mintAuthority: null,
          freezeAuthority: creator,
          extensions: [
            { kind: 'transfer_fee', feeBps: 500 },
            { kind: 'unknown', extensionType: expect.any(Number) },
          ],
        })
      })
      const origin = { pool, venue: 'raydium', creator, firstSlot: slot, liquidityLamports: 200n * LAMPORTS }
      expect(await chain.mints.poolOrigins(mint)).toEqual([
        { ...origin, liquidityNowLamports: expect.any(BigInt) },
      ])
      expect(await chain.mints.mintInfo(tokenCalled('A').mint)).toMatchObject({
        freezeAuthority: null,
        extensions: [],
      })
      expect(await chain.mints.poolOrigins(tokenCalled('A').mint)).toEqual([])
    }))

  test('a sale on trial shows a token that cannot be sold', () =>
    withChain({}, async (chain, clock) => {
      const good = await launchedOn(chain, moon)
      const trap = await launchedOn(chain, { ...moon, symbol: 'TRAP', faults: ['no_sell'] })
      await passSlots(chain, clock, trap.slot - (await slotOf(chain)))
      expect(await chain.mints.trySale(good.mint, good.pool, 1_000_000n)).toMatchObject({ kind: 'swapped' })
      expect(await chain.mints.trySale(trap.mint, trap.pool, 1_000_000n)).toMatchObject({ kind: 'reverted' })
      expect(await chain.mints.trySale(trap.mint, good.pool, 1_000_000n)).toMatchObject({ kind: 'reverted' })
      expect(await chain.mints.trySale(trap.mint, 'nowhere', 1_000_000n)).toMatchObject({ kind: 'reverted' })
    }))
}

async function launchedOn(chain: SimulatedChain, launch: Launch): Promise<Launched> {
  const launched = await chain.launch(launch)
  if (launched === null) throw new Error('the token is taken')
  return launched
}

/** What the pool holds of SOL, the second token of each launched one. */
const reserveOfSol = (pool: SimulatedPool | undefined) =>
  pool === undefined ? -1n : programOf(pool).reserves(pool.state).reserveB
