// The same schedules on the real tables, of the embedded Postgres and of a server: group commits, chains of appends, keys,
// groups and followers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Databases, distributed, embedded } from '../support/databases.ts'
import { describeDistributed } from '../support/services.ts'
import type { Setting } from './schedule.ts'
import { firstFailure } from './search.ts'
import { openTraffic, sqlDurable } from './sqlDurable.ts'

const RUNS = Number(process.env.SQL_CHAOS_RUNS ?? 60)
const SEED = Number(process.env.SQL_CHAOS_SEED ?? 1)

describe('the embedded database', () => describeSchedules(embedded))
describeDistributed('a Postgres server', () => describeSchedules(distributed))

function describeSchedules(open: () => Promise<Databases>): void {
  let databases: Databases

  beforeAll(async () => {
    databases = await open()
  })

  afterAll(() => databases.remove())

  test(`keeps the rules in ${RUNS} schedules`, async () => {
    const traffic = openTraffic()
    const setting = {
      quiet: traffic.quiet,
      openDurable: (...[world, effects, limits]: Parameters<NonNullable<Setting['openDurable']>>) =>
        sqlDurable(databases.sql, world, traffic, effects, limits),
    }
    expect(await firstFailure({ seed: SEED, runs: RUNS, setting })).toBeNull()
  }, 600_000)
}
