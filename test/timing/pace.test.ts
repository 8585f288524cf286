// Work that gives way: in order, with turns for other work in between, and slower the busier that is.
import { expect, test } from 'vitest'
import { createPace } from '../../src/timing/pace.ts'
import { manualClock } from '../support/manualClock.ts'

/** A process in which other work takes a part of the time; a part of the paced work takes a millisecond. */
function processWith(others: () => number) {
  const clock = manualClock()
  let [activeMs, totalMs, turns] = [0, 0, 0]
  const pass = (ms: number, isOwn: boolean) => {
    totalMs += ms
    activeMs += isOwn ? ms : ms * others()
  }
  const pace = createPace({
    clock: {
      now: clock.now,
      after(ms, fn) {
        pass(ms, false)
        queueMicrotask(fn)
        return () => {}
      },
    },
    elapsed: () => totalMs,
    worked: () => ({ activeMs, totalMs }),
    nextTurn(run) {
      turns += 1
      // Other work has its turn.
      const ms = (5 * others()) / (1 - others())
      totalMs += ms
      activeMs += ms
      queueMicrotask(run)
    },
  })
  const work = async (parts: number) => {
    const done: number[] = []
    const part = (i: number) => () => {
      pass(1, true)
      done.push(i)
    }
    await Promise.all(Array.from({ length: parts }, (_, i) => pace(part(i))))
    return done
  }
  return { work, totalMs: () => totalMs, turns: () => turns }
}

test('parts are done one after the other, in the order given', async () => {
  const { work } = processWith(() => 0)
  expect(await work(50)).toEqual(Array.from({ length: 50 }, (_, i) => i))
})

test('alone it takes nearly all of the time, and gives other work a turn every few milliseconds', async () => {
  const { work, totalMs, turns } = processWith(() => 0)
  await work(1_000)
  expect(totalMs()).toBeLessThan(1_300)
  expect(turns()).toBeGreaterThan(150)
})

test('beside work that takes all of the time it takes a small share', async () => {
  const { work, totalMs } = processWith(() => 0.95)
  await work(1_000)
  expect(1_000 / totalMs()).toBeGreaterThan(0.015)
  expect(1_000 / totalMs()).toBeLessThan(0.03)
})

test('it is fast again once other work is over', async () => {
  let others = 0.95
  const { work, totalMs } = processWith(() => others)
  await work(500)
  others = 0
  await work(200)
  const before = totalMs()
  await work(1_000)
  expect(totalMs() - before).toBeLessThan(1_300)
})

test('a part that throws fails alone', async () => {
  const pace = createPace({
    clock: manualClock(),
    elapsed: () => 0,
    worked: () => ({ activeMs: 0, totalMs: 0 }),
    nextTurn: queueMicrotask,
  })
  const failing = pace(() => {
    throw new Error('no')
  })
  const next = pace(() => {})
  await expect(failing).rejects.toThrow('no')
  await next
})
