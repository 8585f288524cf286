// How Postgres carries out what the store asks, over many rows of which it has no statistics yet: the minute after a flood
// of orders, and embedded, where nobody gathers any, always.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrderStore } from '../../src/domain/ports/orders.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createStatements } from '../../src/store/statements.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { manualClock } from '../support/manualClock.ts'
import { drafts, filterOf, newId, newOrder, ocoOf, specOf } from '../support/orders.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'

type Database = { readonly sql: Sql; remove(): Promise<void> }

async function embedded(): Promise<Database> {
  const folder = await freshFolder()
  const sql = await openPglite(folder.database)
  return { sql, remove: () => sql.close().then(folder.remove) }
}

/** One connection: what is prepared on it is asked for on it. */
async function onAServer(): Promise<Database> {
  const { pgConn, drop } = await freshDatabase()
  const sql = openPostgres({ connectionString: pgConn, maxConnections: 1, onConnectionError: () => {} })
  return { sql, remove: () => sql.close().then(drop) }
}

const ORDERS = 5_000
/** An index scan that is bounded by nothing. */
const READS_ALL_RESTING = /Index Scan using resting_orders_pkey[^\n]*(?!\n\s+Index Cond)(\n|$)/
/** To a server that thinks several processes cheap these look like many more. */
const FLOOD = `
  set parallel_setup_cost = 0;
  set parallel_tuple_cost = 0;
  set min_parallel_table_scan_size = 0;
  set min_parallel_index_scan_size = 0;
  alter table orders set (autovacuum_enabled = off);
  alter table order_events set (autovacuum_enabled = off);
  insert into orders (id, owner, type, fingerprint, mint_in, mint_out, created_at, status, seq, attempt, updated_at, wake_at, is_open)
    select gen_random_uuid(), 'local', 'market', '', 'A', 'B', now(), 'confirmed', 5, 1, now(), null, false
    from generate_series(1, ${ORDERS});
  alter table order_groups set (autovacuum_enabled = off);
  insert into order_groups (id, open_legs) select gen_random_uuid(), 2 from generate_series(1, ${ORDERS});
  insert into order_events (order_id, seq, kind, attempt, at, data, wire)
    select id, number, 'filled', 1, now(), '{}', decode(repeat('78', 500), 'hex') from orders, generate_series(1, 5) as number;
  alter table resting_orders set (autovacuum_enabled = off);
  insert into resting_orders (order_id, mint_in, mint_out, source, constraints, amount_in, above)
    select gen_random_uuid(), 'A', 'B', 'executable', '{}', 1, 1 from generate_series(1, ${ORDERS});`

function openStore(sql: Sql) {
  const options = { leaseMs: 4_000, isSoleProcess: false, onEvent: () => {}, keepRecent: 0 }
  return openOrderStore(createStatements(sql), noBroadcast, manualClock(), options)
}

const everything = filterOf('local')

/** All that an order's life, its readers, its followers and the sweep ask; orders within limits are inserted by a function. */
async function askAll(sql: Sql): Promise<void> {
  const tables = createStatements(sql)
  const store = openStore(sql)
  const wanted = newOrder({ idempotencyKey: 'key' })
  await store.create(wanted)
  await store.create(newOrder({ idempotencyKey: 'key' }))
  const [log] = await store.open([wanted.spec.orderId])
  await log?.append({ kind: 'rested', reason: null, wakeAt: 1, memory: {} })
  await log?.append(drafts.triggered)
  await log?.append({ kind: 'canceled', by: 'local' })
  await askOfFamilies(store)
  store.close()
  await tables.selectTails([{ id: newId(), after: 0 }])
  await tables.selectIds({ ...everything, before: null, limit: 10 })
  await tables.countOpen(everything, null)
  await tables.selectOpenIds(everything, newId(), 10)
  await tables.selectFilled(0, 10)
  await tables.selectStandings(newId(), 10)
  await tables.markOverdue(0, 0, 10)
  await tables.wakeAll(0)
}

/** Legs that are taken on, start, claim and end, each for itself and with an order that comes to rest. */
async function askOfFamilies(store: OrderStore): Promise<void> {
  const oco = ocoOf({ legs: ocoOf().legs.map((leg) => ({ ...leg, shareBps: null })) })
  const bracket = specOf({ exits: oco.legs })
  for (const spec of [oco, bracket]) await store.create({ spec, idempotencyKey: null, isLimited: false })
  const legs = await store.open(legsOf(oco).map(({ orderId }) => orderId))
  const [entry] = await store.open([bracket.orderId])
  await legs[0]?.append(drafts.triggered)
  await legs[0]?.append(drafts.rested)
  await entry?.append(drafts.triggered)
  // With a claim, with legs that go on, and with an order that rests.
  await Promise.all([legs[1]?.append(drafts.triggered), entry?.append(drafts.canceled)])
  await Promise.all([legs[0]?.append(drafts.rested), legs[1]?.append(drafts.canceled)])
  const other = specOf({ exits: oco.legs })
  await store.create({ spec: other, idempotencyKey: null, isLimited: false })
  const [log] = await store.open([other.orderId])
  await log?.append(drafts.canceled)
  await store.children(oco.orderId)
  await store.group(oco.orderId)
  await store.leftovers(10)
}

function describePlans(open: () => Promise<Database>): void {
  let database: Database
  const asked = new Set<string>()

  beforeAll(async () => {
    database = await open()
    const { sql } = database
    await migrate(sql)
    await sql.script(FLOOD)
    const listening: Sql = {
      ...sql,
      query: (text, params) => {
        asked.add(text)
        return sql.query(text, params)
      },
    }
    await askAll(listening)
  }, 60_000)

  afterAll(() => database.remove())

  /** Plans all that was asked, each time anew. */
  async function expectKeyed(name: string): Promise<void> {
    expect(asked.size).toBe(22)
    for (const [i, text] of [...asked].entries()) {
      await database.sql.query(`prepare ${name}_${i} as ${text}`)
      const values = [...new Set(text.match(/\$\d+/g))].map(() => 'null')
      const lines = await database.sql.query<Record<string, string>>(
        `explain execute ${name}_${i} (${values.join()})`,
      )
      const plan = lines.map((line) => line['QUERY PLAN']).join('\n')
      if (!text.includes('insert into orders')) expect(plan).toContain('Index')
      expect(plan, text).not.toMatch(/Gather|Seq Scan on order|Hash Join|Merge Join/)
      expect(plan, text).not.toMatch(READS_ALL_RESTING)
    }
  }

  test('finds rows by key, in one process', () => expectKeyed('flooded'))

  /** The plans of what `ask` asks, for any value, as the store's statements are planned. */
  async function plansOf(
    name: string,
    ask: (tables: ReturnType<typeof createStatements>) => Promise<unknown>,
  ): Promise<readonly string[]> {
    const { sql } = database
    const plans: string[] = []
    const explaining: Sql = {
      ...sql,
      async query(text, params = []) {
        await sql.query(`prepare ${name}_${plans.length} as ${text}`)
        const lines = await sql.query<Record<string, string>>(
          `explain execute ${name}_${plans.length} (${params.map(() => 'null').join()})`,
        )
        plans.push(lines.map((line) => line['QUERY PLAN']).join('\n'))
        return []
      },
    }
    await ask(createStatements(explaining))
    return plans
  }

  test('finds resting orders by their ids, page by page, and by when they came to rest', async () => {
    const plans = await plansOf('resting', async (tables) => {
      await tables.selectRestingOf([newId(), newId()])
      await tables.selectRestingPage(newId(), 10)
      await tables.selectRestingRecent(10_000)
    })
    expect(plans).toHaveLength(3)
    for (const plan of plans) expect(plan).toMatch(/Index Cond/)
    for (const plan of plans) expect(plan).not.toMatch(/Gather|Seq Scan on resting|Sort/)
  })

  test('reads the newest orders from an index that has them in order, not all to sort them', async () => {
    const plans = await plansOf('newest', async (tables) => {
      await tables.selectIds({ ...everything, before: newId(), limit: 10 })
      await tables.selectIds({ ...everything, status: 'confirmed', mint: 'A', before: null, limit: 10 })
      await tables.selectClosed(everything, 10)
      await tables.selectStandings(newId(), 10)
    })
    expect(plans).toHaveLength(4)
    for (const plan of plans)
      expect(plan).toMatch(/Index(?: Only)? Scan Backward using orders_(?:listed|pkey)/)
    for (const plan of plans) expect(plan).not.toMatch(/Gather|Sort|Seq Scan/)
    for (const plan of plans.slice(0, 2)) expect(plan).toMatch(/Index Cond: .*ROW\(owner, id\) < ROW/)
  })

  test('finds an order by its clientOrderId, and those of a parent, by key', async () => {
    const plans = await plansOf('by_key', async (tables) => {
      await tables.selectIds({ ...everything, clientOrderId: 'mine', before: null, limit: 10 })
      await tables.selectIds({ ...everything, parentId: newId(), before: null, limit: 10 })
    })
    expect(plans[0]).toMatch(/using orders_client_order_id/)
    expect(plans[1]).toMatch(/orders_of_parent/)
  })

  // A plan that is made then is kept, however many orders come to rest.
  test('finds rows by key when no order rests, and the database knows it from a vacuum', async () => {
    await database.sql.query('delete from resting_orders')
    for (const table of ['orders', 'resting_orders']) await database.sql.query(`vacuum ${table}`)
    await expectKeyed('vacuumed')
  })

  test('moves open orders within their pages, which touches no index', async () => {
    const { sql } = database
    const store = openStore(sql)
    const wanted = Array.from({ length: 200 }, () => newOrder({ idempotencyKey: null }))
    await Promise.all(wanted.map((order) => store.create(order)))
    const pages = () =>
      sql.query('select id, split_part(ctid::text, $1, 1) as page from orders where is_open order by id', [
        ',',
      ])
    const before = await pages()
    const logs = await store.open(wanted.map(({ spec }) => spec.orderId))
    await Promise.all(logs.map((log) => log.append(drafts.triggered)))
    store.close()
    expect(logs).toHaveLength(wanted.length)
    expect(before.length).toBeGreaterThanOrEqual(wanted.length)
    expect(await pages()).toEqual(before)
  })
}

describe('plans, embedded', () => describePlans(embedded))
describeDistributed('plans, on a Postgres server', () => describePlans(onAServer))
