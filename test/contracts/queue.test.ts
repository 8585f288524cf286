// The order queue's contract, kept by the queue inside one process and by the one on Redis.
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { OrderQueue } from '../../src/domain/ports/queue.ts'
import type { OrderId } from '../../src/domain/spec.ts'
import { openLocalQueue } from '../../src/queue/localQueue.ts'
import { openOrderQueue } from '../../src/queue/orderQueue.ts'
import { createSystemRandom } from '../../src/timing/system.ts'
import { manualClock } from '../support/manualClock.ts'
import { newId } from '../support/orders.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'

type QueueUnderTest = {
  readonly queue: OrderQueue
  /** Now, as the queue's own clock has it. */
  now(): number
  /** Lets the queue's time pass; a real clock does so by itself. */
  pass(ms: number): void
  close(): Promise<void>
}

const CONCURRENCY = 8

/** Works on rings and notes them; `seen` settles once all of these orders were handed over. */
function listen(queue: OrderQueue, handle: (ids: readonly OrderId[]) => Promise<void> = async () => {}) {
  const heard: OrderId[] = []
  const stop = queue.work(async (ids) => {
    heard.push(...ids)
    await handle(ids)
  })
  const seen = (ids: readonly OrderId[]) =>
    vi.waitFor(() => expect(heard).toEqual(expect.arrayContaining([...ids])), {
      timeout: 10_000,
      interval: 5,
    })
  return { heard, seen, stop }
}

/** A gate that stays shut until opened. */
function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

function describeQueue(openQueue: () => Promise<QueueUnderTest>): void {
  let opened: QueueUnderTest | null = null
  const start = async () => {
    opened = await openQueue()
    return opened
  }
  afterEach(async () => {
    await opened?.close()
    opened = null
  })

  test('a ring reaches the worker', async () => {
    const { queue } = await start()
    const { seen } = listen(queue)
    const id = newId()
    await queue.ring(id)
    await seen([id])
  })

  test('rings taken before there is a worker wait for it', async () => {
    const { queue } = await start()
    const ids = Array.from({ length: 5 }, newId)
    await Promise.all(ids.map((id) => queue.ring(id)))
    await listen(queue).seen(ids)
  })

  test('of many rings at once none is lost', async () => {
    const { queue } = await start()
    const { heard, seen } = listen(queue)
    const ids = Array.from({ length: 1_000 }, newId)
    await Promise.all(ids.map((id) => queue.ring(id)))
    await seen(ids)
    expect(new Set(heard).size).toBe(1_000)
  })

  test('a ring after the handler has begun with the order is a new ring', async () => {
    const { queue } = await start()
    const { open, opened: released } = gate()
    const { heard, seen } = listen(queue, () => released)
    const id = newId()
    await queue.ring(id)
    await seen([id])
    await queue.ring(id)
    open()
    await vi.waitFor(() => expect(heard).toEqual([id, id]), { timeout: 10_000 })
  })

  test('a delayed ring comes after its delay, not before, and holds up no other', async () => {
    const { queue, now, pass } = await start()
    const { heard, seen } = listen(queue)
    const [later, atOnce] = [newId(), newId()]
    const rungAt = now()
    await queue.ring(later, 300)
    await queue.ring(atOnce)
    await seen([atOnce])
    expect(heard).toEqual([atOnce])
    pass(300)
    await seen([later])
    expect(now() - rungAt).toBeGreaterThanOrEqual(300)
  })

  test('one slow order does not hold up the others', async () => {
    const { queue } = await start()
    const { open, opened: released } = gate()
    const slow = newId()
    const { seen } = listen(queue, (ids) => (ids.includes(slow) ? released : Promise.resolve()))
    await queue.ring(slow)
    await seen([slow])
    const others = Array.from({ length: 20 }, newId)
    for (const id of others) await queue.ring(id)
    await seen(others)
    open()
  })

  test('stopping waits for handlers under way; what is rung afterwards waits for the next worker', async () => {
    const { queue } = await start()
    const { open, opened: released } = gate()
    const { heard, seen, stop } = listen(queue, () => released)
    const id = newId()
    await queue.ring(id)
    await seen([id])
    let isStopped = false
    const stopping = stop().then(() => {
      isStopped = true
    })
    await queue.ping()
    expect(isStopped).toBe(false)
    open()
    await stopping
    const later = newId()
    await queue.ring(later)
    await listen(queue).seen([later])
    expect(heard).toEqual([id])
  })

  test('no more orders than the concurrency are in hand at once, however they were rung for', async () => {
    const { queue } = await start()
    const { open, opened: released } = gate()
    let inHand = 0
    let most = 0
    const { heard, seen } = listen(queue, async (ids) => {
      inHand += ids.length
      most = Math.max(most, inHand)
      await released
      inHand -= ids.length
    })
    const ids = Array.from({ length: 30 }, newId)
    await Promise.all(ids.map((id) => queue.ring(id)))
    await vi.waitFor(() => expect(heard).toHaveLength(CONCURRENCY), { timeout: 10_000 })
    open()
    await seen(ids)
    expect(most).toBe(CONCURRENCY)
  })

  test('orders that wait for their turn when a worker stops are left to the next', async () => {
    const { queue } = await start()
    const { open, opened: released } = gate()
    const { heard, stop } = listen(queue, () => released)
    const ids = Array.from({ length: 30 }, newId)
    await Promise.all(ids.map((id) => queue.ring(id)))
    await vi.waitFor(() => expect(heard).toHaveLength(CONCURRENCY), { timeout: 10_000 })
    const stopping = stop()
    open()
    await stopping
    expect(heard).toHaveLength(CONCURRENCY)
    await listen(queue).seen(ids.filter((id) => !heard.includes(id)))
  })

  test('it is available and answers a ping', async () => {
    const { queue } = await start()
    await queue.ping()
    expect(queue.isAvailable()).toBe(true)
  })
}

describe('order queue inside one process', () => {
  describeQueue(async () => {
    const clock = manualClock()
    const queue = openLocalQueue(clock, CONCURRENCY)
    return { queue, now: clock.now, pass: clock.advance, close: queue.close }
  })

  test('orders rung twice before they are taken are handed over once', async () => {
    const queue = openLocalQueue(manualClock(), CONCURRENCY)
    const id = newId()
    await queue.ring(id)
    await queue.ring(id)
    const { heard, seen } = listen(queue)
    await seen([id])
    await queue.close()
    expect(heard).toEqual([id])
  })
})

describeDistributed('order queue on Redis', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>> | null = null
  let prefixes = 0
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(() => database?.drop())

  async function redisQueue(more: { redisUrl?: string; prefix?: string } = {}) {
    if (database === null) throw new Error('the database is there only while tests run')
    prefixes += 1
    const { redisUrl, prefix } = {
      redisUrl: database.redisUrl,
      prefix: `${database.queuePrefix}:${prefixes}`,
      ...more,
    }
    const clock = manualClock()
    const queue = openOrderQueue(clock, createSystemRandom(), {
      redisUrl,
      prefix,
      concurrency: CONCURRENCY,
      onFault: () => {},
    })
    const isOpen = () => vi.waitFor(() => queue.ping(), { timeout: 10_000, interval: 10 })
    return { queue, isOpen, now: Date.now, pass: () => {}, close: queue.close, prefix }
  }

  async function openRedisQueue(prefix?: string) {
    const opened = await redisQueue(prefix === undefined ? {} : { prefix })
    await opened.isOpen()
    return opened
  }

  describeQueue(openRedisQueue)

  test('a ring in one process reaches the worker in another', async () => {
    const worker = await openRedisQueue()
    const api = await openRedisQueue(worker.prefix)
    const { seen } = listen(worker.queue)
    const id = newId()
    await api.queue.ring(id)
    await seen([id])
    await Promise.all([api.close(), worker.close()])
  })

  test('queues with different prefixes do not hear each other', async () => {
    const [one, two] = [await openRedisQueue(), await openRedisQueue()]
    const [first, second] = [listen(one.queue), listen(two.queue)]
    const [a, b] = [newId(), newId()]
    await Promise.all([one.queue.ring(a), two.queue.ring(b)])
    await Promise.all([first.seen([a]), second.seen([b])])
    await Promise.all([one.close(), two.close()])
    expect([first.heard, second.heard]).toEqual([[a], [b]])
  })

  test('without its server it refuses pings and is not available', async () => {
    const { queue, close } = await redisQueue({ redisUrl: 'redis://127.0.0.1:1' })
    onTestFinished(close)
    await expect(queue.ping()).rejects.toThrow()
    expect(queue.isAvailable()).toBe(false)
  })

  for (const delayMs of [0, 100]) {
    test(`without its server a ring after ${delayMs} ms is refused, not held back`, {
      timeout: 5_000,
    }, async () => {
      const { queue, close } = await redisQueue({ redisUrl: 'redis://127.0.0.1:1' })
      onTestFinished(close)
      await expect(queue.ring(newId(), delayMs)).rejects.toThrow()
    })
  }
})
