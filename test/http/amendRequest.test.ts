// Requests to change an order: what they come to, and every field at fault in those that come to nothing.
import { describe, expect, test } from 'vitest'
import type { OrderSpec } from '../../src/domain/spec.ts'
import { Problem, problemTable } from '../../src/http/problems.ts'
import { notAmendable, readIfMatch, toChange } from '../../src/http/requests/amendRequest.ts'
import { validator } from '../../src/http/requests/validation.ts'
import { AmendRequest } from '../../src/http/schemas/amendSchemas.ts'
import { defaultGuards, sniperOf, twapOf } from '../support/orders.ts'
import { limitOf, stopOf, trailingOf } from '../support/restingSpecs.ts'

const NOW = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000
const check = validator(AmendRequest)
const expiry = { now: NOW, defaultMs: 30 * DAY_MS, mostMs: 180 * DAY_MS }

const read = (body: unknown) => toChange(check(body), stopOf(), expiry)

const ADDRESS = '3vW8hRnCkV7b2nTq1uYpXz5dLmS4sFgJ6aEoKcQiBtNr'
const OTHER = 'So11111111111111111111111111111111111111112'

function faultsIn(denied: () => unknown): readonly string[] {
  try {
    denied()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.errors.map(({ field, code }) => `${field} ${code}`)
  }
  throw new Error('nothing was denied')
}

/** Status, and each field at fault with its code. */
function denialOf(body: unknown): { readonly status: number; readonly faults: readonly string[] } {
  try {
    read(body)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return {
      status: problemTable[error.code].status,
      faults: error.errors.map(({ field, code }) => `${field} ${code}`),
    }
  }
  throw new Error('nothing was denied')
}

test.each([
  ['paused', { kind: 'pause' }],
  ['active', { kind: 'resume' }],
])('a state of %s alone is a change', (state, change) => {
  expect(read({ state })).toEqual(change)
})

test.each([
  [{ limitPrice: '4.0500' }, { limitPrice: '4.05' }],
  [{ limitPrice: 4.05 }, { limitPrice: '4.05' }],
  [{ trigger: { price: '3.9' } }, { triggerPrice: '3.9' }],
  [{ trigger: { trailingBps: 700 } }, { trailingBps: 700 }],
  [{ trigger: { activationPrice: '5' } }, { activationPrice: '5' }],
  [{ amountIn: '50' }, { amountIn: 50_000_000n }],
  [{ slippageBps: 70 }, { slippageBps: 70 }],
  [{ expiresAt: '2026-01-31T00:00:00Z' }, { expiresAt: Date.UTC(2026, 0, 31) }],
  [
    { limitPrice: '3.7', trigger: { price: '3.9' }, slippageBps: 70 },
    { limitPrice: '3.7', triggerPrice: '3.9', slippageBps: 70 },
  ],
])('%j amends just that', (body, terms) => {
  expect(read(body)).toEqual({ kind: 'amend', terms })
})

describe('guards', () => {
  const guarded = sniperOf({ guards: { ...defaultGuards, maxAgeSlots: 50, allow: ['sale'] } })
  const readGuards = (guards: unknown) => toChange(check({ guards }), guarded, expiry)

  test('that are named change, the others stay', () => {
    const minLiquidityLamports = 5_000_000_000n
    expect(readGuards({ minLiquidity: '5', denyCreators: [ADDRESS] })).toEqual({
      kind: 'amend',
      terms: {
        guards: { ...guarded.guards, minLiquidityLamports, denyCreators: [ADDRESS] },
        condition: guarded.condition,
      },
    })
  })

  test('include the price and the passes, and are lifted by null', () => {
    expect(readGuards({ maxPrice: '0.5', passes: 7 })).toMatchObject({
      terms: { limitPrice: '0.5', condition: { observations: 7 } },
    })
    expect(readGuards({ maxPrice: null })).toMatchObject({ terms: { limitPrice: null } })
  })

  test('are denied where they contradict those that stay, and for any other type', () => {
    expect(faultsIn(() => readGuards({ minAgeSlots: 51 }))).toEqual(['guards.minAgeSlots terms_contradict'])
    expect(faultsIn(() => readGuards({ minSaleBps: 5 }))).toEqual(['guards.minSaleBps terms_contradict'])
    expect(faultsIn(() => readGuards({ allow: null }))).toEqual(['guards.allow invalid_type'])
    const both = { guards: { maxPrice: '1' }, limitPrice: '1' }
    expect(faultsIn(() => toChange(check(both), guarded, expiry))).toEqual([
      'guards.maxPrice terms_contradict',
    ])
    expect(faultsIn(() => read({ guards: { passes: 2 } }))).toEqual(['guards not_amendable'])
    const ofCreator = sniperOf({ creator: OTHER, guards: defaultGuards })
    const amendCreators = (guards: unknown) => toChange(check({ guards }), ofCreator, expiry)
    expect(faultsIn(() => amendCreators({ denyCreators: [OTHER] }))).toEqual([
      'guards.denyCreators terms_contradict',
    ])
    expect(faultsIn(() => amendCreators({ allowCreators: [ADDRESS] }))).toEqual([
      'guards.allowCreators terms_contradict',
    ])
    expect(amendCreators({ allowCreators: [ADDRESS, OTHER] })).toMatchObject({ kind: 'amend' })
    expect(faultsIn(() => readGuards({}))).toEqual(['state missing_field'])
  })
})

describe('is denied, by field and code:', () => {
  test.each<[string, unknown, string]>([
    ['nothing at all', {}, 'state missing_field'],
    ['a trigger without a term', { trigger: {} }, 'state missing_field'],
    ['a state together with a term', { state: 'paused', limitPrice: '4' }, 'state terms_contradict'],
    [
      'a state together with a trigger',
      { state: 'active', trigger: { price: '4' } },
      'state terms_contradict',
    ],
    ['a state of its own', { state: 'canceled' }, 'state invalid_type'],
    ['a state that is a claim', { state: true }, 'state invalid_type'],
    ['a field that no order has', { hurry: true }, 'hurry unknown_field'],
    ['a field that no trigger has', { trigger: { wick: 1 } }, 'trigger.wick unknown_field'],
    ['a condition', { trigger: { observations: 3 } }, 'trigger.observations unknown_field'],
    ['another source', { trigger: { source: 'raydium' } }, 'trigger.source unknown_field'],
    ['another type', { type: 'limit' }, 'type unknown_field'],
    ['another token', { tokenIn: 'B' }, 'tokenIn unknown_field'],
    ['the other token for the prices', { priceOf: 'tokenOut' }, 'priceOf unknown_field'],
    ['another ladder', { slippageLadderBps: [1] }, 'slippageLadderBps unknown_field'],
    ['another fee budget', { feeBudget: '1' }, 'feeBudget unknown_field'],
    ['a time in force', { timeInForce: 'IOC' }, 'timeInForce unknown_field'],
    ['a malformed limit', { limitPrice: '-1' }, 'limitPrice price_malformed'],
    ['a limit of 31 digits', { limitPrice: '1'.repeat(31) }, 'limitPrice price_malformed'],
    ['a limit of nothing', { limitPrice: null }, 'limitPrice invalid_type'],
    ['a malformed trigger', { trigger: { price: '1e3' } }, 'trigger.price price_malformed'],
    [
      'a malformed activation',
      { trigger: { activationPrice: 0 } },
      'trigger.activationPrice price_malformed',
    ],
    ['a distance of nothing', { trigger: { trailingBps: 0 } }, 'trigger.trailingBps invalid_type'],
    ['a trigger that is no object', { trigger: '3.8' }, 'trigger invalid_type'],
    ['an amount of nothing', { amountIn: '0' }, 'amountIn amount_not_positive'],
    ['an amount of less', { amountIn: -1 }, 'amountIn amount_not_positive'],
    ['an amount of half a unit', { amountIn: '0.0000005' }, 'amountIn amount_precision'],
    ['an amount in words', { amountIn: 'all' }, 'amountIn amount_malformed'],
    ['an amount that no account holds', { amountIn: '99999999999999' }, 'amountIn amount_range'],
    ['a slippage of nothing', { slippageBps: 0 }, 'slippageBps slippage_invalid'],
    ['a slippage beyond all', { slippageBps: 5_001 }, 'slippageBps slippage_invalid'],
    ['a slippage as a fraction', { slippage: 0.01 }, 'slippage unknown_field'],
    ['an expiry that is past', { expiresAt: '2025-12-31T00:00:00Z' }, 'expiresAt expiry_invalid'],
    ['an expiry that is too far', { expiresAt: '2026-07-31T00:00:00Z' }, 'expiresAt expiry_invalid'],
    ['an expiry without an offset', { expiresAt: '2026-01-31T00:00:00' }, 'expiresAt expiry_invalid'],
    ['an expiry as a number of seconds', { expiresAt: 1_769_817_600 }, 'expiresAt expiry_invalid'],
    ['an expiry of nothing', { expiresAt: null }, 'expiresAt expiry_invalid'],
  ])('%s', (_, body, fault) => {
    expect(denialOf(body)).toEqual({ status: 422, faults: [fault] })
  })

  test('all of it at once', () => {
    expect(denialOf({ state: 'paused', limitPrice: '0', amountIn: '0', trigger: { price: '-1' } })).toEqual({
      status: 422,
      faults: [
        'state terms_contradict',
        'amountIn amount_not_positive',
        'limitPrice price_malformed',
        'trigger.price price_malformed',
      ],
    })
  })

  test.each([null, [], 'paused', 7])('a body that is %j', (body) => {
    expect(() => read(body)).toThrow(Problem)
  })
})

describe('a term that does not fit', () => {
  test.each<[string, OrderSpec, string]>([
    ['amountIn', limitOf(), 'only a smaller amount'],
    ['amountIn', twapOf(), 'it follows from slices or shares'],
    ['activationPrice', trailingOf(), 'it follows the market already'],
    ['activationPrice', stopOf(), 'not of a stop order'],
  ])('%s says why', (term, spec, detail) => {
    expect(notAmendable(term, spec)).toMatchObject({ detail })
  })

  test.each([
    ['triggerPrice', 'trigger.price'],
    ['trailingBps', 'trigger.trailingBps'],
    ['activationPrice', 'trigger.activationPrice'],
    ['limitPrice', 'limitPrice'],
    ['amountIn', 'amountIn'],
    ['expiresAt', 'expiresAt'],
  ])('%s is named %s, as the request had it', (term, field) => {
    expect(notAmendable(term, limitOf())).toMatchObject({ field, code: 'not_amendable' })
  })
})

describe('If-Match', () => {
  test.each([
    [undefined, null],
    ['*', null],
    ['7', 7],
    ['"7"', 7],
    ['0', 0],
    ['999999999', 999_999_999],
  ])('%j is %j', (header, seq) => {
    expect(readIfMatch(header)).toBe(seq)
  })

  test.each(['', '""', 'W/"7"', '7, 8', '-1', '7.5', 'abc', '1234567890', ' 7'])('%j is denied', (header) => {
    expect(() => readIfMatch(header)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})
