// The sentence in which an order reads back what it will do.
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { OrderSpec } from '../../src/domain/order.ts'
import { passesIn } from '../../src/domain/specCodec.ts'
import { summaryOf } from '../../src/domain/summary.ts'
import { unlaunched } from '../../src/domain/token.ts'
import { defaultGuards, EXAMPLE_END, sniperOf, specOf } from '../support/orders.ts'
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
])('%s', (_, spec, sentence) => {
  expect(summaryOf(spec)).toBe(sentence)
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
