// Owns a look at Redis for the operator: what it promises to keep, and its clock. Nothing is written.

import { Redis } from 'ioredis'
import type { ClockReading, RedisFacts } from '../domain/ports/survey.ts'
import type { Clock } from '../timing/clock.ts'

const ANSWER_TIMEOUT_MS = 2_000

export async function surveyRedis(redisUrl: string, clock: Clock): Promise<RedisFacts> {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: ANSWER_TIMEOUT_MS,
    commandTimeout: ANSWER_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  // The driver rejects with "Connection is closed." and reports the cause beside it.
  let cause: Error | null = null
  redis.on('error', (error: Error) => {
    cause ??= error
  })
  try {
    await redis.connect()
    await redis.ping()
    if (cause !== null) throw cause
    return await ask(redis, clock)
  } catch (error) {
    throw cause ?? error
  } finally {
    redis.disconnect()
  }
}

async function ask(redis: Redis, clock: Clock): Promise<RedisFacts> {
  const info = await allowed(redis.info())
  const field = (name: string) =>
    info === null ? null : (new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1] ?? null)
  const number = (name: string) => (field(name) === null ? null : Number(field(name)))
  const role = field('role')
  const writes = [field('rdb_last_bgsave_status'), field('aof_last_write_status')]
  return {
    version: field('redis_version'),
    clock: await allowed(readClock(redis, clock)),
    isReplica: role === null ? null : role !== 'master',
    evictionPolicy: field('maxmemory_policy'),
    maxMemoryBytes: number('maxmemory'),
    usedMemoryBytes: number('used_memory'),
    appendOnly: field('aof_enabled') === null ? null : field('aof_enabled') === '1',
    snapshots: await setting(redis, 'save'),
    hasSaved: info === null ? null : !writes.includes('err'),
  }
}

/** Null for what the user of this connection may not ask, or the server does not offer. */
async function allowed<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (/^(NOPERM|ERR unknown command)/.test((error as Error).message)) return null
    throw error
  }
}

async function setting(redis: Redis, name: string): Promise<string | null> {
  const answer = (await allowed(redis.config('GET', name))) as readonly string[] | null
  return answer?.[1] ?? null
}

async function readClock(redis: Redis, clock: Clock): Promise<ClockReading> {
  const askedAt = clock.now()
  const [seconds = 0, micros = 0] = await redis.time()
  const accuracyMs = (clock.now() - askedAt) / 2
  return { aheadMs: Number(seconds) * 1_000 + Number(micros) / 1_000 - askedAt - accuracyMs, accuracyMs }
}
