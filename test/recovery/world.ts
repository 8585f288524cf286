// Owns the world of one chaos run: engine processes on a database of their own, a Redis of their own and proxies before
// both, or one process on a folder; and the clients that load them.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import pg from 'pg'
import { freshFolder } from '../support/embeddedFolder.ts'
import { type Load, startLoad } from './client.ts'
import { badDay, stillDay } from './crashes.ts'
import { type RunningEngine, type Settings, startEngine } from './engineProcess.ts'
import { type Stored, storedIn, storedInFolder } from './facts.ts'
import type { Plan } from './plan.ts'
import { type OwnPostgres, type OwnRedis, startRedis } from './servers.ts'
import { startProxy, type TcpProxy } from './tcpProxy.ts'

/** What a distributed world stands on. */
type Outside = {
  readonly postgres: OwnPostgres
  readonly redis: OwnRedis
  readonly toPostgres: TcpProxy
  readonly toRedis: TcpProxy
  readonly queuePrefix: string
}

export type World = {
  readonly load: Load
  /** Process number 0 takes orders; the others, if any, work on them. */
  readonly seats: RunningEngine[]
  /** The folder of an embedded engine. */
  readonly folder: string
  url(): string
  /** Throws in an embedded world. */
  outside(): Outside
  /** Starts the process of a seat anew, on the same data. */
  start(seat: number, more?: Settings): Promise<void>
  /** Ends the processes as an operator would and reads what they have stored; adds what they did wrong in ending. */
  stored(): Promise<{ readonly stored: Stored; readonly exits: readonly (number | null)[] }>
  remove(): Promise<void>
}

export type WorldOptions = {
  readonly more?: Settings
  /** Where an embedded folder is put. */
  readonly under?: string
  readonly redisMemory?: 'aof' | 'none'
  readonly clients?: number
  readonly pauseMs?: number
  readonly orders?: number
}

const ROLES = ['api', 'worker', 'worker'] as const

/** Starts the processes, each with its own settings on top, and the load on them. */
export async function openWorld(
  plan: Plan,
  postgres: OwnPostgres | null,
  options: WorldOptions,
  settingsOf: (seat: number) => Settings,
): Promise<World> {
  const day = plan.day === 'bad' ? badDay : stillDay
  const isEmbedded = plan.runtime === 'embedded'
  const outside = isEmbedded || postgres === null ? null : await openOutside(postgres, options)
  const folder = isEmbedded ? await freshFolder(options.under) : null
  const ground: Settings = outside === null ? { DATA_DIR: folder?.path ?? '' } : groundOf(outside)
  const seats: RunningEngine[] = []

  async function start(seat: number, more: Settings = {}): Promise<void> {
    const role: Settings = isEmbedded ? {} : { ROLE: ROLES[seat] ?? 'worker' }
    seats[seat] = await startEngine({ ...day, ...ground, ...role, ...options.more, ...more })
  }

  const count = isEmbedded ? 1 : ROLES.length
  await Promise.all(Array.from({ length: count }, (_, seat) => start(seat, settingsOf(seat))))
  const url = () => seats[0]?.url ?? ''
  const { clients = 8, pauseMs = 40, orders } = options
  return {
    seats,
    folder: folder?.path ?? '',
    url,
    start,
    load: startLoad(`seed-${plan.seed}`, url, {
      clients,
      pauseMs,
      isMixed: true,
      ...(orders === undefined ? {} : { most: orders }),
    }),
    outside() {
      if (outside === null) throw new Error('this world has no servers')
      return outside
    },
    async stored() {
      for (const { child } of seats) child.kill('SIGTERM')
      const exits = await Promise.all(seats.map(async ({ exited }) => (await exited).code))
      const stored = outside === null ? storedInFolder(folder?.database ?? '') : storedIn(databaseOf(outside))
      return { stored: await stored, exits }
    },
    async remove() {
      await Promise.all(seats.map((engine) => engine.kill()))
      folder?.remove()
      if (outside !== null) await closeOutside(outside)
    },
  }
}

async function openOutside(postgres: OwnPostgres, { redisMemory }: WorldOptions): Promise<Outside> {
  const queuePrefix = `chaos_${randomBytes(6).toString('hex')}`
  await admin(postgres, `create database ${queuePrefix}`)
  const redis = await startRedis(redisMemory)
  const [toPostgres, toRedis] = await Promise.all([startProxy(postgres.port), startProxy(redis.port)])
  return { postgres, redis, toPostgres, toRedis, queuePrefix }
}

function groundOf({ postgres, toPostgres, toRedis, queuePrefix }: Outside): Settings {
  const database = new URL(postgres.url)
  database.port = `${toPostgres.port}`
  database.pathname = `/${queuePrefix}`
  return {
    PG_CONN: database.href,
    REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
    QUEUE_PREFIX: queuePrefix,
  }
}

/** The database without the proxy. */
function databaseOf({ postgres, queuePrefix }: Outside): string {
  const database = new URL(postgres.url)
  database.pathname = `/${queuePrefix}`
  return database.href
}

async function closeOutside({ postgres, redis, toPostgres, toRedis, queuePrefix }: Outside): Promise<void> {
  await Promise.all([toPostgres.close(), toRedis.close(), redis.remove()])
  await admin(postgres, `drop database if exists ${queuePrefix} with (force)`)
}

async function admin({ url }: OwnPostgres, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** Resolves when the process has ended by itself; false when it has not within `patienceMs`. */
export async function dies({ child }: RunningEngine, patienceMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true
  try {
    await once(child, 'exit', { signal: AbortSignal.timeout(patienceMs) })
    return true
  } catch {
    return false
  }
}
