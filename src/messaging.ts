// Owns which queue and which hints a configuration means: those of one process, or Redis.

import type { ClosableQueue } from './around.ts'
import type { Config } from './config.ts'
import type { Broadcast } from './domain/ports/broadcast.ts'
import type { Observe } from './observe.ts'
import { noBroadcast, openBroadcast } from './queue/broadcast.ts'
import { openLocalQueue } from './queue/localQueue.ts'
import { openOrderQueue } from './queue/orderQueue.ts'
import type { Clock } from './timing/clock.ts'
import type { Random } from './timing/random.ts'

export type MessagingDeps = {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly observe: Observe
}

/** Hints between processes; without Redis there is one process, and nothing to hint at. */
export function openHints({ config, clock, random, observe }: MessagingDeps): Broadcast & { close(): void } {
  if (config.REDIS_URL === null) return noBroadcast
  const onFault = (error: unknown) => observe.fault('queue', error)
  return openBroadcast(clock, random, { redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX, onFault })
}

export function openQueue({ config, clock, random, observe }: MessagingDeps): ClosableQueue {
  const concurrency = config.WORKER_CONCURRENCY
  if (config.REDIS_URL === null) return openLocalQueue(clock, concurrency)
  const onFault = (error: unknown) => observe.fault('queue', error)
  const options = { redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX, concurrency, onFault }
  return openOrderQueue(clock, random, options)
}
