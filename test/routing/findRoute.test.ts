import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { Route } from '../../src/domain/route.ts'
import { findRoute, legMinOut, type RouteOptions } from '../../src/domain/routing/findRoute.ts'
import { type LegSet, networkOf } from '../../src/domain/routing/network.ts'
import { splitOver } from '../../src/domain/routing/split.ts'
import { tokenCalled } from '../support/orders.ts'
import { anyMarket, atVenues, binPool, cpmmPool, type Market, seeded } from '../support/routablePools.ts'
import { outputBound } from './upperBound.ts'

const [tokenIn, tokenOut, usdc, sol] = ['A', 'B', 'USDC', 'SOL'].map(tokenCalled) as [
  ReturnType<typeof tokenCalled>,
  ReturnType<typeof tokenCalled>,
  ReturnType<typeof tokenCalled>,
  ReturnType<typeof tokenCalled>,
]
const intermediates = [usdc.mint, sol.mint]
const slippageBps = bps(50)

const anything: RouteOptions = { maxLegs: 100, legCost: 0n, intermediates }

const tradeOf = (amountIn: bigint) => ({ tokenIn, tokenOut, amountIn: baseUnits(amountIn), slippageBps })
const queryOf = (amountIn: bigint) => ({
  mintIn: tokenIn.mint,
  mintOut: tokenOut.mint,
  through: intermediates,
  amountIn,
})

const find = (pools: readonly RoutablePool[], amountIn: bigint, options: Partial<RouteOptions> = {}) =>
  findRoute(tradeOf(amountIn), atVenues(pools), { ...anything, ...options })

function routeOver(pools: readonly RoutablePool[], amountIn: bigint, options: Partial<RouteOptions> = {}) {
  const routing = find(pools, amountIn, options)
  if (routing.kind !== 'routed') throw new Error(`${routing.failure.code}: ${routing.failure.detail}`)
  const { comparison } = routing.route
  if (comparison === undefined) throw new Error('the route does not say what it was compared with')
  return { ...routing.route, comparison }
}

function failureOver(pools: readonly RoutablePool[], amountIn: bigint, options: Partial<RouteOptions> = {}) {
  const routing = find(pools, amountIn, options)
  return routing.kind === 'unroutable' ? routing.failure : null
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 })
/** A market of pools that hold about 10^13 base units of the input each, at a price from 10^-3 to 10^3. */
const markets = (direct: fc.Arbitrary<number>, eachSide: fc.Arbitrary<number>) =>
  fc
    .tuple(direct, eachSide, fc.integer({ min: -3, max: 3 }), seeds)
    .map(([pairs, sides, tenfold, seed]): readonly RoutablePool[] => {
      const market: Market = {
        tokenIn,
        tokenOut,
        intermediates: [usdc, sol],
        direct: pairs,
        eachSide: sides,
        price: 1.7 * 10 ** tenfold,
        size: 1e13,
      }
      return anyMarket(market, seed)
    })
const oneHop = markets(fc.integer({ min: 1, max: 12 }), fc.constant(0))
const twoHops = markets(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 3 }))
/** Amounts evenly over the powers of ten. */
const amounts = (least: number, most: number) =>
  fc
    .tuple(fc.integer({ min: least, max: most - 1 }), fc.bigInt({ min: 10n, max: 99n }))
    .map(([power, digits]) => (digits * 10n ** BigInt(power)) / 10n)

/** Two base units for each leg (of a way of two at least), of the token whose unit is worth most, in the output. */
function roundingOf(route: Route, pools: readonly RoutablePool[], worthOfInput = 0): number {
  const prices = pools
    .filter(({ tokenB }) => tokenB.mint === tokenOut.mint)
    .map((pool) => [...pool.segments(true)][0]?.price ?? 0)
  return 2 * Math.max(2, route.legs.length) * Math.max(1, worthOfInput, ...prices)
}

describe('no split over any pools pays more, by the dual bound, than 0.01 bps and the rounding of the legs', () => {
  const isOptimal = (pools: readonly RoutablePool[], amountIn: bigint) => {
    const routing = find(pools, amountIn)
    if (routing.kind === 'unroutable') return
    const bound = outputBound(queryOf(amountIn), pools)
    const shortfall = bound - Number(routing.route.amountOut)
    expect(shortfall).toBeLessThanOrEqual(
      bound * 1e-6 + roundingOf(routing.route, pools, bound / Number(amountIn)),
    )
    // The bound is one: floats are off by no more than their own errors.
    expect(shortfall).toBeGreaterThan(-1e-9 * bound)
  }

  test('of the pair, from 1 to 12 of them, at any size', () => {
    fc.assert(fc.property(oneHop, amounts(1, 17), isOptimal), { numRuns: 300 })
  })

  test('of the pair and through two other tokens', () => {
    fc.assert(fc.property(twoHops, amounts(4, 17), isOptimal), { numRuns: 100 })
  })
})

describe('a route', () => {
  const limited = fc.record({
    maxLegs: fc.integer({ min: 1, max: 5 }),
    legCost: fc.constantFrom(0n, 1_000n, 10n ** 9n),
    isUnsplit: fc.boolean(),
  })

  test('sells the whole amount, hop by hop, and pays what the pools themselves say', () => {
    fc.assert(
      fc.property(twoHops, amounts(3, 14), limited, (pools, amountIn, options) => {
        const routing = find(pools, amountIn, options)
        if (routing.kind === 'unroutable') return
        const { legs, amountOut } = routing.route
        const held = new Map([[tokenIn.mint, amountIn]])
        for (const leg of legs) {
          const pool = pools.find((each) => each.pool === leg.pool)
          const quote = pool?.quote(true, leg.amountIn)
          expect(quote).toMatchObject({ kind: 'quoted', amountOut: leg.amountOut })
          const left = (held.get(leg.tokenIn.mint) ?? 0n) - leg.amountIn
          // A leg never spends what the legs before it have not paid.
          expect(left).toBeGreaterThanOrEqual(0n)
          held.set(leg.tokenIn.mint, left)
          held.set(leg.tokenOut.mint, (held.get(leg.tokenOut.mint) ?? 0n) + leg.amountOut)
        }
        expect(held.get(tokenOut.mint)).toBe(amountOut)
        held.delete(tokenOut.mint)
        expect([...held.values()].every((left) => left === 0n)).toBe(true)
        expect(legs.length).toBeLessThanOrEqual(options.maxLegs)
        expect(new Set(legs.map(({ pool }) => pool)).size).toBe(legs.length)
      }),
    )
  })

  test('is never worse, net of its legs, than the best single pool, to the unit', () => {
    fc.assert(
      fc.property(oneHop, amounts(1, 17), limited, (pools, amountIn, options) => {
        const alone = pools.flatMap((pool) => {
          const quote = pool.quote(true, amountIn)
          return quote.kind === 'quoted' ? [quote.amountOut - options.legCost] : []
        })
        const routing = find(pools, amountIn, options)
        if (routing.kind === 'unroutable') {
          expect(alone).toEqual([])
          return
        }
        const { amountOut, legs } = routing.route
        const net = amountOut - options.legCost * BigInt(legs.length)
        for (const other of alone) expect(net).toBeGreaterThanOrEqual(other)
      }),
      { numRuns: 200 },
    )
  })

  test('is the same whatever the order of the pools', () => {
    fc.assert(
      fc.property(twoHops, amounts(2, 15), limited, seeds, (pools, amountIn, options, seed) => {
        const next = seeded(seed)
        const shuffled = pools
          .map((pool) => ({ pool, at: next() }))
          .sort((a, b) => a.at - b.at)
          .map(({ pool }) => pool)
        const [one, other] = [find(pools, amountIn, options), find(shuffled, amountIn, options)]
        expect(other.kind === 'routed' ? other.route : other.failure).toEqual(
          one.kind === 'routed' ? one.route : one.failure,
        )
      }),
    )
  })

  test('of pools that pay the same takes the first by address', () => {
    const place = { tokenA: tokenIn, tokenB: tokenOut }
    const equal = ['c', 'a', 'b'].map((pool) => cpmmPool({ ...place, pool }, 10n ** 12n, 10n ** 12n))
    expect(routeOver(equal, 1_000_000n, { maxLegs: 1 }).legs).toMatchObject([{ pool: 'a' }])
  })
})

/** All sets of legs that are no larger than allowed. */
function* legSets(size: number, most: number): Generator<LegSet> {
  for (let bits = 1; bits < 2 ** size; bits += 1) {
    const legs = Uint8Array.from({ length: size }, (_, i) => (bits >> i) & 1)
    if (legs.reduce((sum, flag) => sum + flag, 0) <= most) yield legs
  }
}

describe('with few legs the best of all sets of legs is found', () => {
  const isBest = (pools: readonly RoutablePool[], amountIn: bigint, maxLegs: number, legCost: bigint) => {
    const network = networkOf(queryOf(amountIn), pools)
    let best = Number.NEGATIVE_INFINITY
    for (const legs of legSets(network.candidates.length, maxLegs)) {
      const { amountOut, filled, flows } = splitOver(network, legs)
      if (filled < Number(amountIn)) continue
      best = Math.max(best, amountOut - Number(legCost) * flows.filter((flow) => flow > 0).length)
    }
    const routing = find(pools, amountIn, { maxLegs, legCost })
    if (routing.kind === 'unroutable') return
    const net = Number(routing.route.amountOut) - Number(legCost) * routing.route.legs.length
    expect(net).toBeGreaterThanOrEqual(best - 1e-6 * Math.abs(best) - roundingOf(routing.route, pools))
  }
  const costs = fc.constantFrom(0n, 10_000n, 10n ** 8n)

  test('of the pair', () => {
    const few = markets(fc.integer({ min: 2, max: 9 }), fc.constant(0))
    fc.assert(fc.property(few, amounts(8, 15), fc.integer({ min: 1, max: 4 }), costs, isBest), {
      numRuns: 200,
    })
  })

  test('through another token as well', () => {
    const few = markets(fc.integer({ min: 0, max: 2 }), fc.constant(2))
    fc.assert(fc.property(few, amounts(8, 15), fc.integer({ min: 2, max: 5 }), costs, isBest), {
      numRuns: 40,
    })
  })
})

test('of a handful of units, a split by hand is no better by more than the rounding', () => {
  const small = fc.array(fc.tuple(fc.bigInt({ min: 20n, max: 200n }), fc.bigInt({ min: 20n, max: 2_000n })), {
    minLength: 3,
    maxLength: 3,
  })
  fc.assert(
    fc.property(small, fc.bigInt({ min: 1n, max: 25n }), (reserves, amountIn) => {
      const pools = reserves.map(([a, b], i) =>
        cpmmPool({ pool: `pool ${i}`, tokenA: tokenIn, tokenB: tokenOut, feePpm: 400n }, a, b),
      )
      const paid = (i: number, amount: bigint) => {
        const quote = pools[i]?.quote(true, amount)
        return quote?.kind === 'quoted' ? quote.amountOut : 0n
      }
      let best = 0n
      for (let x = 0n; x <= amountIn; x += 1n) {
        for (let y = 0n; x + y <= amountIn; y += 1n) {
          const amountOut = paid(0, x) + paid(1, y) + paid(2, amountIn - x - y)
          if (amountOut > best) best = amountOut
        }
      }
      const routing = find(pools, amountIn)
      if (routing.kind === 'unroutable') {
        expect(best).toBe(0n)
        return
      }
      expect(Number(routing.route.amountOut)).toBeGreaterThanOrEqual(
        Number(best) - roundingOf(routing.route, pools),
      )
    }),
  )
})

// ---- by hand ------------------------------------------------------------------------------------------------------

const UNIT = 10n ** 9n
const pair = { tokenA: tokenIn, tokenB: tokenOut } as const
const raydium = cpmmPool({ ...pair, pool: 'R' }, 1_000n * UNIT, 2_000n * UNIT)
const meteora = cpmmPool({ ...pair, pool: 'M', venue: 'meteora' }, 500n * UNIT, 1_000n * UNIT)
const entry = cpmmPool({ pool: 'X', tokenA: tokenIn, tokenB: usdc }, 1_000n * UNIT, 100n * UNIT)
const exit = cpmmPool(
  { pool: 'Y', venue: 'meteora', tokenA: tokenOut, tokenB: usdc },
  2_200n * UNIT,
  100n * UNIT,
)

describe('a route says why', () => {
  test('a single pool gains nothing over itself', () => {
    const { comparison, reason } = routeOver([raydium], UNIT)
    expect(comparison).toMatchObject({
      bestPool: { pool: 'R' },
      bestVenue: { venue: 'raydium' },
      leftOut: {},
    })
    // Not a negative zero, which JSON would lose.
    expect([comparison.gainOverPoolBps, comparison.gainOverVenueBps]).toEqual([0, 0])
    expect(reason).toBe('raydium-clmm R pays most')
  })

  test('a split is larger where there is more liquidity, and its gain is told', () => {
    const route = routeOver([raydium, meteora], 90n * UNIT)
    expect(route.comparison.shareBps).toEqual([3_333, 6_667])
    expect(route.legs.map(({ pool }) => pool)).toEqual(['M', 'R'])
    expect(route.comparison).toMatchObject({
      bestPool: { venue: 'raydium', pool: 'R' },
      bestVenue: { venue: 'raydium' },
      leftOut: {},
    })
    const alone = raydium.quote(true, 90n * UNIT)
    const bestAlone = alone.kind === 'quoted' ? Number(alone.amountOut) : 0
    expect(route.comparison.gainOverPoolBps).toBeCloseTo(
      (Number(route.amountOut) / bestAlone - 1) * 10_000,
      1,
    )
    expect(route.reason).toMatch(
      /^33\.33 % meteora-dlmm M \+ 66\.67 % raydium-clmm R pays most; [\d.]+ bps more than the best pool, R \(raydium\); [\d.]+ bps more than raydium alone$/,
    )
  })

  test('a way through another token is combined with the direct one', () => {
    const route = routeOver([raydium, entry, exit], 90n * UNIT)
    expect(route.legs.map(({ pool }) => pool)).toEqual(['R', 'X', 'Y'])
    expect(route.legs.map((leg) => `${leg.tokenIn.symbol}>${leg.tokenOut.symbol}`)).toEqual([
      'A>B',
      'A>USDC',
      'USDC>B',
    ])
    expect(route.reason).toContain('X to USDC')
    expect(route.reason).toContain('Y from USDC')
    const [direct = 0, into = 0, outOf = 0] = route.comparison.shareBps
    expect(direct + into).toBe(10_000)
    expect(outOf).toBe(into)
  })

  test('what is left out is named, and why', () => {
    const dear = cpmmPool({ ...pair, pool: 'dear' }, 1_000n * UNIT, 1_000n * UNIT)
    const deaf = {
      ...meteora,
      pool: 'deaf',
      quote: () => ({ kind: 'refused', reason: 'pool_disabled', detail: 'off' }) as const,
    }
    const { comparison } = routeOver([raydium, meteora, dear, deaf], 90n * UNIT, { maxLegs: 1 })
    expect(comparison.leftOut).toEqual({ too_many_legs: ['M', 'deaf'], worse_price: ['dear'] })
    const whyOf = (options: Partial<RouteOptions>, pool: string) => {
      const { leftOut } = routeOver([raydium, meteora, deaf], 90n * UNIT, options).comparison
      return Object.entries(leftOut).find(([, pools]) => pools.includes(pool))?.[0]
    }
    expect(whyOf({}, 'deaf')).toBe('refused')
    expect(whyOf({ legCost: 100n * UNIT }, 'M')).toBe('not_worth_its_cost')
    expect(whyOf({ isUnsplit: true }, 'M')).toBe('no_split')
    expect(whyOf({ venues: ['raydium'] }, 'M')).toBe('restricted')
  })
})

describe('restrictions', () => {
  test('a venue that is not allowed is in no leg', () => {
    const route = routeOver([raydium, meteora, entry, exit], 90n * UNIT, { venues: ['meteora'] })
    expect(route.legs).toMatchObject([{ pool: 'M' }])
  })

  test('an order that must not be split goes one way, through two pools where that pays most', () => {
    expect(routeOver([raydium, meteora], 90n * UNIT, { isUnsplit: true }).legs).toHaveLength(1)
    const through = routeOver([meteora, entry, exit], 90n * UNIT, { isUnsplit: true })
    expect(through.legs.map(({ pool }) => pool)).toEqual(['X', 'Y'])
  })

  test('one leg leaves no room for a way through another token', () => {
    expect(routeOver([meteora, entry, exit], 90n * UNIT, { maxLegs: 1 }).legs).toMatchObject([{ pool: 'M' }])
    expect(failureOver([entry, exit], 90n * UNIT, { maxLegs: 1 })).toMatchObject({ code: 'no_route' })
  })

  test('a route that moves the price too far is refused, with how far', () => {
    const { priceImpactBps } = routeOver([raydium], 90n * UNIT).comparison
    // 90 of 1000, after the fee: 1 - 1 / (1 + 0.08978).
    expect(priceImpactBps).toBeCloseTo(823.8, 0)
    expect(failureOver([raydium], 90n * UNIT, { maxPriceImpactBps: 800 })).toMatchObject({
      code: 'price_impact_too_high',
      detail: `the price impact is ${priceImpactBps} bps, at most 800 are allowed`,
    })
    expect(failureOver([raydium, meteora], 90n * UNIT, { maxPriceImpactBps: 800 })).toBeNull()
  })
})

describe('without a route', () => {
  const bins = (pool: string, amount: bigint) => binPool({ ...pair, pool, feePpm: 0n }, 2, 10, [amount])

  test('because no pool trades the pair, nor both sides of another token', () => {
    expect(failureOver([], UNIT)).toMatchObject({ code: 'no_route' })
    expect(failureOver([entry], UNIT)).toMatchObject({ code: 'no_route' })
    expect(failureOver([raydium], UNIT, { venues: ['meteora'] })).toMatchObject({ code: 'no_route' })
  })

  test('because the pools together hold too little: then it says how much would go', () => {
    const pools = [bins('one', 3n * UNIT), bins('other', 4n * UNIT)]
    expect(routeOver(pools, 6n * UNIT).legs).toHaveLength(2)
    const failure = failureOver(pools, 8n * UNIT)
    expect(failure).toMatchObject({ code: 'insufficient_liquidity' })
    // A ten-millionth of each pool is never counted on.
    expect(failure?.detail).toBe('the pools would take at most 6999.999298 A')
  })

  test('because too few legs are allowed for what would fit in all pools', () => {
    const pools = [bins('one', 3n * UNIT), bins('other', 4n * UNIT)]
    expect(failureOver(pools, 6n * UNIT, { maxLegs: 1 })).toMatchObject({ code: 'insufficient_liquidity' })
    expect(routeOver(pools, 4n * UNIT, { maxLegs: 1 }).legs).toMatchObject([{ pool: 'other' }])
  })

  test('because the amount does not buy a unit', () => {
    expect(failureOver([raydium, meteora], 1n)).toMatchObject({ code: 'amount_too_small' })
    expect(failureOver([entry, exit], 2n)).toMatchObject({ code: 'amount_too_small' })
  })
})

describe('the answers beside a route', () => {
  test('hold what each pool of the pair would pay for the whole amount', () => {
    const { answers } = find([raydium, meteora, entry, exit], 90n * UNIT)
    const quote = raydium.quote(true, 90n * UNIT)
    expect(answers).toMatchObject([
      {
        venue: 'raydium',
        latencyMs: 5,
        quotes: [
          { pool: 'R', amountOut: quote.kind === 'quoted' ? quote.amountOut : null, feeToken: tokenIn },
        ],
      },
      { venue: 'meteora', quotes: [{ pool: 'M', amountIn: 90n * UNIT }] },
    ])
  })

  test('or why a venue has none', () => {
    const refusal = { code: 'venue_timeout', detail: 'late' } as const
    const venues = [
      { venue: 'raydium', latencyMs: 9, refusal } as const,
      {
        venue: 'meteora',
        latencyMs: 5,
        pools: [binPool({ ...pair, venue: 'meteora', pool: 'B' }, 2, 10, [5n])],
      } as const,
    ]
    expect(findRoute(tradeOf(UNIT), venues, anything)).toMatchObject({
      kind: 'unroutable',
      answers: [{ refusal }, { refusal: { code: 'insufficient_liquidity' } }],
      // What the one venue cannot fill the other might have.
      failure: { code: 'quotes_unavailable' },
    })
  })
})

test('a first hop may fall short by its buffer, which the second does not count on', () => {
  const route = routeOver([entry, exit], 90n * UNIT, { hopBufferBps: 10 })
  const [into, outOf] = route.legs
  const paid = into?.amountOut ?? 0n
  expect(outOf?.amountIn).toBe((paid * 9_990n) / 10_000n)
  expect(into && legMinOut(route, into)).toBe(outOf?.amountIn)
  expect(outOf && legMinOut(route, outOf)).toBe(route.minAmountOut)
  expect(route.comparison.shareBps).toEqual([10_000, 10_000])
  // What stays behind is a price paid, not an impact: the impact is that of the same route without a buffer.
  const unbuffered = routeOver([entry, exit], 90n * UNIT)
  expect(Math.abs(route.comparison.priceImpactBps - unbuffered.comparison.priceImpactBps)).toBeLessThan(2)
  expect(Number(unbuffered.amountOut - route.amountOut) / Number(route.amountOut)).toBeCloseTo(0.001, 3)
})

test('each leg must pay what the order, or the leg behind it, counts on', () => {
  const route = routeOver([raydium, entry, exit], 90n * UNIT)
  const [direct, into, outOf] = route.legs
  const least = route.legs.map((leg) => legMinOut(route, leg))
  // The second hop's amount is fixed in its instruction: the first must deliver all of it.
  expect(least[1]).toBe(outOf?.amountIn)
  expect(least[1]).toBe(into?.amountOut)
  const slipped = (amount: bigint) => Number(amount) * 0.995
  expect(Number(least[0])).toBeCloseTo(slipped(direct?.amountOut ?? 0n), -1)
  expect((least[0] ?? 0n) + (least[2] ?? 0n)).toBeGreaterThanOrEqual(route.minAmountOut)
})
