// Owns whole engines for tests: started in this process through the composition root, on a free port, and driven from
// outside over HTTP and WebSocket.
import { readConfig } from '../../src/config.ts'
import type { KeyStore } from '../../src/domain/ports/keys.ts'
import { type Engine, start } from '../../src/index.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { createKeyStore } from '../../src/store/keyStore.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import type { Clock } from '../../src/timing/clock.ts'
import type { Random } from '../../src/timing/random.ts'
import { type Folder, freshFolder } from './embeddedFolder.ts'
import { freshDatabase } from './services.ts'

export type Settings = Readonly<Record<string, string>>

const forTests: Settings = { PORT: '0', LOG_LEVEL: 'silent', SIM_SPEED: 'instant', RETRY_BACKOFF_MS: '20' }

const systemClock: Clock = { now: Date.now, after: () => () => {} }
const systemRandom: Random = {
  next: Math.random,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
}

export type EmbeddedEngine = {
  readonly url: string
  /** Stops the engine and starts another on the same data, with other settings. */
  restart(settings?: Settings): Promise<void>
  stop(): Promise<void>
}

/** An embedded engine on a folder of its own, which goes with it. */
export async function startEmbedded(settings: Settings = {}): Promise<EmbeddedEngine> {
  return startIn(await freshFolder(), settings)
}

/** The same on a folder in which `make` has made keys as the keys program does; and what it returned. */
export async function startEmbeddedWith<T>(make: (keys: KeyStore) => Promise<T>, settings: Settings = {}) {
  const folder = await freshFolder()
  const sql = await openPglite(folder.database)
  const made = await make(createKeyStore(sql, systemClock, systemRandom)).finally(sql.close)
  return { engine: await startIn(folder, settings), made }
}

async function startIn(folder: Folder, settings: Settings): Promise<EmbeddedEngine> {
  const open = (more: Settings) => start(readConfig({ ...forTests, DATA_DIR: folder.path, ...more }))
  let engine: Engine | null = await open(settings)
  const stop = async () => {
    const running = engine
    engine = null
    await running?.stop('the test is over')
  }
  return {
    get url() {
      if (engine === null) throw new Error('the engine is stopped')
      return engine.url
    },
    async restart(more = {}) {
      await stop()
      engine = await open(more)
    },
    stop: () => stop().finally(folder.remove),
  }
}

/** Engines on one fresh database and queue; the first roles named are started first. */
export async function startDistributed(roles: readonly ('api' | 'worker')[], settings: Settings = {}) {
  const { pgConn, redisUrl, queuePrefix, drop } = await freshDatabase()
  const shared = { ...forTests, PG_CONN: pgConn, REDIS_URL: redisUrl, QUEUE_PREFIX: queuePrefix, ...settings }
  const engines: Engine[] = []
  const add = async (role: 'api' | 'worker', more: Settings = {}) => {
    const engine = await start(readConfig({ ...shared, ROLE: role, ...more }))
    // Stopping is asked for once, whoever asks.
    let stopped: Promise<void> | null = null
    const stop = (reason: string) => {
      stopped ??= engine.stop(reason)
      return stopped
    }
    engines.push({ ...engine, stop })
    return { ...engine, stop }
  }
  for (const role of roles) await add(role)
  const keysSql = openPostgres({ connectionString: pgConn, maxConnections: 1, onConnectionError: () => {} })
  return {
    engines,
    /** Changes keys as the keys program does, while the engines run. */
    keys: createKeyStore(keysSql, systemClock, systemRandom),
    pgConn,
    redisUrl,
    queuePrefix,
    add,
    async stop() {
      for (const engine of engines.toReversed()) await engine.stop('the test is over')
      await keysSql.close()
      await drop()
    },
  }
}
