// What a route asks of venues before it is found, why there is none, and what each leg of it must pay.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { VenueName, VenueRefusalCode } from '../../src/domain/route.ts'
import { believable, type VenuePools } from '../../src/domain/routing/believable.ts'
import { findRoute, legMinOut } from '../../src/domain/routing/findRoute.ts'
import { exampleRoute, specOf } from '../support/orders.ts'

const trade = specOf({ slippageBps: bps(100) })
const options = { maxLegs: 2, legCost: 0n, intermediates: [] }

/** A venue with one pool, which pays so many hundredths of a unit for each. */
function pays(venue: VenueName, price: number): VenuePools {
  const pool: RoutablePool = {
    venue,
    pool: `${venue} pool`,
    program: 'constant price',
    tokenA: trade.tokenOut,
    tokenB: trade.tokenIn,
    slot: 1,
    quote: (_aToB, amountIn) => ({
      kind: 'quoted',
      amountOut: (amountIn * BigInt(Number.isFinite(price) ? price : 0)) / 100n,
      fee: 0n,
      feeOnInput: true,
    }),
    segments: () => [{ price: price / 100, depth: Number.POSITIVE_INFINITY, capIn: 1e15 }],
  }
  return { venue, latencyMs: 5, pools: [pool] }
}

const refuses = (venue: VenueName, code: VenueRefusalCode): VenuePools => ({
  venue,
  latencyMs: 5,
  refusal: { code, detail: 'so it is' },
})

describe('a venue is believed', () => {
  const rejected = (...venues: VenuePools[]) =>
    believable(trade, venues).flatMap((each) => ('refusal' in each ? [each.refusal.code, each.venue] : []))

  test('up to a fifth above the other; beyond that its price is a mistake or a lie', () => {
    expect(rejected(pays('raydium', 120), pays('meteora', 100))).toEqual([])
    expect(rejected(pays('raydium', 121), pays('meteora', 100))).toEqual(['quote_rejected', 'raydium'])
    expect(rejected(pays('raydium', 100), pays('meteora', 1_000))).toEqual(['quote_rejected', 'meteora'])
  })

  test('when there is no other to be measured by', () => {
    expect(rejected(pays('raydium', 1_000_000), refuses('meteora', 'no_pool'))).toEqual([
      'no_pool',
      'meteora',
    ])
  })

  test('unless its price is none, which says nothing of the other either', () => {
    for (const price of [Number.NaN, Number.POSITIVE_INFINITY, 0, -100]) {
      expect(rejected(pays('raydium', price), pays('meteora', 100))).toEqual(['quote_rejected', 'raydium'])
    }
  })

  test('unless its pools are of more than 25 slots ago; then they are no measure of the other either', () => {
    const at = (slot: number, given: VenuePools): VenuePools => {
      if (!('pools' in given)) throw new Error('a venue with pools')
      return { ...given, pools: given.pools.map((pool) => ({ ...pool, slot })) }
    }
    const stale = ['quote_stale', 'raydium']
    expect(rejected(at(75, pays('raydium', 100)), at(100, pays('meteora', 100)))).toEqual([])
    expect(rejected(at(74, pays('raydium', 100)), at(100, pays('meteora', 100)))).toEqual(stale)
    expect(rejected(at(74, pays('raydium', 100)), at(100, pays('meteora', 200)))).toEqual(stale)
    expect(rejected(at(Number.NaN, pays('raydium', 100)), at(100, pays('meteora', 100)))).toEqual(stale)
    expect(rejected(at(74, pays('raydium', 100)), refuses('meteora', 'venue_timeout'))).toEqual([
      'venue_timeout',
      'meteora',
    ])
  })

  test('unless it names pools of another venue as its own', () => {
    const stolen: VenuePools = { ...pays('meteora', 100), venue: 'raydium' }
    expect(rejected(stolen, pays('meteora', 100))).toEqual(['quote_rejected', 'raydium'])
  })
})

describe('a quote that no swap can pay is none', () => {
  /** The venue's pool with its quotes replaced. */
  const saying = (given: VenuePools, amountOut: bigint, fee = 0n): VenuePools => {
    if (!('pools' in given)) throw new Error('a venue with pools')
    const quote = () => ({ kind: 'quoted', amountOut, fee, feeOnInput: true }) as const
    return { ...given, pools: given.pools.map((pool) => ({ ...pool, quote })) }
  }
  const impossible = [
    [0n, 0n],
    [-1n, 0n],
    [2n ** 64n, 0n],
    [1n, -1n],
  ] as const

  test.each(impossible)('%s out at a fee of %s: the other venue fills the order', (amountOut, fee) => {
    const venues = [saying(pays('raydium', 110), amountOut, fee), pays('meteora', 100)]
    const routing = findRoute(trade, venues, options)
    expect(routing).toMatchObject({ kind: 'routed', route: { legs: [{ venue: 'meteora' }] } })
    expect(routing.answers[0]).toMatchObject({ refusal: { code: 'quote_rejected' } })
  })

  test.each(impossible)('%s out at a fee of %s from the only venue: tried again later', (amountOut, fee) => {
    const routing = findRoute(trade, [saying(pays('raydium', 110), amountOut, fee)], options)
    expect(routing).toMatchObject({ kind: 'unroutable', failure: { code: 'quotes_unavailable' } })
  })
})

describe('without a route', () => {
  test.each([
    ['no_pool', 'no_pool', 'no_route'],
    ['no_pool', 'amount_too_small', 'amount_too_small'],
    ['amount_too_small', 'insufficient_liquidity', 'insufficient_liquidity'],
    ['no_pool', 'insufficient_liquidity', 'insufficient_liquidity'],
    ['no_pool', 'venue_timeout', 'quotes_unavailable'],
    ['venue_unavailable', 'insufficient_liquidity', 'quotes_unavailable'],
    ['quote_rejected', 'no_pool', 'quotes_unavailable'],
    ['venue_limited', 'no_pool', 'quotes_unavailable'],
    ['circuit_open', 'no_pool', 'quotes_unavailable'],
    ['quote_stale', 'insufficient_liquidity', 'quotes_unavailable'],
  ] as const)('because of %s and %s the failure is %s, in either order', (one, other, code) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const routing = findRoute(trade, [refuses('raydium', first), refuses('meteora', second)], options)
      expect(routing).toMatchObject({ kind: 'unroutable', failure: { code } })
      expect(routing.kind === 'unroutable' && routing.failure.detail).toContain(`raydium: ${first}, so it is`)
    }
  })

  test('venues without pools count as having none for the pair', () => {
    const empty = (venue: VenueName): VenuePools => ({ venue, latencyMs: 5, pools: [] })
    const routing = findRoute(trade, [empty('raydium'), empty('meteora')], options)
    expect(routing).toMatchObject({ kind: 'unroutable', failure: { code: 'no_route' } })
  })
})

describe('a leg’s least output', () => {
  test('is the whole minimum when there is one leg', () => {
    const [leg] = exampleRoute.legs
    expect(leg && legMinOut(exampleRoute, leg)).toBe(exampleRoute.minAmountOut)
  })

  test('adds up to the route’s minimum at least, however the route is split', () => {
    const part = fc.bigInt({ min: 1n, max: 2n ** 40n })
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 5_000 }),
        (parts, kept) => {
          const [first] = exampleRoute.legs
          if (first === undefined) return false
          const amountOut = baseUnits(parts.reduce((a, b) => a + b, 0n))
          const minAmountOut = baseUnits((amountOut * BigInt(10_000 - kept)) / 10_000n)
          const legs = parts.map((out) => ({ ...first, amountOut: baseUnits(out) }))
          const route = { ...exampleRoute, legs, amountOut, minAmountOut }
          const least = legs.map((leg) => legMinOut(route, leg))
          return (
            least.reduce((a, b) => a + b, 0n) >= minAmountOut &&
            least.every((min, i) => min <= (parts[i] ?? 0n))
          )
        },
      ),
    )
  })
})
