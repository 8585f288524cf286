// Owns the composition: the only file that knows which store, queue, venues and chain there are. Starts in order, closes
// in reverse.

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { pino } from 'pino'
import { v7 } from 'uuid'
import { type Config, ConfigError, readConfig, requiresKey } from './config.ts'
import { type CrashPoints, noCrashPoints, openCrashPoints } from './crashPoints.ts'
import { openMockChain } from './dex/mockChain.ts'
import { openMockVenue } from './dex/mockDexRouter.ts'
import { mockTokens } from './dex/mockMarket.ts'
import type { Broadcast, Clock, OrderQueue, Random, Sql } from './domain/ports.ts'
import { TokenList, WRAPPED_SOL } from './domain/token.ts'
import { createServer } from './http/server.ts'
import { runKeys, UsageError } from './keys.ts'
import { createObserve, type Observe } from './observe.ts'
import { openBroadcast, silence } from './queue/broadcast.ts'
import { openLocalQueue } from './queue/localQueue.ts'
import { openOrderQueue } from './queue/orderQueue.ts'
import { lockFolder } from './store/folderLock.ts'
import { openKeyRing } from './store/keyRing.ts'
import { openKeyStore } from './store/keyStore.ts'
import { migrate } from './store/migrations.ts'
import { openOrderStore } from './store/orderStore.ts'
import { openPglite } from './store/pglite.ts'
import { openPostgres } from './store/postgres.ts'
import { openTables } from './store/tables.ts'
import { openTradingSwitch } from './store/tradingSwitch.ts'
import { openBreakers } from './workers/breakers.ts'
import { openFills } from './workers/fills.ts'
import { type Landings, openLandings } from './workers/landings.ts'
import { openOrderWorker } from './workers/orderWorker.ts'
import { openRouter, type QuoteDeps } from './workers/quotes.ts'
import { startSweep } from './workers/sweep.ts'
import { openTradingGate } from './workers/tradingGate.ts'

const packageFile = new URL('../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }

export type Engine = {
  readonly url: string
  /** Refuses new work, hands over what is under way, and closes everything. Resolves when nothing is left running. */
  stop(reason: string): Promise<void>
}

/** Things to close, the last opened first. */
type Closers = (() => Promise<void> | void)[]

const systemClock: Clock = {
  now: Date.now,
  after(ms, fn) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
}

/** Asking the system for a few bytes costs as much as for a pageful. */
const RANDOM_POOL = 8_192

function createSystemRandom(): Random {
  const pool = new Uint8Array(RANDOM_POOL)
  let used = RANDOM_POOL
  return {
    next: Math.random,
    bytes(length) {
      if (used + length > RANDOM_POOL) {
        crypto.getRandomValues(pool)
        used = 0
      }
      used += length
      return pool.slice(used - length, used)
    },
  }
}

const NO_KEY =
  'Every request needs an API key here (HOST lets other machines in, or REQUIRE_API_KEYS=always), and there is none. ' +
  'Make one first: npm run keys -- create --name <whose>'

/** Starts an engine; whatever it had opened is closed again when a part fails to start. */
export async function start(config: Config): Promise<Engine> {
  const closers: Closers = []
  const close = async () => {
    for (const closeOne of closers.reverse()) await closeOne()
    closers.length = 0
  }
  try {
    return await compose(config, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function compose(config: Config, closers: Closers, close: () => Promise<void>): Promise<Engine> {
  const clock = systemClock
  const random = createSystemRandom()
  const log = pino({ level: config.LOG_LEVEL })
  const observe = createObserve(log)
  const works = config.ROLE !== 'api'
  const isEmbedded = config.PG_CONN === null
  const crash = crashPointsOf(config)

  const sql = crash.sql(await openSql(config, observe, closers))
  await migrate(sql)
  const keys = await openKeyRing(sql, clock, random, {
    requiresKey: requiresKey(config),
    onFault: (error) => observe.fault('store', error),
  })
  closers.push(keys.close)
  if (requiresKey(config) && !keys.hasUsableKey()) throw new ConfigError(NO_KEY)
  const broadcast = openHints(config, observe)
  closers.push(broadcast.close)
  const trading = await openTradingSwitch(openTables(sql), broadcast, clock, {
    onChange: observe.tradingChanged,
    onFault: (error) => observe.fault('store', error),
  })
  closers.push(trading.close)
  const orders = openOrderStore(openTables(sql), broadcast, clock, {
    leaseMs: config.ORDER_LEASE_MS,
    alone: isEmbedded,
    keepRecent: config.ROLE === 'all' ? 50_000 : 0,
    onEvent: observe.event,
  })
  const store = crash.store(orders)
  closers.push(store.close)

  const queue = crash.queue(openQueue(config, clock, observe))
  closers.push(queue.close)

  const { chain, venues, tokens } = await openMarket(
    config,
    { sql, broadcast, clock, random, observe },
    closers,
  )
  const breakerPolicy = { failures: config.BREAKER_FAILURES, openMs: config.BREAKER_OPEN_MS }
  const routeNow = openRouter({
    venues,
    clock,
    observe,
    breakers: openBreakers(breakerPolicy, { clock, observe }),
    quoteTimeoutMs: config.QUOTE_TIMEOUT_MS,
    quoteHedgeMs: config.QUOTE_HEDGE_MS,
    routing: routingOf(config, tokens),
  })

  let work: Work | null = null
  const server = await createServer({
    store,
    queue,
    keys,
    trading,
    chain,
    venues,
    tokens,
    clock,
    observe,
    version,
    servesApi: config.ROLE !== 'worker',
    defaultSlippageBps: config.DEFAULT_SLIPPAGE_BPS,
    allowedOrigins: config.ALLOWED_ORIGINS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    newId: () => v7({ msecs: clock.now(), random: random.bytes(16) }),
    routeNow,
    simulatedSwaps: chain.swaps,
    rebroadcasts: (id) => work?.rebroadcasts(id) ?? null,
  })
  closers.push(server.close)
  // Closed before the server is: whoever asks meanwhile hears that this process is on its way out.
  if (works) {
    const gate = openTradingGate({ trading, queue, observe })
    const market = { chain: crash.chain(chain), venues, routeNow: crash.router(routeNow) }
    const deps = { ...market, store, queue, trading: gate, clock, random, observe }
    work = startWork(config, deps, isEmbedded)
    closers.push(work.stop)
  }
  const url = await server.listen(config.HOST, config.PORT)
  observe.started({
    url,
    role: config.ROLE,
    runtime: isEmbedded ? 'embedded' : 'distributed',
    venues: config.VENUES,
  })

  return {
    url,
    async stop(reason) {
      observe.stopping(reason)
      server.stopAccepting()
      await close()
    },
  }
}

/** Only a simulated engine may be told to die: swaps of real funds never depend on a test's setting. */
function crashPointsOf({ VENUES, SIM_CRASH_AT }: Config): CrashPoints {
  if (VENUES !== 'simulated' || SIM_CRASH_AT === null) return noCrashPoints
  return openCrashPoints(SIM_CRASH_AT, {
    die: () => process.kill(process.pid, 'SIGKILL'),
    soon: setImmediate,
  })
}

async function openSql(config: Config, observe: Observe, closers: Closers): Promise<Sql> {
  if (config.PG_CONN === null) {
    closers.push(lockFolder(config.DATA_DIR))
    const sql = await openPglite(config.DATA_DIR)
    closers.push(sql.close)
    return sql
  }
  const sql = openPostgres({
    connectionString: config.PG_CONN,
    maxConnections: 10,
    onConnectionError: (error) => observe.fault('store', error),
  })
  closers.push(sql.close)
  return sql
}

function openHints(config: Config, observe: Observe): Broadcast & { close(): void } {
  if (config.REDIS_URL === null) return silence
  return openBroadcast({
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    onFault: (error) => observe.fault('queue', error),
  })
}

function openQueue(config: Config, clock: Clock, observe: Observe): OrderQueue & { close(): Promise<void> } {
  if (config.REDIS_URL === null) return openLocalQueue(clock, config.WORKER_CONCURRENCY)
  return openOrderQueue(clock, {
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    concurrency: config.WORKER_CONCURRENCY,
    onFault: (error) => observe.fault('queue', error),
  })
}

type Ground = {
  readonly sql: Sql
  readonly broadcast: Broadcast
  readonly clock: Clock
  readonly random: Random
  readonly observe: Observe
}

async function openMarket(
  config: Config,
  { sql, broadcast, clock, random, observe }: Ground,
  closers: Closers,
) {
  const isInstant = config.SIM_SPEED === 'instant'
  const none = { least: 0, most: 0 }
  const chain = await openMockChain(sql, broadcast, clock, {
    seed: config.SIM_SEED,
    slotMs: config.SIM_SLOT_MS,
    landingSlots: isInstant ? none : config.SIM_LANDING_SLOTS,
    dropRate: config.SIM_DROP_RATE,
    sendErrorRate: config.SIM_SEND_ERROR_RATE,
    lagSlots: config.SIM_LAG_SLOTS,
    lagRate: config.SIM_LAG_RATE,
    forkRate: config.SIM_FORK_RATE,
    blockhashBlocks: config.SIM_BLOCKHASH_BLOCKS,
    finalityBlocks: config.SIM_FINALITY_BLOCKS,
    produces: config.ROLE !== 'api',
    alone: config.PG_CONN === null,
    onFault: (error) => observe.fault('chain', error),
  })
  closers.push(chain.close)
  const options = {
    latencyMs: isInstant ? none : config.SIM_QUOTE_LATENCY_MS,
    faults: config.SIM_VENUE_FAULTS,
  }
  const venues = (['raydium', 'meteora'] as const).map((name) =>
    openMockVenue(name, chain.readPools, clock, random, options),
  )
  return { chain, venues, tokens: new TokenList(mockTokens) }
}

/** Throws a ConfigError for a token to route through that nobody knows. */
function routingOf(config: Config, tokens: TokenList): QuoteDeps['routing'] {
  const intermediates = config.ROUTE_THROUGH.map((name) => {
    const token = tokens.find(name)
    if (token === undefined) throw new ConfigError(`ROUTE_THROUGH: ${name} is not a token known here.`)
    return token.mint
  })
  return {
    intermediates,
    maxLegs: config.ROUTE_MAX_LEGS,
    hopBufferBps: config.ROUTE_HOP_BUFFER_BPS,
    legCostLamports: BigInt(config.ROUTE_LEG_COST_LAMPORTS),
    feeMint: WRAPPED_SOL,
  }
}

type WorkDeps = Omit<
  Parameters<typeof openOrderWorker>[0],
  'landings' | 'fills' | 'retry' | 'landingPollMs' | 'rebroadcastMs' | 'quoteMaxAgeMs'
>

type Work = Pick<Landings, 'rebroadcasts'> & {
  /** Hands everything over and waits for it. */
  readonly stop: () => Promise<void>
}

/** How often to look in the log for fills that nobody watches any more. */
const LOOK_BACK_MS = 60_000

/** Takes rings, sweeps, and watches landings and fills. */
function startWork(config: Config, deps: WorkDeps, alone: boolean): Work {
  const following = {
    ...deps,
    retry: { maxAttempts: config.MAX_ATTEMPTS, backoffMs: config.RETRY_BACKOFF_MS, jitter: 0.2 },
    landingPollMs: config.SIM_SLOT_MS,
    rebroadcastMs: config.REBROADCAST_MS,
    quoteMaxAgeMs: config.QUOTE_MAX_AGE_MS,
    finalityMs: (config.SIM_FINALITY_BLOCKS + 1) * config.SIM_SLOT_MS,
    lookBackMs: LOOK_BACK_MS,
  }
  const fills = openFills(following)
  const landings = openLandings({ ...following, fills })
  const processRing = openOrderWorker({ ...following, fills, landings })
  const stopQueue = deps.queue.work(processRing)
  const stopSweep = startSweep(processRing, { ...deps, sweepMs: config.SWEEP_MS, alone })
  return {
    rebroadcasts: landings.rebroadcasts,
    async stop() {
      await Promise.all([stopQueue(), stopSweep()])
      await landings.close()
      await fills.close()
    },
  }
}

// ---- the program --------------------------------------------------------------------------------------------------

/** Longer than any step of an order; shorter than the patience of whoever sent the signal. */
const STOP_TIMEOUT_MS = 8_000

async function main(): Promise<void> {
  const config = readConfig(process.env, readEnvFile())
  // Node would print every property of an error that nobody expected, and drivers keep passwords there.
  process.once('uncaughtException', (error) => {
    process.stderr.write(
      `${error instanceof Error ? error.stack : 'something that is no error was thrown'}\n`,
    )
    process.exit(1)
  })
  const [command, ...args] = process.argv.slice(2)
  if (command === 'keys') return changeKeys(config, args)
  const engine = await start(config)
  greet(config, engine.url)
  const stop = async (signal: string) => {
    setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref()
    await engine.stop(signal)
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** The keys program, on the same store as the engine. Embedded, that is one process's alone: the engine must be stopped. */
async function changeKeys(config: Config, args: readonly string[]): Promise<void> {
  const closers: Closers = []
  try {
    const sql = await openSql(config, createObserve(pino({ level: 'silent' })), closers)
    await migrate(sql)
    await runKeys(args, {
      keys: openKeyStore(sql, systemClock, createSystemRandom()),
      tokens: new TokenList(mockTokens),
      now: systemClock.now(),
      print: (text) => process.stdout.write(`${text}\n`),
      explain: (text) => process.stderr.write(`${text}\n`),
    })
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

function readEnvFile(): string | null {
  try {
    return readFileSync('.env', 'utf8')
  } catch {
    return null
  }
}

function greet(config: Config, url: string): void {
  const runtime =
    config.PG_CONN === null ? `embedded, data in ${config.DATA_DIR}` : 'distributed on Postgres and Redis'
  const firstOrder = `
  Place a first order:
    curl -s ${url}/api/orders/execute -H 'content-type: application/json' \\
      -d '{ "type": "market", "tokenIn": "A", "tokenOut": "B", "amountIn": 100, "slippage": 0.01 }'
`
  process.stdout.write(`
  Order execution engine ${version}   ${url}
  venues   ${config.VENUES} (${config.SIM_SPEED})
  runtime  ${runtime}, role ${config.ROLE}
  docs     ${url}/docs
${config.ROLE === 'worker' ? '' : firstOrder}
`)
}

/** One clear sentence for what the operator can mend, the whole error for what only we can. */
function explainStartFault(error: Error & { code?: string }): string {
  if (error instanceof ConfigError || error instanceof UsageError) return error.message
  if (error.code === 'EADDRINUSE') return 'The port is taken by another program: set PORT to a free one.'
  if (error.code === 'FOLDER_LOCKED') return error.message
  if (error.code === 'ENOTEMPTY') return 'DATA_DIR is neither empty nor a database: choose another folder.'
  if (['ECONNREFUSED', 'ENOTFOUND'].includes(error.code ?? '')) {
    return 'Postgres or Redis cannot be reached: check PG_CONN and REDIS_URL.'
  }
  return error.stack ?? error.message
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error: Error) => {
    process.stderr.write(`${explainStartFault(error)}\n`)
    process.exit(1)
  })
}
