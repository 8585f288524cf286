// Owns following: each follower gets every event of its order once and in order, whoever wrote it and wherever.
// Pushes and hints only save time; what a follower misses is read from the log.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { isOpenStatus } from '../domain/lifecycle.ts'
import type { OrderId } from '../domain/order.ts'
import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import type { Tables } from './tables.ts'

const CHANNEL = 'order_events'
/** How often open followers re-read the log, whatever the hints say. */
const REREAD_MS = 5_000
const MAX_BATCH = 500
/** Orders whose logs are kept at hand from their first event on: whoever follows right after placing finds them here. */
const MAX_RECENT = 256

type Follower = {
  last: number
  readonly onEvent: (event: LoggedEvent) => void
  readonly onEnd: () => void
}

type Recent = { readonly owner: string; readonly events: LoggedEvent[] }

export type Followers = {
  readonly follow: OrderStore['follow']
  /** The first event of an order that this process has just made durable. */
  begin(owner: string, event: LoggedEvent): void
  /** Events just written by this process, in order: pushed here, told to the others. */
  publish(events: readonly LoggedEvent[]): void
  close(): void
}

/** `alone` says that no other process writes to this store: then what was published here is all there is. */
export function openFollowers(
  tables: Pick<Tables, 'selectTails'>,
  broadcast: Broadcast,
  clock: Clock,
  alone: boolean,
): Followers {
  const followed = new Map<OrderId, Set<Follower>>()
  const recent = new Map<OrderId, Recent>()
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

  function keep(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      const known = recent.get(event.orderId)
      if (known === undefined) continue
      // Somebody else has moved this order on: from now on its log is read.
      if (known.events.length !== event.seq - 1) recent.delete(event.orderId)
      else known.events.push(event)
    }
  }

  /** Gives what is at hand of a log; false when that may not be all of it. */
  function giveRecent({ events }: Recent, follower: Follower): boolean {
    for (const event of events) if (event.seq > follower.last) give(event, follower)
    const last = events.at(-1)
    if (last === undefined || isOpenStatus(last.status)) return alone
    end(last.orderId, follower)
    return true
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
    const tails = live.length === 0 ? [] : await tables.selectTails(live)
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
      if (followed.size === 0) return
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
      const known = recent.get(id)
      // Who has all that is at hand already is told what the log says, its end above all.
      const isServed = known?.owner === owner && (alone || after < known.events.length)
      if (isServed) {
        if (!giveRecent(known, follower)) reread(id)
        return stop
      }
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
    begin(owner, event) {
      recent.set(event.orderId, { owner, events: [event] })
      for (const id of recent.keys()) {
        if (recent.size <= MAX_RECENT) break
        recent.delete(id)
      }
    },
    publish(events) {
      if (events.length === 0) return
      keep(events)
      deliver(events)
      const last = new Map(events.map(({ orderId, seq }) => [orderId, seq]))
      broadcast.tell(CHANNEL, [...last].map(([id, seq]) => `${id}:${seq}`).join())
    },
    close() {
      stopTimer()
      stopListening()
    },
  }
}
