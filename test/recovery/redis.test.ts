// Redis may be emptied, killed, paused or absent: accepted orders still end, and new ones are refused while it is away.
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { openOrders, place } from './client.ts'
import { badDay, conclude, loadOf, nothingAmiss } from './crashes.ts'
import { killAll, launch, type RunningEngine, startEngine } from './engineProcess.ts'
import { hasRedis, type OwnRedis, startRedis } from './servers.ts'

const PATIENCE_MS = 30_000
const START_MS = 60_000

describeDistributed('a Redis of our own', () => {
  if (!hasRedis) {
    if (process.env.REQUIRE_SERVICES === '1') throw new Error('this suite starts a redis-server of its own')
    describe.skip('every test of this suite: needs redis-server on the PATH', () => {
      test('nothing', () => {})
    })
    return
  }
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let redis: OwnRedis
  let [api, worker]: RunningEngine[] = []

  const settingsOf = (role: 'api' | 'worker') => ({
    ...badDay,
    ORDER_LEASE_MS: '1000',
    SWEEP_MS: '200',
    ROLE: role,
    PG_CONN: database.pgConn,
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    QUEUE_PREFIX: database.queuePrefix,
  })
  const url = () => api?.url ?? ''

  beforeAll(async () => {
    database = await freshDatabase()
    redis = await startRedis()
    ;[api, worker] = [await startEngine(settingsOf('api')), await startEngine(settingsOf('worker'))]
  }, START_MS)

  afterAll(async () => {
    await killAll()
    await redis.remove()
    await database.drop()
  })

  /** Posts until an order is taken; asks nothing else, so that no probe mends what the engine must mend itself. */
  const takesOrders = (key: string) =>
    expect
      .poll(async () => (await place(url(), key, 1))?.status, { timeout: PATIENCE_MS, interval: 100 })
      .toBe(201)

  test('FLUSHALL in mid-flight delays orders and loses none', async () => {
    const load = loadOf('flushed', url)
    const client = new Redis(redis.port, '127.0.0.1')
    for (let i = 0; i < 4; i++) {
      await sleep(250)
      await client.flushall()
    }
    client.disconnect()
    expect(await conclude(url(), load)).toMatchObject(nothingAmiss)
  }, 60_000)

  test('while Redis is gone new orders get 503 and accepted ones end; when it is back, so are we', async () => {
    const load = loadOf('cut-off', url)
    await expect.poll(() => load.acknowledged.size, { timeout: PATIENCE_MS }).toBeGreaterThan(50)
    await redis.kill()
    await expect.poll(async () => (await place(url(), 'too-late', 1))?.body.code).toBe('queue_unavailable')
    await expect.poll(async () => (await openOrders(url())).length, { timeout: PATIENCE_MS }).toBe(0)
    await redis.start()
    await takesOrders('back-again')
    expect(await conclude(url(), load)).toMatchObject(nothingAmiss)
  }, 60_000)

  test('a Redis that hangs costs nothing but time', async () => {
    const load = loadOf('paused', url)
    await expect.poll(() => load.acknowledged.size, { timeout: PATIENCE_MS }).toBeGreaterThan(20)
    redis.child.kill('SIGSTOP')
    await sleep(2_500)
    redis.child.kill('SIGCONT')
    await takesOrders('after-the-pause')
    expect(await conclude(url(), load)).toMatchObject(nothingAmiss)
  }, 60_000)

  test('a worker that starts while Redis is away finishes what was accepted, and stops in time', async () => {
    await worker?.kill()
    for (let number = 0; number < 20; number++) await place(url(), `waiting-${number}`, number)
    expect(await openOrders(url())).toHaveLength(20)
    await redis.kill()
    // Ready is too much to ask of it; it works all the same.
    const lonely = launch(settingsOf('worker'))
    await expect.poll(async () => (await openOrders(url())).length, { timeout: PATIENCE_MS }).toBe(0)
    const toldAt = Date.now()
    lonely.child.kill('SIGTERM')
    expect((await lonely.exited).code).toBe(0)
    expect(Date.now() - toldAt).toBeLessThan(6_000)
  }, 60_000)
})
