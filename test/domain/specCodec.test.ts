// What an order asks for, written and read back; and the fingerprint that tells a repeat from another order.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BaseUnits, type Bps, baseUnits, bps, MAX_BASE_UNITS } from '../../src/domain/amount.ts'
import { fingerprintOf } from '../../src/domain/fingerprint.ts'
import type { Guards } from '../../src/domain/guards.ts'
import type { PriceOf } from '../../src/domain/price.ts'
import { venueNames } from '../../src/domain/route.ts'
import type { Condition, LegTerms, MarketSpec, OrderId, OrderSpec, OrderType } from '../../src/domain/spec.ts'
import { type ConstraintWords, decodeSpec, readConstraints, specData } from '../../src/domain/specCodec.ts'
import { passesIn } from '../../src/domain/termsCodec.ts'
import { unlaunched } from '../../src/domain/token.ts'
import {
  defaultGuards,
  EXAMPLE_END,
  exampleSpecs,
  limitOf,
  newId,
  ocoOf,
  sniperOf,
  specOf,
  twapOf,
} from '../support/orders.ts'

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

type Fields = {
  readonly asked: fc.Arbitrary<Omit<MarketSpec, 'type' | 'exits' | 'parent'>>
  readonly parentId: fc.Arbitrary<OrderId>
  readonly priceOf: fc.Arbitrary<PriceOf>
  readonly condition: fc.Arbitrary<Condition>
  readonly price: fc.Arbitrary<string>
  readonly bps: fc.Arbitrary<Bps>
  readonly units: fc.Arbitrary<BaseUnits>
  readonly at: fc.Arbitrary<number>
  readonly count: fc.Arbitrary<number>
}

const as = <T extends OrderType>(...types: readonly T[]) => fc.record({ type: fc.constantFrom(...types) })
const merged = <A, B>(one: fc.Arbitrary<A>, other: fc.Arbitrary<B>) =>
  fc.tuple(one, other).map(([a, b]) => ({ ...a, ...b }))

/** What orders and legs ask for that wait, over these fields. */
function restingTermsOver({ priceOf, condition, price, at, count, units, bps }: Fields) {
  const waiting = fc.record({ priceOf, condition, isDefaultExpiry: fc.boolean(), slippageBps: bps })
  const exit = merged(
    waiting,
    fc.record({
      limitPrice: fc.option(price),
      slippageLadderBps: fc.array(bps, { minLength: 1, maxLength: 3 }),
      feeBudgetLamports: units,
      expiresAt: at,
    }),
  )
  const limit = fc.record({ limitPrice: price, expiresAt: fc.option(at) })
  const trailing = fc.record({ trailingBps: bps, activationPrice: fc.option(price) })
  const held = fc.record({ maxHoldMs: count, fireAt: fc.option(at) })
  return {
    limit: merged(waiting, merged(limit, as('limit'))),
    stop: merged(exit, merged(fc.record({ triggerPrice: price }), as('stop', 'takeProfit'))),
    trailingStop: merged(exit, merged(trailing, as('trailingStop'))),
    timeStop: merged(exit, merged(held, as('timeStop'))),
  }
}

function sniperTermsOver({ price, at, bps, units }: Fields) {
  const guards: fc.Arbitrary<Guards> = fc.record({
    minLiquidityLamports: fc.option(units.filter((least) => least > 0n)),
    maxTransferFeeBps: bps,
    minAgeSlots: few(0, 5),
    maxAgeSlots: few(50, 60),
    minSaleBps: bps,
    allowCreators: fc.option(few([], ['creator'])),
    denyCreators: few([], ['creator', 'another']),
    allow: few<Guards['allow']>([], ['sale'], ['mint_authority', 'sale']),
  })
  const terms = fc.record({
    priceOf: few('tokenOut' as const),
    condition: few(1, 3).map(passesIn),
    isDefaultExpiry: fc.boolean(),
    creator: few(null, 'creator'),
    limitPrice: fc.option(price),
    guards,
    expiresAt: at,
  })
  return merged(terms, as('sniper'))
}

/** Specs of every type over these fields; each type takes those that it has. */
function specsOver(fields: Fields): fc.Arbitrary<OrderSpec> {
  const { parentId, price, priceOf, at, count, units } = fields
  const resting = restingTermsOver(fields)
  const legs = fc.array(
    merged(
      fc.oneof(resting.limit, resting.stop, resting.trailingStop, resting.timeStop),
      fc.record({ shareBps: fc.option(fields.bps) }),
    ),
    { maxLength: 3 },
  )
  const place = fc.record({ orderId: parentId, number: count })
  const parent = fc.oneof(
    fc.constant(null),
    merged(place, fc.record({ kind: fc.constant('slice' as const), endsAt: fc.option(at) })),
    merged(
      place,
      fc.record({
        kind: fc.constant('leg' as const),
        legs: count,
        shareBps: fc.option(fields.bps),
        total: fc.option(units),
      }),
    ),
  )
  const asked = merged(fields.asked, fc.record({ parent }))
  const entry = merged(asked, fc.record({ exits: legs }))
  const twap = fc.record({
    slices: count,
    startAt: at,
    isDefaultStart: fc.boolean(),
    durationMs: count,
    jitterBps: fields.bps,
    limitPrice: fc.option(price),
    priceOf,
    minSlice: units,
    catchUp: fc.constantFrom('skip' as const, 'spread' as const),
  })
  return fc.oneof(
    merged(entry, as('market')),
    merged(entry, resting.limit),
    merged(entry, sniperTermsOver(fields)),
    merged(asked, resting.stop),
    merged(asked, resting.trailingStop),
    merged(asked, resting.timeStop),
    merged(asked, merged(fc.record({ legs }), as('oco'))),
    merged(asked, merged(twap, as('twap'))),
  )
}

/** Times that follow from the time of placing were not asked for, of the order as of its legs. */
function asAsked<T extends object>(spec: T): T {
  const legsAsAsked = (name: 'legs' | 'exits') =>
    name in spec
      ? { [name]: (spec as Record<string, unknown[]>)[name]?.map((leg) => asAsked(leg as object)) }
      : {}
  return {
    ...spec,
    ...('isDefaultExpiry' in spec && spec.isDefaultExpiry ? { expiresAt: null } : {}),
    ...('isDefaultStart' in spec && spec.isDefaultStart ? { startAt: null } : {}),
    ...legsAsAsked('legs'),
    ...legsAsAsked('exits'),
  }
}

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
  parentId: fc.constantFrom(newId(), newId()),
  price: fc.string(),
  bps: anyBps,
  units: fc.bigInt(0n, MAX_BASE_UNITS).map(baseUnits),
  at: fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
  count: fc.nat(),
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
  parentId: few(...[newId(), newId()]),
  price: few('1', '10'),
  bps: few(1, 10).map(bps),
  units: few(0n, 1n).map(baseUnits),
  at: few(0, 1),
  count: few(1, 10),
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

  test.each(Object.entries(exampleSpecs))('a %s is among them', (_type, make) => {
    const spec = make()
    expect(decodeSpec(spec.orderId, JSON.parse(JSON.stringify(specData(spec))))).toEqual(spec)
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
        expect(fingerprintOf(one) === fingerprintOf(other)).toBe(equal(asAsked(one), asAsked(other)))
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
  const [leg] = ocoOf().legs
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
    maxHoldMs: 7,
    fireAt: 7,
    parent: { kind: 'slice', orderId: newId(), number: 7, endsAt: EXAMPLE_END },
    exits: [leg],
    legs: [leg],
    slices: 7,
    startAt: 7,
    isDefaultStart: true,
    durationMs: 7,
    jitterBps: bps(7),
    minSlice: baseUnits(7n),
    catchUp: 'skip',
    guards: { ...defaultGuards, minAgeSlots: 7 },
    creator: 'another',
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

describe('a leg in a fingerprint', () => {
  const [leg] = ocoOf().legs as [LegTerms]
  const changes: Readonly<Record<string, unknown>> = {
    type: 'stop',
    triggerPrice: '7',
    limitPrice: '7',
    priceOf: 'tokenOut',
    condition: { ...leg.condition, observations: 7 },
    slippageBps: bps(7),
    slippageLadderBps: [bps(7)],
    feeBudgetLamports: baseUnits(7n),
    expiresAt: 7,
    isDefaultExpiry: true,
    shareBps: null,
  }
  const families = {
    legs: (legs: readonly LegTerms[]) => ocoOf({ orderId: leader, legs }),
    exits: (exits: readonly LegTerms[]) => specOf({ orderId: leader, exits }),
  }
  const leader = newId()

  test('stands for every field of it', () => {
    expect(Object.keys(changes).toSorted()).toEqual(Object.keys(leg).toSorted())
  })

  describe.each(Object.entries(families))('among %s', (_name, make) => {
    const fingerprint = (...legs: readonly LegTerms[]) => fingerprintOf(make(legs))

    test.each(Object.entries(changes))('changes with its %s', (name, value) => {
      expect(fingerprint({ ...leg, [name]: value } as LegTerms)).not.toBe(fingerprint(leg))
    })

    test('changes with how many there are, and in which order', () => {
      const other = { ...leg, shareBps: null }
      const prints = [[], [leg], [leg, leg], [leg, other], [other, leg]].map((legs) => fingerprint(...legs))
      expect(new Set(prints).size).toBe(prints.length)
    })

    test('does not change with an end that follows from when it was placed', () => {
      const placed = (expiresAt: number): LegTerms => ({ ...leg, isDefaultExpiry: true, expiresAt })
      expect(fingerprint(placed(1))).toBe(fingerprint(placed(2)))
      expect(fingerprint({ ...leg, expiresAt: 1 })).not.toBe(fingerprint({ ...leg, expiresAt: 2 }))
    })
  })

  test('of a TWAP that begins at once does not change with when that is', () => {
    const at = (startAt: number, isDefaultStart: boolean) =>
      fingerprintOf(twapOf({ orderId: leader, startAt, isDefaultStart }))
    expect(at(1, true)).toBe(at(2, true))
    expect(at(1, false)).not.toBe(at(2, false))
    expect(at(1, true)).not.toBe(at(1, false))
  })

  test('changes with its place under its parent', () => {
    const parent = {
      kind: 'leg',
      orderId: leader,
      number: 1,
      legs: 2,
      shareBps: bps(1),
      total: null,
    } as const
    const places = [
      null,
      parent,
      { ...parent, orderId: newId() },
      { ...parent, number: 2 },
      { ...parent, legs: 3 },
      { ...parent, shareBps: null },
      { ...parent, total: baseUnits(1n) },
      { kind: 'slice', orderId: leader, number: 1, endsAt: EXAMPLE_END } as const,
    ]
    const prints = places.map((place) => fingerprintOf(specOf({ parent: place })))
    expect(new Set(prints).size).toBe(places.length)
  })
})

describe('a stored order of a type', () => {
  test.each([
    ['limit', 'limitPrice'],
    ['limit', 'trigger'],
    ['stop', 'expiresAt'],
    ['stop', 'slippageLadderBps'],
    ['trailingStop', 'feeBudget'],
    ['timeStop', 'maxHoldMs'],
    ['timeStop', 'groupLegs'],
    ['oco', 'legs'],
    ['sniper', 'guards'],
    ['sniper', 'expiresAt'],
  ] as const)('%s without its %s is a defect of its writer', (type, field) => {
    const spec = exampleSpecs[type]()
    const written = { ...specData(spec), [field]: undefined } as ReturnType<typeof specData>
    expect(() => decodeSpec(spec.orderId, written)).toThrow(`without ${field}`)
  })
})
