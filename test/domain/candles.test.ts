// Candles: what a price has done, by intervals.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Candle, createSeries } from '../../src/domain/candles.ts'

const MS = 1_000
const flat = (second: number, price: number): Candle => ({
  at: second * MS,
  open: price,
  high: price,
  low: price,
  close: price,
})

describe('the candles of a price', () => {
  test('hold the first, highest, lowest and last price of their interval', () => {
    const series = createSeries({ ms: MS, kept: 10 })
    for (const [at, price] of [
      [5_000, 4],
      [5_100, 7],
      [5_200, 2],
      [5_900, 3],
    ] as const) {
      series.note(at, price)
    }
    expect(series.read(5_999, 10)).toEqual([{ at: 5_000, open: 4, high: 7, low: 2, close: 3 }])
  })

  test('open where the one before closed', () => {
    const series = createSeries({ ms: MS, kept: 10 })
    series.note(5_500, 4)
    series.note(6_500, 5)
    expect(series.read(6_999, 10)).toEqual([flat(5, 4), { at: 6_000, open: 4, high: 5, low: 4, close: 5 }])
  })

  test('are flat while the price does not change, up to now', () => {
    const series = createSeries({ ms: MS, kept: 10 })
    series.note(5_500, 4)
    series.note(6_500, 4)
    expect(series.read(8_000, 10)).toEqual([flat(5, 4), flat(6, 4), flat(7, 4), flat(8, 4)])
    expect(series.read(8_000, 2)).toEqual([flat(7, 4), flat(8, 4)])
  })

  test('are missing while there is no price, and begin anew behind that', () => {
    const series = createSeries({ ms: MS, kept: 10 })
    series.note(5_000, null)
    expect(series.read(5_000, 10)).toEqual([])
    series.note(6_000, 4)
    series.note(8_000, null)
    series.note(9_000, null)
    series.note(10_100, 6)
    series.note(10_200, 5)
    const last = { at: 10_000, open: 6, high: 6, low: 5, close: 5 }
    expect(series.read(10_999, 10)).toEqual([flat(6, 4), flat(7, 4), last])
  })

  test('are those of the newest intervals; a price that rests for longer than they are kept stays known', () => {
    const series = createSeries({ ms: MS, kept: 3 })
    for (let second = 0; second < 200; second++) series.note(second * MS, second + 1)
    expect(series.read(199_000, 10).map(({ close }) => close)).toEqual([198, 199, 200])
    expect(series.read(9_000_000, 10)).toEqual([flat(8_998, 200), flat(8_999, 200), flat(9_000, 200)])
  })

  test('do not break when the clock goes back', () => {
    const series = createSeries({ ms: MS, kept: 10 })
    series.note(5_000, 4)
    series.note(3_000, 6)
    expect(series.read(5_000, 10)).toEqual([{ at: 5_000, open: 4, high: 6, low: 4, close: 6 }])
    expect(series.read(3_000, 10)).toEqual([])
  })

  test('are those that a list of all prices gives', () => {
    const step = fc.record({ ms: fc.integer({ min: 0, max: 2_500 }), price: fc.integer({ min: 1, max: 5 }) })
    const steps = fc.array(step, { maxLength: 200 })
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 1, max: 99 }),
        (all, later, limit) => {
          const series = createSeries({ ms: MS, kept: 70 })
          let now = 0
          const noted = all.map(({ ms, price }) => {
            now += ms
            series.note(now, price)
            return { at: now, price }
          })
          now += later
          expect(series.read(now, limit)).toEqual(slowly(noted, now).slice(-Math.min(limit, 70)))
        },
      ),
    )
  })
})

/** Interval by interval. */
function slowly(noted: readonly { at: number; price: number }[], now: number): Candle[] {
  const candles: Candle[] = []
  let inForce: number | null = null
  for (let at = 0; at <= now; at += MS) {
    const own = noted.filter((each) => Math.floor(each.at / MS) * MS === at).map(({ price }) => price)
    const prices: number[] = inForce === null ? own : [inForce, ...own]
    const [open] = prices
    if (open === undefined) continue
    const close = prices.at(-1) ?? open
    candles.push({ at, open, high: Math.max(...prices), low: Math.min(...prices), close })
    inForce = close
  }
  return candles
}
