// Behind a real PgBouncer: in session mode the engine works as on Postgres itself, in its other modes it does not start.
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { explainStartFault } from '../../src/cli/startup.ts'
import { readConfig } from '../../src/config.ts'
import { start } from '../../src/index.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { ended, place, send } from '../support/client.ts'
import { killAll, launch } from './engineProcess.ts'
import {
  describePgBouncer,
  type GuardedPostgres,
  type PoolMode,
  startGuardedPostgres,
  startPgBouncer,
} from './guardedPostgres.ts'

type PgBouncer = Awaited<ReturnType<typeof startPgBouncer>>

const START_MS = 60_000
const IN_TRANSACTION_MODE = /^PG_CONN leads to a pooler in transaction or statement mode/

describePgBouncer('behind PgBouncer', ({ redisUrl }) => {
  let server: GuardedPostgres
  let pooler: PgBouncer | null = null
  const others: Client[] = []

  beforeAll(async () => {
    server = await startGuardedPostgres('p')
  }, START_MS)
  afterEach(async () => {
    for (const other of others.splice(0)) await other.end().catch(() => {})
    await pooler?.stop()
    pooler = null
  })
  afterAll(async () => {
    await killAll()
    server.stop()
  })

  async function behind(mode: PoolMode, settings: Readonly<Record<string, string | number>> = {}) {
    pooler = await startPgBouncer(server, mode, settings)
    return pooler
  }

  const settingsOf = (pgConn: string) => ({
    PG_CONN: pgConn,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: 'pooled',
    PORT: '0',
    LOG_LEVEL: 'silent',
    SIM_SPEED: 'instant',
  })
  const startOn = (pgConn: string) => start(readConfig(settingsOf(pgConn)))

  async function said(pgConn: string): Promise<string> {
    try {
      const engine = await startOn(pgConn)
      await engine.stop('it was to fail')
      return 'started'
    } catch (error) {
      return explainStartFault(error as Error)
    }
  }

  async function confirm(url: string): Promise<void> {
    const { orderId } = await place(url)
    expect(await ended(url, orderId)).toMatchObject({ status: 'confirmed' })
  }

  test(
    'in session mode an engine runs, through a restart of the server behind it too',
    async () => {
      const { url } = await behind('session')
      const engine = await startOn(url())
      try {
        await confirm(engine.url)
        server.restart()
        await expect
          .poll(async () => (await send(`${engine.url}/readyz`)).status, { timeout: 30_000, interval: 100 })
          .toBe(200)
        await confirm(engine.url)
      } finally {
        await engine.stop('the test is over')
      }
    },
    START_MS,
  )

  test('in session mode sessions are as needed, whoever had them before', async () => {
    const { url } = await behind('session', { default_pool_size: 2, server_reset_query: '' })
    for (let i = 0; i < 2; i++) {
      const other = new Client({ connectionString: url() })
      others.push(other)
      await other.connect()
      await other.query(
        "set datestyle = German; set enable_seqscan = on; set statement_timeout = 0; set search_path = ''",
      )
    }
    for (const other of others.splice(0)) await other.end()
    const sql = openPostgres({ connectionString: url(), maxConnections: 1, onConnectionError: () => {} })
    const shown: unknown[] = []
    for (const name of ['datestyle', 'enable_seqscan', 'plan_cache_mode', 'statement_timeout', 'search_path'])
      shown.push((await sql.query(`select current_setting('${name}') as value`))[0]?.value)
    await sql.close()
    expect(shown).toEqual(['ISO, MDY', 'off', 'force_generic_plan', '4s', expect.anything()])
  })

  test.each<[PoolMode, Readonly<Record<string, number>>]>([
    ['transaction', {}],
    ['transaction', { default_pool_size: 1 }],
    ['transaction', { server_round_robin: 1, min_pool_size: 10 }],
    ['statement', {}],
    ['statement', { default_pool_size: 1 }],
  ])('%s mode is refused at the start (%j), and nothing is created', async (mode, settings) => {
    await server.admin('drop database if exists untouched with (force)')
    await server.admin('create database untouched')
    const { url } = await behind(mode, settings)
    // A pool that has served others, and rests.
    const idle = Array.from(
      { length: settings.default_pool_size ?? 3 },
      () => new Client({ connectionString: url('untouched') }),
    )
    for (const client of idle) await client.connect()
    await Promise.all(idle.map((client) => client.query('select pg_sleep(0.1)')))
    others.push(...idle)
    expect(await said(url('untouched'))).toMatch(IN_TRANSACTION_MODE)
    const [row] = await server.admin(
      "select count(*)::int as n from pg_tables where schemaname = 'public'",
      'untouched',
    )
    expect(row?.n).toBe(0)
  })

  test('transaction mode is refused however busy the pool is', async () => {
    const { url } = await behind('transaction', { default_pool_size: 6 })
    let isOver = false
    const busy = Array.from({ length: 4 }, async () => {
      const client = new Client({ connectionString: url() })
      await client.connect()
      while (!isOver) await client.query('select pg_sleep(random() * 0.002)')
      await client.end()
    })
    const all: string[] = []
    for (let i = 0; i < 5; i++) all.push(await said(url()))
    isOver = true
    await Promise.all(busy)
    expect(all).toEqual(all.map(() => expect.stringMatching(IN_TRANSACTION_MODE)))
  })

  test('a pool too small for one process is refused, and the start does not hang on it', async () => {
    const { url } = await behind('session', { default_pool_size: 1 })
    expect(await said(url())).toMatch(
      /^PG_CONN answers one connection and not the next: a process needs up to 10/,
    )
  })

  test('what PgBouncer itself refuses is passed on', async () => {
    const { url } = await behind('session')
    expect(await said(`${url()}?options=-c%20geqo%3Doff`)).toMatch(/unsupported startup parameter: options/)
  })

  test('a server that is not behind one is never taken for it', async () => {
    const pgConn = `postgres://postgres@127.0.0.1:${server.port}/guests`
    const sql = openPostgres({ connectionString: pgConn, maxConnections: 10, onConnectionError: () => {} })
    const load = Array.from({ length: 200 }, () => sql.query('select pg_sleep(0.01)'))
    for (let i = 0; i < 20; i++) await sql.check()
    await Promise.all(load)
    await sql.close()
  })

  test('the programs, engine and keys, end with that one sentence', async () => {
    const { url } = await behind('transaction')
    for (const args of [[], ['keys', 'list']]) {
      const { code, stdout, stderr } = await launch(settingsOf(url()), args).exited
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(IN_TRANSACTION_MODE)
      expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    }
  })
})
