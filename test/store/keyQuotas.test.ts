// The contract of limits, kept over the embedded database, over a Postgres server, and over the tables in memory with which
// engines are simulated: what two processes that create orders for one key at the same moment may not do together.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { Creation, OrderStore } from '../../src/domain/ports/orders.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { distributed, embedded } from '../support/databases.ts'
import { inMemory, type LimitedKeys, overSql } from '../support/limitedKeys.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { drafts, filterOf, newId, newOrder, ocoOf, specOf, tokenCalled } from '../support/orders.ts'
import { describeDistributed } from '../support/services.ts'

const A = tokenCalled('A').mint
const B = tokenCalled('B').mint
const DAY_MS = 86_400_000
const RACERS = 100

function describeLimits(open: () => Promise<LimitedKeys>): void {
  let clock: ManualClock
  let [opened, store, other] = [null, null, null] as unknown as [LimitedKeys, OrderStore, OrderStore]
  let close: () => Promise<void>
  beforeAll(async () => {
    opened = await open()
    clock = manualClock()
    const options = { leaseMs: 4_000, isSoleProcess: false, onEvent: () => {}, keepRecent: 0 }
    const stores = [
      openOrderStore(opened.tables, opened.hints, clock, options),
      openOrderStore(opened.otherStatements, opened.otherHints, clock, options),
    ] as const
    ;[store, other] = stores
    close = async () => {
      for (const one of stores) one.close()
      await opened.remove()
    }
  })
  afterAll(() => close())

  const ownerWith = (limits: KeyQuotas) => opened.keyWith(limits, clock)

  /** As many orders at once, through two processes. */
  const race = (
    owner: string,
    count = RACERS,
    more: (i: number) => Parameters<typeof newOrder>[0] = () => ({}),
  ) =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        (i % 2 ? store : other).create(newOrder({ isLimited: true, owner, ...more(i) })),
      ),
    )

  const kinds = (answers: readonly Creation[]) => {
    const counts: Record<string, number> = {}
    for (const { outcome } of answers) {
      const kind = outcome.kind === 'exceeded' ? outcome.limit : outcome.kind
      counts[kind] = (counts[kind] ?? 0) + 1
    }
    return counts
  }

  const createdIn = (answers: readonly Creation[]) =>
    answers.flatMap(({ outcome }) => (outcome.kind === 'created' ? [outcome.order.spec.orderId] : []))

  async function cancel(ids: ReturnType<typeof createdIn>): Promise<void> {
    for (const log of await store.open(ids)) await log.append(drafts.canceled)
  }

  test('a family within limits is durable with its legs, counts once, and has none where it breaks one', async () => {
    const owner = await ownerWith({ ordersPerMinute: 3, perDay: { [A]: '1000000000' } })
    const specs = [
      ocoOf({ owner }),
      specOf({ owner, exits: ocoOf().legs }),
      specOf({ owner }),
      ocoOf({ owner }),
    ]
    const answers = await Promise.all(
      specs.map((spec) => store.create({ spec, idempotencyKey: null, isLimited: true })),
    )
    expect(kinds(answers)).toEqual({ created: 3, ordersPerMinute: 1 })
    const children = []
    for (const { orderId } of specs) children.push((await other.children(orderId)).map(({ spec }) => spec))
    const taken = answers.map(({ outcome }) => outcome.kind === 'created')
    expect(children).toEqual(specs.map((spec, i) => (taken[i] ? legsOf(spec) : [])))
    const legs = children.flat().length
    expect(await opened.countOf(owner)).toEqual({ orders: 3 + legs, counted: 3 })
  })

  test('a repeat of a family within limits makes no legs', async () => {
    const owner = await ownerWith({ ordersPerMinute: 10 })
    const idempotencyKey = newId()
    const [first, again] = [ocoOf({ owner }), ocoOf({ owner })]
    await store.create({ spec: first, idempotencyKey, isLimited: true })
    const { outcome } = await other.create({ spec: again, idempotencyKey, isLimited: true })
    expect(outcome).toMatchObject({ kind: 'replayed', order: { spec: { orderId: first.orderId } } })
    expect(await store.children(again.orderId)).toEqual([])
    expect(await opened.countOf(owner)).toEqual({ orders: 3, counted: 1 })
  })

  test('an order within its limits is as durable as any other', async () => {
    const owner = await ownerWith({ ordersPerMinute: 10, openOrders: 10, perDay: { [A]: '1000000000' } })
    const wanted = newOrder({ isLimited: true, owner })
    const { outcome, rate } = await store.create(wanted)
    expect(outcome).toMatchObject({ kind: 'created', order: { spec: wanted.spec, seq: 1 } })
    expect(rate).toEqual({ recent: 1, freesAt: clock.now() + 60_000 })
    const loaded = await other.load(wanted.spec.orderId)
    expect(loaded?.events).toMatchObject([{ seq: 1, kind: 'accepted', status: 'pending' }])
    const [listed] = await other.list({ ...filterOf(owner), before: null, limit: 5 })
    expect(listed?.spec.orderId).toBe(wanted.spec.orderId)
  })

  test('an order beyond them leaves nothing behind', async () => {
    const owner = await ownerWith({ openOrders: 1 })
    await store.create(newOrder({ isLimited: true, owner }))
    const wanted = newOrder({ isLimited: true, owner, clientOrderId: newId() })
    const { outcome } = await store.create(wanted)
    expect(outcome).toEqual({ kind: 'exceeded', limit: 'openOrders', heldUntil: null })
    expect(await store.load(wanted.spec.orderId)).toBeNull()
    expect((await opened.countOf(owner)).orders).toBe(1)
  })

  test('of a hundred racing orders as many are taken as may be placed in a minute', async () => {
    const owner = await ownerWith({ ordersPerMinute: 7 })
    expect(kinds(await race(owner))).toEqual({ created: 7, ordersPerMinute: 93 })
    clock.advance(59_999)
    expect(kinds(await race(owner, 4))).toEqual({ ordersPerMinute: 4 })
    clock.advance(1)
    expect(kinds(await race(owner))).toEqual({ created: 7, ordersPerMinute: 93 })
  })

  test('the minute slides: what was placed late in one still counts in the next', async () => {
    const owner = await ownerWith({ ordersPerMinute: 4 })
    expect(kinds(await race(owner, 2))).toEqual({ created: 2 })
    clock.advance(40_000)
    expect(kinds(await race(owner, 3))).toEqual({ created: 2, ordersPerMinute: 1 })
    clock.advance(20_000)
    const answers = await race(owner, 4)
    expect(kinds(answers)).toEqual({ created: 2, ordersPerMinute: 2 })
    expect(answers.at(-1)?.rate).toEqual({ recent: 4, freesAt: clock.now() + 40_000 })
  })

  test('of a hundred racing orders as many are taken as may be open, and each that ends makes room', async () => {
    const owner = await ownerWith({ openOrders: 5 })
    const answers = await race(owner)
    expect(kinds(answers)).toEqual({ created: 5, openOrders: 95 })
    await cancel(createdIn(answers).slice(0, 2))
    expect(kinds(await race(owner))).toEqual({ created: 2, openOrders: 98 })
    clock.advance(3_600_000)
    expect(kinds(await race(owner, 2))).toEqual({ openOrders: 2 })
  })

  test('a hundred racing orders sell no unit more than they may on one day', async () => {
    const owner = await ownerWith({ perDay: { [A]: '1000', [B]: '1' } })
    const answers = await race(owner, RACERS, (i) => ({ amountIn: baseUnits(BigInt(i + 1)) }))
    const sold = answers.flatMap(({ outcome }) =>
      outcome.kind === 'created' ? [outcome.order.spec.amountIn as bigint] : [],
    )
    const sum = sold.reduce((all, one) => all + one, 0n)
    expect(sum).toBeLessThanOrEqual(1_000n)
    // Whatever was refused would have been too much: the smallest of them still is.
    const refused = answers.flatMap(({ outcome }, i) => (outcome.kind === 'exceeded' ? [BigInt(i + 1)] : []))
    expect(refused.length).toBeGreaterThan(0)
    expect(kinds(answers)).toEqual({ created: sold.length, perDay: refused.length })
    const rest = 1_000n - sum
    if (rest > 0n)
      expect(kinds(await race(owner, 1, () => ({ amountIn: baseUnits(rest) })))).toEqual({ created: 1 })
    expect(kinds(await race(owner, 1, () => ({ amountIn: baseUnits(1n) })))).toEqual({ perDay: 1 })
    // What was sold does not come back when its order ends; another token has its own bound; another day begins anew.
    await cancel(createdIn(answers))
    expect(kinds(await race(owner, 1, () => ({ amountIn: baseUnits(1n) })))).toEqual({ perDay: 1 })
    const ofB = { tokenIn: tokenCalled('B'), tokenOut: tokenCalled('A'), amountIn: baseUnits(1n) }
    expect(kinds(await race(owner, 2, () => ofB))).toEqual({ created: 1, perDay: 1 })
    clock.advance(DAY_MS)
    expect(kinds(await race(owner, 1, () => ({ amountIn: baseUnits(1_000n) })))).toEqual({ created: 1 })
  })

  test('amounts beyond what a 64-bit integer holds are summed exactly', async () => {
    const most = 2n ** 64n - 1n
    const owner = await ownerWith({ perDay: { [A]: (most * 2n).toString() } })
    const whole = () => ({ amountIn: baseUnits(most) })
    expect(kinds(await race(owner, 3, whole))).toEqual({ created: 2, perDay: 1 })
  })

  for (const key of ['idempotencyKey', 'clientOrderId'] as const) {
    test(`fifty at once with one ${key} count once, and are told so beyond the limit too`, async () => {
      const owner = await ownerWith({ ordersPerMinute: 2, openOrders: 2, perDay: { [A]: '200000000' } })
      const name = newId()
      const answers = await race(owner, 50, () => ({ [key]: name }))
      expect(kinds(answers)).toEqual({ created: 1, replayed: 49 })
      expect(kinds(await race(owner, 2))).toEqual({ created: 1, ordersPerMinute: 1 })
      expect(kinds(await race(owner, 2, () => ({ [key]: name })))).toEqual({ replayed: 2 })
      const otherBody = { [key]: name, slippageBps: bps(77) }
      expect(kinds(await race(owner, 1, () => otherBody))).toEqual({ conflict: 1 })
    })
  }

  test('keys do not share limits, whoever is created together', async () => {
    const owners = await Promise.all([1, 2, 3, 4].map((openOrders) => ownerWith({ openOrders })))
    const answers = await Promise.all(
      owners.flatMap((owner) => [race(owner, 30), race(owner, 30, () => ({ idempotencyKey: newId() }))]),
    )
    const taken = owners.map((_, i) => answers.slice(i * 2, i * 2 + 2).flatMap(createdIn).length)
    expect(taken).toEqual([1, 2, 3, 4])
  })

  test('a process whose clock is behind does not get a minute of its own', async () => {
    const owner = await ownerWith({ ordersPerMinute: 1 })
    await race(owner, 1)
    clock.advance(-90_000)
    expect(kinds(await race(owner, 2))).toEqual({ ordersPerMinute: 2 })
    clock.advance(90_000)
  })

  test('an order that rests is not open, and begins to count no more when it wakes', async () => {
    const owner = await ownerWith({ openOrders: 1 })
    const [id] = createdIn(await race(owner, 1))
    if (id === undefined) throw new Error('nothing was created')
    for (const log of await store.open([id])) await log.append({ ...drafts.rested, reason: null })
    expect(kinds(await race(owner, 2))).toEqual({ created: 1, openOrders: 1 })
  })

  test('what counts no more is not kept', async () => {
    const owner = await ownerWith({ ordersPerMinute: 50, openOrders: 50 })
    await cancel(createdIn(await race(owner, 20)))
    clock.advance(60_000)
    await race(owner, 1)
    expect((await opened.countOf(owner)).counted).toBe(1)
  })
}

describe('limits in memory, as engines are simulated', () => describeLimits(inMemory))
describe('limits on the embedded database', () => describeLimits(overSql(embedded)))
describeDistributed('limits on Postgres', () => describeLimits(overSql(distributed)))
