// Canceling as a command, whatever asks for it: the transition table decides, a lost race is tried again.
import { describe, expect, test } from 'vitest'
import { cancelOrder } from '../../src/commands/cancelOrder.ts'
import { baseUnits } from '../../src/domain/amount.ts'
import { mayFollow } from '../../src/domain/lifecycle.ts'
import type { EventDraft } from '../../src/domain/order.ts'
import { type OrderLog, type OrderStore, StaleLog } from '../../src/domain/ports/orders.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { LegTerms, OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { childId, legsOf, timeOf } from '../../src/domain/triggers/legs.ts'
import {
  drafts,
  EXAMPLE_END,
  exampleExits,
  newId,
  newOrder,
  ocoOf,
  specOf,
  twapOf,
} from '../support/orders.ts'
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

describe('a family', () => {
  const TOTAL = baseUnits(100_000_000n)
  const fill = { ...filled.fill, amountIn: TOTAL }
  const whole = ocoOf().legs.map((leg): LegTerms => ({ ...leg, shareBps: null }))

  /** A store with the order and what it brings about. */
  async function family(spec: OrderSpec) {
    const store = openMemoryStore()
    await store.create({ spec, idempotencyKey: null, isLimited: false })
    const ids = legsOf(spec).map(({ orderId }) => orderId)
    const live = async (id: OrderId | undefined, ...life: readonly EventDraft[]) => {
      const log = await openLog(store, id ?? newId())
      for (const draft of life) await log.append(draft)
    }
    const kindsOf = async (id: OrderId | undefined) =>
      (await store.load(id ?? newId()))?.events.map(({ kind }) => kind).join()
    const cancel = (id: OrderId = spec.orderId, owner = 'local') => cancelOrder(id, owner, { store })
    return { store, spec, ids, live, kindsOf, cancel }
  }

  test('an OCO is canceled as a whole: no leg can fire any more', async () => {
    const { store, spec, ids, cancel, live } = await family(ocoOf({ legs: whole }))
    expect(await cancel()).toMatchObject({ kind: 'canceled', order: { seq: 2, by: 'local' } })
    for (const id of ids) await expect(live(id, triggered)).rejects.toBeInstanceOf(StaleLog)
    expect([...(await store.leftovers(10))].toSorted()).toEqual(ids.toSorted())
    expect(await cancel()).toMatchObject({ kind: 'canceled', order: { seq: 2 } })
    expect(await cancel(spec.orderId, 'another')).toEqual({ kind: 'not_found' })
  })

  test.each<[string, readonly EventDraft[]]>([
    ['has fired', [triggered]],
    ['is being built', [triggered, routed]],
  ])('an OCO of which a leg %s: that is canceled first', async (_, life) => {
    const { ids, live, kindsOf, cancel, spec } = await family(ocoOf({ legs: whole }))
    await live(ids[0], ...life)
    expect(await cancel()).toMatchObject({ kind: 'canceled' })
    expect(await kindsOf(ids[0])).toBe(['accepted', ...life.map(({ kind }) => kind), 'canceled'].join())
    expect(await kindsOf(spec.orderId)).toBe('accepted,canceled')
  })

  test('an OCO of which a leg is submitted is too late, and nothing changes', async () => {
    const { ids, live, kindsOf, cancel, spec } = await family(ocoOf({ legs: whole }))
    await live(ids[0], triggered, routed, submitted)
    expect(await cancel()).toEqual({ kind: 'too_late', status: 'submitted' })
    expect([await kindsOf(spec.orderId), await kindsOf(ids[1])]).toEqual(['accepted', 'accepted'])
  })

  test('an OCO that has sold all is too late, before it is completed as after', async () => {
    const { ids, live, cancel, spec } = await family(ocoOf({ legs: whole }))
    await live(ids[0], triggered, routed, submitted, { kind: 'filled', fill })
    expect(await cancel()).toEqual({ kind: 'too_late', status: 'confirmed' })
    await live(spec.orderId, drafts.completed)
    expect(await cancel()).toEqual({ kind: 'too_late', status: 'confirmed' })
  })

  test('an OCO that has sold a part keeps that, and the rest is canceled', async () => {
    const { ids, live, cancel } = await family(ocoOf())
    const half = baseUnits(TOTAL / 2n)
    await live(ids[0], { ...triggered, amountIn: half }, routed, submitted, {
      kind: 'filled',
      fill: { ...fill, amountIn: half },
    })
    expect(await cancel()).toMatchObject({ kind: 'canceled' })
    await expect(live(ids[1], { ...triggered, amountIn: half })).rejects.toBeInstanceOf(StaleLog)
  })

  test('one leg can be canceled by itself, and leaves the others', async () => {
    const { ids, kindsOf, cancel, live } = await family(ocoOf({ legs: whole }))
    expect(await cancel(ids[0])).toMatchObject({ kind: 'canceled' })
    expect(await kindsOf(ids[0])).toBe('accepted,canceled')
    await live(ids[1], triggered)
  })

  test('a bracket takes its exits with it, before it is filled', async () => {
    const { ids, kindsOf, cancel } = await family(specOf({ exits: exampleExits }))
    expect(await cancel()).toMatchObject({ kind: 'canceled' })
    for (const id of ids) expect(await kindsOf(id)).toBe('accepted,canceled')
  })

  test('a bracket that is filled is too late: its exits go on, until each is canceled', async () => {
    const { spec, ids, live, kindsOf, cancel } = await family(specOf({ exits: exampleExits }))
    await live(spec.orderId, triggered, routed, submitted, filled)
    expect(await cancel()).toEqual({ kind: 'too_late', status: 'confirmed' })
    expect(await kindsOf(ids[0])).toBe('accepted,activated')
    expect(await cancel(ids[0])).toMatchObject({ kind: 'canceled' })
    expect(await kindsOf(ids[1])).toBe('accepted,activated')
  })

  test('an exit that waits for its parent can be canceled by itself', async () => {
    const { spec, ids, live, kindsOf, cancel } = await family(specOf({ exits: exampleExits }))
    expect(await cancel(ids[1])).toMatchObject({ kind: 'canceled' })
    await live(spec.orderId, triggered, routed, submitted, filled)
    expect(await Promise.all(ids.map(kindsOf))).toEqual([
      'accepted,activated',
      'accepted,canceled',
      'accepted,activated',
    ])
  })

  test('a TWAP is canceled with its open slices; one that is submitted goes on', async () => {
    const { store, spec, live, kindsOf, cancel } = await family(twapOf())
    const slices = [1, 2, 3].map((number) =>
      specOf({
        orderId: childId(spec.orderId, number, timeOf(spec.orderId)),
        parent: { kind: 'slice', orderId: spec.orderId, number, endsAt: EXAMPLE_END },
      }),
    )
    for (const slice of slices) await store.create({ spec: slice, idempotencyKey: null, isLimited: false })
    const [waiting, sent, ended] = slices.map(({ orderId }) => orderId)
    await live(sent, triggered, routed, submitted)
    await live(ended, triggered, failed)
    expect(await cancel()).toMatchObject({ kind: 'canceled', order: { seq: 2 } })
    expect(await kindsOf(waiting)).toBe('accepted,canceled')
    expect(await kindsOf(sent)).toBe('accepted,triggered,routed,submitted')
    expect(await kindsOf(ended)).toBe('accepted,triggered,failed')
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
