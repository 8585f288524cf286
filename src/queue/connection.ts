// Owns connections to Redis: they reconnect by themselves, back off after a refusal, and keep the libraries from printing to
// the console.

import { Redis, type RedisOptions } from 'ioredis'
import type { Random } from '../timing/random.ts'

/** Reported between connecting and being ready. */
const NO_DATABASE = /DB index is out of range|SELECT is not allowed/

export type RedisSettings = Pick<
  RedisOptions,
  'enableOfflineQueue' | 'maxRetriesPerRequest' | 'commandTimeout'
>

const FIRST_WAIT_MS = 250
/** How long after Redis the queue recovers, at most. */
const LONGEST_WAIT_MS = 5_000

/** Exponential backoff after so many refusals in a row, from 1. Jitter keeps processes from retrying in step. */
export const waitMs = (refusals: number, random: Random): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (refusals - 1)) * (0.75 + random.next() / 4)

/**
 * `onFault` receives every connection that is lost or not made, and a memory policy that may evict rings. The driver
 * reconnects by itself, 50 ms to 5 s later.
 */
export function connectRedis(url: string, settings: RedisSettings, onFault: (error: Error) => void): Redis {
  // No INFO at each connection: it needs a right of its own, and a loading server reports that to every command anyway.
  const redis = new Redis(url, { ...settings, enableReadyCheck: false })
  redis.on('error', (error) => {
    onFault(error)
    // The driver would continue in database 0, which may belong to another engine.
    if (NO_DATABASE.test(error.message)) redis.disconnect(true)
  })
  return quiet(redis, onFault)
}

/** BullMQ's view of a server that denies INFO to our user. Redis has such users since version 6. */
const UNKNOWN_SERVER = 'redis_version:6.2.0\r\n'
const POLICY = /^maxmemory_policy:(\S+)\r?\n/m

/**
 * BullMQ sends INFO on each connection and each duplicate of one. It would print the memory policy to the console, and never
 * recover from a denied INFO.
 */
function quiet(redis: Redis, onFault: (error: Error) => void): Redis {
  const [info, duplicate] = [redis.info.bind(redis), redis.duplicate.bind(redis)]
  return Object.assign(redis, {
    async info(): Promise<string> {
      const text = await info().catch((error: Error) => {
        if (!error.message.startsWith('NOPERM')) throw error
        return UNKNOWN_SERVER
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
