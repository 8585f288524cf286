// A retry waits for its time, unless the clock was set back since: then nobody knows how long it has waited.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { evolve } from '../../src/domain/lifecycle.ts'
import type { EventDraft, Order } from '../../src/domain/order.ts'
import type { OrderLog } from '../../src/domain/ports/orders.ts'
import { trigger } from '../../src/domain/triggers/trigger.ts'
import { createObserve } from '../../src/observe.ts'
import { processOrder, type WorkerDeps } from '../../src/workers/orderWorker.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { drafts, specOf } from '../support/orders.ts'

const BACKOFF_MS = 1_000
const HOUR_MS = 3_600_000
const spec = specOf()

/** Processes an order whose retry was written just now, after the clock has moved; tells what became of it. */
async function retryAfter(
  ms: number,
): Promise<{ readonly rungIn: readonly number[]; readonly asked: number }> {
  const clock = manualClock()
  const retried = { ...drafts.retried, retryAt: clock.now() + BACKOFF_MS }
  const life: readonly EventDraft[] = [{ kind: 'accepted', spec }, drafts.triggered, drafts.routed, retried]
  const eventOf = (draft: EventDraft, seq: number) => {
    const attempt = draft.kind === 'retried' ? 2 : 1
    return { ...draft, orderId: spec.orderId, seq, attempt, at: clock.now() }
  }
  const order = life.reduce<Order | null>((before, draft, i) => evolve(before, eventOf(draft, i + 1)), null)
  if (order === null) throw new Error('the order was accepted')
  clock.advance(ms)

  const rungIn: number[] = []
  let asked = 0
  const log: OrderLog = { order, append: async () => {} }
  const untouched = (): never => {
    throw new Error('an order that waits for its retry needs no more than a ring and a route')
  }
  const deps: WorkerDeps = {
    ...nothingHeld,
    clock,
    observe: createObserve(pino({ level: 'silent' }), clock),
    random: { next: () => 0.5, bytes: untouched },
    venues: [],
    async routeNow() {
      asked += 1
      return { kind: 'unroutable', answers: [], failure: { code: 'no_route', detail: 'none' } }
    },
    trading: { hold: () => false, isHalted: () => false },
    trigger,
    quoteMaxAgeMs: 3_000,
    retry: { maxAttempts: 3, backoffMs: BACKOFF_MS, jitter: 0.2 },
    landingPollMs: 400,
    rebroadcastMs: 800,
    queue: {
      ring: async (_id, delayMs = 0) => void rungIn.push(delayMs),
      work: untouched,
      isAvailable: untouched,
      ping: untouched,
    },
    get chain() {
      return untouched()
    },
    looks: { look: untouched, hold() {}, holding: untouched },
    get landings() {
      return untouched()
    },
    get finality() {
      return untouched()
    },
    get store() {
      return untouched()
    },
  }
  await processOrder(log, deps)
  return { rungIn, asked }
}

test('before its time it asks for a ring at its time', async () => {
  expect(await retryAfter(BACKOFF_MS / 4)).toEqual({ rungIn: [(BACKOFF_MS * 3) / 4], asked: 0 })
})

test('at its time it goes on', async () => {
  expect(await retryAfter(BACKOFF_MS)).toEqual({ rungIn: [], asked: 1 })
})

test('it does not wait for an hour that the clock was set back', async () => {
  expect(await retryAfter(-HOUR_MS)).toEqual({ rungIn: [], asked: 1 })
})
