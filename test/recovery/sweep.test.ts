// The sweep finds an order soon after whoever had it in hand is gone, however long that took until then.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createStatements } from '../../src/store/statements.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { manualClock } from '../support/manualClock.ts'
import { newOrder } from '../support/orders.ts'

const LEASE_MS = 4_000
const SWEEP_MS = 1_000
/** A swap whose every send is lost stays submitted for about this long: 150 blocks and the way to finality. */
const IN_HAND_MS = 73_000
/** What the engine promises of processes that take over from others. */
const RESUME_MS = 15_000

let folder: Awaited<ReturnType<typeof freshFolder>>
let sql: Sql

beforeAll(async () => {
  folder = await freshFolder()
  sql = await openPglite(folder.database)
  await migrate(sql)
})

afterAll(async () => {
  await sql.close()
  folder.remove()
})

test('an order that was long in hand is found within 15 s of the end of its worker', async () => {
  const clock = manualClock()
  const store = openOrderStore(createStatements(sql), noBroadcast, clock, {
    leaseMs: LEASE_MS,
    isSoleProcess: true,
    keepRecent: 0,
    onEvent: () => {},
  })
  const order = newOrder()
  await store.create(order)
  // Its worker sweeps as well, finds the order, and knows that it has it in hand already.
  for (let inHand = 0; inHand < IN_HAND_MS; inHand += SWEEP_MS) {
    clock.advance(SWEEP_MS)
    await store.overdue(clock.now(), 10)
  }
  const diedAt = clock.now()
  let found: readonly string[] = []
  while (found.length === 0) {
    clock.advance(SWEEP_MS)
    found = await store.overdue(clock.now(), 10)
  }
  store.close()
  expect(clock.now() - diedAt).toBeLessThanOrEqual(RESUME_MS)
})
