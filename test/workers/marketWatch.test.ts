// The watch over the market: which orders it looks at, and what a lost hint or a store that is away costs.
import { expect, test, vi } from 'vitest'
import type { MarketChange } from '../../src/domain/ports/marketData.ts'
import { LAUNCHES, type RestingOrder } from '../../src/domain/ports/restingOrders.ts'
import type { Watchers } from '../../src/domain/ports/watchers.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import { createWatchers } from '../../src/store/marketWatchers.ts'
import { openMarketWatch } from '../../src/workers/marketWatch.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'

const idOf = (number: number) => `order ${number}` as OrderId

const orderOf = (number: number, more: Partial<RestingOrder> = {}): RestingOrder => ({
  id: idOf(number),
  mintIn: 'A',
  mintOut: 'B',
  source: 'executable',
  constraints: {},
  amountIn: 1e9,
  above: 4,
  below: null,
  notBefore: 0,
  ...more,
})

/** A watch over a market of one price, and over a store with given answers. */
function watchOver(
  stored: RestingOrder[],
  isAwayAtFirst = false,
  clock = manualClock(),
  watchers: Watchers | null = null,
) {
  const looked: OrderId[] = []
  const faults: unknown[] = []
  const asked: number[] = []
  /** How many orders were looked at when the watch gave way. */
  const gaveWay: number[] = []
  const ages: Record<string, number>[] = []
  let price: number | 'unreadable' | null = 3
  let isWhole = true
  let undone = (): readonly OrderId[] => []
  let isAway = isAwayAtFirst
  const shown = () => (typeof price === 'number' ? price : 0)
  let announce: (change: MarketChange) => void = () => {}
  let hint: (ids: readonly OrderId[]) => void = () => {}
  const answer = <T>(value: T) => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(value))
  const watch = openMarketWatch(
    async (ids) => {
      looked.push(...ids)
      return undone()
    },
    {
      clock,
      intermediates: [],
      watchers,
      nextTurn(run) {
        gaveWay.push(looked.length)
        run()
      },
      looks: { holding: () => [] },
      observe: {
        fault: (_, error) => faults.push(error),
        unevaluated: (reported) => ages.push(Object.fromEntries(reported)),
      },
      async pricesFor() {
        const prices = { first: shown(), most: shown, least: shown, exact: shown }
        if (price === 'unreadable') throw new Error('away')
        return { prices: price === null ? null : prices, isWhole }
      },
      marketData: {
        view: () => Promise.reject(new Error('prices are given')),
        onChange(listener) {
          announce = listener
          return () => {}
        },
      },
      resting: {
        page: () => answer([...stored]),
        find: (ids) => answer(stored.filter(({ id }) => ids.includes(id))),
        recent(withinMs) {
          asked.push(withinMs)
          return answer([...stored])
        },
        onChange(listener) {
          hint = listener
          return () => {}
        },
      },
    },
  )
  return {
    clock,
    looked,
    faults,
    asked,
    ages,
    gaveWay,
    watch,
    hint: (number: number) => hint([idOf(number)]),
    setAway(away: boolean) {
      isAway = away
    },
    moveTo(next: typeof price, mints: readonly [string, string] = ['A', 'B'], creator?: string) {
      price = next
      announce({ slot: 1, pools: [{ pool: 'pool', mints, ...(creator && { creator }) }] })
    },
    /** A slot without a change of any pool; `next` is what the market shows from now on. */
    slot(next: typeof price = price, whole = true) {
      price = next
      isWhole = whole
      announce({ slot: 1, pools: [] })
    },
    setUndone(next: typeof undone) {
      undone = next
    },
  }
}

const turns = async () => {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
}

test('an order is looked at once the price is there, and not before', async () => {
  const { looked, moveTo, watch } = watchOver([orderOf(1), orderOf(2, { above: 5 })])
  await turns()
  moveTo(3.9)
  await turns()
  expect(looked).toEqual([])
  moveTo(4.1)
  await turns()
  expect(looked).toEqual([idOf(1)])
  await watch.close()
})

test('orders at whose price the market stands at the start are looked at without a move', async () => {
  const { looked, watch } = watchOver([orderOf(1, { above: 2 })])
  await turns()
  expect(looked).toEqual([idOf(1)])
  await watch.close()
})

test('many prices that move at once hold nothing else up: each is a turn of its own', async () => {
  const orders = Array.from({ length: 40 }, (_, i) => orderOf(i, { source: `source ${i}` }))
  const { looked, gaveWay, moveTo, watch } = watchOver(orders)
  for (let i = 0; i < 10; i++) await turns()
  gaveWay.length = 0
  moveTo(4.1)
  await vi.waitFor(() => expect(looked).toHaveLength(40))
  expect(gaveWay).toEqual(Array.from({ length: 40 }, (_, i) => i))
  await watch.close()
})

test('a pool of other tokens concerns no order', async () => {
  const { looked, moveTo, watch } = watchOver([orderOf(1)])
  await turns()
  moveTo(4.1, ['A', 'C'])
  await turns()
  expect(looked).toEqual([])
  await watch.close()
})

test('an order for any launch of a creator is looked at when a pool of that creator changes, and at no other', async () => {
  const { looked, moveTo, watch } = watchOver([orderOf(1, { mintOut: 'maker', source: LAUNCHES, above: 0 })])
  await turns()
  expect(looked).toEqual([idOf(1)])
  moveTo(4.1, ['A', 'C'], 'another')
  await turns()
  expect(looked).toEqual([idOf(1)])
  moveTo(4.1, ['C', 'SOL'], 'maker')
  await turns()
  expect(looked).toEqual([idOf(1), idOf(1)])
  await watch.close()
})

test('an order that came to rest is found by its hint, and a hint that was lost costs two seconds', async () => {
  const stored: RestingOrder[] = []
  const { clock, looked, hint, watch } = watchOver(stored)
  await turns()
  stored.push(orderOf(1, { above: 2 }))
  hint(1)
  await turns()
  expect(looked).toEqual([idOf(1)])
  stored.push(orderOf(2, { above: 2 }))
  await turns()
  expect(looked).not.toContain(idOf(2))
  clock.advance(2_000)
  await turns()
  expect(looked).toContain(idOf(2))
  await watch.close()
})

test('an order that rests no more is forgotten with its hint', async () => {
  const stored = [orderOf(1)]
  const { looked, hint, moveTo, watch } = watchOver(stored)
  await turns()
  stored.pop()
  hint(1)
  await turns()
  moveTo(4.1)
  await turns()
  expect(looked).toEqual([])
  await watch.close()
})

test('a store that is away at the start is asked for all orders until it answers', async () => {
  const { clock, looked, asked, faults, setAway, watch } = watchOver([orderOf(1, { above: 2 })], true)
  await turns()
  clock.advance(2_000)
  await turns()
  expect(faults).toHaveLength(2)
  expect(looked).toEqual([])
  setAway(false)
  clock.advance(2_000)
  await turns()
  expect(looked).toEqual([idOf(1)])
  expect(asked).toEqual([])
  await watch.close()
})

test('a read reaches back to the last that was answered, however long that is ago', async () => {
  const { clock, asked, faults, setAway, watch } = watchOver([])
  await turns()
  setAway(true)
  for (let second = 0; second < 60; second += 2) {
    clock.advance(2_000)
    await turns()
  }
  expect(faults).toHaveLength(30)
  setAway(false)
  clock.advance(2_000)
  await vi.waitFor(() => expect(asked).toHaveLength(31))
  expect(asked.at(-1)).toBe(62_000 + 10_000)
  await watch.close()
})

/** Two watches over the same orders, which know of each other once reports have passed between them. */
async function twoWatches(stored: RestingOrder[]) {
  const clock = manualClock()
  const tables = answering(openMemoryTables(undefined, undefined, clock.now).tables)
  const watches = ['first', 'second'].map((id) => watchOver(stored, false, clock, createWatchers(tables, id)))
  const second = async (seeing = watches) => {
    for (const { moveTo } of seeing) moveTo(3)
    clock.advance(1_000)
    await turns()
  }
  await turns()
  for (let i = 0; i < 3; i++) await second()
  return { watches, second }
}

/** Expects that the next slot shows the price of the first order, and the one behind it nothing new. */
async function expectOneLook(slot: (price: number) => void, looked: readonly OrderId[]): Promise<void> {
  for (let i = 0; i < 2; i++) {
    slot(4.1)
    await turns()
    expect(looked).toEqual([idOf(1)])
  }
}

test('prices that could not be read are asked for again at the next slot, though no pool has changed', async () => {
  const { moveTo, slot, looked, faults, watch } = watchOver([orderOf(1)])
  await turns()
  moveTo('unreadable')
  await turns()
  expect(faults).toHaveLength(1)
  await expectOneLook(slot, looked)
  await watch.close()
})

test('a group that a venue left unanswered is looked at in each slot until the venue is back', async () => {
  const { moveTo, slot, looked, watch } = watchOver([orderOf(1)])
  await turns()
  slot(3, false)
  moveTo(3)
  await turns()
  slot(3, false)
  await turns()
  expect(looked).toEqual([])
  await expectOneLook(slot, looked)
  await watch.close()
})

test('however many groups a venue leaves unanswered, each has its turn, some in a slot', async () => {
  const many = Array.from({ length: 120 }, (_, i) => orderOf(i, { source: `source ${i}` }))
  const { moveTo, slot, looked, watch } = watchOver(many)
  await turns()
  slot(3, false)
  moveTo(3)
  for (let i = 0; i < 20; i++) await turns()
  for (let slots = 0; slots < 3; slots++) {
    slot(4.1)
    for (let i = 0; i < 20; i++) await turns()
    expect(new Set(looked).size).toBe(Math.min(120, 50 * (slots + 1)))
  }
  await watch.close()
})

test('an order that the store kept from being moved on is rung again at the next slot', async () => {
  const { moveTo, slot, looked, setUndone, watch } = watchOver([orderOf(1)])
  await turns()
  setUndone(() => [idOf(1)])
  moveTo(4.1)
  await turns()
  setUndone(() => [])
  expect(looked).toEqual([idOf(1)])
  slot()
  await turns()
  expect(looked).toEqual([idOf(1), idOf(1)])
  slot()
  await turns()
  expect(looked).toEqual([idOf(1), idOf(1)])
  await watch.close()
})

const PAIRS = 20
const onPair = (number: number) => orderOf(number, { mintOut: `B${number}` })
const allPairs = Array.from({ length: PAIRS }, (_, number) => onPair(number))

test('two watches look at each order once between them', async () => {
  const { watches } = await twoWatches([...allPairs])
  for (const { moveTo } of watches) for (let i = 0; i < PAIRS; i++) moveTo(4.1, ['A', `B${i}`])
  await vi.waitFor(() => expect(watches.flatMap(({ looked }) => looked)).toHaveLength(PAIRS))
  await turns()
  const [first, second] = watches.map(({ looked }) => looked)
  expect(first?.length).toBeGreaterThan(0)
  expect(second?.length).toBeGreaterThan(0)
  expect([...(first ?? []), ...(second ?? [])].toSorted()).toEqual(allPairs.map(({ id }) => id).toSorted())
  for (const { watch } of watches) await watch.close()
})

test('a price that moved while its watcher was dead is looked at with the take-over, without another move', async () => {
  const { watches, second } = await twoWatches([...allPairs])
  const [alive, dead] = watches
  if (alive === undefined || dead === undefined) throw new Error('two were opened')
  for (let i = 0; i < PAIRS; i++) alive.moveTo(4.1, ['A', `B${i}`])
  await turns()
  expect(alive.looked.length).toBeLessThan(PAIRS)
  for (let i = 0; i < 4; i++) {
    alive.moveTo(4.1, ['no', 'order'])
    await second([])
  }
  expect(alive.looked.toSorted()).toEqual(allPairs.map(({ id }) => id).toSorted())
  for (const { watch } of watches) await watch.close()
})

/** Two pairs that wait, and what is reported of them a second later. */
function reportsOn() {
  const { clock, ages, moveTo, watch } = watchOver([orderOf(1), orderOf(2, { mintIn: 'C' })])
  const afterASecond = async () => {
    await turns()
    clock.advance(1_000)
    await turns()
    return ages.at(-1)
  }
  return { moveTo, afterASecond, close: watch.close }
}

test('a slot that changes no pool of a pair shows that its price is as it was; without slots it goes unevaluated', async () => {
  const { moveTo, afterASecond, close } = reportsOn()
  for (const price of [3, 3.1, 3.2]) {
    await turns()
    moveTo(price, ['A', 'B'])
    expect(await afterASecond()).toEqual({ 'A/B': 1_000, 'C/B': 1_000 })
  }
  expect(await afterASecond()).toEqual({ 'A/B': 2_000, 'C/B': 2_000 })
  await close()
})

test('a pair without a price goes unevaluated, however many slots come', async () => {
  const { moveTo, afterASecond, close } = reportsOn()
  await turns()
  for (const seconds of [1, 2, 3]) {
    moveTo(null, ['A', 'B'])
    expect(await afterASecond()).toEqual({ 'A/B': seconds * 1_000, 'C/B': 1_000 })
  }
  moveTo(3, ['A', 'B'])
  expect(await afterASecond()).toEqual({ 'A/B': 1_000, 'C/B': 1_000 })
  await close()
})
