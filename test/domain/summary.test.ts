// The sentence in which an order reads back what it will do.
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { LegTerms, OrderSpec } from '../../src/domain/spec.ts'
import { summaryOf } from '../../src/domain/summary.ts'
import { passesIn } from '../../src/domain/termsCodec.ts'
import { unlaunched } from '../../src/domain/token.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import {
  defaultGuards,
  EXAMPLE_END,
  exampleExits,
  ocoOf,
  sniperOf,
  specOf,
  timeStopOf,
  twapOf,
} from '../support/orders.ts'
import { limitOf, stopOf, takeProfitOf, trailingOf } from '../support/restingSpecs.ts'

const SELL = 'Sell 100 A for B'
const UNTIL = 'good until canceled, at most until 2026-02-01T00:00:00.000Z.'
const SNIPED_UNTIL = `good until canceled, at most until ${new Date(EXAMPLE_END).toISOString()}.`
const AT_MARKET = 'then at the market with up to 20 % slippage, until it is done'

const ofB = { priceOf: 'tokenOut' as const }

test.each<[string, OrderSpec, string]>([
  ['a market order', specOf(), `${SELL} at the market, at most 1 % below the quote.`],
  [
    'a market order with half a bps of percent',
    specOf({ slippageBps: bps(5), amountIn: baseUnits(1n) }),
    'Sell 0.000001 A for B at the market, at most 0.05 % below the quote.',
  ],
  [
    'a limit',
    limitOf({ limitPrice: '4.05' }),
    `${SELL} when the whole amount gets at least 4.05 B for 1 A (0.246914 A for 1 B), fees and price impact included; ${UNTIL}`,
  ],
  [
    'a limit on the price of B: the least that is paid is the most that it costs',
    limitOf({ ...ofB, limitPrice: '0.25' }),
    `${SELL} when the whole amount pays at most 0.25 A for 1 B (4 B for 1 A), fees and price impact included; ${UNTIL}`,
  ],
  [
    'an order for now or not at all',
    limitOf({ expiresAt: null }),
    `${SELL} when the whole amount gets at least 4 B for 1 A (0.25 A for 1 B), fees and price impact included; now or not at all.`,
  ],
  [
    'a stop',
    stopOf(),
    `${SELL} once the market pays 3.8 B for 1 A (0.263158 A for 1 B) or less, ${AT_MARKET}; ${UNTIL}`,
  ],
  [
    'a stop on the price of B: it fires when B costs more',
    stopOf({ ...ofB, triggerPrice: '0.25' }),
    `${SELL} once the market asks 0.25 A for 1 B (4 B for 1 A) or more, ${AT_MARKET}; ${UNTIL}`,
  ],
  [
    'a stop-limit',
    stopOf({ limitPrice: '4' }),
    `${SELL} once the market pays 3.8 B for 1 A (0.263158 A for 1 B) or less, then for at least 4 B for 1 A (0.25 A for 1 B); ${UNTIL}`,
  ],
  [
    'a stop-limit on the price of B',
    stopOf({ ...ofB, triggerPrice: '0.25', limitPrice: '0.5' }),
    `${SELL} once the market asks 0.25 A for 1 B (4 B for 1 A) or more, then for at most 0.5 A for 1 B (2 B for 1 A); ${UNTIL}`,
  ],
  [
    'a takeProfit',
    takeProfitOf({ triggerPrice: '5' }),
    `${SELL} once the market pays 5 B for 1 A (0.2 A for 1 B) or more, ${AT_MARKET}; ${UNTIL}`,
  ],
  [
    'a takeProfit on the price of B: it fires when B costs less',
    takeProfitOf({ ...ofB, triggerPrice: '0.2' }),
    `${SELL} once the market asks 0.2 A for 1 B (5 B for 1 A) or less, ${AT_MARKET}; ${UNTIL}`,
  ],
  [
    'a trailing stop',
    trailingOf({ trailingBps: bps(250) }),
    `${SELL} once the market pays 2.5 % less than at its best, ${AT_MARKET}; ${UNTIL}`,
  ],
  [
    'a trailing stop with an activation',
    trailingOf({ activationPrice: '5' }),
    `${SELL} once the market pays 5 % less than at its best, from 5 B for 1 A (0.2 A for 1 B) on, ${AT_MARKET}; ${UNTIL}`,
  ],
  [
    'a trailing stop on the price of B',
    trailingOf({ ...ofB, activationPrice: '0.2' }),
    `${SELL} once the market pays 5 % less than at its best, from 0.2 A for 1 B (5 B for 1 A) on, ${AT_MARKET}; ${UNTIL}`,
  ],
  [
    'a sniper',
    sniperOf({ condition: passesIn(3), slippageBps: bps(1_000) }),
    `${SELL} once it is launched and its guards pass in 3 slots, for at most 0.25 A for 1 B (4 B for 1 A), with up to 10 % slippage; ${SNIPED_UNTIL}`,
  ],
  [
    'a sniper of a token without a name, that consents to what its guards would refuse',
    sniperOf({
      tokenOut: unlaunched('Mint'),
      limitPrice: null,
      guards: { ...defaultGuards, allow: ['freeze_authority', 'sale'] },
    }),
    `Sell 100 A for Mint once it is launched and its guards pass in a slot, with up to 1 % slippage, whatever its freeze_authority, sale; ${SNIPED_UNTIL}`,
  ],
  [
    'a sniper of any token of a creator',
    sniperOf({ creator: 'Maker', tokenOut: unlaunched('Maker') }),
    `Sell 100 A for the new token once Maker launches it and its guards pass in a slot, for at most 0.25 A for 1 the new token (4 the new token for 1 A), with up to 1 % slippage; ${SNIPED_UNTIL}`,
  ],
  [
    'a sniper that has chosen one',
    sniperOf({ creator: 'Maker', limitPrice: null }),
    `${SELL} once Maker launches it and its guards pass in a slot, with up to 1 % slippage; ${SNIPED_UNTIL}`,
  ],
])('%s', (_, spec, sentence) => {
  expect(summaryOf(spec)).toBe(sentence)
})

/** When the legs of the example OCO fire. */
const OF_A = [
  'once the market pays 4.5 B for 1 A (0.222222 A for 1 B) or more',
  'once the market pays 3.5 B for 1 A (0.285714 A for 1 B) or less',
] as const
/** The same of what was bought: prices of B in A. */
const OF_B = [
  'once the market pays 4.5 A for 1 B (0.222222 B for 1 A) or more',
  'once the market pays 3.5 A for 1 B (0.285714 B for 1 A) or less',
] as const
const whole = ocoOf().legs.map((leg): LegTerms => ({ ...leg, shareBps: null }))
const [up, down] = whole as [LegTerms, LegTerms]
const time = exampleExits[2] as LegTerms
const withLimit = { ...down, limitPrice: '2' } as LegTerms
const atLimit: LegTerms = { ...limitLeg(), shareBps: null }
const EACH = `each ${AT_MARKET}`

function limitLeg() {
  const { type, priceOf, condition, isDefaultExpiry, slippageBps, limitPrice, expiresAt } = limitOf()
  return { type, priceOf, condition, isDefaultExpiry, slippageBps, limitPrice, expiresAt }
}

describe('a family', () => {
  test.each<[string, OrderSpec, string]>([
    [
      'an OCO: what its legs have in common is said once',
      ocoOf({ legs: whole }),
      `${SELL} by the first of: (1) ${OF_A[0]}; (2) ${OF_A[1]}; ${EACH}.`,
    ],
    [
      'an OCO in parts',
      ocoOf(),
      `${SELL} in parts: (1) 50 % of it ${OF_A[0]}; (2) what is left ${OF_A[1]}; ${EACH}.`,
    ],
    [
      'an OCO whose legs trade differently',
      ocoOf({ legs: [atLimit, down, withLimit] }),
      `${SELL} by the first of: (1) when the whole amount gets at least 4 B for 1 A (0.25 A for 1 B), fees and price impact included; (2) ${OF_A[1]}, ${AT_MARKET}; (3) ${OF_A[1]}, then for at least 2 B for 1 A (0.5 A for 1 B).`,
    ],
    [
      'a bracket',
      specOf({ exits: exampleExits }),
      `${SELL} at the market, at most 1 % below the quote. Then sell what was bought in parts: (1) 50 % of it ${OF_B[0]}; (2) what is left ${OF_B[1]}; (3) what is left 1 h after it was bought; ${EACH}.`,
    ],
    [
      'a limit with exits',
      limitOf({ exits: [up, down] }),
      `${SELL} when the whole amount gets at least 4 B for 1 A (0.25 A for 1 B), fees and price impact included; ${UNTIL} Then sell what was bought by the first of: (1) ${OF_B[0]}; (2) ${OF_B[1]}; ${EACH}.`,
    ],
    [
      'an order with one exit',
      specOf({ exits: [time] }),
      `${SELL} at the market, at most 1 % below the quote. Then sell what was bought 1 h after it was bought, ${AT_MARKET}.`,
    ],
    [
      'a TWAP',
      twapOf(),
      `${SELL} in 10 slices over 1 min from 2026-01-01T00:00:00.000Z, each for at least 3.9 B for 1 A (0.25641 A for 1 B); what a slice does not trade is spread over the slices to come.`,
    ],
    [
      'a TWAP at the market, from now on, without catching up',
      twapOf({ limitPrice: null, isDefaultStart: true, catchUp: 'skip', durationMs: 93_784_000 }),
      `${SELL} in 10 slices over 1 d 2 h 3 min 4 s, each at the market, at most 1 % below its quote; what a slice does not trade stays unsold.`,
    ],
    [
      'a TWAP on the price of B',
      twapOf({ priceOf: 'tokenOut', limitPrice: '0.25', isDefaultStart: true }),
      `${SELL} in 10 slices over 1 min, each for at most 0.25 A for 1 B (4 B for 1 A); what a slice does not trade is spread over the slices to come.`,
    ],
  ])('%s', (_, spec, sentence) => {
    expect(summaryOf(spec)).toBe(sentence)
  })

  const sentencesOf = (spec: OrderSpec) => legsOf(spec).map(summaryOf)
  const END = 'good until canceled, at most until 2026-01-31T00:00:00.000Z.'

  test('the legs of an OCO: each its share, or what the others leave', () => {
    expect(sentencesOf(ocoOf())).toEqual([
      `Sell 50 A for B ${OF_A[0]}, ${AT_MARKET}; ${END}`,
      `Sell what is left of 100 A for B ${OF_A[1]}, ${AT_MARKET}; ${END}`,
    ])
  })

  test('exits before their parent is filled: nobody knows how much', () => {
    expect(sentencesOf(specOf({ exits: exampleExits }))).toEqual([
      `Sell 50 % of the B that is bought for A ${OF_B[0]}, ${AT_MARKET}; ${END}`,
      `Sell what is left of the B that is bought for A ${OF_B[1]}, ${AT_MARKET}; ${END}`,
      `Sell what is left of the B that is bought for A 1 h after it was bought, ${AT_MARKET}; ${END}`,
    ])
  })

  test('a time stop that has started says when', () => {
    expect(summaryOf(timeStopOf({ fireAt: Date.UTC(2026, 0, 3) }))).toBe(
      `Sell what is left of 100 A for B 1 h after it was bought, at 2026-01-03T00:00:00.000Z, ${AT_MARKET}; ${END}`,
    )
  })
})

describe('a price', () => {
  const inverseOf = (limitPrice: string) => /\((.*) A for 1 B\)/.exec(summaryOf(limitOf({ limitPrice })))?.[1]

  test.each([
    ['3', '0.333333'],
    ['0.000003', '333333'],
    ['0.0000003', '3333333.333333333333333333'],
    ['3000000', '0.000000333333333333'],
    ['1000000000000000000000', '0'],
    ['0.5', '2'],
  ])('of %s has the inverse %s, without an exponent', (price, inverse) => {
    expect(inverseOf(price)).toBe(inverse)
  })

  test.each(['4.050000000000000001', '123456789012345678901234567890', '0.000000000000000000000000000001'])(
    'of %s is written as it was asked for, to the last digit',
    (limitPrice) => {
      expect(summaryOf(limitOf({ limitPrice }))).toContain(`at least ${limitPrice} B for 1 A`)
    },
  )
})
