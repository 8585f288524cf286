// Plans as the worker drives them: look after look, with what earlier looks have left and what has become of the children.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../../src/domain/amount.ts'
import { evolve, isOpen } from '../../../src/domain/lifecycle.ts'
import type { EventDraft, Order, Totals, TriggerMemory } from '../../../src/domain/order.ts'
import type { OrderSpec, PlanSpec, TwapSpec } from '../../../src/domain/spec.ts'
import { childId, legsOf } from '../../../src/domain/triggers/legs.ts'
import {
  dueAt,
  type PlanVerdict,
  planVerdict,
  rememberedTotals,
  totalsOf,
} from '../../../src/domain/triggers/plan.ts'
import { trigger } from '../../../src/domain/triggers/trigger.ts'
import { drafts, newId, ocoOf, twapOf } from '../../support/orders.ts'
import { pendingOf } from '../../support/restingSpecs.ts'

const START = Date.UTC(2026, 0, 1)
const MINUTE_MS = 60_000
/** Ten slices over a minute, each of 10 units. */
const evenly = (more: Partial<TwapSpec> = {}): TwapSpec =>
  twapOf({ jitterBps: bps(0), amountIn: baseUnits(100n), ...more })

type Outcome = 'filled' | 'failed' | 'expired' | 'open'

/** A child after what has become of it. It pays twice what it sells. */
function child(spec: OrderSpec, outcome: Outcome): Order {
  const { amountIn, orderId } = spec
  const fill = { ...drafts.filled.fill, amountIn, amountOut: baseUnits(amountIn * 2n) }
  const fired: EventDraft = { kind: 'triggered', observations: [], amountIn }
  const lives: Readonly<Record<Outcome, readonly EventDraft[]>> = {
    open: [fired],
    filled: [fired, drafts.routed, drafts.submitted, { kind: 'filled', fill }],
    failed: [fired, drafts.failed],
    expired: [fired, drafts.expired],
  }
  const life: readonly EventDraft[] = [{ kind: 'accepted', spec }, ...lives[outcome]]
  const order = life.reduce<Order | null>(
    (before, draft, i) => evolve(before, { ...draft, orderId, seq: i + 1, attempt: 1, at: START }),
    null,
  )
  if (order === null) throw new Error('every life begins')
  return order
}

const verdictOf = (
  spec: PlanSpec,
  now: number,
  {
    memory = {},
    children = [],
    isPaused = false,
  }: Partial<{
    readonly memory: TriggerMemory
    readonly children: readonly Order[]
    readonly isPaused: boolean
  }> = {},
): PlanVerdict => planVerdict({ ...pendingOf(spec, { memory, isPaused }), spec }, children, now)

describe('a slice that is decided on and not placed yet', () => {
  const memory = { slice: '3', sliceBase: '10' }
  const spec = evenly()

  test('waits for the end of a pause that has overtaken it', () => {
    const paused = verdictOf(spec, START + 20_000, { memory, isPaused: true })
    expect(paused).toEqual({ kind: 'rest', wakeAt: START + MINUTE_MS, memory, isDecided: false })
    expect(verdictOf(spec, START + 30_000, { memory })).toMatchObject({
      kind: 'place',
      spec: { amountIn: 10n },
    })
  })

  test('is placed where the end of the plan has overtaken it: another process may have begun to', () => {
    for (const now of [START + MINUTE_MS - 1, START + MINUTE_MS, START + 10 * MINUTE_MS]) {
      expect(verdictOf(spec, now, { memory })).toMatchObject({ kind: 'place', spec: { amountIn: 10n } })
    }
    const paused = verdictOf(spec, START + MINUTE_MS, { memory, isPaused: true })
    expect(paused).toMatchObject({ kind: 'place' })
  })
})

/** How long after the end of its plan a slice may be signed. */
const GRACE_MS = 10_000

type Slice = {
  readonly number: number
  readonly amount: bigint
  readonly at: number
  outcome: Outcome
  readonly spec: OrderSpec
}

/** A plan as it is looked after: by the clock, after crashes and between them. */
function run(
  spec: TwapSpec,
  looks: readonly number[],
  outcomeOf: (slice: number, look: number) => Outcome,
  isPausedAt: (at: number) => boolean = () => false,
) {
  const slices: Slice[] = []
  const children = () => slices.map((slice) => child(slice.spec, slice.outcome))
  let memory: TriggerMemory = {}
  let last: PlanVerdict | null = null
  for (const [look, at] of looks.entries()) {
    for (const slice of slices) {
      if (slice.outcome === 'open') slice.outcome = outcomeOf(slice.number, look)
    }
    for (;;) {
      last = verdictOf(spec, at, { memory, children: children(), isPaused: isPausedAt(at) })
      if (last.kind === 'place') {
        const number = last.spec.parent?.number ?? 0
        expect(slices.map((slice) => slice.number)).not.toContain(number)
        slices.push({ number, amount: last.spec.amountIn, at, outcome: 'open', spec: last.spec })
      } else if (last.kind === 'rest') {
        ;({ memory } = last)
        if (!last.isDecided) break
      } else return { slices, end: last, memory }
    }
    const under = slices.filter(({ outcome }) => outcome === 'open' || outcome === 'filled')
    expect(under.reduce((sum, { amount }) => sum + amount, 0n)).toBeLessThanOrEqual(spec.amountIn)
  }
  return { slices, end: last, memory }
}

const every = (stepMs: number, forMs = 2 * MINUTE_MS) =>
  Array.from({ length: Math.floor(forMs / stepMs) + 1 }, (_, i) => START + i * stepMs)
const numbersOf = ({ slices }: ReturnType<typeof run>) => slices.map(({ number }) => number)
const amountsOf = ({ slices }: ReturnType<typeof run>) => slices.map(({ amount }) => Number(amount))
const totals = (amountIn: bigint): Totals => ({
  amountIn: baseUnits(amountIn),
  amountOut: baseUnits(amountIn * 2n),
})

describe('the time of a slice', () => {
  const anyTwap = fc
    .record({
      slices: fc.integer({ min: 2, max: 1_000 }),
      jitter: fc.nat(10_000),
      intervalMs: fc.integer({ min: 200, max: 10_000_000 }),
    })
    .map(({ slices, jitter, intervalMs }) =>
      evenly({ orderId: newId(), slices, jitterBps: bps(jitter), durationMs: slices * intervalMs }),
    )

  test('lies within its own interval, and before that of the next', () => {
    fc.assert(
      fc.property(anyTwap, fc.nat(999), (spec, pick) => {
        const number = (pick % spec.slices) + 1
        const interval = spec.durationMs / spec.slices
        const at = dueAt(spec, number)
        expect(at).toBeGreaterThanOrEqual(Math.floor(spec.startAt + interval * (number - 1)))
        expect(at).toBeLessThan(spec.startAt + interval * number)
        expect(at).toBeLessThanOrEqual(
          spec.startAt + interval * (number - 1) + (interval * spec.jitterBps) / 10_000,
        )
        expect(at).toBeLessThanOrEqual(dueAt(spec, number + 1))
      }),
    )
  })

  test('is the same after every restart, and another one for another plan', () => {
    const spec = evenly({ jitterBps: bps(10_000) })
    const times = (of: TwapSpec) => Array.from({ length: 10 }, (_, i) => dueAt(of, i + 1))
    expect(times({ ...spec })).toEqual(times(spec))
    expect(times({ ...spec, orderId: newId() })).not.toEqual(times(spec))
  })

  test('is even without jitter', () => {
    expect([1, 2, 10].map((number) => dueAt(evenly(), number) - START)).toEqual([0, 6_000, 54_000])
  })

  test('is spread over the whole of its chance, each for itself', () => {
    const spec = evenly({ jitterBps: bps(10_000), slices: 1_000, durationMs: 1_000_000 })
    const chances = Array.from({ length: 1_000 }, (_, i) => dueAt(spec, i + 1) - START - i * 1_000)
    expect(Math.min(...chances)).toBeLessThan(50)
    expect(Math.max(...chances)).toBeGreaterThan(950)
    const mean = chances.reduce((sum, each) => sum + each, 0) / chances.length
    expect(Math.abs(mean - 500)).toBeLessThan(50)
    // A third of the whole, where neighbors have nothing to do with one another.
    const apart = chances.slice(1).reduce((sum, each, i) => sum + Math.abs(each - (chances[i] ?? 0)), 0) / 999
    expect(Math.abs(apart - 333)).toBeLessThan(50)
  })
})

describe('a slice', () => {
  test('trades at the market, or for no less than the price of its plan, now or not at all', () => {
    const [market, limit] = [evenly({ limitPrice: null }), evenly({ limitPrice: '3.9', priceOf: 'tokenOut' })]
    const memory = { slice: '3', sliceBase: '7' }
    const placed = (spec: TwapSpec) => {
      const verdict = verdictOf(spec, START, { memory })
      if (verdict.kind !== 'place') throw new Error(`it would ${verdict.kind}`)
      return verdict.spec
    }
    const { owner, tokenIn, tokenOut, slippageBps, constraints } = market
    expect(placed(market)).toEqual({
      type: 'market',
      orderId: childId(market.orderId, 3, dueAt(market, 3)),
      owner,
      tokenIn,
      tokenOut,
      slippageBps,
      constraints,
      amountIn: 7n,
      clientOrderId: null,
      parent: { kind: 'slice', orderId: market.orderId, number: 3, endsAt: START + MINUTE_MS + 10_000 },
      exits: [],
    })
    expect(placed(limit)).toMatchObject({
      type: 'limit',
      limitPrice: '3.9',
      priceOf: 'tokenOut',
      expiresAt: null,
      amountIn: 7n,
    })
  })

  test('that is held up for longer than ten seconds over the end of its plan ends, at the market or not', () => {
    for (const limitPrice of [null, '3.9']) {
      const verdict = verdictOf(evenly({ limitPrice }), START, { memory: { slice: '10', sliceBase: '7' } })
      if (verdict.kind !== 'place') throw new Error(`it would ${verdict.kind}`)
      const slice = pendingOf(verdict.spec)
      const kinds = [9_999, 10_000].map(
        (lateMs) => trigger(slice, { now: START + MINUTE_MS + lateMs, sight: null, held: [] }).kind,
      )
      expect(kinds).toEqual(['fire', 'expire'])
    }
  })

  test('that was decided on and does not exist is placed, whenever that is noticed', () => {
    const spec = evenly()
    const memory = { slice: '2', sliceBase: '10' }
    const first = verdictOf(spec, START + 6_000, { memory })
    expect(first.kind).toBe('place')
    expect(verdictOf(spec, START + 40_000, { memory })).toEqual(first)
  })

  test('is decided on first, and placed once that is durable', () => {
    const spec = evenly()
    expect(verdictOf(spec, START)).toEqual({
      kind: 'rest',
      wakeAt: START + 6_000,
      memory: { slice: '1', sliceBase: '10' },
      isDecided: true,
    })
  })

  test('that has been placed is not decided on again: the plan waits for the next', () => {
    const spec = evenly()
    const memory = { slice: '1', sliceBase: '10' }
    const placed = verdictOf(spec, START, { memory })
    if (placed.kind !== 'place') throw new Error('it is placed')
    for (const outcome of ['open', 'failed'] as const) {
      const children = [child(placed.spec, outcome)]
      expect(verdictOf(spec, START + 5_999, { memory, children })).toEqual({
        kind: 'rest',
        wakeAt: START + 6_000,
        memory,
        isDecided: false,
      })
    }
  })
})

describe('over its time', () => {
  test('it sells all in equal slices, each when it is due, and is complete', () => {
    const result = run(evenly(), every(1_000), () => 'filled')
    expect(amountsOf(result)).toEqual(Array(10).fill(10))
    expect(result.slices.map(({ at }) => (at - START) / 1_000)).toEqual([
      0, 6, 12, 18, 24, 30, 36, 42, 48, 54,
    ])
    expect(result.end).toEqual({ kind: 'complete', totals: totals(100n) })
  })

  test('amounts that do not divide sum up to all', () => {
    for (const catchUp of ['skip', 'spread'] as const) {
      const result = run(evenly({ amountIn: baseUnits(107n), catchUp }), every(1_000), () => 'filled')
      expect(amountsOf(result).reduce((sum, each) => sum + each, 0)).toBe(107)
      expect(Math.max(...amountsOf(result)) - Math.min(...amountsOf(result))).toBeLessThanOrEqual(1)
      expect(result.end?.kind).toBe('complete')
    }
  })

  test('nothing is sold before it begins', () => {
    const spec = evenly({ startAt: START + MINUTE_MS })
    expect(verdictOf(spec, START)).toEqual({
      kind: 'rest',
      wakeAt: START + MINUTE_MS,
      memory: {},
      isDecided: false,
    })
  })

  test('what it has sold is remembered for its readers', () => {
    const { memory } = run(evenly(), every(1_000, 20_000), () => 'filled')
    expect(rememberedTotals(memory)).toEqual(totals(40n))
    expect(rememberedTotals({})).toEqual(totals(0n))
  })

  test('with slices that fail all the time, it ends with nothing sold, at its end', () => {
    for (const catchUp of ['skip', 'spread'] as const) {
      const result = run(evenly({ catchUp }), every(1_000), () => 'failed')
      expect(numbersOf(result)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect(result.end).toEqual({ kind: 'expire', totals: totals(0n) })
    }
  })

  test('it waits beyond its end for a slice that is under way, and no longer', () => {
    const spec = evenly()
    const open = run(spec, every(1_000, 70_000), (slice) => (slice === 10 ? 'open' : 'filled'))
    expect(open.end).toMatchObject({ kind: 'rest', wakeAt: START + 70_000 + 10_000, isDecided: false })
    const children = open.slices.map((slice) => child(slice.spec, slice.number === 10 ? 'failed' : 'filled'))
    expect(verdictOf(spec, START + 71_000, { memory: open.memory, children })).toEqual({
      kind: 'expire',
      totals: totals(90n),
    })
  })
})

describe('slices that did not trade', () => {
  const thirdFails = (slice: number): Outcome => (slice === 3 ? 'failed' : 'filled')

  test('are lost where they are skipped', () => {
    const result = run(evenly({ catchUp: 'skip' }), every(1_000), thirdFails)
    expect(amountsOf(result)).toEqual(Array(10).fill(10))
    expect(result.end).toEqual({ kind: 'expire', totals: totals(90n) })
  })

  test('are spread over those to come otherwise', () => {
    const result = run(evenly(), every(1_000), thirdFails)
    expect(amountsOf(result)).toEqual([10, 10, 10, 12, 12, 12, 11, 11, 11, 11])
    expect(result.end?.kind).toBe('complete')
  })

  const missed = [START, START + 50_000, ...every(1_000).filter((at) => at > START + 50_000)]

  test('because nobody looked are not made up for one by one', () => {
    const skipped = run(evenly({ catchUp: 'skip' }), missed, () => 'filled')
    expect([numbersOf(skipped), amountsOf(skipped)]).toEqual([
      [1, 9, 10],
      [10, 10, 10],
    ])
    expect(skipped.end).toEqual({ kind: 'expire', totals: totals(30n) })
    const spread = run(evenly(), missed, () => 'filled')
    // Never more than three times a slice.
    expect([numbersOf(spread), amountsOf(spread)]).toEqual([
      [1, 9, 10],
      [10, 30, 30],
    ])
    expect(spread.end).toEqual({ kind: 'expire', totals: totals(70n) })
  })

  test('because the last look came a moment after the end are made up for by the last, within ten seconds', () => {
    const late = (ms: number) => [...every(1_000, 53_000), START + MINUTE_MS + ms, START + 80_000]
    const result = run(evenly(), late(0), () => 'filled')
    expect(numbersOf(result).at(-1)).toBe(10)
    expect(result.end).toEqual({ kind: 'complete', totals: totals(100n) })
    expect(run(evenly(), late(9_999), () => 'filled').end?.kind).toBe('complete')
    expect(run(evenly(), late(10_000), () => 'filled').end).toEqual({ kind: 'expire', totals: totals(90n) })
    const paused = run(
      evenly(),
      late(0),
      () => 'filled',
      (at) => at > START + 53_000,
    )
    expect(paused.end).toEqual({ kind: 'expire', totals: totals(90n) })
  })

  test('while it is paused are missed, and its end comes all the same', () => {
    const isPaused = (at: number) => at >= START + 10_000 && at < START + 50_000
    const result = run(evenly({ catchUp: 'skip' }), every(1_000), () => 'filled', isPaused)
    expect(numbersOf(result)).toEqual([1, 2, 9, 10])
    const never = run(
      evenly(),
      every(1_000),
      () => 'filled',
      () => true,
    )
    expect([never.slices, never.end]).toEqual([[], { kind: 'expire', totals: totals(0n) }])
  })
})

describe('the smallest slice', () => {
  test('is not undercut: what is left below it stays', () => {
    // The first of ten would be 10, the first of nine is 12.
    const spec = evenly({ minSlice: baseUnits(11n) })
    const result = run(spec, every(1_000), () => 'filled')
    expect(Math.min(...amountsOf(result))).toBeGreaterThanOrEqual(11)
    expect(amountsOf(result).reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(100)
    expect(numbersOf(result)[0]).toBe(2)
  })

  test('that no slice reaches leaves all unsold', () => {
    const result = run(evenly({ catchUp: 'skip', minSlice: baseUnits(11n) }), every(1_000), () => 'filled')
    expect([result.slices, result.end]).toEqual([[], { kind: 'expire', totals: totals(0n) }])
  })
})

test('whatever becomes of slices, and whenever it is looked at, they never make more than all, nor one more than it may', () => {
  const outcomes = fc.array(fc.constantFrom<Outcome>('filled', 'failed', 'expired', 'open'), { minLength: 1 })
  const plan = fc.record({
    amountIn: fc.bigInt(1n, 10_000n).map(baseUnits),
    slices: fc.integer({ min: 2, max: 30 }),
    jitterBps: fc.nat(10_000).map(bps),
    catchUp: fc.constantFrom('skip' as const, 'spread' as const),
    minSlice: fc.bigInt(1n, 50n).map(baseUnits),
  })
  const steps = fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 80 })
  fc.assert(
    fc.property(plan, steps, outcomes, fc.array(fc.boolean()), (more, waits, become, pauses) => {
      const spec = evenly({ orderId: newId(), ...more })
      let at = START - 3_000
      const looks = [
        ...waits.map((ms) => (at += ms)),
        ...[0, 1, 2].map((i) => START + MINUTE_MS + i * 20_000),
      ]
      const outcomeOf = (slice: number, look: number): Outcome =>
        look >= looks.length - 2 ? 'failed' : (become[(slice * 7 + look) % become.length] ?? 'open')
      const isPaused = (time: number) => pauses[time % Math.max(1, pauses.length)] ?? false
      const { slices, end } = run(spec, looks, outcomeOf, isPaused)

      const numbers = slices.map(({ number }) => number)
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
      const planned = (spec.amountIn + BigInt(spec.slices) - 1n) / BigInt(spec.slices)
      for (const { number, amount, at: placedAt } of slices) {
        expect(placedAt).toBeGreaterThanOrEqual(dueAt(spec, number))
        expect(placedAt).toBeLessThan(
          spec.startAt + spec.durationMs + (number === spec.slices ? GRACE_MS : 0),
        )
        expect(amount).toBeGreaterThanOrEqual(spec.minSlice)
        expect(amount).toBeLessThanOrEqual(planned * (spec.catchUp === 'skip' ? 1n : 3n))
      }
      const sold = slices
        .filter(({ outcome }) => outcome === 'filled')
        .reduce((sum, { amount }) => sum + amount, 0n)
      expect(end).toEqual({ kind: sold === spec.amountIn ? 'complete' : 'expire', totals: totals(sold) })
    }),
    { numRuns: 500 },
  )
})

describe('an OCO', () => {
  const spec = ocoOf({ amountIn: baseUnits(100n) })
  const [half, rest] = legsOf(spec) as [OrderSpec, OrderSpec]

  test('rests while a leg is open, and no time wakes it', () => {
    const children = [child(half, 'filled'), child(rest, 'open')]
    expect(verdictOf(spec, START, { children })).toEqual({
      kind: 'rest',
      wakeAt: null,
      memory: { filledInBase: '50', filledOutBase: '100' },
      isDecided: false,
    })
  })

  test('is complete once its legs have sold all, even if one is still open', () => {
    const children = [child(half, 'open'), child(rest, 'filled')]
    expect(verdictOf(spec, START, { children })).toEqual({ kind: 'complete', totals: totals(100n) })
  })

  test('ends with what they have sold, once none is open', () => {
    const ended = [child(half, 'filled'), child(rest, 'failed')]
    expect(verdictOf(spec, START, { children: ended })).toEqual({ kind: 'expire', totals: totals(50n) })
    expect(ended.some(isOpen)).toBe(false)
    const none = [child(half, 'expired'), child(rest, 'failed')]
    expect(verdictOf(spec, START, { children: none })).toEqual({ kind: 'expire', totals: totals(0n) })
    expect(totalsOf(none)).toEqual(totals(0n))
  })
})
