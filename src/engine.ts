// Owns the composition: the only file that knows which store, queue, venues and chain there are. Starts in order, closes
// in reverse.

import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { type Around, type ClosableQueue, nothingAround } from './around.ts'
import { NO_KEY, named } from './cli/startup.ts'
import { type Config, ConfigError, requiresKey } from './config.ts'
import { type Closers, openSql, storeOf } from './database.ts'
import { openSimulatedWorld } from './dex/simulatedWorld.ts'
import type { World } from './dex/world.ts'
import type { Processes } from './domain/ports/processes.ts'
import { trigger } from './domain/triggers/trigger.ts'
import { openServer } from './http/server.ts'
import { openHints, openQueue } from './messaging.ts'
import { createObserve, type Observe } from './observe.ts'
import {
  accessOptions,
  admissionPolicy,
  backlogOptions,
  breakerPolicy,
  isEmbedded,
  keyOptions,
  restingOptions,
  routerOptions,
  simulationOptions,
  storeOptions,
  workOptions,
} from './options.ts'
import { openBacklog } from './store/backlog.ts'
import { freeBytes } from './store/embedded/pglite.ts'
import { createHeldEntries } from './store/heldEntries.ts'
import { openKeyRing } from './store/keyRing.ts'
import { createWatchers } from './store/marketWatchers.ts'
import { migrate } from './store/migrations.ts'
import { openOrderStore } from './store/orderStore.ts'
import { openProcesses } from './store/processes.ts'
import { createStatements } from './store/statements.ts'
import { openTradingSwitch } from './store/tradingSwitch.ts'
import { openWritability } from './store/writability.ts'
import type { Clock } from './timing/clock.ts'
import { createId } from './timing/ids.ts'
import type { Random } from './timing/random.ts'
import { createSystemRandom, systemClock } from './timing/system.ts'
import { type Breakers, createBreakers } from './workers/breakers.ts'
import { createCandles } from './workers/candles.ts'
import { createDepth } from './workers/depth.ts'
import { createHeavyImpact } from './workers/impact.ts'
import { createSight } from './workers/looks.ts'
import { createRouter } from './workers/router.ts'
import { createSeenRoute, onSlot } from './workers/seenRoute.ts'
import { createTradingGate } from './workers/tradingGate.ts'
import { openWork, type Work } from './workers/work.ts'

const packageFile = new URL('../package.json', import.meta.url)
export const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }

export type Engine = {
  readonly url: string
  /** Refuses new work, hands over what is under way, and closes everything. Resolves when nothing is left running. */
  stop(reason: string): Promise<void>
}

/** What every part is given, and the list of what has to be closed. */
type Base = {
  readonly config: Config
  readonly around: Around
  readonly closers: Closers
  readonly clock: Clock
  readonly random: Random
  readonly observe: Observe
}

/** Starts an engine; when a part fails to start, those opened before it are closed again. */
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
  const observe = createObserve(pino({ level: config.LOG_LEVEL }), clock)
  const base: Base = { config, around, closers, clock, random: createSystemRandom(), observe }
  closers.push(observe.close)

  const stored = await openStore(base)
  const queue = around.queue(openQueue(base))
  closers.push(queue.close)
  stored.store.onRelated((ids) => {
    // A ring that is not taken costs the time until the sweep.
    for (const id of ids) queue.ring(id).catch((error) => observe.fault('queue', error))
  })
  const world = await openWorld(base, stored)
  const breakers = createBreakers(breakerPolicy(config), { clock, observe })
  const router = createRouter({
    venues: world.venues,
    clock,
    observe,
    breakers,
    ...routerOptions(config, world.tokens),
  })
  const processes = openOwnProcess(base, stored, breakers)
  const parts = { ...stored, queue, world, processes, routeNow: around.router(router) }

  const work = config.ROLE === 'api' ? null : openWorkers(base, parts)
  const server = await openHttp(base, { ...parts, routeNow: router }, work)
  // Closed before the server is: until then it reports that this process is on its way out.
  if (work !== null) closers.push(work.start())
  const url = await named('HOST', () => server.listen(config.HOST, config.PORT))
  observe.started({ url, role: config.ROLE, runtime: runtimeOf(config), venues: config.VENUES })
  return {
    url,
    async stop(reason) {
      observe.stopping(reason)
      server.stopAccepting()
      await close()
    },
  }
}

/** Everything that stands on the database: orders, keys, the trading switch, and what waits in it. */
async function openStore(base: Base) {
  const { config, around, closers, clock, random, observe } = base
  const onFault = (error: unknown) => observe.fault('store', error)
  const writability = openWritability(await openSql(config, observe, closers), clock, {
    freeBytes: isEmbedded(config) ? () => freeBytes(config.DATA_DIR) : null,
    onFault,
  })
  closers.push(writability.close)
  const { sql } = writability
  await named(storeOf(config), () => migrate(sql))
  const keys = await openKeyRing(sql, clock, random, { ...keyOptions(config), onFault })
  closers.push(keys.close)
  if (requiresKey(config) && !keys.hasUsableKey()) throw new ConfigError(NO_KEY)
  const broadcast = openHints(base)
  closers.push(broadcast.close)
  const statements = createStatements(sql)
  const onChange = observe.tradingChanged
  const trading = await openTradingSwitch(statements, broadcast, clock, { onChange, onFault })
  closers.push(trading.close)
  const options = { ...storeOptions(config), onEvent: observe.event }
  const orders = openOrderStore(around.statements(statements), broadcast, clock, options)
  closers.push(orders.close)
  const backlog = openBacklog(sql, clock, { ...backlogOptions(config), onFault })
  closers.push(backlog.close)
  const watchers = isEmbedded(config) ? null : createWatchers(statements, createId(clock, random))
  const heldEntries = createHeldEntries(statements, keys, clock)
  const store = around.store(orders)
  return { sql, statements, writability, keys, broadcast, trading, heldEntries, store, watchers, backlog }
}

type Stored = Awaited<ReturnType<typeof openStore>>
type Parts = Stored & {
  readonly queue: ClosableQueue
  readonly world: World
  readonly processes: Processes
  readonly routeNow: ReturnType<typeof createRouter>
}

const runtimeOf = (config: Config) => (isEmbedded(config) ? 'embedded' : 'distributed')

/** This process in the table of processes; where it is the only one, it reports nowhere. */
function openOwnProcess(base: Base, { statements, broadcast }: Stored, breakers: Breakers): Processes {
  const { config, closers, clock, random, observe } = base
  const self = { id: createId(clock, random), role: config.ROLE, version, startedAt: clock.now() }
  const processes = openProcesses(isEmbedded(config) ? null : statements, broadcast, clock, {
    self,
    report: () => ({ streams: observe.openStreams(), venues: breakers.health() }),
    end: () => process.kill(process.pid, 'SIGKILL'),
    onFault: (error) => observe.fault('store', error),
  })
  closers.push(processes.close)
  return processes
}

async function openWorld(base: Base, { sql, broadcast }: Stored): Promise<World> {
  const { config, closers, clock, random, observe } = base
  const onFault = (error: unknown) => observe.fault('chain', error)
  const options = { ...simulationOptions(config), onFault }
  const world = await named(storeOf(config), () =>
    openSimulatedWorld(options, { sql, broadcast, clock, random }),
  )
  closers.push(world.close)
  return world
}

function openWorkers({ config, around, closers, clock, random, observe }: Base, parts: Parts): Work {
  const { store, watchers, queue, world, routeNow, trading, heldEntries } = parts
  const work = openWork({
    store,
    watchers,
    queue,
    chain: around.chain(world.chain),
    venues: world.venues,
    marketData: world.marketData,
    mints: world.mints,
    routing: routerOptions(config, world.tokens).routing,
    routeNow,
    trigger,
    trading: createTradingGate({ trading, queue, observe }),
    heldEntries,
    wallet: world.wallet,
    clock,
    random,
    observe,
    nextTurn: setImmediate,
    ...workOptions(config, world),
  })
  closers.push(work.close)
  return work
}

async function openHttp(base: Base, parts: Parts, work: Work | null) {
  const { config, closers, clock, random, observe } = base
  const { store, writability, queue, trading, world, processes, routeNow, keys, backlog } = parts
  const { chain, venues, tokens, wallet, simulation } = world
  const defaultSlippageBps = config.DEFAULT_SLIPPAGE_BPS
  const { routing } = routerOptions(config, tokens)
  const lookDeps = { marketData: world.marketData, mints: world.mints, clock, routing }
  const [sightOf, heavyImpactOf] = [createSight(lookDeps), createHeavyImpact(lookDeps)]
  const candles = createCandles({ ...lookDeps, observe })
  const servesApi = config.ROLE !== 'worker'
  if (servesApi) closers.push(candles.watch())
  const rebroadcasts = work?.rebroadcasts ?? (() => null)
  const server = await openServer({
    orders: { store, writability, queue, trading, rebroadcasts, ...restingOptions(config) },
    market: {
      chain,
      venues,
      tokens,
      defaultSlippageBps,
      routeNow,
      routeSeen: createSeenRoute(lookDeps),
      depth: createDepth(lookDeps),
      onSlot: (listener) => onSlot(world.marketData, listener),
      candles,
      sightOf,
      heavyImpactOf,
      wallet,
      simulation,
    },
    access: { keys, ...accessOptions(config) },
    admission: { policy: admissionPolicy(config), backlog: backlog.now },
    processes,
    runtime: runtimeOf(config),
    clock,
    random,
    observe,
    version,
    servesApi,
    newId: () => createId(clock, random),
  })
  closers.push(server.close)
  return server
}
