// Owns the composition: the only file that knows which store, queue, venues and chain there are. Starts in order, closes
// in reverse.

import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { NO_KEY, named } from './cli/startup.ts'
import { addressLimits, type Config, ConfigError, requiresKey } from './config.ts'
import { type Closers, openSql, storeOf } from './database.ts'
import { createSimulatedVenue } from './dex/mockDexRouter.ts'
import { openSimulatedChain } from './dex/simulated/chain.ts'
import { simulatedTokens } from './dex/simulated/market.ts'
import type { Broadcast } from './domain/ports/broadcast.ts'
import type { Chain } from './domain/ports/chain.ts'
import type { OrderStore } from './domain/ports/orders.ts'
import type { OrderQueue } from './domain/ports/queue.ts'
import type { Sql } from './domain/ports/sql.ts'
import { TokenList, WRAPPED_SOL } from './domain/token.ts'
import { createServer } from './http/server.ts'
import { createObserve, type Observe } from './observe.ts'
import { noBroadcast, openBroadcast } from './queue/broadcast.ts'
import { openLocalQueue } from './queue/localQueue.ts'
import { openOrderQueue } from './queue/orderQueue.ts'
import { openBacklog } from './store/backlog.ts'
import { freeBytes } from './store/embedded/pglite.ts'
import { openKeyRing } from './store/keyRing.ts'
import { migrate } from './store/migrations.ts'
import { openOrderStore } from './store/orderStore.ts'
import { openTables, type Tables } from './store/tables.ts'
import { openTradingSwitch } from './store/tradingSwitch.ts'
import { openWritability } from './store/writability.ts'
import type { Clock } from './timing/clock.ts'
import type { Random } from './timing/random.ts'
import { createId, createSystemRandom, systemClock } from './timing/system.ts'
import { createBreakers } from './workers/breakers.ts'
import { createRouter, type QuoteDeps, type RouteNow } from './workers/router.ts'
import { createTradingGate } from './workers/tradingGate.ts'
import { startWork, type Work } from './workers/work.ts'

const packageFile = new URL('../package.json', import.meta.url)
export const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }

export type Engine = {
  readonly url: string
  /** Refuses new work, hands over what is under way, and closes everything. Resolves when nothing is left running. */
  stop(reason: string): Promise<void>
}

type Queue = OrderQueue & { close(): Promise<void> }

/** Wraps what an order passes through here, so that a test can stand before and behind each. */
export type Around = {
  readonly tables: (tables: Tables) => Tables
  readonly store: (store: OrderStore) => OrderStore
  readonly queue: (queue: Queue) => Queue
  readonly chain: (chain: Chain) => Chain
  readonly router: (routeNow: RouteNow) => RouteNow
}

const nothingAround: Around = {
  tables: (tables) => tables,
  store: (store) => store,
  queue: (queue) => queue,
  chain: (chain) => chain,
  router: (routeNow) => routeNow,
}

/** Starts an engine; whatever it had opened is closed again when a part fails to start. */
export async function start(config: Config, around = nothingAround): Promise<Engine> {
  const closers: Closers = []
  const close = async () => {
    for (const closeOne of closers.reverse()) await closeOne()
    closers.length = 0
  }
  try {
    return await compose(config, around, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function compose(
  config: Config,
  around: Around,
  closers: Closers,
  close: () => Promise<void>,
): Promise<Engine> {
  const clock = systemClock
  const random = createSystemRandom()
  const log = pino({ level: config.LOG_LEVEL })
  const observe = createObserve(log, clock)
  closers.push(observe.close)
  const works = config.ROLE !== 'api'
  const isEmbedded = config.PG_CONN === null

  const writability = openWritability(await openSql(config, observe, closers), clock, {
    freeBytes: isEmbedded ? () => freeBytes(config.DATA_DIR) : null,
    onFault: (error) => observe.fault('store', error),
  })
  closers.push(writability.close)
  const { sql } = writability
  await named(storeOf(config), () => migrate(sql))
  const keys = await openKeyRing(sql, clock, random, {
    requiresKey: requiresKey(config),
    onFault: (error) => observe.fault('store', error),
  })
  closers.push(keys.close)
  if (requiresKey(config) && !keys.hasUsableKey()) throw new ConfigError(NO_KEY)
  const broadcast = openHints(config, clock, random, observe)
  closers.push(broadcast.close)
  const trading = await openTradingSwitch(openTables(sql), broadcast, clock, {
    onChange: observe.tradingChanged,
    onFault: (error) => observe.fault('store', error),
  })
  closers.push(trading.close)
  const orders = openOrderStore(around.tables(openTables(sql)), broadcast, clock, {
    leaseMs: config.ORDER_LEASE_MS,
    alone: isEmbedded,
    keepRecent: config.ROLE === 'all' ? 50_000 : 0,
    onEvent: observe.event,
  })
  closers.push(orders.close)
  const store = around.store(orders)

  const servesApi = config.ROLE !== 'worker'
  const backlog = openBacklog(sql, clock, {
    maxOpen: config.MAX_OPEN_ORDERS,
    reads: servesApi,
    onFault: (error) => observe.fault('store', error),
  })
  closers.push(backlog.close)

  const queue = around.queue(openQueue(config, clock, random, observe))
  closers.push(queue.close)

  const world = { sql, broadcast, clock, random, observe }
  const { chain, venues } = await named(storeOf(config), () => openMarket(config, world))
  closers.push(chain.close)
  const tokens = new TokenList(simulatedTokens)
  const breakerPolicy = { failures: config.BREAKER_FAILURES, openMs: config.BREAKER_OPEN_MS }
  const routeNow = createRouter({
    venues,
    clock,
    observe,
    breakers: createBreakers(breakerPolicy, { clock, observe }),
    quoteTimeoutMs: config.QUOTE_TIMEOUT_MS,
    quoteHedgeMs: config.QUOTE_HEDGE_MS,
    routing: routingOf(config, tokens),
  })

  let work: Work | null = null
  const server = await createServer({
    store,
    writability,
    queue,
    keys,
    trading,
    chain,
    venues,
    tokens,
    clock,
    random,
    observe,
    version,
    ringsEarly: isEmbedded,
    servesApi,
    defaultSlippageBps: config.DEFAULT_SLIPPAGE_BPS,
    allowedOrigins: config.ALLOWED_ORIGINS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    maxConnections: config.MAX_CONNECTIONS,
    addressLimits: addressLimits(config),
    trustedProxies: config.TRUSTED_PROXIES,
    publicUrl: config.PUBLIC_URL,
    backlog: backlog.now,
    admission: {
      answerTargetMs: config.ANSWER_TARGET_MS,
      maxWaiting: config.MAX_WAITING_ORDERS,
      maxQueueAgeMs: config.MAX_QUEUE_AGE_MS,
      maxOpen: config.MAX_OPEN_ORDERS,
    },
    newId: () => createId(clock, random),
    routeNow,
    simulatedSwaps: chain.swaps,
    rebroadcasts: (id) => work?.rebroadcasts(id) ?? null,
  })
  closers.push(server.close)
  // Closed before the server is: whoever asks meanwhile hears that this process is on its way out.
  if (works) {
    work = startWork({
      store,
      queue,
      chain: around.chain(chain),
      venues,
      routeNow: around.router(routeNow),
      trading: createTradingGate({ trading, queue, observe }),
      clock,
      random,
      observe,
      ...workTimes(config),
      alone: isEmbedded,
    })
    closers.push(work.stop)
  }
  const url = await named('HOST', () => server.listen(config.HOST, config.PORT))
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

function openHints(
  config: Config,
  clock: Clock,
  random: Random,
  observe: Observe,
): Broadcast & { close(): void } {
  if (config.REDIS_URL === null) return noBroadcast
  return openBroadcast(clock, random, {
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    onFault: (error) => observe.fault('queue', error),
  })
}

function openQueue(config: Config, clock: Clock, random: Random, observe: Observe): Queue {
  if (config.REDIS_URL === null) return openLocalQueue(clock, config.WORKER_CONCURRENCY)
  return openOrderQueue(clock, random, {
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    concurrency: config.WORKER_CONCURRENCY,
    onFault: (error) => observe.fault('queue', error),
  })
}

type World = {
  readonly sql: Sql
  readonly broadcast: Broadcast
  readonly clock: Clock
  readonly random: Random
  readonly observe: Observe
}

/** The simulated world: one chain and the two venues that trade on it. The caller closes the chain. */
export async function openMarket(config: Config, { sql, broadcast, clock, random, observe }: World) {
  const isInstant = config.SIM_SPEED === 'instant'
  const none = { least: 0, most: 0 }
  const chain = await openSimulatedChain(sql, broadcast, clock, {
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
  const options = {
    latencyMs: isInstant ? none : config.SIM_QUOTE_LATENCY_MS,
    faults: config.SIM_VENUE_FAULTS,
  }
  const venues = (['raydium', 'meteora'] as const).map((name) =>
    createSimulatedVenue(name, chain.readPools, clock, random, options),
  )
  return { chain, venues }
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

/** How often to look in the log for fills that nobody watches any more. */
const LOOK_BACK_MS = 60_000

const workTimes = (config: Config) => ({
  retry: { maxAttempts: config.MAX_ATTEMPTS, backoffMs: config.RETRY_BACKOFF_MS, jitter: 0.2 },
  landingPollMs: config.SIM_SLOT_MS,
  rebroadcastMs: config.REBROADCAST_MS,
  quoteMaxAgeMs: config.QUOTE_MAX_AGE_MS,
  finalityMs: (config.SIM_FINALITY_BLOCKS + 1) * config.SIM_SLOT_MS,
  lookBackMs: LOOK_BACK_MS,
  sweepMs: config.SWEEP_MS,
})
