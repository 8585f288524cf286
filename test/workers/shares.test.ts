// A process's share of the pairs: none of them is without a watcher for 5 s, whatever becomes of processes and the store.
import { expect, test } from 'vitest'
import type { Watchers } from '../../src/domain/ports/watchers.ts'
import { watcherOf } from '../../src/domain/triggers/shares.ts'
import { createWatchers } from '../../src/store/marketWatchers.ts'
import { openShares } from '../../src/workers/shares.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'

const PAIRS = Array.from({ length: 20 }, (_, i) => `pair ${i}`)

/** Processes that share the pairs out over one store; `ask` may stand before each of their questions. */
function watching(ids: readonly string[], ask = (report: () => Promise<readonly string[]>) => report()) {
  const clock = manualClock()
  const tables = answering(openMemoryTables(undefined, undefined, clock.now).tables)
  const faults: unknown[] = []
  let reports = 0
  const processes = ids.map((id) => {
    const watchers = createWatchers(tables, id)
    const report: Watchers['report'] = (withinMs) => {
      reports += 1
      return ask(() => watchers.report(withinMs))
    }
    const life = { isFit: true, gained: [] as string[] }
    const shares = openShares({
      watchers: { ...watchers, report },
      clock,
      isFit: () => life.isFit,
      onChange: (wasMine) => {
        life.gained = PAIRS.filter((pair) => shares.isMine(pair) && !wasMine(pair))
      },
      onFault: (error) => faults.push(error),
    })
    return { id, life, ...shares }
  })
  return {
    processes,
    faults,
    tables,
    reports: () => reports,
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 100) {
        clock.advance(100)
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      }
    },
    watchersOf: (pair: string) => processes.filter(({ isMine }) => isMine(pair)).map(({ id }) => id),
  }
}

const expected = (pair: string, ids: readonly string[]) => [watcherOf(pair, ids)]

test('a process watches everything until it knows the others, then each pair has one watcher', async () => {
  const { pass, watchersOf, processes } = watching(['a', 'b', 'c'])
  for (const pair of PAIRS) expect(watchersOf(pair)).toEqual(['a', 'b', 'c'])
  await pass(2_100)
  for (const pair of PAIRS) expect(watchersOf(pair)).toEqual(expected(pair, ['a', 'b', 'c']))
  await Promise.all(processes.map(({ close }) => close()))
})

test('the share of one that reports no more is taken over within 5 s, its pairs being named', async () => {
  const { pass, watchersOf, processes } = watching(['a', 'b', 'c'])
  await pass(3_000)
  const [a, b, c] = processes
  if (a === undefined || b === undefined || c === undefined) throw new Error('three were started')
  // It neither reports nor watches: as good as dead, whatever it takes for its share.
  a.life.isFit = false
  await pass(4_000)
  const orphans = PAIRS.filter((pair) => expected(pair, ['a', 'b', 'c'])[0] === 'a')
  expect(orphans.length).toBeGreaterThan(0)
  expect([...b.life.gained, ...c.life.gained].toSorted()).toEqual(orphans.toSorted())
  for (const pair of PAIRS) expect(watchersOf(pair)).toContain(expected(pair, ['b', 'c'])[0])
  await Promise.all(processes.map(({ close }) => close()))
})

test('one that stops hands its share over with the next report of the others', async () => {
  const { pass, processes } = watching(['a', 'b'])
  await pass(3_000)
  const [a, b] = processes
  await a?.close()
  await pass(1_000)
  expect(PAIRS.every((pair) => b?.isMine(pair))).toBe(true)
  await b?.close()
})

test('while the store refuses every question, each process watches everything, and reports its faults', async () => {
  let isAway = false
  const { pass, watchersOf, faults, processes } = watching(['a', 'b'], (report) =>
    isAway ? Promise.reject(new Error('away')) : report(),
  )
  await pass(3_000)
  isAway = true
  await pass(1_000)
  for (const pair of PAIRS) expect(watchersOf(pair)).toEqual(['a', 'b'])
  expect(faults.length).toBeGreaterThan(0)
  isAway = false
  await pass(2_100)
  for (const pair of PAIRS) expect(watchersOf(pair)).toEqual(expected(pair, ['a', 'b']))
  await Promise.all(processes.map(({ close }) => close()))
})

test('while the store answers no question, an earlier answer counts for two seconds, and a late one never', async () => {
  const held: (() => void)[] = []
  let isSilent = false
  const { pass, watchersOf, processes } = watching(['a', 'b'], async (report) => {
    const answer = await report()
    if (isSilent) await new Promise<void>((resolve) => held.push(resolve))
    return answer
  })
  await pass(3_000)
  isSilent = true
  await pass(2_000)
  for (const pair of PAIRS) expect(watchersOf(pair)).toEqual(['a', 'b'])
  await pass(8_000)
  isSilent = false
  for (const resolve of held) resolve()
  await pass(100)
  for (const pair of PAIRS) expect(watchersOf(pair)).toEqual(['a', 'b'])
  await pass(2_000)
  for (const pair of PAIRS) expect(watchersOf(pair)).toEqual(expected(pair, ['a', 'b']))
  await Promise.all(processes.map(({ close }) => close()))
})

test('one that sees no market asks the store nothing, and counts on no other', async () => {
  const { pass, reports, processes } = watching(['a'])
  for (const { life } of processes) life.isFit = false
  await pass(5_000)
  expect(reports()).toBe(0)
  expect(PAIRS.every((pair) => processes[0]?.isMine(pair))).toBe(true)
  await Promise.all(processes.map(({ close }) => close()))
})
