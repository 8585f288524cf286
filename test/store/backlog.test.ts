// What a process knows of the work that waits, over the embedded database and over a Postgres server.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { OrderStore } from '../../src/domain/ports/orders.ts'
import { type Sql, StoreUnavailable } from '../../src/domain/ports/sql.ts'
import { openBacklog } from '../../src/store/backlog.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createStatements } from '../../src/store/statements.ts'
import { type Databases, distributed, embedded } from '../support/databases.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { drafts, newOrder } from '../support/orders.ts'
import { describeDistributed } from '../support/services.ts'

const REREAD_MS = 250
const STRAGGLERS = 100

function describeBacklog(open: () => Promise<Databases>): void {
  let clock: ManualClock
  let databases: Databases
  let store: OrderStore & { close(): void }
  let backlog: ReturnType<typeof openBacklog>
  let isCut = false

  beforeAll(async () => {
    databases = await open()
    await migrate(databases.sql)
  })
  beforeEach(async () => {
    isCut = false
    clock = manualClock()
    await databases.sql.script('truncate orders, order_events')
    const options = { leaseMs: 4_000, isSoleProcess: false, onEvent: () => {}, keepRecent: 0 }
    store = openOrderStore(createStatements(databases.sql), databases.hints, clock, options)
    const cuttable: Sql = {
      ...databases.otherSql,
      query: (text, params) =>
        isCut ? Promise.reject(new StoreUnavailable('cut')) : databases.otherSql.query(text, params),
    }
    backlog = openBacklog(cuttable, clock, { maxOpen: 150, reads: true, onFault: () => {} })
    return () => {
      backlog.close()
      store.close()
    }
  })
  afterAll(() => databases.remove())

  const create = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const wanted = newOrder()
        await store.create(wanted)
        return wanted.spec.orderId
      }),
    )
  /** Each look asks once more, until the answer is there. */
  const shows = (wanted: { open: number; queued?: number; queueAgeMs: number }) =>
    vi.waitFor(() => expect(backlog.now()).toMatchObject(wanted), { timeout: 5_000, interval: 5 })

  test('counts what is open, up to as many as count', async () => {
    const [first] = await create(3)
    clock.advance(REREAD_MS)
    await shows({ open: 3, queueAgeMs: 0 })
    const [log] = await store.open(first === undefined ? [] : [first])
    await log?.append({ kind: 'canceled', by: 'local' })
    clock.advance(REREAD_MS)
    await shows({ open: 2, queueAgeMs: 0 })
    await create(200)
    clock.advance(REREAD_MS)
    await shows({ open: 150, queueAgeMs: REREAD_MS })
  })

  test('tells how long accepted orders wait for a worker, some stragglers left aside', async () => {
    await create(STRAGGLERS)
    clock.advance(REREAD_MS)
    // Only once it has read does it wait for the next time.
    await shows({ open: STRAGGLERS, queueAgeMs: 0 })
    const [next] = await create(1)
    clock.advance(REREAD_MS)
    await shows({ open: STRAGGLERS + 1, queued: STRAGGLERS + 1, queueAgeMs: REREAD_MS })
    // A worker has taken it.
    const [log] = await store.open(next === undefined ? [] : [next])
    await log?.append(drafts.triggered)
    clock.advance(REREAD_MS)
    await shows({ open: STRAGGLERS + 1, queued: STRAGGLERS, queueAgeMs: 0 })
  })

  test('knows nothing once it could not be read for five seconds', async () => {
    await create(3)
    clock.advance(REREAD_MS)
    await shows({ open: 3, queueAgeMs: 0 })
    isCut = true
    for (let i = 0; i < 22; i++) {
      clock.advance(REREAD_MS)
      await new Promise(setImmediate)
    }
    expect(backlog.now()).toMatchObject({ open: 0, queued: 0, queueAgeMs: 0 })
    isCut = false
    clock.advance(REREAD_MS)
    await shows({ open: 3, queueAgeMs: 0 })
  })
}

describe('the backlog, embedded', () => describeBacklog(embedded))
describeDistributed('the backlog, on a Postgres server', () => describeBacklog(distributed))
