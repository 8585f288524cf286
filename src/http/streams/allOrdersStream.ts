// Owns the stream of all orders of a key: first the orders as they are, then every event of each, once and in order.
// It reads on when its client has taken what it was given, and gives way to the orders themselves.

import type { Order } from '../../domain/order.ts'
import { isBehind, type Position } from '../../domain/ports/allEvents.ts'
import { StoreUnavailable } from '../../domain/ports/sql.ts'
import type { OrderId } from '../../domain/spec.ts'
import { type Clock, sleep } from '../../timing/clock.ts'
import type { Pace } from '../../timing/pace.ts'
import type { HttpDeps } from '../deps.ts'
import { unfundedAmong } from '../unfunded.ts'
import {
  currentMessage,
  eventPortions,
  type LastingFilter,
  orderPortions,
  type Portion,
  type Seqs,
  sharedPortions,
} from './allOrdersMessages.ts'
import type { GiveMessages, MessageStream } from './messageStream.ts'

/** A client that takes nothing for so long is too slow. */
const SLOW_MS = 10_000
/** How soon the store is asked again that did not answer. */
const RETRY_MS = 1_000
/** How often a client is given the newest cursor, though nothing happens to its orders. */
const CURSOR_MS = 20_000
const PAGE = 500
/** Closed orders at the beginning; older ones are in the list of orders. */
const CLOSED_AT_FIRST = 200

export type WantedOrders = {
  readonly filter: LastingFilter
  /** Null: from now on, and first the orders as they are. */
  readonly after: Position | null
}

type Client = {
  give(portions: readonly Portion[]): Promise<void>
  readonly isGone: () => boolean
}

/** Prepares the stream while the answer may still be an error. Rejects with StoreUnavailable. */
export async function prepareAllOrders(
  deps: HttpDeps,
  pace: Pace,
  wanted: WantedOrders,
): Promise<MessageStream> {
  const { allEvents } = deps.orders.store
  const waiting = createWaiting(deps.clock)
  // Listened to first, asked second: nothing is kept before that.
  const stopListening = allEvents.listen(waiting.wake)
  const from = wanted.after ?? (await allEvents.head().catch(stopAnd(stopListening)))
  let isGone = false
  return {
    stop() {
      isGone = true
      stopListening()
      waiting.wake()
    },
    start(onMessages, _onEnd, onSlow) {
      const giving = { onMessages, onSlow, deps, pace, isGone: () => isGone }
      const client: Client = { isGone: giving.isGone, give: giver(giving) }
      run(deps, wanted, { from, client, waiting }).catch((error) => {
        deps.observe.requestFailed('all orders', error)
        onSlow()
      })
    },
  }
}

type Waiting = ReturnType<typeof createWaiting>

/** Waits that end early once they are woken, also by what has happened just before. */
function createWaiting(clock: Clock) {
  let isWoken = false
  let resume = () => {}
  return {
    wake(): void {
      isWoken = true
      resume()
    },
    /** What wakes from now on. */
    forget(): void {
      isWoken = false
    },
    upTo(ms: number): Promise<void> {
      if (isWoken) return Promise.resolve()
      return new Promise((done) => {
        const stopTimer = clock.after(ms, done)
        resume = () => {
          stopTimer()
          done()
        }
      })
    },
  }
}

const stopAnd =
  (stop: () => void) =>
  (error: unknown): never => {
    stop()
    throw error
  }

type Giving = {
  readonly onMessages: GiveMessages
  readonly onSlow: () => void
  readonly deps: HttpDeps
  readonly pace: Pace
  readonly isGone: () => boolean
}

/** Gives one portion after the other, each once the last one is taken. */
function giver({ onMessages, onSlow, deps, pace, isGone }: Giving): Client['give'] {
  const giveNext = (portion: Portion) =>
    new Promise<void>((taken) => {
      void pace(() => {
        if (isGone()) return taken()
        // From here on it is the client's turn: what it waited before was for other streams.
        const stopTimer = deps.clock.after(SLOW_MS, () => {
          onSlow()
          taken()
        })
        onMessages(portion, () => {
          stopTimer()
          taken()
        })
      })
    })

  return async (portions) => {
    for (const portion of portions) if (!isGone()) await giveNext(portion)
  }
}

type Run = { readonly from: Position; readonly client: Client; readonly waiting: Waiting }

async function run(
  deps: HttpDeps,
  { filter, after }: WantedOrders,
  { from, client, waiting }: Run,
): Promise<void> {
  const { allEvents } = deps.orders.store
  const untilAnswered = createPatience(deps.clock, client)
  const first = after === null ? await giveOrders(deps, filter, client, untilAnswered) : null
  const shared = sharedPortions(filter)
  let at = from
  let cursor = { at: from, since: Number.NEGATIVE_INFINITY }
  while (!client.isGone()) {
    waiting.forget()
    const part = await untilAnswered(() => allEvents.read(at, filter.owner))
    if (part === null) return
    const isOpening = first !== null && isBehind(at, first.upTo)
    const seen = isOpening ? first.seqs : null
    const portions = seen === null ? shared(part.entries) : eventPortions(part.entries, filter, seen)
    if (portions.length > 0) {
      await client.give(portions)
      if (Number.isFinite(cursor.since)) cursor = { at: part.next, since: deps.clock.now() }
    }
    const hasMore = isBehind(at, part.next)
    at = part.next
    if (hasMore) continue
    if (!isOpening && deps.clock.now() - cursor.since >= CURSOR_MS && isBehindOrFirst(cursor, at)) {
      await client.give([[currentMessage(at)]])
      cursor = { at, since: deps.clock.now() }
    }
    await waiting.upTo(CURSOR_MS)
  }
}

type Cursor = { readonly at: Position; readonly since: number }

/** Whether the client has an older cursor, or none at all. */
const isBehindOrFirst = ({ at, since }: Cursor, now: Position) => !Number.isFinite(since) || isBehind(at, now)

type UntilAnswered = <T>(ask: () => Promise<T>) => Promise<T | null>

/** Asks again while the store does not answer; null once the client is gone. */
const createPatience =
  (clock: Clock, client: Client): UntilAnswered =>
  async (ask) => {
    while (!client.isGone()) {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        await sleep(clock, RETRY_MS)
      }
    }
    return null
  }

type Snapshot = {
  readonly seqs: Seqs
  /** Behind this place no view is newer than the events. */
  readonly upTo: Position
}

/** Gives the orders as they are; null once the client is gone. */
async function giveOrders(
  deps: HttpDeps,
  filter: LastingFilter,
  { give }: Client,
  untilAnswered: UntilAnswered,
): Promise<Snapshot | null> {
  const { store } = deps.orders
  const seqs = new Map<OrderId, number>()

  async function givePage(orders: readonly Order[]): Promise<void> {
    const unfunded = (await untilAnswered(() => unfundedAmong(orders, deps))) ?? new Set()
    for (const { spec, seq } of orders) seqs.set(spec.orderId, seq)
    await give(orderPortions(orders, unfunded))
  }

  const asked = { ...filter, isResting: null }
  const closed = await untilAnswered(() => store.newestClosed(asked, CLOSED_AT_FIRST))
  if (closed === null) return null
  await givePage(closed)
  for (let last: OrderId | null = null, isMore = true; isMore; ) {
    const page: readonly Order[] | null = await untilAnswered(() => store.openAfter(asked, last, PAGE))
    if (page === null) return null
    // An order may have closed since the closed ones were read.
    await givePage(page.filter(({ spec }) => !seqs.has(spec.orderId)))
    last = page.at(-1)?.spec.orderId ?? null
    isMore = page.length === PAGE
  }
  const upTo = await untilAnswered(() => store.allEvents.ceiling())
  return upTo === null ? null : { seqs, upTo }
}
