// A database that answers and takes no writes: its disk is full, or it is read-only. Orders are refused, all of them, and what
// was taken on ends when there is room again.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { freshFolder } from '../support/embeddedFolder.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { openOrders, place } from './client.ts'
import { killAll, type Settings, startEngine } from './engineProcess.ts'
import { canMount, fill, removeDisks, smallDisk } from './faults.ts'

const PATIENCE_MS = 30_000
const TEST_MS = 120_000
const POSTS = 40
const MOST_LINES = 20
const fast = { SIM_SPEED: 'instant', LOG_LEVEL: 'info', ORDER_LEASE_MS: '500', SWEEP_MS: '200' }

type Health = { readonly parts: { readonly store: { readonly ok: boolean } } }

const isStoreReady = async (url: string) => {
  const { parts } = (await (await fetch(`${url}/readyz`)).json()) as Health
  return parts.store.ok
}

/** Starts an engine, makes its database refuse writes, and mends that; every order that was acknowledged must end. */
async function expectRefusals(settings: Settings, refuse: () => Promise<void>, mend: () => Promise<void>) {
  const engine = await startEngine({ ...fast, ...settings })
  const { url } = engine
  const acknowledged: string[] = []
  const post = async () => {
    const reply = await place(url, `room-${acknowledged.length}-${Math.random()}`, 1)
    if (reply?.status === 201) acknowledged.push(reply.body.orderId)
    return reply?.status === 201 ? 'taken' : reply?.body.code
  }
  for (let i = 0; i < 10; i++) expect(await post()).toBe('taken')
  await refuse()
  await expect.poll(() => isStoreReady(url), { timeout: PATIENCE_MS, interval: 100 }).toBe(false)
  await expect.poll(post, { timeout: PATIENCE_MS, interval: 20 }).toBe('store_unavailable')
  const answers = new Set<unknown>()
  for (let i = 0; i < POSTS; i++) answers.add(await post())
  expect([...answers]).toEqual(['store_unavailable'])
  expect(await isStoreReady(url)).toBe(false)
  await mend()
  await expect.poll(post, { timeout: PATIENCE_MS, interval: 100 }).toBe('taken')
  await expect.poll(() => isStoreReady(url), { timeout: PATIENCE_MS, interval: 100 }).toBe(true)
  await expect.poll(async () => (await openOrders(url)).length, { timeout: PATIENCE_MS }).toBe(0)
  for (const id of acknowledged) expect((await fetch(`${url}/api/orders/${id}`)).status).toBe(200)
  const lines = engine.output().split('\n')
  const others = lines.filter((line) => line.startsWith('{"level"') && !line.includes('"order event"'))
  expect(others.length).toBeLessThanOrEqual(MOST_LINES)
}

afterEach(async () => {
  await killAll()
  removeDisks()
})

const testOnSmallDisk = test.runIf(canMount || process.env.REQUIRE_MOUNT === '1')

describe('an embedded engine', () => {
  testOnSmallDisk(
    'whose disk is full refuses every order, and goes on when there is room',
    async () => {
      const disk = smallDisk()
      const folder = await freshFolder(disk)
      const ballast = join(disk, 'ballast')
      await expectRefusals(
        { DATA_DIR: folder.path },
        async () => fill(ballast),
        async () => rmSync(ballast),
      )
    },
    TEST_MS,
  )
})

describeDistributed('an engine on Postgres', ({ pgConn }) => {
  async function run(sql: string): Promise<void> {
    const client = new Client({ connectionString: pgConn })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }

  testOnSmallDisk(
    'whose tables are on a full disk refuses every order, and goes on when there is room',
    async () => {
      const database = await freshDatabase()
      const name = database.queuePrefix
      const disk = smallDisk()
      const [tables, ballast] = [join(disk, 'tables'), join(disk, 'ballast')]
      mkdirSync(tables)
      // The server runs as another user.
      expect(spawnSync('chown', ['postgres', tables]).status).toBe(0)
      await run(`create tablespace ${name} location '${tables}'`)
      await run(`alter database ${name} set tablespace ${name}`)
      try {
        await expectRefusals(
          { PG_CONN: database.pgConn, REDIS_URL: database.redisUrl, QUEUE_PREFIX: name },
          async () => fill(ballast),
          async () => rmSync(ballast),
        )
      } finally {
        await killAll()
        await database.drop()
        await run(`drop tablespace ${name}`)
      }
    },
    TEST_MS,
  )

  test(
    'that is read-only refuses every order, and goes on when it is not',
    async () => {
      const database = await freshDatabase()
      const name = database.queuePrefix
      const becomes = async (state: 'on' | 'off') => {
        await run(`alter database ${name} set default_transaction_read_only = ${state}`)
        await run(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
      }
      await expectRefusals(
        { PG_CONN: database.pgConn, REDIS_URL: database.redisUrl, QUEUE_PREFIX: name },
        () => becomes('on'),
        () => becomes('off'),
      )
      await killAll()
      await database.drop()
    },
    TEST_MS,
  )
})
