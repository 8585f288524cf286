// Owns adding rings to the queue on Redis, and knowing whether Redis takes them. Only a ring that was taken proves it: a full
// server, a replica, or one that denies us writes still answers a PING.

import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import type { OrderId } from '../domain/spec.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { connectRedis, waitMs } from './connection.ts'

export type Ring = { readonly ids: readonly OrderId[] }

/** The queue's name and, with the prefix, where its keys lie. */
export const QUEUE = 'orders'

export type ProducerOptions = {
  readonly redisUrl: string
  readonly prefix: string
  /** Receives connection faults and refused trial rings. The refusal of any other ring goes to its caller. */
  readonly onFault: (error: Error) => void
}

const COMMAND_TIMEOUT_MS = 1_000
/** A fixed id: where no worker takes trial rings, one waits and the next is the same. */
const TRIAL = { jobId: 'trial' }
/** Pings in quick succession share the result of the last trial. */
const TRIAL_EVERY_MS = 1_000

export function openProducer(clock: Clock, random: Random, options: ProducerOptions) {
  // Fail fast: a ring that cannot be taken now is left to the sweep.
  const redis = connectRedis(
    options.redisUrl,
    { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS },
    options.onFault,
  )
  const acceptance = openAcceptance(clock, random, redis, () => void tryNow().catch(() => {}))
  let queue = openQueue(redis, options.prefix)
  let triedAt = Number.NEGATIVE_INFINITY
  let trial: Promise<void> | null = null

  async function write(ids: readonly OrderId[], more: { delay?: number; jobId?: string }): Promise<void> {
    // The library would wait for the connection, without end.
    if (redis.status !== 'ready') throw new Error('Redis is not connected')
    await queue.add('ring', { ids }, more)
    acceptance.taken()
  }

  async function add(ids: readonly OrderId[], more: { delay?: number } = {}): Promise<void> {
    try {
      await write(ids, more)
    } catch (error) {
      // A further refusal does not put off the trial.
      if (!acceptance.isRefused()) acceptance.refused()
      throw error
    }
  }

  /** Adds a ring that names no order. */
  function tryNow(): Promise<void> {
    trial ??= addTrialRing().finally(() => {
      trial = null
    })
    return trial
  }

  async function addTrialRing(): Promise<void> {
    triedAt = clock.now()
    // A queue that was refused at its start never recovers.
    if (acceptance.isRefused()) {
      await queue.close().catch(() => {})
      queue = openQueue(redis, options.prefix)
    }
    try {
      await write([], TRIAL)
    } catch (error) {
      if (redis.status === 'ready') options.onFault(error as Error)
      acceptance.refused()
      throw error
    }
  }

  // A new connection proves nothing: each server has to take a trial ring first.
  redis.on('ready', () => void tryNow().catch(() => {}))

  return {
    add,
    isAvailable: acceptance.isTaken,
    /** Resolves while rings are taken; rejects with the reason why they are not. */
    async ping(): Promise<void> {
      if (redis.status !== 'ready') throw new Error('Redis is not connected')
      const sinceMs = Math.abs(clock.now() - triedAt)
      if (trial !== null || sinceMs >= TRIAL_EVERY_MS) await tryNow()
      else if (!acceptance.isTaken()) throw new Error('Redis refuses rings')
    },
    async close(): Promise<void> {
      acceptance.close()
      await queue.close()
      redis.disconnect()
    },
  }
}

/** Whether rings are taken. After a refusal `tryAgain` is called, later each time, until a ring is taken. */
function openAcceptance(clock: Clock, random: Random, redis: Redis, tryAgain: () => void) {
  let isTaken = false
  let refusals = 0
  let stopTimer: Stop = () => {}
  let closed = false

  redis.on('close', () => {
    isTaken = false
    stopTimer()
  })

  return {
    isTaken: () => redis.status === 'ready' && isTaken,
    isRefused: () => refusals > 0,
    taken(): void {
      isTaken = true
      refusals = 0
      stopTimer()
    },
    refused(): void {
      isTaken = false
      stopTimer()
      // A new connection is tried as soon as it is made.
      if (redis.status !== 'ready' || closed) return
      refusals += 1
      stopTimer = clock.after(waitMs(refusals, random), tryAgain)
    },
    close(): void {
      closed = true
      stopTimer()
    },
  }
}

function openQueue(connection: Redis, prefix: string): Queue<Ring> {
  const queue = new Queue<Ring>(QUEUE, {
    connection,
    prefix,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  })
  // It repeats what the connection and the rings report.
  queue.on('error', () => {})
  return queue
}
