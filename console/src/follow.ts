// Owns how the page keeps up with the orders: by their stream, or, in a flood, by a look at the newest now and then. A page that took
// in every event of a flood would take the machine from the engine beside it, and one whose stream has to wait would show the past.

import { signal } from '@preact/signals'
import { OeeError, type Order, type OrderEvent } from 'oee-client'
import { client, connection, setStreaming } from './engine.ts'
import { messageOf } from './messages.ts'
import { forgetAll, lastDrawingMs, note, take } from './orders.ts'

/**
 * Events a second that the page follows, and how many may happen at once: after a stall of a second an engine that catches up with
 * 500 changes a second is no flood.
 */
const FOLLOWED_PER_SECOND = 1_200
const AT_ONCE = 600
/** A busy engine lets its streams wait. An event may be so late, and later while what was missed is caught up with. */
const LATE_MS = 2_000
const CATCH_UP_MS = 5_000
/** Fewer orders a second are followed, however late the page was. */
const CALM_PER_SECOND = 50
/** So many are a flood by themselves: each has about six events. */
const FLOOD_PER_SECOND = FOLLOWED_PER_SECOND / 6
/** Between two looks lies so many times as long as a drawing takes: in a flood all that is shown is drawn anew. */
const WAIT_PER_LOOK = 400
const LOOK_EVERY_MS = { least: 2_000, most: 10_000 }
const LOOK_ORDERS = 100
/** How long it looks at least, and at most, before it follows again: longer each time that the flood goes on. */
const LOOKING_MS = { least: 6_000, most: 60_000 }
const RETRY_MS = 2_000

/** How many orders a second came, by the last look; null while the page follows every one. */
export const flood = signal<number | null>(null)

const clamped = (ms: number, { least, most }: typeof LOOK_EVERY_MS) => Math.max(least, Math.min(most, ms))
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Counts events by the time at which they happened, so that neither a page that was held up nor the catching up after an
 * outage looks like a flood. True for one that is too many.
 */
function createMeter(): (event: OrderEvent) => boolean {
  let room = AT_ONCE
  let newest = 0
  return ({ at }) => {
    const passedMs = newest === 0 ? 0 : Math.max(0, Date.parse(at) - newest)
    newest = Math.max(newest, Date.parse(at))
    room = Math.min(AT_ONCE, room + (passedMs * FOLLOWED_PER_SECOND) / 1_000) - 1
    return room < 0
  }
}

/** What the clocks differ, and an event needs at least, in ms. */
let leastAge = Number.POSITIVE_INFINITY

/** How long ago the engine wrote `at`. The clock of this computer may be set meanwhile: a time since the page began may not. */
function agoMs(at: string): number {
  const age = performance.timeOrigin + performance.now() - Date.parse(at)
  leastAge = Math.min(leastAge, age)
  return age - leastAge
}

/** Follows for as long as the page is open. What is there stays while the engine is away, and is caught up with. */
export async function followOrders(): Promise<void> {
  let lookingMs = LOOKING_MS.least
  for (let isAnew = false; ; ) {
    const startedAt = performance.now()
    try {
      if (await followUntilBehind(isAnew)) {
        if (performance.now() - startedAt > LOOKING_MS.most) lookingMs = LOOKING_MS.least
        await lookFor(lookingMs)
        lookingMs = Math.min(LOOKING_MS.most, 2 * lookingMs)
      }
    } catch (error) {
      const isDenied = error instanceof OeeError && (error.status === 401 || error.status === 403)
      if (isDenied) {
        // Only another key helps, and with it the page begins anew. Asking on would use up what an address may get wrong.
        connection.value = { state: 'denied', message: messageOf(error) }
        return
      }
      if (!(error instanceof OeeError && error.code === 'cursor_expired')) setStreaming(false)
      await pause(RETRY_MS)
    }
    // The past is given anew, and what is shown stays until then.
    isAnew = true
  }
}

/** Resolves to true once events come too fast or too late. */
async function followUntilBehind(isAnew: boolean): Promise<boolean> {
  const isTooFast = createMeter()
  let hasBegun = !isAnew
  let caughtUpAt = Number.POSITIVE_INFINITY
  const begin = () => {
    caughtUpAt = performance.now() + CATCH_UP_MS
  }
  const onConnection = (isOpen: boolean) => {
    if (isOpen) begin()
    setStreaming(isOpen)
  }
  for await (const message of client.watchAll({}, { onConnection })) {
    if (!hasBegun) forgetAll()
    hasBegun = true
    take(message)
    if ('order' in message) begin()
    else if ('seq' in message) {
      const isBehind = agoMs(message.at) > LATE_MS && performance.now() > caughtUpAt
      if (isTooFast(message) || (isBehind && (await look()) > CALM_PER_SECOND)) return true
      if (isBehind) begin()
    }
  }
  return false
}

async function lookFor(ms: number): Promise<void> {
  const endsAt = performance.now() + ms
  try {
    do {
      // To begin anew costs the engine all that is shown: not while it is plainly in vain.
      if (!document.hidden) flood.value = await look()
      await pause(clamped(WAIT_PER_LOOK * lastDrawingMs(), LOOK_EVERY_MS))
    } while (performance.now() < endsAt || (flood.value ?? 0) > FLOOD_PER_SECOND)
  } finally {
    flood.value = null
  }
}

/** Takes in the newest orders. Returns how many a second came; those of long ago are no flood, however fast they came. */
async function look(): Promise<number> {
  const seen: Order[] = []
  for await (const order of client.list()) {
    note(order)
    seen.push(order)
    if (seen.length === LOOK_ORDERS) break
  }
  const [newest, oldest] = [seen[0], seen.at(-1)]
  if (newest === undefined || oldest === undefined || seen.length < LOOK_ORDERS) return 0
  const idleMs = agoMs(newest.createdAt)
  const spanMs = Date.parse(newest.createdAt) - Date.parse(oldest.createdAt)
  return (1_000 * LOOK_ORDERS) / Math.max(1, spanMs, idleMs > LATE_MS ? idleMs : 0)
}
