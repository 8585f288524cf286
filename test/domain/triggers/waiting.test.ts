// Why an order has not fired yet, as its owner reads it.
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../../src/domain/amount.ts'
import type { TriggerMemory } from '../../../src/domain/order.ts'
import type { RestingSpec } from '../../../src/domain/spec.ts'
import { memoryWhileHeld } from '../../../src/domain/triggers/memory.ts'
import type { Blocker, Sight } from '../../../src/domain/triggers/verdict.ts'
import { waitingOf } from '../../../src/domain/triggers/waiting.ts'
import { newId, ocoOf, specOf, timeStopOf, twapOf } from '../../support/orders.ts'
import {
  limitOf,
  pendingOf,
  START,
  seenAt,
  stopOf,
  takeProfitOf,
  trailingOf,
} from '../../support/restingSpecs.ts'

const sight = (milliB: number): Sight => ({ kind: 'seen', observation: seenAt(7, milliB) })
const NOW = { now: START + 60_000, isHalted: false, isClaimed: false, isFunded: true }
const HALTED = { ...NOW, isHalted: true }

const stopLimit = stopOf({ limitPrice: '3.7' })
const trailing = trailingOf({ trailingBps: bps(500) })

describe('what it waits for', () => {
  test.each<
    [
      string,
      RestingSpec,
      TriggerMemory,
      number,
      { for: string | null; now: string; distanceBps: number | null },
    ]
  >([
    ['a limit', limitOf(), {}, 3_960, { for: '4', now: '3.96', distanceBps: -100 }],
    ['a stop', stopOf(), {}, 3_990, { for: '3.8', now: '3.99', distanceBps: 500 }],
    ['a takeProfit', takeProfitOf(), {}, 4_200, { for: '4.2', now: '4.2', distanceBps: 0 }],
    [
      'a limit as a price of B',
      limitOf({ priceOf: 'tokenOut', limitPrice: '0.2' }),
      {},
      4_000,
      { for: '0.2', now: '0.25', distanceBps: -2_000 },
    ],
    [
      'a stop as a price of B',
      stopOf({ priceOf: 'tokenOut', triggerPrice: '0.25' }),
      {},
      5_000,
      { for: '0.25', now: '0.2', distanceBps: 2_500 },
    ],
    ['a stop-limit for its trigger', stopLimit, {}, 4_000, { for: '3.8', now: '4', distanceBps: 526.31 }],
    [
      'a stop-limit that has fired for its limit',
      stopLimit,
      { fired: 'true' },
      3_663,
      { for: '3.7', now: '3.663', distanceBps: -100 },
    ],
    [
      'a trailing stop that has seen nothing',
      trailing,
      {},
      4_000,
      { for: null, now: '4', distanceBps: null },
    ],
    [
      'a trailing stop for its activation',
      trailingOf({ activationPrice: '4.4' }),
      {},
      3_960,
      { for: '4.4', now: '3.96', distanceBps: -1_000 },
    ],
    [
      'a trailing stop for its distance below the best price',
      trailing,
      { watermark: '4' },
      3_990,
      { for: '3.8', now: '3.99', distanceBps: 500 },
    ],
  ])('%s', (_, spec, memory, milliB, waits) => {
    expect(waitingOf(pendingOf(spec, { memory }), sight(milliB), NOW)).toMatchObject(waits)
  })

  test('a price that is seen comes with its slot and its time', () => {
    expect(waitingOf(pendingOf(limitOf()), sight(3_000), NOW)).toMatchObject({
      slot: 7,
      evaluatedAt: seenAt(7, 0).at,
    })
    expect(waitingOf(pendingOf(limitOf()), sight(3_000), NOW)).not.toHaveProperty('detail')
  })

  test('a price that is not seen is no price, and says why', () => {
    const unseen: Sight = { kind: 'unseen', blocker: 'stale_source', detail: 'the last slot is old' }
    expect(waitingOf(pendingOf(limitOf()), unseen, NOW)).toEqual({
      for: '4',
      now: null,
      distanceBps: null,
      evaluatedAt: NOW.now,
      slot: null,
      blocker: 'stale_source',
      detail: 'the last slot is old',
    })
  })
})

describe('what is in the way', () => {
  const unseen = (blocker: 'stale_source' | 'no_price' | 'unknown_source'): Sight => ({
    kind: 'unseen',
    blocker,
    detail: '',
  })
  const later = { failures: '1', notBefore: new Date(NOW.now + 1).toISOString() }
  const due = { failures: '1', notBefore: new Date(NOW.now).toISOString() }
  const at = (inMs: number) => new Date(NOW.now + inMs).toISOString()
  const held = memoryWhileHeld({}, { by: 'haltAfterStops', until: NOW.now + 1 })
  const paused = { isPaused: true, memory: later }

  test.each<[Blocker, string, Parameters<typeof pendingOf>[1], Sight, typeof NOW]>([
    ['price', 'the price is not there', {}, sight(3_999), NOW],
    ['confirming', 'it is there and not confirmed yet', {}, sight(4_000), NOW],
    ['stale_source', 'the market is old', {}, unseen('stale_source'), NOW],
    ['no_price', 'no pool trades it', {}, unseen('no_price'), NOW],
    ['unknown_source', 'its pool is gone', {}, unseen('unknown_source'), NOW],
    ['backoff', 'it has just failed', { memory: later }, sight(4_000), NOW],
    ['entries_halted', 'stops of its key halt it', { memory: held }, sight(4_000), NOW],
    ['confirming', 'the halt is over', { memory: { ...held, heldUntil: at(0) } }, sight(4_000), NOW],
    ['backoff', 'it has failed since', { memory: { ...later, heldUntil: at(0) } }, sight(4_000), NOW],
    ['unfunded', 'the wallet lacks what it sells', {}, sight(4_000), { ...NOW, isFunded: false }],
    ['price', 'nor is the price there', {}, sight(3_999), { ...NOW, isFunded: false }],
    ['confirming', 'its wait is over', { memory: due }, sight(4_000), NOW],
    ['halted', 'trading is halted, whatever it waits for', { memory: later }, sight(4_000), HALTED],
    ['halted', 'nor is the market seen', {}, unseen('no_price'), HALTED],
    ['paused', 'it is paused, whatever else', paused, unseen('no_price'), HALTED],
  ])('%s: %s', (blocker, _, state, seen, moment) => {
    expect(waitingOf(pendingOf(limitOf(), state), seen, moment)?.blocker).toBe(blocker)
  })

  test('an exit that has fired lacks its tokens, whatever the price', () => {
    const order = pendingOf(stopOf(), { memory: { fired: 'true' } })
    expect(waitingOf(order, unseen('no_price'), { ...NOW, isFunded: false })?.blocker).toBe('unfunded')
  })

  const leg = { kind: 'leg', orderId: newId(), number: 1, legs: 2, shareBps: null } as const
  const total = baseUnits(100_000_000n)
  const dormant = stopOf({ amountIn: baseUnits(0n), parent: { ...leg, total: null } })
  const started = stopOf({ parent: { ...leg, total } })
  const CLAIMED = { ...NOW, isClaimed: true }
  const hold = timeStopOf({ fireAt: NOW.now + 1 })

  test.each<[Blocker, string, RestingSpec, Parameters<typeof pendingOf>[1], Sight | null, typeof NOW]>([
    ['not_started', 'its parent is not filled', dormant, {}, null, NOW],
    ['not_started', 'whatever else', dormant, {}, null, { ...HALTED, isClaimed: true }],
    ['group_claimed', 'others are selling', started, {}, sight(3_000), CLAIMED],
    ['group_claimed', 'its market does not matter', started, {}, unseen('no_price'), CLAIMED],
    ['group_claimed', 'nor its time', hold, {}, null, CLAIMED],
    ['halted', 'trading is halted first', started, {}, sight(3_000), { ...CLAIMED, isHalted: true }],
    ['paused', 'it is paused first', started, { isPaused: true }, sight(3_000), CLAIMED],
    ['price', 'its group has something left', started, {}, sight(3_900), NOW],
    ['time', 'it sells at a time', hold, {}, null, NOW],
    ['backoff', 'it has just failed', hold, { memory: later }, null, NOW],
  ])('%s of a leg: %s', (blocker, _, spec, state, seen, moment) => {
    expect(waitingOf(pendingOf(spec, state), seen, moment)?.blocker).toBe(blocker)
  })

  test('of a leg without a price: no price, and no distance from one', () => {
    const nothing = { now: null, distanceBps: null, evaluatedAt: NOW.now, slot: null }
    expect(waitingOf(pendingOf(dormant), null, NOW)).toEqual({
      for: '3.8',
      ...nothing,
      blocker: 'not_started',
    })
    expect(waitingOf(pendingOf(hold), null, NOW)).toEqual({ for: null, ...nothing, blocker: 'time' })
  })

  test('a price that only raises a watermark does not confirm', () => {
    const order = pendingOf(trailing, { memory: { watermark: '4' } })
    expect(waitingOf(order, sight(4_500), NOW)?.blocker).toBe('price')
    expect(waitingOf(order, sight(3_800), NOW)?.blocker).toBe('confirming')
  })
})

test('an order that waits for nothing itself has no such answer', () => {
  for (const spec of [specOf(), ocoOf()]) {
    expect(waitingOf(pendingOf(spec), sight(4_000), NOW)).toBeNull()
  }
})

test('a TWAP waits for its next slice', () => {
  const nothing = { for: null, now: null, distanceBps: null, slot: null }
  expect(waitingOf(pendingOf(twapOf()), null, NOW)).toMatchObject({ ...nothing, blocker: 'time' })
  expect(waitingOf(pendingOf(twapOf(), { isPaused: true }), null, NOW)?.blocker).toBe('paused')
})

test('nor has one that has fired, or has ended', () => {
  const order = pendingOf(limitOf())
  expect(waitingOf({ ...order, status: 'routing', retryAt: null }, sight(4_000), NOW)).toBeNull()
  expect(waitingOf({ ...order, status: 'expired', totals: null }, sight(4_000), NOW)).toBeNull()
  expect(waitingOf({ ...order, status: 'canceled', by: 'local' }, sight(4_000), NOW)).toBeNull()
})
