// Observations that are not yet enough bring an order back at the next slot, for as long as it waits for that price.
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { baseUnits } from '../../src/domain/amount.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import { EXECUTABLE, type StopSpec } from '../../src/domain/spec.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import type { Sight } from '../../src/domain/triggers/verdict.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createLooks } from '../../src/workers/looks.ts'
import { createRingHandler } from '../../src/workers/rings.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, restingOrder, stopOf } from '../support/orders.ts'

const SLOT_MS = 400

const unused = (): never => {
  throw new Error('no order here comes so far')
}

/** An order that wants to see its price in two slots, in a market that pays 3.4 for each A. */
async function openWaiting(terms: Partial<StopSpec> = {}) {
  const clock = manualClock()
  const observe = createObserve(pino({ level: 'silent' }), clock)
  const options = { leaseMs: 60_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(answering(openMemoryTables().tables), noBroadcast, clock, options)
  onTestFinished(store.close)
  let slot = 0
  let unseen: Sight | null = null
  let isAway = false
  const looks = createLooks(
    {
      clock,
      marketData: { view: unused, onChange: unused },
      routing: { maxLegs: 1, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' },
    },
    async ({ amountIn }) => {
      if (unseen !== null) return unseen
      const amountOut = baseUnits(amountIn * 3_400n)
      return { kind: 'seen', observation: { source: EXECUTABLE, slot, at: clock.now(), amountOut } }
    },
  )
  const processRing = createRingHandler({
    ...nothingHeld,
    store: {
      ...store,
      open: (ids) => (isAway ? Promise.reject(new StoreUnavailable('away')) : store.open(ids)),
    },
    looks,
    clock,
    observe,
    trigger,
    venues: [],
    routeNow: async () => ({
      kind: 'unroutable',
      answers: [],
      failure: { code: 'quotes_unavailable', detail: 'none' },
    }),
    random: { next: () => 0.5, bytes: unused },
    trading: { hold: unused, isHalted: () => false },
    quoteMaxAgeMs: 10_000,
    retry: { maxAttempts: 3, backoffMs: 500, jitter: 0 },
    landingPollMs: 400,
    rebroadcastMs: 800,
    queue: { ring: async () => {}, work: unused, isAvailable: unused, ping: unused },
    chain: {
      sign: unused,
      send: unused,
      landings: unused,
      finality: unused,
      blockHeight: unused,
      onLanding: unused,
      ping: unused,
    },
    landings: { watch: unused, isWatching: () => false, rebroadcasts: unused, close: unused },
    finality: { watch: unused },
  })
  const spec = stopOf({ ...terms, condition: { ...stopOf().condition, observations: 2 } })
  await store.create(restingOrder(spec))

  return {
    spec,
    /** The market cannot be read, or shows no price; null: as it was. */
    show(next: Sight | null) {
      unseen = next
    },
    setAway(away: boolean) {
      isAway = away
    },
    /** The orders that the store kept from being moved on. */
    ring: () => processRing([spec.orderId]),
    /** The orders that want another look, after one in the next slot. */
    async nextSlot() {
      slot += 1
      clock.advance(SLOT_MS)
      await processRing([spec.orderId])
      return looks.holding()
    },
    async openLog() {
      const [log] = await store.open([spec.orderId])
      if (log === undefined) throw new Error('the order was created')
      return log
    },
  }
}

test('an order that has seen its price once wants another look, and none once it has fired', async () => {
  const { spec, nextSlot, openLog } = await openWaiting()
  expect(await nextSlot()).toEqual([spec.orderId])
  expect((await openLog()).order.status).toBe('pending')
  expect(await nextSlot()).toEqual([])
  expect((await openLog()).order.status).toBe('routing')
})

test.each([
  ['canceled', [drafts.canceled]],
  ['paused', [drafts.paused]],
  ['started by another process', [drafts.triggered]],
] as const)('one that is %s meanwhile wants no more looks', async (_how, events) => {
  const { spec, nextSlot, openLog } = await openWaiting()
  expect(await nextSlot()).toEqual([spec.orderId])
  const log = await openLog()
  for (const draft of events) await log.append(draft)
  expect(await nextSlot()).toEqual([])
})

test('what the amount before an amendment got does not fire the amount after it', async () => {
  const { spec, nextSlot, openLog } = await openWaiting({ type: 'takeProfit', triggerPrice: '3.3' })
  await nextSlot()
  const smaller = { ...spec, amountIn: baseUnits(spec.amountIn / 2n) }
  await (await openLog()).append({ ...drafts.amended, spec: smaller, memory: {} })
  expect(await nextSlot()).toEqual([spec.orderId])
  expect((await openLog()).order.status).toBe('pending')
  await nextSlot()
  expect((await openLog()).order.status).toBe('routing')
})

test('one whose market could not be read wants another look, one that was shown no price does not', async () => {
  const { spec, nextSlot, openLog, show } = await openWaiting()
  const noPrice = { kind: 'unseen', blocker: 'no_price', detail: 'nothing is shown' } as const
  show(noPrice)
  expect(await nextSlot()).toEqual([])
  show({ ...noPrice, isUnread: true })
  expect(await nextSlot()).toEqual([spec.orderId])
  show(null)
  await nextSlot()
  expect(await nextSlot()).toEqual([])
  expect((await openLog()).order.status).toBe('routing')
})

test('an order whose store is away is named as not moved on', async () => {
  const { spec, ring, setAway } = await openWaiting()
  setAway(true)
  expect(await ring()).toEqual([spec.orderId])
  setAway(false)
  expect(await ring()).toEqual([])
})
