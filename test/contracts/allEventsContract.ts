// Owns what every order store must do with the events of all orders: each event of each order once, in order per order, from any place on.
import { expect, onTestFinished, test, vi } from 'vitest'
import { type AllEvents, isBehind, type Position } from '../../src/domain/ports/allEvents.ts'
import type { OrderStore } from '../../src/domain/ports/orders.ts'
import type { ManualClock } from '../support/manualClock.ts'
import { drafts, exampleExits, newOrder, wholeLife } from '../support/orders.ts'
import { appendAll, created, type StoresUnderTest } from './orderStoreContract.ts'

/** Hints may be lost, and transactions of others hide a commit for a while: until the store has looked again. */
const until = (clock: ManualClock, check: () => void) =>
  vi.waitFor(
    () => {
      clock.advance(1_000)
      check()
    },
    { timeout: 10_000, interval: 20 },
  )

type Seen = { readonly event: string; readonly position: Position }

/** Follows the events of all orders from a place on, until the test has ended. */
export function reading(allEvents: AllEvents, from: Position, owner = 'local') {
  const seen: Seen[] = []
  let at = from
  let isReading = false
  async function readOn(): Promise<void> {
    if (isReading) return
    isReading = true
    for (let isMore = true; isMore; ) {
      const { entries, next } = await allEvents.read(at, owner)
      for (const { event, order, position } of entries) {
        if (order.owner === owner)
          seen.push({ event: `${event.orderId} ${event.seq} ${event.kind}`, position })
      }
      isMore = isBehind(at, next)
      at = next
    }
    isReading = false
  }
  onTestFinished(allEvents.listen(() => void readOn()))
  return {
    seen,
    readOn,
    of: (id: string) => seen.flatMap(({ event }) => (event.startsWith(id) ? event : [])),
  }
}

const namesOf = (events: readonly { orderId: string; seq: number; kind: string }[]) =>
  events.map(({ orderId, seq, kind }) => `${orderId} ${seq} ${kind}`)

async function logOf(store: OrderStore, id: Parameters<OrderStore['load']>[0]): Promise<string[]> {
  return namesOf((await store.load(id))?.events ?? [])
}

export function describeAllEvents(stores: () => StoresUnderTest): void {
  test('what is committed after a place is read from there on, each event once, in its order', async () => {
    const { store, clock } = stores()
    const reader = reading(store.allEvents, await store.allEvents.head())
    const log = await created(store)
    await appendAll(log, wholeLife)
    const { orderId } = log.order.spec
    const whole = await logOf(store, orderId)
    await until(clock, () => expect(reader.of(orderId)).toEqual(whole))
    await reader.readOn()
    expect(reader.of(orderId)).toEqual(whole)
  })

  test('from each place on exactly the rest is read, whether it is kept or stored', async () => {
    const { store, other, clock } = stores()
    const start = await store.allEvents.head()
    const reader = reading(store.allEvents, start)
    const [first, second] = [await created(store), await created(store)]
    await Promise.all([appendAll(first, wholeLife), appendAll(second, wholeLife)])
    await until(clock, () => expect(reader.seen).toHaveLength(2 * (1 + wholeLife.length)))
    for (const [i, { position }] of [{ position: start }, ...reader.seen].entries()) {
      const rest = reader.seen.slice(i).map(({ event }) => event)
      for (const allEvents of [store.allEvents, other.allEvents]) {
        const again = reading(allEvents, position)
        await again.readOn()
        expect(again.seen.map(({ event }) => event)).toEqual(rest)
      }
    }
  })

  test('legs are read with the commit that takes them on, and with the one that starts them', async () => {
    const { store, clock } = stores()
    const reader = reading(store.allEvents, await store.allEvents.head())
    const log = await created(store, newOrder({ exits: exampleExits }))
    await appendAll(log, wholeLife)
    const legs = await store.children(log.order.spec.orderId)
    for (const { spec } of legs) {
      await until(clock, () =>
        expect(reader.of(spec.orderId)).toEqual([
          `${spec.orderId} 1 accepted`,
          `${spec.orderId} 2 activated`,
        ]),
      )
    }
  })

  test('of many writers at once nothing is missed and nothing read twice, by either process', async () => {
    const { store, other, clock } = stores()
    const start = await store.allEvents.head()
    const readers = [reading(store.allEvents, start), reading(other.allEvents, start)]
    const logs = await Promise.all(Array.from({ length: 40 }, (_, i) => created(i % 2 === 0 ? store : other)))
    await Promise.all(
      logs.map(async (log) => {
        for (const draft of wholeLife) await log.append(draft)
      }),
    )
    const all = (await Promise.all(logs.map((log) => logOf(store, log.order.spec.orderId)))).flat()
    for (const reader of readers) {
      await until(clock, () => expect(reader.seen).toHaveLength(all.length))
      expect(reader.seen.map(({ event }) => event).toSorted()).toEqual(all.toSorted())
      for (const log of logs) {
        const { orderId } = log.order.spec
        expect(reader.of(orderId)).toEqual(await logOf(store, orderId))
      }
    }
  })

  test('an append that is refused is not read', async () => {
    const { store, other, clock } = stores()
    const reader = reading(store.allEvents, await store.allEvents.head())
    const log = await created(store)
    const [stale] = await other.open([log.order.spec.orderId])
    await log.append(drafts.canceled)
    await expect(stale?.append(drafts.canceled)).rejects.toThrow()
    const { orderId } = log.order.spec
    await until(clock, () => expect(reader.of(orderId)).toHaveLength(2))
    await reader.readOn()
    expect(reader.of(orderId)).toEqual([`${orderId} 1 accepted`, `${orderId} 2 canceled`])
  })

  test('it reaches what it has given, and no place to come', async () => {
    const { store } = stores()
    await created(store)
    const head = await store.allEvents.head()
    expect(await store.allEvents.reaches(head)).toBe(true)
    expect(await store.allEvents.reaches({ commit: head.commit + 1_000_000n, events: 0 })).toBe(false)
  })
}
