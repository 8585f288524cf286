// The trigger of snipers, look after look, with what earlier looks have left.
import { describe, expect, test } from 'vitest'
import type { Observation, TriggerMemory } from '../../../src/domain/order.ts'
import type { SniperSpec } from '../../../src/domain/spec.ts'
import { passesIn } from '../../../src/domain/termsCodec.ts'
import { unlaunched } from '../../../src/domain/token.ts'
import { denialByMarket } from '../../../src/domain/triggers/atOnce.ts'
import type { Evidence } from '../../../src/domain/triggers/launch.ts'
import { chosenOf } from '../../../src/domain/triggers/snipe.ts'
import { trigger } from '../../../src/domain/triggers/trigger.ts'
import type { Market, Sight, Verdict } from '../../../src/domain/triggers/verdict.ts'
import { waitingOf } from '../../../src/domain/triggers/waiting.ts'
import { evidenceOf, originOf } from '../../support/launches.ts'
import { defaultGuards, EXAMPLE_END, sniperOf } from '../../support/orders.ts'
import { pendingOf, START, seenAt } from '../../support/restingSpecs.ts'

const NOT_LAUNCHED: Sight = { kind: 'unseen', blocker: 'not_launched', detail: 'no pool yet' }
const UNREAD: Sight = { kind: 'unseen', blocker: 'no_price', detail: 'the token cannot be read' }

/** What is seen at a slot, for the 400 B that the evidence says. */
const seen = (slot: number, more: Partial<Evidence> = {}): Sight => ({
  kind: 'seen',
  observation: seenAt(slot, 4_000),
  evidence: evidenceOf({ slot, origins: [originOf({ firstSlot: 0 })], ...more }),
})
/** The same of a token whose sale cannot be tried. */
const bad = (slot: number, more: Partial<Evidence> = {}): Sight =>
  seen(slot, { sales: [{ pool: 'pool', spent: 1n, outcome: null }], ...more })

const patient = (passes: number) => sniperOf({ condition: passesIn(passes) })

/** Looks at one sight after another, each with what the last left; the clock stands at the number of the look, in minutes. */
function walk(spec: SniperSpec, sights: readonly Sight[]): readonly Verdict[] {
  const verdicts: Verdict[] = []
  let [memory, held]: [TriggerMemory, readonly Observation[]] = [{}, []]
  sights.forEach((sight, i) => {
    const market: Market = { now: START + i * 1_000, sight, held }
    const verdict = trigger(pendingOf(spec, { memory }), market)
    verdicts.push(verdict)
    if (verdict.kind === 'rest') ({ memory, held } = verdict)
  })
  return verdicts
}
const kindsOf = (verdicts: readonly Verdict[]) => verdicts.map(({ kind }) => kind)
const reportsOf = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict) =>
    verdict.kind === 'rest' ? (verdict.guardReport?.refusals.map(({ guard }) => guard) ?? null) : null,
  )

describe('passes', () => {
  test('in as many slots as asked for fire it, and the log gets each of them', () => {
    const verdicts = walk(patient(3), [seen(1), seen(2), seen(3)])
    expect(kindsOf(verdicts)).toEqual(['rest', 'rest', 'fire'])
    expect(verdicts.at(-1)).toEqual({
      kind: 'fire',
      observations: [1, 2, 3].map((slot) => seenAt(slot, 4_000)),
    })
  })

  test('in one slot count once, however often it is looked at', () => {
    expect(kindsOf(walk(patient(2), [seen(1), seen(1), seen(1)]))).toEqual(['rest', 'rest', 'rest'])
  })

  test('count from one again after a refusal, a launch that is undone, or a look that sees nothing', () => {
    for (const between of [bad(2), NOT_LAUNCHED, UNREAD]) {
      expect(kindsOf(walk(patient(2), [seen(1), between, seen(3), seen(4)]))).toEqual([
        'rest',
        'rest',
        'rest',
        'fire',
      ])
    }
  })
})

test('a launch that only shows what the token is called is learned first, and decides nothing', () => {
  const spec = sniperOf({ tokenOut: unlaunched(sniperOf().tokenOut.mint) })
  const [verdict] = walk(spec, [seen(1)])
  expect(verdict).toEqual({ kind: 'learn', spec: { ...spec, tokenOut: sniperOf().tokenOut } })
})

describe('refusals', () => {
  test('are written when they change, and not while they stay', () => {
    const fee = { ...evidenceOf().mint, freezeAuthority: 'creator' }
    const looks = [bad(1), bad(2), bad(3, { mint: fee }), bad(4, { mint: fee }), bad(5)]
    expect(reportsOf(walk(sniperOf(), looks))).toEqual([
      ['sale'],
      null,
      ['freeze_authority', 'sale'],
      null,
      ['sale'],
    ])
  })

  test('that change all the time are written twenty times, and then once in five minutes', () => {
    const mint = { ...evidenceOf().mint, mintAuthority: 'creator' }
    const looks = Array.from({ length: 700 }, (_, i) => bad(i + 1, i % 2 === 0 ? {} : { mint }))
    const written = reportsOf(walk(sniperOf(), looks)).filter((report) => report !== null)
    expect(written).toHaveLength(22)
  })

  test('are looked at again in every slot as long as the age bounds them', () => {
    const isWatched = (spec: SniperSpec, sight: Sight) => walk(spec, [sight])[0]
    expect(isWatched(sniperOf(), bad(1))).toMatchObject({ isWatched: true })
    const anyAge = sniperOf({ guards: { ...defaultGuards, allow: ['pool_age'] } })
    expect(isWatched(anyAge, bad(1))).toMatchObject({ isWatched: false })
  })
})

test('an order for a token that is not launched costs no look; one that cannot be read is read again', () => {
  expect(walk(sniperOf(), [NOT_LAUNCHED])).toMatchObject([{ kind: 'rest', isWatched: false }])
  expect(walk(sniperOf(), [UNREAD])).toMatchObject([{ kind: 'rest', isWatched: true }])
})

describe('of several launches of a creator', () => {
  const [older, newer] = [seen(100), seen(100, { slot: 101 })]
  const [scam, worse] = [bad(100), bad(101)]
  const old = seen(2_000)

  test('the oldest is bought that the guards pass', () => {
    expect(chosenOf(sniperOf(), [older, newer])).toBe(older)
    expect(chosenOf(sniperOf(), [scam, newer])).toBe(newer)
  })

  test('the newest is looked at where they pass none, and none that is too old', () => {
    expect(chosenOf(sniperOf(), [scam, worse])).toBe(worse)
    expect(chosenOf(sniperOf(), [scam, old])).toBe(scam)
    expect(chosenOf(sniperOf(), [old, NOT_LAUNCHED])).toBeNull()
  })
})

test('it ends by its age, by its end, and not while it is paused', () => {
  const old = seen(2_000)
  expect(walk(sniperOf(), [old])).toMatchObject([{ kind: 'fail', failure: { code: 'pool_too_old' } }])
  const order = pendingOf(sniperOf())
  expect(trigger(order, { now: EXAMPLE_END, sight: old, held: [] })).toEqual({ kind: 'expire' })
  const paused = pendingOf(sniperOf(), { isPaused: true })
  expect(trigger(paused, { now: START, sight: null, held: [] })).toMatchObject({ kind: 'rest' })
})

describe('placing', () => {
  const consent = { onImmediate: null, acceptOffMarket: false, acceptImpact: false }
  test('is denied when its guards can never pass, and only then', () => {
    expect(denialByMarket(sniperOf(), NOT_LAUNCHED, consent)).toBeNull()
    expect(denialByMarket(sniperOf(), bad(1), consent)).toBeNull()
    expect(denialByMarket(sniperOf(), seen(1), consent)).toBeNull()
    for (const late of [seen(2_000), seen(1, { origins: [] })]) {
      expect(denialByMarket(sniperOf(), late, consent)).toMatchObject({
        code: 'pool_too_old',
        field: 'guards.maxAgeSlots',
      })
    }
  })
})

describe('why not yet', () => {
  const why = (spec: SniperSpec, sight: Sight) =>
    waitingOf(pendingOf(spec), sight, { now: START, isHalted: false, isClaimed: false, isFunded: true })

  test('is the launch, a guard with its evidence, or the passes that are missing', () => {
    expect(why(sniperOf(), NOT_LAUNCHED)).toMatchObject({
      for: '0.25',
      now: null,
      blocker: 'not_launched',
      detail: 'no pool yet',
    })
    expect(why(sniperOf(), bad(1))).toMatchObject({
      for: '0.25',
      now: '0.25',
      distanceBps: 0,
      blocker: 'guard',
      detail: 'sale: a sale in the pool pool could not be tried',
    })
    expect(why(sniperOf({ limitPrice: null }), seen(1))).toMatchObject({ for: null, blocker: 'confirming' })
  })

  test('is told in the units of the token although the order has not learned it', () => {
    const spec = sniperOf({ tokenOut: unlaunched(sniperOf().tokenOut.mint) })
    expect(why(spec, seen(1))).toMatchObject({ for: '0.25', now: '0.25' })
  })
})
