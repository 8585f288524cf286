// The price impact of orders that are placed: what needs consent, and what is not even quoted.
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { MarketView } from '../../src/domain/ports/marketData.ts'
import type { RouteConstraints } from '../../src/domain/route.ts'
import { createHeavyImpact } from '../../src/workers/impact.ts'
import { manualClock } from '../support/manualClock.ts'
import { tokenCalled } from '../support/orders.ts'
import { atVenues, cpmmPool } from '../support/routablePools.ts'

const [A, B] = [tokenCalled('A'), tokenCalled('B')]
/** What the pool holds of A: selling a nineteenth of it worsens the price by exactly 5 %. */
const RESERVE = 19_000_000n
const HEAVY = 1_000_001n
const place = { pool: 'raydium A/B', tokenA: A, tokenB: B, feePpm: 0n }

const tradeOf = (amountIn: bigint, constraints: RouteConstraints = {}) => ({
  tokenIn: A,
  tokenOut: B,
  amountIn: baseUnits(amountIn),
  slippageBps: bps(100),
  constraints,
})

/** A market of one pool, and how often it was read. */
function openMarket(pools: readonly RoutablePool[] = [cpmmPool(place, RESERVE, 4n * RESERVE)]) {
  const clock = manualClock()
  const market = { pools, views: 0, at: clock.now(), isUnreadable: false }
  const view = async (): Promise<MarketView> => {
    market.views += 1
    if (market.isUnreadable) throw new Error('no market')
    return { slot: 7, at: market.at, venues: atVenues(market.pools) }
  }
  const heavyImpactOf = createHeavyImpact({
    marketData: { view, onChange: () => () => {} },
    clock,
    routing: { maxLegs: 4, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: A.mint },
  })
  return {
    clock,
    market,
    heavyImpactOf,
    /** Moves the clock on, and the view of the market with it. */
    pass(ms: number) {
      clock.advance(ms)
      market.at = clock.now()
    },
  }
}

describe('what needs consent', () => {
  test.each([
    [1n, null],
    [99n, null],
    [100n, null],
    [999_000n, null],
    [HEAVY, 500],
    [RESERVE, 5_000],
  ])('an amount of %s', async (amountIn, impactBps) => {
    expect(await openMarket().heavyImpactOf(tradeOf(amountIn))).toBe(impactBps)
  })

  test('not an order that allows less impact itself: it fails instead of trading at it', async () => {
    const { heavyImpactOf } = openMarket()
    expect(await heavyImpactOf(tradeOf(RESERVE, { maxPriceImpactBps: 499 }))).toBeNull()
    expect(await heavyImpactOf(tradeOf(RESERVE, { maxPriceImpactBps: 500 }))).toBe(5_000)
    expect(await heavyImpactOf(tradeOf(RESERVE, { maxPriceImpactBps: 10_000 }))).toBe(5_000)
  })

  test('nothing where no price is seen', async () => {
    const none = openMarket([])
    expect(await none.heavyImpactOf(tradeOf(RESERVE))).toBeNull()
    const unreadable = openMarket()
    unreadable.market.isUnreadable = true
    expect(await unreadable.heavyImpactOf(tradeOf(RESERVE))).toBeNull()
    const stale = openMarket()
    stale.clock.advance(5_001)
    expect(await stale.heavyImpactOf(tradeOf(RESERVE))).toBeNull()
  })
})

describe('what is not quoted', () => {
  test('an amount no larger than one that was light a moment ago', async () => {
    const { heavyImpactOf, market, pass } = openMarket()
    for (const amountIn of [200_000n, 200_000n, 1n, 199_999n]) await heavyImpactOf(tradeOf(amountIn))
    expect(market.views).toBe(1)
    await heavyImpactOf(tradeOf(200_001n))
    expect(market.views).toBe(2)
    pass(1_000)
    await heavyImpactOf(tradeOf(1n))
    expect(market.views).toBe(3)
  })

  test('but every amount that comes near to needing consent', async () => {
    const { heavyImpactOf, market } = openMarket()
    for (let i = 0; i < 3; i++) await heavyImpactOf(tradeOf(900_000n))
    expect(market.views).toBe(3)
  })

  test('of equal amounts that come at once, all but the first', async () => {
    let quotes = 0
    const pool = cpmmPool(place, RESERVE, 4n * RESERVE)
    const counted: RoutablePool = {
      ...pool,
      quote(aToB, amountIn) {
        quotes += 1
        return pool.quote(aToB, amountIn)
      },
    }
    const { heavyImpactOf } = openMarket([counted])
    await heavyImpactOf(tradeOf(1_000n))
    const once = quotes
    await Promise.all(Array.from({ length: 50 }, () => heavyImpactOf(tradeOf(2_000n))))
    expect(quotes).toBe(2 * once)
  })

  test('an amount that is light on all venues says nothing of an order that allows one', async () => {
    const [deep, thin] = [
      cpmmPool(place, RESERVE, 4n * RESERVE),
      cpmmPool({ ...place, pool: 'meteora A/B', venue: 'meteora' }, RESERVE / 100n, (4n * RESERVE) / 100n),
    ]
    const { heavyImpactOf } = openMarket([deep, thin])
    expect(await heavyImpactOf(tradeOf(200_000n))).toBeNull()
    expect(await heavyImpactOf(tradeOf(200_000n, { venues: ['meteora'] }))).toBeGreaterThan(500)
  })

  test('a market that gets thinner is noticed within a second, and half of it at once', async () => {
    const { heavyImpactOf, market, pass } = openMarket()
    expect(await heavyImpactOf(tradeOf(400_000n))).toBeNull()
    market.pools = [cpmmPool(place, RESERVE / 4n, RESERVE)]
    expect(await heavyImpactOf(tradeOf(500_000n))).toBeGreaterThan(500)
    pass(1_000)
    expect(await heavyImpactOf(tradeOf(400_000n))).toBeGreaterThan(500)
  })
})
