// What a person types becomes what the engine counts in, and is shown as it was typed.
import { describe, expect, test } from 'vitest'
import { behindBps, plain, shareOf } from '../../console/src/views/trade/model/decimal.ts'
import { readRecent, usualPriceOf, withRecent } from '../../console/src/views/trade/model/pair.ts'
import { stepsOf } from '../../console/src/views/trade/model/progress.ts'
import { comparisonOf, feesOf, impactLevel } from '../../console/src/views/trade/model/quotes.ts'
import {
  bpsListOf,
  bpsOf,
  durationOf,
  durationText,
  percentsText,
  percentText,
  timeOf,
  timeText,
} from '../../console/src/views/trade/model/units.ts'

describe('units', () => {
  test('a time is typed in the zone of the page', () => {
    const at = '2026-11-29T12:34:56.000Z'
    const local = timeText(at, false)
    expect([timeText(at, true), timeOf('2026-11-29T12:34:56', true)]).toEqual(['2026-11-29T12:34:56', at])
    expect(timeOf('2026-11-29T12:34', true)).toBe('2026-11-29T12:34:00.000Z')
    expect(new Date(local).getHours()).toBe(Number(local.slice(11, 13)))
    expect([timeOf(local, false), timeText('soon', true), timeOf('soon', true)]).toEqual([at, '', 'soon'])
  })

  test.each([
    ['1', '100', '1'],
    ['1.25 %', '125', '1.25'],
    ['.5', '50', '0.5'],
    ['0.001', '0.1', '0.001'],
    ['much', 'much', 'much'],
  ])('%s percent', (typed, bps, shown) => {
    expect([bpsOf(typed), percentText(bpsOf(typed))]).toEqual([bps, shown])
  })

  test('percents are a list', () => {
    expect([bpsListOf('3, 10 %, 20'), percentsText('300,1000,2000')]).toEqual(['300,1000,2000', '3, 10, 20'])
  })

  test.each([
    ['90', '90000', '1 min 30 s'],
    ['1h30m', '5400000', '1 h 30 min'],
    ['5 min', '300000', '5 min'],
    ['1.5 d', '129600000', '1 d 12 h'],
    ['soon', 'soon', 'soon'],
    ['5 parsecs', '5 parsecs', '5 parsecs'],
  ])('a duration of %s', (typed, ms, shown) => {
    expect([durationOf(typed), durationText(durationOf(typed))]).toEqual([ms, shown])
  })

  test('a part of a balance is exact, and never more than it', () => {
    expect([shareOf('1000000003', 2_500, 9), shareOf('7', 10_000, 0), shareOf('3', 5_000, 6)]).toEqual([
      '0.25',
      '7',
      '0.000001',
    ])
  })

  test('numbers are written without exponent', () => {
    expect([plain(1e-9), plain(123456789012), plain(1 / 3), plain(10)]).toEqual([
      '0.000000001',
      '123456789000',
      '0.3333333333',
      '10',
    ])
  })
})

describe('pairs', () => {
  test('are priced in money', () => {
    expect(usualPriceOf({ tokenIn: 'SOL', tokenOut: 'USDC' })).toBe('tokenIn')
    expect(usualPriceOf({ tokenIn: 'USDC', tokenOut: 'SOL' })).toBe('tokenOut')
    expect(usualPriceOf({ tokenIn: 'SOL', tokenOut: 'JUP' })).toBe('tokenOut')
    expect(usualPriceOf({ tokenIn: 'A', tokenOut: 'B' })).toBe('tokenIn')
  })

  test('chosen last come first, each once', () => {
    const [ab, cd] = [
      { tokenIn: 'A', tokenOut: 'B' },
      { tokenIn: 'C', tokenOut: 'D' },
    ]
    expect(withRecent([ab, cd], cd)).toEqual([cd, ab])
    expect(readRecent([ab, 'no pair', cd])).toEqual([ab, cd])
    expect(readRecent('nothing of the kind')).toBeUndefined()
  })
})

const quote = (pool: string, amountOutBase: string) => ({
  venue: 'raydium' as const,
  pool,
  program: 'raydium-clmm',
  feeToken: 'A',
  fee: '0.1',
  feeBase: '100',
  priceImpactBps: 3,
  slot: 1,
  latencyMs: 0,
  amountOut: amountOutBase,
  amountOutBase,
})
const leg = { venue: 'raydium' as const, pool: 'p2', program: 'raydium-clmm', tokenIn: 'A', tokenOut: 'B' }
const route = {
  legs: [{ ...leg, amountIn: '1', amountInBase: '1', amountOut: '1', amountOutBase: '1' }],
  reason: 'pays most',
  amountOut: '1000',
  amountOutBase: '1000',
  comparison: {
    bestPool: null,
    bestVenue: null,
    gainOverPoolBps: null,
    gainOverVenueBps: null,
    shareBps: [4_000],
    priceImpactBps: 3,
    leftOut: { worse_price: ['p1'] },
  },
}

describe('pools side by side', () => {
  const refusal = { venue: 'meteora' as const, error: 'no_pool', detail: 'no pool of the pair', latencyMs: 0 }
  const comparison = comparisonOf({ quotes: [quote('p1', '990'), refusal, quote('p2', '1000')], route })

  test('come with the best first, and how far the others are behind', () => {
    expect(comparison.pools.map(({ pool, behindBps: behind }) => [pool, behind])).toEqual([
      ['p2', 0],
      ['p1', 100],
    ])
  })

  test('say their share, or why they are left out', () => {
    expect(comparison.pools.map(({ shareBps, leftOut }) => [shareBps, leftOut])).toEqual([
      [4_000, null],
      [0, 'at a worse price'],
    ])
    expect(comparison.refusals).toEqual([{ venue: 'meteora', detail: 'no pool of the pair' }])
  })

  test('take fees by the share that goes through them', () => {
    expect([...feesOf(comparison)]).toEqual([['A', 0.04]])
  })

  test('are behind to a hundredth of a bps', () => expect(behindBps('999999', '1000000')).toBe(0.01))
})

test('price impact warns from 1 % on and asks from 5 % on', () => {
  expect([99, 100, 499, 500].map(impactLevel)).toEqual(['low', 'warning', 'warning', 'consent'])
})

describe('the progress of an order', () => {
  const at = (ms: number) => new Date(1_000 + ms).toISOString()
  const event = (status: string, ms: number, attempt = 1) =>
    ({ orderId: 'o', seq: 1, kind: 'x', status, attempt, at: at(ms) }) as never

  test('has what each step took, and counts the present one', () => {
    const steps = stepsOf([event('pending', 0), event('routing', 100), event('building', 350)], 1_400)
    expect(steps.map(({ status, state, ms }) => [status, state, ms])).toEqual([
      ['pending', 'done', 100],
      ['routing', 'done', 250],
      ['building', 'now', 50],
      ['submitted', 'ahead', null],
      ['confirmed', 'ahead', null],
    ])
  })

  test('begins anew with a retry', () => {
    const steps = stepsOf(
      [event('pending', 0), event('routing', 1), event('submitted', 2), event('routing', 3, 2)],
      1_010,
    )
    expect(steps.map(({ state }) => state)).toEqual(['done', 'now', 'ahead', 'ahead', 'ahead'])
  })

  test('ends where the order ended', () => {
    const steps = stepsOf([event('pending', 0), event('canceled', 5)], 2_000)
    expect(steps.map(({ status, state, ms }) => [status, state, ms])).toEqual([
      ['pending', 'done', 5],
      ['canceled', 'done', null],
    ])
  })
})
