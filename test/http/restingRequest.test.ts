// Requests for orders that wait for a price: what they come to, and every field at fault in those that come to nothing.
import { describe, expect, test } from 'vitest'
import { simulatedTokens } from '../../src/dex/simulated/market.ts'
import { EXECUTABLE } from '../../src/domain/spec.ts'
import { TokenList } from '../../src/domain/token.ts'
import { Problem, problemTable } from '../../src/http/problems.ts'
import { toOrderSpec } from '../../src/http/requests/orderRequest.ts'
import { validator } from '../../src/http/requests/validation.ts'
import { OrderRequest } from '../../src/http/schemas/orderSchemas.ts'
import { newId } from '../support/orders.ts'

const NOW = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000
const check = validator(OrderRequest)
const tokens = new TokenList(simulatedTokens)

type Body = Readonly<Record<string, unknown>>

/** As the route reads a body: by its schema, then by what it means. */
const read = (body: Body) =>
  toOrderSpec(check(body), {
    orderId: newId(),
    owner: 'local',
    tokens,
    defaultSlippageBps: 50,
    expiry: { now: NOW, defaultMs: 30 * DAY_MS, mostMs: 180 * DAY_MS },
  })

/** Status, and each field at fault with its code. */
function denialOf(body: Body): { readonly status: number; readonly faults: readonly string[] } {
  try {
    read(body)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    for (const { detail } of error.errors) expect(detail).not.toBe('')
    return {
      status: problemTable[error.code].status,
      faults: error.errors.map(({ field, code }) => `${field} ${code}`),
    }
  }
  throw new Error('nothing was denied')
}

const asked = { tokenIn: 'A', tokenOut: 'B', amountIn: '100' }
const limit: Body = { ...asked, type: 'limit', limitPrice: '4' }
const stop: Body = { ...asked, type: 'stop', trigger: { price: '3.8' } }
const takeProfit: Body = { ...asked, type: 'takeProfit', trigger: { price: '4.2' } }
const trailing: Body = { ...asked, type: 'trailingStop', trigger: { trailingBps: 500 } }
const without = (body: Body, name: string): Body =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

describe('what is not said', () => {
  const exit = {
    priceOf: 'tokenIn',
    condition: { source: EXECUTABLE, observations: 2, dwellMs: 0, maxAgeMs: 5_000 },
    slippageBps: 2_000,
    slippageLadderBps: [300, 1_000, 2_000],
    feeBudgetLamports: 50_000_000n,
    limitPrice: null,
    isDefaultExpiry: true,
    expiresAt: NOW + 30 * DAY_MS,
  }

  test.each([
    [
      'limit',
      limit,
      {
        priceOf: 'tokenIn',
        condition: { source: EXECUTABLE, observations: 1, dwellMs: 0, maxAgeMs: 5_000 },
        slippageBps: 50,
        limitPrice: '4',
        isDefaultExpiry: true,
        expiresAt: NOW + 30 * DAY_MS,
      },
    ],
    ['stop', stop, { ...exit, triggerPrice: '3.8' }],
    ['takeProfit', takeProfit, { ...exit, triggerPrice: '4.2' }],
    ['trailingStop', trailing, { ...exit, trailingBps: 500, activationPrice: null }],
  ])('of a %s is as documented', (type, body, own) => {
    const { orderId: _, tokenIn, tokenOut, ...spec } = read(body)
    expect([tokenIn.symbol, tokenOut.symbol]).toEqual(['A', 'B'])
    expect(spec).toEqual({
      type,
      owner: 'local',
      amountIn: 100_000_000n,
      constraints: {},
      clientOrderId: null,
      parent: null,
      ...(type === 'limit' ? { exits: [] } : {}),
      ...own,
    })
  })
})

describe('what is said', () => {
  test('of a condition is taken', () => {
    const condition = { observations: 7, dwellMs: 60_000, maxAgeMs: 900 }
    expect(read({ ...limit, trigger: condition })).toMatchObject({
      condition: { source: EXECUTABLE, ...condition },
    })
    for (const body of [stop, takeProfit, trailing]) {
      const trigger = { ...Object(body.trigger), ...condition, source: 'raydium' }
      expect(read({ ...body, trigger })).toMatchObject({ condition: { source: 'raydium', ...condition } })
    }
  })

  test.each([
    ['4', '4'],
    ['4.0500', '4.05'],
    [4.05, '4.05'],
    [1e-7, '0.0000001'],
    [1e21, '1000000000000000000000'],
    ['0.000000000000000000000000000001', '0.000000000000000000000000000001'],
  ])('a price of %j is %s', (given, price) => {
    expect(read({ ...limit, limitPrice: given })).toMatchObject({ limitPrice: price })
    expect(read({ ...stop, trigger: { price: given } })).toMatchObject({ triggerPrice: price })
    expect(read({ ...stop, limitPrice: given })).toMatchObject({ limitPrice: price })
    const trigger = { trailingBps: 1, activationPrice: given }
    expect(read({ ...trailing, trigger })).toMatchObject({ activationPrice: price })
  })

  test.each([
    ['2026-01-01T00:00:00.001Z', NOW + 1],
    ['2026-01-31T12:00:00+02:00', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-31t12:00:00z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31 12:00:00-00:30', Date.UTC(2026, 0, 31, 12, 30)],
    ['2026-01-31T12:00:00.123456Z', Date.UTC(2026, 0, 31, 12, 0, 0, 123)],
    ['2026-06-30T00:00:00Z', NOW + 180 * DAY_MS],
  ])('an expiry of %s is that moment', (expiresAt, at) => {
    for (const body of [limit, stop, trailing])
      expect(read({ ...body, expiresAt })).toMatchObject({ expiresAt: at })
  })

  test.each([
    ['IOC', null],
    ['FOK', null],
    ['GTC', NOW + 30 * DAY_MS],
    ['GTT', NOW + 30 * DAY_MS],
  ])('a time in force of %s ends at %j', (timeInForce, expiresAt) => {
    expect(read({ ...limit, timeInForce })).toMatchObject({ expiresAt })
  })

  test.each<[string, Body, number, readonly number[]]>([
    ['a slippage below the ladder caps it', { slippageBps: 500 }, 500, [300, 500]],
    ['a slippage below its first step is all of it', { slippageBps: 100 }, 100, [100]],
    ['a slippage beyond it is its last step', { slippageBps: 5_000 }, 5_000, [300, 1_000, 2_000, 5_000]],
    ['a slippage as a fraction does the same', { slippage: '0.05' }, 500, [300, 500]],
    ['a ladder names its own cap', { slippageLadderBps: [100, 700] }, 700, [100, 700]],
    ['a ladder may fall', { slippageLadderBps: [700, 100] }, 700, [700, 100]],
    ['a ladder under a cap', { slippageLadderBps: [100, 200], slippageBps: 200 }, 200, [100, 200]],
  ])('%s', (_, more, slippageBps, slippageLadderBps) => {
    for (const body of [stop, takeProfit, trailing])
      expect(read({ ...body, ...more })).toMatchObject({ slippageBps, slippageLadderBps })
  })

  test.each([
    ['0', 0n],
    ['0.00', 0n],
    [0, 0n],
    ['0.000000001', 1n],
    ['1.5', 1_500_000_000n],
    [0.05, 50_000_000n],
  ])('a fee budget of %j SOL is %i lamports', (feeBudget, feeBudgetLamports) => {
    expect(read({ ...stop, feeBudget })).toMatchObject({ feeBudgetLamports })
  })

  test('the token of the prices is taken', () => {
    for (const body of [limit, stop, takeProfit, trailing])
      expect(read({ ...body, priceOf: 'tokenOut' })).toMatchObject({ priceOf: 'tokenOut' })
  })
})

describe('is denied, by field and code:', () => {
  test.each<[string, Body, string]>([
    ['a limit without its price', without(limit, 'limitPrice'), 'limitPrice missing_field'],
    ['a stop without a trigger', without(stop, 'trigger'), 'trigger missing_field'],
    ['a takeProfit without a trigger', without(takeProfit, 'trigger'), 'trigger missing_field'],
    ['a trailing stop without a trigger', without(trailing, 'trigger'), 'trigger missing_field'],
    ['a stop without a price', { ...stop, trigger: {} }, 'trigger.price missing_field'],
    [
      'a trailing stop without its distance',
      { ...trailing, trigger: {} },
      'trigger.trailingBps missing_field',
    ],
    [
      'a stop with a price and a distance',
      { ...stop, trigger: { price: '3.8', trailingBps: 500 } },
      'trigger.trailingBps unknown_field',
    ],
    [
      'a trailing stop with a distance and a price',
      { ...trailing, trigger: { trailingBps: 500, price: '3.8' } },
      'trigger.price unknown_field',
    ],
    ['a limit with a trigger price', { ...limit, trigger: { price: '4' } }, 'trigger.price unknown_field'],
    ['a limit with a source', { ...limit, trigger: { source: 'raydium' } }, 'trigger.source unknown_field'],
    [
      'a field that no trigger has',
      { ...stop, trigger: { price: '3.8', wick: 1 } },
      'trigger.wick unknown_field',
    ],
    ['a field that no order has', { ...stop, hurry: true }, 'hurry unknown_field'],
    ['a market order with a trigger', { ...asked, type: 'market', trigger: {} }, 'trigger unknown_field'],
    [
      'a market order with a limit',
      { ...asked, type: 'market', limitPrice: '4' },
      'limitPrice unknown_field',
    ],
    ['a stop for now or not at all', { ...stop, timeInForce: 'IOC' }, 'timeInForce unknown_field'],
    ['a limit with a ladder', { ...limit, slippageLadderBps: [1] }, 'slippageLadderBps unknown_field'],
    ['a limit with a fee budget', { ...limit, feeBudget: '1' }, 'feeBudget unknown_field'],
    ['a stop off the market', { ...stop, acceptOffMarket: true }, 'acceptOffMarket unknown_field'],
    ['a trigger that is no object', { ...stop, trigger: '3.8' }, 'trigger invalid_type'],
    ['a trigger of null', { ...stop, trigger: null }, 'trigger invalid_type'],
    ['a price of neither token', { ...limit, priceOf: 'A' }, 'priceOf invalid_type'],
    ['a time in force of its own', { ...limit, timeInForce: 'DAY' }, 'timeInForce invalid_type'],
    ['a wish of its own', { ...stop, onImmediate: 'maybe' }, 'onImmediate invalid_type'],
    ['a type of its own', { ...asked, type: 'stopLimit' }, 'type unsupported_order_type'],
    [
      'no observation at all',
      { ...stop, trigger: { price: '3.8', observations: 0 } },
      'trigger.observations invalid_type',
    ],
    [
      'half an observation',
      { ...stop, trigger: { price: '3.8', observations: 1.5 } },
      'trigger.observations invalid_type',
    ],
    ['a dwell of less than nothing', { ...limit, trigger: { dwellMs: -1 } }, 'trigger.dwellMs invalid_type'],
    ['a price that is never fresh', { ...limit, trigger: { maxAgeMs: 99 } }, 'trigger.maxAgeMs invalid_type'],
    [
      'a distance of nothing',
      { ...trailing, trigger: { trailingBps: 0 } },
      'trigger.trailingBps invalid_type',
    ],
    [
      'a distance of all',
      { ...trailing, trigger: { trailingBps: 9_001 } },
      'trigger.trailingBps invalid_type',
    ],
    ['an empty source', { ...stop, trigger: { price: '3.8', source: '' } }, 'trigger.source invalid_type'],
    [
      'a ladder step beyond the slippage',
      { ...stop, slippageLadderBps: [100, 501], slippageBps: 500 },
      'slippageLadderBps terms_contradict',
    ],
    [
      'a ladder step beyond a slippage as a fraction',
      { ...stop, slippageLadderBps: [100, 501], slippage: 0.05 },
      'slippageLadderBps terms_contradict',
    ],
    ['a ladder without a step', { ...stop, slippageLadderBps: [] }, 'slippageLadderBps invalid_type'],
    [
      'a ladder step of nothing',
      { ...stop, slippageLadderBps: [100, 0] },
      'slippageLadderBps.1 invalid_type',
    ],
    ['a ladder step beyond all', { ...stop, slippageLadderBps: [5_001] }, 'slippageLadderBps.0 invalid_type'],
    ['a fee budget of less than nothing', { ...stop, feeBudget: '-1' }, 'feeBudget amount_malformed'],
    ['a fee budget in words', { ...stop, feeBudget: 'some' }, 'feeBudget amount_malformed'],
    ['a fee budget of half a lamport', { ...stop, feeBudget: '0.0000000005' }, 'feeBudget amount_malformed'],
    ['a fee budget beyond all', { ...stop, feeBudget: '99999999999' }, 'feeBudget amount_malformed'],
    ['a fee budget that is a claim', { ...stop, feeBudget: true }, 'feeBudget invalid_type'],
  ])('%s', (_, body, fault) => {
    expect(denialOf(body)).toEqual({ status: 422, faults: [fault] })
  })

  describe.each([
    '0',
    '0.000',
    '-4',
    '+4',
    '4e3',
    '1E5',
    ' 4',
    '4,5',
    '.5',
    '5.',
    '04',
    'market',
    'NaN',
    'Infinity',
    '1'.repeat(31),
    `0.${'0'.repeat(30)}1`,
    0,
    -4,
    1e31,
  ])('a price of %j', (price) => {
    test.each<[string, Body]>([
      ['limitPrice', { ...limit, limitPrice: price }],
      ['limitPrice', { ...stop, limitPrice: price }],
      ['trigger.price', { ...stop, trigger: { price } }],
      ['trigger.price', { ...takeProfit, trigger: { price } }],
      ['trigger.activationPrice', { ...trailing, trigger: { trailingBps: 1, activationPrice: price } }],
    ])('as %s', (field, body) => {
      expect(denialOf(body)).toEqual({ status: 422, faults: [`${field} price_malformed`] })
    })
  })

  test.each([true, null, [], { price: '4' }, ''])('a price that is %j', (price) => {
    expect(denialOf({ ...limit, limitPrice: price })).toEqual({
      status: 422,
      faults: ['limitPrice invalid_type'],
    })
    expect(denialOf({ ...stop, trigger: { price } })).toEqual({
      status: 422,
      faults: ['trigger.price invalid_type'],
    })
  })

  test.each([
    ['that is past', '2025-12-31T23:59:59Z'],
    ['that is now', '2026-01-01T00:00:00Z'],
    ['that is past by its offset', '2026-01-01T00:30:00+01:00'],
    ['that is too far', '2026-06-30T00:00:00.001Z'],
    ['that is farther than time goes', '9999-12-31T23:59:59Z'],
    ['without an offset', '2026-01-31T00:00:00'],
    ['without a time', '2026-01-31'],
    ['without seconds', '2026-01-31T00:00Z'],
    ['as a number of seconds', 1_769_817_600],
    ['as seconds in a string', '1769817600'],
    ['as milliseconds', 1_769_817_600_000],
    ['in words', 'tomorrow'],
    ['of RFC 2822', 'Sat, 31 Jan 2026 00:00:00 GMT'],
    ['in a month of its own', '2026-13-01T00:00:00Z'],
    ['on a day that its month does not have', '2026-02-30T00:00:00Z'],
    ['on such a day, in other letters', '2026-04-31 00:00:00z'],
    ['in an hour of its own', '2026-01-31T25:00:00Z'],
    ['with an offset of its own', '2026-01-31 00:00:00+99:00'],
    ['in an hour that no day has', '2026-01-31T24:00:00Z'],
    ['that is empty', ''],
    ['that is nothing', null],
    ['that is a claim', true],
  ])('an expiry %s', (_, expiresAt) => {
    for (const body of [limit, stop, takeProfit, trailing]) {
      expect(denialOf({ ...body, expiresAt })).toEqual({ status: 422, faults: ['expiresAt expiry_invalid'] })
    }
  })

  test.each(['IOC', 'FOK'])('an expiry of an %s order', (timeInForce) => {
    expect(denialOf({ ...limit, timeInForce, expiresAt: '2026-01-31T00:00:00Z' })).toEqual({
      status: 422,
      faults: ['expiresAt terms_contradict'],
    })
  })

  test.each<[string, Body]>([
    ['onImmediate', { onImmediate: 'reject' }],
    ['trigger.observations', { trigger: { observations: 2 } }],
    ['trigger.dwellMs', { trigger: { dwellMs: 1 } }],
  ])('%s of an IOC order that is to wait', (field, more) => {
    for (const timeInForce of ['IOC', 'FOK'])
      expect(denialOf({ ...limit, timeInForce, ...more }).faults).toEqual([`${field} terms_contradict`])
    const once = { onImmediate: 'fire', trigger: { observations: 1, dwellMs: 0 } }
    expect(read({ ...limit, timeInForce: 'IOC', ...once })).toMatchObject({ expiresAt: null })
  })

  test('a type of its own, before the fields that no known type has', () => {
    expect(denialOf({ ...stop, type: 'stopLimit' }).faults).toEqual([
      'type unsupported_order_type',
      'trigger unknown_field',
    ])
  })

  test('all of it at once', () => {
    expect(
      denialOf({
        ...stop,
        tokenOut: 'NONE',
        amountIn: '0',
        trigger: { price: '-1' },
        limitPrice: '1e3',
        slippageLadderBps: [700],
        slippageBps: 600,
        feeBudget: 'x',
        expiresAt: '2020-01-01T00:00:00Z',
      }),
    ).toEqual({
      status: 422,
      faults: [
        'tokenOut unknown_token',
        'slippageLadderBps terms_contradict',
        'limitPrice price_malformed',
        'feeBudget amount_malformed',
        'trigger.price price_malformed',
        'expiresAt expiry_invalid',
      ],
    })
    expect(
      denialOf({ ...stop, trigger: { wick: 1, observations: 'two' }, hurry: 1 }).faults.toSorted(),
    ).toEqual([
      'hurry unknown_field',
      'trigger.observations invalid_type',
      'trigger.price missing_field',
      'trigger.wick unknown_field',
    ])
  })
})
