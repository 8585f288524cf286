import { expect, test } from 'vitest'
import { whileDue } from '../../src/timing/whileDue.ts'

/** Each run takes in what is due then, and ends once `finish` is called. */
function batches() {
  const due: string[] = []
  const done: string[][] = []
  let finish: () => void = () => {}
  const work = whileDue(
    () => due.length > 0,
    async () => {
      const batch = due.splice(0)
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      done.push(batch)
    },
  )
  const add = (one: string) => {
    due.push(one)
    work.begin()
  }
  return { add, done, idle: work.idle, finish: () => finish() }
}

test('what becomes due while a run is under way is done together in the next one', async () => {
  const { add, done, idle, finish } = batches()
  add('a')
  add('b')
  add('c')
  expect(done).toEqual([])
  finish()
  await expect.poll(() => done).toEqual([['a']])
  finish()
  await idle()
  expect(done).toEqual([['a'], ['b', 'c']])
})

test('where nothing is due no run begins', async () => {
  let runs = 0
  const { begin, idle } = whileDue(
    () => false,
    async () => {
      runs += 1
    },
  )
  begin()
  await idle()
  expect(runs).toBe(0)
})
