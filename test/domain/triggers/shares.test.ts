// The sharing out of pairs: each has one watcher, all have about as many, and a change moves no more than it must.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { watcherOf } from '../../../src/domain/triggers/shares.ts'

const PAIRS = Array.from({ length: 2_000 }, (_, i) => `mint ${i},mint ${i + 1}`)
/** As processes that start together are called: alike but for a few letters. */
const watchersCalled = (count: number) =>
  Array.from({ length: count }, (_, i) => `019a0000-0000-7000-8000-00000000000${i}`)

const watchers = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 8 })

test('a pair has one of the watchers, whatever their order', () => {
  fc.assert(
    fc.property(watchers, fc.string(), (ids, pair) => {
      const found = watcherOf(pair, ids)
      expect(ids).toContain(found)
      expect(watcherOf(pair, ids.toReversed())).toBe(found)
    }),
  )
})

test('without a watcher a pair has none', () => {
  expect(watcherOf('A,B', [])).toBeNull()
})

test('a watcher that goes leaves its own pairs to others, and all other pairs stay where they are', () => {
  fc.assert(
    fc.property(watchers, fc.array(fc.string()), (ids, pairs) => {
      const [gone, ...left] = ids
      for (const pair of pairs) {
        const before = watcherOf(pair, ids)
        if (before !== gone) expect(watcherOf(pair, left)).toBe(before)
      }
    }),
  )
})

test.each([2, 3, 8])('%i watchers have nearly equal shares', (count) => {
  const ids = watchersCalled(count)
  const shares = new Map(ids.map((id) => [id, 0]))
  for (const pair of PAIRS) {
    const id = watcherOf(pair, ids) ?? ''
    shares.set(id, (shares.get(id) ?? 0) + 1)
  }
  const even = PAIRS.length / count
  for (const share of shares.values()) expect(Math.abs(share - even)).toBeLessThan(0.25 * even)
})
