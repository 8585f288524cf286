import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { PoolQuote, VenueAnswer, VenueName, VenueRefusalCode } from '../../src/domain/order.ts'
import { chooseRoute, legMinOut } from '../../src/domain/routing.ts'
import { exampleRoute, quoteOf, specOf } from '../orders.ts'

const trade = specOf({ slippageBps: bps(100) })

const says = (venue: VenueName, ...amounts: readonly bigint[]): VenueAnswer => ({
  venue,
  latencyMs: 5,
  quotes: amounts.map((amountOut, i) => quoteOf(venue, amountOut, { pool: `${venue} ${i}` })),
})
const quotes = (venue: VenueName, quote: PoolQuote): VenueAnswer => ({ venue, latencyMs: 5, quotes: [quote] })
const refuses = (venue: VenueName, code: VenueRefusalCode): VenueAnswer => ({
  venue,
  latencyMs: 5,
  refusal: { code, detail: 'so it is' },
})

function routed(...answers: readonly VenueAnswer[]) {
  const routing = chooseRoute(trade, answers)
  if (routing.kind !== 'routed') throw new Error(`no route: ${routing.failure.code}`)
  return routing
}
const refusalOf = (answers: readonly VenueAnswer[], venue: VenueName) => {
  const answer = answers.find((each) => each.venue === venue)
  return answer !== undefined && 'refusal' in answer ? answer.refusal.code : null
}

describe('the route', () => {
  test('pays the best output, whichever venue gives it and in whichever pool', () => {
    expect(routed(says('raydium', 1_000n), says('meteora', 1_001n)).route.legs).toMatchObject([
      { venue: 'meteora' },
    ])
    expect(routed(says('raydium', 1_002n), says('meteora', 1_001n)).route.legs).toMatchObject([
      { venue: 'raydium' },
    ])
    expect(routed(says('raydium', 900n, 1_003n, 950n), says('meteora', 1_001n)).route).toMatchObject({
      legs: [{ pool: 'raydium 1', amountOut: 1_003n }],
      amountOut: 1_003n,
    })
  })

  test('leads the way the order goes, for the whole amount, with the least output rounded up', () => {
    const { route } = routed(says('raydium', 1_001n))
    expect(route.legs).toMatchObject([
      { tokenIn: trade.tokenIn, tokenOut: trade.tokenOut, amountIn: trade.amountIn, amountOut: 1_001n },
    ])
    expect(route.minAmountOut).toBe(991n)
  })

  test('says why: by how much, or who was left out', () => {
    expect(routed(says('raydium', 10_100n), says('meteora', 10_000n)).route.reason).toBe(
      'raydium pays most; 100 bps more than meteora',
    )
    expect(routed(says('raydium', 10_100n), refuses('meteora', 'venue_timeout')).route.reason).toBe(
      'raydium pays most; meteora left out: venue_timeout',
    )
  })

  test('of equal outputs is that of the venue named first', () => {
    expect(routed(says('raydium', 7n), says('meteora', 7n)).route.legs).toMatchObject([{ venue: 'raydium' }])
    expect(routed(says('meteora', 7n), says('raydium', 7n)).route.legs).toMatchObject([{ venue: 'meteora' }])
  })

  test('compares amounts beyond what a float can tell apart', () => {
    const large = 2n ** 63n
    expect(routed(says('raydium', large), says('meteora', large + 1n)).route.amountOut).toBe(large + 1n)
  })

  test('is the best of all believable quotes, and the same each time', () => {
    const amounts = fc.array(fc.bigInt({ min: 1_000_000n, max: 1_150_000n }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(amounts, amounts, (ours, theirs) => {
        const answers = [says('raydium', ...ours), says('meteora', ...theirs)]
        const [best] = [...ours, ...theirs].toSorted((a, b) => (a > b ? -1 : 1))
        expect(routed(...answers).route.amountOut).toBe(best)
        expect(chooseRoute(trade, answers)).toEqual(chooseRoute(trade, answers))
      }),
    )
  })
})

describe('a quote that cannot be true is refused, with the whole answer, and named', () => {
  test.each([
    ['for another amount', quoteOf('raydium', 1_010n, { amountIn: baseUnits(1n) })],
    ['of nothing', quoteOf('raydium', 0n)],
    ['of another venue', quoteOf('meteora', 1_010n)],
  ])('%s', (_what, quote) => {
    const { answers, route } = routed(quotes('raydium', quote), says('meteora', 1_000n))
    expect(refusalOf(answers, 'raydium')).toBe('quote_rejected')
    expect(route.legs).toMatchObject([{ venue: 'meteora' }])
  })

  test('far above the other venue; at the edge it is a bargain', () => {
    expect(routed(says('raydium', 12_000n), says('meteora', 10_000n)).route.amountOut).toBe(12_000n)
    const { answers, route } = routed(says('raydium', 12_001n), says('meteora', 10_000n))
    expect(refusalOf(answers, 'raydium')).toBe('quote_rejected')
    expect(route.amountOut).toBe(10_000n)
    expect(refusalOf(routed(says('raydium', 10_000n), says('meteora', 10n ** 12n)).answers, 'meteora')).toBe(
      'quote_rejected',
    )
  })

  test('a lone quote has no other to be measured by', () => {
    expect(routed(says('raydium', 10n ** 12n), refuses('meteora', 'no_pool')).route.amountOut).toBe(
      10n ** 12n,
    )
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
  ] as const)('because of %s and %s the failure is %s, in either order', (one, other, code) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ] as const) {
      const routing = chooseRoute(trade, [refuses('raydium', first), refuses('meteora', second)])
      expect(routing).toMatchObject({ kind: 'unroutable', failure: { code } })
      expect(routing.kind === 'unroutable' && routing.failure.detail).toContain(`raydium: ${first}, so it is`)
    }
  })

  test('an empty answer counts as having no pool', () => {
    const routing = chooseRoute(trade, [says('raydium'), says('meteora')])
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
