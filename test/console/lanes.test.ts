// Time as lanes: one for each attempt, a segment for each status, long waits broken, and twenty thousand events as quick as five.
import type { OrderEvent } from 'oee-client'
import { expect, test } from 'vitest'
import { axisOf, lanesOf } from '../../console/src/views/order/lanes.ts'

const START = Date.UTC(2026, 0, 1)
const WIDTH = 1_000

/** Events of which only their place, their kind and their time count. */
const eventsOf = (
  ...given: readonly (readonly [kind: string, status: string, attempt: number, ms: number, data?: object])[]
) =>
  given.map(([kind, status, attempt, ms, data = {}], place) => ({
    orderId: 'o',
    seq: place + 1,
    kind,
    status,
    attempt,
    at: new Date(START + ms).toISOString(),
    ...data,
  })) as unknown as readonly OrderEvent[]

const MARKET = { type: 'market' }
const failure = { code: 'slippage_exceeded', message: '', detail: '' }

const retried = eventsOf(
  ['accepted', 'pending', 1, 0, MARKET],
  ['triggered', 'routing', 1, 10],
  ['routed', 'building', 1, 200],
  ['submitted', 'submitted', 1, 205],
  ['retried', 'routing', 2, 1_000, { failure, retryAt: new Date(START + 9_000).toISOString() }],
  ['routed', 'building', 2, 9_200],
  ['submitted', 'submitted', 2, 9_210],
  ['filled', 'confirmed', 2, 10_000],
)

test('each attempt has a lane, which ends with what ended it', () => {
  const lanes = lanesOf(retried)
  expect(lanes.map(({ attempt, end }) => [attempt, end?.state, end?.code])).toEqual([
    [1, 'failed', 'slippage_exceeded'],
    [2, 'confirmed', 'confirmed'],
  ])
  expect(lanes[0]?.segments.map(({ state, from, to }) => [state, from - START, Number(to) - START])).toEqual([
    ['pending', 0, 10],
    ['routing', 10, 200],
    ['building', 200, 205],
    ['submitted', 205, 1_000],
  ])
  expect(lanes[1]?.segments.map(({ state }) => state)).toEqual([
    'backoff',
    'routing',
    'building',
    'submitted',
  ])
})

test('the axis is as wide as its room, runs on from lane to lane, and breaks a wait that is longer than the work', () => {
  const { lanes, ticks } = axisOf(lanesOf(retried), START + 10_000, WIDTH)
  const segments = lanes.flatMap((lane) => lane.segments)
  expect(segments.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(WIDTH)
  for (const [place, { x }] of segments.entries()) {
    const before = segments[place - 1]
    expect(x).toBeCloseTo(before === undefined ? 0 : before.x + before.width)
  }
  expect(segments.filter(({ isBroken }) => isBroken).map(({ state, ms }) => [state, ms])).toEqual([
    ['backoff', 8_000],
  ])
  // A tick at zero where the order begins, and again behind the break.
  expect(ticks.filter(({ ms }) => ms === 0)).toHaveLength(2)
  expect(Math.max(...ticks.map(({ x }) => x))).toBeLessThanOrEqual(WIDTH)
})

test.each([
  [30, 'second', 1_000],
  [20 * 60, 'minute', 60_000],
  [30 * 3_600, 'hour', 3_600_000],
  [30 * 86_400, 'day', 86_400_000],
])('the ticks of an order that has rested for %d s stand at each full %s', (seconds, _unit, unitMs) => {
  const resting = eventsOf(
    ['accepted', 'pending', 1, 0, { type: 'limit' }],
    ['rested', 'pending', 1, 0, { memory: {} }],
  )
  const { ticks } = axisOf(lanesOf(resting), START + seconds * 1_000, WIDTH)
  expect(ticks.length).toBeGreaterThan(3)
  expect(ticks.filter(({ ms }) => ms % unitMs !== 0)).toEqual([])
})

test('what goes on lasts until now, and looks that change nothing are one segment', () => {
  const resting = eventsOf(
    ['accepted', 'pending', 1, 0, { type: 'limit' }],
    ['rested', 'pending', 1, 1_000],
    ['rested', 'pending', 1, 2_000],
    ['paused', 'pending', 1, 3_000],
  )
  const [lane] = axisOf(lanesOf(resting), START + 5_000, WIDTH).lanes
  expect(lane?.segments.map(({ state, ms, events }) => [state, ms, events])).toEqual([
    ['pending', 1_000, 1],
    ['resting', 2_000, 2],
    ['paused', 2_000, 1],
  ])
  expect(lane?.end).toBe(null)
})

test('twenty thousand events are a few lanes of a few segments', () => {
  const many = eventsOf(
    ['accepted', 'pending', 1, 0, { type: 'stop' }],
    ...Array.from({ length: 20_000 }, (_, number) => {
      const attempt = 1 + Math.floor(number / 4)
      const kinds = ['triggered', 'routed', 'submitted', 'retried'] as const
      const statuses = ['routing', 'building', 'submitted', 'routing'] as const
      const isRetry = number % 4 === 3
      const at = new Date(START + number * 10 + 5).toISOString()
      return [
        kinds[number % 4] ?? '',
        statuses[number % 4] ?? '',
        isRetry ? attempt + 1 : attempt,
        number * 10,
        isRetry ? { failure, retryAt: at } : {},
      ] as const
    }),
  )
  const { lanes, hidden } = axisOf(lanesOf(many), START + 200_000, WIDTH)
  expect(lanes).toHaveLength(12)
  expect(hidden).toBe(5_001 - 12)
  expect(lanes.flatMap(({ segments }) => segments).length).toBeLessThanOrEqual(60)
})
