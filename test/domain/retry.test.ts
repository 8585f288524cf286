import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FailureCode, failureRules, isProvenByChain, isRetryable } from '../../src/domain/failure.ts'
import { backoffMs, defaultRetryPolicy } from '../../src/domain/retry.ts'

describe('the wait before another attempt', () => {
  const steady = { ...defaultRetryPolicy, jitter: 0 }

  test('by default there are three attempts, after 1 s and 2 s', () => {
    expect(defaultRetryPolicy.maxAttempts).toBe(3)
    expect([1, 2, 3].map((attempt) => backoffMs(steady, attempt, 0.5))).toEqual([1_000, 2_000, 4_000])
  })

  test('is off by a fifth at most, either way', () => {
    expect([0, 0.5, 0.999999].map((chance) => backoffMs(defaultRetryPolicy, 1, chance))).toEqual([
      800, 1_000, 1_200,
    ])
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, chance) => {
          const wait = backoffMs(defaultRetryPolicy, attempt, chance)
          const middle = 1_000 * 2 ** (attempt - 1)
          return Number.isInteger(wait) && wait >= middle * 0.8 - 1 && wait <= middle * 1.2 + 1
        },
      ),
    )
  })
})

describe('a failure', () => {
  const table: Readonly<Record<FailureCode, readonly [isRetryable: boolean, isProvenByChain: boolean]>> = {
    no_route: [false, false],
    amount_too_small: [false, false],
    insufficient_liquidity: [false, false],
    price_impact_too_high: [false, false],
    quotes_unavailable: [true, false],
    price_moved: [true, false],
    chain_unavailable: [true, false],
    internal: [true, false],
    swap_expired: [true, true],
    slippage_exceeded: [true, true],
    insufficient_funds: [false, true],
    fee_budget_spent: [false, true],
    guards_outdated: [true, false],
    pool_too_old: [false, false],
    swap_reverted: [false, true],
  }

  test('is retried, and believed of a submitted swap, exactly as the table says', () => {
    const codes = Object.keys(failureRules) as FailureCode[]
    const said = codes.map((code) => [
      code,
      [isRetryable({ code, detail: '' }), isProvenByChain({ code, detail: '' })],
    ])
    expect(Object.fromEntries(said)).toEqual(table)
  })

  test('has a sentence of its own', () => {
    const sentences = Object.values(failureRules).map(({ message }) => message)
    expect(new Set(sentences).size).toBe(sentences.length)
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/)
  })
})
