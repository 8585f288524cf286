// What a portfolio makes of fills: the execution of each from its log, and the result of each pair.
import type { OrderEvent } from 'oee-client'
import { describe, expect, test } from 'vitest'
import { type Execution, executionOf, quantile, shortfallBps } from '../../console/src/execution.ts'
import { pairOf, resultsOf } from '../../console/src/views/portfolio/results.ts'

const at = '2026-11-29T03:00:00.000Z'
const terms = { type: 'market', tokenIn: 'SOL', tokenOut: 'USDC', amountIn: '2' }
const leg = (venue: string) => ({ venue, pool: 'p', amountIn: '1', amountOut: '1' })

/** Events as the engine sends them, with the fields that an execution is made of. */
const log = (...events: readonly object[]) =>
  events.map((event, i) => ({
    orderId: 'id',
    seq: i + 1,
    at,
    attempt: 1,
    ...event,
  })) as unknown as OrderEvent[]
const routed = (amountOut: string) => ({ kind: 'routed', route: { amountOut } })
const submitted = (amountOut: string, ...venues: readonly string[]) => ({
  kind: 'submitted',
  minAmountOut: '290',
  route: { amountOut, legs: venues.map(leg) },
})
const filled = (amountOut: string) => ({
  kind: 'filled',
  attempt: 2,
  amountIn: '2',
  amountOut,
  networkFeeLamports: '15000',
  stepMs: { submitted: 400, total: 900 },
})

describe('an execution', () => {
  test('compares the fill with the first quote, the last one, and the minimum', () => {
    const events = log(
      { kind: 'accepted', ...terms },
      { kind: 'triggered' },
      routed('300'),
      submitted('300', 'raydium'),
      { kind: 'retried', failure: { code: 'slippage_exceeded' } },
      routed('298'),
      submitted('298', 'raydium'),
      filled('297'),
    )
    expect(executionOf(events)).toEqual({
      orderId: 'id',
      at,
      tokenIn: 'SOL',
      tokenOut: 'USDC',
      amountIn: '2',
      arrival: '300',
      quoted: '298',
      minimum: '290',
      amountOut: '297',
      venue: 'raydium',
      attempts: 2,
      reverts: 1,
      feeLamports: 15_000,
      stepMs: { submitted: 400, total: 900 },
      waited: false,
    })
  })

  test('of an order that waited for a price arrives with what fired it, by its terms of then', () => {
    const events = log(
      { kind: 'accepted', ...terms, type: 'limit' },
      { kind: 'amended', ...terms, type: 'limit', tokenOut: 'USDT' },
      { kind: 'triggered', observations: [{ amountOut: '305' }, { amountOut: '306' }] },
      routed('304'),
      submitted('304', 'raydium', 'meteora'),
      filled('304'),
    )
    expect(executionOf(events)).toMatchObject({
      tokenOut: 'USDT',
      arrival: '306',
      venue: 'split',
      waited: true,
      reverts: 0,
    })
  })

  test('is none of a log without its beginning, without a fill, or of a plan', () => {
    const whole = [{ kind: 'accepted', ...terms }, routed('300'), submitted('300', 'meteora'), filled('300')]
    expect(executionOf(log(...whole))).not.toBeNull()
    for (let missing = 0; missing < whole.length; missing += 1) {
      expect(executionOf(log(...whole.toSpliced(missing, 1)))).toBeNull()
    }
  })

  test('less than expected is a positive shortfall', () => {
    expect(shortfallBps('100', '99')).toBeCloseTo(100)
    expect(shortfallBps('100', '101')).toBeCloseTo(-100)
    expect(shortfallBps('0', '1')).toBe(0)
  })

  test('quantiles are values that there are', () => {
    expect(quantile([], 0.5)).toBeNull()
    expect(quantile([3, 1, 2], 0.5)).toBe(2)
    expect(quantile([1, 2, 3, 4], 0.99)).toBe(4)
  })
})

describe('the result of a pair', () => {
  const fill = (tokenIn: string, amountIn: string, tokenOut: string, amountOut: string) =>
    ({ tokenIn, amountIn, tokenOut, amountOut }) as Execution

  test('is priced in the dollar, then in SOL, then in the later name', () => {
    expect(pairOf('USDC', 'SOL')).toEqual({ base: 'SOL', quote: 'USDC' })
    expect(pairOf('SOL', 'BONK')).toEqual({ base: 'BONK', quote: 'SOL' })
    expect(pairOf('USDT', 'USDC')).toEqual({ base: 'USDT', quote: 'USDC' })
    expect([pairOf('A', 'B'), pairOf('B', 'A')]).toEqual(Array(2).fill({ base: 'A', quote: 'B' }))
  })

  test('realises what was bought and sold again, against its average cost', () => {
    const newestFirst = [
      fill('SOL', '3', 'USDC', '480'),
      fill('USDC', '300', 'SOL', '2'),
      fill('USDC', '200', 'SOL', '2'),
    ]
    expect(resultsOf(newestFirst)).toEqual([
      // Four for 500: 125 each; three sold for 480.
      { base: 'SOL', quote: 'USDC', fills: 3, volume: 980, realised: 105, closed: 3 },
    ])
  })

  test('leaves out what was sold without having been bought here', () => {
    const newestFirst = [fill('SOL', '4', 'USDC', '600'), fill('USDC', '100', 'SOL', '1')]
    expect(resultsOf(newestFirst)).toMatchObject([{ realised: 50, closed: 1 }])
    expect(resultsOf([fill('SOL', '4', 'USDC', '600')])).toMatchObject([{ realised: null, volume: 600 }])
  })
})
