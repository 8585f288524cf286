// Limits of time that each message of a stream begins anew.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openLimit } from '../../client/src/limit.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('a limit that begins anew in time does not end, and says afterwards which time has passed', () => {
  const { signal, restart } = openLimit(undefined, 100)
  for (let passed = 0; passed < 10; passed += 1) {
    vi.advanceTimersByTime(90)
    restart(100)
  }
  restart(300)
  vi.advanceTimersByTime(299)
  expect(signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(signal.reason).toMatchObject({ code: 'timeout', message: 'There was no answer within 300 ms.' })
})

test('a shorter time ends it sooner than the one before would have', () => {
  const { signal, restart } = openLimit(undefined, 10_000)
  restart(50)
  vi.advanceTimersByTime(50)
  expect(signal.aborted).toBe(true)
})

test('a limit without a time, or that was let go, ends with its caller alone', () => {
  const caller = new AbortController()
  const limits = [openLimit(caller.signal), openLimit(caller.signal, 100)] as const
  limits[1].restart(50)
  limits[1].close()
  vi.advanceTimersByTime(1_000)
  expect(limits.map(({ signal }) => signal.aborted)).toEqual([false, false])
  caller.abort()
  expect(limits.map(({ signal }) => signal.aborted)).toEqual([true, false])
  expect(vi.getTimerCount()).toBe(0)
})

test('one that was let go can begin anew', () => {
  const { signal, restart, close } = openLimit(undefined, 100)
  close()
  restart(100)
  vi.advanceTimersByTime(100)
  expect(signal.aborted).toBe(true)
})
