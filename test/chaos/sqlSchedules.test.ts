// The same schedules on the real tables: group commits, chains of appends, keys and followers over one embedded Postgres.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import type { Setting } from './schedule.ts'
import { firstFailure } from './search.ts'
import { openTraffic, sqlDurable } from './sqlDurable.ts'

const RUNS = Number(process.env.SQL_CHAOS_RUNS ?? 60)

let sql: Sql
let remove = () => {}

beforeAll(async () => {
  const folder = await freshFolder()
  remove = folder.remove
  sql = await openPglite(folder.database)
})

afterAll(async () => {
  await sql.close()
  remove()
})

test(`the rules are kept in ${RUNS} schedules on Postgres`, async () => {
  const traffic = openTraffic()
  const setting = {
    quiet: traffic.quiet,
    openDurable: (...[world, effects, limits]: Parameters<NonNullable<Setting['openDurable']>>) =>
      sqlDurable(sql, world, traffic, effects, limits),
  }
  expect(await firstFailure({ seed: 1, runs: RUNS, setting })).toBeNull()
}, 600_000)
