// Owns the queue between processes: BullMQ on Redis. A job is a ring that names many orders. What is due, if anything, is in
// the log of each order, so a job that is lost, late or delivered twice (at-least-once) does no harm.

import type { OrderQueue } from '../domain/ports/queue.ts'
import type { OrderId } from '../domain/spec.ts'
import type { Clock } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'
import type { Random } from '../timing/random.ts'
import { type Consumer, openConsumer } from './consumer.ts'
import { openProducer } from './producer.ts'

export type OrderQueueOptions = {
  readonly redisUrl: string
  /** Separates several engines on one Redis. Braces keep all keys of the queue in one hash slot of a cluster. */
  readonly prefix: string
  /** Orders handed to the worker of this process at once. */
  readonly concurrency: number
  /** Receives every connection or job fault. None of them loses an order. */
  readonly onFault: (error: Error) => void
}

const MAX_ORDERS_PER_RING = 64
/**
 * Rings taken from Redis at once: enough to keep a process busy while rings are small, few enough to leave work to other
 * processes while they are full.
 */
const MAX_RINGS = 128

export function openOrderQueue(
  clock: Clock,
  random: Random,
  options: OrderQueueOptions,
): OrderQueue & { close(): Promise<void> } {
  const producer = openProducer(clock, random, options)
  let consumer: Consumer | null = null

  const ringNow = groupCommit(MAX_ORDERS_PER_RING, process.nextTick, async (ids: readonly OrderId[]) => {
    await producer.add(ids)
    return ids.map(() => undefined)
  })

  return {
    async ring(id, delayMs = 0) {
      if (delayMs > 0) await producer.add([id], { delay: delayMs })
      else await ringNow(id)
    },
    work(handler) {
      const underWay = new Set<Promise<void>>()
      // If this fails, the sweep finds the orders.
      const ringAgain = (ids: readonly OrderId[]) => producer.add(ids).catch(options.onFault)
      const turns = inTurn(handler, ringAgain, options.concurrency)
      const handle = (ids: readonly OrderId[]) => {
        const handled = turns.handle(ids).finally(() => underWay.delete(handled))
        underWay.add(handled)
        return handled
      }
      const concurrency = Math.min(MAX_RINGS, options.concurrency)
      const taking = openConsumer(handle, clock, random, { ...options, concurrency })
      consumer = taking
      return async () => {
        // Without Redis the library would wait to return its jobs; the sweep finds their orders.
        const stopped = taking.stop(!producer.isAvailable())
        turns.stop()
        await stopped
        await Promise.allSettled(underWay)
      }
    },
    isAvailable: producer.isAvailable,
    async ping() {
      await producer.ping()
      if (consumer?.isTaking() === false) throw new Error('rings are not taken from Redis')
    },
    async close() {
      await consumer?.stop(!producer.isAvailable())
      await producer.close()
      consumer?.close()
    },
  }
}

type Handler = (ids: readonly OrderId[]) => Promise<void>
type Turn = { readonly count: number; readonly begin: () => void }

/**
 * Backpressure: hands rings on in their order, with at most `most` orders in progress. So the working set stays in fast memory,
 * and the rest waits as a list of ids. A larger ring is handed on in parts. After `stop`, parts that have not begun are given
 * back.
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
