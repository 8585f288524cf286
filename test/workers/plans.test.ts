// How workers look at plans and legs: a look that changes nothing writes and rings nothing, and ends what is over.
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createRingHandler } from '../../src/workers/rings.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables, soundTables } from '../support/memoryTables.ts'
import { drafts, ocoOf, twapOf } from '../support/orders.ts'

const unused = (): never => {
  throw new Error('no order here comes so far')
}

/** A worker over a store that holds the order. */
async function withOrder(spec: OrderSpec) {
  const clock = manualClock()
  const { tables } = openMemoryTables(soundTables, () => ({}), clock.now)
  const options = { leaseMs: 60_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(answering(tables), noBroadcast, clock, options)
  onTestFinished(store.close)
  await store.create({ spec, idempotencyKey: null, isLimited: false })
  const rung: { readonly id: OrderId; readonly delayMs: number }[] = []
  const processRing = createRingHandler({
    ...nothingHeld,
    store,
    clock,
    trigger,
    observe: createObserve(pino({ level: 'silent' }), clock),
    looks: { look: async () => ({ now: clock.now(), sight: null, held: [] }), hold() {}, holding: unused },
    venues: [],
    routeNow: unused,
    random: { next: () => 0.5, bytes: unused },
    trading: { hold: () => false, isHalted: () => false },
    quoteMaxAgeMs: 3_000,
    retry: { maxAttempts: 3, backoffMs: 500, jitter: 0 },
    landingPollMs: 400,
    rebroadcastMs: 800,
    queue: {
      ring: async (id, delayMs = 0) => void rung.push({ id, delayMs }),
      work: unused,
      isAvailable: unused,
      ping: unused,
    },
    chain: {
      sign: unused,
      send: unused,
      landings: unused,
      finality: unused,
      blockHeight: unused,
      onLanding: unused,
      ping: unused,
    },
    landings: { watch() {}, isWatching: () => false, rebroadcasts: unused, close: unused },
    finality: { watch: unused },
  })
  return { clock, store, rung, processRing }
}

test('a plan is rung for once for each slice, however often it is looked at', async () => {
  const spec = twapOf({ slices: 6, durationMs: 60_000, jitterBps: 0 as never })
  const { rung, processRing, store } = await withOrder(spec)
  for (let look = 0; look < 5; look++) await processRing([spec.orderId])
  const [slice] = await store.children(spec.orderId)
  expect(rung).toEqual([
    { id: spec.orderId, delayMs: 10_000 },
    { id: slice?.spec.orderId, delayMs: 0 },
  ])
})

test('a plan that waits for its last slice writes nothing between its looks', async () => {
  const spec = twapOf({ slices: 1, durationMs: 60_000, jitterBps: 0 as never })
  const { clock, processRing, store } = await withOrder(spec)
  await processRing([spec.orderId])
  const seqNow = async () => (await store.load(spec.orderId))?.order.seq
  const seq = await seqNow()
  for (let look = 0; look < 5; look++) {
    clock.advance(1_000)
    await processRing([spec.orderId])
  }
  expect(await seqNow()).toBe(seq)
})

test('a leg ends at its time, also while another has claimed all', async () => {
  const { clock, store, processRing } = await withOrder(ocoOf())
  const [log] = await store.open(await allOf(store, 1))
  await log?.append(drafts.triggered)
  const [first] = await allOf(store, 0)
  if (first === undefined) throw new Error('an OCO has legs')
  await processRing([first])
  expect((await store.load(first))?.order.status).toBe('pending')
  clock.advance(40 * 86_400_000)
  await processRing([first])
  expect((await store.load(first))?.order.status).toBe('expired')
})

async function allOf(store: Awaited<ReturnType<typeof withOrder>>['store'], leg: number) {
  const query = { status: null, mint: null, clientOrderId: null, type: 'oco', isResting: null } as const
  const [oco] = await store.list({ ...query, owner: 'local', parentId: null, before: null, limit: 1 })
  const children = oco === undefined ? [] : await store.children(oco.spec.orderId)
  return children.slice(leg, leg + 1).map(({ spec }) => spec.orderId)
}
