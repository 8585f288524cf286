// Owns the orders of the key as the page knows them, in bounded memory; they change for its readers once a frame.

import { signal } from '@preact/signals'
import type { Order, OrderEvent, StreamMessage } from 'oee-client'
import { applied, isOpen, type Row, type State, stateOf } from './orderState.ts'

/** Beyond this the oldest closed orders are forgotten; the list has them. */
const MOST_ROWS = 20_000
const SPARE_ROWS = 1_000
/** Readers follow at most so often: faster than a person reads, slower than the events come. */
const SHOW_EVERY_MS = 100
/** After a drawing the page waits so many times as long as it took, up to a second. */
const WAIT_PER_DRAWING = 15
const LONGEST_WAIT_MS = 1_000

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

let showAfter = 0
let isDue = false
let drawingMs = 0

/** How long the newest drawing took. */
export const lastDrawingMs = (): number => drawingMs

/** Soon, once for all that came meanwhile; without a frame where the page is hidden, which gets none. */
function show(): void {
  if (isDue) return
  isDue = true
  const publish = () => {
    const startedAt = performance.now()
    isDue = false
    revision.value += 1
    showAfter = startedAt + SHOW_EVERY_MS
    // Behind the frame in this thread, and so once it is drawn. The timers of a hidden page are held up and tell nothing.
    if (!document.hidden) setTimeout(() => drawn(performance.now() - startedAt))
  }
  const wait = Math.max(0, showAfter - performance.now())
  setTimeout(() => (document.hidden ? publish() : requestAnimationFrame(publish)), wait)
}

/** Drawing takes a small part of a slow machine, too. */
function drawn(tookMs: number): void {
  drawingMs = tookMs
  const wait = Math.min(LONGEST_WAIT_MS, WAIT_PER_DRAWING * tookMs)
  showAfter = performance.now() + Math.max(SHOW_EVERY_MS - tookMs, wait)
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

/** Before the orders are given anew. */
export function forgetAll(): void {
  isComplete.value = false
  rows.clear()
  tally.clear()
  sorted = []
}

/** Takes in what the stream of all orders has given. */
export function take(message: StreamMessage): void {
  if ('order' in message) put(message.order)
  else if ('seq' in message) {
    const row = applied(rows.get(message.orderId), message)
    if (row !== null) put(row)
    for (const listener of listeners) listener(message)
  } else if (message.kind === 'current') isComplete.value = true
  show()
}
