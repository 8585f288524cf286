// Owns taking rings from the queue on Redis. A server that refuses would be asked again at once by the library, thousands
// of times a second: its worker is closed, and another is opened after a wait.

import { Worker } from 'bullmq'
import type { OrderId } from '../domain/order.ts'
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

/** A ring whose worker died is given to another after this long. */
const LOCK_MS = 15_000
const STALLED_CHECK_MS = 5_000
/** A worker that was refused nothing for so long works. */
const PROBATION_MS = 1_000

/**
 * A connection that is lost is made again by the driver, and the worker waits for it. A ring that is not the worker's any more,
 * because its lock ran out or Redis forgot it, concerns no other.
 */
const passesByItself = (error: Error) =>
  'syscall' in error || (error.name !== 'ReplyError' && /\bjob\b/i.test(error.message))

export type Consumer = ReturnType<typeof openConsumer>

export function openConsumer(
  handle: (ids: readonly OrderId[]) => Promise<void>,
  clock: Clock,
  random: Random,
  options: ConsumerOptions,
) {
  // The worker reports what becomes of its connections.
  const redis = connectRedis(options.redisUrl, { maxRetriesPerRequest: null }, () => {})
  let refusals = 0
  let isOnProbation = false
  let stopTimer: Stop = () => {}
  let worker: Worker<Ring> | null = open()

  function open(): Worker<Ring> {
    const opened = new Worker<Ring>(QUEUE, (job) => handle(job.data.ids), {
      connection: redis,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      // However often a ring stalled, ringing again is harmless; giving up on it would only cost time.
      maxStalledCount: 1_000,
    })
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

  /** The rings that it has in hand are handled to their end, and given to another worker when their locks run out. */
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
    /** Whether rings are taken, as far as is known: not from a refusal on until a worker has worked for a while. */
    isTaking: () => refusals === 0,
    /** Takes no more. `force` gives nothing back to a server that would not have it. */
    async stop(force: boolean): Promise<void> {
      stopTimer()
      const last = worker
      // What it reports from now on opens no other.
      worker = null
      await last?.close(force || redis.status !== 'ready')
    },
    close: () => redis.disconnect(),
  }
}
