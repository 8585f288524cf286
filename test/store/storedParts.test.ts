// Reads of events that are not kept in memory: shared by streams that are about equally far behind, and slower beside writes.
import { expect, test } from 'vitest'
import {
  type CommittedEvent,
  type EventsPart,
  isBehind,
  type Position,
} from '../../src/domain/ports/allEvents.ts'
import { createKeptEvents } from '../../src/store/keptEvents.ts'
import { createStoredParts } from '../../src/store/storedParts.ts'
import { manualClock } from '../support/manualClock.ts'

const at = (commit: number, events = 0): Position => ({ commit: BigInt(commit), events })
const entry = (commit: number) => ({ position: at(commit, 1) }) as CommittedEvent
/** One event in each commit; a read gives ten. */
const EVENTS = 100
const all = Array.from({ length: EVENTS }, (_, i) => entry(i))

function stored(readMs = 0) {
  const clock = manualClock()
  let reads = 0
  const parts = createStoredParts(clock, async ({ after }): Promise<EventsPart> => {
    reads += 1
    clock.advance(readMs)
    const entries = all.filter(({ position }) => isBehind(after, position)).slice(0, 10)
    const last = entries.at(-1)
    return { entries, next: last === undefined ? after : { commit: last.position.commit + 1n, events: 0 } }
  })
  return { parts, clock, reads: () => reads }
}

async function readAll(parts: ReturnType<typeof stored>['parts'], from: Position, owner = 'local') {
  const arrays: (readonly CommittedEvent[])[] = []
  for (let after = from; ; ) {
    const { entries, next } = await parts.after({ after, owner })
    if (!isBehind(after, next)) return arrays
    arrays.push(entries)
    after = next
  }
}

test('streams a little apart are together after one read, and get the very same arrays from there on', async () => {
  const { parts, reads } = stored()
  const streams = await Promise.all([0, 3, 7].map((commit) => readAll(parts, at(commit))))
  expect(streams.map((arrays) => arrays.flat().length)).toEqual([EVENTS, EVENTS - 3, EVENTS - 7])
  const [first, ...others] = streams
  for (const arrays of others) {
    for (const [i, array] of arrays.slice(1).entries()) expect(array).toBe(first?.[i + 1])
  }
  // Ten parts, and once nothing for each stream.
  expect(reads()).toBeLessThanOrEqual(13)
})

test('what was read for one owner is not given to another', async () => {
  const { parts, reads } = stored()
  await readAll(parts, at(0), 'a')
  const before = reads()
  await readAll(parts, at(0), 'b')
  expect(reads()).toBe(2 * before)
})

test('while this process writes, reads rest for many times as long as they took', async () => {
  const { parts, clock, reads } = stored(10)
  parts.written()
  await parts.after({ after: at(0), owner: 'local' })
  const next = parts.after({ after: at(10), owner: 'local' })
  for (let ms = 0; ms < 180; ms += 10) {
    clock.advance(10)
    parts.written()
    await new Promise(setImmediate)
  }
  expect(reads()).toBe(1)
  clock.advance(200)
  expect((await next).entries).toHaveLength(10)
  expect(reads()).toBe(2)
})

test('streams that are equally far get the same array of what is kept, cut at the same places', () => {
  const kept = createKeptEvents(500)
  kept.begin()
  kept.open(at(0))
  kept.add(
    Array.from({ length: 450 }, (_, i) => entry(i)),
    at(450),
  )
  const [whole, late] = [kept.after(at(0)), kept.after(at(30))]
  expect([whole?.entries.length, late?.entries.length]).toEqual([200, 170])
  expect(late?.next).toEqual(whole?.next)
  const next = whole?.next ?? at(0)
  expect(kept.after(next)?.entries).toBe(kept.after(next)?.entries)
  const last = kept.after(at(430))?.entries
  expect(last).toHaveLength(20)
  // More has come: the array that was given stays as it is.
  kept.add([entry(450)], at(451))
  expect(kept.after(at(430))?.entries).toHaveLength(21)
  expect(last).toHaveLength(20)
})
