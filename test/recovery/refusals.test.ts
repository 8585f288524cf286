// Redis as people have it: it answers, and refuses. What it refuses is waited out, said once with what mends it, and no order
// is taken meanwhile; when it is mended the engine goes on by itself.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { openOrders, place } from './client.ts'
import { killAll, launch, type RunningEngine, type Settings, startEngine } from './engineProcess.ts'
import { hasRedis, type OwnRedis, startRedis } from './servers.ts'

const PATIENCE_MS = 30_000
const START_MS = 60_000
const MINUTE_MS = 60_000
const MOST_LINES_A_MINUTE = 20
/** More than the engine could take between two trials, if each let one in. */
const POSTS = 20

type Line = {
  readonly time: number
  readonly msg: string
  readonly part?: string
  readonly cure?: string
  readonly faults?: readonly { readonly cure?: string }[]
}

/** What the engine has logged, but for the ends of orders. */
const linesOf = (engine: { output(): string }): Line[] =>
  engine
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"level"'))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ msg }) => msg !== 'order event')

/** What it says to do, in lines of their own and in those that sum up. */
const curesOf = (engine: { output(): string }): string[] =>
  linesOf(engine).flatMap(({ cure = '', faults = [] }) => [cure, ...faults.map((fault) => fault.cure ?? '')])

const mostInAMinute = (lines: readonly Line[]) =>
  Math.max(
    0,
    ...lines.map(
      ({ time }) => lines.filter((other) => other.time >= time && other.time < time + MINUTE_MS).length,
    ),
  )

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`)
  const { parts } = (await response.json()) as { parts: Record<string, { ok: boolean }> }
  return { status: response.status, queue: parts.queue?.ok, store: parts.store?.ok }
}

let posted = 0
const post = async (url: string) => {
  const reply = await place(url, `refusals-${posted++}`, 1)
  return reply?.status === 201 ? 'taken' : reply?.body.code
}

const becomesReady = (url: string) =>
  expect.poll(() => readiness(url), { timeout: PATIENCE_MS, interval: 100 }).toMatchObject({ status: 200 })

/** Posts until an order is taken; asks nothing else, so that no probe mends what the engine must mend itself. */
const takesOrders = (url: string) =>
  expect.poll(() => post(url), { timeout: PATIENCE_MS, interval: 100 }).toBe('taken')

const allEnd = (url: string) =>
  expect.poll(async () => (await openOrders(url)).length, { timeout: PATIENCE_MS }).toBe(0)

/** The line that gives a user what the engine needs, as the documents have it. */
const ACL_LINE = /^ACL SETUSER (.*)$/m.exec(
  readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8'),
)?.[1]

describeDistributed('a Redis that refuses', () => {
  if (!hasRedis) {
    if (process.env.REQUIRE_SERVICES === '1') throw new Error('this suite starts a redis-server of its own')
    describe.skip('every test of this suite: needs redis-server on the PATH', () => {
      test('nothing', () => {})
    })
    return
  }
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let redis: OwnRedis
  let admin: Redis
  let engine: RunningEngine
  const settingsFor = (redisUrl: string): Settings => ({
    SIM_SPEED: 'instant',
    LOG_LEVEL: 'info',
    PG_CONN: database.pgConn,
    REDIS_URL: redisUrl,
  })

  beforeAll(async () => {
    database = await freshDatabase()
    redis = await startRedis()
    admin = new Redis(redis.port, '127.0.0.1')
    // As the documents give it its rights: that it works at all is the first thing seen.
    const [, ...rights] = (ACL_LINE ?? '').replace('>secret', '>canary-of-redis').split(' ')
    await admin.call('ACL', 'SETUSER', 'engine', ...rights)
    engine = await startEngine(settingsFor(`redis://engine:canary-of-redis@127.0.0.1:${redis.port}`))
  }, START_MS)

  afterAll(async () => {
    await killAll()
    admin.disconnect()
    await redis.remove()
    await database.drop()
  })

  const user = (...rules: string[]) => admin.call('ACL', 'SETUSER', 'engine', ...rules)
  const config = (name: string, value: string) => admin.config('SET', name, value)
  const hangUp = () => admin.call('CLIENT', 'KILL', 'USER', 'engine')

  const refusals: readonly (readonly [
    what: string,
    refuse: () => Promise<unknown>,
    mend: () => Promise<unknown>,
    cure: string,
  ])[] = [
    ['may not write', () => user('-@write'), () => user('+@write'), 'ACL SETUSER'],
    ['may not run scripts', () => user('-eval', '-evalsha'), () => user('+eval', '+evalsha'), 'ACL SETUSER'],
    ['may not use these keys', () => user('resetkeys', '~other:*'), () => user('~{oee}:*'), 'ACL SETUSER'],
    [
      'is unknown',
      () => user('off').then(hangUp),
      () => user('on'),
      'Check the user and the password in REDIS_URL',
    ],
    [
      'is on a replica',
      () => admin.replicaof('127.0.0.1', 1),
      () => admin.replicaof('NO', 'ONE'),
      'point it at the primary',
    ],
    ['finds no room', () => config('maxmemory', '1'), () => config('maxmemory', '0'), 'maxmemory'],
    [
      'finds too few replicas',
      () => config('min-replicas-to-write', '1'),
      () => config('min-replicas-to-write', '0'),
      'min-replicas-to-write',
    ],
    [
      'is one client too many',
      () => config('maxclients', '1').then(hangUp),
      () => config('maxclients', '1000'),
      'maxclients',
    ],
  ]

  for (const [what, refuse, mend, cure] of refusals) {
    test(`a user who ${what} gets no order taken, until that is mended`, async () => {
      const { url } = engine
      await takesOrders(url)
      await refuse()
      try {
        await expect.poll(() => post(url), { timeout: PATIENCE_MS }).toBe('queue_unavailable')
        const answers = new Set<unknown>()
        for (let i = 0; i < POSTS; i++) answers.add(await post(url))
        expect([...answers]).toEqual(['queue_unavailable'])
        expect(await readiness(url)).toEqual({ status: 503, queue: false, store: true })
        // A connection that was cut is refused only when it is made again.
        const cures = () => curesOf(engine)
        await expect.poll(cures, { timeout: PATIENCE_MS }).toContainEqual(expect.stringContaining(cure))
      } finally {
        await mend()
      }
      await takesOrders(url)
      await becomesReady(url)
    }, 90_000)
  }

  test('an idle engine notices, and a worker that is not given rings says so', async () => {
    await user('-bzpopmin')
    await expect
      .poll(() => readiness(engine.url), { timeout: PATIENCE_MS })
      .toEqual({ status: 503, queue: false, store: true })
    expect(await post(engine.url)).toBe('taken')
    await user('+bzpopmin')
    await becomesReady(engine.url)
    await config('maxmemory', '1')
    await expect
      .poll(() => readiness(engine.url), { timeout: PATIENCE_MS })
      .toEqual({ status: 503, queue: false, store: true })
    await expect.poll(() => post(engine.url)).toBe('queue_unavailable')
    await config('maxmemory', '0')
    await takesOrders(engine.url)
  }, 90_000)

  test('connections that are cut again and again cost time and no order', async () => {
    for (let i = 0; i < 20; i++) {
      await hangUp()
      await post(engine.url)
    }
    await takesOrders(engine.url)
    await allEnd(engine.url)
  }, 90_000)

  test('an engine that asks is not asked for a ring more often than once a second', async () => {
    const calls = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0)
    await becomesReady(engine.url)
    const [before, beganAt] = [await calls(), Date.now()]
    for (let i = 0; i < 200; i++) await readiness(engine.url)
    const seconds = 1 + (Date.now() - beganAt) / 1_000
    // A trial ring is added, taken and given back; the worker looks after stalled ones.
    expect((await calls()) - before).toBeLessThan(10 * seconds)
  }, 60_000)

  test('all orders that were taken end, and what was logged is a few lines that name each cure and no secret', async () => {
    await allEnd(engine.url)
    engine.child.kill('SIGTERM')
    await engine.exited
    const lines = linesOf(engine)
    for (const [, , , cure] of refusals) expect(curesOf(engine)).toContainEqual(expect.stringContaining(cure))
    expect(mostInAMinute(lines)).toBeLessThanOrEqual(MOST_LINES_A_MINUTE)
    expect(engine.output()).not.toContain('canary-of-redis')
    // What a library prints is not JSON.
    const others = engine
      .output()
      .split('\n')
      .filter((line) => !line.startsWith('{"level"'))
    expect(others.join('\n')).not.toMatch(/warn|important|skipping|redis\b.*version/i)
  }, 60_000)
})

describeDistributed('a Redis that is a cluster', () => {
  if (!hasRedis) return
  let database: Awaited<ReturnType<typeof freshDatabase>>
  let redis: OwnRedis

  beforeAll(async () => {
    database = await freshDatabase()
    redis = await startRedis('none', ['--cluster-enabled', 'yes', '--maxmemory-policy', 'allkeys-lru'])
    const admin = new Redis(redis.port, '127.0.0.1')
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await vi.waitFor(
      async () => expect(await admin.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'),
      PATIENCE_MS,
    )
    admin.disconnect()
  }, START_MS)

  afterAll(async () => {
    await killAll()
    await redis.remove()
    await database.drop()
  })

  const settings = (more: Settings = {}): Settings => ({
    SIM_SPEED: 'instant',
    PG_CONN: database.pgConn,
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    ...more,
  })

  test('and serves all slots at one address works, and its memory policy is named once', async () => {
    const engine = await startEngine(settings())
    await takesOrders(engine.url)
    await allEnd(engine.url)
    expect(linesOf(engine)).toMatchObject([{ part: 'queue', cure: expect.stringContaining('noeviction') }])
    await engine.kill()
  }, 90_000)

  test('is waited out, and the cure named, where the prefix has no braces', async () => {
    const engine = launch(settings({ QUEUE_PREFIX: 'plain' }))
    await expect
      .poll(() => curesOf(engine), { timeout: PATIENCE_MS })
      .toContainEqual(expect.stringContaining('put QUEUE_PREFIX in braces'))
    const find = () => /http:\/\/[\d.]+:\d+/.exec(engine.output())?.[0] ?? ''
    await expect.poll(find, { timeout: PATIENCE_MS }).not.toBe('')
    const url = find()
    expect(await readiness(url)).toEqual({ status: 503, queue: false, store: true })
    expect(await post(url)).toBe('queue_unavailable')
    expect(linesOf(engine).length).toBeLessThanOrEqual(MOST_LINES_A_MINUTE)
    await engine.kill()
  }, 90_000)
})

describeDistributed('what is no Redis', () => {
  test('is named, not asked without end', async () => {
    const database = await freshDatabase()
    const stranger = createServer((socket) => {
      // Whoever asked for TLS or Redis hangs up as well.
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const engine = launch({ PG_CONN: database.pgConn, REDIS_URL: `redis://127.0.0.1:${address.port}` })
    await expect
      .poll(() => curesOf(engine), { timeout: PATIENCE_MS })
      .toContainEqual(expect.stringMatching(/not Redis|hangs up/))
    expect(linesOf(engine).length).toBeLessThanOrEqual(MOST_LINES_A_MINUTE)
    await engine.kill()
    stranger.close()
    await database.drop()
  }, 90_000)
})
