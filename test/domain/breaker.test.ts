// When a venue is asked: the table of the circuit breaker, and what holds however questions and answers mix.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit, type Breaker, closedBreaker, heard, type Outcome } from '../../src/domain/breaker.ts'

const policy = { failures: 3, openMs: 1_000 }
const answered: Outcome = { kind: 'answered' }
const failed: Outcome = { kind: 'failed', why: 'connection refused' }
const limited: Outcome = { kind: 'failed', why: 'asked too often', aloneMs: 5_000 }

const closed = (failures: number, since = 0): Breaker => ({ state: 'closed', since, failures })
const open = (since: number, until: number): Breaker => ({
  state: 'open',
  since,
  until,
  why: 'connection refused',
})
const halfOpen = (since: number, until: number): Breaker => ({
  state: 'half_open',
  since,
  until,
  why: 'connection refused',
})

describe('whoever wants to ask', () => {
  test.each([
    ['may while it is closed', closed(2), 100, true, closed(2)],
    ['may not while it is open', open(0, 1_000), 999, false, open(0, 1_000)],
    ['is the probe once the wait is over', open(0, 1_000), 1_000, true, halfOpen(1_000, 2_000)],
    ['may not while a probe is out', halfOpen(1_000, 2_000), 1_999, false, halfOpen(1_000, 2_000)],
    ['is the next probe when one was lost', halfOpen(1_000, 2_000), 2_000, true, halfOpen(2_000, 3_000)],
    ['is the probe when the clock was set back', open(5_000, 6_000), 4_999, true, halfOpen(4_999, 5_999)],
  ] as const)('%s', (_what, before, now, isAdmitted, after) => {
    expect(admit(before, now, policy)).toEqual({ isAdmitted, breaker: after })
  })
})

describe('what becomes of a question', () => {
  test.each([
    ['an answer changes nothing', closed(0), answered, 10, closed(0)],
    ['an answer ends a row of failures', closed(2), answered, 10, closed(0, 10)],
    ['a failure is counted', closed(0), failed, 10, closed(1)],
    ['the last failure of a row opens', closed(2), failed, 10, open(10, 1_010)],
    [
      'a venue that asks to be left alone is, at once',
      closed(0),
      limited,
      10,
      { ...open(10, 5_010), why: 'asked too often' },
    ],
    [
      'but not for ever',
      closed(0),
      { ...limited, aloneMs: 1e12 },
      10,
      { ...open(10, 60_010), why: 'asked too often' },
    ],
    [
      'nor shorter than others are',
      closed(0),
      { ...limited, aloneMs: 1 },
      10,
      { ...open(10, 1_010), why: 'asked too often' },
    ],
    ['a probe that is answered closes', halfOpen(5, 1_005), answered, 10, closed(0, 10)],
    ['a probe that fails opens again', halfOpen(5, 1_005), failed, 10, open(10, 1_010)],
    ['while open nothing is heard', open(0, 1_000), answered, 10, open(0, 1_000)],
  ] as const)('%s', (_what, before, outcome, now, after) => {
    expect(heard(before, outcome, before.since, now, policy)).toEqual(after)
  })

  test('asked before the state began says nothing about it', () => {
    expect(heard(halfOpen(1_000, 2_000), answered, 999, 1_200, policy)).toEqual(halfOpen(1_000, 2_000))
    expect(heard(closed(2, 1_000), failed, 999, 1_200, policy)).toEqual(closed(2, 1_000))
  })
})

test('a sound breaker is the same object after an answer, so that nothing is made for each order', () => {
  const breaker = closedBreaker(0)
  expect(heard(breaker, answered, 5, 9, policy)).toBe(breaker)
  expect(admit(breaker, 5, policy).breaker).toBe(breaker)
})

test('a venue that never answers is asked at most once per wait after its row of failures, and one that is back is asked by all', () => {
  const steps = fc.array(fc.record({ afterMs: fc.nat(400), answers: fc.boolean() }), { maxLength: 200 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 6 }), (all, failures) => {
      const rules = { failures, openMs: 1_000 }
      let [breaker, now, row, refusedSince] = [closedBreaker(0), 0, 0, 0]
      for (const { afterMs, answers } of all) {
        now += afterMs
        const asked = admit(breaker, now, rules)
        const isFree = row < failures
        if (!asked.isAdmitted) {
          expect(isFree).toBe(false)
          expect(now - refusedSince).toBeLessThan(rules.openMs)
          continue
        }
        if (!isFree) expect(now - refusedSince).toBeGreaterThanOrEqual(rules.openMs)
        breaker = heard(asked.breaker, answers ? answered : failed, now, now, rules)
        row = answers ? 0 : row + 1
        refusedSince = now
      }
    }),
  )
})
