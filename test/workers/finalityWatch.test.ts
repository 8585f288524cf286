// A fill is watched until it is final; one that a fork undoes is sent again, and told for what it is.
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { evolve } from '../../src/domain/lifecycle.ts'
import type { FilledOrder } from '../../src/domain/order.ts'
import type { Finality } from '../../src/domain/ports/chain.ts'
import type { ReportedFill } from '../../src/domain/ports/orders.ts'
import { createObserve } from '../../src/observe.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { openFinalityWatch } from '../../src/workers/finalityWatch.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, newOrder, wholeLife } from '../support/orders.ts'

const FINALITY_MS = 13_000
const REBROADCAST_MS = 2_000
const LOOK_BACK_MS = 60_000
/** Where the example life is filled. */
const SLOT = 9

const observe = createObserve(pino({ level: 'silent' }), manualClock())
const unused = (): never => {
  throw new Error('a watch over fills does not ask this')
}

/** An order that was filled, and a watch whose chain answers as `says` tells it. */
async function watching(says: () => Finality | Error, life = wholeLife) {
  const clock = manualClock()
  const store = openOrderStore(answering(openMemoryTables().tables), noBroadcast, clock, {
    leaseMs: 1_000,
    isSoleProcess: true,
    keepRecent: 0,
    onEvent: () => {},
  })
  const order = newOrder()
  await store.create(order)
  const [log] = await store.open([order.spec.orderId])
  if (log === undefined) throw new Error('the order was created')
  const sent: string[] = []
  const reports: (ReportedFill & { readonly landedAgain: number | null })[] = []
  let questions = 0
  const fills = openFinalityWatch({
    store,
    clock,
    observe: { ...observe, fillRolledBack: (fill, landedAgain) => reports.push({ ...fill, landedAgain }) },
    chain: {
      sign: unused,
      landings: unused,
      blockHeight: unused,
      onLanding: unused,
      ping: unused,
      send: async ({ signature }) => void sent.push(signature),
      async finality(swaps) {
        questions += 1
        const answer = says()
        if (answer instanceof Error) throw answer
        return swaps.map(() => answer)
      },
    },
    finalityMs: FINALITY_MS,
    rebroadcastMs: REBROADCAST_MS,
    lookBackMs: LOOK_BACK_MS,
  })
  return {
    sent,
    reports,
    questions: () => questions,
    append: () => Promise.all(life.map((draft) => log.append(draft))),
    order: () => log.order,
    watch: (filled = log.order) => fills.watch(filled as FilledOrder),
    /** Lets time pass look by look: each ends before the next falls due. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += REBROADCAST_MS) {
        clock.advance(REBROADCAST_MS)
        for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
    },
    close: fills.close,
  }
}

test('a fill is asked after once, when it should be final, and then let go', async () => {
  const fill = await watching(() => ({ kind: 'landed', slot: SLOT, isFinal: true }))
  await fill.append()
  fill.watch()
  await fill.pass(FINALITY_MS - REBROADCAST_MS)
  expect(fill.questions()).toBe(0)
  await fill.pass(LOOK_BACK_MS - 2 * FINALITY_MS)
  expect([fill.questions(), fill.sent, fill.reports]).toEqual([1, [], []])
  await fill.close()
})

test('a fill that is not final yet, or of which nobody answers, is asked after again and proves nothing', async () => {
  const answers: (Finality | Error)[] = [
    { kind: 'landed', slot: SLOT, isFinal: false },
    new Error('no answer'),
    { kind: 'landed', slot: SLOT + 3, isFinal: false },
  ]
  const fill = await watching(() => answers.shift() ?? { kind: 'landed', slot: SLOT, isFinal: true })
  await fill.append()
  fill.watch()
  await fill.pass(2 * FINALITY_MS)
  expect([fill.questions(), fill.sent, fill.reports]).toEqual([4, [], []])
  await fill.close()
})

test('a fill that is not there is sent again, the same bytes, until it is proven gone, and told once', async () => {
  let isGone = false
  const fill = await watching(() => ({ kind: isGone ? 'dropped' : 'unknown' }))
  await fill.append()
  fill.watch()
  await fill.pass(FINALITY_MS + 3 * REBROADCAST_MS)
  expect(fill.sent.length).toBeGreaterThanOrEqual(3)
  expect(new Set(fill.sent)).toEqual(new Set(['signature2']))
  expect(fill.reports).toEqual([])
  isGone = true
  await fill.pass(3 * LOOK_BACK_MS)
  expect(fill.reports).toMatchObject([{ signature: 'signature2', slot: SLOT, landedAgain: null }])
  await fill.close()
})

test('a fill that stands in another slot is told with that slot', async () => {
  const fill = await watching(() => ({ kind: 'landed', slot: SLOT + 5, isFinal: true }))
  await fill.append()
  fill.watch()
  await fill.pass(2 * FINALITY_MS)
  expect(fill.reports).toMatchObject([{ slot: SLOT, landedAgain: SLOT + 5 }])
  await fill.close()
})

test('a fill that was never written was never told: its end is no alarm', async () => {
  const fill = await watching(() => ({ kind: 'dropped' }), wholeLife.slice(0, -1))
  await fill.append()
  const order = fill.order()
  const { orderId } = order.spec
  const { seq, attempt, updatedAt } = order
  fill.watch(evolve(order, { ...drafts.filled, orderId, seq: seq + 1, attempt, at: updatedAt }))
  await fill.pass(LOOK_BACK_MS + 2 * FINALITY_MS)
  expect(fill.questions()).toBe(1)
  expect(fill.reports).toEqual([])
  await fill.close()
})

test('a fill that its process has left behind is found in the log, even one written after the first look', async () => {
  const fill = await watching(() => ({ kind: 'dropped' }))
  await fill.pass(2 * REBROADCAST_MS)
  await fill.append()
  await fill.pass(LOOK_BACK_MS + 2 * FINALITY_MS)
  expect(fill.reports).toMatchObject([{ signature: 'signature2', landedAgain: null }])
  await fill.close()
})
