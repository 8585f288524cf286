// The venue's contract, kept by both simulated venues.
import { describe, expect, test } from 'vitest'
import { createSimulatedVenue } from '../../src/dex/mockDexRouter.ts'
import { genesis } from '../../src/dex/simulated/listings.ts'
import { START_PRICES } from '../../src/dex/simulated/market.ts'
import { executeSwap } from '../../src/dex/simulated/runtime.ts'
import type { VenueFault } from '../../src/dex/simulated/venueFaults.ts'
import { baseUnits } from '../../src/domain/amount.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { VenueName } from '../../src/domain/route.ts'
import { manualClock } from '../support/manualClock.ts'
import { tokenCalled } from '../support/orders.ts'

const SLOT = 11
const market = { slot: SLOT, pools: genesis().pools }
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) }

function openVenue(name: VenueName, more: { latencyMs?: number; fault?: VenueFault } = {}) {
  const clock = manualClock()
  const { latencyMs = 0, fault } = more
  const options = { latencyMs: { least: latencyMs, most: latencyMs }, faults: fault ? { [name]: fault } : {} }
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

/** Those that pay, the best first. */
async function bestOf(venue: Venue, tokenIn: string, tokenOut: string, amountIn: bigint) {
  const said = await quotesOf(venue, tokenIn, tokenOut, amountIn)
  const paying = said.flatMap(({ quote, ...rest }) => (quote.kind === 'quoted' ? [{ ...rest, quote }] : []))
  const [best] = paying.toSorted((a, b) => Number(b.quote.amountOut - a.quote.amountOut))
  if (best === undefined) throw new Error('no pool pays')
  return best
}

for (const name of ['raydium', 'meteora'] as const) {
  describe(`venue ${name}`, () => {
    const { venue } = openVenue(name)

    test('its pools are its own, hold both tokens, and have a price and a fee', async () => {
      const pools = await venue.pools()
      expect(pools.length).toBeGreaterThan(0)
      expect(new Set(pools.map(({ pool }) => pool)).size).toBe(pools.length)
      for (const pool of pools) {
        expect(pool.venue).toBe(name)
        expect(pool.reserveA > 0n && pool.reserveB > 0n).toBe(true)
        expect(Number(pool.price)).toBeGreaterThan(0)
        expect(pool.feeBps).toBeGreaterThan(0)
      }
    })

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

    test('a larger amount gets more, at a worse price', async () => {
      const [small, large] = [1_000_000n, 1_000_000_000_000n]
      const cheap = await quotesOf(venue, 'A', 'B', small)
      const dear = await quotesOf(venue, 'A', 'B', large)
      cheap.forEach(({ quote }, i) => {
        const other = dear[i]?.quote
        if (quote.kind === 'refused' || other?.kind !== 'quoted') throw new Error('both amounts are quoted')
        expect(other.amountOut > quote.amountOut).toBe(true)
        expect(other.amountOut < quote.amountOut * (large / small)).toBe(true)
      })
    })

    test('there and back never gains', async () => {
      const there = await bestOf(venue, 'A', 'B', 100_000_000n)
      const back = await bestOf(venue, 'B', 'A', there.quote.amountOut)
      expect(back.quote.amountOut < 100_000_000n).toBe(true)
    })

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

    test('the largest amount there is gets an answer, never more than the pool holds', async () => {
      const listed = new Map((await venue.pools()).map((pool) => [pool.pool, pool]))
      for (const { pool, quote } of await quotesOf(venue, 'A', 'B', 2n ** 64n - 1n)) {
        if (quote.kind === 'refused') expect(quote.reason).toBe('insufficient_liquidity')
        else expect(quote.amountOut < (listed.get(pool.pool)?.reserveB ?? 0n)).toBe(true)
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
