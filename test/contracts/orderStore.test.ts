// The order store's contract, kept over the embedded database, over a Postgres server, and over the tables in memory with
// which engines are simulated.
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Broadcast } from '../../src/domain/ports/broadcast.ts'
import { type Sql, StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createStatements, type Statements } from '../../src/store/statements.ts'
import { type Databases, distributed, embedded } from '../support/databases.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, restingOrder, wholeLife } from '../support/orders.ts'
import { describeDistributed } from '../support/services.ts'
import { describeAllEvents, reading } from './allEventsContract.ts'
import { describeFamilies } from './familyContract.ts'
import {
  appendAll,
  created,
  describeAppending,
  describeCreating,
  LEASE_MS,
  type StoresUnderTest,
} from './orderStoreContract.ts'
import {
  describeFilled,
  describeFollowing,
  describeListing,
  describeOverdue,
} from './orderStoreReadingContract.ts'
import { describeResting } from './restingOrdersContract.ts'

type Opened = {
  readonly tables: Statements
  readonly otherTables: Statements
  readonly hints: Broadcast
  readonly otherHints: Broadcast
  remove(): Promise<void>
}

async function inMemory(): Promise<Opened> {
  const tables = answering(openMemoryTables().tables)
  return { tables, otherTables: tables, hints: noBroadcast, otherHints: noBroadcast, remove: async () => {} }
}

const overSql = (open: () => Promise<Databases>) => async (): Promise<Opened> => {
  const { sql, otherSql, ...rest } = await open()
  await Promise.all([migrate(sql), migrate(otherSql)])
  return { tables: createStatements(sql), otherTables: createStatements(otherSql), ...rest }
}

/** Runs the whole contract on two stores over one database; gives the stores to tests of one runtime only. */
function describeStore(open: () => Promise<Opened>): () => StoresUnderTest {
  let stores: (StoresUnderTest & { close(): Promise<void> }) | null = null
  const get = () => {
    if (stores === null) throw new Error('the stores are open only while tests run')
    return stores
  }
  beforeAll(async () => {
    const { tables, otherTables, hints, otherHints, remove } = await open()
    const clock = manualClock()
    const options = { leaseMs: LEASE_MS, isSoleProcess: false, onEvent: () => {} }
    const store = openOrderStore(tables, hints, clock, { ...options, keepRecent: 1_000 })
    const other = openOrderStore(otherTables, otherHints, clock, { ...options, keepRecent: 0 })
    const close = () => {
      for (const one of [store, other]) one.close()
      return remove()
    }
    stores = { store, other, clock, close }
  })
  afterAll(() => stores?.close())

  describe('creating', () => describeCreating(get))
  describe('appending', () => describeAppending(get))
  describe('following', () => describeFollowing(get))
  describe('finding the overdue', () => describeOverdue(get))
  describe('finding fills', () => describeFilled(get))
  describe('listing', () => describeListing(get))
  describe('resting orders', () => describeResting(get))
  describe('families', () => describeFamilies(get))
  describe('the events of all orders', () => describeAllEvents(get))
  test('it answers a ping', () => get().store.ping())
  return get
}

describe('order store in memory', () => {
  describeStore(inMemory)
})

describe('order store on the embedded database', () => {
  describeStore(overSql(embedded))

  test('alone on its database, it gives a follower what it has at hand without asking', async () => {
    const { sql, remove } = await embedded()
    onTestFinished(remove)
    await migrate(sql)
    let isDeaf = false
    const query: Sql['query'] = (text, params) => {
      if (isDeaf && !text.includes('update orders')) throw new Error('the database was asked')
      return sql.query(text, params)
    }
    const options = { leaseMs: LEASE_MS, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
    const store = openOrderStore(createStatements({ ...sql, query }), noBroadcast, manualClock(), options)
    const { orderId } = (await created(store)).order.spec
    const [log] = await store.open([orderId])
    isDeaf = true
    const seqs: number[] = []
    const ended = new Promise<void>((end) => {
      void store.follow({ id: orderId, owner: 'local', after: 0 }, ({ seq }) => seqs.push(seq), end)
    })
    expect(seqs).toEqual([1])
    for (const draft of wholeLife) await log?.append(draft)
    await ended
    store.close()
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe('the events of all orders, alone on a database', () => {
  async function opened() {
    const { sql, remove } = await embedded()
    await migrate(sql)
    const options = { leaseMs: LEASE_MS, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
    const [statements, clock] = [createStatements(sql), manualClock()]
    const store = openOrderStore(statements, noBroadcast, clock, options)
    onTestFinished(async () => {
      store.close()
      await remove()
    })
    return { store, statements, clock, sql }
  }

  test('is its own commits, in the places where they are stored', async () => {
    const { store, statements } = await opened()
    const start = await store.allEvents.head()
    const reader = reading(store.allEvents, start)
    await vi.waitFor(async () =>
      expect(await store.allEvents.read(start, 'local')).not.toHaveProperty('oldest'),
    )
    const logs = await Promise.all(Array.from({ length: 30 }, () => created(store)))
    await Promise.all(logs.map((log) => appendAll(log, wholeLife)))
    await vi.waitFor(() => expect(reader.seen).toHaveLength(30 * (1 + wholeLife.length)))
    const stored: unknown[] = []
    for (let at = start, isMore = true; isMore; ) {
      const { entries, next } = await statements.selectCommits(at, null)
      stored.push(...entries.map(({ position }) => position))
      isMore = next.commit > at.commit
      at = next
    }
    expect(reader.seen.map(({ position }) => position)).toEqual(stored)
  })

  test('do not miss a write whose answer never came', async () => {
    const { sql, remove } = await embedded()
    await migrate(sql)
    const tables = createStatements(sql)
    let isLost = false
    const appendEvents: Statements['appendEvents'] = async (moves) => {
      const written = await tables.appendEvents(moves)
      if (isLost) throw new StoreUnavailable('no answer in time')
      return written
    }
    const options = { leaseMs: LEASE_MS, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
    const store = openOrderStore({ ...tables, appendEvents }, noBroadcast, manualClock(), options)
    onTestFinished(async () => {
      store.close()
      await remove()
    })
    const reader = reading(store.allEvents, await store.allEvents.head())
    const [log, later] = [await created(store), await created(store)]
    const { orderId } = log.order.spec
    await vi.waitFor(() => expect(reader.of(orderId)).toHaveLength(1))
    isLost = true
    await expect(log.append(drafts.canceled)).rejects.toThrow('no answer in time')
    isLost = false
    await appendAll(later, wholeLife)
    await vi.waitFor(() => expect(reader.of(later.order.spec.orderId)).toHaveLength(1 + wholeLife.length))
    expect(reader.of(orderId)).toEqual([`${orderId} 1 accepted`, `${orderId} 2 canceled`])
  })

  test('forgets what is a day old, and a place before that is out of reach', async () => {
    const { store, clock, sql } = await opened()
    const start = await store.allEvents.head()
    await appendAll(await created(store), wholeLife)
    const head = await store.allEvents.head()
    expect(await store.allEvents.reaches(start)).toBe(true)
    await sql.query("update event_commits set at = at - interval '1 day'")
    clock.advance(600_000)
    await vi.waitFor(async () => expect(await store.allEvents.reaches(start)).toBe(false))
    expect(await store.allEvents.reaches(head)).toBe(true)
  })

  test('forgets commits of another server, which a restored dump has brought along', async () => {
    const { store, statements, sql, clock } = await opened()
    const { orderId } = (await created(store)).order.spec
    await sql.query(
      "insert into event_commits (xid, order_ids, seqs) values ('900000000', array[$1]::uuid[], '{1}')",
      [orderId],
    )
    clock.advance(600_000)
    const left = () => sql.query("select from event_commits where xid >= '900000000'")
    await vi.waitFor(async () => expect(await left()).toEqual([]))
    await sql.query('delete from event_commits')
    const { oldest, horizon } = await statements.selectCommitBounds()
    expect(oldest).toBe(horizon)
    expect(await store.allEvents.reaches(await store.allEvents.head())).toBe(true)
  })
})

describeDistributed('order store on Postgres', () => {
  const stores = describeStore(overSql(distributed))

  test('what comes to rest in one process is heard of in another', async () => {
    const { store, other } = stores()
    const log = await created(store, restingOrder())
    const heard: OrderId[] = []
    const stop = other.resting.onChange((ids) => heard.push(...ids))
    await log.append(drafts.rested)
    await vi.waitFor(() => expect(heard).toEqual([log.order.spec.orderId]))
    stop()
  })

  test('what one process writes arrives at a follower in another without waiting for the re-read', async () => {
    const { store, other } = stores()
    const log = await created(store)
    const seqs: number[] = []
    const ended = new Promise<void>((end) => {
      void other.follow(
        { id: log.order.spec.orderId, owner: 'local', after: 0 },
        ({ seq }) => seqs.push(seq),
        end,
      )
    })
    await vi.waitFor(() => expect(seqs).toEqual([1]))
    await appendAll(log, wholeLife)
    await ended
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})
