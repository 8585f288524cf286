// The terms of an attempt: its slippage, and the least that its route may pay.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps, MAX_BASE_UNITS, minOut } from '../../../src/domain/amount.ts'
import { paysAtLeast, ratioOf } from '../../../src/domain/price.ts'
import type { Route } from '../../../src/domain/route.ts'
import type { OrderSpec } from '../../../src/domain/spec.ts'
import { leastOutput, slippageOf, withinLimit } from '../../../src/domain/triggers/terms.ts'
import { exampleRoute, specOf, timeStopOf } from '../../support/orders.ts'
import { limitOf, stopOf, takeProfitOf, trailingOf } from '../../support/restingSpecs.ts'

describe('the slippage of an attempt', () => {
  test('of a market order and of a limit is always its own', () => {
    for (const spec of [specOf({ slippageBps: bps(70) }), limitOf({ slippageBps: bps(70) })]) {
      expect([1, 2, 9].map((attempt) => slippageOf(spec, attempt))).toEqual([70, 70, 70])
    }
  })

  test.each([
    ['rises with each attempt, and the last step holds', [300, 1_000, 2_000], 2_000],
    ['never goes beyond its last step, whatever its cap', [100, 200], 1_000],
    ['follows the ladder down too', [1_000, 300], 1_000],
    ['may be one step', [50], 50],
  ])('of an exit %s', (_, steps, cap) => {
    const own = { slippageLadderBps: steps.map(bps), slippageBps: bps(cap) }
    for (const spec of [stopOf(own), takeProfitOf(own), trailingOf(own), timeStopOf(own)]) {
      const attempts = Array.from({ length: 12 }, (_, index) => slippageOf(spec, index + 1))
      const last = steps.at(-1)
      expect(attempts).toEqual([...steps, ...Array(12 - steps.length).fill(last)])
    }
  })
})

const paying = (amountOut: bigint, minAmountOut: bigint): Route => ({
  ...exampleRoute,
  amountOut: baseUnits(amountOut),
  minAmountOut: baseUnits(minAmountOut),
})

describe('a limit', () => {
  test.each<[string, OrderSpec, bigint]>([
    ['4 B for each of 100 A', limitOf(), 400_000_000_000n],
    ['0.25 A for 1 B', limitOf({ priceOf: 'tokenOut', limitPrice: '0.25' }), 400_000_000_000n],
    [
      'a third of an A for 1 B, rounded up',
      limitOf({ priceOf: 'tokenOut', limitPrice: '0.3' }),
      333_333_333_334n,
    ],
    ['a stop with a limit', stopOf({ limitPrice: '3.7' }), 370_000_000_000n],
    ['a stop without', stopOf(), 0n],
    ['a market order', specOf(), 0n],
    ['a time stop', timeStopOf(), 0n],
    [
      'a leg, for what it sells',
      stopOf({ limitPrice: '3.7', amountIn: baseUnits(50_000_000n) }),
      185_000_000_000n,
    ],
  ])('%s is the least output of the whole amount', (_, spec, least) => {
    expect(leastOutput(spec)).toBe(least)
  })

  test('raises the minimum of a route that pays it', () => {
    const route = paying(401_000_000_000n, 397_000_000_000n)
    expect(withinLimit(route, limitOf())).toEqual({ ...route, minAmountOut: 400_000_000_000n })
  })

  test('leaves a minimum that is higher', () => {
    const route = paying(420_000_000_000n, 416_000_000_000n)
    expect(withinLimit(route, limitOf())).toEqual(route)
  })

  test('takes a route that pays it to the unit, and none that pays one less', () => {
    expect(withinLimit(paying(400_000_000_000n, 1n), limitOf())).toMatchObject({
      amountOut: 400_000_000_000n,
      minAmountOut: 400_000_000_000n,
    })
    expect(withinLimit(paying(399_999_999_999n, 1n), limitOf())).toBeNull()
  })

  test('never yields a route that may fill worse, and denies none that fills as well', () => {
    const price = fc
      .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 0, max: 12 }))
      .map(([digits, point]) => {
        const text = `${digits}`.padStart(point + 1, '0')
        return point === 0 ? text : `${text.slice(0, -point)}.${text.slice(-point)}`
      })
    const amount = fc.bigInt({ min: 1n, max: MAX_BASE_UNITS }).map(baseUnits)
    const own = fc.record({
      limitPrice: price,
      priceOf: fc.constantFrom('tokenIn' as const, 'tokenOut' as const),
      amountIn: amount,
    })
    const make = fc.constantFrom(limitOf, stopOf, takeProfitOf, trailingOf)
    const slippage = fc.integer({ min: 0, max: 5_000 }).map(bps)
    const near = fc.option(fc.bigInt({ min: -3n, max: 3n }), { freq: 1 })
    fc.assert(
      fc.property(make, own, amount, near, slippage, (specWith, limit, paid, off, slippageBps) => {
        const spec = specWith(limit)
        const least = leastOutput(spec)
        // Half of the routes pay the limit within a few units.
        const close = off === null ? paid : least + off
        const amountOut = close < 1n || close > MAX_BASE_UNITS ? paid : baseUnits(close)
        const route = { ...exampleRoute, amountOut, minAmountOut: minOut(amountOut, slippageBps) }
        const within = withinLimit(route, spec)
        const at = ratioOf(limit.limitPrice, limit.priceOf, spec)
        expect(within !== null).toBe(paysAtLeast(at, limit.amountIn, amountOut))
        if (within === null) return
        expect(paysAtLeast(at, limit.amountIn, within.minAmountOut)).toBe(true)
        expect(within.minAmountOut).toBeGreaterThanOrEqual(route.minAmountOut)
        expect(within.minAmountOut).toBeLessThanOrEqual(within.amountOut)
        expect(within.amountOut).toBe(amountOut)
      }),
      { numRuns: 1_000 },
    )
  })

  test('that no order has changes nothing', () => {
    const route = paying(1n, 0n)
    for (const spec of [specOf(), stopOf(), trailingOf()]) expect(withinLimit(route, spec)).toBe(route)
  })
})
