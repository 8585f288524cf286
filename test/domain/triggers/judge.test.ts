// What one observation means for each order type, and the levels at which an order wants to be looked at.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bps } from '../../../src/domain/amount.ts'
import type { TriggerMemory } from '../../../src/domain/order.ts'
import { paysAtLeast, paysAtMost, priceText, type Ratio } from '../../../src/domain/price.ts'
import type { RestingSpec } from '../../../src/domain/spec.ts'
import { type Judgement, judge, levelsOf } from '../../../src/domain/triggers/judge.ts'
import { timeStopOf } from '../../support/orders.ts'
import { limitOf, seenAt, stopOf, takeProfitOf, trailingOf } from '../../support/restingSpecs.ts'

const FIRED: TriggerMemory = { fired: 'true' }

/** A level as a price of tokenIn. */
const textOf = (spec: RestingSpec, level: Ratio | null) =>
  level === null ? null : priceText(spec, 'tokenIn', level)

const trailing = trailingOf({ trailingBps: bps(500) })
const activated = trailingOf({ trailingBps: bps(500), activationPrice: '4.5' })
const stopLimit = stopOf({ limitPrice: '3.7' })

describe('the levels of an order', () => {
  test.each<
    [string, RestingSpec, TriggerMemory, { readonly above: string | null; readonly below: string | null }]
  >([
    ['a limit', limitOf(), {}, { above: '4', below: null }],
    [
      'a limit of 0.2 A for 1 B',
      limitOf({ priceOf: 'tokenOut', limitPrice: '0.2' }),
      {},
      { above: '5', below: null },
    ],
    ['a stop', stopOf(), {}, { above: null, below: '3.8' }],
    [
      'a stop of 0.2 A for 1 B',
      stopOf({ priceOf: 'tokenOut', triggerPrice: '0.2' }),
      {},
      { above: null, below: '5' },
    ],
    ['a takeProfit', takeProfitOf(), {}, { above: '4.2', below: null }],
    ['a stop-limit', stopLimit, {}, { above: null, below: '3.8' }],
    ['a stop-limit that has fired', stopLimit, FIRED, { above: '3.7', below: null }],
    ['a stop that has fired: it sells at any price', stopOf(), FIRED, { above: '0', below: null }],
    ['a trailing stop that has seen nothing', trailing, {}, { above: '0', below: null }],
    ['a trailing stop before its activation', activated, {}, { above: '4.5', below: null }],
    // The next watermark lies a twentieth of 5 % higher.
    ['a trailing stop', trailing, { watermark: '4' }, { above: '4.01', below: '3.8' }],
    [
      'a trailing stop after its activation',
      activated,
      { watermark: '4.5' },
      { above: '4.51125', below: '4.275' },
    ],
    [
      'a trailing stop of 0.2 A for 1 B, by its best price as paid',
      trailingOf({ trailingBps: bps(500), priceOf: 'tokenOut', activationPrice: '0.2' }),
      { watermark: '4' },
      { above: '4.01', below: '3.8' },
    ],
    [
      'a trailing stop-limit that has fired',
      trailingOf({ limitPrice: '3.7' }),
      { watermark: '4', fired: 'true' },
      { above: '3.7', below: null },
    ],
    ['a time stop', timeStopOf(), {}, { above: null, below: null }],
    ['a time stop that has fired', timeStopOf(), FIRED, { above: '0', below: null }],
    [
      'a time stop with a limit, once it has fired',
      timeStopOf({ limitPrice: '3.7' }),
      FIRED,
      { above: '3.7', below: null },
    ],
  ])('%s', (_, spec, memory, levels) => {
    const { above, below } = levelsOf(spec, memory)
    expect({ above: textOf(spec, above), below: textOf(spec, below) }).toEqual(levels)
  })
})

describe('one observation', () => {
  test.each<[string, RestingSpec, TriggerMemory, number, Judgement]>([
    ['fires a limit at its price', limitOf(), {}, 4_000, 'fires'],
    ['is nothing for a limit below it', limitOf(), {}, 3_999, 'nothing'],
    ['fires a stop at its price', stopOf(), {}, 3_800, 'fires'],
    ['is nothing for a stop above it', stopOf(), {}, 3_801, 'nothing'],
    ['fires a takeProfit at its price', takeProfitOf(), {}, 4_200, 'fires'],
    ['is nothing for a takeProfit below it', takeProfitOf(), {}, 4_199, 'nothing'],
    ['is the first watermark of a trailing stop', trailing, {}, 1, 'raises'],
    ['is nothing before the activation', activated, {}, 4_499, 'nothing'],
    ['is the first watermark at the activation', activated, {}, 4_500, 'raises'],
    ['raises a watermark by one step', trailing, { watermark: '4' }, 4_010, 'raises'],
    ['does not raise it by less than a step', trailing, { watermark: '4' }, 4_009, 'nothing'],
    ['fires a trailing stop at its distance', trailing, { watermark: '4' }, 3_800, 'fires'],
    ['is nothing within its distance', trailing, { watermark: '4' }, 3_801, 'nothing'],
    ['fires a stop-limit that has fired, at its limit', stopLimit, FIRED, 3_700, 'fires'],
    ['is nothing for it below its limit', stopLimit, FIRED, 3_699, 'nothing'],
    ['fires a stop that has fired, wherever it is', stopOf(), FIRED, 9_000, 'fires'],
    ['fires a trailing stop that has fired', trailing, { watermark: '4', ...FIRED }, 9_000, 'fires'],
    ['is nothing for a time stop', timeStopOf(), {}, 4_000, 'nothing'],
    [
      'fires a trailing stop-limit that has fired, and raises nothing',
      trailingOf({ limitPrice: '3.7' }),
      { watermark: '4', fired: 'true' },
      9_000,
      'fires',
    ],
  ])('%s', (_, spec, memory, milliB, judgement) => {
    expect(judge(spec, memory, seenAt(1, milliB))).toBe(judgement)
  })
})

test('an observation means something exactly where it has reached a level', () => {
  const price = fc.integer({ min: 3_000, max: 5_000 }).map((milliB) => (milliB / 1_000).toFixed(3))
  const spec = fc.oneof(
    price.map((limitPrice) => limitOf({ limitPrice })),
    price.map((triggerPrice) => stopOf({ triggerPrice })),
    price.map((triggerPrice) => takeProfitOf({ triggerPrice })),
    fc.tuple(price, price).map(([triggerPrice, limitPrice]) => stopOf({ triggerPrice, limitPrice })),
    fc.integer({ min: 1, max: 9_000 }).map((trailingBps) => trailingOf({ trailingBps: bps(trailingBps) })),
  )
  const memory = fc.oneof(
    fc.constant<TriggerMemory>({}),
    fc.constant(FIRED),
    price.map((watermark): TriggerMemory => ({ watermark })),
  )
  fc.assert(
    fc.property(spec, memory, fc.integer({ min: 0, max: 6_000 }), (order, remembered, milliB) => {
      const observation = seenAt(1, milliB)
      const { above, below } = levelsOf(order, remembered)
      const hasReached =
        (above !== null && paysAtLeast(above, order.amountIn, observation.amountOut)) ||
        (below !== null && paysAtMost(below, order.amountIn, observation.amountOut))
      expect(judge(order, remembered, observation) !== 'nothing').toBe(hasReached)
    }),
    { numRuns: 1_000 },
  )
})
