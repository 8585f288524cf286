// A route that has waited too long is quoted again before anything is signed.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { evolve } from '../../src/domain/lifecycle.ts'
import type { EventDraft, Order } from '../../src/domain/order.ts'
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { SwapPlan } from '../../src/domain/ports/chain.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { OrderLog } from '../../src/domain/ports/orders.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve } from '../../src/observe.ts'
import { createBreakers } from '../../src/workers/breakers.ts'
import { processOrder, type WorkerDeps } from '../../src/workers/orderWorker.ts'
import { createRouter } from '../../src/workers/router.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { drafts, exampleRoute, specOf } from '../support/orders.ts'

const MAX_AGE_MS = 3_000
const spec = specOf()
const clock = manualClock()

/** A venue whose one pool pays this much for the whole order. */
function venuePaying(amountOut: bigint): Venue {
  const price = Number(amountOut) / Number(spec.amountIn)
  const pool: RoutablePool = {
    venue: 'raydium',
    pool: 'fresh pool',
    program: 'constant price',
    tokenA: spec.tokenIn,
    tokenB: spec.tokenOut,
    slot: 9,
    quote: (_aToB, amountIn) => ({
      kind: 'quoted',
      amountOut: (amountIn * amountOut) / spec.amountIn,
      fee: 0n,
      feeOnInput: true,
    }),
    segments: () => [{ price, depth: Number.POSITIVE_INFINITY, capIn: 1e15 }],
  }
  return {
    name: 'raydium',
    pools: async () => [],
    poolsFor: async () => [pool],
    swapInstruction: () => ({ programId: 'constant price', accounts: [], data: new Uint8Array() }),
  }
}

/** Processes an order that was routed `ageMs` ago; tells what was appended and what was signed. */
async function signAfter(ageMs: number, amountOut: bigint) {
  const appended: EventDraft[] = []
  const signed: SwapPlan[] = []
  const life: readonly EventDraft[] = [{ kind: 'accepted', spec }, drafts.triggered, drafts.routed]
  const eventOf = (draft: EventDraft, seq: number, attempt = 1) => ({
    ...draft,
    orderId: spec.orderId,
    seq,
    attempt,
    at: clock.now(),
  })
  let order = life.reduce<Order | null>((before, draft, i) => evolve(before, eventOf(draft, i + 1)), null)
  const log: OrderLog = {
    get order() {
      if (order === null) throw new Error('the order was accepted')
      return order
    },
    async append(draft) {
      appended.push(draft)
      const attempt = this.order.attempt + (draft.kind === 'retried' ? 1 : 0)
      order = evolve(order, eventOf(draft, this.order.seq + 1, attempt))
    },
  }
  clock.advance(ageMs)
  const swap = { signature: 'signed', wire: new Uint8Array([1]), lastValidBlockHeight: 200 }
  const observe = createObserve(pino({ level: 'silent' }), clock)
  const venues = [venuePaying(amountOut)]
  const routing = { maxLegs: 2, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' }
  const breakers = createBreakers({ failures: 5, openMs: 1_000 }, { clock, observe })
  const waits = { quoteTimeoutMs: 1_000, quoteHedgeMs: 250 }
  const deps: WorkerDeps = {
    ...nothingHeld,
    clock,
    observe,
    random: { next: () => 0.5, bytes: (length) => new Uint8Array(length) },
    venues,
    routeNow: createRouter({ venues, clock, observe, breakers, ...waits, routing }),
    trading: { hold: () => false, isHalted: () => false },
    trigger,
    quoteMaxAgeMs: MAX_AGE_MS,
    retry: { maxAttempts: 3, backoffMs: 500, jitter: 0.2 },
    landingPollMs: 400,
    rebroadcastMs: 800,
    queue: {
      ring: async () => {},
      work: () => async () => {},
      isAvailable: () => true,
      ping: async () => {},
    },
    chain: {
      async sign(plan) {
        signed.push(plan)
        return { swap, steps: ['swap'] }
      },
      send: async () => {},
      landings: async () => [],
      finality: async () => [],
      blockHeight: async () => 1,
      onLanding: () => () => {},
      ping: async () => {},
    },
    landings: { watch() {}, isWatching: () => false, rebroadcasts: () => null, close: async () => {} },
    finality: { watch() {} },
    looks: { look: () => Promise.reject(new Error('it has started')), hold() {}, holding: () => [] },
    get store(): never {
      throw new Error('an order in hand is not opened again')
    },
  }
  await processOrder(log, deps)
  return { kinds: appended.map(({ kind }) => kind), appended, signed }
}

const { amountOut, minAmountOut } = exampleRoute

test('a route within its age is signed as it is', async () => {
  const { kinds, signed } = await signAfter(MAX_AGE_MS, 1n)
  expect(kinds).toEqual(['submitted'])
  expect(signed).toMatchObject([{ minAmountOut }])
})

test('an older one is quoted again, and a better price raises the minimum', async () => {
  const better = amountOut * 2n
  const { kinds, signed } = await signAfter(MAX_AGE_MS + 1, better)
  expect(kinds).toEqual(['routed', 'submitted'])
  expect(signed).toMatchObject([{ minAmountOut: (better * 99n) / 100n }])
})

test('a worse price that still pays the minimum does not lower it', async () => {
  const { kinds, appended, signed } = await signAfter(MAX_AGE_MS + 1, minAmountOut)
  expect(kinds).toEqual(['routed', 'submitted'])
  expect(appended[0]).toMatchObject({ route: { amountOut: minAmountOut, minAmountOut } })
  expect(signed).toMatchObject([{ minAmountOut }])
})

test('one below the minimum is not signed: the price has moved', async () => {
  const { kinds, appended, signed } = await signAfter(MAX_AGE_MS + 1, minAmountOut - 1n)
  expect(kinds).toEqual(['retried'])
  expect(appended).toMatchObject([{ failure: { code: 'price_moved' } }])
  expect(signed).toEqual([])
})
