// Owns adding rings to the queue on Redis, and knowing whether they are taken: only a ring that was says so. A PING is
// answered by a server that is full, a replica, or forbids us to write.

import { Queue } from 'bullmq'
import type { OrderId } from '../domain/order.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { connectRedis, waitMs } from './connection.ts'

export type Ring = { readonly ids: readonly OrderId[] }

/** The queue's name and, with the prefix, where its keys lie. */
export const QUEUE = 'orders'

export type ProducerOptions = {
  readonly redisUrl: string
  readonly prefix: string
  /** Told of every connection fault, and of trial rings that are refused; whoever adds a ring hears of that himself. */
  readonly onFault: (error: Error) => void
}

const COMMAND_TIMEOUT_MS = 1_000
/** An id of its own: where no worker takes trial rings, one waits and the next is the same. */
const TRIAL = { jobId: 'trial' }
/** Whoever asks often is answered by the last trial. */
const TRIAL_EVERY_MS = 1_000

export function openProducer(clock: Clock, random: Random, options: ProducerOptions) {
  // Fail fast: a ring that cannot be taken now is the sweep's business.
  const redis = connectRedis(
    options.redisUrl,
    { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS },
    options.onFault,
  )
  let queue = openQueue()
  let isTaken = false
  let refusals = 0
  let triedAt = Number.NEGATIVE_INFINITY
  let trial: Promise<void> | null = null
  let stopTimer: Stop = () => {}
  let closed = false

  function openQueue(): Queue<Ring> {
    const opened = new Queue<Ring>(QUEUE, {
      connection: redis,
      prefix: options.prefix,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    })
    // It repeats what the connection and the rings say.
    opened.on('error', () => {})
    return opened
  }

  async function write(ids: readonly OrderId[], more: { delay?: number; jobId?: string }): Promise<void> {
    // The library would wait for the connection, for ever if need be.
    if (redis.status !== 'ready') throw new Error('Redis is not connected')
    await queue.add('ring', { ids }, more)
    isTaken = true
    refusals = 0
    stopTimer()
  }

  async function add(ids: readonly OrderId[], more: { delay?: number } = {}): Promise<void> {
    try {
      await write(ids, more)
    } catch (error) {
      if (refusals === 0) tryLater()
      isTaken = false
      throw error
    }
  }

  function tryLater(): void {
    stopTimer()
    // A new connection is tried as soon as it is made.
    if (redis.status !== 'ready' || closed) return
    refusals += 1
    stopTimer = clock.after(waitMs(refusals, random), () => void tryNow().catch(() => {}))
  }

  /** Adds a ring that names no order. */
  function tryNow(): Promise<void> {
    trial ??= ringForNothing().finally(() => {
      trial = null
    })
    return trial
  }

  async function ringForNothing(): Promise<void> {
    triedAt = clock.now()
    // One that was refused when it began stays refused.
    if (refusals > 0) await reopenQueue()
    try {
      await write([], TRIAL)
    } catch (error) {
      isTaken = false
      if (redis.status === 'ready') options.onFault(error as Error)
      tryLater()
      throw error
    }
  }

  async function reopenQueue(): Promise<void> {
    await queue.close().catch(() => {})
    queue = openQueue()
  }

  // What a server takes is not known before it has taken something, however often it was connected before.
  redis.on('ready', () => void tryNow().catch(() => {}))
  redis.on('close', () => {
    isTaken = false
    stopTimer()
  })

  return {
    add,
    isAvailable: () => redis.status === 'ready' && isTaken,
    /** Resolves while rings are taken; rejects with why they are not. */
    async ping(): Promise<void> {
      if (redis.status !== 'ready') throw new Error('Redis is not connected')
      const sinceMs = Math.abs(clock.now() - triedAt)
      if (trial !== null || sinceMs >= TRIAL_EVERY_MS) await tryNow()
      else if (!isTaken) throw new Error('Redis refuses rings')
    },
    async close(): Promise<void> {
      closed = true
      stopTimer()
      await queue.close()
      redis.disconnect()
    },
  }
}
