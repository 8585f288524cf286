// Owns taking rings from the queue on Redis. The library would retry a refusal at once, thousands of times a second. So a
// refused worker is closed, and a new one opened after a backoff.

import { Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { OrderId } from '../domain/spec.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { connectRedis, waitMs } from './connection.ts'
import { QUEUE, type Ring } from './producer.ts'

export type ConsumerOptions = {
  readonly redisUrl: string
  readonly prefix: string
  /** Rings taken at once. */
  readonly concurrency: number
  readonly onFault: (error: Error) => void
}

/** The lock of a ring: after this long without renewal its worker counts as dead, and another receives the ring. */
const LOCK_MS = 15_000
const STALLED_CHECK_MS = 5_000
/** A new worker counts as working once it has met no refusal for so long. */
const PROBATION_MS = 1_000

/**
 * Faults that need no new worker. A lost connection is restored by the driver, and the worker waits for it. A ring whose lock
 * ran out, or that Redis lost, affects no other ring.
 */
const passesByItself = (error: Error) =>
  'syscall' in error || (error.name !== 'ReplyError' && /\bjob\b/i.test(error.message))

type Handler = (ids: readonly OrderId[]) => Promise<void>

export type Consumer = ReturnType<typeof openConsumer>

export function openConsumer(handle: Handler, clock: Clock, random: Random, options: ConsumerOptions) {
  // The worker reports the faults of its connection.
  const redis = connectRedis(options.redisUrl, { maxRetriesPerRequest: null }, () => {})
  let refusals = 0
  let isOnProbation = false
  let stopTimer: Stop = () => {}
  let worker: Worker<Ring> | null = open()

  function open(): Worker<Ring> {
    const opened = openWorker(redis, handle, options)
    opened.on('error', (error) => {
      options.onFault(error)
      if (opened === worker && !passesByItself(error)) replace(opened)
    })
    opened.on('failed', (_job, error) => options.onFault(error))
    const onAnswer = () => opened === worker && prove()
    opened.on('drained', onAnswer)
    opened.on('active', onAnswer)
    return opened
  }

  /** Rings in progress are completed here, and delivered once more to another worker when their locks run out. */
  function replace(refused: Worker<Ring>): void {
    worker = null
    isOnProbation = false
    void refused.close(true).catch(() => {})
    stopTimer()
    refusals += 1
    stopTimer = clock.after(waitMs(refusals, random), () => {
      worker = open()
    })
  }

  function prove(): void {
    if (refusals === 0 || isOnProbation) return
    isOnProbation = true
    stopTimer = clock.after(PROBATION_MS, () => {
      isOnProbation = false
      refusals = 0
    })
  }

  return {
    /** Whether rings are being taken: false from a refusal until a new worker has passed its probation. */
    isTaking: () => refusals === 0,
    /** Takes no more rings. With `force` those in progress are not returned to a server that would refuse them. */
    async stop(force: boolean): Promise<void> {
      stopTimer()
      const last = worker
      // From now on its faults open no new worker.
      worker = null
      await last?.close(force || redis.status !== 'ready')
    },
    close: () => redis.disconnect(),
  }
}

function openWorker(connection: Redis, handle: Handler, options: ConsumerOptions): Worker<Ring> {
  return new Worker<Ring>(QUEUE, (job) => handle(job.data.ids), {
    connection,
    prefix: options.prefix,
    concurrency: options.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    // A repeated ring is harmless, however often it stalled; giving up on it would only cost time.
    maxStalledCount: 1_000,
  })
}
