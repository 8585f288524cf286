// What an order asks for, written and read back; and the fingerprint that tells a repeat from another order.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BaseUnits, type Bps, baseUnits, bps, MAX_BASE_UNITS } from '../../src/domain/amount.ts'
import type { Guards } from '../../src/domain/guards.ts'
import type { Condition, MarketSpec, OrderSpec, OrderType } from '../../src/domain/order.ts'
import type { PriceOf } from '../../src/domain/price.ts'
import { venueNames } from '../../src/domain/route.ts'
import {
  type ConstraintWords,
  decodeSpec,
  fingerprintOf,
  passesIn,
  readConstraints,
  specData,
} from '../../src/domain/specCodec.ts'
import { unlaunched } from '../../src/domain/token.ts'
import { defaultGuards, exampleSpecs, limitOf, newId, sniperOf, specOf } from '../support/orders.ts'

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

/** Specs of every type over these fields; each type takes those that it has. */
function specsOver(fields: {
  readonly asked: fc.Arbitrary<Omit<MarketSpec, 'type'>>
  readonly priceOf: fc.Arbitrary<PriceOf>
  readonly condition: fc.Arbitrary<Condition>
  readonly price: fc.Arbitrary<string>
  readonly bps: fc.Arbitrary<Bps>
  readonly lamports: fc.Arbitrary<BaseUnits>
  readonly at: fc.Arbitrary<number>
}): fc.Arbitrary<OrderSpec> {
  const { asked, priceOf, condition, price, at } = fields
  const as = <T extends OrderType>(...types: readonly T[]) => fc.record({ type: fc.constantFrom(...types) })
  const merged = <A, B>(one: fc.Arbitrary<A>, other: fc.Arbitrary<B>) =>
    fc.tuple(one, other).map(([a, b]) => ({ ...a, ...b }))
  const waiting = merged(asked, fc.record({ priceOf, condition, isDefaultExpiry: fc.boolean() }))
  const exit = merged(
    waiting,
    fc.record({
      limitPrice: fc.option(price),
      slippageLadderBps: fc.array(fields.bps, { minLength: 1, maxLength: 3 }),
      feeBudgetLamports: fields.lamports,
      expiresAt: at,
    }),
  )
  const limit = fc.record({ limitPrice: price, expiresAt: fc.option(at) })
  const trailing = fc.record({ trailingBps: fields.bps, activationPrice: fc.option(price) })
  const guards: fc.Arbitrary<Guards> = fc.record({
    minLiquidityLamports: fc.option(fields.lamports),
    maxTransferFeeBps: fields.bps,
    minAgeSlots: few(0, 5),
    maxAgeSlots: few(50, 60),
    minSaleBps: fields.bps,
    allowCreators: fc.option(few([], ['creator'])),
    denyCreators: few([], ['creator', 'another']),
    allow: few<Guards['allow']>([], ['sale'], ['mint_authority', 'sale']),
  })
  const sniper = merged(
    merged(asked, fc.record({ isDefaultExpiry: fc.boolean(), expiresAt: at })),
    fc.record({
      priceOf: few('tokenOut' as const),
      condition: few(1, 3).map(passesIn),
      limitPrice: fc.option(price),
      guards,
    }),
  )
  return fc.oneof(
    merged(asked, as('market')),
    merged(waiting, merged(limit, as('limit'))),
    merged(exit, merged(fc.record({ triggerPrice: price }), as('stop', 'takeProfit'))),
    merged(exit, merged(trailing, as('trailingStop'))),
    merged(sniper, as('sniper')),
  )
}

/** An end that follows from the time of placing was not asked for. */
const asAsked = (spec: OrderSpec) =>
  'isDefaultExpiry' in spec && spec.isDefaultExpiry ? { ...spec, expiresAt: null } : spec

const anyBps = fc.nat(10_000).map(bps)
const anySpec = specsOver({
  asked: fc.record({
    orderId: fc.constant(newId()),
    owner: fc.string(),
    tokenIn: token,
    tokenOut: token,
    amountIn: fc.bigInt(1n, MAX_BASE_UNITS).map(baseUnits),
    slippageBps: anyBps,
    constraints: words.map(readConstraints),
    clientOrderId: fc.option(fc.string()),
  }),
  priceOf: few('tokenIn', 'tokenOut'),
  condition: fc.record({
    source: fc.string(),
    observations: fc.nat(),
    dwellMs: fc.nat(),
    maxAgeMs: fc.nat(),
  }),
  price: fc.string(),
  bps: anyBps,
  lamports: fc.bigInt(0n, MAX_BASE_UNITS).map(baseUnits),
  at: fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
})
const similarSpec = specsOver({
  asked: fc.record({
    orderId: fc.constant(newId()),
    owner: few('local', 'a,b'),
    tokenIn: fc.record({ symbol: few('A', 'B'), mint: few('A', '"A"'), decimals: few(6, 9) }),
    tokenOut: fc.constant(specOf().tokenOut),
    amountIn: few(1n, 10n).map(baseUnits),
    slippageBps: few(1, 10).map(bps),
    constraints: words.map(readConstraints),
    clientOrderId: few(null, 'null', ''),
  }),
  priceOf: few('tokenIn', 'tokenOut'),
  condition: fc.record({
    source: few('executable'),
    observations: few(1, 10),
    dwellMs: few(0, 10),
    maxAgeMs: few(10),
  }),
  price: few('1', '10'),
  bps: few(1, 10).map(bps),
  lamports: few(0n, 1n).map(baseUnits),
  at: few(0, 1),
})

/** Every field that some type has. */
type Field = OrderSpec extends infer S ? (S extends OrderSpec ? keyof S : never) : never

const equal = (one: object, other: object) => {
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

  test('is another one when a single field is, and only then', () => {
    fc.assert(
      fc.property(similarSpec, similarSpec, fc.nat(), (one, other, pick) => {
        const shared = Object.keys(one).filter((name) => name in other)
        const name = shared[pick % shared.length] as keyof OrderSpec
        const changed = { ...one, [name]: other[name] } as OrderSpec
        expect(fingerprintOf(one) === fingerprintOf(changed)).toBe(equal(asAsked(one), asAsked(changed)))
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

  test('of a sniper is the same before its token is launched and afterwards', () => {
    const spec = sniperOf()
    const before = { ...spec, tokenOut: unlaunched(spec.tokenOut.mint) }
    expect(fingerprintOf(before)).toBe(fingerprintOf(spec))
  })

  const { tokenIn, tokenOut, condition } = limitOf()
  const changes: Readonly<Record<Exclude<Field, 'orderId' | 'condition'>, unknown>> = {
    type: 'another',
    owner: 'another',
    tokenIn: tokenOut,
    tokenOut: tokenIn,
    amountIn: baseUnits(7n),
    slippageBps: bps(77),
    constraints: { isUnsplit: true },
    clientOrderId: 'mine',
    priceOf: 'tokenOut',
    limitPrice: '7',
    expiresAt: 7,
    isDefaultExpiry: true,
    slippageLadderBps: [bps(7)],
    feeBudgetLamports: baseUnits(7n),
    triggerPrice: '7',
    trailingBps: bps(7),
    activationPrice: '7',
    guards: { ...defaultGuards, minAgeSlots: 7 },
  }
  const conditions: Condition = { source: 'raydium', observations: 7, dwellMs: 7, maxAgeMs: 7 }

  describe.each(Object.entries(exampleSpecs))('of a %s', (_type, make) => {
    const spec = make()
    const other = spec.type === 'sniper' ? { priceOf: 'tokenIn' } : {}
    const fields = Object.entries({ ...changes, condition, ...other }).filter(([name]) => name in spec)

    test('stands for every field but the id', () => {
      const named = [...fields.map(([name]) => name), 'orderId']
      expect(named.toSorted()).toEqual(Object.keys(spec).toSorted())
    })

    test.each(fields.filter(([name]) => name !== 'condition'))('changes with %s', (name, value) => {
      expect(fingerprintOf({ ...spec, [name]: value })).not.toBe(fingerprintOf(spec))
    })

    test.each('condition' in spec ? Object.entries(conditions) : [])(
      'changes with the %s of its condition',
      (name, value) => {
        const changed = { ...spec, condition: { ...condition, [name]: value } }
        expect(fingerprintOf(changed)).not.toBe(fingerprintOf(spec))
      },
    )
  })
})

describe('a stored order of a type', () => {
  test.each([
    ['limit', 'limitPrice'],
    ['limit', 'trigger'],
    ['stop', 'expiresAt'],
    ['stop', 'slippageLadderBps'],
    ['trailingStop', 'feeBudget'],
    ['sniper', 'guards'],
    ['sniper', 'expiresAt'],
  ] as const)('%s without its %s is a defect of its writer', (type, field) => {
    const spec = exampleSpecs[type]()
    const { [field]: _, ...rest } = specData(spec)
    const written: ReturnType<typeof specData> = rest
    expect(() => decodeSpec(spec.orderId, written)).toThrow(`without ${field}`)
  })
})
