// Owns admission control. Bursts are accepted, a standing delay is not (CoDel, RFC 8289). The number of orders that may wait
// for their answer adapts to how long they wait (adaptive concurrency limit, Little's law), and no order is accepted that
// would then wait too long for a worker.

import type { Millis } from '../timing/clock.ts'

export type AdmissionPolicy = {
  /** The target wait for an answer. While every wait is longer and orders are being denied, fewer are admitted. */
  readonly answerTargetMs: number
  /** The most orders that may wait for their answer at once. */
  readonly maxWaiting: number
  /** The longest wait for a worker. At half of it, as many orders are admitted as workers take. */
  readonly maxQueueAgeMs: number
  /** The most orders that may be open at once. */
  readonly maxOpen: number
}

/** How the limit of waiting orders follows their wait. */
const PACE = {
  /** A delay counts as standing when even the shortest wait of an interval is above the target. */
  intervalMs: 100,
  /** The lowest limit: two commits carry this many as fast as a few. */
  leastWaiting: 32,
  deepestCut: 0.5,
  /** Fast, because a limit that recovers slowly denies what could be done. */
  growth: 1.3,
} as const

/** Accepted work that is not done yet, as of `readAt`. */
export type Backlog = {
  readonly readAt: Millis
  readonly open: number
  /** How many of them wait for a worker. */
  readonly queued: number
  /** For how long the oldest of those has waited. */
  readonly queueAgeMs: number
}

const QUEUE = {
  /** The lowest speed assumed: a queue that seems to stand still may be between two batches. */
  slowest: 0.5,
  /** Up to this part of the longest wait all are admitted: workers that pause for a moment soon catch up. */
  free: 0.25,
} as const

export type Overload = {
  readonly cause: 'answers' | 'queue' | 'open'
  /** When it is expected to be over. */
  readonly overInMs: number
}

/** The slot that an order holds while it waits for its answer. */
export type Place = { readonly since: Millis }

/** Counts the orders that wait, and decides whether one more may. */
export function createAdmission({ answerTargetMs, maxWaiting, maxQueueAgeMs, maxOpen }: AdmissionPolicy) {
  /** The oldest first. */
  const waiting = new Set<Place>()
  const answers = createAnswerLimit(answerTargetMs, maxWaiting)
  const queue = createQueueLimit(maxQueueAgeMs)

  function oldestMs(now: Millis): number {
    for (const place of waiting) return Math.max(0, now - place.since)
    return 0
  }

  const adapt = (now: Millis) => answers.adapt(now, waiting.size === 0 ? null : oldestMs(now))

  function reasonToDeny(now: Millis, backlog: Backlog): Overload | null {
    if (backlog.open >= maxOpen) return { cause: 'open', overInMs: queue.waitMs() }
    if (waiting.size >= answers.limit()) return { cause: 'answers', overInMs: oldestMs(now) }
    if (!queue.isExceeded(now, backlog)) return null
    return { cause: 'queue', overInMs: queue.waitMs() - maxQueueAgeMs / 2 }
  }

  return {
    /** Why one more order would wait too long; null when it would not. */
    overload(now: Millis, backlog: Backlog): Overload | null {
      adapt(now)
      queue.update(backlog)
      const overload = reasonToDeny(now, backlog)
      if (overload !== null) answers.noteDenial()
      return overload
    },
    enter(now: Millis): Place {
      const place = { since: now }
      waiting.add(place)
      queue.countAdmitted()
      return place
    },
    leave(place: Place, now: Millis): void {
      adapt(now)
      waiting.delete(place)
      answers.noteWait(Math.max(0, now - place.since))
    },
    /** Event-loop lag: a timer fired this much late, and so long do requests wait before they are read. */
    delayed(ms: number, now: Millis): void {
      adapt(now)
      answers.noteDelay(Math.max(0, ms))
    },
    state: (now: Millis) => ({ waiting: waiting.size, limit: answers.limit(), oldestMs: oldestMs(now) }),
  }
}

/** Limits how many orders wait for their answer, from how long they do. */
function createAnswerLimit(targetMs: number, maxWaiting: number) {
  const leastWaiting = Math.min(PACE.leastWaiting, maxWaiting)
  let limit = maxWaiting
  // Of this interval: the shortest wait that ended, the shortest delay before a request is read, whether any was denied.
  let since: Millis = Number.NEGATIVE_INFINITY
  let shortestWait: number | null = null
  let shortestDelay: number | null = null
  let hasDenied = false

  return {
    limit: () => limit,
    noteDenial(): void {
      hasDenied = true
    },
    noteWait(ms: number): void {
      shortestWait = Math.min(shortestWait ?? Number.POSITIVE_INFINITY, ms)
    },
    noteDelay(ms: number): void {
      shortestDelay = Math.min(shortestDelay ?? Number.POSITIVE_INFINITY, ms)
    },
    /** `oldestMs`: for how long the oldest order has waited; null while none waits. */
    adapt(now: Millis, oldestMs: number | null): void {
      // A clock that was set back begins a new interval.
      if (now >= since && now < since + PACE.intervalMs) return
      const waitMs = (shortestWait ?? oldestMs ?? 0) + (shortestDelay ?? 0)
      const isOver = oldestMs === null && Math.abs(now - since) >= 2 * PACE.intervalMs
      // Without denials the limit holds nothing back: the next burst finds all the room there is.
      if (!hasDenied || isOver) limit = maxWaiting
      else if (waitMs <= targetMs) limit = Math.min(maxWaiting, Math.ceil(limit * PACE.growth))
      else {
        const cut = Math.max(PACE.deepestCut, targetMs / waitMs)
        limit = Math.max(leastWaiting, Math.floor(limit * cut))
      }
      since = now
      shortestWait = null
      shortestDelay = null
      hasDenied = false
    },
  }
}

/** Limits how many orders join the queue for workers, from readings of the backlog. */
function createQueueLimit(maxQueueAgeMs: number) {
  let known: Backlog | null = null
  /** How long an order admitted now will wait for a worker. */
  let expectedMs = 0
  /** Orders admitted since the last reading. */
  let admitted = 0

  return {
    waitMs: () => expectedMs,
    countAdmitted(): void {
      admitted += 1
    },
    /** A newcomer waits longer than the oldest has so far, if the queue moves slower than time does (Little's law). */
    update(backlog: Backlog): void {
      if (known?.readAt === backlog.readAt) return
      const passedMs = known === null ? 0 : backlog.readAt - known.readAt
      const grownMs = backlog.queueAgeMs - (known?.queueAgeMs ?? 0)
      const speed = passedMs > 0 ? Math.max(QUEUE.slowest, 1 - grownMs / passedMs) : 1
      expectedMs = backlog.queueAgeMs / speed
      known = backlog
      admitted = 0
    },
    /**
     * Whether more orders have been admitted than workers take. The allowance grows with time, so that the admissions
     * until the next reading are spread over it.
     */
    isExceeded(now: Millis, { queued, readAt }: Backlog): boolean {
      if (expectedMs <= QUEUE.free * maxQueueAgeMs) return false
      const share = Math.max(0, 2 * (1 - expectedMs / maxQueueAgeMs))
      return admitted >= (queued / expectedMs) * share * (now - readAt)
    },
  }
}
