// The order store's contract, kept over the embedded database and over a Postgres server.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Broadcast, Sql } from '../../src/domain/ports.ts'
import { openBroadcast, silence } from '../../src/queue/broadcast.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { freshFolder } from '../embeddedFolder.ts'
import { manualClock } from '../manualClock.ts'
import { wholeLife } from '../orders.ts'
import { describeDistributed, freshDatabase } from '../services.ts'
import { describeFollowing, describeListing, describeOverdue } from './orderStoreReading.ts'
import {
  appendAll,
  created,
  describeAppending,
  describeCreating,
  LEASE_MS,
  type StoresUnderTest,
} from './orderStores.ts'

type Databases = {
  readonly sql: Sql
  readonly otherSql: Sql
  readonly hints: Broadcast
  readonly otherHints: Broadcast
  remove(): Promise<void>
}

async function embedded(): Promise<Databases> {
  const folder = await freshFolder()
  const sql = await openPglite(folder.path)
  return {
    sql,
    otherSql: sql,
    hints: silence,
    otherHints: silence,
    remove: () => sql.close().then(folder.remove),
  }
}

async function distributed(): Promise<Databases> {
  const database = await freshDatabase()
  const open = () =>
    openPostgres({ connectionString: database.pgConn, maxConnections: 5, onConnectionError: () => {} })
  const { redisUrl, queuePrefix: prefix } = database
  const openHints = () => openBroadcast({ redisUrl, prefix, onFault: () => {} })
  const [sql, otherSql, hints, otherHints] = [open(), open(), openHints(), openHints()]
  const remove = async () => {
    hints.close()
    otherHints.close()
    await Promise.all([sql.close(), otherSql.close()])
    await database.drop()
  }
  return { sql, otherSql, hints, otherHints, remove }
}

/** Runs the whole contract on two stores over one database; gives the stores to tests of one runtime only. */
function describeStore(open: () => Promise<Databases>): () => StoresUnderTest {
  let stores: (StoresUnderTest & { close(): Promise<void> }) | null = null
  const get = () => {
    if (stores === null) throw new Error('the stores are open only while tests run')
    return stores
  }
  beforeAll(async () => {
    const { sql, otherSql, hints, otherHints, remove } = await open()
    await Promise.all([migrate(sql), migrate(otherSql)])
    const clock = manualClock()
    const options = { leaseMs: LEASE_MS, onEvent: () => {} }
    const store = openOrderStore(sql, hints, clock, { ...options, keepRecent: 1_000 })
    const other = openOrderStore(otherSql, otherHints, clock, { ...options, keepRecent: 0 })
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
  describe('listing', () => describeListing(get))
  test('it answers a ping', () => get().store.ping())
  return get
}

describe('order store on the embedded database', () => {
  describeStore(embedded)
})

describeDistributed('order store on Postgres', () => {
  const stores = describeStore(distributed)

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
