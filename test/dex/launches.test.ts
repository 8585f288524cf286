// Launched tokens: their pools, and what is wrong with some of them, as swaps meet it.
import { describe, expect, test } from 'vitest'
import { createSimulatedVenue } from '../../src/dex/mockDexRouter.ts'
import {
  applyLaunches,
  DRAIN_SLOTS,
  decideLaunch,
  mintInfoOf,
  type PlannedLaunch,
  poolOfLaunch,
} from '../../src/dex/simulated/launches.ts'
import { genesis } from '../../src/dex/simulated/listings.ts'
import { programOf, type SimulatedPool } from '../../src/dex/simulated/market.ts'
import { executeSwap } from '../../src/dex/simulated/runtime.ts'
import { FREEZE_SLOTS } from '../../src/dex/simulated/tokenFaults.ts'
import { type TokenFault, tokenFaults } from '../../src/domain/ports/simulation.ts'
import { venueNames } from '../../src/domain/route.ts'
import { SOL } from '../../src/domain/token.ts'
import { manualClock } from '../support/manualClock.ts'

const SLOT = 10
const LAMPORTS = 1_000_000_000n

function launchOf(faults: readonly TokenFault[], more: Partial<PlannedLaunch> = {}): PlannedLaunch {
  const terms = { inSlots: 0, liquidityLamports: 200n * LAMPORTS, venue: 'raydium', faults } as const
  return { ...decideLaunch({ symbol: 'MOON', mint: null, creator: null, ...terms }, 1), slot: SLOT, ...more }
}

/** The pool of the launch as it is at a slot. */
function poolAt(launch: PlannedLaunch, slot: number): SimulatedPool {
  const pool = applyLaunches(new Map(), [launch], 0, slot).get(poolOfLaunch(launch).address)
  if (pool === undefined) throw new Error('not launched')
  return pool
}

function swapIn(pool: SimulatedPool, mintIn: string, amountIn: bigint, slot: number, minAmountOut = 0n) {
  const { programId, swapData } = programOf(pool)
  const mintOut = mintIn === SOL.mint ? pool.tokenA.mint : SOL.mint
  const accounts = [pool.address, mintIn, mintOut]
  const data = swapData({ amountIn, minAmountOut })
  return executeSwap(
    () => pool,
    { programId, accounts, data },
    { slot: BigInt(slot), unixTimestamp: 1_767_225_600n },
  )
}

const buy = (pool: SimulatedPool, slot = SLOT) => swapIn(pool, SOL.mint, LAMPORTS, slot)
const sell = (pool: SimulatedPool, slot = SLOT) => swapIn(pool, pool.tokenA.mint, 1_000_000_000n, slot)

for (const venue of venueNames) {
  describe(`a token launched on ${venue}`, () => {
    test('has a pool in its slot, not before, and again after a fork', () => {
      const launch = launchOf([], { venue })
      expect(applyLaunches(new Map(), [launch], 0, SLOT - 1).size).toBe(0)
      expect(applyLaunches(new Map(), [launch], SLOT - 1, SLOT).size).toBe(1)
      expect(applyLaunches(new Map(), [launch], SLOT - 2, SLOT + 1).size).toBe(1)
      expect(applyLaunches(new Map(), [launch], SLOT, SLOT + 1).size).toBe(0)
    })

    test('is bought and sold at the price of its liquidity', () => {
      const pool = poolAt(launchOf([], { venue }), SLOT)
      const bought = buy(pool)
      // A billion tokens for 200 SOL: 1 SOL buys five million, less half a percent of impact and the fee.
      expect(bought).toMatchObject({ amountIn: LAMPORTS })
      if ('code' in bought) throw new Error(bought.detail)
      expect(Number(bought.amountOut) / 1e6 / 5_000_000).toBeCloseTo(0.9925, 3)
      expect(sell(bought.pool)).toMatchObject({ mintOut: SOL.mint })
    })

    test('that is drained keeps a price and no liquidity', () => {
      const launch = launchOf(['drained'], { venue })
      expect(buy(poolAt(launch, SLOT + DRAIN_SLOTS - 1))).not.toHaveProperty('code')
      const pool = poolAt(launch, SLOT + DRAIN_SLOTS)
      const { reserveA, reserveB } = programOf(pool).reserves(pool.state)
      expect(reserveA).toBeGreaterThan(0n)
      expect(reserveB).toBeGreaterThan(0n)
      expect(reserveB).toBeLessThan(LAMPORTS / 1_000n)
      const before = programOf(pool).spotPrice(poolAt(launch, SLOT).state, true)
      const after = programOf(pool).spotPrice(pool.state, true)
      const priceOf = ({ numerator, denominator }: typeof before) => Number(numerator) / Number(denominator)
      expect(priceOf(after) / priceOf(before)).toBeCloseTo(1, 2)
      const sold = sell(pool)
      if (!('code' in sold)) expect(sold.amountOut).toBeLessThan(LAMPORTS / 1_000n)
    })

    test.each([1n, 1_000n, 2n ** 64n - 1n])(
      'with %i lamports has a pool that quotes or says why not',
      (lamports) => {
        for (const faults of [[], ['drained']] as const) {
          const pool = poolAt(launchOf(faults, { venue, liquidityLamports: lamports }), SLOT + DRAIN_SLOTS)
          for (const aToB of [true, false]) {
            const at = { slot: BigInt(SLOT), unixTimestamp: 1_767_225_600n }
            const quote = programOf(pool).quoteExactIn(pool.state, { aToB, amountIn: 1_000n, ...at })
            expect(['quoted', 'refused']).toContain(quote.kind)
            for (const { capIn } of programOf(pool).segments(pool.state, { aToB, ...at }))
              expect(capIn).toBeGreaterThan(0)
          }
        }
      },
    )

    test('is found by a venue that was asked before it was there', async () => {
      const { pools } = genesis()
      const launch = launchOf([], { venue })
      let view = { slot: SLOT - 1, pools }
      const random = { next: () => 0, bytes: (length: number) => new Uint8Array(length) }
      const options = { latencyMs: { least: 0, most: 0 }, faultNow: () => null }
      const asked = createSimulatedVenue(venue, async () => view, manualClock(), random, options)
      const query = { mintIn: SOL.mint, mintOut: launch.token.mint, through: [] }
      expect(await asked.poolsFor(query)).toEqual([])
      view = { slot: SLOT, pools: new Map(applyLaunches(pools, [launch], SLOT - 1, SLOT)) }
      expect(await asked.poolsFor(query)).toHaveLength(1)
      expect((await asked.pools()).some(({ tokenA }) => tokenA.symbol === 'MOON')).toBe(true)
    })
  })
}

describe('what is wrong with a token', () => {
  test('no_sell: it can be bought and never sold', () => {
    const pool = poolAt(launchOf(['no_sell']), SLOT)
    expect(buy(pool)).not.toHaveProperty('code')
    expect(sell(pool)).toMatchObject({
      code: 'swap_reverted',
      detail: expect.stringContaining('no transfer'),
    })
  })

  test('freeze_authority: after some slots accounts are frozen, for both sides', () => {
    const pool = poolAt(launchOf(['freeze_authority']), SLOT)
    expect(sell(pool, SLOT + FREEZE_SLOTS - 1)).not.toHaveProperty('code')
    for (const swap of [buy, sell]) {
      expect(swap(pool, SLOT + FREEZE_SLOTS)).toMatchObject({
        code: 'swap_reverted',
        detail: expect.stringContaining('frozen'),
      })
    }
  })

  test('transfer_fee: a twentieth of what is transferred does not arrive, and the minimum counts what does', () => {
    const [plain, taxed] = [poolAt(launchOf([]), SLOT), poolAt(launchOf(['transfer_fee']), SLOT)]
    const [fair, less] = [buy(plain), buy(taxed)]
    if ('code' in fair || 'code' in less) throw new Error('both can be bought')
    expect(less.amountOut).toBe(fair.amountOut - (fair.amountOut * 500n + 9_999n) / 10_000n)
    expect(swapIn(taxed, SOL.mint, LAMPORTS, SLOT, less.amountOut + 1n)).toMatchObject({
      code: 'slippage_exceeded',
    })
    const [sold, soldTaxed] = [sell(plain), sell(taxed)]
    if ('code' in sold || 'code' in soldTaxed) throw new Error('both can be sold')
    expect(Number(soldTaxed.amountOut) / Number(sold.amountOut)).toBeCloseTo(0.95, 3)
    expect(soldTaxed.amountIn).toBe(sold.amountIn)
  })

  test.each(tokenFaults.filter((fault) => !['no_sell', 'drained'].includes(fault)))(
    '%s shows in the mint',
    (fault) => {
      expect(mintInfoOf(launchOf([fault]))).not.toEqual(mintInfoOf(launchOf([])))
    },
  )
})
