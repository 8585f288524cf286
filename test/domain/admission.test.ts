import { describe, expect, test } from 'vitest'
import { type AdmissionPolicy, openAdmission } from '../../src/domain/admission.ts'

const policy: AdmissionPolicy = {
  answerTargetMs: 100,
  maxWaiting: 1_000,
  maxQueueAgeMs: 3_000,
  maxOpen: 50_000,
}
const idle = { open: 0, queueAgeMs: 0 }
const INTERVAL_MS = 100
/** What may always wait. */
const LEAST = 256

type Admission = ReturnType<typeof openAdmission>

/** Lets in as many as are let in, up to `most`. */
function fill(admission: Admission, now: number, most = 5_000) {
  const places = []
  while (places.length < most && admission.overload(now, idle) === null) places.push(admission.enter(now))
  return places
}

/** Orders come whenever there is room, and each waits so long; returns how many may wait in the end. */
function run(admission: Admission, waitMs: number, forMs: number, startMs = 0): number {
  for (let now = startMs; now < startMs + forMs; now += waitMs) {
    for (const place of fill(admission, now)) admission.leave(place, now + waitMs)
  }
  return admission.state(startMs + forMs).limit
}

describe('orders that wait for their answer', () => {
  test('a burst is let in, up to what may wait at all', () => {
    const admission = openAdmission(policy)
    expect(fill(admission, 0)).toHaveLength(1_000)
    expect(admission.overload(40, idle)).toEqual({ cause: 'answers', overInMs: 40 })
  })

  test('while the wait is short, all may wait', () => {
    expect(run(openAdmission(policy), 50, 2_000)).toBe(1_000)
  })

  test('a wait that stands lets fewer in, by no more than half in an interval, and never below two commits', () => {
    const admission = openAdmission(policy)
    run(admission, 150, 300)
    expect(admission.state(300).limit).toBeLessThan(1_000)
    expect(admission.state(300).limit).toBeGreaterThanOrEqual(250)
    expect(run(admission, 150, 3_000, 300)).toBe(LEAST)
  })

  test('one order that waits long among others that do not says nothing', () => {
    const admission = openAdmission(policy)
    admission.enter(0)
    for (let now = 0; now < 2_000; now += 20) admission.leave(admission.enter(now), now + 20)
    expect(admission.state(2_000)).toMatchObject({ limit: 1_000, oldestMs: 2_000, waiting: 1 })
  })

  test('where none gets its answer, the age of the oldest counts', () => {
    const admission = openAdmission(policy)
    fill(admission, 0, 900)
    for (let now = 0; now <= 2_000; now += INTERVAL_MS) admission.overload(now, idle)
    expect(admission.state(2_000).limit).toBe(LEAST)
    expect(admission.overload(2_000, idle)).toEqual({ cause: 'answers', overInMs: 2_000 })
  })

  test('an event loop that is always late lets fewer in; one that is late once does not', () => {
    const once = openAdmission(policy)
    for (let now = 0; now < 1_000; now += 50) once.delayed(now === 500 ? 400 : 0, now)
    expect(once.state(1_000).limit).toBe(1_000)
    const always = openAdmission(policy)
    for (let now = 0; now < 1_000; now += 50) always.delayed(150, now)
    expect(always.state(1_000).limit).toBe(LEAST)
  })

  test('once the wait is short again, all may wait again within two seconds, also if nobody came meanwhile', () => {
    for (const isAsked of [true, false]) {
      const admission = openAdmission(policy)
      expect(run(admission, 150, 5_000)).toBe(LEAST)
      for (let now = 5_000; now < 7_000 && isAsked; now += 50) admission.overload(now, idle)
      expect(admission.overload(7_000, idle)).toBeNull()
      expect(admission.state(7_000).limit).toBe(1_000)
    }
  })

  test('a clock that is set back neither shuts the door nor makes a wait negative', () => {
    const admission = openAdmission(policy)
    const place = admission.enter(1_000_000)
    expect(admission.overload(0, idle)).toBeNull()
    expect(admission.state(0)).toEqual({ waiting: 1, limit: 1_000, oldestMs: 0 })
    admission.leave(place, 0)
    expect(admission.state(0).waiting).toBe(0)
  })

  test('where fewer may wait at all than two commits carry, so many may always wait', () => {
    const admission = openAdmission({ ...policy, maxWaiting: 3 })
    expect(fill(admission, 0)).toHaveLength(3)
    for (let now = 0; now <= 1_000; now += INTERVAL_MS) admission.overload(now, idle)
    expect(admission.state(1_000).limit).toBe(3)
  })
})

describe('orders that were accepted', () => {
  const letIn = (queueAgeMs: number, open = 0) => {
    const admission = openAdmission(policy)
    let count = 0
    while (count < 5_000 && admission.overload(0, { open, queueAgeMs }) === null) {
      admission.enter(0)
      count += 1
    }
    return count
  }

  test('the longer they wait for a worker, the fewer come in at once', () => {
    expect([0, 1_500, 2_250, 2_625, 3_000, 9_000].map((age) => letIn(age))).toEqual([
      1_000, 1_000, 500, 250, 0, 0,
    ])
  })

  test('a refusal says how long the queue is too long by', () => {
    expect(openAdmission(policy).overload(0, { open: 0, queueAgeMs: 4_000 })).toEqual({
      cause: 'queue',
      overInMs: 2_500,
    })
  })

  test('no more than so many are open', () => {
    expect(letIn(0, 49_999)).toBe(1_000)
    expect(openAdmission(policy).overload(0, { open: 50_000, queueAgeMs: 700 })).toEqual({
      cause: 'open',
      overInMs: 700,
    })
  })
})
