// The doctor of a distributed engine: faults are planted on real servers, found and named.
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { engineSchema } from '../../src/store/migrations.ts'
import { killAll, startEngine } from '../recovery/engineProcess.ts'
import {
  describePgBouncer,
  type GuardedPostgres,
  startGuardedPostgres,
  startPgBouncer,
} from '../recovery/guardedPostgres.ts'
import { freePort, type OwnRedis, startRedis } from '../recovery/servers.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { clockOff, consult, faultsIn } from './doctors.ts'

const TEST_MS = 120_000

let database: Awaited<ReturnType<typeof freshDatabase>>
const settings = () => ({
  PG_CONN: database.pgConn,
  REDIS_URL: database.redisUrl,
  QUEUE_PREFIX: database.queuePrefix,
  SIM_SPEED: 'instant',
})

async function run(sql: string, pgConn = database.pgConn) {
  const client = new Client({ connectionString: pgConn })
  await client.connect()
  return client.query(sql).finally(() => client.end())
}

describeDistributed('the doctor of a distributed engine', () => {
  beforeEach(async () => {
    database = await freshDatabase()
  })
  afterEach(async () => {
    await killAll()
    await database.drop()
  })

  test(
    'finds nothing wrong before the first start and afterwards, and writes nothing',
    async () => {
      const first = await consult(settings())
      expect(faultsIn(first)).toEqual([])
      expect(first.find(({ name }) => name === 'schema')?.found).toMatch(/^none yet/)
      const { rows } = await run("select count(*)::int as n from pg_tables where schemaname = 'public'")
      expect(rows).toEqual([{ n: 0 }])
      const engine = await startEngine(settings())
      await engine.kill()
      const second = await consult(settings())
      expect(faultsIn(second)).toEqual([])
      expect(second.find(({ name }) => name === 'schema')?.found).toBe(
        `${engineSchema}, as this engine has it`,
      )
      expect(second.map(({ group, name }) => `${group}.${name}`)).toEqual([
        'machine.node',
        'settings.settings',
        'network.port',
        'postgres.reachable',
        'postgres.version',
        'postgres.fitness',
        'postgres.fsync',
        'postgres.full_page_writes',
        'postgres.synchronous_commit',
        'postgres.connections',
        'postgres.schema',
        'postgres.clock',
        'redis.reachable',
        'redis.version',
        'redis.eviction',
        'redis.memory',
        'redis.persistence',
        'redis.clock',
        'chain.chain',
      ])
    },
    TEST_MS,
  )

  test.each([
    [engineSchema + 1, /^postgres.schema fail: .* newer than this engine's .* -> start the newer engine$/],
    [7, /^postgres.schema fail: .* of a build before 0.1.0 -> use another/],
  ])(
    'names schema %i',
    async (version, said) => {
      await run(
        `create table schema_version (version integer not null); insert into schema_version values (${version})`,
      )
      expect(faultsIn(await consult(settings()))).toEqual([expect.stringMatching(said)])
    },
    TEST_MS,
  )

  test.each([
    [5_000, 'behind', 'warn'],
    [-120_000, 'ahead of', 'fail'],
  ] as const)(
    'names clocks that disagree by %i ms',
    async (ms, where, status) => {
      const faults = faultsIn(await consult({ ...settings(), ...clockOff(ms) }))
      expect(faults).toEqual(
        ['Postgres', 'Redis'].map((server) =>
          expect.stringMatching(
            new RegExp(
              `^\\w+.clock ${status}: the clock of ${server} is \\d+\\.\\d s ${where} this machine's -> set both by NTP`,
            ),
          ),
        ),
      )
    },
    TEST_MS,
  )

  test(
    'names settings that the server turned off for this database, and too few connections',
    async () => {
      const name = new URL(database.pgConn).pathname.slice(1)
      await run(
        `alter database ${name} set synchronous_commit = off; alter database ${name} connection limit 5`,
      )
      await run(`create role ${name}_few login connection limit 4`)
      await run(`alter database ${name} owner to ${name}_few`)
      const few = new URL(database.pgConn)
      few.username = `${name}_few`
      try {
        expect(faultsIn(await consult({ ...settings(), PG_CONN: few.href }))).toEqual([
          expect.stringMatching(/^postgres.synchronous_commit warn: .* -> alter system/),
          expect.stringMatching(/^postgres.connections warn: 4 more are allowed, .* -> raise/),
        ])
      } finally {
        await run(`alter database ${name} owner to postgres; drop role ${name}_few`)
      }
    },
    TEST_MS,
  )

  test(
    'names servers that cannot be reached, that are not what they should be, and a name that does not resolve',
    async () => {
      const nowhere = await freePort()
      const { port: redisPort } = new URL(database.redisUrl)
      const { port: pgPort } = new URL(database.pgConn)
      const both = async (pgHost: string, redisHost: string) =>
        faultsIn(
          await consult({
            PG_CONN: `postgres://postgres@${pgHost}/postgres`,
            REDIS_URL: `redis://${redisHost}`,
          }),
        )
      expect(await both(`127.0.0.1:${nowhere}`, `127.0.0.1:${nowhere}`)).toEqual([
        expect.stringMatching(/^postgres.reachable fail: Postgres cannot be reached -> check host and port/),
        expect.stringMatching(/^redis.reachable fail: Redis cannot be reached -> check host and port/),
      ])
      expect(await both(`127.0.0.1:${redisPort}`, `127.0.0.1:${pgPort}`)).toEqual([
        expect.stringMatching(
          /^postgres.reachable fail: Postgres does not answer in time -> check host and port/,
        ),
        expect.stringMatching(/^redis.reachable fail: .* is not Redis.* -> check the port/),
      ])
      expect(await both('no-such-host.invalid', 'no-such-host.invalid')).toEqual([
        expect.stringMatching(/^postgres.reachable fail: .* does not resolve -> check its name/),
        expect.stringMatching(/^redis.reachable fail: .* does not resolve -> check its name/),
      ])
    },
    TEST_MS,
  )

  describe('on a Redis of its own', () => {
    let redis: OwnRedis | null = null
    afterEach(async () => {
      await redis?.remove()
      redis = null
    })

    async function faultsOn(more: readonly string[], credentials = '') {
      redis = await startRedis('none', more)
      const REDIS_URL = `redis://${credentials}127.0.0.1:${redis.port}`
      return faultsIn(await consult({ ...settings(), REDIS_URL }))
    }

    test.each<[string, readonly string[], readonly RegExp[]]>([
      [
        'that evicts and keeps nothing',
        ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
        [
          /^redis.eviction fail: maxmemory-policy is allkeys-lru.* -> .*noeviction/,
          /^redis.persistence warn: nothing is kept/,
        ],
      ],
      [
        'that keeps snapshots alone',
        ['--save', '3600', '1'],
        [/^redis.persistence warn: only snapshots are kept \(save 3600 1/],
      ],
      [
        'whose memory is full',
        ['--appendonly', 'yes', '--maxmemory', '1mb'],
        [/^redis.memory (warn|fail): .* of maxmemory 1 MiB used -> raise maxmemory/],
      ],
      [
        'that asks for a password',
        ['--requirepass', 'secret'],
        [/^redis.reachable fail: Redis asks for a password, and REDIS_URL holds none -> add it/],
      ],
      [
        'that replicates',
        ['--appendonly', 'yes', '--replicaof', '127.0.0.1', '9'],
        [/^redis.role fail: is a replica, which takes no writes -> set REDIS_URL to its master/],
      ],
    ])(
      'names one %s',
      async (_name, more, said) => {
        expect(await faultsOn(more)).toEqual(said.map((each) => expect.stringMatching(each)))
      },
      TEST_MS,
    )

    test(
      'names a wrong password, and one user that may not ask',
      async () => {
        const [fault] = await faultsOn(['--requirepass', 'secret', '--appendonly', 'yes'], ':wrong@')
        expect(fault).toMatch(/^redis.reachable fail: Redis refuses the password -> check user and password/)
        expect(fault).not.toMatch(/secret|wrong/)
        const client = new Redis(redis?.port ?? 0, { password: 'secret' })
        await client.call(
          'ACL',
          'SETUSER',
          'engine',
          'on',
          '>p',
          '~*',
          '&*',
          '+@all',
          '-info',
          '-config',
          '-time',
        )
        await client.quit()
        const REDIS_URL = `redis://engine:p@127.0.0.1:${redis?.port}`
        const faults = faultsIn(await consult({ ...settings(), REDIS_URL }))
        expect(faults.map((each) => each.split(':')[0])).toEqual([
          'redis.version warn',
          'redis.eviction warn',
          'redis.persistence warn',
        ])
      },
      TEST_MS,
    )
  })
})

describePgBouncer('the doctor, on a Postgres that is set up badly', ({ redisUrl }) => {
  let server: GuardedPostgres
  beforeAll(async () => {
    server = await startGuardedPostgres('p')
  }, TEST_MS)
  afterAll(() => server.stop())

  const faultsOf = async (pgConn: string) => faultsIn(await consult({ PG_CONN: pgConn, REDIS_URL: redisUrl }))
  const own = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/guests`

  test(
    'names fsync and full_page_writes that are off',
    async () => {
      await server.admin('alter system set full_page_writes = off')
      await server.admin('select pg_reload_conf()')
      await expect
        .poll(() => faultsOf(own('postgres')), { timeout: TEST_MS })
        .toEqual([
          expect.stringMatching(/^postgres.fsync fail: fsync is off: .* -> alter system set fsync = on/),
          expect.stringMatching(
            /^postgres.full_page_writes fail: .* -> alter system set full_page_writes = on/,
          ),
        ])
      await server.admin('alter system reset full_page_writes')
      await server.admin('select pg_reload_conf()')
    },
    TEST_MS,
  )

  test(
    'names a wrong password, a missing database and a missing right, and repeats no password',
    async () => {
      const [wrong] = await faultsOf(own('guest:topsecret'))
      expect(wrong).toMatch(
        /^postgres.reachable fail: Postgres refuses the password -> check user and password/,
      )
      expect(wrong).not.toContain('topsecret')
      expect(await faultsOf(own('postgres').replace('/guests', '/none'))).toEqual([
        expect.stringMatching(
          /^postgres.reachable fail: The database of PG_CONN does not exist -> create it/,
        ),
      ])
      await server.admin('revoke create on schema public from public', 'guests')
      await server.admin('alter database guests owner to postgres')
      expect(await faultsOf(own('guest:p'))).toContainEqual(
        expect.stringMatching(
          /^postgres.fitness fail: guest may not create tables .* -> run as its owner: grant create/,
        ),
      )
    },
    TEST_MS,
  )

  test(
    'names a pooler in transaction mode, and a standby',
    async () => {
      const pooler = await startPgBouncer(server, 'transaction')
      expect(await faultsOf(pooler.url())).toContainEqual(
        expect.stringMatching(
          /^postgres.pooler fail: PG_CONN leads to a pooler in transaction .* -> use session mode/,
        ),
      )
      await pooler.stop()
      server.standBy(true)
      expect(await faultsOf(own('postgres'))).toContainEqual(
        expect.stringMatching(
          /^postgres.fitness fail: PG_CONN leads to a standby.* -> set it to the primary/,
        ),
      )
      server.standBy(false)
    },
    TEST_MS,
  )
})
