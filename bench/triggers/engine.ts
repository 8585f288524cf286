// Owns an engine without HTTP, for measurements inside its process: the embedded store, the queue, the router and the workers
// as the engine puts them together, over a synthetic market and a chain on which swaps land at once.
import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { baseUnits, bps, MAX_BASE_UNITS } from '../../src/domain/amount.ts'
import type { LoggedEvent } from '../../src/domain/eventCodec.ts'
import type { Order } from '../../src/domain/order.ts'
import type { Chain } from '../../src/domain/ports/chain.ts'
import type { Mints } from '../../src/domain/ports/mints.ts'
import type { OrderStore } from '../../src/domain/ports/orders.ts'
import type { OrderSpec } from '../../src/domain/spec.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openLocalQueue } from '../../src/queue/localQueue.ts'
import { openEmbedded } from '../../src/store/embedded/openEmbedded.ts'
import { migrate } from '../../src/store/migrations.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createStatements } from '../../src/store/statements.ts'
import { createId } from '../../src/timing/ids.ts'
import { systemClock as clock, createSystemRandom } from '../../src/timing/system.ts'
import { createBreakers } from '../../src/workers/breakers.ts'
import { createRouter } from '../../src/workers/router.ts'
import { openWork } from '../../src/workers/work.ts'
import { newId } from './book.ts'
import { routing, type Side, type SyntheticMarket } from './market.ts'

export type Engine = {
  readonly store: OrderStore
  /** Creates the order, and rings for it as soon as it is durable. */
  place(spec: OrderSpec): Promise<void>
  /** Called with each event that has become durable, and the order after it. */
  onEvent: (event: LoggedEvent, after: Order) => void
  /** Resolves once the watch has read all orders at rest. */
  readonly loaded: Promise<void>
  close(): Promise<void>
}

/** The engine's defaults (config.ts). */
const LEASE_MS = 4_000
const KEEP_RECENT = 50_000
const CONCURRENCY = 500

const random = createSystemRandom()

/** A store alone, in the embedded database of a folder, which is made where there is none. */
export async function openStore(dataDir: string, onEvent: Engine['onEvent']) {
  const sql = await openEmbedded(dataDir, {
    clock,
    id: createId(clock, random),
    onWait: () => {},
    onLost: (error) => {
      throw error
    },
  })
  await migrate(sql)
  const options = { leaseMs: LEASE_MS, isSoleProcess: true, keepRecent: KEEP_RECENT, onEvent }
  const store = openOrderStore(createStatements(sql), noBroadcast, clock, options)
  return {
    store,
    async close() {
      store.close()
      await sql.close()
    },
  }
}

/** No order here waits for a launch. */
const mints: Mints = {
  mintInfo: async () => null,
  poolOrigins: async () => [],
  launchesBy: async () => [],
  trySale: async () => ({ kind: 'reverted', detail: 'nothing is sold here' }),
}

/** An engine that works on the orders of the folder. */
export async function openEngine(dataDir: string, market: SyntheticMarket): Promise<Engine> {
  const { marketData, venues } = market
  const observe = createObserve(pino({ level: 'silent' }), clock)
  const { store, close } = await openStore(dataDir, (...written) => {
    observe.event(...written)
    engine.onEvent(...written)
  })
  const queue = openLocalQueue(clock, CONCURRENCY)
  const breakers = createBreakers({ failures: 5, openMs: 5_000 }, { clock, observe })
  const watched = watchedStore(store)
  const work = openWork({
    store: watched.store,
    watchers: null,
    queue,
    chain: createChain(),
    venues,
    marketData,
    mints,
    routing,
    routeNow: createRouter({
      venues,
      clock,
      observe,
      breakers,
      routing,
      quoteTimeoutMs: 1_000,
      quoteHedgeMs: 250,
    }),
    trigger,
    trading: { hold: () => false, isHalted: () => false },
    heldEntries: { holdOf: async () => null },
    wallet: { holds: async () => MAX_BASE_UNITS },
    clock,
    random,
    observe,
    nextTurn: setImmediate,
    retry: { maxAttempts: 3, backoffMs: 1_000, jitter: 0.2 },
    landingPollMs: 400,
    finalityMs: 13_000,
    rebroadcastMs: 2_000,
    quoteMaxAgeMs: 3_000,
    lookBackMs: 60_000,
    sweepMs: 1_000,
    isSoleProcess: true,
  })
  const stop = work.start()
  const engine: Engine = {
    store,
    async place(spec) {
      await store.create({ spec, idempotencyKey: null, isLimited: false })
      await queue.ring(spec.orderId)
    },
    onEvent: () => {},
    loaded: watched.loaded,
    async close() {
      await stop()
      await work.close()
      await queue.close()
      await close()
      observe.close()
    },
  }
  return engine
}

/** The store, and when the pages of its resting orders have all been read. */
function watchedStore(store: OrderStore): { readonly store: OrderStore; readonly loaded: Promise<void> } {
  let done: () => void = () => {}
  const loaded = new Promise<void>((resolve) => {
    done = resolve
  })
  const page: OrderStore['resting']['page'] = async (after, limit) => {
    const found = await store.resting.page(after, limit)
    // In the next turn of the event loop the reader has taken them in.
    if (found.length < limit) turn().then(done)
    return found
  }
  return { store: { ...store, resting: { ...store.resting, page } }, loaded }
}

const WIRE_BYTES = 900
const SIGNATURE_CHARS = 88

/** A chain on which every swap lands in the turn after it was sent, and pays its minimum. */
function createChain(): Chain {
  const minOut = new Map<string, bigint>()
  const listeners = new Set<(signatures: readonly string[]) => void>()
  let landed: string[] = []
  let signed = 0

  function hint(): void {
    const signatures = landed
    landed = []
    for (const listener of listeners) listener(signatures)
  }

  return {
    async sign({ minAmountOut }) {
      const signature = String(++signed).padStart(SIGNATURE_CHARS, '1')
      minOut.set(signature, minAmountOut)
      const swap = { signature, wire: new Uint8Array(WIRE_BYTES), lastValidBlockHeight: 150 }
      return { swap, steps: ['memo', 'swap raydium-clmm', 'swap meteora-dlmm'] }
    },
    async send({ signature }) {
      if (landed.length === 0) setImmediate(hint)
      landed.push(signature)
    },
    async landings(watched) {
      return watched.map(({ spec: { amountIn }, swap: { signature } }) => {
        const amountOut = baseUnits(minOut.get(signature) ?? 0n)
        minOut.delete(signature)
        const networkFeeLamports = baseUnits(15_000n)
        return {
          kind: 'landed',
          fill: { amountIn, amountOut, networkFeeLamports, poolFees: [], slot: 1 },
        }
      })
    },
    finality: async (swaps) => swaps.map(() => ({ kind: 'landed', slot: 1, isFinal: true })),
    blockHeight: async () => 100,
    onLanding(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ping: async () => {},
  }
}

/** A market order of a thousandth of a percent of a pool. */
export const marketOrder = ({ tokenIn, tokenOut, unit }: Side): OrderSpec => ({
  orderId: newId(),
  owner: 'local',
  type: 'market',
  tokenIn,
  tokenOut,
  amountIn: baseUnits(BigInt(Math.round(1e8 * unit))),
  slippageBps: bps(100),
  constraints: {},
  clientOrderId: null,
  parent: null,
  exits: [],
})
