// A leg that a worker takes up while others of its group sell: it fires for what they leave, waits while they have all, and
// ends with its group.
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { EventDraft } from '../../src/domain/order.ts'
import { EXECUTABLE, type LegTerms, type OrderSpec } from '../../src/domain/spec.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createRingHandler } from '../../src/workers/rings.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, exampleExits, ocoOf } from '../support/orders.ts'

const TOTAL = 100_000_000n
const HOUR_MS = 3_600_000

const unused = (): never => {
  throw new Error('no order here comes so far')
}

const { triggered, routed, submitted, filled, rested } = drafts
const fires = (amountIn: bigint): EventDraft => ({ ...triggered, amountIn: baseUnits(amountIn) })
const [takeProfit, stop, time] = exampleExits as [LegTerms, LegTerms, LegTerms]

/** The second of two legs beside one that has lived through this, in a market that pays 3.4 for each A; time stands at 0. */
async function besideLeg(first: LegTerms, second: LegTerms, life: readonly EventDraft[]) {
  const clock = manualClock()
  const { tables } = openMemoryTables()
  const statements = answering({ ...tables, selectNow: clock.now })
  const options = { leaseMs: 60_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(statements, noBroadcast, clock, options)
  onTestFinished(store.close)
  const placedAt = clock.now()
  const ends = { expiresAt: placedAt + 2 * HOUR_MS }
  const own = second.type === 'timeStop' ? { ...second, fireAt: placedAt + HOUR_MS } : second
  const spec = ocoOf({
    legs: [
      { ...first, ...ends },
      { ...own, ...ends },
    ] as LegTerms[],
  })
  await store.create({ spec, idempotencyKey: null, isLimited: false })
  const [other, leg] = legsOf(spec) as [OrderSpec, OrderSpec]
  const live = async (id: OrderSpec['orderId'], drafts: readonly EventDraft[]) => {
    for (const log of await store.open([id])) for (const draft of drafts) await log.append(draft)
  }
  await live(other.orderId, life)
  const processRing = createRingHandler({
    ...nothingHeld,
    store,
    clock,
    trigger,
    observe: createObserve(pino({ level: 'silent' }), clock),
    looks: {
      look: async ({ spec: { amountIn } }) => {
        const amountOut = baseUnits(amountIn * 3_400n)
        const observation = { source: EXECUTABLE, slot: 1, at: clock.now(), amountOut }
        return { now: clock.now(), sight: { kind: 'seen', observation }, held: [] }
      },
      hold() {},
      holding: unused,
    },
    venues: [],
    routeNow: () => new Promise(() => {}),
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
  return {
    clock,
    ends: ends.expiresAt,
    liveOther: (...drafts: readonly EventDraft[]) => live(other.orderId, drafts),
    live: (...drafts: readonly EventDraft[]) => live(leg.orderId, drafts),
    liveWhole: (...drafts: readonly EventDraft[]) => live(spec.orderId, drafts),
    /** The leg after a worker has taken it up. */
    async takenUp() {
      void processRing([leg.orderId])
      // A leg that fires waits for its route, for ever here.
      for (let i = 0; i < 20; i += 1) await new Promise(setImmediate)
      return (await store.load(leg.orderId))?.order
    },
  }
}

const whole = (leg: LegTerms): LegTerms => ({ ...leg, shareBps: null })
const half = (leg: LegTerms): LegTerms => ({ ...leg, shareBps: bps(5_000) })

test('it fires for its share, where others leave that, and for what is left, where they do not', async () => {
  const share = await besideLeg(half(takeProfit), half(stop), [fires(TOTAL / 2n)])
  expect(await share.takenUp()).toMatchObject({ status: 'routing', spec: { amountIn: TOTAL / 2n } })
  const rest = await besideLeg(half(takeProfit), whole(stop), [fires(TOTAL / 2n)])
  expect(await rest.takenUp()).toMatchObject({ status: 'routing', spec: { amountIn: TOTAL / 2n } })
})

test('while others have claimed all it waits, whatever its price', async () => {
  const { takenUp, liveOther, ends } = await besideLeg(whole(takeProfit), whole(stop), [fires(TOTAL)])
  expect(await takenUp()).toMatchObject({ status: 'pending', resting: { wakeAt: ends } })
  await liveOther(rested)
  expect(await takenUp()).toMatchObject({ status: 'routing', spec: { amountIn: TOTAL } })
})

test('a time stop whose time has come looks again soon: no price wakes it', async () => {
  const { takenUp, clock, liveOther } = await besideLeg(whole(takeProfit), time, [fires(TOTAL)])
  clock.advance(HOUR_MS)
  expect(await takenUp()).toMatchObject({ status: 'pending', resting: { wakeAt: clock.now() + 300_000 } })
  await liveOther(rested)
  expect(await takenUp()).toMatchObject({ status: 'routing' })
})

test('an exit that has fired and was interrupted looks again soon too, unless it is paused', async () => {
  const { takenUp, clock, live, ends } = await besideLeg(whole(takeProfit), whole(stop), [fires(TOTAL)])
  await live({ ...drafts.paused, memory: { fired: 'true' } })
  expect(await takenUp()).toMatchObject({ isPaused: true, resting: { wakeAt: ends } })
  await live(drafts.resumed)
  expect(await takenUp()).toMatchObject({ isPaused: false, resting: { wakeAt: clock.now() + 300_000 } })
})

test('it ends at its time, whatever others have claimed', async () => {
  const { takenUp, clock } = await besideLeg(whole(takeProfit), whole(stop), [fires(TOTAL)])
  clock.advance(2 * HOUR_MS)
  expect(await takenUp()).toMatchObject({ status: 'expired' })
})

test('it ends with its group, once that has sold all', async () => {
  const fill = { ...filled.fill, amountIn: baseUnits(TOTAL) }
  const { takenUp } = await besideLeg(whole(takeProfit), whole(stop), [
    fires(TOTAL),
    routed,
    submitted,
    { kind: 'filled', fill },
  ])
  expect(await takenUp()).toMatchObject({ status: 'canceled', by: 'group' })
})

test('it ends with its group, once the whole is canceled', async () => {
  const { takenUp, liveWhole } = await besideLeg(whole(takeProfit), whole(stop), [])
  await liveWhole(drafts.canceled)
  expect(await takenUp()).toMatchObject({ status: 'canceled', by: 'oco' })
})
