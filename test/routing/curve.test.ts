import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Segment } from '../../src/domain/pool.ts'
import {
  type Curve,
  capacityOf,
  inParallel,
  inputAt,
  inSeries,
  materialize,
  outputOf,
  startLevel,
  surplusAt,
} from '../../src/domain/routing/curve.ts'
import { tokenCalled } from '../support/orders.ts'
import { anyPool, binPool, cpmmPool, rangePool, seeded } from '../support/routablePools.ts'

const place = { pool: 'pool', tokenA: tokenCalled('A'), tokenB: tokenCalled('B') } as const
const SIZE = 1e9

/** Curves of all kinds of pools, at about a price of 3. */
const curves = fc
  .integer({ min: 1, max: 2 ** 31 })
  .map((seed) => materialize(anyPool(place, 3, SIZE, seeded(seed)).segments(true), 100 * SIZE))
const shares = fc.double({ min: 0.001, max: 0.999, noNaN: true })
const close = (actual: number, expected: number) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2e-7 * expected + 1e-6)

describe('a curve', () => {
  test('pays what its pool pays, but for rounding', () => {
    const pools = [
      cpmmPool(place, 10n ** 9n, 3n * 10n ** 9n),
      binPool(place, 3, 10, [10n ** 8n, 10n ** 8n, 10n ** 8n]),
      rangePool(place, 3, 50, [1e10, 3e10, 1e10]),
    ]
    for (const pool of pools) {
      const curve = materialize(pool.segments(true), 1e9)
      fc.assert(
        fc.property(shares, (share) => {
          const amountIn = Math.floor(share * capacityOf(curve))
          const quote = pool.quote(true, BigInt(amountIn))
          const exact = quote.kind === 'quoted' ? Number(quote.amountOut) : 0
          // The fee and every stretch round by at most a unit of input, worth 3 of output, and one of output.
          expect(Math.abs(outputOf(curve, amountIn) - exact)).toBeLessThan(12)
        }),
      )
    }
  })

  test('takes from its pool no more stretches than the amount needs', () => {
    function* stretches(): Generator<Segment> {
      yield { price: 2, depth: 100, capIn: 10 }
      yield { price: 1.5, depth: Number.POSITIVE_INFINITY, capIn: 10 }
      throw new Error('asked for more')
    }
    const curve = materialize(stretches(), 15)
    expect(capacityOf(curve)).toBe(15)
    close(outputOf(curve, 15), 20 / 1.1 + 7.5)
  })

  test('takes a constant price whole at its level, or not at all', () => {
    const curve = materialize([{ price: 4, depth: Number.POSITIVE_INFINITY, capIn: 10 }], 10)
    expect(startLevel(curve)).toBe(0.5)
    expect([inputAt(curve, 0.5, false), inputAt(curve, 0.5, true)]).toEqual([0, 10])
  })

  test('leaves the very end of a pool alone', () => {
    expect(capacityOf(materialize([{ price: 4, depth: 1e9, capIn: 1e9 }], 1e12))).toBe(1e9 - 100 - 1)
    expect(capacityOf(materialize([], 1e12))).toBe(0)
  })

  test('earns its surplus at the level up to which it pays more than the price', () => {
    fc.assert(
      fc.property(curves, shares, fc.double({ min: 0, max: 1, noNaN: true }), (curve, part, other) => {
        const level = startLevel(curve) * (1 + part)
        const best = surplusAt(curve, level)
        const input = other * capacityOf(curve)
        const earned = outputOf(curve, input) - input / level ** 2
        expect(earned).toBeLessThanOrEqual(best + 1e-9 * outputOf(curve, input))
      }),
    )
  })
})

test('two pools one after the other are one curve', () => {
  const second = fc
    .integer({ min: 1, max: 2 ** 31 })
    .map((seed) => materialize(anyPool(place, 0.2, 3 * SIZE, seeded(seed)).segments(true), 1e12))
  fc.assert(
    fc.property(curves, second, shares, (entry, exit, share) => {
      const whole = inSeries(entry, exit)
      const input = share * capacityOf(whole)
      close(outputOf(whole, input), outputOf(exit, outputOf(entry, input)))
      const isExitFull = capacityOf(exit) < outputOf(entry, capacityOf(entry))
      const end = outputOf(whole, capacityOf(whole))
      close(
        end,
        isExitFull ? outputOf(exit, capacityOf(exit)) : outputOf(exit, outputOf(entry, capacityOf(entry))),
      )
    }),
  )
})

test('pools side by side are one curve, no worse than any split and reached by one', () => {
  const several = fc.array(curves, { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(
      several,
      shares,
      fc.array(shares, { minLength: 5, maxLength: 5 }),
      (pools, share, weights) => {
        const limit = pools.reduce((sum, pool) => sum + capacityOf(pool), 0)
        const whole = inParallel(pools, limit)
        const input = share * limit
        const best = outputOf(whole, input)
        const filled = (level: number) => pools.reduce((sum, pool) => sum + inputAt(pool, level, true), 0)
        // At any level the sum takes and pays what its parts do.
        const level = startLevel(whole) * (1 + share)
        close(inputAt(whole, level, true), filled(level))
        const paid = (pool: Curve) => outputOf(pool, inputAt(pool, level, true))
        close(
          outputOf(whole, filled(level)),
          pools.reduce((sum, pool) => sum + paid(pool), 0),
        )
        const total = pools.reduce((sum, _, i) => sum + (weights[i] ?? 0), 0)
        const parts = pools.map((_, i) => (input * (weights[i] ?? 0)) / total)
        const split = pools.reduce((sum, pool, i) => sum + outputOf(pool, parts[i] ?? 0), 0)
        expect(split).toBeLessThanOrEqual(best * (1 + 1e-9))
      },
    ),
  )
})
