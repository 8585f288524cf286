// Reading commits in their order: also where their ids get a digit more, on both kinds of database.
import { expect, onTestFinished, test } from 'vitest'
import { isBehind, type Position } from '../../src/domain/ports/allEvents.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createStatements } from '../../src/store/statements.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { manualClock } from '../support/manualClock.ts'
import { newOrder } from '../support/orders.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'

/** More than one read gives. */
const ORDERS = 45
/** The id of the first of them, as if the database were that young: of the last ones it has a digit less. */
const FIRST_ID = 80

async function expectEachOnce(sql: Sql): Promise<void> {
  await migrate(sql)
  const statements = createStatements(sql)
  const options = { leaseMs: 4_000, isSoleProcess: false, onEvent: () => {}, keepRecent: 0 }
  const store = openOrderStore(statements, noBroadcast, manualClock(), options)
  const placed: string[] = []
  for (let i = 0; i < ORDERS; i++) {
    const order = newOrder()
    placed.push(order.spec.orderId)
    await store.create(order)
  }
  await sql.query(
    `update event_commits set xid = (${FIRST_ID} + number)::text::xid8
     from (select ctid as place, row_number() over (order by xid) as number from event_commits) as numbered
     where event_commits.ctid = place`,
    [],
  )
  const read: string[] = []
  let [at, isMore]: [Position, boolean] = [{ commit: BigInt(FIRST_ID), events: 0 }, true]
  while (isMore) {
    const { entries, next } = await statements.selectCommits(at, null)
    read.push(...entries.map(({ event }) => event.orderId))
    isMore = isBehind(at, next)
    at = next
  }
  expect(read).toEqual(placed)
}

test('each is read once where an id has a digit more than the one before, embedded', async () => {
  const folder = await freshFolder()
  const sql = await openPglite(folder.database)
  onTestFinished(() => sql.close().then(folder.remove))
  await expectEachOnce(sql)
})

describeDistributed('on a server', () => {
  test('each is read once where an id has a digit more than the one before', async () => {
    const { pgConn, drop } = await freshDatabase()
    const sql = openPostgres({ connectionString: pgConn, maxConnections: 2, onConnectionError: () => {} })
    onTestFinished(() => sql.close().then(drop))
    await expectEachOnce(sql)
  })
})
