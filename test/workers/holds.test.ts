// An order whose price is there, held back: it rests, says why, and fires by itself once nothing holds it any more.
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { baseUnits } from '../../src/domain/amount.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { EntryHold } from '../../src/domain/quotas.ts'
import { EXECUTABLE, type RestingSpec } from '../../src/domain/spec.ts'
import { passesIn } from '../../src/domain/termsCodec.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import type { SightRequest } from '../../src/domain/triggers/verdict.ts'
import { waitingOf } from '../../src/domain/triggers/waiting.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { createLooks } from '../../src/workers/looks.ts'
import { createRingHandler } from '../../src/workers/rings.ts'
import { evidenceOf, originOf } from '../support/launches.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, limitOf, restingOrder, sniperOf, stopOf } from '../support/orders.ts'

const unused = (): never => {
  throw new Error('no order here comes so far')
}

/** An order in a market that pays 4.1 for each A, with what may hold it back. */
async function openHeld(spec: RestingSpec) {
  const clock = manualClock()
  const observe = createObserve(pino({ level: 'silent' }), clock)
  const options = { leaseMs: 60_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(answering(openMemoryTables().tables), noBroadcast, clock, options)
  onTestFinished(store.close)
  const outside: { hold: EntryHold | null; held: bigint | Error } = { hold: null, held: 2n ** 63n }
  let slot = 0
  const sightOf = async ({ amountIn }: SightRequest) => {
    const observation = { source: EXECUTABLE, slot, at: clock.now(), amountOut: baseUnits(amountIn * 4_100n) }
    const evidence = evidenceOf({ slot: 100 + slot, origins: [originOf()] })
    return { kind: 'seen', observation, ...(spec.type === 'sniper' && { evidence }) } as const
  }
  const routing = { maxLegs: 1, intermediates: [], hopBufferBps: 0, legCostLamports: 0n, feeMint: '' }
  const marketData = { view: unused, onChange: unused }
  const looks = createLooks({ clock, marketData, routing }, sightOf)
  const processRing = createRingHandler({
    store,
    looks,
    clock,
    observe,
    trigger,
    heldEntries: { holdOf: async () => outside.hold },
    wallet: {
      async holds() {
        if (outside.held instanceof Error) throw outside.held
        return outside.held
      },
    },
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
  await store.create(restingOrder(spec))
  const load = async () => {
    const found = await store.load(spec.orderId)
    if (found === null) throw new Error('the order was created')
    return found
  }

  return {
    clock,
    outside,
    store,
    /** What the order is after a look in the next slot, and whether it wants another one. */
    async look() {
      slot += 1
      clock.advance(400)
      await processRing([spec.orderId])
      const { order, events } = await load()
      const isFunded = outside.held instanceof Error || outside.held >= spec.amountIn
      const moment = { now: clock.now(), isHalted: false, isClaimed: false, isFunded }
      const waiting = waitingOf(order, await sightOf(spec), moment)
      const wantsAnother = looks.holding().includes(spec.orderId)
      return { order, kinds: events.map(({ kind }) => kind), blocker: waiting?.blocker, wantsAnother }
    },
  }
}

test('an entry that a protection holds back rests until that is over, says so, and fires afterwards', async () => {
  const { clock, outside, look } = await openHeld(limitOf())
  const until = clock.now() + 60_000
  outside.hold = { by: 'haltAfterStops', until }
  const held = await look()
  expect(held).toMatchObject({
    blocker: 'entries_halted',
    kinds: ['accepted', 'rested'],
    wantsAnother: false,
  })
  expect(held.order).toMatchObject({ status: 'pending', resting: { wakeAt: until } })
  // Looked at again meanwhile, it writes nothing.
  outside.hold = null
  expect(await look()).toMatchObject({ kinds: ['accepted', 'rested'], blocker: 'entries_halted' })
  clock.advance(60_000)
  expect((await look()).kinds).toEqual(['accepted', 'rested', 'triggered', 'rested'])
})

test('one that ends while it is held back ends in time', async () => {
  const end = Date.UTC(2026, 0, 1, 0, 5)
  const { clock, outside, look } = await openHeld(limitOf({ expiresAt: end }))
  outside.hold = { by: 'maxFeesPerDay', until: Date.UTC(2026, 0, 2) }
  expect(await look()).toMatchObject({ order: { resting: { wakeAt: end } }, blocker: 'daily_fees_exceeded' })
  clock.advance(end - clock.now())
  expect((await look()).order.status).toBe('expired')
})

test('a sniper that its key has no room for waits with its passes, says so once, and fires as soon as there is some', async () => {
  const { outside, look } = await openHeld(sniperOf({ condition: passesIn(2), limitPrice: null }))
  outside.hold = { by: 'maxOpenPositions', until: null }
  expect(await look()).toMatchObject({ kinds: ['accepted', 'rested'], blocker: 'confirming' })
  for (let i = 0; i < 5; i += 1) {
    const held = await look()
    expect(held).toMatchObject({
      kinds: ['accepted', 'rested', 'rested'],
      blocker: 'guard',
      wantsAnother: true,
    })
    expect(held.order.memory).toMatchObject({ refused: 'positions' })
  }
  outside.hold = null
  expect((await look()).kinds.slice(3, 4)).toEqual(['triggered'])
})

const takeProfit = () => stopOf({ type: 'takeProfit', triggerPrice: '4' })

test.each([
  ['a limit', limitOf()],
  ['an exit', takeProfit()],
])(
  '%s whose tokens the wallet lacks waits without a word in its log, and fires in the slot in which they come',
  async (_, spec) => {
    const { outside, look } = await openHeld(spec)
    outside.held = spec.amountIn - 1n
    for (let i = 0; i < 20; i += 1) {
      const seen = await look()
      expect(seen).toMatchObject({ kinds: ['accepted', 'rested'], blocker: 'unfunded', wantsAnother: true })
    }
    outside.held = spec.amountIn
    expect((await look()).kinds.slice(2, 3)).toEqual(['triggered'])
  },
)

test('an exit that has fired waits for its tokens at any price', async () => {
  const spec = stopOf({ triggerPrice: '3.5' })
  const { outside, look, store } = await openHeld(spec)
  outside.held = 0n
  const [log] = await store.open([spec.orderId])
  const noFunds = { code: 'insufficient_funds', detail: 'the wallet holds 0' } as const
  const { triggered, routed, submitted, rested } = drafts
  for (const draft of [triggered, routed, submitted]) await log?.append(draft)
  await log?.append({ ...rested, reason: noFunds, memory: { fired: 'true' } })
  const [found] = await store.resting.find([spec.orderId])
  expect(found).toMatchObject({ above: 0, below: null })
  expect(await look()).toMatchObject({ blocker: 'unfunded', wantsAnother: true })
  outside.held = spec.amountIn
  expect((await look()).kinds).toContain('retried')
})

test('a wallet that cannot be read holds nothing back', async () => {
  const { outside, look } = await openHeld(takeProfit())
  outside.held = new StoreUnavailable('cut')
  expect((await look()).kinds).toContain('triggered')
})

test('an order for now or not at all is not held back: it trades or ends', async () => {
  const { outside, look } = await openHeld(limitOf({ expiresAt: null }))
  outside.hold = { by: 'haltAfterStops', until: Number.MAX_SAFE_INTEGER }
  outside.held = 0n
  expect((await look()).kinds).toContain('triggered')
})
