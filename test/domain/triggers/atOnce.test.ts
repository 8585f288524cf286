// Orders whose price is there when they are placed.
import { describe, expect, test } from 'vitest'
import type { OrderSpec, RestingSpec } from '../../../src/domain/spec.ts'
import { denialByMarket, type MarketConsent, tradesAtOnce } from '../../../src/domain/triggers/atOnce.ts'
import type { Sight } from '../../../src/domain/triggers/verdict.ts'
import { specOf } from '../../support/orders.ts'
import { limitOf, seenAt, stopOf, takeProfitOf, trailingOf } from '../../support/restingSpecs.ts'

const SILENT: MarketConsent = { onImmediate: null, acceptOffMarket: false, acceptImpact: false }
const FIRE: MarketConsent = { ...SILENT, onImmediate: 'fire' }
const REJECT: MarketConsent = { ...SILENT, onImmediate: 'reject' }
const OFF_MARKET: MarketConsent = { ...SILENT, acceptOffMarket: true }

const sight = (milliB: number): Sight => ({ kind: 'seen', observation: seenAt(1, milliB) })
const codeAt = (milliB: number, spec: RestingSpec, consent: MarketConsent) =>
  denialByMarket(spec, sight(milliB), consent)?.code ?? null

const once = limitOf({ expiresAt: null })
const activated = trailingOf({ activationPrice: '4.2' })

test.each<[string, number, RestingSpec, MarketConsent, string | null]>([
  ['a stop at the market', 3_800, stopOf(), SILENT, 'would_fire_at_once'],
  ['a stop above the market', 3_700, stopOf(), SILENT, 'would_fire_at_once'],
  ['a stop below the market', 3_801, stopOf(), SILENT, null],
  ['a stop that is to fire at once', 3_700, stopOf(), FIRE, null],
  ['a stop that is not', 3_700, stopOf(), REJECT, 'would_fire_at_once'],
  ['a stop-limit above the market', 3_700, stopOf({ limitPrice: '3.9' }), SILENT, 'would_fire_at_once'],
  [
    'a stop of 0.25 A for 1 B that costs more already',
    3_900,
    stopOf({ priceOf: 'tokenOut', triggerPrice: '0.25' }),
    SILENT,
    'would_fire_at_once',
  ],
  [
    'a stop of 0.25 A for 1 B that costs less yet',
    4_100,
    stopOf({ priceOf: 'tokenOut', triggerPrice: '0.25' }),
    SILENT,
    null,
  ],
  ['a takeProfit at the market', 4_200, takeProfitOf(), SILENT, 'would_fire_at_once'],
  ['a takeProfit above the market', 4_199, takeProfitOf(), SILENT, null],
  ['a takeProfit that is to fire at once', 4_300, takeProfitOf(), FIRE, null],
  ['a trailing stop follows from the start', 4_000, trailingOf(), SILENT, null],
  ['a trailing stop that waits for its activation', 4_199, activated, SILENT, null],
  ['a trailing stop whose activation is there', 4_200, activated, SILENT, 'would_fire_at_once'],
  ['a trailing stop that is to start at once', 4_200, activated, FIRE, null],
  ['a limit at the market', 4_000, limitOf(), SILENT, null],
  ['a limit below the market, within 5 %', 4_210, limitOf(), SILENT, null],
  ['a limit above the market', 3_000, limitOf(), SILENT, null],
  ['a limit that is not to fire at once', 4_000, limitOf(), REJECT, 'would_fire_at_once'],
  ['a limit that would not', 3_999, limitOf(), REJECT, null],
  ['a limit far off the market', 8_000, limitOf(), SILENT, 'off_market'],
  ['a limit far off the market that is to fire', 8_000, limitOf(), FIRE, 'off_market'],
  ['a limit far off the market that is meant so', 8_000, limitOf(), OFF_MARKET, null],
  [
    'a limit far off the market that must not fire at once',
    8_000,
    limitOf(),
    { ...OFF_MARKET, onImmediate: 'reject' },
    'would_fire_at_once',
  ],
  ['an order for now or not at all, at the market', 4_000, once, SILENT, null],
  ['an order for now or not at all, off the market', 8_000, once, SILENT, null],
  ['an order for now or not at all, above the market', 3_000, once, REJECT, null],
])('%s', (_, milliB, spec, consent, code) => {
  expect(codeAt(milliB, spec, consent)).toBe(code)
})

describe('off the market is a price more than 5 % worse than it, in the terms of the order', () => {
  // The market pays 4 B for 1 A: 5 % less is 3.8.
  test.each([
    ['3.8', null],
    ['3.7999', 'off_market'],
    ['3.81', null],
  ])('at 4 B for 1 A, a limit of %s B', (limitPrice, code) => {
    expect(codeAt(4_000, limitOf({ limitPrice }), SILENT)).toBe(code)
  })

  // 1 B costs 0.25 A: 5 % more is 0.2625.
  test.each([
    ['0.2625', null],
    ['0.26251', 'off_market'],
    ['0.26', null],
  ])('at 0.25 A for 1 B, a limit of %s A', (limitPrice, code) => {
    expect(codeAt(4_000, limitOf({ limitPrice, priceOf: 'tokenOut' }), SILENT)).toBe(code)
  })
})

test('a denial names the field that holds the price', () => {
  expect(denialByMarket(stopOf(), sight(3_700), SILENT)).toMatchObject({ field: 'trigger' })
  expect(denialByMarket(limitOf(), sight(4_000), REJECT)).toMatchObject({ field: 'limitPrice' })
  expect(denialByMarket(limitOf(), sight(8_000), SILENT)).toMatchObject({
    field: 'limitPrice',
    detail: expect.stringContaining('bps'),
  })
})

describe('a market that shows nothing', () => {
  const unseen = (blocker: 'stale_source' | 'no_price' | 'unknown_source'): Sight => ({
    kind: 'unseen',
    blocker,
    detail: 'no pool of this pair has that address',
  })

  test('denies a source that no pool has, whatever the client consents to', () => {
    const consent: MarketConsent = { ...OFF_MARKET, onImmediate: 'fire' }
    for (const spec of [limitOf(), stopOf(), takeProfitOf(), trailingOf()]) {
      expect(denialByMarket(spec, unseen('unknown_source'), consent)).toEqual({
        code: 'unknown_source',
        field: 'trigger.source',
        detail: 'no pool of this pair has that address',
      })
    }
  })

  test('denies nothing else: the order waits for a price', () => {
    for (const blocker of ['stale_source', 'no_price'] as const) {
      for (const spec of [limitOf(), once, stopOf(), takeProfitOf(), trailingOf()]) {
        expect(denialByMarket(spec, unseen(blocker), REJECT)).toBeNull()
      }
    }
  })
})

test.each<[string, number | null, OrderSpec, boolean]>([
  ['a market order', null, specOf(), true],
  ['a limit at the market', 4_000, limitOf(), true],
  ['a limit for now or not at all', 4_000, once, true],
  ['a limit above the market', 3_999, limitOf(), false],
  ['a limit whose market is not seen', null, limitOf(), false],
  ['a stop at the market', 3_800, stopOf(), false],
])('trades at once, and may be asked about its impact: %s', (_, milliB, spec, does) => {
  expect(tradesAtOnce(spec, milliB === null ? null : sight(milliB))).toBe(does)
})
