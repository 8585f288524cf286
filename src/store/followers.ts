// Owns following: each follower gets every event of its order once and in order, whichever process wrote it.
// Pushes and hints (pub/sub) only save time; what a follower misses is read from the log.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import { isOpenStatus } from '../domain/lifecycle.ts'
import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import { repeat } from '../timing/repeat.ts'
import type { RecentLogs } from './recentLogs.ts'
import type { Statements } from './statements.ts'

/** Hints of what was appended: `order:seq`, with commas between them. */
export const EVENTS_CHANNEL = 'order_events'
/** How often open followers reread the log, whatever the hints say. */
const REREAD_MS = 5_000
const MAX_BATCH = 500

type Follower = {
  last: number
  readonly onEvent: (event: LoggedEvent) => void
  readonly onEnd: () => void
}

export type Followers = {
  readonly follow: OrderStore['follow']
  /** Pushes events that this process has just written, in order, and hints at them to the other processes. */
  publish(events: readonly LoggedEvent[]): void
  close(): void
}

export type FollowerDeps = {
  readonly statements: Pick<Statements, 'selectTails'>
  readonly broadcast: Broadcast
  readonly clock: Clock
  readonly recent: RecentLogs
  /** No other process writes to this store: what was published here is all there is. */
  readonly isSoleProcess: boolean
}

export function openFollowers({ broadcast, recent, isSoleProcess, ...deps }: FollowerDeps): Followers {
  const followed = createFollowed((id) => reread(id))
  const readOne = groupCommit(MAX_BATCH, setImmediate, (ids: readonly OrderId[]) =>
    readTails(ids, followed, deps.statements),
  )

  /** A read that fails is repeated by the slow reread. */
  function reread(id: OrderId): void {
    readOne(id).catch(() => {})
  }

  function rereadAll(): void {
    for (const id of followed.ids()) reread(id)
  }

  function onHints(text: string): void {
    if (followed.isEmpty()) return
    for (const hint of text.split(',')) {
      const [id, seq] = hint.split(':') as [OrderId, string]
      if (followed.isBehind(id, Number(seq))) reread(id)
    }
  }

  const stopListening = broadcast.listen(EVENTS_CHANNEL, onHints, rereadAll)
  const stopRereading = repeat(deps.clock, REREAD_MS, rereadAll, () => {})

  return {
    async follow({ id, owner, after }, onEvent, onEnd) {
      const follower: Follower = { last: after, onEvent, onEnd }
      followed.add(id, follower)
      const stop: Stop = () => void followed.drop(id, follower)
      const known = recent.get(id)
      // A follower already past the recent events reads the log: the order may have closed since.
      if (known?.owner === owner && (isSoleProcess || after < known.events.length)) {
        const isClosed = followed.giveLog(known.events, follower)
        if (!isClosed && !isSoleProcess) reread(id)
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
    publish(events) {
      if (events.length === 0) return
      followed.deliver(events)
      const last = new Map(events.map(({ orderId, seq }) => [orderId, seq]))
      broadcast.tell(EVENTS_CHANNEL, [...last].map(([id, seq]) => `${id}:${seq}`).join())
    },
    close() {
      stopRereading()
      stopListening()
    },
  }
}

type Followed = ReturnType<typeof createFollowed>

/** Which followers each order has, and how far each has come. `onGap` is called where a pushed event does not follow on. */
function createFollowed(onGap: (id: OrderId) => void) {
  const followed = new Map<OrderId, Set<Follower>>()
  const of = (id: OrderId): Iterable<Follower> => followed.get(id) ?? []

  function drop(id: OrderId, follower: Follower): boolean {
    const followers = followed.get(id)
    const found = followers?.delete(follower) ?? false
    if (followers?.size === 0) followed.delete(id)
    return found
  }

  function end(id: OrderId, follower: Follower): void {
    if (drop(id, follower)) follower.onEnd()
  }

  function give(event: LoggedEvent, follower: Follower): void {
    follower.last = event.seq
    follower.onEvent(event)
    if (!isOpenStatus(event.status)) end(event.orderId, follower)
  }

  return {
    of,
    drop,
    end,
    /** Gives what is known of a log; true when the order has closed. */
    giveLog(events: readonly LoggedEvent[], follower: Follower): boolean {
      for (const event of events) if (event.seq > follower.last) give(event, follower)
      const last = events.at(-1)
      if (last === undefined || isOpenStatus(last.status)) return false
      end(last.orderId, follower)
      return true
    },
    ids: () => followed.keys(),
    isEmpty: () => followed.size === 0,
    add: (id: OrderId, follower: Follower) =>
      void followed.set(id, (followed.get(id) ?? new Set()).add(follower)),
    isBehind(id: OrderId, seq: number): boolean {
      for (const { last } of of(id)) if (last < seq) return true
      return false
    },
    deliver(events: readonly LoggedEvent[]): void {
      for (const event of events) {
        for (const follower of of(event.orderId)) {
          if (event.seq <= follower.last) continue
          if (event.seq > follower.last + 1) onGap(event.orderId)
          else give(event, follower)
        }
      }
    },
  }
}

/** Gives the followers of these orders what the log holds beyond what they have; returns the owners of the orders. */
async function readTails(
  ids: readonly OrderId[],
  followed: Followed,
  statements: FollowerDeps['statements'],
): Promise<(string | undefined)[]> {
  const wanted = [...new Set(ids)].map((id) => {
    return { id, after: Math.min(...[...followed.of(id)].map(({ last }) => last)) }
  })
  const live = wanted.filter(({ after }) => Number.isFinite(after))
  const tails = live.length === 0 ? [] : await statements.selectTails(live)
  for (const { id, last, isOpen, events } of tails) {
    followed.deliver(events)
    if (isOpen) continue
    for (const follower of followed.of(id)) if (follower.last >= last) followed.end(id, follower)
  }
  const owners = new Map(tails.map(({ id, owner }) => [id, owner]))
  return ids.map((id) => owners.get(id))
}
