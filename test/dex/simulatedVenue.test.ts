// The simulated venues: the contract of every venue, their market, their latency and their faults.
import { describe, expect, test } from 'vitest'
import { createSimulatedVenue } from '../../src/dex/mockDexRouter.ts'
import { genesis } from '../../src/dex/simulated/listings.ts'
import { START_PRICES } from '../../src/dex/simulated/market.ts'
import { executeSwap } from '../../src/dex/simulated/runtime.ts'
import { baseUnits } from '../../src/domain/amount.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { VenueFault } from '../../src/domain/ports/simulation.ts'
import { type VenueName, venueNames } from '../../src/domain/route.ts'
import { venueContract } from '../contracts/venueContract.ts'
import { manualClock } from '../support/manualClock.ts'
import { tokenCalled } from '../support/orders.ts'

const SLOT = 11
const market = { slot: SLOT, pools: genesis().pools }
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) }

function openVenue(name: VenueName, more: { latencyMs?: number; fault?: VenueFault } = {}) {
  const clock = manualClock()
  const { latencyMs = 0, fault } = more
  const options = { latencyMs: { least: latencyMs, most: latencyMs }, faultNow: () => fault ?? null }
  return { clock, venue: createSimulatedVenue(name, async () => market, clock, random, options) }
}

const mintOf = (symbol: string) => tokenCalled(symbol).mint
const way = (tokenIn: string, tokenOut: string, ...through: string[]) => ({
  mintIn: mintOf(tokenIn),
  mintOut: mintOf(tokenOut),
  through: through.map(mintOf),
})

/** What each of the venue's pools that trade the pair says. */
async function quotesOf(venue: Venue, tokenIn: string, tokenOut: string, amountIn: bigint) {
  const pools = await venue.poolsFor(way(tokenIn, tokenOut))
  return pools.map((pool) => {
    const aToB = pool.tokenA.symbol === tokenIn
    return { pool, aToB, quote: pool.quote(aToB, amountIn) }
  })
}

for (const name of venueNames) {
  describe(`venue ${name}`, () => {
    const { venue } = openVenue(name)

    venueContract(() => ({
      venue,
      tokenIn: tokenCalled('A'),
      tokenOut: tokenCalled('B'),
      amountIn: 100_000_000n,
    }))

    test('the main pairs trade in at least three of its pools, of at least two programs', async () => {
      for (const [tokenIn, tokenOut] of [
        ['A', 'B'],
        ['SOL', 'USDC'],
        ['SOL', 'USDT'],
        ['USDC', 'USDT'],
      ] as const) {
        const pools = await venue.poolsFor(way(tokenIn, tokenOut))
        expect(pools.length).toBeGreaterThanOrEqual(3)
        expect(new Set(pools.map(({ program }) => program)).size).toBeGreaterThanOrEqual(2)
      }
    })

    for (const [tokenIn, tokenOut] of [
      ['A', 'B'],
      ['B', 'A'],
      ['SOL', 'USDC'],
      ['USDT', 'USDC'],
      ['BONK', 'SOL'],
    ] as const) {
      test(`every pool that trades ${tokenIn} for ${tokenOut} quotes near the market’s price`, async () => {
        const amountIn = 1_000_000_000n
        const said = await quotesOf(venue, tokenIn, tokenOut, amountIn)
        const { decimals } = tokenCalled(tokenIn)
        const fair =
          ((Number(amountIn) / 10 ** decimals) * (START_PRICES[tokenIn] ?? 0)) / (START_PRICES[tokenOut] ?? 1)
        expect(said.length).toBeGreaterThan(0)
        for (const { pool, quote } of said) {
          if (quote.kind === 'refused') throw new Error(`${pool.program}: ${quote.detail}`)
          const paid = Number(quote.amountOut) / 10 ** tokenCalled(tokenOut).decimals
          expect(paid / fair).toBeGreaterThan(0.98)
          expect(paid / fair).toBeLessThan(1.005)
          expect(quote.fee > 0n).toBe(true)
          expect(pool).toMatchObject({ venue: name, slot: SLOT })
        }
      })
    }

    test('a pair that no pool trades has no pools; one through another token has those on the way', async () => {
      expect(await venue.poolsFor(way('RAY', 'BONK'))).toEqual([])
      const through = await venue.poolsFor(way('RAY', 'BONK', 'SOL'))
      expect(through.length).toBeGreaterThanOrEqual(2)
    })

    test('an amount that buys nothing is refused with that reason, never quoted as nothing', async () => {
      for (const { quote } of await quotesOf(venue, 'BONK', 'SOL', 1n)) {
        expect(quote).toMatchObject({ kind: 'refused', reason: 'amount_too_small' })
      }
    })

    test('the swap instruction pays exactly what was quoted, and reverts one unit above it', async () => {
      const [tokenIn, tokenOut] = [tokenCalled('A'), tokenCalled('B')]
      const at = { slot: BigInt(SLOT), unixTimestamp: BigInt(Date.UTC(2026, 0, 1) / 1_000) }
      const poolAt = (address: string) => market.pools.get(address)
      for (const { pool, quote } of await quotesOf(venue, 'A', 'B', 100_000_000n)) {
        if (quote.kind === 'refused') throw new Error(quote.detail)
        const [amountIn, amountOut] = [baseUnits(100_000_000n), baseUnits(quote.amountOut)]
        const leg = {
          venue: name,
          pool: pool.pool,
          program: pool.program,
          tokenIn,
          tokenOut,
          amountIn,
          amountOut,
        }
        const paid = executeSwap(poolAt, venue.swapInstruction(leg, amountOut), at)
        expect(paid).toMatchObject({ amountIn, amountOut, mintIn: tokenIn.mint, mintOut: tokenOut.mint })
        const denied = executeSwap(poolAt, venue.swapInstruction(leg, amountOut + 1n), at)
        expect(denied).toMatchObject({ code: 'slippage_exceeded' })
      }
    })

    test('an answer takes as long as its latency', async () => {
      const { clock, venue: slow } = openVenue(name, { latencyMs: 120 })
      let isAnswered = false
      const answer = slow.poolsFor(way('A', 'B')).finally(() => {
        isAnswered = true
      })
      clock.advance(119)
      await new Promise(setImmediate)
      expect(isAnswered).toBe(false)
      clock.advance(1)
      expect((await answer).length).toBeGreaterThan(0)
    })

    test('when down it rejects', async () => {
      const { venue: down } = openVenue(name, { fault: 'down' })
      await expect(down.poolsFor(way('A', 'B'))).rejects.toThrow('connection refused')
      await expect(down.pools()).rejects.toThrow('connection refused')
    })
  })
}
