// An order whose time is over is not signed, however far it had come: it expires, by the clock of the store.
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { EventDraft } from '../../src/domain/order.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createRingHandler } from '../../src/workers/rings.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, limitOf, restingOrder } from '../support/orders.ts'

const LIVES_MS = 1_000

const unused = (): never => {
  throw new Error('no order here comes so far')
}

/** What becomes of an order with such a life that is taken up so long after it was placed; `storeMs` is the store's time. */
async function takenUpAfter(
  ms: number,
  life: readonly EventDraft[],
  storeMs = ms,
): Promise<string | undefined> {
  const clock = manualClock()
  const placedAt = clock.now()
  const { tables } = openMemoryTables()
  const statements = answering({ ...tables, selectNow: () => placedAt + storeMs })
  const options = { leaseMs: 60_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(statements, noBroadcast, clock, options)
  onTestFinished(store.close)
  const spec = limitOf({ expiresAt: placedAt + LIVES_MS })
  await store.create(restingOrder(spec))
  for (const log of await store.open([spec.orderId])) for (const draft of life) await log.append(draft)
  clock.advance(ms)
  const swap = { signature: 'signed', wire: new Uint8Array([1]), lastValidBlockHeight: 200 }
  const processRing = createRingHandler({
    ...nothingHeld,
    store,
    clock,
    trigger,
    observe: createObserve(pino({ level: 'silent' }), clock),
    looks: { look: async () => ({ now: clock.now(), sight: null, held: [] }), hold() {}, holding: unused },
    venues: [
      {
        name: 'raydium',
        pools: unused,
        poolsFor: unused,
        swapInstruction: () => ({ programId: 'constant price', accounts: [], data: new Uint8Array() }),
      },
    ],
    routeNow: async () => ({ ...drafts.routed, route: dear }),
    random: { next: () => 0.5, bytes: unused },
    trading: { hold: () => false, isHalted: () => false },
    quoteMaxAgeMs: 10 * LIVES_MS,
    retry: { maxAttempts: 3, backoffMs: 500, jitter: 0 },
    landingPollMs: 400,
    rebroadcastMs: 800,
    queue: { ring: async () => {}, work: unused, isAvailable: unused, ping: unused },
    chain: {
      sign: async () => ({ swap, steps: ['swap'] }),
      send: async () => {},
      landings: unused,
      finality: unused,
      blockHeight: unused,
      onLanding: unused,
      ping: unused,
    },
    landings: { watch() {}, isWatching: () => false, rebroadcasts: unused, close: unused },
    finality: { watch: unused },
  })
  await processRing([spec.orderId])
  return (await store.load(spec.orderId))?.order.status
}

const { route } = drafts.routed
/** Pays the limit of the example order. */
const dear = { ...route, amountOut: limitOf().amountIn * 4_050n } as typeof route

const lives: readonly (readonly [status: string, life: readonly EventDraft[]])[] = [
  ['routing', [drafts.triggered]],
  ['building', [drafts.triggered, drafts.routed]],
]

test.each(lives)('an order in %s is signed up to the last moment', async (_status, life) => {
  expect(await takenUpAfter(LIVES_MS - 1, life)).toBe('submitted')
})

test.each([['pending', [{ ...drafts.rested, reason: null, memory: {} }]] as const, ...lives])(
  'an order in %s expires at its time',
  async (_status, life) => {
    expect(await takenUpAfter(LIVES_MS, life)).toBe('expired')
  },
)

test.each(lives)('one in %s stays as it is where only our clock runs ahead', async (status, life) => {
  expect(await takenUpAfter(LIVES_MS, life, LIVES_MS - 1)).toBe(status)
})
