// Owns what every order store must do, part one: creating, appending, loading. Part two is orderStoreReading.ts.

import { expect, test } from 'vitest'
import { bps } from '../../src/domain/amount.ts'
import { replayLog } from '../../src/domain/eventCodec.ts'
import { IllegalTransition } from '../../src/domain/lifecycle.ts'
import type { EventDraft, Order } from '../../src/domain/order.ts'
import { type OrderLog, type OrderStore, StaleLog } from '../../src/domain/ports/orders.ts'
import type { ManualClock } from '../support/manualClock.ts'
import { drafts, newId, newOrder, wholeLife } from '../support/orders.ts'

/** How long an order may stand still, in every store of these tests. */
export const LEASE_MS = 4_000

/** Two stores on one database, as two processes have them, and the clock of both. */
export type StoresUnderTest = {
  readonly store: OrderStore
  readonly other: OrderStore
  readonly clock: ManualClock
}

export async function created(store: OrderStore, wanted = newOrder()): Promise<OrderLog> {
  await store.create(wanted)
  return openLog(store, wanted.spec.orderId)
}

async function openLog(store: OrderStore, id: OrderLog['order']['spec']['orderId']): Promise<OrderLog> {
  const [log] = await store.open([id])
  if (log === undefined) throw new Error(`order ${id} is not there`)
  return log
}

export async function appendAll(log: OrderLog, life: readonly EventDraft[]): Promise<void> {
  await Promise.all(life.map((draft) => log.append(draft)))
}

/** An order in which bytes are equal whatever kind of array holds them. */
export const comparable = (order: Order | null | undefined) =>
  order && 'swap' in order ? { ...order, swap: { ...order.swap, wire: [...order.swap.wire] } } : order

async function kindsIn(store: OrderStore, log: OrderLog): Promise<string[]> {
  const loaded = await store.load(log.order.spec.orderId)
  return loaded?.events.map(({ seq, kind }) => `${seq} ${kind}`) ?? []
}

export function describeCreating(stores: () => StoresUnderTest): void {
  test('a created order is durable with its first event', async () => {
    const { store, clock } = stores()
    const wanted = newOrder()
    const { outcome } = await store.create(wanted)
    expect(outcome).toMatchObject({
      kind: 'created',
      order: { spec: wanted.spec, status: 'pending', seq: 1 },
    })
    const loaded = await store.load(wanted.spec.orderId)
    expect(loaded?.order.createdAt).toBe(clock.now())
    expect(loaded?.events).toMatchObject([{ seq: 1, kind: 'accepted', status: 'pending', attempt: 1 }])
  })

  for (const key of ['idempotencyKey', 'clientOrderId'] as const) {
    test(`the same ${key} and request give the first order again`, async () => {
      const { store, other } = stores()
      const [name, first] = [newId(), newId()]
      await store.create(newOrder({ [key]: name, orderId: first }))
      const { outcome } = await other.create(newOrder({ [key]: name }))
      expect(outcome).toMatchObject({ kind: 'replayed', order: { spec: { orderId: first } } })
    })

    test(`the same ${key} with another request is a conflict and makes no order`, async () => {
      const { store } = stores()
      const [name, second] = [newId(), newId()]
      await store.create(newOrder({ [key]: name }))
      const { outcome } = await store.create(newOrder({ [key]: name, orderId: second, slippageBps: bps(77) }))
      expect(outcome).toEqual({ kind: 'conflict', key })
      expect(await store.load(second)).toBeNull()
    })

    test(`the same ${key} of two owners makes two orders`, async () => {
      const { store } = stores()
      const name = newId()
      const answers = await Promise.all(
        ['ann', 'bob'].map((owner) => store.create(newOrder({ [key]: name, owner }))),
      )
      expect(answers.map(({ outcome }) => outcome.kind)).toEqual(['created', 'created'])
    })

    test(`equal ${key}s that meet in one batch make one order`, async () => {
      const { store } = stores()
      const name = newId()
      const answers = await Promise.all([
        store.create(newOrder({ [key]: name })),
        store.create(newOrder({ [key]: name })),
        store.create(newOrder({ [key]: name, slippageBps: bps(77) })),
        store.create(newOrder()),
      ])
      const kinds = answers.map(({ outcome }) => outcome.kind)
      expect(kinds.filter((kind) => kind === 'created')).toHaveLength(2)
      expect(kinds[3]).toBe('created')
    })

    test(`fifty at once with one ${key}, through two processes, are one order`, async () => {
      const { store, other } = stores()
      const name = newId()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? store : other).create(newOrder({ [key]: name }))),
      )
      const ids = answers.map(({ outcome }) => ('order' in outcome ? outcome.order.spec.orderId : null))
      expect(new Set(ids).size).toBe(1)
      expect(answers.filter(({ outcome }) => outcome.kind === 'created')).toHaveLength(1)
    })
  }

  for (const key of ['idempotencyKey', 'clientOrderId'] as const) {
    test(`by its ${key} a repeat or a conflict is known without a write`, async () => {
      const { store, other } = stores()
      const [name, first, second] = [newId(), newId(), newId()]
      expect(await store.findByKey(newOrder({ [key]: name, orderId: first }))).toBeNull()
      expect(await store.load(first)).toBeNull()
      await store.create(newOrder({ [key]: name, orderId: first }))
      const again = await other.findByKey(newOrder({ [key]: name, orderId: second }))
      expect(again).toMatchObject({ kind: 'replayed', order: { spec: { orderId: first } } })
      const changed = newOrder({ [key]: name, orderId: second, slippageBps: bps(77) })
      expect(await other.findByKey(changed)).toEqual({ kind: 'conflict', key })
      expect(await store.findByKey(newOrder({ [key]: name, owner: newId() }))).toBeNull()
      expect(await store.load(second)).toBeNull()
    })
  }

  test('an order without keys is no repeat of any', async () => {
    const { store } = stores()
    const wanted = newOrder()
    await store.create(wanted)
    expect(await store.findByKey(wanted)).toBeNull()
  })

  test('a replay shows the order as it stands now', async () => {
    const { store } = stores()
    const idempotencyKey = newId()
    await appendAll(await created(store, newOrder({ idempotencyKey })), wholeLife)
    const { outcome } = await store.create(newOrder({ idempotencyKey }))
    expect(outcome).toMatchObject({ kind: 'replayed', order: { status: 'confirmed', attempt: 2 } })
  })

  test('orders created together are all there', async () => {
    const { store } = stores()
    const wanted = Array.from({ length: 900 }, () => newOrder())
    await Promise.all(wanted.map((order) => store.create(order)))
    const logs = await store.open(wanted.map(({ spec }) => spec.orderId))
    expect(new Set(logs.map(({ order }) => order.spec.orderId)).size).toBe(900)
  })
}

export function describeAppending(stores: () => StoresUnderTest): void {
  test('appends of one writer stand in the log in their order, without gaps', async () => {
    const { store } = stores()
    const log = await created(store)
    await appendAll(log, wholeLife)
    const expected = ['accepted', ...wholeLife.map(({ kind }) => kind)].map((kind, i) => `${i + 1} ${kind}`)
    expect(await kindsIn(store, log)).toEqual(expected)
  })

  test('replaying the stored events gives the order that its writer held', async () => {
    const { store, other } = stores()
    const log = await created(store)
    await appendAll(log, wholeLife)
    const loaded = await other.load(log.order.spec.orderId)
    expect(comparable(loaded?.order)).toEqual(comparable(log.order))
    expect(comparable(replayLog(loaded?.events ?? []))).toEqual(comparable(log.order))
  })

  test('the signed bytes are stored to the byte', async () => {
    const { store, other } = stores()
    const log = await created(store)
    await appendAll(log, [drafts.triggered, drafts.routed, drafts.submitted])
    const again = await openLog(other, log.order.spec.orderId)
    expect(again.order).toMatchObject({ status: 'submitted' })
    expect(again.order.status === 'submitted' && [...again.order.swap.wire]).toEqual([1, 0, 255, 128])
  })

  test('of two writers one appends and the other is told to stop', async () => {
    const { store, other } = stores()
    const log = await created(store)
    const rival = await openLog(other, log.order.spec.orderId)
    const outcomes = await Promise.allSettled([log.append(drafts.triggered), rival.append(drafts.canceled)])
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(1)
    expect(refused[0]?.reason).toBeInstanceOf(StaleLog)
    expect(await kindsIn(store, log)).toHaveLength(2)
  })

  test('a refused append refuses all that its writer queued behind it', async () => {
    const { store } = stores()
    const log = await created(store)
    const stale = await openLog(stores().other, log.order.spec.orderId)
    await log.append(drafts.triggered)
    const outcomes = await Promise.allSettled(
      [drafts.triggered, drafts.routed, drafts.submitted].map((draft) => stale.append(draft)),
    )
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await kindsIn(store, log)).toEqual(['1 accepted', '2 triggered'])
  })

  test('a stale chain in the same batch does not continue where the winner left off', async () => {
    const { store } = stores()
    const first = await created(store)
    const second = await openLog(store, first.order.spec.orderId)
    const outcomes = await Promise.allSettled([
      first.append(drafts.triggered),
      second.append(drafts.triggered),
      second.append(drafts.routed),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect(await kindsIn(store, first)).toEqual(['1 accepted', '2 triggered'])
  })

  test('a writer that was refused stays refused', async () => {
    const { store, other } = stores()
    const log = await created(store)
    const stale = await openLog(other, log.order.spec.orderId)
    await log.append(drafts.triggered)
    await expect(stale.append(drafts.triggered)).rejects.toBeInstanceOf(StaleLog)
    await expect(stale.append(drafts.routed)).rejects.toBeInstanceOf(StaleLog)
    expect(await kindsIn(store, log)).toEqual(['1 accepted', '2 triggered'])
  })

  test('one refused order does not fail its neighbours in the batch', async () => {
    const { store, other } = stores()
    const logs = await Promise.all(Array.from({ length: 20 }, () => created(store)))
    const [victim] = logs
    if (victim === undefined) throw new Error('twenty logs were opened')
    await (await openLog(other, victim.order.spec.orderId)).append(drafts.canceled)
    const outcomes = await Promise.allSettled(logs.map((log) => appendAll(log, wholeLife)))
    expect(outcomes.map(({ status }) => status)).toEqual(logs.map((_, i) => (i ? 'fulfilled' : 'rejected')))
    expect(await kindsIn(store, victim)).toEqual(['1 accepted', '2 canceled'])
  })

  test('an event that may not follow is thrown back and leaves no trace', async () => {
    const { store } = stores()
    const log = await created(store)
    expect(() => log.append(drafts.filled)).toThrow(IllegalTransition)
    await log.append(drafts.canceled)
    expect(() => log.append(drafts.triggered)).toThrow(IllegalTransition)
    expect(await kindsIn(store, log)).toEqual(['1 accepted', '2 canceled'])
  })

  test('a clock that was set back does not turn the history around', async () => {
    const { store, clock } = stores()
    const log = await created(store)
    clock.advance(-60_000)
    await appendAll(log, wholeLife)
    const times = (await store.load(log.order.spec.orderId))?.events.map(({ at }) => at) ?? []
    expect(times).toHaveLength(wholeLife.length + 1)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    clock.advance(60_000)
  })
}
