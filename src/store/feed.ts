// Owns following: each follower gets every event of its order once and in order, whoever wrote it and wherever.
// Pushes and notifications only save time; what a follower misses is read from the log.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { groupCommit } from '../domain/groupCommit.ts'
import { isOpenStatus } from '../domain/lifecycle.ts'
import type { OrderId } from '../domain/order.ts'
import type { Clock, OrderStore, Sql, Stop } from '../domain/ports.ts'
import { selectClosed, selectEventsAfter } from './statements.ts'

const CHANNEL = 'order_events'
/** A notification holds less than 8,000 bytes: this many "<order id>:<seq>" with commas. */
const ORDERS_PER_NOTIFICATION = 150
/** How often open followers re-read the log, whatever the notifications say. */
const REREAD_MS = 5_000
const MAX_BATCH = 500

type Follower = {
  last: number
  readonly onEvent: (event: LoggedEvent) => void
  readonly onEnd: () => void
}

export type Feed = {
  readonly follow: OrderStore['follow']
  /** Events just written by this process: pushed here, told to the others. */
  publish(events: readonly LoggedEvent[]): void
  close(): void
}

export async function openFeed(sql: Sql, clock: Clock): Promise<Feed> {
  const followed = new Map<OrderId, Set<Follower>>()
  const readOne = groupCommit(MAX_BATCH, setImmediate, readAll)
  let closed = false
  let stopTimer: Stop = () => {}

  function deliver(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      for (const follower of followed.get(event.orderId) ?? []) {
        if (event.seq <= follower.last) continue
        if (event.seq > follower.last + 1) reread(event.orderId)
        else give(event, follower)
      }
    }
  }

  function give(event: LoggedEvent, follower: Follower): void {
    follower.last = event.seq
    follower.onEvent(event)
    if (!isOpenStatus(event.status)) end(event.orderId, follower)
  }

  function end(id: OrderId, follower: Follower): void {
    if (drop(id, follower)) follower.onEnd()
  }

  function drop(id: OrderId, follower: Follower): boolean {
    const followers = followed.get(id)
    const found = followers?.delete(follower) ?? false
    if (followers?.size === 0) followed.delete(id)
    return found
  }

  /** Gives the followers of these orders what the log holds beyond what they have. */
  async function readAll(ids: readonly OrderId[]): Promise<undefined[]> {
    const unique = [...new Set(ids)]
    const wanted = unique.map((id) => ({
      id,
      after: Math.min(...[...(followed.get(id) ?? [])].map((f) => f.last)),
    }))
    const live = wanted.filter(({ after }) => Number.isFinite(after))
    if (live.length > 0) {
      // The order matters: an order seen closed has all its events in the log, so those are read second.
      const ends = await selectClosed(
        sql,
        live.map(({ id }) => id),
      )
      deliver(await selectEventsAfter(sql, live))
      for (const [id, seq] of ends) {
        for (const follower of followed.get(id) ?? []) if (follower.last >= seq) end(id, follower)
      }
    }
    return ids.map(() => undefined)
  }

  /** A read that fails is repeated by the slow re-read. */
  function reread(id: OrderId): void {
    readOne(id).catch(() => {})
  }

  function rereadAll(): void {
    for (const id of followed.keys()) reread(id)
  }

  function schedule(): void {
    stopTimer = clock.after(REREAD_MS, () => {
      rereadAll()
      schedule()
    })
  }

  const tellOthers = groupCommit(
    ORDERS_PER_NOTIFICATION,
    process.nextTick,
    async (hints: readonly string[]) => {
      await sql.notify(CHANNEL, hints.join(','))
      return hints.map(() => undefined)
    },
  )

  const stopListening = await sql.listen(
    CHANNEL,
    (payload) => {
      for (const hint of payload.split(',')) {
        const [id, seq] = hint.split(':') as [OrderId, string]
        for (const { last } of followed.get(id) ?? []) if (last < Number(seq)) reread(id)
      }
    },
    rereadAll,
  )
  schedule()

  return {
    follow(id, after, onEvent, onEnd) {
      const follower: Follower = { last: after, onEvent, onEnd }
      const followers = followed.get(id) ?? new Set()
      followed.set(id, followers.add(follower))
      // Subscribed first, read second: nothing can fall between the two.
      if (!closed) reread(id)
      return () => {
        drop(id, follower)
      }
    },
    publish(events) {
      if (events.length === 0) return
      deliver(events)
      const last = new Map(events.map(({ orderId, seq }) => [orderId, seq]))
      // A hint that is lost is made up for by the slow re-read.
      for (const [id, seq] of last) tellOthers(`${id}:${seq}`).catch(() => {})
    },
    close() {
      closed = true
      stopTimer()
      stopListening()
    },
  }
}
