// The same lives on the real order store: group commits, chains of appends, keys and followers on one Postgres.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../src/domain/ports.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { freshFolder } from '../embeddedFolder.ts'
import { firstBrokenLife } from './lives.ts'
import { sqlDurable } from './sqlStore.ts'

const RUNS = Number(process.env.SQL_INTERLEAVING_RUNS ?? 60)

let sql: Sql
let remove = () => {}

beforeAll(async () => {
  const folder = await freshFolder()
  remove = folder.remove
  sql = await openPglite(folder.path)
})

afterAll(async () => {
  await sql.close()
  remove()
})

test(`every order ends once and agrees with the ledger, in ${RUNS} random lives on Postgres`, async () => {
  const openDurable = ({ hints }: { readonly hints: readonly boolean[] }) => sqlDurable(sql, hints)
  expect(await firstBrokenLife({ runs: RUNS, openDurable })).toBeNull()
}, 600_000)
