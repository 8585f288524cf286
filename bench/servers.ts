// Redis and Postgres for the benchmark: durable, on this machine, private unless TEST_REDIS_URL and TEST_PG_CONN name others.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { killAll, type Measured } from './processes.ts'

export type Servers = {
  /** Their versions and durability, for the results. */
  readonly description: string
  readonly processes: readonly Measured[]
  /** An empty database and an empty Redis; what used them before must have ended. */
  readonly empty: () => Promise<{ readonly pgConn: string; readonly redisUrl: string }>
  /** The same servers, with a disk that takes so much longer to make a commit durable. */
  readonly withSlowCommits: (delayMs: number) => Servers
  readonly stop: () => Promise<void>
}

const SCRIPT = new URL('../scripts/services.sh', import.meta.url).pathname
const DATABASE = 'oee_bench'
const REDIS_DATABASE = 9

/** Servers for as long as `measure` takes; a signal ends them and all that was started on them. */
export async function withServers(measure: (servers: Servers) => Promise<void>): Promise<void> {
  const servers = await startServers()
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      killAll()
      servers.stop().finally(() => process.exit(130))
    })
  await measure(servers).finally(servers.stop)
}

async function startServers(): Promise<Servers> {
  const { TEST_REDIS_URL, TEST_PG_CONN } = process.env
  if (TEST_REDIS_URL && TEST_PG_CONN) return use(TEST_REDIS_URL, TEST_PG_CONN)
  if (TEST_REDIS_URL || TEST_PG_CONN)
    throw new Error('TEST_REDIS_URL and TEST_PG_CONN belong together: set both or neither')

  const dir = mkdtempSync(join(tmpdir(), 'oee-bench-'))
  const end = async () => {
    runScript('stop', dir)
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    const said = runScript('start', dir)
    const value = (name: string) => new RegExp(`${name}=(\\S+)`).exec(said)?.[1] ?? ''
    const servers = await use(value('TEST_REDIS_URL'), value('TEST_PG_CONN'))
    return { ...servers, stop: () => servers.stop().finally(end) }
  } catch (error) {
    await end()
    throw error
  }
}

function runScript(command: 'start' | 'stop', dir: string): string {
  const { status, stdout, stderr } = spawnSync('bash', [SCRIPT, command, dir], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`services.sh ${command}: ${stderr}`)
  return stdout
}

async function use(redisUrl: string, pgConn: string): Promise<Servers> {
  const redis = new Redis(redisUrl, { db: REDIS_DATABASE, lazyConnect: true, maxRetriesPerRequest: 1 })
  redis.on('error', () => undefined) // the next question tells
  const admin = new pg.Client({ connectionString: pgConn })
  admin.on('error', () => undefined) // the next question tells
  await reach('Redis', redis.connect())
  await reach('Postgres', admin.connect())
  const clear = async () => {
    await redis.flushdb()
    await admin.query(`drop database if exists ${DATABASE} with (force)`)
  }
  const empty = async () => {
    await clear()
    await admin.query(`create database ${DATABASE}`)
    const [own, cache] = [new URL(pgConn), new URL(redisUrl)]
    own.pathname = `/${DATABASE}`
    cache.pathname = `/${REDIS_DATABASE}`
    return { pgConn: own.href, redisUrl: cache.href }
  }
  const servers: Servers = {
    description: await describe(redis, admin),
    processes: [await redisProcess(redis), await postgresProcess(admin)],
    empty,
    withSlowCommits: (delayMs) => ({
      ...servers,
      empty: async () => {
        const emptied = await empty()
        // Postgres waits so long before each flush of its log; commits that gather meanwhile share the flush.
        await admin.query(`alter database ${DATABASE} set commit_delay = ${delayMs * 1_000}`)
        await admin.query(`alter database ${DATABASE} set commit_siblings = 0`)
        return emptied
      },
    }),
    stop: async () => {
      await clear()
      await admin.end()
      redis.disconnect()
    },
  }
  return servers
}

async function reach(server: string, connected: Promise<unknown>): Promise<void> {
  await connected.catch((error: Error) => {
    throw new Error(`${server} cannot be reached: ${error.message}`)
  })
}

/** Versions and durability in one line; throws when the servers are not durable: their figures would be meaningless. */
async function describe(redis: Redis, admin: pg.Client) {
  const setting = async (name: string) =>
    String(Object.values((await admin.query(`show ${name}`)).rows[0])[0])
  const config = async (name: string) => String((await redis.config('GET', name))[1])
  const durability = [
    `Redis ${/redis_version:(\S+)/.exec(await redis.info('server'))?.[1]}`,
    `appendonly ${await config('appendonly')}, appendfsync ${await config('appendfsync')}`,
    `Postgres ${(await setting('server_version')).split(' ')[0]}`,
    `fsync ${await setting('fsync')}, synchronous_commit ${await setting('synchronous_commit')}`,
  ].join('; ')
  if (!/appendonly yes.*fsync on, synchronous_commit on/.test(durability))
    throw new Error(`The benchmark wants durable servers, these are not: ${durability}`)
  return durability
}

/** The pids come from the servers themselves and count only when they are processes of this machine under that name. */
async function redisProcess(redis: Redis): Promise<Measured> {
  const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1])
  return { name: 'redis', pid: isNamed(pid, 'redis-server') ? pid : Number.NaN, withChildren: false }
}

async function postgresProcess(admin: pg.Client): Promise<Measured> {
  const backend = Number((await admin.query('select pg_backend_pid() as pid')).rows[0].pid)
  const parent = isNamed(backend, 'postgres') ? /PPid:\s+(\d+)/.exec(procFile(backend, 'status'))?.[1] : ''
  return { name: 'postgres', pid: parent ? Number(parent) : Number.NaN, withChildren: true }
}

const procFile = (pid: number, file: string) =>
  existsSync(`/proc/${pid}/${file}`) ? readFileSync(`/proc/${pid}/${file}`, 'utf8') : ''

const isNamed = (pid: number, name: string) => procFile(pid, 'comm').trim() === name
