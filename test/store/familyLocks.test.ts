// Writers of one family that meet in the database: a row that another transaction changes between a statement's snapshot and
// its lock is looked at again, and rows are locked in one order by all.
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { baseUnits } from '../../src/domain/amount.ts'
import type { EventDraft } from '../../src/domain/order.ts'
import { type OrderLog, type OrderStore, StaleLog } from '../../src/domain/ports/orders.ts'
import type { LegTerms, OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createStatements } from '../../src/store/statements.ts'
import { manualClock } from '../support/manualClock.ts'
import { drafts, EXAMPLE_END, ocoOf, specOf, twapOf } from '../support/orders.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'

const { routed, submitted, filled, canceled } = drafts
const whole = ocoOf().legs.map((leg): LegTerms => ({ ...leg, shareBps: null }))
const fires: EventDraft = { kind: 'triggered', observations: [], amountIn: baseUnits(100_000_000n) }

describeDistributed('writers of one family', () => {
  let store: OrderStore
  let other: OrderStore
  let rival: pg.Client
  let close: () => Promise<void>

  beforeAll(async () => {
    const { pgConn, drop } = await freshDatabase()
    const open = () =>
      openPostgres({ connectionString: pgConn, maxConnections: 3, onConnectionError: () => {} })
    const [sql, otherSql] = [open(), open()]
    await migrate(sql)
    const options = { leaseMs: 4_000, isSoleProcess: false, onEvent: () => {}, keepRecent: 0 }
    const [one, two] = [sql, otherSql].map((each) =>
      openOrderStore(createStatements(each), noBroadcast, manualClock(), options),
    )
    if (one === undefined || two === undefined) throw new Error('two stores were opened')
    ;[store, other] = [one, two]
    rival = new pg.Client({ connectionString: pgConn })
    await rival.connect()
    close = async () => {
      for (const each of [one, two]) each.close()
      await rival.end()
      await Promise.all([sql.close(), otherSql.close()])
      await drop()
    }
  })
  afterAll(() => close())

  async function placed<S extends OrderSpec>(spec: S): Promise<S> {
    await store.create({ spec, idempotencyKey: null, isLimited: false })
    return spec
  }

  async function logOf(id: OrderId | undefined, from = store): Promise<OrderLog> {
    const [log] = id === undefined ? [] : await from.open([id])
    if (log === undefined) throw new Error(`order ${id} is not there`)
    return log
  }

  /** A bracket one event before its fill, ready to append it. */
  async function almostFilled(): Promise<{ readonly spec: OrderSpec; readonly log: OrderLog }> {
    const spec = await placed(specOf({ exits: whole }))
    const log = await logOf(spec.orderId)
    await Promise.all([fires, routed, submitted].map((draft) => log.append(draft)))
    return { spec, log }
  }

  /** Runs `write` so that it waits for rows that a transaction has changed, which then commits. */
  async function behind(change: string, id: OrderId | undefined, write: () => Promise<void>): Promise<void> {
    await rival.query('begin')
    await rival.query(change, [id])
    const done = write()
    let isOver = false
    done
      .catch(() => {})
      .finally(() => {
        isOver = true
      })
    // Until it waits for the lock.
    for (let waits = 0; waits === 0 && !isOver; ) {
      const { rows } = await rival.query(
        "select count(*)::int as waits from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      )
      waits = rows[0]?.waits ?? 0
    }
    await rival.query('commit')
    return done
  }

  const SWEEP = "update orders set rings = rings + 1, wake_at = wake_at + interval '8 s' where id = $1"

  test('a leg that the sweep has just named fires all the same', async () => {
    const spec = await placed(ocoOf({ legs: whole }))
    const [leg] = legsOf(spec)
    const log = await logOf(leg?.orderId)
    await behind(SWEEP, leg?.orderId, () => log.append(fires))
    expect(await store.group(spec.orderId)).toEqual({ claimed: 100_000_000n, spent: 0n })
    expect((await store.load(log.order.spec.orderId))?.order.status).toBe('routing')
  })

  test('an order outside of the group that is written with it, and that the sweep has just named, moves on', async () => {
    const spec = await placed(ocoOf({ legs: whole }))
    const plain = await placed(specOf())
    const [log, plainLog] = [await logOf(legsOf(spec)[0]?.orderId), await logOf(plain.orderId)]
    await behind(SWEEP, plain.orderId, () =>
      Promise.all([log.append(fires), plainLog.append(fires)]).then(() => {}),
    )
    expect((await store.load(plain.orderId))?.order.status).toBe('routing')
  })

  test('a parent that the sweep has just named starts its legs', async () => {
    const { spec, log } = await almostFilled()
    await behind(SWEEP, spec.orderId, () => log.append(filled))
    for (const { status, seq } of await store.children(spec.orderId))
      expect([status, seq]).toEqual(['pending', 2])
  })

  test('a group that another leg has just claimed refuses', async () => {
    const spec = await placed(ocoOf({ legs: whole }))
    const log = await logOf(legsOf(spec)[0]?.orderId)
    const claim = 'update order_groups set claimed = 1 where id = $1'
    await expect(behind(claim, spec.orderId, () => log.append(fires))).rejects.toBeInstanceOf(StaleLog)
    expect((await store.load(log.order.spec.orderId))?.order.status).toBe('pending')
  })

  test('a leg that is canceled while the fill waits for it stays canceled, and the fill is written', async () => {
    const { spec, log } = await almostFilled()
    const [leg] = legsOf(spec)
    const cancel = "update orders set seq = 2, status = 'canceled', is_open = false where id = $1"
    await behind(cancel, leg?.orderId, () => log.append(filled))
    expect((await store.load(spec.orderId))?.order.status).toBe('confirmed')
    const [canceledLeg, started] = await store.children(spec.orderId)
    // The cancel of this test has written no event.
    expect([canceledLeg?.seq, started?.seq]).toEqual([1, 2])
  })

  /** A slice of an open plan, one event before it is sent. */
  async function almostSent(): Promise<{ readonly plan: OrderId; readonly log: OrderLog }> {
    const { orderId: plan } = await placed(twapOf())
    const parent = { kind: 'slice', orderId: plan, number: 1, endsAt: EXAMPLE_END } as const
    const { orderId } = await placed(specOf({ parent }))
    const log = await logOf(orderId)
    await Promise.all([fires, routed].map((draft) => log.append(draft)))
    return { plan, log }
  }

  test('a slice whose plan the sweep has just named is sent all the same', async () => {
    const { plan, log } = await almostSent()
    await behind(SWEEP, plan, () => log.append(submitted))
    expect((await store.load(log.order.spec.orderId))?.order.status).toBe('submitted')
  })

  test('a slice that waits for the cancel of its plan is not sent', async () => {
    const { plan, log } = await almostSent()
    const cancel = "update orders set seq = 2, status = 'canceled', is_open = false where id = $1"
    await expect(behind(cancel, plan, () => log.append(submitted))).rejects.toBeInstanceOf(StaleLog)
    expect((await store.load(log.order.spec.orderId))?.order.status).toBe('building')
  })

  test('fills and cancels of legs that cross do not deadlock', async () => {
    for (let round = 0; round < 15; round += 1) {
      const families: Awaited<ReturnType<typeof almostFilled>>[] = []
      for (let i = 0; i < 6; i += 1) families.push(await almostFilled())
      const legs = async (from: OrderStore, which: number) =>
        Promise.all(
          families.flatMap(({ spec }, i) => (i % 2 === which ? logOf(legsOf(spec)[0]?.orderId, from) : [])),
        )
      const parents = async (from: OrderStore, which: number) =>
        Promise.all(families.flatMap(({ spec }, i) => (i % 2 === which ? logOf(spec.orderId, from) : [])))
      // Each process cancels legs of the parents that the other fills.
      const [ours, theirs] = [await legs(store, 0), await legs(other, 1)]
      const [filledHere, filledThere] = [await parents(store, 1), await parents(other, 0)]
      const outcomes = await Promise.allSettled([
        ...ours.map((log) => log.append(canceled)),
        ...filledHere.map((log) => log.append(filled)),
        ...theirs.map((log) => log.append(canceled)),
        ...filledThere.map((log) => log.append(filled)),
      ])
      for (const each of outcomes)
        if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(StaleLog)
      for (const { spec } of families) {
        expect((await store.load(spec.orderId))?.order.status).toBe('confirmed')
        expect((await store.children(spec.orderId)).map(({ seq }) => seq)).toEqual([2, 2])
      }
    }
  }, 60_000)
})
