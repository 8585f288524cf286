// An order whose step throws every time ends as failed, with its reason in the engine's log, and holds up nobody else.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { baseUnits } from '../../src/domain/amount.ts'
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createBreakers } from '../../src/workers/breakers.ts'
import { createRingHandler } from '../../src/workers/rings.ts'
import { createRouter } from '../../src/workers/router.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { newOrder, specOf } from '../support/orders.ts'

const MAX_ATTEMPTS = 3
/** What the poisonous order sells, and nobody else. */
const POISON = 13n

const { tokenIn, tokenOut } = specOf()

const pool: RoutablePool = {
  venue: 'raydium',
  pool: 'the only pool',
  program: 'constant price',
  tokenA: tokenIn,
  tokenB: tokenOut,
  slot: 9,
  quote: (_aToB, amountIn) => ({ kind: 'quoted', amountOut: amountIn, fee: 0n, feeOnInput: true }),
  segments: () => [{ price: 1, depth: Number.POSITIVE_INFINITY, capIn: 1e15 }],
}

const venue: Venue = {
  name: 'raydium',
  pools: async () => [],
  poolsFor: async () => [pool],
  swapInstruction({ amountIn }) {
    if (amountIn === POISON) throw new TypeError('a defect that only this amount meets')
    return { programId: 'constant price', accounts: [], data: new Uint8Array() }
  },
}

const unused = (): never => {
  throw new Error('no order here comes so far')
}

test('an order whose step always throws fails after its attempts; others on its ring go on', async () => {
  const clock = manualClock()
  const defects: [OrderId, unknown][] = []
  const observe = {
    ...createObserve(pino({ level: 'silent' }), clock),
    stepFailed: (id: OrderId, error: unknown) => void defects.push([id, error]),
  }
  const store = openOrderStore(answering(openMemoryTables().tables), noBroadcast, clock, {
    leaseMs: 1_000,
    isSoleProcess: true,
    keepRecent: 0,
    onEvent: () => {},
  })
  const [poisonous, healthy] = [
    newOrder({ amountIn: baseUnits(POISON) }),
    newOrder({ amountIn: baseUnits(1_000n) }),
  ]
  for (const order of [poisonous, healthy]) await store.create(order)
  const later: { readonly id: OrderId; readonly delayMs: number }[] = []
  const deps = { clock, observe }
  const processRing = createRingHandler({
    ...nothingHeld,
    ...deps,
    store,
    venues: [venue],
    routeNow: createRouter({
      ...deps,
      venues: [venue],
      breakers: createBreakers({ failures: 5, openMs: 1_000 }, deps),
      quoteTimeoutMs: 1_000,
      quoteHedgeMs: 250,
      routing: { maxLegs: 2, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' },
    }),
    random: { next: () => 0.5, bytes: (length) => new Uint8Array(length) },
    trading: { hold: () => false, isHalted: () => false },
    trigger,
    quoteMaxAgeMs: 10_000,
    retry: { maxAttempts: MAX_ATTEMPTS, backoffMs: 500, jitter: 0 },
    landingPollMs: 400,
    rebroadcastMs: 800,
    queue: {
      ring: async (id, delayMs = 0) => void later.push({ id, delayMs }),
      work: unused,
      isAvailable: () => true,
      ping: unused,
    },
    chain: {
      sign: async () => ({
        swap: { signature: 'signed', wire: new Uint8Array([1]), lastValidBlockHeight: 200 },
        steps: ['swap'],
      }),
      send: async () => {},
      landings: unused,
      finality: unused,
      blockHeight: unused,
      onLanding: unused,
      ping: unused,
    },
    looks: { look: async () => ({ now: clock.now(), sight: null, held: [] }), hold() {}, holding: unused },
    landings: { watch() {}, isWatching: () => false, rebroadcasts: unused, close: unused },
    finality: { watch: unused },
  })
  await processRing([poisonous.spec.orderId, healthy.spec.orderId])
  for (let next = later.shift(); next !== undefined; next = later.shift()) {
    clock.advance(next.delayMs)
    await processRing([next.id])
  }
  const [failed, submitted] = await Promise.all(
    [poisonous, healthy].map(async ({ spec }) => (await store.load(spec.orderId))?.order),
  )
  expect(submitted?.status).toBe('submitted')
  expect(failed).toMatchObject({ status: 'failed', attempt: MAX_ATTEMPTS, failure: { code: 'internal' } })
  expect(defects).toHaveLength(MAX_ATTEMPTS)
  for (const [id, error] of defects) {
    expect(id).toBe(poisonous.spec.orderId)
    expect(error).toBeInstanceOf(TypeError)
  }
  // The client is told where to look, not what the program is like inside.
  expect(
    JSON.stringify(failed, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
  ).not.toContain('defect')
  store.close()
})
