// Canceling many orders as a command: which are canceled, which are left alone, and how a lost race ends.
import { describe, expect, test } from 'vitest'
import { cancelOrders } from '../../src/commands/cancelOrders.ts'
import type { EventDraft } from '../../src/domain/order.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { MarketSpec, OrderId } from '../../src/domain/spec.ts'
import { drafts, filterOf, newOrder, tokenCalled } from '../support/orders.ts'
import { openMemoryStore } from './support.ts'

const { triggered, routed, submitted, filled } = drafts

const everything = filterOf('local')

type Store = ReturnType<typeof openMemoryStore>

async function placed(
  store: Store,
  more: Partial<MarketSpec> = {},
  life: readonly EventDraft[] = [],
): Promise<OrderId> {
  const order = newOrder(more)
  await store.create(order)
  const [log] = await store.open([order.spec.orderId])
  for (const draft of life) await log?.append(draft)
  return order.spec.orderId
}

const statusOf = async (store: Store, id: OrderId) => (await store.load(id))?.order.status

test('cancels what fits and is open, and nothing else', async () => {
  const store = openMemoryStore()
  const jup = { tokenOut: tokenCalled('JUP') }
  const [foreign, other, done, first, second] = [
    await placed(store, { ...jup, owner: 'another' }),
    await placed(store),
    await placed(store, jup, [triggered, routed, submitted, filled]),
    await placed(store, jup),
    await placed(store, jup, [triggered, routed]),
  ]
  const filter = { ...everything, mint: tokenCalled('JUP').mint }
  expect(await cancelOrders(filter, second, { store })).toEqual({ canceled: 2, tooLate: [], remaining: 0 })
  expect(await Promise.all([foreign, other, done, first, second].map((id) => statusOf(store, id)))).toEqual([
    'pending',
    'pending',
    'confirmed',
    'canceled',
    'canceled',
  ])
})

test('an order that is newer than the newest of the plan stays', async () => {
  const store = openMemoryStore()
  const [counted, later] = [await placed(store), await placed(store)]
  expect(await cancelOrders(everything, counted, { store })).toMatchObject({ canceled: 1 })
  expect(await statusOf(store, later)).toBe('pending')
})

test('submitted orders are named, and left to the chain', async () => {
  const store = openMemoryStore()
  const [swapped, open] = [await placed(store, {}, [triggered, routed, submitted]), await placed(store)]
  expect(await cancelOrders(everything, open, { store })).toEqual({
    canceled: 1,
    tooLate: [swapped],
    remaining: 0,
  })
  expect(await statusOf(store, swapped)).toBe('submitted')
})

describe('more orders than one call takes', () => {
  test('are canceled by further calls, however many of them are submitted', async () => {
    const store = openMemoryStore()
    const open = [await placed(store), await placed(store), await placed(store)]
    const swapped = [
      await placed(store, {}, [triggered, routed, submitted]),
      await placed(store, {}, [triggered, routed, submitted]),
    ]
    const newest = swapped[1] as OrderId
    const call = () => cancelOrders(everything, newest, { store }, 2)
    expect(await call()).toEqual({ canceled: 2, tooLate: [], remaining: 3 })
    expect(await call()).toEqual({ canceled: 1, tooLate: [newest], remaining: 1 })
    expect(await Promise.all(open.map((id) => statusOf(store, id)))).toEqual(open.map(() => 'canceled'))
  })
})

test('a worker that is faster decides: the order is canceled as it then stands, or its swap goes on', async () => {
  const store = openMemoryStore()
  const [slow, fast] = [await placed(store), await placed(store)]
  const lives = new Map([
    [slow, [triggered]],
    [fast, [triggered, routed, submitted]],
  ])
  /** Every log that is read is moved on before it can be appended to, once. */
  const open = async (ids: readonly OrderId[]) => {
    const logs = await store.open(ids)
    for (const id of ids) {
      const life = lives.get(id) ?? []
      lives.delete(id)
      const [log] = await store.open([id])
      for (const draft of life) await log?.append(draft)
    }
    return logs
  }
  expect(await cancelOrders(everything, fast, { store: { ...store, open } })).toEqual({
    canceled: 1,
    tooLate: [fast],
    remaining: 0,
  })
  expect((await store.load(slow))?.events.map(({ kind }) => kind)).toEqual([
    'accepted',
    'triggered',
    'canceled',
  ])
  expect(await statusOf(store, fast)).toBe('submitted')
})

test('a store that does not answer is reported, and the same call goes on once it does', async () => {
  const store = openMemoryStore()
  const [first, second] = [await placed(store), await placed(store)]
  let isDown = true
  const open = async (ids: readonly OrderId[]) => {
    if (isDown && ids.includes(second)) throw new StoreUnavailable()
    return store.open(ids)
  }
  const deps = { store: { ...store, open } }
  await expect(cancelOrders(everything, second, deps)).rejects.toBeInstanceOf(StoreUnavailable)
  isDown = false
  await cancelOrders(everything, second, deps)
  expect(await Promise.all([first, second].map((id) => statusOf(store, id)))).toEqual([
    'canceled',
    'canceled',
  ])
})
