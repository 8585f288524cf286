// The chain's contract, kept by the simulated chain over the embedded database and over a Postgres server.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { MockChain } from '../../src/dex/mockChain.ts'
import type { Sql } from '../../src/domain/ports.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { freshFolder } from '../embeddedFolder.ts'
import { type ManualClock, manualClock } from '../manualClock.ts'
import { describeDistributed, freshDatabase } from '../services.ts'
import { describeChain, landedFor, landingOf, openChain, openProducer, passSlots, settled, signed } from './chains.ts'

type Database = { readonly sql: Sql; remove(): Promise<void> }

/** Runs tests on one database that holds no chain when a test begins. */
function onDatabase(open: () => Promise<Database>): () => Promise<Sql> {
  let database: Database | null = null
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database?.remove())
  return async () => {
    if (database === null) throw new Error('the database is open only while tests run')
    await database.sql.script('drop schema if exists simulation cascade')
    return database.sql
  }
}

describe('simulated chain on the embedded database', () => {
  describeChain(
    onDatabase(async () => {
      const folder = await freshFolder()
      const sql = await openPglite(folder.path)
      return { sql, remove: () => sql.close().then(folder.remove) }
    }),
  )
})

describeDistributed('simulated chain on Postgres', () => {
  const freshSql = onDatabase(async () => {
    const { pgConn, drop } = await freshDatabase()
    const sql = openPostgres({ connectionString: pgConn, maxConnections: 5, onConnectionError: () => {} })
    return { sql, remove: () => sql.close().then(drop) }
  })
  describeChain(freshSql)

  describe('shared by several processes', () => {
    type Opened = { readonly sql: Sql; readonly clock: ManualClock; readonly first: MockChain }

    async function shared(use: (opened: Opened) => Promise<void>): Promise<void> {
      const [sql, clock] = [await freshSql(), manualClock()]
      const first = await openProducer(sql, clock)
      await use({ sql, clock, first }).finally(first.close)
    }

    /** Has the second chain's view of the first grow old, so that it looks again. */
    const lookAgain = (clock: ManualClock) => clock.advance(101)

    test('a process that does not produce trades on the producer’s chain and sees its landings', () =>
      shared(async ({ sql, clock, first }) => {
        const api = await openChain(sql, clock, { produces: false })
        const hint = vi.fn()
        api.onBlock(hint)
        const watched = await signed(api)
        await api.send(watched.swap)
        await api.send(watched.swap)
        await vi.waitFor(async () => {
          await passSlots(first, clock, 1)
          expect(await landingOf(api, watched)).toMatchObject({ kind: 'landed' })
        })
        await vi.waitFor(() => expect(hint).toHaveBeenCalled())
        expect(await landedFor(first, watched)).toHaveLength(1)
        lookAgain(clock)
        const [mine, theirs] = [await api.readPools(), await first.readPools()]
        expect([...mine.pools.keys()].toSorted()).toEqual([...theirs.pools.keys()].toSorted())
        await api.close()
      }))

    test('of two that offer to produce only one does', () =>
      shared(async ({ sql, clock, first }) => {
        const second = await openChain(sql, clock)
        const { slot } = await first.readPools()
        await passSlots(first, clock, 5)
        expect((await first.readPools()).slot).toBe(slot + 5)
        lookAgain(clock)
        expect((await second.readPools()).slot).toBeLessThanOrEqual(slot + 6)
        await second.close()
      }))

    test('when the producer closes another takes over, and what was sent to it lands', () =>
      shared(async ({ sql, clock, first }) => {
        const landedBefore = await signed(first)
        await first.send(landedBefore.swap)
        await passSlots(first, clock, 2)
        await settled(first, landedBefore)
        const second = await openChain(sql, clock)
        const watched = await signed(second)
        await first.close()
        await second.send(watched.swap)
        await vi.waitFor(
          async () => {
            clock.advance(400)
            expect(await landedFor(second, watched)).toHaveLength(1)
          },
          { timeout: 10_000, interval: 20 },
        )
        expect(await landingOf(second, landedBefore)).toMatchObject({ kind: 'landed' })
        await second.close()
      }))

    test('a deposed producer writes nothing any more', () =>
      shared(async ({ sql, clock, first }) => {
        await sql.query('update simulation.chain set epoch = epoch + 1')
        const [{ slot } = { slot: -1 }] = await sql.query<{ slot: number }>(
          'select slot::float8 as slot from simulation.chain',
        )
        const watched = await signed(first)
        await first.send(watched.swap)
        clock.advance(400)
        await vi.waitFor(async () => {
          const [now] = await sql.query<{ slot: number }>('select slot::float8 as slot from simulation.chain')
          expect(now?.slot).toBe(slot)
        })
        expect(await landedFor(first, watched)).toEqual([])
      }))
  })
})
