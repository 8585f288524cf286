// Requests for orders that have children: what they come to, and every field at fault in those that come to nothing.
import { describe, expect, test } from 'vitest'
import { simulatedTokens } from '../../src/dex/simulated/market.ts'
import type { LegTerms } from '../../src/domain/spec.ts'
import { TokenList } from '../../src/domain/token.ts'
import { Problem, problemTable } from '../../src/http/problems.ts'
import { LateRequest, toOrderSpec } from '../../src/http/requests/orderRequest.ts'
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

/** Each field at fault with its code; all of it is a 422. */
function faultsOf(body: Body): readonly string[] {
  try {
    read(body)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    expect(problemTable[error.code].status).toBe(422)
    for (const { detail } of error.errors) expect(detail).not.toBe('')
    return error.errors.map(({ field, code }) => `${field} ${code}`)
  }
  throw new Error('nothing was denied')
}

const asked = { tokenIn: 'A', tokenOut: 'B', amountIn: '100' }
const up: Body = { type: 'takeProfit', trigger: { price: '4.4' } }
const down: Body = { type: 'stop', trigger: { price: '3.8' } }
const trailing: Body = { type: 'trailingStop', trigger: { trailingBps: 800 } }
const atLimit: Body = { type: 'limit', limitPrice: '4.5' }
const oco: Body = { ...asked, type: 'oco', legs: [up, down] }
const market: Body = { ...asked, type: 'market' }
const limit: Body = { ...asked, type: 'limit', limitPrice: '4' }
const twap: Body = { ...asked, type: 'twap', slices: 10, durationMs: 60_000 }

const legsOf = (body: Body): readonly LegTerms[] => {
  const spec = read(body)
  if (spec.type === 'oco') return spec.legs
  if ('exits' in spec) return spec.exits
  throw new Error(`a ${spec.type} has no legs`)
}

describe('an OCO', () => {
  test('has legs that differ in what they say themselves, and have all else from their type', () => {
    const { legs, ...own } = read(oco) as Extract<ReturnType<typeof read>, { type: 'oco' }>
    expect(own).toMatchObject({ type: 'oco', amountIn: 100_000_000n, slippageBps: 50, parent: null })
    const exit = {
      priceOf: 'tokenIn',
      condition: { source: 'executable', observations: 2, dwellMs: 0, maxAgeMs: 5_000 },
      slippageBps: 2_000,
      slippageLadderBps: [300, 1_000, 2_000],
      feeBudgetLamports: 50_000_000n,
      limitPrice: null,
      isDefaultExpiry: true,
      expiresAt: NOW + 30 * DAY_MS,
      shareBps: null,
    }
    expect(legs).toEqual([
      { type: 'takeProfit', ...exit, triggerPrice: '4.4' },
      { type: 'stop', ...exit, triggerPrice: '3.8' },
    ])
  })

  test('takes what a leg says', () => {
    const leg = {
      ...down,
      trigger: { price: '3.8', source: 'raydium', observations: 3 },
      shareBps: 2_500,
      slippageBps: 700,
      limitPrice: '3.5',
      priceOf: 'tokenIn',
      feeBudget: '0.1',
      expiresAt: '2026-01-31T00:00:00Z',
    }
    expect(legsOf({ ...oco, legs: [leg, atLimit] })).toMatchObject([
      {
        shareBps: 2_500,
        slippageBps: 700,
        slippageLadderBps: [300, 700],
        limitPrice: '3.5',
        condition: { source: 'raydium', observations: 3 },
        feeBudgetLamports: 100_000_000n,
        isDefaultExpiry: false,
        expiresAt: Date.UTC(2026, 0, 31),
      },
      { type: 'limit', limitPrice: '4.5', shareBps: null, condition: { observations: 1 } },
    ])
  })

  test('gives its slippage to its legs: it caps the steps of those that have a ladder', () => {
    const own = { ...down, slippageBps: 900 }
    expect(legsOf({ ...oco, slippageBps: 400, legs: [atLimit, down, own] })).toMatchObject([
      { slippageBps: 400 },
      { slippageBps: 400, slippageLadderBps: [300, 400] },
      { slippageBps: 900 },
    ])
    const steep = { ...down, slippageLadderBps: [500] }
    expect(faultsOf({ ...oco, slippage: '0.04', legs: [up, steep] })).toEqual([
      'legs.1.slippageLadderBps terms_contradict',
    ])
  })

  test('may have up to ten legs, and a ladder of all', () => {
    expect(legsOf({ ...oco, legs: Array(10).fill(down) })).toHaveLength(10)
    const ladder = [4_000, 6_000].map((shareBps) => ({ ...up, shareBps }))
    expect(legsOf({ ...oco, legs: [...ladder, down] })).toHaveLength(3)
    // Stops may stand for one another.
    const stops = [8_000, 8_000].map((shareBps) => ({ ...down, shareBps }))
    expect(legsOf({ ...oco, legs: stops })).toHaveLength(2)
  })
})

describe('exits', () => {
  test.each([market, limit])('of a $type are read as legs', (body) => {
    const exits = [{ ...up, shareBps: 5_000 }, trailing, down]
    expect(legsOf({ ...body, exits })).toMatchObject([
      { type: 'takeProfit', triggerPrice: '4.4', shareBps: 5_000 },
      { type: 'trailingStop', trailingBps: 800, shareBps: null },
      { type: 'stop', triggerPrice: '3.8' },
    ])
    expect(legsOf(body)).toEqual([])
    expect(legsOf({ ...body, exits: [] })).toEqual([])
  })

  test('may be held for a time: the last of them then sells what is left, at the market', () => {
    const [, time] = legsOf({ ...market, exits: [down], maxHoldMs: DAY_MS })
    expect(time).toMatchObject({
      type: 'timeStop',
      maxHoldMs: DAY_MS,
      fireAt: null,
      limitPrice: null,
      shareBps: null,
      slippageLadderBps: [300, 1_000, 2_000],
      feeBudgetLamports: 50_000_000n,
      isDefaultExpiry: true,
    })
    expect(legsOf({ ...market, maxHoldMs: 1_000 })).toHaveLength(1)
  })
})

describe('a TWAP', () => {
  test('has what is documented where it says nothing', () => {
    expect(read(twap)).toMatchObject({
      type: 'twap',
      slices: 10,
      durationMs: 60_000,
      startAt: NOW,
      isDefaultStart: true,
      jitterBps: 0,
      limitPrice: null,
      priceOf: 'tokenIn',
      minSlice: 1n,
      catchUp: 'spread',
      slippageBps: 50,
    })
  })

  test('takes what it says', () => {
    const more = {
      startAt: '2026-01-31T00:00:00Z',
      jitterBps: 1_000,
      limitPrice: '0.25',
      priceOf: 'tokenOut',
      minSlice: '10',
      catchUp: 'skip',
      slippage: '0.02',
    }
    expect(read({ ...twap, ...more })).toMatchObject({
      startAt: Date.UTC(2026, 0, 31),
      isDefaultStart: false,
      jitterBps: 1_000,
      limitPrice: '0.25',
      priceOf: 'tokenOut',
      minSlice: 10_000_000n,
      catchUp: 'skip',
      slippageBps: 200,
    })
  })

  test('may have as many slices as its amount has units, and as its time has moments', () => {
    expect(read({ ...twap, amountIn: '0.00001' })).toMatchObject({ slices: 10, amountIn: 10n })
    expect(read({ ...twap, durationMs: 2_000 })).toMatchObject({ durationMs: 2_000 })
    expect(read({ ...twap, minSlice: 10 })).toMatchObject({ minSlice: 10_000_000n })
  })

  test('may begin a moment ago: the request took it', () => {
    expect(read({ ...twap, startAt: '2025-12-31T23:59:30Z' })).toMatchObject({ startAt: NOW - 30_000 })
  })
})

describe('is denied, by field and code:', () => {
  const leg = (more: Body) => ({ ...oco, legs: [up, { ...down, ...more }] })
  const exit = (more: Body) => ({ ...market, exits: [up, { ...down, ...more }] })
  const without = (body: Body, name: string): Body =>
    Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

  test.each<[string, Body, string]>([
    ['an OCO without legs', without(oco, 'legs'), 'legs missing_field'],
    ['an OCO of no leg', { ...oco, legs: [] }, 'legs invalid_type'],
    ['an OCO of one leg', { ...oco, legs: [up] }, 'legs invalid_type'],
    ['an OCO of eleven legs', { ...oco, legs: Array(11).fill(up) }, 'legs invalid_type'],
    ['legs that are no list', { ...oco, legs: up }, 'legs invalid_type'],
    ['an OCO at a limit', { ...oco, limitPrice: '4' }, 'limitPrice unknown_field'],
    ['an OCO with exits', { ...oco, exits: [down] }, 'exits unknown_field'],
    ['an OCO with a trigger', { ...oco, trigger: { price: '4' } }, 'trigger unknown_field'],
    ['an OCO that ends', { ...oco, expiresAt: '2026-01-31T00:00:00Z' }, 'expiresAt unknown_field'],
    [
      'a stop with exits: it has nothing to protect',
      { ...asked, ...down, exits: [up] },
      'exits unknown_field',
    ],
    ['a trailing stop with exits', { ...asked, ...trailing, exits: [up] }, 'exits unknown_field'],
    ['a TWAP with exits', { ...twap, exits: [up] }, 'exits unknown_field'],
    ['a stop that is held', { ...asked, ...down, maxHoldMs: 1_000 }, 'maxHoldMs unknown_field'],
    ['a hold of less than a second', { ...market, maxHoldMs: 999 }, 'maxHoldMs invalid_type'],
    ['a hold of more than a year', { ...market, maxHoldMs: 31_536_000_001 }, 'maxHoldMs invalid_type'],
    ['a hold in words', { ...market, maxHoldMs: '1 d' }, 'maxHoldMs invalid_type'],
    ['eleven exits', { ...market, exits: Array(11).fill(up) }, 'exits invalid_type'],
    ['exits that are no list', { ...market, exits: down }, 'exits invalid_type'],
    ['an unknown group', { ...limit, groupId: newId() }, 'groupId unknown_field'],
    ['an unknown parent', { ...market, parentId: newId() }, 'parentId unknown_field'],
    ['a share of an order by itself', { ...asked, ...up, shareBps: 5_000 }, 'shareBps unknown_field'],
    [
      'a ladder of more than all',
      {
        ...oco,
        legs: [
          { ...up, shareBps: 6_000 },
          { ...atLimit, shareBps: 4_001 },
        ],
      },
      'legs terms_contradict',
    ],
    [
      'such a ladder beside a stop',
      { ...market, exits: [{ ...up, shareBps: 6_000 }, { ...up, shareBps: 6_000 }, down] },
      'exits terms_contradict',
    ],
    [
      'a share of less than a unit',
      { ...oco, amountIn: '0.000001', legs: [{ ...up, shareBps: 9_999 }, down] },
      'legs.0.shareBps amount_not_positive',
    ],
    ['no slices', without(twap, 'slices'), 'slices missing_field'],
    ['no duration', without(twap, 'durationMs'), 'durationMs missing_field'],
    ['one slice', { ...twap, slices: 1 }, 'slices invalid_type'],
    ['half a slice', { ...twap, slices: 2.5 }, 'slices invalid_type'],
    [
      'more than a thousand slices',
      { ...twap, slices: 1_001, durationMs: 10_000_000 },
      'slices invalid_type',
    ],
    ['slices of less than a unit', { ...twap, amountIn: '0.000009' }, 'slices terms_contradict'],
    ['slices below the smallest', { ...twap, minSlice: '10.000001' }, 'slices terms_contradict'],
    ['a smallest slice of nothing', { ...twap, minSlice: '0' }, 'minSlice amount_not_positive'],
    ['a smallest slice of half a unit', { ...twap, minSlice: '0.0000005' }, 'minSlice amount_precision'],
    ['a smallest slice in words', { ...twap, minSlice: 'some' }, 'minSlice amount_malformed'],
    ['slices faster than they can be placed', { ...twap, durationMs: 1_999 }, 'durationMs terms_contradict'],
    ['a duration of less than a second', { ...twap, slices: 2, durationMs: 999 }, 'durationMs invalid_type'],
    ['a duration of more than a year', { ...twap, durationMs: 31_536_000_001 }, 'durationMs invalid_type'],
    ['jitter of more than the whole', { ...twap, jitterBps: 10_001 }, 'jitterBps invalid_type'],
    ['jitter of less than nothing', { ...twap, jitterBps: -1 }, 'jitterBps invalid_type'],
    ['another way to catch up', { ...twap, catchUp: 'all' }, 'catchUp invalid_type'],
    ['a price of nothing', { ...twap, limitPrice: '0' }, 'limitPrice price_malformed'],
    ['a price of neither token', { ...twap, priceOf: 'A' }, 'priceOf invalid_type'],
    ['a TWAP with a trigger', { ...twap, trigger: { price: '4' } }, 'trigger unknown_field'],
    [
      'a TWAP that ends at another time',
      { ...twap, expiresAt: '2026-01-31T00:00:00Z' },
      'expiresAt unknown_field',
    ],
  ])('%s', (_, body, fault) => {
    expect(faultsOf(body)).toEqual([fault])
  })

  test.each<[string, Body, string]>([
    ['no type', { type: undefined }, 'type missing_field'],
    ['a type that is no leg', { type: 'market' }, 'type unsupported_order_type'],
    ['an OCO as its type', { type: 'oco' }, 'type unsupported_order_type'],
    ['a TWAP as its type', { type: 'twap' }, 'type unsupported_order_type'],
    ['a time stop as its type', { type: 'timeStop' }, 'type unsupported_order_type'],
    ['null as its type', { type: null }, 'type unsupported_order_type'],
  ])('a leg with %s', (_, more, fault) => {
    expect(faultsOf(leg(more))).toEqual([`legs.1.${fault}`])
    expect(faultsOf(exit(more))).toEqual([`exits.1.${fault}`])
  })

  test.each([null, 'stop', 7, []])('a leg that is %j', (given) => {
    expect(faultsOf({ ...oco, legs: [up, given] })).toEqual(['legs.1.type missing_field'])
    expect(faultsOf({ ...market, exits: [given] })).toEqual(['exits.0.type missing_field'])
  })

  test.each<[string, Body, string]>([
    ['no trigger', { trigger: undefined }, 'trigger missing_field'],
    ['a trigger without a price', { trigger: {} }, 'trigger.price missing_field'],
    ['a price of nothing', { trigger: { price: '0' } }, 'trigger.price price_malformed'],
    [
      'a price and a distance',
      { trigger: { price: '4', trailingBps: 1 } },
      'trigger.trailingBps unknown_field',
    ],
    ['a limit of nothing', { limitPrice: '-1' }, 'limitPrice price_malformed'],
    ['an amount of its own', { amountIn: '1' }, 'amountIn unknown_field'],
    ['tokens of its own', { tokenIn: 'A' }, 'tokenIn unknown_field'],
    ['venues of its own', { venues: ['raydium'] }, 'venues unknown_field'],
    ['an id of its own', { clientOrderId: 'mine' }, 'clientOrderId unknown_field'],
    ['exits of its own', { exits: [] }, 'exits unknown_field'],
    ['a wish of its own', { onImmediate: 'fire' }, 'onImmediate unknown_field'],
    ['a share of nothing', { shareBps: 0 }, 'shareBps invalid_type'],
    ['a share of more than all', { shareBps: 10_001 }, 'shareBps invalid_type'],
    ['a share in words', { shareBps: 'half' }, 'shareBps invalid_type'],
    ['an end that is past', { expiresAt: '2025-01-01T00:00:00Z' }, 'expiresAt expiry_invalid'],
    ['an end in seconds', { expiresAt: '1769817600' }, 'expiresAt expiry_invalid'],
    [
      'a ladder step beyond its slippage',
      { slippageLadderBps: [800], slippageBps: 700 },
      'slippageLadderBps terms_contradict',
    ],
    ['a fee budget of less than nothing', { feeBudget: '-1' }, 'feeBudget amount_malformed'],
  ])('a leg with %s, named by its place', (_, more, fault) => {
    const given = (body: Body) => JSON.parse(JSON.stringify(body)) as Body
    expect(faultsOf(given(leg(more)))).toEqual([`legs.1.${fault}`])
    expect(faultsOf(given(exit(more)))).toEqual([`exits.1.${fault}`])
  })

  test.each([
    ['that is past', '2025-12-31T23:58:59Z'],
    ['that is too far', '2026-06-30T00:00:00.001Z'],
    ['without an offset', '2026-01-31T00:00:00'],
    ['as seconds in a string', '1769817600'],
    ['in words', 'tomorrow'],
    ['on a day that its month does not have', '2026-02-30T00:00:00Z'],
  ])('a start %s', (_, startAt) => {
    expect(faultsOf({ ...twap, startAt })).toEqual(['startAt start_invalid'])
  })

  test('an expiry in the past as the only fault is answered as such, with the order: it may be a repeat', () => {
    const late = { ...twap, startAt: '2025-12-31T23:58:59Z' }
    expect(() => read(late)).toThrow(
      expect.objectContaining({ spec: expect.objectContaining({ type: 'twap', startAt: NOW - 61_000 }) }),
    )
    const exits = [{ ...up, expiresAt: '2025-12-31T00:00:00Z' }]
    expect(faultsOf({ ...market, exits })).toEqual(['exits.0.expiresAt expiry_invalid'])
    expect(() => read({ ...market, exits })).toThrow(LateRequest)
    expect(faultsOf({ ...market, exits, amountIn: '0' })).toEqual([
      'amountIn amount_not_positive',
      'exits.0.expiresAt expiry_invalid',
    ])
  })

  test('all of it at once', () => {
    const legs = [
      { ...up, trigger: { price: '0' } },
      { ...down, expiresAt: 'now', limitPrice: 'x' },
    ]
    expect(faultsOf({ ...oco, tokenOut: 'A', legs }).toSorted()).toEqual([
      'legs.0.trigger.price price_malformed',
      'legs.1.expiresAt expiry_invalid',
      'legs.1.limitPrice price_malformed',
      'tokenOut same_token',
    ])
    expect(
      faultsOf({ ...twap, durationMs: 1_000, minSlice: '11', startAt: 'x', limitPrice: '-' }).toSorted(),
    ).toEqual([
      'durationMs terms_contradict',
      'limitPrice price_malformed',
      'slices terms_contradict',
      'startAt start_invalid',
    ])
  })
})
