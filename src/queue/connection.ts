// Owns how Redis is reached: connections that mend themselves, how long to wait after a refusal, and what the libraries
// would print on the console.

import { Redis, type RedisOptions } from 'ioredis'
import type { Random } from '../timing/random.ts'

/** Told between connecting and being ready. */
const NO_DATABASE = /DB index is out of range|SELECT is not allowed/

export type RedisSettings = Pick<
  RedisOptions,
  'enableOfflineQueue' | 'maxRetriesPerRequest' | 'commandTimeout'
>

const FIRST_WAIT_MS = 250
/** How much later than Redis itself the queue is back at most. */
const LONGEST_WAIT_MS = 5_000

/** How long to wait after so many refusals in a row, from 1: no two processes keep step. */
export const waitMs = (refusals: number, random: Random): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (refusals - 1)) * (0.75 + random.next() / 4)

/**
 * `onFault` is told of every connection that is lost or not made, and of a memory policy that may evict rings. The driver
 * connects again by itself, 50 ms to 5 s later.
 */
export function connectRedis(url: string, settings: RedisSettings, onFault: (error: Error) => void): Redis {
  // Without INFO at each connection, which takes a right of its own: a server that is loading says so to every command.
  const redis = new Redis(url, { ...settings, enableReadyCheck: false })
  redis.on('error', (error) => {
    onFault(error)
    // The driver would go on in database 0, where another engine may be.
    if (NO_DATABASE.test(error.message)) redis.disconnect(true)
  })
  return quiet(redis, onFault)
}

/** What BullMQ is told by a server that keeps INFO from our user. Users with rights came with version 6. */
const SECRETIVE = 'redis_version:6.2.0\r\n'
const POLICY = /^maxmemory_policy:(\S+)\r?\n/m

/** BullMQ asks each connection, and each copy of one, for INFO: it would print the memory policy on the console, and never recover from a refusal. */
function quiet(redis: Redis, onFault: (error: Error) => void): Redis {
  const [info, duplicate] = [redis.info.bind(redis), redis.duplicate.bind(redis)]
  return Object.assign(redis, {
    async info(): Promise<string> {
      const text = await info().catch((error: Error) => {
        if (!error.message.startsWith('NOPERM')) throw error
        return SECRETIVE
      })
      const policy = POLICY.exec(text)?.[1] ?? 'noeviction'
      if (policy !== 'noeviction') onFault(new EvictionPossible(policy))
      return text.replace(POLICY, '')
    },
    duplicate: (settings: RedisOptions) => quiet(duplicate(settings), () => {}),
  })
}

class EvictionPossible extends Error {
  readonly code = 'EVICTION'

  constructor(policy: string) {
    super(`maxmemory-policy is ${policy}: Redis may evict rings`)
  }
}
