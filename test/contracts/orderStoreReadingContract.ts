// Owns what every order store must do, part two: following, finding the overdue, listing.
import { expect, test, vi } from 'vitest'
import type { Order } from '../../src/domain/order.ts'
import type { ListQuery, OrderFilter, OrderLog, OrderStore } from '../../src/domain/ports/orders.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import { drafts, filterOf, newId, newOrder, tokenCalled, wholeLife } from '../support/orders.ts'
import { appendAll, comparable, created, LEASE_MS, type StoresUnderTest } from './orderStoreContract.ts'

/** The whole life and the `accepted` before it. */
const LIFE_LENGTH = wholeLife.length + 1
const upTo = (last: number, after = 0) => Array.from({ length: last - after }, (_, i) => after + i + 1)

/** Notes what a follower is given. */
function follow(store: OrderStore, id: OrderId, after: number) {
  const seqs: number[] = []
  let ends = 0
  const following = store.follow(
    { id, owner: 'local', after },
    ({ seq }) => seqs.push(seq),
    () => {
      ends += 1
    },
  )
  return {
    seqs,
    stop: async () => (await following)?.(),
    ends: () => ends,
    ended: () => vi.waitFor(() => expect(ends).toBe(1), { timeout: 5_000 }),
  }
}

const seen = (follower: { seqs: number[] }, seqs: readonly number[]) =>
  vi.waitFor(() => expect(follower.seqs).toEqual(seqs), { timeout: 5_000, interval: 5 })

export function describeFollowing(stores: () => StoresUnderTest): void {
  for (const after of [0, 3, LIFE_LENGTH - 1]) {
    test(`behind seq ${after} a follower of an ended order gets the rest in order, then the end`, async () => {
      const { store } = stores()
      const log = await created(store)
      await appendAll(log, wholeLife)
      const follower = follow(store, log.order.spec.orderId, after)
      await follower.ended()
      expect(follower.seqs).toEqual(upTo(LIFE_LENGTH, after))
    })

    test(`behind seq ${after} it gets the same from a store that has not written the order`, async () => {
      const { store, other } = stores()
      const log = await created(store)
      await appendAll(log, wholeLife)
      const follower = follow(other, log.order.spec.orderId, after)
      await follower.ended()
      expect(follower.seqs).toEqual(upTo(LIFE_LENGTH, after))
    })
  }

  test('behind the last seq of an ended order there is only the end', async () => {
    const { store } = stores()
    const log = await created(store)
    await appendAll(log, wholeLife)
    const follower = follow(store, log.order.spec.orderId, LIFE_LENGTH)
    await follower.ended()
    expect(follower.seqs).toEqual([])
  })

  test('the end of an order that another store has ended is known before anybody is told to wait for it', async () => {
    const { store, other } = stores()
    const { orderId } = (await created(store)).order.spec
    const [log] = await other.open([orderId])
    for (const draft of wholeLife) await log?.append(draft)
    let hasEnded = false
    await store.follow(
      { id: orderId, owner: 'local', after: LIFE_LENGTH },
      () => {},
      () => {
        hasEnded = true
      },
    )
    expect(hasEnded).toBe(true)
  })

  test('an order that is not there, or is another owner’s, cannot be followed', async () => {
    const { store } = stores()
    const log = await created(store)
    const ignore = () => {}
    const stranger = { id: log.order.spec.orderId, owner: 'somebody else', after: 0 }
    expect(await store.follow({ ...stranger, owner: 'local', id: newId() }, ignore, ignore)).toBeNull()
    expect(await store.follow(stranger, ignore, ignore)).toBeNull()
  })

  test('live events follow the stored ones, each once', async () => {
    const { store } = stores()
    const log = await created(store)
    const follower = follow(store, log.order.spec.orderId, 0)
    for (const [i, draft] of wholeLife.entries()) {
      await log.append(draft)
      if (i % 2 === 0) await seen(follower, upTo(i + 2))
    }
    await follower.ended()
    expect(follower.seqs).toEqual(upTo(LIFE_LENGTH))
  })

  test('a follower that comes while events are written misses none and gets none twice', async () => {
    const { store } = stores()
    const log = await created(store)
    const followers = []
    for (const draft of wholeLife) {
      const done = log.append(draft)
      followers.push(follow(store, log.order.spec.orderId, 0))
      await done
      followers.push(follow(store, log.order.spec.orderId, 0))
    }
    for (const follower of followers) {
      await follower.ended()
      expect(follower.seqs).toEqual(upTo(LIFE_LENGTH))
    }
  })

  test('a thousand followers of one order all get the same', async () => {
    const { store } = stores()
    const log = await created(store)
    const followers = Array.from({ length: 1_000 }, () => follow(store, log.order.spec.orderId, 0))
    await appendAll(log, wholeLife)
    for (const follower of followers) {
      await follower.ended()
      expect(follower.seqs).toEqual(upTo(LIFE_LENGTH))
    }
  })

  test('a gap left by another writer is filled before what comes after it', async () => {
    const { store, other } = stores()
    const log = await created(store)
    const follower = follow(store, log.order.spec.orderId, 0)
    await seen(follower, [1])
    const [elsewhere] = await other.open([log.order.spec.orderId])
    await elsewhere?.append(drafts.triggered)
    const [here] = await store.open([log.order.spec.orderId])
    await here?.append(drafts.routed)
    await seen(follower, [1, 2, 3])
    await follower.stop()
  })

  test('what another process wrote arrives at the latest with the slow re-read', async () => {
    const { store, other, clock } = stores()
    const log = await created(store)
    const follower = follow(store, log.order.spec.orderId, 0)
    await seen(follower, [1])
    const [elsewhere] = await other.open([log.order.spec.orderId])
    if (elsewhere !== undefined) await appendAll(elsewhere, wholeLife)
    clock.advance(10_000)
    await follower.ended()
    expect(follower.seqs).toEqual(upTo(LIFE_LENGTH))
  })

  test('a stopped follower hears nothing more, not even the end', async () => {
    const { store } = stores()
    const log = await created(store)
    const [stopped, witness] = [0, 0].map((after) => follow(store, log.order.spec.orderId, after))
    if (stopped === undefined || witness === undefined) throw new Error('two followers were made')
    await seen(stopped, [1])
    await stopped.stop()
    await stopped.stop()
    await appendAll(log, wholeLife)
    await witness.ended()
    expect([stopped.seqs, stopped.ends()]).toEqual([[1], 0])
  })
}

export function describeOverdue(stores: () => StoresUnderTest): void {
  async function overdue(limit = 1_000): Promise<OrderId[]> {
    const { store, clock } = stores()
    return store.overdue(clock.now(), limit)
  }

  /** Whatever earlier tests left open is rung for now, so that it does not mix with what follows. */
  async function settleOthers(): Promise<void> {
    stores().clock.advance(100 * LEASE_MS)
    while ((await overdue()).length > 0);
  }

  test('an order is named once it has stood still for the lease, then not again at once', async () => {
    const { store, clock } = stores()
    await settleOthers()
    const id = (await created(store)).order.spec.orderId
    clock.advance(LEASE_MS - 1)
    expect(await overdue()).not.toContain(id)
    clock.advance(1)
    expect(await overdue()).toContain(id)
    expect(await overdue()).not.toContain(id)
    clock.advance(100 * LEASE_MS)
    expect(await overdue()).toContain(id)
  })

  test('an event renews the lease', async () => {
    const { store, clock } = stores()
    const log = await created(store)
    clock.advance(LEASE_MS - 1)
    await log.append(drafts.triggered)
    clock.advance(LEASE_MS - 1)
    expect(await overdue()).not.toContain(log.order.spec.orderId)
    clock.advance(1)
    expect(await overdue()).toContain(log.order.spec.orderId)
  })

  test('an order that waits for its retry is not overdue before it', async () => {
    const { store, clock } = stores()
    const log = await created(store)
    const retryAt = clock.now() + 60_000
    await appendAll(log, [drafts.triggered, { ...drafts.retried, retryAt }])
    clock.advance(60_000)
    expect(await overdue()).not.toContain(log.order.spec.orderId)
    clock.advance(LEASE_MS)
    expect(await overdue()).toContain(log.order.spec.orderId)
  })

  test('an order that a clock ahead of ours has put off is overdue at once, then as any other', async () => {
    const { store, clock } = stores()
    const log = await created(store)
    const { orderId } = log.order.spec
    const now = clock.now()
    clock.advance(1_000 * LEASE_MS)
    await log.append(drafts.triggered)
    expect(await store.overdue(now, 1_000)).toContain(orderId)
    expect(await store.overdue(now, 1_000)).not.toContain(orderId)
    expect(await store.overdue(now + 2 * LEASE_MS, 1_000)).toContain(orderId)
  })

  test('an order that rests is named when its time has come, and from then on as any other', async () => {
    const { store, other, clock } = stores()
    const log = await created(store)
    const { orderId } = log.order.spec
    await log.append({ ...drafts.rested, reason: null, wakeAt: clock.now() + 60_000 })
    await store.wakeAll(clock.now())
    clock.advance(59_999)
    expect(await overdue()).not.toContain(orderId)
    clock.advance(1)
    expect(await other.overdue(clock.now(), 1_000)).toContain(orderId)
    expect(await overdue()).not.toContain(orderId)
    clock.advance(LEASE_MS)
    expect(await overdue()).toContain(orderId)
  })

  test('an order that rests until the market moves is never named, and one that rests anew at its new time', async () => {
    const { store, clock } = stores()
    const [patient, early] = [await created(store), await created(store)]
    const [never, later] = [patient.order.spec.orderId, early.order.spec.orderId]
    const soon = clock.now() + 10
    for (const log of [patient, early]) await log.append({ ...drafts.rested, reason: null, wakeAt: soon })
    await patient.append({ ...drafts.rested, reason: null, wakeAt: null })
    await early.append({ ...drafts.rested, reason: null, wakeAt: soon + LEASE_MS })
    clock.advance(10)
    expect(await overdue()).not.toEqual(expect.arrayContaining([later]))
    clock.advance(LEASE_MS)
    const named = await overdue()
    expect(named).toContain(later)
    expect(named).not.toContain(never)
    clock.advance(1_000 * LEASE_MS)
    expect(await overdue()).not.toContain(never)
  })

  test('an order that starts or ends leaves its rest behind', async () => {
    const { store, clock } = stores()
    const [started, ended] = [await created(store), await created(store)]
    const rest = { ...drafts.rested, reason: null, wakeAt: clock.now() + 1 } as const
    await Promise.all([started, ended].map((log) => log.append(rest)))
    await Promise.all([started.append(drafts.triggered), ended.append(drafts.canceled)])
    clock.advance(1)
    expect(await overdue()).not.toContain(started.order.spec.orderId)
    clock.advance(LEASE_MS)
    const named = await overdue()
    expect(named).toContain(started.order.spec.orderId)
    expect(named).not.toContain(ended.order.spec.orderId)
  })

  test('whatever the clock that put it off, no sweep finds it twice in one moment', async () => {
    const { store, clock } = stores()
    const log = await created(store)
    const { orderId } = log.order.spec
    const now = clock.now()
    clock.advance(2.5 * LEASE_MS)
    await log.append(drafts.triggered)
    for (const then of [now, now + LEASE_MS]) {
      expect(await store.overdue(then, 1_000)).toContain(orderId)
      expect(await store.overdue(then, 1_000)).not.toContain(orderId)
    }
  })

  test('a closed order is never overdue', async () => {
    const { store, clock } = stores()
    const log = await created(store)
    await log.append(drafts.canceled)
    clock.advance(1_000 * LEASE_MS)
    await store.wakeAll(clock.now())
    expect(await overdue()).not.toContain(log.order.spec.orderId)
  })

  test('two sweeps at once share the overdue and name none twice', async () => {
    const { store, other, clock } = stores()
    await settleOthers()
    const logs = await Promise.all(Array.from({ length: 40 }, () => created(store)))
    clock.advance(LEASE_MS)
    const now = clock.now()
    const rounds = await Promise.all([store.overdue(now, 30), other.overdue(now, 30)])
    const rest = await store.overdue(now, 1_000)
    const named = [...rounds.flat(), ...rest].toSorted()
    expect(rounds.every((ids) => ids.length <= 30)).toBe(true)
    expect(named).toEqual(logs.map(({ order }) => order.spec.orderId).toSorted())
  })

  test('after wakeAll every open order is overdue', async () => {
    const { store, clock } = stores()
    const id = (await created(store)).order.spec.orderId
    expect(await overdue()).not.toContain(id)
    await store.wakeAll(clock.now())
    expect(await overdue()).toContain(id)
  })
}

export function describeFilled(stores: () => StoresUnderTest): void {
  const told = async (since: number, limit = 1_000) =>
    (await stores().store.filledSince(since, limit)).toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1))

  test('what was filled since then is told by its last swap and slot, and nothing else', async () => {
    const { store, other, clock } = stores()
    clock.advance(1_000)
    const since = clock.now()
    await appendAll(await created(store), wholeLife.slice(0, -1))
    await (await created(store)).append(drafts.canceled)
    const logs = [await created(store), await created(other)]
    for (const log of logs) await appendAll(log, wholeLife)
    const fills = logs.map(({ order }) => ({
      orderId: order.spec.orderId,
      signature: 'signature2',
      lastValidBlockHeight: 152,
      slot: 9,
    }))
    expect(await told(since)).toEqual(fills.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1)))
    expect(await told(since + 1)).toEqual([])
    expect(await told(since, 1)).toHaveLength(1)
  })
}

export function describeListing(stores: () => StoresUnderTest): void {
  const list = (owner: string, query: Partial<ListQuery> = {}) =>
    stores().store.list({ ...filterOf(owner), before: null, limit: 100, ...query })
  const idsOf = (orders: readonly Order[]) => orders.map(({ spec }) => spec.orderId)

  /** Five orders of a new owner, oldest first. */
  async function fiveOrders() {
    const { store } = stores()
    const owner = newId()
    const [sol, usdc] = [tokenCalled('SOL'), tokenCalled('USDC')]
    const wanted = [
      newOrder({ owner }),
      newOrder({ owner, tokenIn: sol, tokenOut: usdc }),
      newOrder({ owner, clientOrderId: 'mine' }),
      newOrder({ owner, tokenIn: usdc, tokenOut: tokenCalled('B') }),
      newOrder({ owner }),
    ]
    const logs = []
    for (const order of wanted) logs.push(await created(store, order))
    const [first, , third] = logs
    if (first !== undefined) await appendAll(first, wholeLife)
    await third?.append(drafts.canceled)
    return { owner, ids: logs.map(({ order }) => order.spec.orderId), orders: logs.map(({ order }) => order) }
  }

  test('the newest order comes first, each as it stands now', async () => {
    const { owner, orders } = await fiveOrders()
    expect((await list(owner)).map(comparable)).toEqual(orders.toReversed().map(comparable))
  })

  test('cursors walk through all orders, whatever is placed meanwhile', async () => {
    const { owner, ids } = await fiveOrders()
    const first = idsOf(await list(owner, { limit: 2 }))
    await created(stores().store, newOrder({ owner }))
    const second = idsOf(await list(owner, { limit: 2, before: first.at(-1) ?? null }))
    const third = idsOf(await list(owner, { limit: 2, before: second.at(-1) ?? null }))
    expect([...first, ...second, ...third]).toEqual(ids.toReversed())
  })

  test('filters name the status, either token, and the client order id', async () => {
    const { owner, ids } = await fiveOrders()
    const pick = (...numbers: number[]) => numbers.map((number) => ids[number])
    expect(idsOf(await list(owner, { status: 'pending' }))).toEqual(pick(4, 3, 1))
    expect(idsOf(await list(owner, { status: 'confirmed' }))).toEqual(pick(0))
    expect(idsOf(await list(owner, { mint: tokenCalled('USDC').mint }))).toEqual(pick(3, 1))
    expect(idsOf(await list(owner, { clientOrderId: 'mine' }))).toEqual(pick(2))
    expect(idsOf(await list(owner, { clientOrderId: 'mine', status: 'pending' }))).toEqual([])
  })

  test('open orders are counted by the same filters, whether they rest or wait for a worker', async () => {
    const { owner, ids } = await fiveOrders()
    const { store } = stores()
    const [, second, , fourth, fifth] = ids
    const [log] = await store.open(fifth === undefined ? [] : [fifth])
    await log?.append({ ...drafts.rested, reason: null })
    const count = (filter: Partial<OrderFilter> = {}, upTo = fifth) =>
      store.countOpen(filterOf(owner, filter), upTo ?? null)
    expect(await store.countOpen(filterOf(owner), null)).toEqual({ count: 3, newest: fifth })
    expect(await count({}, fourth)).toEqual({ count: 2, newest: fourth })
    expect(await count({}, second)).toEqual({ count: 1, newest: second })
    expect(await count({ isResting: true, parentId: null })).toEqual({ count: 1, newest: fifth })
    expect(await count({ isResting: false })).toEqual({ count: 2, newest: fourth })
    expect(await count({ mint: tokenCalled('USDC').mint })).toEqual({ count: 2, newest: fourth })
    expect(await count({ type: 'market', status: 'pending' })).toEqual({ count: 3, newest: fifth })
    for (const none of [{ status: 'confirmed' }, { type: 'limit' }, { clientOrderId: 'mine' }] as const) {
      expect(await count(none)).toEqual({ count: 0, newest: null })
    }
    expect(await store.countOpen(filterOf(`${owner} and co`), null)).toEqual({ count: 0, newest: null })
  })

  test('open orders are named newest first, submitted ones last, and none newer than the one given', async () => {
    const { owner, ids } = await fiveOrders()
    const { store } = stores()
    const [, second, , fourth, fifth] = ids
    if (second === undefined || fourth === undefined || fifth === undefined) throw new Error('five orders')
    const [resting, swapped] = await store.open([second, fourth])
    await resting?.append({ ...drafts.rested, reason: null })
    await appendAll(swapped as OrderLog, [drafts.triggered, drafts.routed, drafts.submitted])
    const open = (upTo: OrderId, limit = 10) => store.openIds(filterOf(owner), upTo, limit)
    expect(await open(fifth)).toEqual([fifth, second, fourth])
    expect(await open(fourth)).toEqual([second, fourth])
    expect(await open(fifth, 2)).toEqual([fifth, second])
  })

  test('one owner does not see the orders of another', async () => {
    const { owner } = await fiveOrders()
    expect(await list(`${owner} and co`)).toEqual([])
  })

  test('an order that does not exist is null, not opened, and not followed to an end', async () => {
    const { store } = stores()
    expect(await store.load(newId())).toBeNull()
    const log = await created(store)
    const opened = await store.open([newId(), log.order.spec.orderId, newId()])
    expect(opened.map(({ order }) => order.spec.orderId)).toEqual([log.order.spec.orderId])
  })
}
