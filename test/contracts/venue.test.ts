// The venue's contract, kept by both simulated venues.
import { describe, expect, test } from 'vitest'
import { executeSwap, openMockVenue, type VenueFault } from '../../src/dex/mockDexRouter.ts'
import { genesis } from '../../src/dex/mockMarket.ts'
import { baseUnits } from '../../src/domain/amount.ts'
import type { PoolQuote, VenueName, VenueRefusal } from '../../src/domain/order.ts'
import type { Venue } from '../../src/domain/ports.ts'
import { manualClock } from '../manualClock.ts'
import { tokenCalled } from '../orders.ts'

const SLOT = 11
const market = { slot: SLOT, pools: genesis().pools }
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length) }

function openVenue(name: VenueName, more: { latencyMs?: number; fault?: VenueFault } = {}) {
  const clock = manualClock()
  const { latencyMs = 0, fault } = more
  const options = { latencyMs: { least: latencyMs, most: latencyMs }, faults: fault ? { [name]: fault } : {} }
  return { clock, venue: openMockVenue(name, async () => market, clock, random, options) }
}

const ask = (tokenIn: string, tokenOut: string, amountIn: bigint) => ({
  tokenIn: tokenCalled(tokenIn),
  tokenOut: tokenCalled(tokenOut),
  amountIn: baseUnits(amountIn),
})

function quoted(answer: readonly PoolQuote[] | VenueRefusal): PoolQuote {
  if ('code' in answer) throw new Error(`refused: ${answer.code}`)
  const [quote] = answer
  if (quote === undefined) throw new Error('a venue without a quote gives its reason')
  return quote
}

const quoteOf = async (venue: Venue, ...request: Parameters<typeof ask>) =>
  quoted(await venue.quote(ask(...request)))

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

    for (const [tokenIn, tokenOut] of [
      ['A', 'B'],
      ['B', 'A'],
      ['SOL', 'USDC'],
      ['BONK', 'SOL'],
    ] as const) {
      test(`a quote for ${tokenIn} to ${tokenOut} answers the request it was asked`, async () => {
        const quote = await quoteOf(venue, tokenIn, tokenOut, 1_000_000_000n)
        expect(quote).toMatchObject({ venue: name, amountIn: 1_000_000_000n, slot: SLOT })
        expect(quote.amountOut > 0n && quote.fee > 0n).toBe(true)
        expect([tokenIn, tokenOut]).toContain(quote.feeToken.symbol)
        expect((await venue.pools()).map(({ pool }) => pool)).toContain(quote.pool)
      })
    }

    test('a larger amount gets more, at a worse price and with more impact', async () => {
      const small = await quoteOf(venue, 'A', 'B', 1_000_000n)
      const large = await quoteOf(venue, 'A', 'B', 1_000_000_000_000n)
      expect(large.amountOut > small.amountOut).toBe(true)
      expect(large.amountOut < small.amountOut * 1_000_000n).toBe(true)
      expect(large.priceImpactBps).toBeGreaterThan(small.priceImpactBps)
    })

    test('there and back costs the fee twice at least', async () => {
      const there = await quoteOf(venue, 'A', 'B', 100_000_000n)
      const back = await quoteOf(venue, 'B', 'A', there.amountOut)
      expect(back.amountOut < (100_000_000n * 9_951n) / 10_000n).toBe(true)
      expect(back.amountOut > (100_000_000n * 9_940n) / 10_000n).toBe(true)
    })

    test('a pair that no pool trades is refused with that reason', async () => {
      expect(await venue.quote(ask('RAY', 'BONK', 1_000_000n))).toMatchObject({ code: 'no_pool' })
    })

    test('an amount that buys nothing is refused with that reason', async () => {
      expect(await venue.quote(ask('BONK', 'SOL', 1n))).toMatchObject({ code: 'amount_too_small' })
    })

    test('the largest amount there is gets an answer, never more than the pool holds', async () => {
      const answer = await venue.quote(ask('A', 'B', 2n ** 64n - 1n))
      const pools = await venue.pools()
      const reserve = pools.find(
        ({ tokenA, tokenB }) => `${tokenA.symbol}/${tokenB.symbol}` === 'A/B',
      )?.reserveB
      if ('code' in answer) expect(answer.code).toBe('insufficient_liquidity')
      else expect(quoted(answer).amountOut < (reserve ?? 0n)).toBe(true)
    })

    test('the swap instruction pays exactly what was quoted, and reverts one unit above it', async () => {
      const [tokenIn, tokenOut] = [tokenCalled('A'), tokenCalled('B')]
      const { pool, program, amountIn, amountOut } = await quoteOf(venue, 'A', 'B', 100_000_000n)
      const leg = { venue: name, pool, program, tokenIn, tokenOut, amountIn, amountOut }
      const at = { slot: BigInt(SLOT), unixTimestamp: BigInt(Date.UTC(2026, 0, 1) / 1_000) }
      const paid = executeSwap(
        (address) => market.pools.get(address),
        venue.swapInstruction(leg, amountOut),
        at,
      )
      expect(paid).toMatchObject({ amountIn, amountOut, mintIn: tokenIn.mint, mintOut: tokenOut.mint })
      const denied = executeSwap(
        (address) => market.pools.get(address),
        venue.swapInstruction(leg, amountOut + 1n),
        at,
      )
      expect(denied).toMatchObject({ code: 'slippage_exceeded' })
    })

    test('a quote takes as long as its latency', async () => {
      const { clock, venue: slow } = openVenue(name, { latencyMs: 120 })
      let isAnswered = false
      const answer = slow.quote(ask('A', 'B', 1_000_000n)).finally(() => {
        isAnswered = true
      })
      clock.advance(119)
      await new Promise(setImmediate)
      expect(isAnswered).toBe(false)
      clock.advance(1)
      expect(quoted(await answer).venue).toBe(name)
    })

    test('when down it rejects', async () => {
      const { venue: down } = openVenue(name, { fault: 'down' })
      await expect(down.quote(ask('A', 'B', 1_000_000n))).rejects.toThrow('connection refused')
      await expect(down.pools()).rejects.toThrow('connection refused')
    })
  })
}
