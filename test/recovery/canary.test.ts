// Secrets stay where they belong: planted in every place that holds one, they are looked for in all that an engine says,
// stores, sends and leaves behind when it fails.

import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { EXAMPLE, EXECUTE, openSocket, post, refusedUpgrade, send } from '../client.ts'
import { describeDistributed, freshDatabase } from '../services.ts'
import { killAll, launch, type RunningEngine, type Settings, startEngine } from './engineProcess.ts'

const PG_SECRET = 'canary-postgres-4e1b7c'
const REDIS_SECRET = 'canary-redis-9d02aa'
const START_MS = 60_000

/** Lets a signal throw, where nobody expects it, an error such as a driver makes: with what it was doing in it. */
const THROWN = `Object.assign(new Error('planted'), { command: { name: 'auth', args: [process.env.REDIS_URL] } })`
const MODULE = `process.on('SIGUSR2', () => { throw ${THROWN} })`
const CRASH_ON_SIGNAL = `--import=data:text/javascript,${encodeURIComponent(MODULE)}`

type Database = Awaited<ReturnType<typeof freshDatabase>>

describeDistributed('a planted secret', () => {
  let database: Database
  let admin: Redis
  let settings: Settings
  let user: string
  /** All that could be heard, by where. */
  const heard = new Map<string, string>()
  const secrets = new Map<string, string>([
    ['password of Postgres', PG_SECRET],
    ['password of Redis', REDIS_SECRET],
  ])
  const note = (where: string, text: unknown) => {
    heard.set(where, (heard.get(where) ?? '') + (typeof text === 'string' ? text : JSON.stringify(text)))
  }

  beforeAll(async () => {
    database = await freshDatabase()
    admin = new Redis(database.redisUrl, { maxRetriesPerRequest: 1 })
    user = database.queuePrefix
    await admin.call('ACL', 'SETUSER', user, 'on', `>${REDIS_SECRET}`, '~*', '&*', '+@all')
    const monitor = await admin.duplicate().monitor()
    monitor.on('monitor', (_time, args: readonly string[]) => {
      if (args.some((arg) => String(arg).includes(database.queuePrefix))) note('queue', args.join(' '))
    })
    settings = {
      PG_CONN: withPassword(database.pgConn, PG_SECRET),
      REDIS_URL: withPassword(database.redisUrl, REDIS_SECRET, user),
      QUEUE_PREFIX: database.queuePrefix,
      LOG_LEVEL: 'trace',
      REQUIRE_API_KEYS: 'always',
      SIM_SPEED: 'instant',
    }
    const token = await makeKey('trade,read,admin')
    const engine = await startEngine({ ...settings, NODE_OPTIONS: CRASH_ON_SIGNAL })
    const doomed = await use(engine, token)
    await crash(doomed, token)
    await refuseStarts()
    await dump()
    monitor.disconnect()
  }, 3 * START_MS)

  afterAll(async () => {
    await killAll()
    await admin.call('ACL', 'DELUSER', user)
    admin.disconnect()
    await database.drop()
  })

  async function makeKey(scopes: string): Promise<string> {
    const made = await launch(settings, ['keys', 'create', '--name', 'canary', '--scopes', scopes]).exited
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^oee_/) })
    const token = made.stdout.trim()
    secrets.set(`secret of the key with ${scopes}`, token.slice(21))
    note('keys program', made.stderr + (await launch(settings, ['keys', 'list']).exited).stdout)
    return token
  }

  /** Every kind of request, well and badly made. */
  async function use(engine: RunningEngine, token: string): Promise<RunningEngine> {
    const { url } = engine
    const headers = { authorization: `Bearer ${token}` }
    const socketUrl = `${url.replace('http', 'ws')}${EXECUTE}`
    const revoked = await makeKey('read')
    await launch(settings, ['keys', 'revoke', revoked.slice(4, 20)]).exited
    const placed = await post<{ orderId: string; wsUrl: string }>(`${url}${EXECUTE}`, EXAMPLE, headers)
    expect(placed.status).toBe(201)
    note('answers', placed.body)
    note('sockets', (await openSocket(placed.body.wsUrl, { headers }).closed).frames)
    const { body } = await post<{ ticket: string }>(`${url}/api/tickets`, '{}', headers)
    secrets.set('ticket', body.ticket)
    const protocols = ['order-stream', `ticket.${body.ticket}`]
    const stream = openSocket(placed.body.wsUrl, {}, protocols)
    note('sockets', (await stream.closed).frames)
    note('sockets', stream.socket.protocol)
    note('errors', (await refusedUpgrade(socketUrl, {}, protocols)).body)
    note('errors', (await refusedUpgrade(`${socketUrl}?orderId=1`, { headers })).body)
    for (const authorization of [`Bearer ${revoked}`, `Basic ${token}`, token, `Bearer ${token}0`]) {
      await vi.waitFor(async () => {
        const reply = await send(`${url}/api/orders`, { headers: { authorization } })
        note('errors', [reply.body, ...reply.headers])
        expect(reply.status).toBe(401)
      })
    }
    note('errors', (await post(`${url}${EXECUTE}`, '{', headers)).body)
    note('errors', (await post(`${url}${EXECUTE}`, '{}', headers)).body)
    for (const path of [
      '/api/orders',
      `/api/orders/${placed.body.orderId}`,
      '/api/pools',
      '/readyz',
      '/nowhere',
    ]) {
      note('answers', (await send(`${url}${path}`, { headers })).body)
    }
    note('answers', (await send(`${url}/api/admin/trading`, { headers })).body)
    note('metrics', (await send(`${url}/metrics`, { headers })).body)
    note('documentation', (await send(`${url}/openapi.json`)).body)
    return engine
  }

  /** The servers throw it out; then it is killed by what it could not expect. */
  async function crash(engine: RunningEngine, token: string): Promise<void> {
    await query(
      database.pgConn,
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
    )
    await admin.call('ACL', 'SETUSER', user, 'resetpass', '>another')
    await admin.call('CLIENT', 'KILL', 'USER', user)
    await vi.waitFor(() => expect(engine.output()).toContain('WRONGPASS'), { timeout: 20_000 })
    const headers = { authorization: `Bearer ${token}` }
    note('errors', (await post(`${engine.url}${EXECUTE}`, EXAMPLE, headers)).body)
    engine.child.kill('SIGUSR2')
    const { stdout, stderr } = await engine.exited
    note('logs', stdout)
    note('crash', stderr)
    await admin.call('ACL', 'SETUSER', user, 'resetpass', `>${REDIS_SECRET}`)
  }

  /** What an engine says that cannot start. */
  async function refuseStarts(): Promise<void> {
    const wrong: readonly Settings[] = [
      { PG_CONN: `postgres://postgres:${PG_SECRET}@127.0.0.1:1/none` },
      { PG_CONN: `${settings.PG_CONN}_missing` },
      { PG_CONN: `mysql://root:${PG_SECRET}@127.0.0.1/x`, REDIS_URL: `http://x:${REDIS_SECRET}@127.0.0.1` },
      { PORT: '-1' },
      { HOST: '203.0.113.1' },
    ]
    for (const more of wrong) {
      const { code, stdout, stderr } = await launch({ ...settings, ...more }).exited
      expect(code).not.toBe(0)
      note('refused starts', stdout + stderr)
    }
  }

  async function dump(): Promise<void> {
    const tables = await query(
      database.pgConn,
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    )
    expect(tables.length).toBeGreaterThan(4)
    for (const { name } of tables) {
      note('database', await query(database.pgConn, `select t::text as row from ${name} t`))
    }
    note(
      'database',
      await query(
        database.pgConn,
        "select pg_get_functiondef(p.oid) as row from pg_proc p where pronamespace = to_regnamespace('public')",
      ),
    )
    for await (const keys of admin.scanStream({ match: `${database.queuePrefix}*` })) {
      for (const key of keys) note('queue', (await admin.dumpBuffer(key))?.toString('latin1') ?? '')
    }
  }

  for (const where of [
    'keys program',
    'logs',
    'crash',
    'refused starts',
    'errors',
    'answers',
    'sockets',
    'metrics',
    'documentation',
    'database',
    'queue',
  ]) {
    test(`is not in: ${where}`, () => {
      const text = heard.get(where) ?? ''
      expect(text).not.toBe('')
      expect(secrets.size).toBe(5)
      const found = [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => what)
      expect(found).toEqual([])
    })
  }

  test('is looked for where it would be seen: what is no secret is found there', () => {
    expect(heard.get('logs')).toContain('engine started')
    expect(heard.get('logs')).toContain('"level":20')
    expect(heard.get('logs')).toContain('WRONGPASS')
    expect(heard.get('crash')).toContain('planted')
    expect(heard.get('database')).toContain('canary')
    expect(heard.get('queue')).toContain('ids')
    expect(heard.get('sockets')).toContain('filled')
  })
})

function withPassword(address: string, password: string, username?: string): string {
  const url = new URL(address)
  url.password = password
  if (username !== undefined) url.username = username
  return url.href
}

async function query(pgConn: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: pgConn })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
