// Canceling as a command, whatever asks for it: the transition table decides, a lost race is tried again.
import { describe, expect, test } from 'vitest'
import { cancelOrder } from '../../src/commands/cancelOrder.ts'
import { baseUnits } from '../../src/domain/amount.ts'
import { mayFollow } from '../../src/domain/lifecycle.ts'
import type { EventDraft, OrderId } from '../../src/domain/order.ts'
import type { OrderLog, OrderStore } from '../../src/domain/ports/orders.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import { drafts, newId, newOrder, ocoOf } from '../support/orders.ts'
import { openMemoryStore } from './support.ts'

const { triggered, routed, submitted, filled, retried, failed, expired, canceled } = drafts

async function openLog(store: OrderStore, id: OrderId): Promise<OrderLog> {
  const [log] = await store.open([id])
  if (log === undefined) throw new Error('the order exists')
  return log
}

/** A store with one order of the owner `local` that has lived through these events. */
async function storeWith(life: readonly EventDraft[]) {
  const store = openMemoryStore()
  const order = newOrder()
  await store.create(order)
  const id = order.spec.orderId
  const log = await openLog(store, id)
  for (const draft of life) await log.append(draft)
  return { store, id, log }
}

/** What canceling comes to after each life; every status an order can be in, but `canceled`. */
const cases: readonly (readonly ['canceled' | 'too_late', ...EventDraft[]])[] = [
  ['canceled'],
  ['canceled', triggered],
  ['canceled', triggered, routed],
  ['canceled', triggered, routed, retried],
  ['too_late', triggered, routed, submitted],
  ['too_late', triggered, routed, submitted, filled],
  ['too_late', triggered, routed, submitted, failed],
  ['too_late', expired],
]

for (const [kind, ...life] of cases) {
  test(`after ${['accepted', ...life.map((event) => event.kind)].join(', ')} it is ${kind}`, async () => {
    const { store, id, log } = await storeWith(life)
    const { status, seq } = log.order
    expect(mayFollow(log.order, 'canceled')).toBe(kind === 'canceled')
    const outcome = await cancelOrder(id, 'local', { store })
    expect(outcome).toMatchObject(kind === 'canceled' ? { kind, order: { seq: seq + 1 } } : { kind, status })
    const stored = await store.load(id)
    expect(stored?.order.status).toBe(kind === 'canceled' ? 'canceled' : status)
    expect(stored?.order.seq).toBe(kind === 'canceled' ? seq + 1 : seq)
  })
}

test('canceling a canceled order gives it again and writes nothing', async () => {
  const { store, id } = await storeWith([canceled])
  expect(await cancelOrder(id, 'local', { store })).toMatchObject({
    kind: 'canceled',
    order: { seq: 2, status: 'canceled' },
  })
  expect((await store.load(id))?.events).toHaveLength(2)
})

test('the log says by whom', async () => {
  const { store, id } = await storeWith([triggered])
  expect(await cancelOrder(id, 'local', { store })).toMatchObject({ order: { by: 'local' } })
})

test('the order of another owner is not found and stays as it is', async () => {
  const { store, id } = await storeWith([])
  expect(await cancelOrder(id, 'another', { store })).toEqual({ kind: 'not_found' })
  expect((await store.load(id))?.order.status).toBe('pending')
})

test('an order that does not exist is not found', async () => {
  expect(await cancelOrder(newId(), 'local', { store: openMemoryStore() })).toEqual({ kind: 'not_found' })
})

describe('when a worker is faster', () => {
  /** A store whose logs are moved on by a worker, one event each time, between being read and being appended to. */
  async function racing(worker: EventDraft[]) {
    const { store, id } = await storeWith([])
    const open = async (ids: readonly OrderId[]) => {
      const logs = await store.open(ids)
      const next = worker.shift()
      if (next !== undefined) await (await openLog(store, id)).append(next)
      return logs
    }
    return { store, id, deps: { store: { ...store, open } } }
  }

  test('it cancels what the order has become', async () => {
    const { store, id, deps } = await racing([triggered, routed])
    expect(await cancelOrder(id, 'local', deps)).toMatchObject({ kind: 'canceled', order: { seq: 4 } })
    expect((await store.load(id))?.events.map(({ kind }) => kind)).toEqual([
      'accepted',
      'triggered',
      'routed',
      'canceled',
    ])
  })

  test('it is too late once the swap is submitted', async () => {
    const { store, id, deps } = await racing([triggered, routed, submitted])
    expect(await cancelOrder(id, 'local', deps)).toEqual({ kind: 'too_late', status: 'submitted' })
    expect((await store.load(id))?.order.status).toBe('submitted')
  })

  test('twenty at once write one event', async () => {
    const { store, id } = await storeWith([])
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => cancelOrder(id, 'local', { store })))
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['canceled']))
    expect((await store.load(id))?.events).toHaveLength(2)
  })
})

describe('of an OCO', () => {
  const half = { ...triggered, amountIn: baseUnits(50_000_000n) }

  /** An OCO whose legs have lived through these events: the first sells half, the second what is left. */
  async function ocoWith(...lives: readonly (readonly EventDraft[])[]) {
    const store = openMemoryStore()
    const spec = ocoOf()
    await store.create({ spec, idempotencyKey: null, isLimited: false })
    const legs = await store.children(spec.orderId)
    for (const [i, life] of lives.entries()) {
      const id = legs[i]?.spec.orderId
      const log = id === undefined ? null : await openLog(store, id)
      for (const draft of life) await log?.append(draft)
    }
    const cancel = () => cancelOrder(spec.orderId, 'local', { store })
    return { cancel, statuses: async () => (await store.children(spec.orderId)).map(({ status }) => status) }
  }

  test('legs under way are canceled with it', async () => {
    const { cancel, statuses } = await ocoWith([half, routed])
    expect(await cancel()).toMatchObject({ kind: 'canceled' })
    expect(await statuses()).toEqual(['canceled', 'pending'])
  })

  test('it is too late while the swap of a leg is under way, and the other legs stay as they are', async () => {
    const { cancel, statuses } = await ocoWith([half], [half, routed, submitted])
    expect(await cancel()).toEqual({ kind: 'too_late', status: 'submitted' })
    expect(await statuses()).toEqual(['routing', 'submitted'])
  })

  test('it is too late once the legs have sold all, whether or not that was noticed', async () => {
    const { cancel } = await ocoWith([half, routed, submitted, filled], [half, routed, submitted, filled])
    expect(await cancel()).toEqual({ kind: 'too_late', status: 'confirmed' })
  })
})

test('only a lost race is tried again: a store that does not answer is reported', async () => {
  const { id, log, store: sound } = await storeWith([])
  const store = {
    ...sound,
    open: async () => [{ ...log, order: log.order, append: () => Promise.reject(new StoreUnavailable()) }],
  }
  await expect(cancelOrder(id, 'local', { store })).rejects.toBeInstanceOf(StoreUnavailable)
})
