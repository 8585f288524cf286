// A start on a Postgres that cannot serve says in one sentence which setting to look at and what to do, before anything is
// created there; and it works by every way in which people reach one.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { explainStartFault } from '../../src/cli/startup.ts'
import { readConfig } from '../../src/config.ts'
import { start } from '../../src/index.ts'
import { ended, place } from '../support/client.ts'
import { killAll, launch } from './engineProcess.ts'
import { describeGuarded, type GuardedPostgres, startGuardedPostgres } from './guardedPostgres.ts'

/** Every character that parts a URL, and what shells and YAML take for their own. */
const PASSWORD = `p/+=#?@%:& '"$x\\ü€`
const START_MS = 60_000

describeGuarded('a start', ({ redisUrl, pgConn: plain }) => {
  let server: GuardedPostgres
  const closers: (() => void)[] = []

  beforeAll(async () => {
    server = await startGuardedPostgres(PASSWORD)
  }, START_MS)
  afterAll(async () => {
    await killAll()
    for (const close of closers) close()
    server.stop()
  })

  const settingsOf = (pgConn: string, more: Readonly<Record<string, string>> = {}) => ({
    PG_CONN: pgConn,
    REDIS_URL: redisUrl,
    QUEUE_PREFIX: 'start',
    PORT: '0',
    LOG_LEVEL: 'silent',
    SIM_SPEED: 'instant',
    ...more,
  })

  /** What is said of it. A start that works is told by its words too. */
  async function said(pgConn: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
    try {
      const engine = await start(readConfig(settingsOf(pgConn, more)))
      await engine.stop('it was to fail')
      return 'started'
    } catch (error) {
      return explainStartFault(error as Error)
    }
  }

  const guest = (query = '', database = 'guests', password = PASSWORD) =>
    `postgres://guest:${encodeURIComponent(password)}@localhost:${server.port}/${database}${query}`

  async function portOf(listener: Server): Promise<number> {
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    closers.push(() => listener.close())
    return (listener.address() as AddressInfo).port
  }

  test('on a server that cannot be found or reached names PG_CONN', async () => {
    expect(await said('postgres://u@no-such-host.invalid/db')).toMatch(
      /^The host of PG_CONN does not resolve/,
    )
    expect(await said('postgres://u@127.0.0.1:1/db')).toMatch(
      /^Postgres cannot be reached: check host and port of PG_CONN/,
    )
    expect(await said('postgres://u@localhost:1/db')).toMatch(/^Postgres cannot be reached/)
    expect(await said('postgres://u@/db?host=/nowhere')).toMatch(/^Postgres has no socket in the folder/)
  })

  test('on what is no Postgres says so, and waits for none that is silent', async () => {
    const silent = await portOf(createServer(() => {}))
    const closing = await portOf(createServer((socket) => socket.end()))
    const web = await portOf(createHttpServer((_request, response) => response.end('hello')))
    const babble = await portOf(createServer((socket) => socket.end('+PONG\r\n'.repeat(100))))
    const at = (port: number, query = '') => `postgres://u:p@127.0.0.1:${port}/db${query}`
    for (const port of [closing, web, babble]) {
      expect(await said(at(port))).toMatch(/^The server at host and port of PG_CONN is not Postgres/)
      expect(await said(at(port, '?sslmode=require'))).toMatch(/^The server at host and port of PG_CONN/)
    }
    for (const address of [at(silent), at(silent, '?sslmode=require'), at(Number(new URL(redisUrl).port))]) {
      expect(await said(address)).toMatch(/^Postgres does not answer in time: check host and port of PG_CONN/)
    }
  })

  test('with the wrong user, password or database names which', async () => {
    expect(await said(guest('', 'guests', 'wrong'))).toMatch(/^Postgres refuses the password/)
    expect(await said(`postgres://guest@localhost:${server.port}/guests`)).toMatch(
      /^Postgres asks for a password, and PG_CONN holds none: add it there, or set PGPASSWORD/,
    )
    expect(await said(`postgres://stranger:p@127.0.0.1:${server.port}/guests`)).toMatch(
      /^Postgres denies the user of PG_CONN \(no pg_hba.conf entry/,
    )
    expect(await said(guest('', 'missing'))).toMatch(/^The database of PG_CONN does not exist/)
    await server.admin('create database closed owner postgres; ')
    await server.admin('revoke connect on database closed from public')
    expect(await said(guest('', 'closed'))).toMatch(/^The user of PG_CONN lacks a right/)
  })

  test('where no connection is left says so', async () => {
    await server.admin('create database crowded owner guest connection limit 0')
    expect(await said(guest('', 'crowded'))).toMatch(/^Postgres has no connection left/)
    await server.admin('create database narrow owner guest connection limit 1')
    expect(await said(guest('', 'narrow'))).toMatch(/^Postgres has no connection left/)
  })

  test('over TLS says what is the matter with the certificate', async () => {
    const { authority } = server
    expect(await said(guest('?sslmode=require'))).toMatch(/^The certificate of Postgres is not trusted/)
    expect(await said(guest(`?sslmode=verify-full&sslrootcert=${authority}`))).toBe('started')
    expect(await said(guest('?sslmode=no-verify'))).toBe('started')
    const byAddress = guest(`?sslmode=verify-full&sslrootcert=${authority}`).replace('localhost', '127.0.0.1')
    expect(await said(byAddress)).toMatch(/^The certificate of Postgres is for other names/)
    expect(await said(guest('?sslmode=verify-full&sslrootcert=/nowhere'))).toMatch(
      /^A file that PG_CONN names/,
    )
    await server.useCertificate('expired')
    expect(await said(guest(`?sslmode=verify-full&sslrootcert=${authority}`))).toMatch(
      /^The certificate of Postgres has expired/,
    )
    await server.useCertificate('server')
    expect(await said(`${plain}?sslmode=require`)).toMatch(/^Postgres does not speak TLS/)
  })

  test(
    'on a server that takes no writes says so',
    async () => {
      await server.admin('alter role guest set default_transaction_read_only = on')
      expect(await said(guest())).toMatch(/^Postgres \(PG_CONN\) takes no writes from guest/)
      await server.admin('alter role guest reset default_transaction_read_only')
      server.standBy(true)
      expect(await said(guest())).toMatch(/^PG_CONN leads to a standby, which takes no writes/)
      server.standBy(false)
      expect(await said(guest())).toBe('started')
    },
    START_MS,
  )

  // The environment of the program, which the driver reads too.
  test.each<[Readonly<Record<string, string>>]>([
    [{ PGOPTIONS: '-c DateStyle=German -c enable_seqscan=on' }],
    [{ PGSSLMODE: 'no-verify' }],
    [{ PGCLIENTENCODING: 'LATIN1', PGTZ: 'Asia/Tokyo', PGDATESTYLE: 'German' }],
  ])('works with %j around it', async (env) => {
    const settings = settingsOf(guest(), { ...env, LOG_LEVEL: 'warn' })
    const { code, stderr } = await launch(settings, ['keys', 'list']).exited
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test.each([
    ['a password in the URL', () => [guest(), {}]],
    ['the same password, not escaped', () => [guest().replace(encodeURIComponent(PASSWORD), PASSWORD), {}]],
    ['PGPASSWORD', () => [`postgres://guest@localhost:${server.port}/guests`, { PGPASSWORD: PASSWORD }]],
    [
      'a socket',
      () => [`postgres://guest@/guests?host=${server.sockets}&port=${server.port}`, { PGPASSWORD: PASSWORD }],
    ],
    [
      'a socket as the host',
      () => [
        `postgres://guest@${encodeURIComponent(server.sockets)}:${server.port}/guests`,
        { PGPASSWORD: PASSWORD },
      ],
    ],
  ] satisfies [string, () => [string, Readonly<Record<string, string>>]][])(
    'by %s runs an order',
    async (_way, reach) => {
      const [pgConn = '', more = {}] = reach()
      const engine = await start(readConfig(settingsOf(pgConn, more)))
      const { orderId } = await place(engine.url)
      expect(await ended(engine.url, orderId)).toMatchObject({ status: 'confirmed' })
      await engine.stop('the test is over')
    },
  )

  test('that fails says so once, in one line, without the password', async () => {
    for (const args of [[], ['keys', 'list']]) {
      const { code, stdout, stderr } = await launch(settingsOf(guest('', 'missing')), args).exited
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe('The database of PG_CONN does not exist: create it, or correct the name.\n')
    }
  })
})

describeGuarded('the rights of a start', ({ redisUrl }) => {
  let server: GuardedPostgres
  let number = 0
  let name = ''

  beforeAll(async () => {
    server = await startGuardedPostgres('p')
  }, START_MS)
  afterAll(() => server.stop())

  /** A database of the superuser, in which `guest` may do nothing. */
  beforeEach(async () => {
    name = `shop_${++number}`
    await server.admin(`create database ${name}`)
  })

  async function said(who = 'guest:p', database = name): Promise<string> {
    const pgConn = `postgres://${who}@127.0.0.1:${server.port}/${database}`
    const settings = {
      PG_CONN: pgConn,
      REDIS_URL: redisUrl,
      QUEUE_PREFIX: database,
      PORT: '0',
      LOG_LEVEL: 'silent',
    }
    try {
      const engine = await start(readConfig({ ...settings, SIM_SPEED: 'instant' }))
      const { orderId } = await place(engine.url)
      const { status } = await ended(engine.url, orderId)
      await engine.stop('it was to fail')
      return String(status)
    } catch (error) {
      return explainStartFault(error as Error)
    }
  }

  /** What there is that is not the server's own. */
  const created = async () =>
    (
      await server.admin(
        `select nspname || '.' || relname as name from pg_class join pg_namespace n on n.oid = relnamespace
         where nspname !~ '^(pg_|information_schema)' union all
         select nspname from pg_namespace where nspname !~ '^(pg_|information_schema|public)'`,
        name,
      )
    ).map((row) => row.name)

  test('that lack the schema, or the one of the simulated chain, say so and leave nothing behind', async () => {
    expect(await said()).toMatch(
      /^guest may not create tables in schema public .* grant create on schema public to guest/,
    )
    await server.admin('grant create on schema public to guest', name)
    expect(await said()).toMatch(
      /^guest may not make the schema "simulation" .* create schema if not exists simulation/,
    )
    expect(await created()).toEqual([])
  })

  test('that lie in no schema at all say so', async () => {
    await server.admin('revoke all on schema public from public', name)
    expect(await said()).toMatch(/no schema that guest may use: create schema engine authorization guest/)
    await server.admin('grant usage, create on schema public to guest', name)
    await server.admin(`alter role guest in database ${name} set search_path = ''`)
    expect(await said()).toMatch(/no schema that guest may use/)
    expect(await created()).toEqual([])
  })

  /** The statements that the operator is told to run, as they stand there. */
  const [ownDatabase = '', ownSchema = ''] = [
    ...readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8').matchAll(
      /^```sql\n([^`]+)```/gm,
    ),
  ].map(([, sql]) => sql)
  const runAll = async (sql: string, database?: string) => {
    for (const statement of sql.split(';').filter((text) => text.trim() !== ''))
      await server.admin(statement, database)
  }

  test('on a database of its own are enough: as docs/operations.md grants them', async () => {
    await runAll(ownDatabase)
    expect(await said('engine:secret', 'engine')).toBe('confirmed')
    await server.admin('drop database engine')
    await server.admin('drop role engine')
  })

  test('in a database that is shared are enough: as docs/operations.md grants them', async () => {
    await server.admin('create database shop')
    await server.admin('create table orders (id integer); create table schema_version (version text)', 'shop')
    await runAll(ownSchema, 'shop')
    expect(await said('engine:secret', 'shop')).toBe('confirmed')
    expect(await said('engine:secret', 'shop')).toBe('confirmed')
    expect(await server.admin('select * from orders', 'shop')).toEqual([])
  })

  test('over tables that another program has made under our names are refused', async () => {
    await server.admin('create table orders (id integer); create table schema_version (version text)', name)
    await server.admin(`alter database ${name} owner to guest`)
    expect(await said()).toMatch(/^Schema public of PG_CONN holds a table orders that is not this engine's/)
    expect(await created()).toEqual(['public.orders', 'public.schema_version'])
  })

  test('over tables of another role are refused, until they are shared', async () => {
    await server.admin(`alter database ${name} owner to guest`)
    expect(await said()).toBe('confirmed')
    await server.admin(`create role owner_${number} nologin`)
    await server.admin(`reassign owned by guest to owner_${number}`, name)
    await server.admin(`alter database ${name} owner to guest`)
    expect(await said()).toMatch(
      /^Table \w+ of PG_CONN belongs to owner_\d+, not to guest: .* grant owner_\d+ to guest/,
    )
    await server.admin(`grant owner_${number} to guest`)
    expect(await said()).toBe('confirmed')
  })

  test('find the orders again where they are, when the search path has got a schema before it', async () => {
    await server.admin(`alter database ${name} owner to guest`)
    expect(await said()).toBe('confirmed')
    await server.admin('create schema guest authorization guest', name)
    expect(await said()).toBe('confirmed')
    const [row] = await server.admin('select count(*)::int as orders from public.orders', name)
    expect(row?.orders).toBe(2)
  })
})
