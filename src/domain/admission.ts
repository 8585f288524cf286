// Owns whether one more order is let in: as many may wait for their answer as get it in time, and none is taken on that
// would then wait too long for a worker. A burst is let in; a wait that stands is not (CoDel, RFC 8289), and how many may
// wait follows from how long they do (adaptive concurrency limits, by Little's law).

import type { Millis } from '../timing/clock.ts'

export type AdmissionPolicy = {
  /** How long orders may wait for their answer as a rule. While all of them wait longer and some are refused, fewer are let in. */
  readonly answerTargetMs: number
  /** Orders that may wait for their answer at once, at most. */
  readonly maxWaiting: number
  /** How long orders may wait for a worker once they are accepted; at half of it as many come in as workers take. */
  readonly maxQueueAgeMs: number
  /** Orders that may be open at once. */
  readonly maxOpen: number
}

/** How the number that may wait follows the time they wait. */
const PACE = {
  /** Even the shortest wait of an interval must be above the target before it counts as standing. */
  intervalMs: 100,
  /** What may always wait: two commits carry so many as fast as a few. */
  leastWaiting: 32,
  deepestCut: 0.5,
  /** A limit that recovers slowly refuses what could be done. */
  growth: 1.3,
} as const

/** Work that has been taken on and is not done, as it was when it was read. */
export type Backlog = {
  readonly readAt: Millis
  readonly open: number
  /** How many of them wait for a worker. */
  readonly queued: number
  /** For how long the oldest of those has waited. */
  readonly queueAgeMs: number
}

const QUEUE = {
  /** A queue that seems to stand still may be between two batches: it is not taken to be slower than that. */
  slowest: 0.5,
  /** Up to this part of the longest wait all are let in: workers that stop for a moment are soon abreast again. */
  free: 0.25,
} as const

export type Overload = {
  readonly cause: 'answers' | 'queue' | 'open'
  /** When it is expected to be over. */
  readonly overInMs: number
}

/** What an order holds while it waits for its answer. */
export type Place = { readonly since: Millis }

/** Counts who waits, and says whether another may. */
export function createAdmission({ answerTargetMs, maxWaiting, maxQueueAgeMs, maxOpen }: AdmissionPolicy) {
  /** The oldest first. */
  const waiting = new Set<Place>()
  const leastWaiting = Math.min(PACE.leastWaiting, maxWaiting)
  let limit = maxWaiting
  let since: Millis = Number.NEGATIVE_INFINITY
  // Of this interval: the shortest wait that ended, the shortest delay before a request is even read, whether any was refused.
  let shortestWait: number | null = null
  let shortestDelay: number | null = null
  let turnedAway = false
  // Of the last reading of the backlog: how long who comes in now will wait for a worker, and how many have come in since.
  let known: Backlog | null = null
  let queueMs = 0
  let letIn = 0

  /** The oldest has waited so long; who comes last waits longer, if the queue moves slower than time does (Little's law). */
  function look(backlog: Backlog): void {
    if (known?.readAt === backlog.readAt) return
    const passedMs = known === null ? 0 : backlog.readAt - known.readAt
    const grownMs = backlog.queueAgeMs - (known?.queueAgeMs ?? 0)
    const speed = passedMs > 0 ? Math.max(QUEUE.slowest, 1 - grownMs / passedMs) : 1
    queueMs = backlog.queueAgeMs / speed
    known = backlog
    letIn = 0
  }

  /** Whether workers take as many as have come in: one after the other, not all that may come until the next reading at once. */
  function isBeyondQueue(now: Millis, { queued, readAt }: Backlog): boolean {
    if (queueMs <= QUEUE.free * maxQueueAgeMs) return false
    const share = Math.max(0, 2 * (1 - queueMs / maxQueueAgeMs))
    return letIn >= (queued / queueMs) * share * (now - readAt)
  }

  function oldestMs(now: Millis): number {
    for (const place of waiting) return Math.max(0, now - place.since)
    return 0
  }

  function adapt(now: Millis): void {
    // A clock that was set back begins a new interval.
    if (now >= since && now < since + PACE.intervalMs) return
    const waitMs = (shortestWait ?? oldestMs(now)) + (shortestDelay ?? 0)
    const isOver = waiting.size === 0 && Math.abs(now - since) >= 2 * PACE.intervalMs
    // While nobody is turned away a limit holds nothing back: the next burst finds all the room there is.
    if (!turnedAway || isOver) limit = maxWaiting
    else if (waitMs <= answerTargetMs) limit = Math.min(maxWaiting, Math.ceil(limit * PACE.growth))
    else {
      const cut = Math.max(PACE.deepestCut, answerTargetMs / waitMs)
      limit = Math.max(leastWaiting, Math.floor(limit * cut))
    }
    since = now
    shortestWait = null
    shortestDelay = null
    turnedAway = false
  }

  function reasonToRefuse(now: Millis, backlog: Backlog): Overload | null {
    if (backlog.open >= maxOpen) return { cause: 'open', overInMs: queueMs }
    if (waiting.size >= limit) return { cause: 'answers', overInMs: oldestMs(now) }
    if (!isBeyondQueue(now, backlog)) return null
    return { cause: 'queue', overInMs: queueMs - maxQueueAgeMs / 2 }
  }

  return {
    /** Why one more would wait too long; null when it would not. */
    overload(now: Millis, backlog: Backlog): Overload | null {
      adapt(now)
      look(backlog)
      const overload = reasonToRefuse(now, backlog)
      turnedAway ||= overload !== null
      return overload
    },
    enter(now: Millis): Place {
      const place = { since: now }
      waiting.add(place)
      letIn += 1
      return place
    },
    leave(place: Place, now: Millis): void {
      adapt(now)
      waiting.delete(place)
      shortestWait = Math.min(shortestWait ?? Number.POSITIVE_INFINITY, Math.max(0, now - place.since))
    },
    /** The event loop came to a timer so much late: so long do requests wait before anybody sees them. */
    delayed(ms: number, now: Millis): void {
      adapt(now)
      shortestDelay = Math.min(shortestDelay ?? Number.POSITIVE_INFINITY, Math.max(0, ms))
    },
    state: (now: Millis) => ({ waiting: waiting.size, limit, oldestMs: oldestMs(now) }),
  }
}
