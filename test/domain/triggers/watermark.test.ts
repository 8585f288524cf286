// The best price of a trailing stop: in steps, confirmed, and never back.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bps } from '../../../src/domain/amount.ts'
import type { Observation, TriggerMemory } from '../../../src/domain/order.ts'
import { priceText } from '../../../src/domain/price.ts'
import type { TrailingStopSpec } from '../../../src/domain/spec.ts'
import { memoryAfterAmendment } from '../../../src/domain/triggers/memory.ts'
import { trigger } from '../../../src/domain/triggers/trigger.ts'
import { nextWatermark, stopAt, watermarkAfter, watermarkOf } from '../../../src/domain/triggers/watermark.ts'
import { conditionOf, pendingOf, SLOT_MS, START, seenAt, trailingOf } from '../../support/restingSpecs.ts'

/** The watermarks of all looks, and whether it fired: one look in each slot. */
function marksOf(spec: TrailingStopSpec, prices: readonly number[], from: TriggerMemory = {}) {
  const marks: (string | undefined)[] = []
  let [memory, held]: [TriggerMemory, readonly Observation[]] = [from, []]
  for (const [slot, milliB] of prices.entries()) {
    const observation = seenAt(slot, milliB)
    const market = { now: START + slot * SLOT_MS, sight: { kind: 'seen' as const, observation }, held }
    const verdict = trigger(pendingOf(spec, { memory }), market)
    if (verdict.kind !== 'rest') return { marks, end: verdict.kind }
    ;({ memory, held } = verdict)
    marks.push(memory.watermark)
  }
  return { marks, end: 'rest' }
}

const alone = trailingOf({ trailingBps: bps(500) })
const twice = trailingOf({ trailingBps: bps(500), condition: conditionOf({ observations: 2 }) })

test('before the first price there is none', () => {
  expect(watermarkOf(alone, {})).toBeNull()
})

test('it is a price of tokenIn, whichever token the order prices', () => {
  const spec = trailingOf({ priceOf: 'tokenOut', activationPrice: '0.25' })
  const watermark = watermarkOf(spec, { watermark: '4' })
  expect(watermark).not.toBeNull()
  if (watermark !== null) expect(priceText(spec, 'tokenIn', watermark)).toBe('4')
})

describe('over a path of prices', () => {
  test.each<[string, TrailingStopSpec, readonly number[], readonly (string | undefined)[], string]>([
    ['it starts with the first price', alone, [4_000], ['4'], 'rest'],
    ['it follows a price that rises', alone, [4_000, 4_100, 4_200], ['4', '4.1', '4.2'], 'rest'],
    ['it stays where it is when the price falls', alone, [4_000, 3_900, 3_810], ['4', '4', '4'], 'rest'],
    ['a move of less than a step is no event', alone, [4_000, 4_009, 4_010], ['4', '4', '4.01'], 'rest'],
    ['it fires so far below the best price', alone, [4_000, 4_400, 4_180], ['4', '4.4'], 'fire'],
    ['not before', alone, [4_000, 4_400, 4_181], ['4', '4.4', '4.4'], 'rest'],
    [
      'before its activation it follows nothing',
      trailingOf({ trailingBps: bps(500), activationPrice: '4.2' }),
      [4_000, 3_000, 4_199, 4_200, 4_000],
      [undefined, undefined, undefined, '4.2', '4.2'],
      'rest',
    ],
    ['one slot alone moves nothing', twice, [4_000, 4_000, 9_000, 4_000], [undefined, '4', '4', '4'], 'rest'],
    ['nor does it fire', twice, [4_000, 4_000, 1_000, 4_000], [undefined, '4', '4', '4'], 'rest'],
    [
      'two slots raise it to the worse of them',
      twice,
      [4_000, 4_200, 4_300, 4_250],
      [undefined, '4', '4', '4.25'],
      'rest',
    ],
    [
      'whichever of them was first',
      twice,
      [4_200, 4_000, 4_250, 4_300],
      [undefined, '4', '4', '4.25'],
      'rest',
    ],
    [
      'after a step the count begins anew',
      twice,
      [4_000, 4_000, 4_100, 4_100, 4_200, 4_000],
      [undefined, '4', '4', '4.1', '4.1', '4.1'],
      'rest',
    ],
  ])('%s', (_, spec, prices, marks, end) => {
    expect(marksOf(spec, prices)).toEqual({ marks, end })
  })

  test('a long dwell raises it to the worst price of all that time', () => {
    const spec = trailingOf({
      trailingBps: bps(500),
      condition: conditionOf({ observations: 2, dwellMs: 500 * SLOT_MS }),
    })
    const prices = Array.from({ length: 501 }, (_, slot) => (slot === 3 ? 4_050 : 4_200 + (slot % 7)))
    expect(marksOf(spec, prices, { watermark: '4' }).marks.at(-1)).toBe('4.05')
  })

  test('what it has reached outlives a restart, an unseen price and an amendment', () => {
    const memory = {
      watermark: '4.4',
      failures: '2',
      notBefore: new Date(START).toISOString(),
      fired: 'true',
    }
    expect(memoryAfterAmendment(pendingOf(alone, { memory }), true)).toEqual({ watermark: '4.4' })
    expect(memoryAfterAmendment(pendingOf(alone, { memory: { failures: '2' } }), true)).toEqual({})
    const unseen = { kind: 'unseen', blocker: 'no_price', detail: '' } as const
    const order = pendingOf(alone, { memory: { watermark: '4.4' } })
    expect(trigger(order, { now: START, sight: unseen, held: [] })).toMatchObject({
      memory: { watermark: '4.4' },
      held: [],
    })
    expect(marksOf(alone, [4_180], { watermark: '4.4' }).end).toBe('fire')
  })
})

describe('the levels around it', () => {
  test.each([
    // A twentieth of the distance, rounded down to whole bps and at least one.
    [500, '4.01', '3.8'],
    [100, '4.002', '3.96'],
    [39, '4.0004', '3.9844'],
    [1, '4.0004', '3.9996'],
    [9_000, '4.18', '0.4'],
  ])('at a distance of %i bps the next one is %s and the stop %s', (trailingBps, next, stop) => {
    const spec = trailingOf({ trailingBps: bps(trailingBps) })
    const watermark = { numerator: 4_000_000_000n, denominator: 1_000_000n }
    expect(priceText(spec, 'tokenIn', nextWatermark(watermark, spec))).toBe(next)
    expect(priceText(spec, 'tokenIn', stopAt(watermark, spec))).toBe(stop)
  })

  test('a price cannot both raise it and fire', () => {
    const part = fc.bigInt({ min: 1n, max: 10n ** 20n })
    fc.assert(
      fc.property(part, part, fc.integer({ min: 1, max: 9_000 }), (numerator, denominator, trailingBps) => {
        const spec = trailingOf({ trailingBps: bps(trailingBps) })
        const [next, stop] = [
          nextWatermark({ numerator, denominator }, spec),
          stopAt({ numerator, denominator }, spec),
        ]
        return next.numerator * stop.denominator > stop.numerator * next.denominator
      }),
    )
  })
})

test('the worst price is found among amounts that a float cannot tell apart', () => {
  const [first, second] = [seenAt(1, 0), seenAt(2, 0)]
  const of = (amountOut: bigint) => amountOut as typeof first.amountOut
  const confirmed = [
    { ...first, amountOut: of(2n ** 60n + 1n) },
    { ...second, amountOut: of(2n ** 60n) },
  ]
  const spec = trailingOf()
  const expected = priceText(spec, 'tokenIn', { numerator: 2n ** 60n, denominator: spec.amountIn })
  expect(watermarkAfter(spec, confirmed)).toBe(expected)
  expect(watermarkAfter(spec, confirmed.toReversed())).toBe(expected)
})

test('nothing confirms nothing: that is a defect', () => {
  expect(() => watermarkAfter(alone, [])).toThrow()
})
