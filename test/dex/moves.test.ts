// Moves of the simulated market, as pure steps from one market to the next.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { genesis } from '../../src/dex/simulated/listings.ts'
import {
  type MarketState,
  programOf,
  type SimulatedPool,
  swapPool,
  tradeOneSlot,
} from '../../src/dex/simulated/market.ts'
import { applyMoves, type PlannedMove } from '../../src/dex/simulated/moves.ts'
import { venueNames } from '../../src/domain/route.ts'
import { tokenCalled } from '../support/orders.ts'

const SLOT = 10
const at = (slot: number) => ({ slot: BigInt(slot), unixTimestamp: 1_767_225_600n + BigInt(slot) })

const moveOf = (
  token: string,
  against: string,
  factor: number,
  more: Partial<PlannedMove> = {},
): PlannedMove => ({
  token: tokenCalled(token),
  against: tokenCalled(against),
  factor,
  slot: SLOT,
  slots: 1,
  isBack: false,
  venues: null,
  ...more,
})

/** The market at the end of a slot in which nothing but moves happens. */
const movedIn = (market: MarketState, moves: readonly PlannedMove[], slot: number) =>
  applyMoves(market, moves, slot - 1, at(slot))

/** The market after slots `from` to `to`, as a bank makes them. */
function marketAfter(
  market: MarketState,
  moves: readonly PlannedMove[],
  from: number,
  to: number,
): MarketState {
  let next = market
  for (let slot = from; slot <= to; slot++) next = tradeOneSlot(movedIn(next, moves, slot), 1, at(slot))
  return next
}

/** Price of the pool's first token of the two in the other, in base units. */
function priceIn(pool: SimulatedPool, symbol: string): number {
  const { numerator, denominator } = programOf(pool).spotPrice(pool.state, pool.tokenA.symbol === symbol)
  return Number(numerator) / Number(denominator)
}

const poolsOf = (market: MarketState, ...pair: readonly [string, string]) =>
  [...market.pools.values()].filter(({ tokenA, tokenB }) =>
    [tokenA.symbol, tokenB.symbol].every((symbol) => pair.includes(symbol)),
  )

/** By program: the price of `token` after over before, in each pool of the pair. */
const ratios = (before: MarketState, after: MarketState, token: string, against: string) =>
  poolsOf(before, token, against).map((pool) => {
    const now = after.pools.get(pool.address)
    if (now === undefined) throw new Error('a pool has gone')
    return { program: pool.program, ratio: priceIn(now, token) / priceIn(pool, token) }
  })

const deep = (each: { readonly program: string }) => each.program !== 'meteora-dlmm'

describe('a move', () => {
  for (const factor of [0.5, 0.9, 0.99, 1.01, 1.1, 3]) {
    test(`multiplies the price by ${factor} in every pool whose liquidity reaches that far`, () => {
      for (const [token, against] of [
        ['A', 'B'],
        ['B', 'A'],
        ['SOL', 'USDC'],
      ] as const) {
        const before = genesis()
        const moved = ratios(before, movedIn(before, [moveOf(token, against, factor)], SLOT), token, against)
        for (const { program, ratio } of moved.filter(deep)) {
          expect({ program, isThere: Math.abs(ratio / factor - 1) < 0.002 }).toEqual({
            program,
            isThere: true,
          })
        }
        // Bins: the price is one of a bin, and the liquidity of these pools ends 4 or 8 % away.
        for (const { ratio } of moved.filter((each) => !deep(each))) {
          const wanted = Math.log(factor)
          expect(Math.log(ratio) / wanted).toBeLessThan(1 + 0.002 / Math.abs(wanted))
          expect(Math.abs(Math.log(ratio))).toBeGreaterThan(Math.min(Math.abs(wanted), 0.04) - 0.003)
        }
      }
    })
  }

  test('leaves all other pairs to arbitrage, which follows the fair price', () => {
    const before = genesis()
    const move = moveOf('A', 'B', 0.8)
    const at1 = movedIn(before, [move], SLOT)
    for (const { ratio } of ratios(before, at1, 'A', 'USDC')) expect(ratio).toBe(1)
    const later = marketAfter(before, [move], SLOT, SLOT + 40)
    for (const { ratio } of ratios(before, later, 'A', 'USDC')) expect(ratio / 0.8).toBeCloseTo(1, 1)
    for (const { ratio } of ratios(before, later, 'B', 'USDC')) expect(ratio).toBeCloseTo(1, 1)
  })

  test.each([
    ['A', 'B'],
    ['B', 'A'],
    ['SOL', 'USDC'],
    ['USDC', 'SOL'],
  ])('of %s against %s on all venues stays', (token, against) => {
    const before = genesis()
    const after = marketAfter(before, [moveOf(token, against, 1.5)], SLOT, SLOT + 400)
    for (const { ratio } of ratios(before, after, token, against).filter(deep)) {
      expect(Math.abs(ratio / 1.5 - 1)).toBeLessThan(0.04)
    }
  })

  test('of one venue leaves the others, and arbitrage takes it back', () => {
    const before = genesis()
    const move = moveOf('A', 'B', 0.9, { venues: ['raydium'] })
    const out = ratios(before, movedIn(before, [move], SLOT), 'A', 'B')
    for (const { program, ratio } of out)
      expect(ratio).toBeCloseTo(program.startsWith('raydium') ? 0.9 : 1, 2)
    for (const { ratio } of ratios(before, marketAfter(before, [move], SLOT, SLOT + 40), 'A', 'B')) {
      expect(Math.abs(ratio - 1)).toBeLessThan(0.03)
    }
  })

  test('over several slots goes in equal ratios, and only in those', () => {
    const before = genesis()
    const move = moveOf('A', 'USDC', 0.81, { slots: 2 })
    expect(movedIn(before, [move], SLOT - 1)).toBe(before)
    const half = movedIn(before, [move], SLOT)
    const whole = movedIn(half, [move], SLOT + 1)
    expect(movedIn(whole, [move], SLOT + 2)).toBe(whole)
    for (const { ratio } of ratios(before, half, 'A', 'USDC')) expect(ratio).toBeCloseTo(0.9, 3)
    for (const { ratio } of ratios(before, whole, 'A', 'USDC')) expect(ratio).toBeCloseTo(0.81, 3)
  })

  test('is made again, as far as it went, when a fork undoes its slots', () => {
    const before = genesis()
    const move = moveOf('A', 'USDC', 0.81, { slots: 2 })
    const again = applyMoves(before, [move], SLOT - 1, at(SLOT + 1))
    for (const { ratio } of ratios(before, again, 'A', 'USDC')) expect(ratio).toBeCloseTo(0.81, 3)
  })

  test.each([1, 3])('that comes back is a wick of %i slots, in shallow pools too', (slots) => {
    const before = genesis()
    const moves = [moveOf('A', 'B', 0.7, { slots, isBack: true })]
    const wick = marketAfter(before, moves, SLOT, SLOT + slots - 1)
    const after = marketAfter(wick, moves, SLOT + slots, SLOT + 2 * slots - 1)
    for (const { ratio } of ratios(before, wick, 'A', 'B').filter(deep)) expect(ratio).toBeLessThan(0.72)
    for (const { ratio } of ratios(before, after, 'A', 'B')) expect(Math.abs(ratio - 1)).toBeLessThan(0.03)
    expect(movedIn(after, moves, SLOT + 2 * slots)).toBe(after)
  })

  test('that comes back leaves nothing to do when a fork undoes all of it', () => {
    const before = genesis()
    const move = moveOf('A', 'B', 0.7, { isBack: true })
    expect(applyMoves(before, [move], SLOT - 1, at(SLOT + 1))).toBe(before)
  })

  test('whatever the moves, the market goes on and every pool quotes or says why not', () => {
    const symbols = ['A', 'B', 'SOL', 'USDC', 'USDT', 'BONK'] as const
    const anyMove = fc.record({
      token: fc.constantFrom(...symbols),
      against: fc.constantFrom(...symbols),
      factor: fc.constantFrom(0.0001, 0.01, 0.5, 0.999999999999, 1, 1.0001, 2, 100, 10_000),
      slots: fc.integer({ min: 1, max: 4 }),
      isBack: fc.boolean(),
      venues: fc.constantFrom(null, ...venueNames.map((name) => [name] as const)),
    })
    fc.assert(
      fc.property(fc.array(anyMove, { minLength: 1, maxLength: 12 }), (picked) => {
        const moves = picked.map(({ token, against, factor, ...more }, i) =>
          moveOf(token, against, factor, { ...more, slot: SLOT + i }),
        )
        const { pools } = marketAfter(genesis(), moves, SLOT, SLOT + 15)
        for (const pool of pools.values()) {
          for (const aToB of [true, false]) {
            const quote = programOf(pool).quoteExactIn(pool.state, {
              aToB,
              amountIn: 1_000_000n,
              ...at(SLOT + 16),
            })
            expect(['quoted', 'refused']).toContain(quote.kind)
          }
          expect(priceIn(pool, pool.tokenA.symbol)).toBeGreaterThan(0)
        }
      }),
      { numRuns: 60 },
    )
  })
})

test('a pool whose liquidity a move has left behind is not refilled: none pays more than the market for long', () => {
  const moved = marketAfter(genesis(), [moveOf('A', 'B', 0.7)], SLOT, SLOT + 40)
  let market = moved
  for (let slot = SLOT + 41; slot < SLOT + 140; slot++) {
    market = tradeOneSlot(market, 1, at(slot))
    const sale = { aToB: true, amountIn: 100_000_000n, ...at(slot) }
    const paid = poolsOf(market, 'A', 'B').flatMap((pool) => {
      const sold = swapPool(pool, sale)
      return sold.kind === 'swapped' ? Number(sold.amountOut) : []
    })
    expect(Math.max(...paid) / Math.min(...paid)).toBeLessThan(1.02)
  }
})
