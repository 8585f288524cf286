// What an order asks for, written and read back; and the fingerprint that tells a repeat from another order.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps, MAX_BASE_UNITS } from '../../src/domain/amount.ts'
import type { OrderSpec } from '../../src/domain/order.ts'
import { venueNames } from '../../src/domain/route.ts'
import {
  type ConstraintWords,
  decodeSpec,
  fingerprintOf,
  readConstraints,
  specData,
} from '../../src/domain/specCodec.ts'
import { newId, specOf } from '../support/orders.ts'

const words: fc.Arbitrary<ConstraintWords> = fc.record(
  {
    venues: fc.uniqueArray(fc.constantFrom(...venueNames), { minLength: 1 }),
    maxPriceImpactBps: fc.nat(10_000),
    split: fc.boolean(),
  },
  { requiredKeys: [] },
)
const token = fc.record({ symbol: fc.string(), mint: fc.string(), decimals: fc.nat(18) })
/** Few values for each field, so that two specs are often equal in some and sometimes in all. */
const few = <T>(...values: readonly T[]) => fc.constantFrom(...values)

const anySpec: fc.Arbitrary<OrderSpec> = fc.record({
  orderId: fc.constant(newId()),
  owner: fc.string(),
  type: fc.constant('market' as const),
  tokenIn: token,
  tokenOut: token,
  amountIn: fc.bigInt(1n, MAX_BASE_UNITS).map(baseUnits),
  slippageBps: fc.nat(5_000).map(bps),
  constraints: words.map(readConstraints),
  clientOrderId: fc.option(fc.string()),
})
const similarSpec: fc.Arbitrary<OrderSpec> = fc.record({
  orderId: fc.constant(newId()),
  owner: few('local', 'a,b'),
  type: fc.constant('market' as const),
  tokenIn: fc.record({ symbol: few('A', 'B'), mint: few('A', '"A"'), decimals: few(6, 9) }),
  tokenOut: fc.constant(specOf().tokenOut),
  amountIn: few(1n, 10n).map(baseUnits),
  slippageBps: few(1, 10).map(bps),
  constraints: words.map(readConstraints),
  clientOrderId: few(null, 'null', ''),
})

const equal = (one: OrderSpec, other: OrderSpec) => {
  try {
    expect(one).toEqual(other)
    return true
  } catch {
    return false
  }
}

describe('a spec', () => {
  test('is read back from JSON as it was written', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const written = JSON.parse(JSON.stringify(specData(spec)))
        expect(decodeSpec(spec.orderId, written)).toEqual(spec)
      }),
    )
  })

  test('has one form for constraints that mean the same', () => {
    expect(readConstraints({ venues: ['raydium', 'meteora'], split: true })).toEqual(
      readConstraints({ venues: ['meteora', 'raydium'] }),
    )
    expect(readConstraints({})).toEqual({})
    expect(readConstraints({ split: false })).toEqual({ isUnsplit: true })
  })
})

describe('a fingerprint', () => {
  test('is the same for two specs exactly if they ask for the same', () => {
    fc.assert(
      fc.property(similarSpec, similarSpec, (one, other) => {
        expect(fingerprintOf(one) === fingerprintOf(other)).toBe(equal(one, other))
      }),
      { numRuns: 2_000 },
    )
  })

  test('does not depend on the id, nor on the order of the fields', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const turned = Object.fromEntries(Object.entries(spec).reverse()) as OrderSpec
        expect(fingerprintOf({ ...turned, orderId: newId() })).toBe(fingerprintOf(spec))
      }),
    )
  })

  const changes: { readonly [K in keyof OrderSpec]?: OrderSpec[K] } = {
    owner: 'another',
    tokenIn: specOf().tokenOut,
    tokenOut: specOf().tokenIn,
    amountIn: baseUnits(7n),
    slippageBps: bps(77),
    constraints: { isUnsplit: true },
    clientOrderId: 'mine',
  }
  test.each(Object.entries(changes))('changes with %s', (name, value) => {
    expect(fingerprintOf({ ...specOf(), [name]: value })).not.toBe(fingerprintOf(specOf()))
  })
})
