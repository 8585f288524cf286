import { describe, expect, test } from 'vitest'
import { type AdmissionPolicy, type Backlog, createAdmission } from '../../src/domain/admission.ts'

const policy: AdmissionPolicy = {
  answerTargetMs: 100,
  maxWaiting: 1_000,
  maxQueueAgeMs: 3_000,
  maxOpen: 50_000,
}
const idle: Backlog = { readAt: 0, open: 0, queued: 0, queueAgeMs: 0 }
const INTERVAL_MS = 100
/** What may always wait. */
const LEAST = 32

type Admission = ReturnType<typeof createAdmission>

/** Lets in as many as are let in, up to `most`. */
function fill(admission: Admission, now: number, most = 5_000) {
  const places = []
  while (places.length < most && admission.overload(now, idle) === null) places.push(admission.enter(now))
  return places
}

/** More orders come than there is room for, and each waits so long; returns how many may wait in the end. */
function run(admission: Admission, waitMs: number, forMs: number, startMs = 0): number {
  let limit = 0
  for (let now = startMs; now < startMs + forMs; now += waitMs) {
    for (const place of fill(admission, now)) admission.leave(place, now + waitMs)
    limit = admission.state(now + waitMs).limit
  }
  return limit
}

describe('orders that wait for their answer', () => {
  test('a burst is let in, up to what may wait at all', () => {
    const admission = createAdmission(policy)
    expect(fill(admission, 0)).toHaveLength(1_000)
    expect(admission.overload(40, idle)).toEqual({ cause: 'answers', overInMs: 40 })
  })

  test('while the wait is short, all may wait', () => {
    expect(run(createAdmission(policy), 50, 2_000)).toBe(1_000)
  })

  test('a wait that stands lets fewer in, by no more than half in an interval, and never below what may always wait', () => {
    const admission = createAdmission(policy)
    expect(run(admission, 150, 150)).toBe(666)
    // Those whose wait ended as the interval began count in it: 150 ms, then 300.
    expect(run(admission, 300, 300, 150)).toBe(444)
    expect(run(admission, 300, 300, 450)).toBe(222)
    expect(run(admission, 150, 3_000, 750)).toBe(LEAST)
  })

  test('a wait that stands shuts out nobody where there is room: what is slow by itself takes as many as ever', () => {
    const admission = createAdmission(policy)
    for (let now = 0; now < 3_000; now += 150) {
      const places = fill(admission, now, 999)
      expect(places).toHaveLength(999)
      for (const place of places) admission.leave(place, now + 150)
    }
  })

  test('bursts that come one after the other are let in, however slow their answers', () => {
    const admission = createAdmission(policy)
    for (let now = 0; now < 3_000; now += 500) {
      const places = fill(admission, now)
      expect(places).toHaveLength(1_000)
      for (const place of places) admission.leave(place, now + 200)
      expect(admission.state(now + 249).limit).toBeLessThan(1_000)
    }
  })

  test('one order that waits long among others that do not says nothing', () => {
    const admission = createAdmission(policy)
    admission.enter(0)
    for (let now = 0; now < 2_000; now += 20) admission.leave(admission.enter(now), now + 20)
    expect(admission.state(2_000)).toMatchObject({ limit: 1_000, oldestMs: 2_000, waiting: 1 })
  })

  test('where none gets its answer, the age of the oldest counts', () => {
    const admission = createAdmission(policy)
    fill(admission, 0)
    for (let now = 0; now <= 2_000; now += INTERVAL_MS) admission.overload(now, idle)
    expect(admission.state(2_000).limit).toBe(LEAST)
    expect(admission.overload(2_000, idle)).toEqual({ cause: 'answers', overInMs: 2_000 })
  })

  test('an event loop that is always late lets fewer in; one that is late once does not', () => {
    const delayed = (delayAt: (now: number) => number) => {
      const admission = createAdmission(policy)
      for (let now = 0; now < 1_000; now += 50) {
        admission.delayed(delayAt(now), now)
        for (const place of fill(admission, now)) admission.leave(place, now + 1)
      }
      return admission.state(1_000).limit
    }
    expect(delayed((now) => (now === 500 ? 400 : 0))).toBe(1_000)
    expect(delayed(() => 150)).toBe(LEAST)
  })

  test('once the wait is short again, ever more may wait while others are turned away, and all as soon as none is', () => {
    const admission = createAdmission(policy)
    expect(run(admission, 150, 4_950)).toBe(LEAST)
    expect(run(admission, 50, 500, 5_000)).toBeGreaterThanOrEqual(2 * LEAST)
    expect(run(admission, 50, 2_000, 5_500)).toBe(1_000)
    for (const isAsked of [true, false]) {
      const admission = createAdmission(policy)
      expect(run(admission, 150, 4_950)).toBe(LEAST)
      for (let now = 5_000; now < 5_250 && isAsked; now += 50) admission.overload(now, idle)
      expect(fill(admission, 5_250)).toHaveLength(1_000)
    }
  })

  test('an event loop that stood still for a while lets in no more than before', () => {
    const admission = createAdmission(policy)
    expect(run(admission, 150, 4_950)).toBe(LEAST)
    fill(admission, 4_950)
    expect(admission.overload(5_950, idle)).not.toBeNull()
    expect(admission.state(5_950).limit).toBe(LEAST)
  })

  test('a clock that is set back neither shuts the door nor makes a wait negative', () => {
    const admission = createAdmission(policy)
    const place = admission.enter(1_000_000)
    expect(admission.overload(0, idle)).toBeNull()
    expect(admission.state(0)).toEqual({ waiting: 1, limit: 1_000, oldestMs: 0 })
    admission.leave(place, 0)
    expect(admission.state(0).waiting).toBe(0)
  })

  test('where fewer may wait at all, so many may always wait', () => {
    const admission = createAdmission({ ...policy, maxWaiting: 3 })
    expect(fill(admission, 0)).toHaveLength(3)
    for (let now = 0; now <= 1_000; now += INTERVAL_MS) admission.overload(now, idle)
    expect(admission.state(1_000).limit).toBe(3)
  })
})

describe('orders that were accepted', () => {
  /** How many of those who come every millisecond until the next reading are let in, when none of them waits long. */
  function letIn(admission: Admission, backlog: Backlog, perMs = 10, forMs = 250): number {
    let count = 0
    for (let now = backlog.readAt + 1; now <= backlog.readAt + forMs; now++) {
      for (let i = 0; i < perMs && admission.overload(now, backlog) === null; i++) {
        admission.leave(admission.enter(now), now)
        count += 1
      }
    }
    return count
  }
  /** A queue that is as long again and again: workers take two orders each millisecond. */
  const steady = (queueMs: number, readAt: number): Backlog => ({
    readAt,
    open: 0,
    queued: 2 * queueMs,
    queueAgeMs: queueMs,
  })

  test('while none waits long, all who come are let in', () => {
    expect(letIn(createAdmission(policy), idle)).toBe(2_500)
  })

  test('at half the age as many come in as workers take, the older the queue the fewer, and never all at once', () => {
    const counts = [750, 900, 1_500, 2_250, 2_700, 3_000, 9_000].map((age) => {
      const admission = createAdmission(policy)
      letIn(admission, steady(age, 0))
      return letIn(admission, steady(age, 250))
    })
    // 2 each ms for 250 ms, times 2 (1 - age / 3,000).
    expect(counts).toEqual([2_500, 700, 500, 250, 100, 0, 0])
    const admission = createAdmission(policy)
    expect(letIn(admission, steady(1_500, 0), 1_000, 10)).toBeLessThanOrEqual(20)
  })

  test('a queue whose oldest waits longer and longer will take longer than that for who comes in now', () => {
    const admission = createAdmission(policy)
    letIn(admission, { ...idle, queued: 100, queueAgeMs: 400 })
    // In 250 ms the turn has come to who came in 150 ms: the last of them waits 500 ms / 0.6.
    const growing = { readAt: 250, open: 0, queued: 2_000, queueAgeMs: 500 }
    // 2,000 in 833 ms, for 250 ms, times 2 (1 - 833 / 3,000).
    expect(letIn(admission, growing)).toBe(867)
  })

  test('a queue that stands still is taken to be twice as long; one that catches up to be shorter', () => {
    const still = createAdmission(policy)
    still.overload(0, steady(500, 0))
    // 1,500 in 1,500 ms, for 250 ms.
    expect(letIn(still, { ...steady(750, 250) })).toBe(250)
    const fast = createAdmission(policy)
    fast.overload(0, steady(3_000, 0))
    // The turn has come to who came in a second: 4,500 in 563 ms.
    expect(letIn(fast, steady(2_250, 250))).toBe(2_500)
  })

  test('a refusal says how long the queue is too long by', () => {
    expect(createAdmission(policy).overload(0, steady(4_000, 0))).toEqual({ cause: 'queue', overInMs: 2_500 })
  })

  test('a clock that is set back lets nobody past a queue, and everybody in where there is none', () => {
    const admission = createAdmission(policy)
    admission.overload(1_000_000, steady(1_500, 1_000_000))
    expect(admission.overload(0, steady(1_500, 1_000_000))).toMatchObject({ cause: 'queue' })
    expect(admission.overload(0, idle)).toBeNull()
  })

  test('no more than so many are open', () => {
    expect(letIn(createAdmission(policy), { ...idle, open: 49_999 })).toBe(2_500)
    expect(createAdmission(policy).overload(0, { ...steady(700, 0), open: 50_000 })).toEqual({
      cause: 'open',
      overInMs: 700,
    })
  })
})
