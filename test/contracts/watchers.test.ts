// The contract of the watchers of the market, kept over the embedded database, a Postgres server, and the tables in memory.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { createWatchers } from '../../src/store/marketWatchers.ts'
import { migrate } from '../../src/store/migrations.ts'
import { createStatements, type Statements } from '../../src/store/statements.ts'
import { type Databases, distributed, embedded } from '../support/databases.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { describeDistributed } from '../support/services.ts'

type Opened = {
  readonly tables: Statements
  readonly otherTables: Statements
  /** Lets time pass for the store. */
  pass(ms: number): Promise<void>
  remove(): Promise<void>
}

async function inMemory(): Promise<Opened> {
  const clock = manualClock()
  const tables = answering(openMemoryTables(undefined, undefined, clock.now).tables)
  return { tables, otherTables: tables, pass: async (ms) => clock.advance(ms), remove: async () => {} }
}

const overSql = (open: () => Promise<Databases>) => async (): Promise<Opened> => {
  const { sql, otherSql, remove } = await open()
  await migrate(sql)
  return {
    tables: createStatements(sql),
    otherTables: createStatements(otherSql),
    pass: (ms) => makeOlder(sql, ms),
    remove,
  }
}

async function makeOlder(sql: Sql, ms: number): Promise<void> {
  await sql.query("update market_watchers set seen_at = seen_at - $1 * interval '1 ms'", [ms])
}

function describeWatchers(open: () => Promise<Opened>): void {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.remove())

  test('those that have reported in time are known to each other, until they leave', async () => {
    const { tables, otherTables, pass } = opened
    const [a, b, c] = [
      createWatchers(tables, 'a'),
      createWatchers(otherTables, 'b'),
      createWatchers(otherTables, 'c'),
    ]
    const seenBy = async (watchers: typeof a) => (await watchers.report(2_500)).toSorted()
    expect(await seenBy(a)).toEqual(['a'])
    expect(await seenBy(b)).toEqual(['a', 'b'])
    expect(await seenBy(a)).toEqual(['a', 'b'])
    await pass(2_000)
    expect(await seenBy(c)).toEqual(['a', 'b', 'c'])
    await pass(2_000)
    expect(await seenBy(a)).toEqual(['a', 'c'])
    expect(await seenBy(b)).toEqual(['a', 'b', 'c'])
    await pass(120_000)
    expect(await seenBy(c)).toEqual(['c'])
    expect(await seenBy(a)).toEqual(['a', 'c'])
    await c.leave()
    expect(await seenBy(a)).toEqual(['a'])
    await c.leave()
    expect(await seenBy(b)).toEqual(['a', 'b'])
  })
}

describe('in memory', () => describeWatchers(inMemory))
describe('embedded', () => describeWatchers(overSql(embedded)))
describeDistributed('on a Postgres server', () => {
  describeWatchers(overSql(distributed))

  test('reports at one moment never wait for each other, and those of the dead are deleted', async () => {
    const { sql, otherSql, remove } = await distributed()
    await migrate(sql)
    const ids = Array.from({ length: 10 }, (_, i) => `watcher ${i}`)
    const reportAll = () =>
      Promise.all(
        ids.map((id, i) => createWatchers(createStatements(i % 2 ? sql : otherSql), id).report(2_500)),
      )
    await reportAll()
    // All had stood still, and each is dead to the others.
    for (let round = 0; round < 20; round++) {
      await makeOlder(sql, 120_000)
      await reportAll()
    }
    await makeOlder(sql, 120_000)
    await createWatchers(createStatements(sql), 'another').report(2_500)
    expect(await sql.query('select id from market_watchers')).toEqual([{ id: 'another' }])
    await remove()
  })
})
