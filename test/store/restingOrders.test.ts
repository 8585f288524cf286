// Tens of thousands of resting orders in the store: nothing rings for them, refuses orders for them, or asks more for them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAdmission } from '../../src/domain/admission.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openBacklog } from '../../src/store/backlog.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createStatements } from '../../src/store/statements.ts'
import { embedded } from '../support/databases.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { drafts, newOrder } from '../support/orders.ts'

const RESTING = 50_000
const LEASE_MS = 4_000
const unused = (error: unknown) => {
  throw error
}

type Minute = {
  readonly rings: number
  readonly refusals: number
  readonly statements: number
  readonly queueAgeMs: number
}

/** What the sweep and admission make of the store within a minute. */
async function watchForAMinute(sql: Sql, clock: ManualClock): Promise<Minute> {
  let statements = 0
  const counting: Sql = {
    ...sql,
    query(text, params) {
      statements += 1
      return sql.query(text, params)
    },
  }
  const options = { leaseMs: LEASE_MS, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(createStatements(counting), noBroadcast, clock, options)
  const backlog = openBacklog(counting, clock, { maxOpen: RESTING, reads: true, onFault: unused })
  const admission = createAdmission({
    answerTargetMs: 10,
    maxWaiting: 256,
    maxQueueAgeMs: 3_000,
    maxOpen: RESTING,
  })
  await store.wakeAll(clock.now())
  const minute = { rings: 0, refusals: 0, statements: 0, queueAgeMs: 0 }
  for (let second = 0; second < 60; second++) {
    for (let step = 0; step < 4; step++) {
      clock.advance(250)
      // The backlog's own look is answered by the database, in real time.
      const { readAt } = backlog.now()
      while (backlog.now().readAt === readAt) await new Promise((resolve) => setImmediate(resolve))
      minute.queueAgeMs = Math.max(minute.queueAgeMs, backlog.now().queueAgeMs)
      if (admission.overload(clock.now(), backlog.now()) !== null) minute.refusals += 1
    }
    minute.rings += (await store.overdue(clock.now(), 1_000)).length
  }
  minute.statements = statements
  await backlog.close()
  store.close()
  return minute
}

describe(`with ${RESTING} resting orders`, () => {
  let database: Awaited<ReturnType<typeof embedded>>
  const clock = manualClock()
  let without: Minute

  beforeAll(async () => {
    database = await embedded()
    const { sql } = database
    await migrate(sql)
    without = await watchForAMinute(sql, clock)
    // As the engine writes them: each with its log, half of them with a time to wake up.
    const options = { leaseMs: LEASE_MS, isSoleProcess: true, keepRecent: RESTING, onEvent: () => {} }
    const store = openOrderStore(createStatements(sql), noBroadcast, clock, options)
    const orders = Array.from({ length: RESTING }, () => newOrder())
    await Promise.all(orders.map((order) => store.create(order)))
    const logs = await store.open(orders.map(({ spec }) => spec.orderId))
    const until = (i: number) => (i % 2 === 0 ? null : clock.now() + 86_400_000)
    await Promise.all(logs.map((log, i) => log.append({ ...drafts.rested, reason: null, wakeAt: until(i) })))
    store.close()
  }, 120_000)
  afterAll(() => database.remove())

  test('meanwhile the database has been vacuumed, which nothing else does embedded', async () => {
    const tables = ['orders', 'resting_orders']
    const vacuumed = await database.sql.query(
      'select relname from pg_class where relname = any($1::text[]) and reltuples > 0 order by relname',
      [tables],
    )
    expect(vacuumed).toEqual(tables.map((relname) => ({ relname })))
  })

  test('a minute passes without a ring, without a refusal, and with the statements of an empty store', async () => {
    expect(await watchForAMinute(database.sql, clock)).toEqual({ ...without, rings: 0, refusals: 0 })
    expect(without).toMatchObject({ rings: 0, refusals: 0, queueAgeMs: 0 })
  }, 60_000)

  test('a new order that no worker takes is overdue as ever, and it alone', async () => {
    const { sql } = database
    const options = { leaseMs: LEASE_MS, isSoleProcess: true, keepRecent: 10, onEvent: () => {} }
    const store = openOrderStore(createStatements(sql), noBroadcast, clock, options)
    const wanted = newOrder()
    await store.create(wanted)
    clock.advance(LEASE_MS)
    expect(await store.overdue(clock.now(), 1_000)).toEqual([wanted.spec.orderId])
    for (const log of await store.open([wanted.spec.orderId])) await log.append(drafts.canceled)
    store.close()
  })
})
