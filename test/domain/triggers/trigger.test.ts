// The trigger as the worker drives it: look after look, with what earlier looks have left. Random paths are held against
// a reference that sees the whole path at once.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bps } from '../../../src/domain/amount.ts'
import type { Observation, TriggerMemory } from '../../../src/domain/order.ts'
import type { RestingSpec } from '../../../src/domain/spec.ts'
import { trigger } from '../../../src/domain/triggers/trigger.ts'
import type { Market, Sight, Verdict } from '../../../src/domain/triggers/verdict.ts'
import { specOf, timeStopOf } from '../../support/orders.ts'
import {
  conditionOf,
  END,
  limitOf,
  pendingOf,
  SLOT_MS,
  START,
  seenAt,
  stopOf,
  takeProfitOf,
  trailingOf,
} from '../../support/restingSpecs.ts'

/** A look that shows a price in thousandths, or none. */
type Look = { readonly slot: number; readonly milliB: number | null }

const UNSEEN: Sight = {
  kind: 'unseen',
  blocker: 'stale_source',
  detail: 'the last slot was seen 9000 ms ago',
}
const seen = (observation: Observation): Sight => ({ kind: 'seen', observation })
const sightOf = ({ slot, milliB }: Look): Sight => (milliB === null ? UNSEEN : seen(seenAt(slot, milliB)))

const marketAt = (now: number, sight: Sight | null = null): Market => ({ now, sight, held: [] })

/** The verdict on one look, at the moment of its slot. */
const verdictOn = (spec: RestingSpec, milliB: number, memory: TriggerMemory = {}) =>
  trigger(pendingOf(spec, { memory }), marketAt(START + SLOT_MS, seen(seenAt(1, milliB)))).kind

/** All verdicts until it fires, each look with what the one before has left. */
function walk(spec: RestingSpec, looks: readonly Look[], from: TriggerMemory = {}): readonly Verdict[] {
  const verdicts: Verdict[] = []
  let [memory, held]: [TriggerMemory, readonly Observation[]] = [from, []]
  for (const look of looks) {
    const now = START + look.slot * SLOT_MS
    const verdict = trigger(pendingOf(spec, { memory }), { now, sight: sightOf(look), held })
    verdicts.push(verdict)
    if (verdict.kind !== 'rest') break
    ;({ memory, held } = verdict)
  }
  return verdicts
}

const kindsOf = (verdicts: readonly Verdict[]) => verdicts.map(({ kind }) => kind)
const path = (...prices: readonly (number | null)[]): readonly Look[] =>
  prices.map((milliB, slot) => ({ slot, milliB }))

test('a market order fires at once and names no observations', () => {
  expect(trigger(pendingOf(specOf()), marketAt(START))).toEqual({ kind: 'fire', observations: [] })
})

describe('the price that fires', () => {
  test.each<[string, RestingSpec, number, 'fire' | 'rest']>([
    ['a limit of 4 at 4', limitOf(), 4_000, 'fire'],
    ['a limit of 4 above it', limitOf(), 4_001, 'fire'],
    ['a limit of 4 below it', limitOf(), 3_999, 'rest'],
    ['a stop of 3.8 at 3.8', stopOf(), 3_800, 'fire'],
    ['a stop of 3.8 below it', stopOf(), 3_799, 'fire'],
    ['a stop of 3.8 above it', stopOf(), 3_801, 'rest'],
    ['a takeProfit of 4.2 at 4.2', takeProfitOf(), 4_200, 'fire'],
    ['a takeProfit of 4.2 above it', takeProfitOf(), 4_201, 'fire'],
    ['a takeProfit of 4.2 below it', takeProfitOf(), 4_199, 'rest'],
    ['a stop-limit at its trigger, whatever its limit', stopOf({ limitPrice: '3.9' }), 3_800, 'fire'],
    ['a limit of 0.25 A for 1 B', limitOf({ priceOf: 'tokenOut', limitPrice: '0.25' }), 4_000, 'fire'],
    [
      'a limit of 0.25 A for 1 B that costs more',
      limitOf({ priceOf: 'tokenOut', limitPrice: '0.25' }),
      3_999,
      'rest',
    ],
    [
      'a stop of 0.25 A for 1 B that costs more',
      stopOf({ priceOf: 'tokenOut', triggerPrice: '0.25' }),
      3_999,
      'fire',
    ],
    [
      'a stop of 0.25 A for 1 B that costs less',
      stopOf({ priceOf: 'tokenOut', triggerPrice: '0.25' }),
      4_001,
      'rest',
    ],
    [
      'a takeProfit of 0.25 A for 1 B that costs less',
      takeProfitOf({ priceOf: 'tokenOut', triggerPrice: '0.25' }),
      4_001,
      'fire',
    ],
    [
      'a takeProfit of 0.25 A for 1 B that costs more',
      takeProfitOf({ priceOf: 'tokenOut', triggerPrice: '0.25' }),
      3_999,
      'rest',
    ],
  ])('%s', (_, spec, milliB, kind) => {
    expect(verdictOn(spec, milliB)).toBe(kind)
  })

  test('one unit less than the limit is not the limit', () => {
    const { amountOut, ...rest } = seenAt(1, 4_000)
    const short = { ...rest, amountOut: (amountOut - 1n) as typeof amountOut }
    expect(trigger(pendingOf(limitOf()), marketAt(START, seen(short))).kind).toBe('rest')
    expect(trigger(pendingOf(limitOf()), marketAt(START, seen({ ...rest, amountOut }))).kind).toBe('fire')
  })

  test('a stop-limit that has fired waits for its limit, not for its trigger', () => {
    const spec = stopOf({ limitPrice: '3.7' })
    const memory = { fired: 'true' }
    expect(verdictOn(spec, 3_600, memory)).toBe('rest')
    expect(verdictOn(spec, 3_700, memory)).toBe('fire')
    expect(verdictOn(spec, 4_500, memory)).toBe('fire')
    expect(verdictOn(spec, 3_600)).toBe('fire')
  })

  test('a trailing stop-limit that has fired waits for its limit and moves no watermark', () => {
    const spec = trailingOf({ limitPrice: '3.7' })
    const memory = { watermark: '4', fired: 'true' }
    expect(verdictOn(spec, 3_600, memory)).toBe('rest')
    expect(verdictOn(spec, 4_500, memory)).toBe('fire')
  })
})

describe('now or not at all', () => {
  const spec = limitOf({ expiresAt: null })

  test('it fires at once, without a price', () => {
    expect(trigger(pendingOf(spec), marketAt(START))).toEqual({ kind: 'fire', observations: [] })
    expect(trigger(pendingOf(spec), marketAt(START, UNSEEN)).kind).toBe('fire')
  })

  test('it ends after one failed attempt', () => {
    const order = pendingOf(spec, { memory: { failures: '1', notBefore: new Date(START).toISOString() } })
    expect(trigger(order, marketAt(START)).kind).toBe('expire')
  })

  test('it does not fire while it is paused', () => {
    const verdict = trigger(pendingOf(spec, { isPaused: true }), marketAt(START))
    expect(verdict).toEqual({ kind: 'rest', wakeAt: null, memory: {}, held: [] })
  })
})

describe('at a time', () => {
  const [at, end] = [START + 60_000, START + 120_000]
  const stop = (more: Parameters<typeof timeStopOf>[0] = {}) =>
    timeStopOf({ fireAt: at, expiresAt: end, ...more })
  const memory = { charged: '1' }

  test('it waits until then, whatever the price, and wants to be looked at then', () => {
    for (const sight of [null, UNSEEN, seen(seenAt(1, 1))]) {
      expect(trigger(pendingOf(stop(), { memory }), marketAt(at - 1, sight))).toEqual({
        kind: 'rest',
        wakeAt: at,
        memory,
        held: [],
      })
    }
  })

  test.each([at, at + 1, end - 1])('it fires from then on, and names no observations', (now) => {
    expect(trigger(pendingOf(stop()), marketAt(now))).toEqual({ kind: 'fire', observations: [] })
  })

  test('it expires at its end, and does not fire while it is paused or has just failed', () => {
    expect(trigger(pendingOf(stop()), marketAt(end)).kind).toBe('expire')
    expect(trigger(pendingOf(stop(), { isPaused: true }), marketAt(at))).toMatchObject({ wakeAt: end })
    const failed = { failures: '1', notBefore: new Date(at + 500).toISOString() }
    expect(trigger(pendingOf(stop(), { memory: failed }), marketAt(at))).toMatchObject({ wakeAt: at + 500 })
    expect(trigger(pendingOf(stop(), { memory: failed }), marketAt(at + 500)).kind).toBe('fire')
  })

  test('that has fired it goes on, whatever the time', () => {
    const order = pendingOf(stop({ fireAt: end - 1 }), { memory: { fired: 'true' } })
    expect(trigger(order, marketAt(at)).kind).toBe('fire')
  })
})

describe('at rest', () => {
  test('it wants to be looked at when it ends, and remembers what it did', () => {
    const memory = { watermark: '4', charged: '2', fired: 'true' }
    const verdict = trigger(pendingOf(limitOf(), { memory }), marketAt(START, seen(seenAt(1, 3_999))))
    expect(verdict).toEqual({ kind: 'rest', wakeAt: END, memory, held: [] })
  })

  test('failures are in a row: once the price is not there they count no more', () => {
    const memory = { charged: '1', failures: '2', notBefore: new Date(START).toISOString() }
    const order = pendingOf(limitOf(), { memory })
    expect(trigger(order, marketAt(START, seen(seenAt(1, 3_999))))).toMatchObject({
      memory: { charged: '1' },
    })
    expect(trigger(order, marketAt(START, seen(seenAt(1, 3_999))))).not.toHaveProperty('memory.failures')
    expect(trigger(order, marketAt(START, UNSEEN))).toMatchObject({ memory })
  })

  test('an exit that has fired goes on without its trigger; one with a limit waits for that', () => {
    const memory = { fired: 'true' }
    const sight = marketAt(START, UNSEEN)
    expect(trigger(pendingOf(stopOf(), { memory }), sight)).toEqual({ kind: 'fire', observations: [] })
    expect(trigger(pendingOf(stopOf({ limitPrice: '3.7' }), { memory }), sight).kind).toBe('rest')
    expect(trigger(pendingOf(stopOf(), { memory, isPaused: true }), sight).kind).toBe('rest')
    expect(trigger(pendingOf(stopOf(), { memory }), marketAt(END, UNSEEN)).kind).toBe('expire')
  })

  test.each([
    ['before its end it may fire', END - 1, 'fire'],
    ['at its end it expires, wherever the price is', END, 'expire'],
    ['after its end it expires', END + 1, 'expire'],
  ])('%s', (_, now, kind) => {
    expect(trigger(pendingOf(limitOf()), marketAt(now, seen(seenAt(1, 5_000)))).kind).toBe(kind)
  })

  test('it expires while it is paused', () => {
    expect(trigger(pendingOf(stopOf(), { isPaused: true }), marketAt(END)).kind).toBe('expire')
  })

  test('it does not fire while it is paused, and forgets what it has seen', () => {
    const market = { now: START, sight: seen(seenAt(2, 5_000)), held: [seenAt(1, 5_000)] }
    const verdict = trigger(pendingOf(limitOf(), { isPaused: true }), market)
    expect(verdict).toEqual({ kind: 'rest', wakeAt: END, memory: {}, held: [] })
  })

  test('after a failure it waits until then, and no longer', () => {
    const memory = { failures: '1', notBefore: new Date(START + 1_000).toISOString() }
    const at = (now: number) =>
      trigger(pendingOf(limitOf(), { memory }), marketAt(now, seen(seenAt(1, 5_000))))
    expect(at(START + 999)).toEqual({ kind: 'rest', wakeAt: START + 1_000, memory, held: [] })
    expect(at(START + 1_000).kind).toBe('fire')
  })

  test('while it is paused, a failure before wakes it for nothing', () => {
    const memory = { failures: '1', notBefore: new Date(START + 1_000).toISOString() }
    const verdict = trigger(pendingOf(limitOf(), { memory, isPaused: true }), marketAt(START))
    expect(verdict).toEqual({ kind: 'rest', wakeAt: END, memory, held: [] })
  })

  test('it does not wait beyond its end', () => {
    const memory = { failures: '1', notBefore: new Date(END + 1_000).toISOString() }
    expect(trigger(pendingOf(limitOf(), { memory }), marketAt(END - 1))).toMatchObject({ wakeAt: END })
    expect(trigger(pendingOf(limitOf(), { memory }), marketAt(END)).kind).toBe('expire')
  })
})

describe('confirmation', () => {
  const thrice = stopOf({ condition: conditionOf({ observations: 3 }) })

  test.each<[string, RestingSpec, readonly Look[], number | null]>([
    ['in three slots one after the other', thrice, path(3_800, 3_700, 3_800), 2],
    ['two slots are not three', thrice, path(3_700, 3_700), null],
    ['a price that goes back starts over', thrice, path(3_700, 3_700, 3_900, 3_700, 3_700, 3_700), 5],
    ['an unseen price starts over', thrice, path(3_700, 3_700, null, 3_700, 3_700, 3_700), 5],
    [
      'a slot that is looked at three times counts once',
      thrice,
      [3_700, 3_710, 3_720].map((milliB) => ({ slot: 1, milliB })),
      null,
    ],
    ['slots need not be neighbors', thrice, [1, 5, 50].map((slot) => ({ slot, milliB: 3_700 })), 2],
    [
      'a slot from before the others counts from there',
      thrice,
      [5, 6, 4, 5, 6].map((slot) => ({ slot, milliB: 3_700 })),
      4,
    ],
    [
      'for as long as the order says: 1 s is two slots and a half',
      stopOf({ condition: conditionOf({ dwellMs: 1_000 }) }),
      path(3_700, 3_700, 3_700, 3_700, 3_700),
      3,
    ],
    [
      'and the time starts over with the price',
      stopOf({ condition: conditionOf({ dwellMs: 1_000 }) }),
      path(3_700, 3_700, 3_801, 3_700, 3_700, 3_700, 3_700),
      6,
    ],
    [
      'time alone is not enough',
      stopOf({ condition: conditionOf({ dwellMs: 1_000, observations: 3 }) }),
      [0, 10, 20].map((slot) => ({ slot, milliB: 3_700 })),
      2,
    ],
  ])('%s', (_, spec, looks, firesAt) => {
    const kinds = kindsOf(walk(spec, looks))
    expect(kinds.indexOf('fire')).toBe(firesAt ?? -1)
  })

  test('it names the observations that have confirmed one another, the newest last', () => {
    expect(walk(thrice, path(3_700, 3_900, 3_700, 3_710, 3_720)).at(-1)).toEqual({
      kind: 'fire',
      observations: [seenAt(2, 3_700), seenAt(3, 3_710), seenAt(4, 3_720)],
    })
  })

  test('of many it names the five newest', () => {
    const spec = stopOf({ condition: conditionOf({ observations: 20 }) })
    expect(walk(spec, path(...Array<number>(20).fill(3_700))).at(-1)).toEqual({
      kind: 'fire',
      observations: [15, 16, 17, 18, 19].map((slot) => seenAt(slot, 3_700)),
    })
  })

  test('a day in which the price is there does not leave a day of observations in memory', () => {
    const spec = stopOf({ condition: conditionOf({ dwellMs: 1_000 * SLOT_MS, observations: 20 }) })
    const verdicts = walk(spec, path(...Array<number>(2_000).fill(3_700)))
    const most = Math.max(...verdicts.map((each) => (each.kind === 'rest' ? each.held.length : 0)))
    expect(most).toBeLessThan(100)
    expect(verdicts.length).toBe(1_001)
    expect(verdicts.at(-1)?.kind).toBe('fire')
  })
})

describe('over random paths', () => {
  /** Prices around 4, some unseen; a slot may be looked at several times, and show another price each time. */
  const looks = fc
    .array(
      fc.record({
        step: fc.integer({ min: 0, max: 2 }),
        milliB: fc.option(fc.integer({ min: 3_900, max: 4_100 }), { freq: 8 }),
      }),
      { maxLength: 60 },
    )
    .map((steps) => {
      let slot = 0
      return steps.map(({ step, milliB }): Look => {
        slot += step
        return { slot, milliB }
      })
    })
  const condition = fc
    .record({ observations: fc.integer({ min: 1, max: 4 }), slots: fc.integer({ min: 0, max: 4 }) })
    .map(({ observations, slots }) => conditionOf({ observations, dwellMs: slots * SLOT_MS }))
  const level = fc.integer({ min: 3_920, max: 4_080 })
  const textOf = (milliB: number) => (milliB / 1_000).toFixed(3)

  /** The first look with enough slots and time behind it in which the price was there and nothing else was seen. */
  function firstConfirmed(
    path: readonly Look[],
    { condition: { observations, dwellMs } }: RestingSpec,
    isThere: (milliB: number) => boolean,
  ): number {
    let run: Look[] = []
    for (const [index, look] of path.entries()) {
      run = look.milliB !== null && isThere(look.milliB) ? [...run, look] : []
      const slots = new Set(run.map(({ slot }) => slot))
      const [first] = run
      if (first === undefined || slots.size < observations) continue
      if ((look.slot - first.slot) * SLOT_MS >= dwellMs) return index
    }
    return -1
  }

  type Case = readonly [spec: RestingSpec, isThere: (milliB: number) => boolean]
  const order = fc.tuple(condition, level).chain(([condition, at]) => {
    const [price, isAtLeast, isAtMost] = [textOf(at), (m: number) => m >= at, (m: number) => m <= at]
    return fc.constantFrom<Case>(
      [stopOf({ condition, triggerPrice: price }), isAtMost],
      [takeProfitOf({ condition, triggerPrice: price }), isAtLeast],
      [limitOf({ condition, limitPrice: price }), isAtLeast],
      [stopOf({ condition, priceOf: 'tokenOut', triggerPrice: '0.25' }), (m) => m <= 4_000],
      [limitOf({ condition, priceOf: 'tokenOut', limitPrice: '0.25' }), (m) => m >= 4_000],
    )
  })

  test('an order fires at the first look that its last observations confirm, and at no other', () => {
    fc.assert(
      fc.property(order, looks, ([spec, isThere], path) => {
        expect(kindsOf(walk(spec, path)).indexOf('fire')).toBe(firstConfirmed(path, spec, isThere))
      }),
      { numRuns: 1_000 },
    )
  })

  test('a watermark never falls, and rises only to a price that was seen in enough slots', () => {
    const trailing = fc.record({
      condition,
      trailingBps: fc.integer({ min: 1, max: 200 }).map(bps),
      activationPrice: fc.option(level.map(textOf)),
    })
    fc.assert(
      fc.property(trailing, looks, (own, path) => {
        const spec = trailingOf(own)
        const { observations } = spec.condition
        let watermark = 0
        for (const [index, verdict] of walk(spec, path).entries()) {
          if (verdict.kind !== 'rest' || verdict.memory.watermark === undefined) continue
          const next = Number(verdict.memory.watermark)
          expect(next).toBeGreaterThanOrEqual(watermark)
          if (next === watermark) continue
          // Of a slot that is looked at several times, the last look counts.
          const slots = new Map(path.slice(0, index + 1).map(({ slot, milliB }) => [slot, milliB]))
          const confirming = [...slots.values()].slice(-observations)
          expect(confirming).toHaveLength(observations)
          for (const milliB of confirming) expect(milliB).toBeGreaterThanOrEqual(Math.round(next * 1_000))
          if (spec.activationPrice !== null) expect(next).toBeGreaterThanOrEqual(Number(spec.activationPrice))
          watermark = next
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('a trailing stop fires only where its last observations were all so far below its best price', () => {
    const trailing = fc.record({ condition, trailingBps: fc.integer({ min: 1, max: 200 }).map(bps) })
    fc.assert(
      fc.property(trailing, looks, (own, path) => {
        const spec = trailingOf(own)
        const verdicts = walk(spec, path)
        if (verdicts.at(-1)?.kind !== 'fire') return
        const last = verdicts.at(-2)
        const watermark = last?.kind === 'rest' ? Number(last.memory.watermark) : Number.NaN
        const stop = watermark * 1_000 * (1 - spec.trailingBps / 10_000)
        const newest = path.slice(0, verdicts.length).toReversed()
        const away = newest.findIndex(({ milliB }) => milliB === null || milliB > stop + 1e-6)
        const confirming = away < 0 ? newest : newest.slice(0, away)
        expect(new Set(confirming.map(({ slot }) => slot)).size).toBeGreaterThanOrEqual(
          spec.condition.observations,
        )
      }),
      { numRuns: 1_000 },
    )
  })
})
