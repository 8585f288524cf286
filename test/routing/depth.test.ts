// Depth: what each venue pays at every size, and where the better one changes.
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { RoutablePool } from '../../src/domain/pool.ts'
import { depthOver } from '../../src/domain/routing/depth.ts'
import { tokenCalled } from '../support/orders.ts'
import { atVenues, cpmmPool } from '../support/routablePools.ts'

const [tokenA, tokenB] = [tokenCalled('A'), tokenCalled('B')]
const pair = { tokenA, tokenB }
/** Pays 1 % more, and holds a thousandth. */
const shallow = cpmmPool({ pool: 'shallow', venue: 'raydium', ...pair }, 10n ** 9n, 2_020_000_000n)
const deep = cpmmPool({ pool: 'deep', venue: 'meteora', ...pair }, 10n ** 12n, 2n * 10n ** 12n)

function depthOf(pools: readonly RoutablePool[], most: bigint, points = 24, pause = async () => {}) {
  const settings = { maxLegs: 2, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' }
  const trade = {
    tokenIn: tokenA,
    tokenOut: tokenB,
    amountIn: baseUnits(most),
    slippageBps: bps(100),
    constraints: {},
  }
  return depthOver(trade, { venues: atVenues(pools), legCost: 0n }, settings, points, pause)
}

describe('depth', () => {
  test('rises from a thousandth of the amount to the amount itself', async () => {
    const { points } = await depthOf([shallow, deep], 10n ** 9n)
    const sizes = points.map(({ amountIn }) => amountIn)
    expect(points).toHaveLength(24)
    expect([sizes[0], sizes.at(-1)]).toEqual([1_000_000n, 10n ** 9n])
    expect(sizes).toEqual(sizes.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  test('has for each venue what its own pools pay, and for all together no less than the best', async () => {
    for (const { amountIn, venues, amountOut } of (await depthOf([shallow, deep], 10n ** 9n)).points) {
      const paid = [shallow, deep].map((pool) => {
        const quote = pool.quote(true, amountIn)
        return quote.kind === 'quoted' ? quote.amountOut : 0n
      })
      expect(venues.map((each) => each.amountOut)).toEqual(paid)
      for (const each of paid) expect(amountOut ?? 0n).toBeGreaterThanOrEqual(each)
    }
  })

  test('names the size from which the other venue pays more', async () => {
    const { crossovers } = await depthOf([shallow, deep], 10n ** 9n)
    // 2.02 / (1 + x / 10⁹) = 2 / (1 + x / 10¹²), fees aside.
    const exact = 0.02 / (2e-9 - 2.02e-12) / 0.9975
    expect(crossovers).toMatchObject([{ from: 'raydium', to: 'meteora' }])
    expect(Number(crossovers[0]?.amountIn) / exact).toBeCloseTo(1, 2)
  })

  test('has no crossover where one venue is always better, alone, or equal', async () => {
    const twin = cpmmPool({ pool: 'twin', venue: 'raydium', ...pair }, 10n ** 12n, 2n * 10n ** 12n)
    const poor = cpmmPool({ pool: 'poor', venue: 'raydium', ...pair }, 10n ** 9n, 10n ** 9n)
    for (const pools of [[deep], [deep, poor], [deep, twin]]) {
      expect((await depthOf(pools, 10n ** 9n)).crossovers).toEqual([])
    }
  })

  test('lets other work have its turn after each size', async () => {
    let pauses = 0
    await depthOf([shallow, deep], 10n ** 9n, 24, async () => {
      pauses += 1
    })
    expect(pauses).toBe(24)
  })

  test('leaves out what a venue cannot place', async () => {
    const { points } = await depthOf([], 10n ** 9n, 2)
    expect(points).toMatchObject([
      { venues: [], amountOut: null },
      { venues: [], amountOut: null },
    ])
  })

  test('of an amount of a few units has each size once', async () => {
    expect((await depthOf([deep], 3n, 48)).points.map(({ amountIn }) => amountIn)).toEqual([1n, 2n, 3n])
  })
})
