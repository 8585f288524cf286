// Owns the doorbell between processes: BullMQ on Redis. A job is a ring and names many orders; what is due, and whether
// at all, stands in each order's log, so a job that is lost, late or run twice does no harm.

import { Queue, Worker } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'
import { groupCommit } from '../domain/groupCommit.ts'
import type { OrderId } from '../domain/order.ts'
import type { Clock, OrderQueue, Stop } from '../domain/ports.ts'

export type OrderQueueOptions = {
  readonly redisUrl: string
  /** Keeps several engines apart on one Redis. */
  readonly prefix: string
  /** Orders handed to the worker of this process at once. */
  readonly concurrency: number
  /** Told of every connection or job fault; none of them loses an order. */
  readonly onFault: (error: Error) => void
}

const QUEUE = 'orders'
const MAX_ORDERS_PER_RING = 64
/**
 * Rings taken from Redis at once: enough to keep a process busy while rings are small, few enough to leave work for
 * other processes while they are full.
 */
const MAX_RINGS = 128
const COMMAND_TIMEOUT_MS = 1_000
const ASK_AGAIN_MS = 500
/** A ring whose worker died is given to another after this long. */
const LOCK_MS = 15_000
const STALLED_CHECK_MS = 5_000

type RedisSettings = Pick<RedisOptions, 'enableOfflineQueue' | 'maxRetriesPerRequest' | 'commandTimeout'>

type Ring = { readonly ids: readonly OrderId[] }

export function openOrderQueue(
  clock: Clock,
  options: OrderQueueOptions,
): OrderQueue & { close(): Promise<void> } {
  const connect = (settings: RedisSettings) => {
    const redis = new Redis(options.redisUrl, settings)
    redis.on('error', options.onFault)
    return redis
  }
  // Fail fast: a ring that cannot be taken now is the sweep's business.
  const producer = connect({
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
  })
  const queue = new Queue<Ring>(QUEUE, {
    connection: producer,
    prefix: options.prefix,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  })
  queue.on('error', options.onFault)
  let worker: Worker<Ring> | null = null
  let consumer: Redis | null = null
  let isAnswering = true
  let stopAsking: Stop = () => {}

  async function add(ids: readonly OrderId[], delayMs: number): Promise<void> {
    // The library would wait for the connection, for ever if need be.
    if (producer.status !== 'ready') throw new Error('Redis is not connected')
    await answered(queue.add('ring', { ids }, delayMs > 0 ? { delay: delayMs } : {}))
  }

  /** Notes whether Redis answers; while it does not, asks again until it does. */
  async function answered(asked: Promise<unknown>): Promise<void> {
    try {
      await asked
      isAnswering = true
    } catch (error) {
      isAnswering = false
      stopAsking()
      stopAsking = clock.after(ASK_AGAIN_MS, () => void answered(producer.ping()).catch(() => {}))
      throw error
    }
  }

  const ringNow = groupCommit(MAX_ORDERS_PER_RING, process.nextTick, async (ids: readonly OrderId[]) => {
    await add(ids, 0)
    return ids.map(() => undefined)
  })

  return {
    async ring(id, delayMs = 0) {
      if (delayMs > 0) await add([id], delayMs)
      else await ringNow(id)
    },
    work(handler) {
      const connection = connect({ maxRetriesPerRequest: null })
      const underWay = new Set<Promise<void>>()
      // Should ringing again fail, the sweep finds them.
      const ringAgain = (ids: readonly OrderId[]) => add(ids, 0).catch(options.onFault)
      const turns = inTurn(handler, ringAgain, options.concurrency)
      const handle = (ids: readonly OrderId[]) => {
        const handled = turns.handle(ids).finally(() => underWay.delete(handled))
        underWay.add(handled)
        return handled
      }
      const started = new Worker<Ring>(QUEUE, (job) => handle(job.data.ids), {
        connection,
        prefix: options.prefix,
        concurrency: Math.min(MAX_RINGS, options.concurrency),
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        // However often a ring stalled, ringing again is harmless; giving up on it would only cost time.
        maxStalledCount: 1_000,
      })
      started.on('error', options.onFault)
      started.on('failed', (_job, error) => options.onFault(error))
      worker = started
      consumer = connection
      return async () => {
        // With Redis away the library would wait for it to take the jobs back; their orders are in the log.
        const closed = started.close(connection.status !== 'ready')
        turns.stop()
        await closed
        await Promise.allSettled(underWay)
      }
    },
    isAvailable: () => producer.status === 'ready' && isAnswering,
    ping: () => answered(producer.ping()),
    async close() {
      stopAsking()
      await worker?.close()
      await queue.close()
      producer.disconnect()
      consumer?.disconnect()
    },
  }
}

type Handler = (ids: readonly OrderId[]) => Promise<void>
type Turn = { readonly count: number; readonly begin: () => void }

/**
 * Hands rings on in the order they came, while no more than `most` orders are under way: what is worked on at once stays
 * in fast memory, what waits is a list of ids. A ring of more orders than that is handed on in parts. Once stopped, what
 * has not begun is given back.
 */
function inTurn(handler: Handler, giveBack: Handler, most: number) {
  const waiting: Turn[] = []
  let underWay = 0
  let stopped = false

  function admit(): void {
    for (let [next] = waiting; next !== undefined; [next] = waiting) {
      if (underWay + next.count > most && !stopped) return
      waiting.shift()
      underWay += next.count
      next.begin()
    }
  }

  async function handlePart(ids: readonly OrderId[]): Promise<void> {
    await new Promise<void>((begin) => {
      waiting.push({ count: ids.length, begin })
      admit()
    })
    try {
      await (stopped ? giveBack(ids) : handler(ids))
    } finally {
      underWay -= ids.length
      admit()
    }
  }

  return {
    async handle(ids: readonly OrderId[]): Promise<void> {
      const parts = Array.from({ length: Math.ceil(ids.length / most) }, (_, i) =>
        ids.slice(i * most, (i + 1) * most),
      )
      await Promise.all(parts.map(handlePart))
    },
    stop(): void {
      stopped = true
      admit()
    },
  }
}
