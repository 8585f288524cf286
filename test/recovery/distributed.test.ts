// Of the distributed runtime any process may be killed, paused or rung twice: nothing is lost, nothing doubled.
import { setTimeout as sleep } from 'node:timers/promises'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { openOrders } from './client.ts'
import { badDay, conclude, loadOf, nothingAmiss } from './crashes.ts'
import { killAll, type RunningEngine, startRole } from './engineProcess.ts'
import { follow } from './sockets.ts'

const STOP_MS = 10_000
/** Whatever befalls a process, orders go on within this time. */
const GO_ON_MS = 10_000
const FOLLOWED = 10
/** For load to build up: machines that test are shared. */
const PATIENT = { timeout: 20_000 }
const START_MS = 60_000

describeDistributed('an api and two workers', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let api: RunningEngine
  let workers: RunningEngine[] = []

  const startAs = (role: 'api' | 'worker') =>
    startRole(role, database, { ...badDay, ORDER_LEASE_MS: '1000', SWEEP_MS: '200' })

  beforeAll(async () => {
    database = await freshDatabase()
    // The first worker to start is the one that produces blocks.
    api = await startAs('api')
    workers = [await startAs('worker'), await startAs('worker')]
  }, START_MS)

  afterAll(async () => {
    await killAll()
    await database.drop()
  })

  /** How often another process has begun to produce blocks. */
  async function takeovers(): Promise<number> {
    const client = new pg.Client({ connectionString: database.pgConn })
    await client.connect()
    const { rows } = await client.query('select epoch from simulation.chain')
    await client.end()
    return rows[0].epoch
  }

  const load = (name: string) => loadOf(name, () => api.url)

  test('the other worker takes over when the one that produces blocks is killed', async () => {
    const placing = load('killed')
    await expect.poll(() => placing.acknowledged.size, PATIENT).toBeGreaterThan(50)
    await workers.shift()?.kill()
    await sleep(500)
    expect(await conclude(api.url, placing)).toMatchObject(nothingAmiss)
    workers.push(await startAs('worker'))
  }, 60_000)

  test('a worker that is stopped for longer than a lease, and goes on, doubles nothing', async () => {
    const placing = load('stopped')
    for (const worker of workers) {
      await sleep(300)
      worker.child.kill('SIGSTOP')
      await sleep(1_500)
      worker.child.kill('SIGCONT')
    }
    expect(await conclude(api.url, placing)).toMatchObject(nothingAmiss)
  }, 60_000)

  test('while a worker stands still orders end all the same, whether or not it produces the blocks', async () => {
    const placing = load('paused')
    const before = await takeovers()
    for (const { child } of workers) {
      const placed = placing.acknowledged.size
      await expect.poll(() => placing.acknowledged.size, PATIENT).toBeGreaterThan(placed + 20)
      child.kill('SIGSTOP')
      const inFlight = new Set(placing.acknowledged.values())
      const left = async () => (await openOrders(api.url)).filter(({ orderId }) => inFlight.has(orderId))
      await expect.poll(left, { timeout: GO_ON_MS, interval: 100 }).toEqual([])
      child.kill('SIGCONT')
    }
    expect(await takeovers()).toBeGreaterThan(before)
    expect(await conclude(api.url, placing)).toMatchObject(nothingAmiss)
  }, 60_000)

  test('every order rung again and again, at both workers, lands once', async () => {
    const placing = load('rung')
    const redis = new Redis(database.redisUrl, { maxRetriesPerRequest: null })
    const queue = new Queue('orders', { connection: redis, prefix: database.queuePrefix })
    try {
      for (let round = 0; round < 15; round++) {
        const ids = [...placing.acknowledged.values()].slice(-60)
        const rings = Array.from({ length: 4 }, () => ({ name: 'ring', data: { ids } }))
        await queue.addBulk(rings)
        await sleep(50)
      }
    } finally {
      await queue.close()
      redis.disconnect()
    }
    expect(await conclude(api.url, placing)).toMatchObject(nothingAmiss)
  }, 60_000)

  test('a Postgres that drops every connection again and again costs nothing but time, sockets included', async () => {
    const placing = load('dropped')
    await expect.poll(() => placing.acknowledged.size, PATIENT).toBeGreaterThan(FOLLOWED)
    const following = [...placing.acknowledged.values()].slice(-FOLLOWED).map((id) => follow(api.url, id, 0))
    await Promise.all(following.map(({ opened }) => opened))
    const admin = new pg.Client({ connectionString: database.pgConn })
    await admin.connect()
    try {
      for (let round = 0; round < 20; round++) {
        await admin.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
        await sleep(75)
      }
    } finally {
      await admin.end()
    }
    expect(await conclude(api.url, placing)).toMatchObject(nothingAmiss)
    for (const { code, events } of await Promise.all(following.map(({ closed }) => closed))) {
      expect({ code, seqs: events.map(({ seq }) => seq) }).toEqual({
        code: 1000,
        seqs: events.map((_, i) => i + 1),
      })
    }
  }, 60_000)

  test('SIGTERM under load: every process exits 0 in time, and the next ones finish the orders', async () => {
    const placing = load('handed-over')
    await expect.poll(() => placing.acknowledged.size, PATIENT).toBeGreaterThan(50)
    const toldAt = Date.now()
    const stopped = [api, ...workers].map(({ child, exited }) => {
      child.kill('SIGTERM')
      return exited
    })
    expect((await Promise.all(stopped)).map(({ code }) => code)).toEqual([0, 0, 0])
    expect(Date.now() - toldAt).toBeLessThan(STOP_MS)
    api = await startAs('api')
    await startAs('worker')
    expect(await conclude(api.url, placing)).toMatchObject(nothingAmiss)
  }, 60_000)
})
