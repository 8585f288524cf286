// Secrets stay where they belong: planted in every place that holds one, they are looked for in all that an engine says,
// stores, sends and leaves behind when it fails.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { EXAMPLE, EXECUTE, openSocket, post, refusedUpgrade, send } from '../support/client.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { killAll, launch, type RunningEngine, type Settings, startEngine } from './engineProcess.ts'

const PG_SECRET = 'canary-postgres-4e1b7c'
const REDIS_SECRET = 'canary-redis-9d02aa'
const START_MS = 60_000

/** Lets a signal throw, where nobody expects it, an error such as a driver makes: with what it was doing in it. */
const THROWN = `Object.assign(new Error('planted'), { command: { name: 'auth', args: [process.env.PLANTED] } })`
const MODULE = `process.on('SIGUSR2', () => { throw ${THROWN} })`
const CRASH_ON_SIGNAL = `--import=data:text/javascript,${encodeURIComponent(MODULE)}`

/** Faults of the settings that any engine refuses. */
const FAULTY: readonly Settings[] = [
  { PG_CONN: `mysql://root:${PG_SECRET}@127.0.0.1/x`, REDIS_URL: `http://x:${REDIS_SECRET}@127.0.0.1` },
  { PG_CONN: `postgres://root:${PG_SECRET}%ff@127.0.0.1/x` },
  { PG_CONN: `postgres://root@127.0.0.1/x?sslmode=no&password=${PG_SECRET}` },
  { PORT: '-1', PGPASSWORD: PG_SECRET },
  { HOST: '203.0.113.1' },
]

const EVERYWHERE = [
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
]

type Row = Readonly<Record<string, unknown>>

/** An engine's store and queue, and how to spoil and to search them. */
type Runtime = {
  readonly settings: Settings
  /** With each of these it must not start. */
  readonly faulty: readonly Settings[]
  /** Takes the servers away from a running engine, until it has said so. */
  cutOff(engine: RunningEngine): Promise<void>
  giveBack(): Promise<void>
  /** All that is stored, by where. No engine runs. */
  stored(): Promise<Readonly<Record<string, string>>>
  remove(): Promise<void>
}

describe('a planted secret, embedded', () => {
  describeSecrets(openEmbedded, [...EVERYWHERE, 'data folder'])
})

describeDistributed('a planted secret, distributed', () => {
  describeSecrets(openDistributed, [...EVERYWHERE, 'queue'])
})

async function openEmbedded(): Promise<Runtime> {
  const { path, database, remove } = await freshFolder()
  return {
    settings: { DATA_DIR: path },
    faulty: [
      ...FAULTY,
      { PG_CONN: `postgres://postgres:${PG_SECRET}@127.0.0.1:1/none` },
      { REDIS_URL: `redis://x:${REDIS_SECRET}@127.0.0.1:1` },
    ],
    // It has none.
    cutOff: async () => {},
    giveBack: async () => {},
    async stored() {
      // The files first: opening them replays and overwrites.
      const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      )
      const bytes = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
      const sql = await openPglite(database)
      try {
        return {
          'data folder': bytes.join(''),
          database: await textOfTables((text) => sql.query(text)),
        }
      } finally {
        await sql.close()
      }
    },
    remove: async () => remove(),
  }
}

async function openDistributed(): Promise<Runtime> {
  const { pgConn, redisUrl, queuePrefix, drop } = await freshDatabase()
  const user = queuePrefix
  const admin = new Redis(redisUrl, { maxRetriesPerRequest: 1 })
  await admin.call('ACL', 'SETUSER', user, 'on', `>${REDIS_SECRET}`, '~*', '&*', '+@all')
  const commands: string[] = []
  const monitor = await admin.duplicate().monitor()
  monitor.on('monitor', (_time, args: readonly string[]) => {
    if (args.some((arg) => String(arg).includes(queuePrefix))) commands.push(args.join(' '))
  })
  const settings = {
    PG_CONN: withPassword(pgConn, PG_SECRET),
    REDIS_URL: withPassword(redisUrl, REDIS_SECRET, user),
    QUEUE_PREFIX: queuePrefix,
  }
  return {
    settings,
    faulty: [
      ...FAULTY,
      { PG_CONN: `postgres://postgres:${PG_SECRET}@127.0.0.1:1/none` },
      { PG_CONN: `${settings.PG_CONN}_missing` },
      { PG_CONN: 'postgres://nobody@127.0.0.1:1/none', PGPASSWORD: PG_SECRET },
      { PG_CONN: `${settings.PG_CONN}?sslmode=require` },
      { PG_CONN: `${settings.PG_CONN}?options=-c%20no.such=${PG_SECRET}%20-c%20nonsense=1` },
    ],
    async cutOff(engine) {
      await query(
        pgConn,
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      )
      await admin.call('ACL', 'SETUSER', user, 'resetpass', '>another')
      await admin.call('CLIENT', 'KILL', 'USER', user)
      await vi.waitFor(() => expect(engine.output()).toContain('WRONGPASS'), { timeout: 20_000 })
    },
    async giveBack() {
      await admin.call('ACL', 'SETUSER', user, 'resetpass', `>${REDIS_SECRET}`)
    },
    async stored() {
      monitor.disconnect()
      const values: string[] = []
      for await (const keys of admin.scanStream({ match: `${queuePrefix}*` })) {
        for (const key of keys) values.push((await admin.dumpBuffer(key))?.toString('latin1') ?? '')
      }
      return {
        queue: [...commands, ...values].join('\n'),
        database: await textOfTables((text) => query(pgConn, text)),
      }
    },
    async remove() {
      await admin.call('ACL', 'DELUSER', user)
      admin.disconnect()
      await drop()
    },
  }
}

async function textOfTables(ask: (text: string) => Promise<readonly Row[]>): Promise<string> {
  const tables = await ask(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  )
  expect(tables.length).toBeGreaterThan(4)
  const rows: Row[] = []
  for (const { name } of tables) rows.push(...(await ask(`select t::text as row from ${name} t`)))
  rows.push(
    ...(await ask(
      "select pg_get_functiondef(p.oid) as row from pg_proc p where pronamespace = to_regnamespace('public')",
    )),
  )
  return JSON.stringify(rows)
}

function describeSecrets(open: () => Promise<Runtime>, places: readonly string[]): void {
  let runtime: Runtime
  let settings: Settings
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
    runtime = await open()
    settings = { ...runtime.settings, LOG_LEVEL: 'trace', REQUIRE_API_KEYS: 'always', SIM_SPEED: 'instant' }
    const token = await makeKey('trade,read,admin')
    const revoked = await makeKey('read')
    await launch(settings, ['keys', 'revoke', revoked.slice(4, 20)]).exited
    const PLANTED = [token, ...secrets.values()].join(' ')
    const engine = await startEngine({ ...settings, NODE_OPTIONS: CRASH_ON_SIGNAL, PLANTED })
    await use(engine.url, token, revoked)
    await crash(engine, token)
    await refuseStarts()
    for (const [where, text] of Object.entries(await runtime.stored())) note(where, text)
  }, 3 * START_MS)

  afterAll(async () => {
    await killAll()
    await runtime.remove()
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
  async function use(url: string, token: string, revoked: string): Promise<void> {
    const headers = { authorization: `Bearer ${token}` }
    const socketUrl = `${url.replace('http', 'ws')}${EXECUTE}`
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
      const reply = await send(`${url}/api/orders`, { headers: { authorization } })
      expect(reply.status).toBe(401)
      note('errors', [reply.body, ...reply.headers])
    }
    note('errors', (await post(`${url}${EXECUTE}`, '{', headers)).body)
    note('errors', (await post(`${url}${EXECUTE}`, '{}', headers)).body)
    // A mistake that clients make: addresses end up in logs.
    for (const path of ['/api/orders', '/api/quotes', EXECUTE, '/metrics', '/docs', '/nowhere']) {
      note('errors', (await send(`${url}${path}?key=${token}`)).body)
      note('errors', (await send(`${url}${path}?key=${token}`, { headers })).body)
    }
    const { orderId } = placed.body
    for (const path of [
      '/api/orders',
      `/api/orders/${orderId}`,
      `/api/orders/${orderId}/events`,
      '/api/quotes?tokenIn=A&tokenOut=B&amountIn=1',
      '/api/tokens',
      '/api/pools',
      '/api/simulation/swaps',
      '/api/admin/trading',
      '/healthz',
      '/readyz',
    ]) {
      const { status, body } = await send(`${url}${path}`, { headers })
      expect(status).toBe(200)
      note('answers', body)
    }
    note('metrics', (await send(`${url}/metrics`, { headers })).body)
    for (const path of ['/docs', '/openapi.json']) note('documentation', (await send(`${url}${path}`)).body)
  }

  /** It loses its servers, where it has any; then it is killed by what it could not expect. */
  async function crash(engine: RunningEngine, token: string): Promise<void> {
    await runtime.cutOff(engine)
    const headers = { authorization: `Bearer ${token}` }
    note('errors', (await post(`${engine.url}${EXECUTE}`, EXAMPLE, headers)).body)
    engine.child.kill('SIGUSR2')
    const { stdout, stderr } = await engine.exited
    note('logs', stdout)
    note('crash', stderr)
    await runtime.giveBack()
  }

  /** What an engine says that cannot start. */
  async function refuseStarts(): Promise<void> {
    for (const more of runtime.faulty) {
      const { code, stdout, stderr } = await launch({ ...settings, ...more }).exited
      expect(code).not.toBe(0)
      note('refused starts', stdout + stderr)
    }
  }

  for (const where of places) {
    test(`is not in: ${where}`, () => {
      const text = heard.get(where) ?? ''
      expect(text).not.toBe('')
      expect(secrets.size).toBe(5)
      const found = [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => what)
      expect(found).toEqual([])
    })
  }

  test('is looked for where it would be seen: what is no secret is found there', () => {
    const shown: Readonly<Record<string, readonly string[]>> = {
      logs: ['engine started', '"level":20', ...(places.includes('queue') ? ['WRONGPASS'] : [])],
      crash: ['planted'],
      database: ['canary'],
      'data folder': ['canary'],
      queue: ['ids'],
      sockets: ['filled'],
      documentation: ['openapi', '<html'],
    }
    for (const where of places) {
      for (const text of shown[where] ?? []) expect(heard.get(where)).toContain(text)
    }
  })
}

function withPassword(address: string, password: string, username?: string): string {
  const url = new URL(address)
  url.password = password
  if (username !== undefined) url.username = username
  return url.href
}

async function query(pgConn: string, sql: string): Promise<readonly Row[]> {
  const client = new Client({ connectionString: pgConn })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
