// Owns what every venue must do, simulated, standing in or real.
import { beforeAll, describe, expect, test } from 'vitest'
import { baseUnits } from '../../src/domain/amount.ts'
import { directionOf, type RoutablePool } from '../../src/domain/pool.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { Token } from '../../src/domain/token.ts'

export type VenueUnderTest = {
  readonly venue: Venue
  /** A pair that it trades, and an amount of the first that every pool of the pair fills. */
  readonly tokenIn: Token
  readonly tokenOut: Token
  readonly amountIn: bigint
}

function quoted(pool: RoutablePool, aToB: boolean, amountIn: bigint): bigint {
  const quote = pool.quote(aToB, amountIn)
  if (quote.kind === 'refused') throw new Error(`${pool.pool}: ${quote.detail}`)
  return quote.amountOut
}

/** What even a venue must do that sells one token for another and lists nothing. */
export function quotingContract(open: () => VenueUnderTest): void {
  describe('as every venue quotes', () => {
    let under: VenueUnderTest
    let pools: readonly RoutablePool[] = []
    const ask = ({ venue, tokenIn, tokenOut }: VenueUnderTest) =>
      venue.poolsFor({ mintIn: tokenIn.mint, mintOut: tokenOut.mint, through: [] })
    beforeAll(async () => {
      under = open()
      pools = await ask(under)
    })

    test('its pools are its own, trade the pair, and are of a slot', () => {
      expect(pools.length).toBeGreaterThan(0)
      for (const pool of pools) {
        expect(pool.venue).toBe(under.venue.name)
        expect(directionOf(pool, under.tokenIn.mint, under.tokenOut.mint)).not.toBeNull()
        expect(Number.isSafeInteger(pool.slot)).toBe(true)
      }
    })

    test('equal questions to a pool have equal answers', () => {
      for (const pool of pools) {
        const aToB = pool.tokenA.mint === under.tokenIn.mint
        expect(pool.quote(aToB, under.amountIn)).toEqual(pool.quote(aToB, under.amountIn))
        expect([...pool.segments(aToB)]).toEqual([...pool.segments(aToB)])
      }
    })

    test('a larger amount gets more, at no better a price', () => {
      for (const pool of pools) {
        const aToB = pool.tokenA.mint === under.tokenIn.mint
        const [small, large] = [quoted(pool, aToB, under.amountIn / 10n), quoted(pool, aToB, under.amountIn)]
        expect(large > small).toBe(true)
        // Each quote is rounded down by less than one unit.
        expect(large < (small + 1n) * 10n).toBe(true)
      }
    })

    test('the segments of a direction promise what the quote pays, each no better than the end of the one before', () => {
      for (const pool of pools) {
        const aToB = pool.tokenA.mint === under.tokenIn.mint
        let [left, paid, last] = [Number(under.amountIn), 0, Number.POSITIVE_INFINITY]
        for (const { price, depth, capIn } of pool.segments(aToB)) {
          expect(price).toBeLessThanOrEqual(last * (1 + 1e-9))
          const part = Math.min(left, capIn)
          paid += (price * part) / (1 + part / depth)
          left -= part
          last = price / (1 + capIn / depth) ** 2
          if (left <= 0) break
        }
        expect(paid / Number(quoted(pool, aToB, under.amountIn))).toBeCloseTo(1, 4)
      }
    })

    test('a swap instruction names its program, and is the same for the same leg and minimum', () => {
      const { venue, tokenIn, tokenOut } = under
      for (const { pool, program, tokenA, quote } of pools) {
        const answer = quote(tokenA.mint === tokenIn.mint, under.amountIn)
        if (answer.kind === 'refused') throw new Error(answer.detail)
        const [amountIn, amountOut] = [baseUnits(under.amountIn), baseUnits(answer.amountOut)]
        const leg = { venue: venue.name, pool, program, tokenIn, tokenOut, amountIn, amountOut }
        const instruction = venue.swapInstruction(leg, amountOut)
        expect(instruction.programId).not.toBe('')
        expect(venue.swapInstruction(leg, amountOut)).toEqual(instruction)
      }
    })
  })
}

export function venueContract(open: () => VenueUnderTest): void {
  quotingContract(open)

  describe('as every venue', () => {
    const { venue, tokenIn, tokenOut, amountIn } = open()
    const poolsFor = (sold: string, bought: string) =>
      venue.poolsFor({ mintIn: sold, mintOut: bought, through: [] })

    test('each listed pool is its own, holds both tokens, and has a price and a fee', async () => {
      const pools = await venue.pools()
      expect(pools.length).toBeGreaterThan(0)
      expect(new Set(pools.map(({ pool }) => pool)).size).toBe(pools.length)
      for (const pool of pools) {
        expect(pool.venue).toBe(venue.name)
        expect(pool.reserveA > 0n && pool.reserveB > 0n).toBe(true)
        expect(Number(pool.price)).toBeGreaterThan(0)
        expect(pool.feeBps).toBeGreaterThan(0)
      }
    })

    test('there and back never gains', async () => {
      const there = await poolsFor(tokenIn.mint, tokenOut.mint)
      const back = await poolsFor(tokenOut.mint, tokenIn.mint)
      const most = (pools: readonly RoutablePool[], sold: Token, amount: bigint) => {
        let best = 0n
        for (const pool of pools) {
          const paid = quoted(pool, pool.tokenA.mint === sold.mint, amount)
          if (paid > best) best = paid
        }
        return best
      }
      const bought = most(there, tokenIn, amountIn)
      expect(most(back, tokenOut, bought) < amountIn).toBe(true)
    })

    test('a token that no pool trades has no pools', async () => {
      expect(await poolsFor(tokenIn.mint, 'no such mint')).toEqual([])
    })

    test('nothing is never quoted for something', async () => {
      for (const pool of await poolsFor(tokenIn.mint, tokenOut.mint)) {
        const quote = pool.quote(pool.tokenA.mint === tokenIn.mint, 0n)
        expect(quote).toMatchObject({ kind: 'refused', reason: 'amount_too_small' })
      }
    })

    test('the largest amount there is gets an answer, never more than the pool holds', async () => {
      const listed = new Map((await venue.pools()).map((pool) => [pool.pool, pool]))
      for (const pool of await poolsFor(tokenIn.mint, tokenOut.mint)) {
        const aToB = pool.tokenA.mint === tokenIn.mint
        const quote = pool.quote(aToB, 2n ** 64n - 1n)
        const held = listed.get(pool.pool)
        if (quote.kind === 'refused') expect(quote.reason).toBe('insufficient_liquidity')
        else expect(quote.amountOut < ((aToB ? held?.reserveB : held?.reserveA) ?? 0n)).toBe(true)
      }
    })
  })
}
