// Owns the orders of the key as the page knows them: fed by the stream of all orders, in bounded memory, changed once a frame.

import { signal } from '@preact/signals'
import { OeeError, type Order, type OrderEvent, type StreamMessage } from 'oee-client'
import { client, connection, setStreaming } from './engine.ts'
import { messageOf } from './messages.ts'
import { applied, isOpen, type Row, type State, stateOf } from './orderState.ts'

/** Beyond this the oldest closed orders are forgotten; the list has them. */
const MOST_ROWS = 20_000
const SPARE_ROWS = 1_000
/** Readers follow at most so often: faster than a person reads, slower than the events come. */
const SHOW_EVERY_MS = 100
const RETRY_MS = 2_000

const rows = new Map<string, Row>()
/** The newest last, as they mostly come. */
let sorted: string[] = []
const tally = new Map<State, number>()
const listeners = new Set<(event: OrderEvent) => void>()

/** Changes whenever any order has; read it before `newestFirst`, `orderAt` or `countOf`. */
export const revision = signal(0)
/** Whether the orders that were there at first have all come. */
export const isComplete = signal(false)

export const orderOf = (id: string): Row | undefined => rows.get(id)
export const countOf = (state: State): number => tally.get(state) ?? 0
export const countAll = (): number => rows.size

/** All orders that pass, the newest first. */
export function newestFirst(passes: (row: Row) => boolean): Row[] {
  const found: Row[] = []
  for (let place = sorted.length - 1; place >= 0; place -= 1) {
    const row = rows.get(sorted[place] ?? '')
    if (row !== undefined && passes(row)) found.push(row)
  }
  return found
}

/** Calls `listener` with each event as it comes, for as long as the page is open. */
export function onEvent(listener: (event: OrderEvent) => void): void {
  listeners.add(listener)
}

/** Takes in what a call has returned: an order that the stream does not give, or one that it will give later. */
export function note(order: Order): void {
  put(order)
  show()
}

let shownAt = 0
let isDue = false

/** Soon, once for all that came meanwhile. A hidden page gets no frames: it is told all the same. */
function show(): void {
  if (isDue) return
  isDue = true
  const publish = () => {
    isDue = false
    shownAt = performance.now()
    revision.value += 1
  }
  const wait = Math.max(0, shownAt + SHOW_EVERY_MS - performance.now())
  setTimeout(() => (document.hidden ? publish() : requestAnimationFrame(publish)), wait)
}

function put(row: Row): void {
  const before = rows.get(row.orderId)
  if (before !== undefined && before.seq > row.seq) return
  if (before === undefined) place(row)
  else count(before, -1)
  count(row, 1)
  rows.set(row.orderId, row)
  if (rows.size > MOST_ROWS + SPARE_ROWS) forgetOldest()
}

const count = (row: Row, by: number) => tally.set(stateOf(row), countOf(stateOf(row)) + by)

/** By the time of its birth, and then by id. */
const isNewer = (one: Row, other: Row) =>
  one.createdAt === other.createdAt ? one.orderId > other.orderId : one.createdAt > other.createdAt

/** From the end, where most belong. */
function place(row: Row): void {
  let at = sorted.length
  while (at > 0) {
    const before = rows.get(sorted[at - 1] ?? '')
    if (before === undefined || !isNewer(before, row)) break
    at -= 1
  }
  if (at === sorted.length) sorted.push(row.orderId)
  else sorted.splice(at, 0, row.orderId)
}

function forgetOldest(): void {
  let surplus = rows.size - MOST_ROWS
  sorted = sorted.filter((id) => {
    const row = rows.get(id)
    if (row === undefined || surplus === 0 || isOpen(row)) return row !== undefined
    surplus -= 1
    count(row, -1)
    rows.delete(id)
    return false
  })
}

function forgetAll(): void {
  rows.clear()
  tally.clear()
  sorted = []
}

function take(message: StreamMessage): void {
  if ('order' in message) put(message.order)
  else if ('seq' in message) {
    const row = applied(rows.get(message.orderId), message)
    if (row !== null) put(row)
    for (const listener of listeners) listener(message)
  } else if (message.kind === 'current') isComplete.value = true
  show()
}

/** Follows for as long as the page is open. What is there stays while the engine is away, and is caught up with. */
export async function followOrders(): Promise<never> {
  for (let isAnew = false; ; ) {
    try {
      for await (const message of client.watchAll({}, { onConnection: setStreaming })) {
        if (isAnew) forgetAll()
        isAnew = false
        take(message)
      }
    } catch (error) {
      // Too long away: the past is given anew, and what is shown stays until then.
      isAnew = true
      const isDenied = error instanceof OeeError && (error.status === 401 || error.status === 403)
      if (isDenied) connection.value = { state: 'denied', message: messageOf(error) }
      else if (!(error instanceof OeeError && error.code === 'cursor_expired')) setStreaming(false)
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}
