// Whatever a role, a database or a URL sets its sessions to, the engine's are set as it needs them, and it trades on them.
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Engine, start } from '../../src/index.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { ended, events, getOrder, heard, openSocket, place, send } from '../support/client.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'

type Database = Awaited<ReturnType<typeof freshDatabase>>
type Setting = readonly [name: string, value: string]

/** What is not the default, each with what it would break. */
const ODD: readonly Setting[] = [
  ['DateStyle', 'German, DMY'],
  ['DateStyle', 'SQL, MDY'],
  ['DateStyle', 'Postgres, YMD'],
  ['IntervalStyle', 'iso_8601'],
  ['TimeZone', 'Asia/Kathmandu'],
  ['TimeZone', 'America/St_Johns'],
  ['statement_timeout', '1'],
  ['lock_timeout', '1'],
  ['idle_in_transaction_session_timeout', '1'],
  ['idle_session_timeout', '50'],
  ['default_transaction_isolation', 'serializable'],
  ['default_transaction_isolation', 'repeatable read'],
  ['synchronous_commit', 'off'],
  ['bytea_output', 'escape'],
  ['array_nulls', 'off'],
  ['standard_conforming_strings', 'off'],
  ['backslash_quote', 'off'],
  ['extra_float_digits', '-15'],
  ['client_encoding', 'LATIN1'],
  ['enable_indexscan', 'off'],
  ['enable_bitmapscan', 'off'],
  ['enable_nestloop', 'off'],
  ['enable_seqscan', 'on'],
  ['plan_cache_mode', 'force_custom_plan'],
  ['jit', 'on'],
  ['force_parallel_mode', 'on'],
  ['lc_numeric', 'C.UTF-8'],
  ['row_security', 'off'],
  ['quote_all_identifiers', 'on'],
  ['default_table_access_method', 'heap'],
]

/** What the engine's sessions say, as `show` does. */
const NEEDED: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  statement_timeout: '4s',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  default_transaction_isolation: 'read committed',
  synchronous_commit: 'on',
  bytea_output: 'hex',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  extra_float_digits: '3',
  client_encoding: 'UTF8',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_indexscan: 'on',
  enable_bitmapscan: 'on',
  enable_nestloop: 'on',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
}

describeDistributed('sessions of a Postgres server', ({ pgConn: server }) => {
  let database: Database
  let admin: Client
  let name: string
  /** A role that the settings are given to; it owns the database. */
  let role: string

  beforeAll(async () => {
    database = await freshDatabase()
    name = database.queuePrefix
    role = `role_${name}`
    admin = new Client({ connectionString: server })
    await admin.connect()
    await admin.query(`create role ${role} login password 'secret'`)
    await admin.query(`alter database ${name} owner to ${role}`)
  })
  afterAll(async () => {
    await database.drop()
    await admin.query(`drop role ${role}`)
    await admin.end()
  })

  const asRole = (query = '') => {
    const url = new URL(database.pgConn)
    url.username = role
    url.password = 'secret'
    return `${url.href}${query}`
  }
  const giveRole = ([setting, value]: Setting) =>
    admin.query(`alter role ${role} set ${setting} = ${setting === 'DateStyle' ? value : `'${value}'`}`)
  const forget = () => admin.query(`alter role ${role} reset all`)

  async function shown(connectionString: string, more: readonly string[] = []) {
    const sql = openPostgres({ connectionString, maxConnections: 1, onConnectionError: () => {} })
    try {
      await sql.query('select 1')
      const found: [string, unknown][] = []
      for (const setting of [...Object.keys(NEEDED), ...more]) {
        const [row] = await sql.query(`select current_setting('${setting}') as value`)
        found.push([setting, row?.value])
      }
      return Object.fromEntries(found)
    } finally {
      await sql.close()
    }
  }

  test.each(ODD)('are as needed when their role sets %s to %s', async (...setting) => {
    await giveRole(setting)
    try {
      expect(await shown(asRole())).toEqual(NEEDED)
    } finally {
      await forget()
    }
  })

  test.each(['local', 'remote_write', 'remote_apply'])(
    'keep a synchronous_commit that is as good: %s',
    async (value) => {
      await giveRole(['synchronous_commit', value])
      const { synchronous_commit } = await shown(asRole())
      await forget()
      expect(synchronous_commit).toBe(value)
    },
  )

  test('keep what the URL asks for by options, which undoes nothing that is needed', async () => {
    const options = '-c geqo=off -c DateStyle=German -c enable_seqscan=on -c statement_timeout=77'
    const found = await shown(asRole(`?options=${encodeURIComponent(options)}`), ['geqo'])
    expect(found).toEqual({ ...NEEDED, geqo: 'off' })
  })

  test('of one process all use the schema that the first one found', async () => {
    await admin.query(`alter role ${role} set search_path = '$user', public`)
    const open = { connectionString: asRole(), maxConnections: 2, onConnectionError: () => {} }
    const sql = openPostgres(open)
    try {
      await sql.query('select 1')
      await admin.query(`alter role ${role} set search_path = pg_temp`)
      const both = await Promise.all(
        [1, 2].map(() => sql.query('select current_schema() as s, pg_sleep(0.2)')),
      )
      expect(both.map(([row]) => row?.s)).toEqual(['public', 'public'])
    } finally {
      await sql.close()
      await forget()
    }
  })
})

describeDistributed('an engine', ({ pgConn: server, redisUrl }) => {
  const admin = new Client({ connectionString: server })
  beforeAll(() => admin.connect())
  afterAll(() => admin.end())

  const url = (user: string, name: string, query = '') => {
    const address = new URL(server)
    address.username = user
    address.pathname = `/${name}`
    return `${address.href}${query}`
  }

  const startOn = (pgConn: string, prefix: string, more = {}) =>
    start(
      readConfig({
        PG_CONN: pgConn,
        REDIS_URL: redisUrl,
        QUEUE_PREFIX: prefix,
        PORT: '0',
        LOG_LEVEL: 'silent',
        SIM_SLOT_MS: '50',
        SIM_QUOTE_LATENCY_MS: '1200-1200',
        QUOTE_TIMEOUT_MS: '3000',
        ...more,
      }),
    )

  async function trades({ url }: Engine): Promise<void> {
    const first = await place(url, { clientOrderId: 'first' })
    expect((await events(first.wsUrl)).map(({ kind }) => kind)).toEqual([
      'accepted',
      'triggered',
      'routed',
      'submitted',
      'filled',
    ])
    expect(await getOrder(url, first.orderId)).toMatchObject({
      status: 'confirmed',
      createdAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT/),
    })
    const second = await place(url)
    const stream = openSocket(second.wsUrl)
    await heard(stream, 2)
    const canceled = await send(`${url}/api/orders/${second.orderId}`, { method: 'DELETE' })
    expect(canceled).toMatchObject({ status: 200, body: { status: 'canceled' } })
    expect((await stream.closed).code).toBe(1000)
    expect(await ended(url, second.orderId)).toMatchObject({ status: 'canceled' })
    expect(await send(`${url}/api/orders?status=confirmed&clientOrderId=first`)).toMatchObject({
      status: 200,
      body: { orders: [{ orderId: first.orderId }] },
    })
  }

  test('trades on sessions that are odd in every way', async () => {
    const { queuePrefix: name, drop } = await freshDatabase()
    await admin.query(`create role ${name} login`)
    await admin.query(`alter database ${name} owner to ${name}`)
    const odd = new Map(ODD)
    for (const [setting, value] of odd) {
      const written = setting === 'DateStyle' ? value : `'${value}'`
      await admin.query(`alter role ${name} set ${setting} = ${written}`)
    }
    const engine = await startOn(url(name, name), name)
    try {
      await trades(engine)
    } finally {
      await engine.stop('the test is over')
      await drop()
      await admin.query(`drop role ${name}`)
    }
  })

  test.each(['SQL_ASCII', 'LATIN1', 'UTF8'])('trades on a database encoded in %s', async (encoding) => {
    const { queuePrefix: name, drop } = await freshDatabase()
    const encoded = `${name}_e`
    await admin.query(`create database ${encoded} encoding '${encoding}' template template0 locale 'C'`)
    const engine = await startOn(url('postgres', encoded), name)
    try {
      await trades(engine)
    } finally {
      await engine.stop('the test is over')
      await admin.query(`drop database ${encoded} with (force)`)
      await drop()
    }
  })
})
