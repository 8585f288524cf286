// Owns what the tests know about real servers: where Redis and Postgres are, or that there are none.
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { describe, test } from 'vitest'

export type Services = { readonly redisUrl: string; readonly pgConn: string }

export type FreshDatabase = Services & {
  /** Unique to this call: give it to BullMQ as `prefix`, and to every other key or channel of the test. */
  readonly queuePrefix: string
  /** Removes the database, whoever is still connected, and the Redis keys under the prefix. */
  drop(): Promise<void>
}

/**
 * The servers of this run, from TEST_REDIS_URL and TEST_PG_CONN; `null` when it has none. Half a pair is an error.
 * @public
 */
export const services: Services | null = servicesFromEnv()

function servicesFromEnv(): Services | null {
  const { TEST_REDIS_URL: redisUrl, TEST_PG_CONN: pgConn } = process.env
  if (redisUrl && pgConn) return { redisUrl, pgConn }
  if (redisUrl || pgConn)
    throw new Error('TEST_REDIS_URL and TEST_PG_CONN belong together: set both or neither')
  return null
}

/**
 * A suite that needs real servers. Without them it is shown as skipped, by its name, and `fn` is not called; with
 * REQUIRE_SERVICES=1 the file fails instead.
 */
export function describeDistributed(name: string, fn: (services: Services) => void): void {
  if (services !== null) {
    const found = services
    describe(name, () => fn(found))
  } else if (process.env.REQUIRE_SERVICES === '1') {
    throw new Error(`"${name}" needs Redis and Postgres: set TEST_REDIS_URL and TEST_PG_CONN`)
  } else {
    describe.skip(name, () => {
      test('every test of this suite: needs Redis and Postgres', () => {})
    })
  }
}

/** A database and a queue prefix that nobody else uses, on the servers of this run. The caller drops them. */
export async function freshDatabase(): Promise<FreshDatabase> {
  if (services === null) throw new Error('freshDatabase needs servers: call it inside describeDistributed')
  const { redisUrl, pgConn } = services
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`
  await query(pgConn, `CREATE DATABASE ${name}`)
  const fresh = new URL(pgConn)
  fresh.pathname = `/${name}`
  return {
    redisUrl,
    pgConn: fresh.href,
    queuePrefix: name,
    async drop() {
      await query(pgConn, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await removeKeys(redisUrl, name)
    },
  }
}

async function query(pgConn: string, sql: string): Promise<void> {
  const client = new Client({
    connectionString: pgConn,
    connectionTimeoutMillis: 10_000,
    query_timeout: 20_000,
  })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function removeKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 })
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
      if (keys.length > 0) await redis.unlink(...keys)
    }
  } finally {
    redis.disconnect()
  }
}
