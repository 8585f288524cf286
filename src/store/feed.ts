// Owns following: each follower gets every event of its order once and in order, whoever wrote it and wherever.
// Pushes and hints only save time; what a follower misses is read from the log.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { groupCommit } from '../domain/groupCommit.ts'
import { isOpenStatus } from '../domain/lifecycle.ts'
import type { OrderId } from '../domain/order.ts'
import type { Broadcast, Clock, OrderStore, Sql, Stop } from '../domain/ports.ts'
import { selectTails } from './statements.ts'

const CHANNEL = 'order_events'
/** How often open followers re-read the log, whatever the hints say. */
const REREAD_MS = 5_000
const MAX_BATCH = 500

type Follower = {
  last: number
  readonly onEvent: (event: LoggedEvent) => void
  readonly onEnd: () => void
}

export type Feed = {
  readonly follow: OrderStore['follow']
  /** Events just written by this process, in order: pushed here, told to the others. */
  publish(events: readonly LoggedEvent[]): void
  close(): void
}

export function openFeed(sql: Sql, broadcast: Broadcast, clock: Clock): Feed {
  const followed = new Map<OrderId, Set<Follower>>()
  const readOne = groupCommit(MAX_BATCH, setImmediate, readAll)
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

  /** Gives the followers of these orders what the log holds beyond what they have; says whose the orders are. */
  async function readAll(ids: readonly OrderId[]): Promise<(string | undefined)[]> {
    const wanted = [...new Set(ids)].map((id) => ({
      id,
      after: Math.min(...[...(followed.get(id) ?? [])].map((f) => f.last)),
    }))
    const live = wanted.filter(({ after }) => Number.isFinite(after))
    const tails = live.length === 0 ? [] : await selectTails(sql, live)
    for (const { id, last, isOpen, events } of tails) {
      deliver(events)
      if (isOpen) continue
      for (const follower of followed.get(id) ?? []) if (follower.last >= last) end(id, follower)
    }
    const owners = new Map(tails.map(({ id, owner }) => [id, owner]))
    return ids.map((id) => owners.get(id))
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

  const stopListening = broadcast.listen(
    CHANNEL,
    (text) => {
      for (const hint of text.split(',')) {
        const [id, seq] = hint.split(':') as [OrderId, string]
        for (const { last } of followed.get(id) ?? []) if (last < Number(seq)) reread(id)
      }
    },
    rereadAll,
  )
  schedule()

  return {
    async follow({ id, owner, after }, onEvent, onEnd) {
      const follower: Follower = { last: after, onEvent, onEnd }
      const followers = followed.get(id) ?? new Set()
      followed.set(id, followers.add(follower))
      const stop: Stop = () => void drop(id, follower)
      try {
        // Subscribed first, read second: nothing can fall between the two.
        if ((await readOne(id)) === owner) return stop
      } catch (error) {
        stop()
        throw error
      }
      stop()
      return null
    },
    publish(events) {
      deliver(events)
      // Nobody elsewhere can follow an order before its first event, nor miss it afterwards.
      const last = new Map(events.filter(({ seq }) => seq > 1).map(({ orderId, seq }) => [orderId, seq]))
      if (last.size > 0) broadcast.tell(CHANNEL, [...last].map(([id, seq]) => `${id}:${seq}`).join())
    },
    close() {
      stopTimer()
      stopListening()
    },
  }
}
