import { expect, test } from 'vitest'
import { groupCommit } from '../../src/timing/groupCommit.ts'

/** A write that takes as long as the test wants. */
function steered() {
  const batches: { readonly items: readonly number[]; finish(): void; fail(error: Error): void }[] = []
  const write = (items: readonly number[]) =>
    new Promise<readonly number[]>((resolve, reject) => {
      batches.push({ items, finish: () => resolve(items.map((item) => item * 10)), fail: reject })
    })
  return { batches, write }
}
const turn = () => new Promise(setImmediate)

test('what arrives in one turn goes as one batch, and what arrives meanwhile as the next', async () => {
  const { batches, write } = steered()
  const commit = groupCommit(10, queueMicrotask, write)
  const first = [commit(1), commit(2)]
  await turn()
  const second = [commit(3), commit(4), commit(5)]
  await turn()
  expect(batches.map(({ items }) => items)).toEqual([[1, 2]])
  batches[0]?.finish()
  expect(await Promise.all(first)).toEqual([10, 20])
  await turn()
  batches[1]?.finish()
  expect(await Promise.all(second)).toEqual([30, 40, 50])
  expect(batches).toHaveLength(2)
})

test('the first batch waits for whoever defers it, and takes all that came until then', async () => {
  const { batches, write } = steered()
  let begin: () => void = () => {}
  const commit = groupCommit(
    10,
    (start) => {
      begin = start
    },
    write,
  )
  const first = commit(1)
  await turn()
  const second = commit(2)
  expect(batches).toEqual([])
  begin()
  await turn()
  expect(batches.map(({ items }) => items)).toEqual([[1, 2]])
  batches[0]?.finish()
  expect(await Promise.all([first, second])).toEqual([10, 20])
})

test('no batch is larger than its limit, and order is kept', async () => {
  const batches: (readonly number[])[] = []
  const commit = groupCommit(3, queueMicrotask, async (items: readonly number[]) => {
    batches.push(items)
    return items
  })
  const given = Array.from({ length: 8 }, (_, i) => i)
  expect(await Promise.all(given.map(commit))).toEqual(given)
  expect(batches).toEqual([
    [0, 1, 2],
    [3, 4, 5],
    [6, 7],
  ])
})

test('a batch that fails rejects its own items and no others', async () => {
  const { batches, write } = steered()
  const commit = groupCommit(2, queueMicrotask, write)
  const outcomes = Promise.allSettled([1, 2, 3].map(commit))
  await turn()
  batches[0]?.fail(new Error('the disk is full'))
  await turn()
  batches[1]?.finish()
  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason: { message: 'the disk is full' } },
    { status: 'rejected' },
    { status: 'fulfilled', value: 30 },
  ])
})

test('a write that does not answer for each item rejects them all', async () => {
  const commit = groupCommit(5, queueMicrotask, async () => [1])
  const outcomes = await Promise.allSettled([commit(1), commit(2)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
