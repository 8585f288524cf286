// The simulated chain over the embedded database and over a Postgres server, alone and shared by several processes.
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { SimulatedChain } from '../../src/dex/simulated/chain.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { openBroadcast } from '../../src/queue/broadcast.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createSystemRandom, systemClock } from '../../src/timing/system.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import { describeDistributed, freshDatabase } from '../support/services.ts'
import { halved, interventionsSuite, moon } from './interventionsSuite.ts'
import { simulatedChainSuite } from './simulatedChainSuite.ts'
import {
  landedFor,
  landingOf,
  openChain,
  openProducer,
  passSlots,
  priceOf,
  settled,
  signed,
} from './simulatedChains.ts'

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
  const freshSql = onDatabase(async () => {
    const folder = await freshFolder()
    const sql = await openPglite(folder.database)
    return { sql, remove: () => sql.close().then(folder.remove) }
  })
  simulatedChainSuite(freshSql)
  interventionsSuite(freshSql)
})

describeDistributed('simulated chain on Postgres', ({ redisUrl }) => {
  const connect = (connectionString: string) =>
    openPostgres({ connectionString, maxConnections: 5, onConnectionError: () => {} })
  const openHints = () =>
    openBroadcast(systemClock, createSystemRandom(), { redisUrl, prefix: pgConn, onFault: () => {} })
  let pgConn = ''
  const freshSql = onDatabase(async () => {
    const database = await freshDatabase()
    pgConn = database.pgConn
    const sql = connect(pgConn)
    return { sql, remove: () => sql.close().then(database.drop) }
  })
  simulatedChainSuite(freshSql)
  interventionsSuite(freshSql)

  describe('shared by several processes', () => {
    type Process = { readonly chain: SimulatedChain; end(): Promise<void> }
    type Opened = {
      readonly sql: Sql
      readonly clock: ManualClock
      readonly first: Process
      /** Another process on the same chain, with connections of its own. */
      another(more?: Parameters<typeof openChain>[2], itsClock?: ManualClock): Promise<Process>
    }

    async function shared(use: (opened: Opened) => Promise<void>): Promise<void> {
      const [sql, clock] = [await freshSql(), manualClock()]
      const open = async (
        start: typeof openChain,
        more: Parameters<typeof openChain>[2] = {},
        itsClock = clock,
      ) => {
        const own = connect(pgConn)
        const hints = openHints()
        const chain = await start(own, itsClock, more, hints)
        const end = () => chain.close().then(own.close).then(hints.close)
        return { chain, end }
      }
      const first = await open(openProducer)
      await use({ sql, clock, first, another: (...more) => open(openChain, ...more) }).finally(first.end)
    }

    /** Has the second chain's view of the first grow old, so that it looks again. */
    const lookAgain = (clock: ManualClock) => clock.advance(101)

    test('a process that does not produce trades on the producer’s chain and sees its landings', () =>
      shared(async ({ clock, first, another }) => {
        const { chain: api, end } = await another({ produces: false })
        const hint = vi.fn()
        api.onLanding(hint)
        const watched = await signed(api)
        await api.send(watched.swap)
        await api.send(watched.swap)
        await vi.waitFor(
          async () => {
            await passSlots(first.chain, clock, 1)
            expect(await landingOf(api, watched)).toMatchObject({ kind: 'landed' })
          },
          { timeout: 5_000 },
        )
        await vi.waitFor(() => expect(hint).toHaveBeenCalledWith([watched.swap.signature]))
        expect(await landedFor(first.chain, watched)).toHaveLength(1)
        lookAgain(clock)
        const [mine, theirs] = [await api.readPools(), await first.chain.readPools()]
        expect([...mine.pools.keys()].toSorted()).toEqual([...theirs.pools.keys()].toSorted())
        await end()
      }))

    test('what a process reads of a pool is the same object until the pool changes', () =>
      shared(async ({ clock, first, another }) => {
        const { chain: api, end } = await another({ produces: false })
        const read = async () => {
          lookAgain(clock)
          return [...(await api.readPools()).pools.values()]
        }
        const before = await read()
        expect((await read()).every((pool, i) => pool === before[i])).toBe(true)
        await api.move({ ...halved, factor: 2 })
        await passSlots(first.chain, clock, 2)
        const after = await read()
        const changed = after.filter((pool, i) => !isDeepStrictEqual(pool, before[i]))
        expect(changed.length).toBeGreaterThan(0)
        expect(after.filter((pool, i) => pool !== before[i])).toEqual(changed)
        await end()
      }))

    test('of two that offer to produce only one does', () =>
      shared(async ({ sql, clock, first, another }) => {
        const takeovers = () => sql.query('select epoch from simulation.chain')
        const before = await takeovers()
        const { chain: second, end } = await another()
        await passSlots(first.chain, clock, 10)
        expect(await takeovers()).toEqual(before)
        lookAgain(clock)
        expect((await second.readPools()).slot).toBeGreaterThan(5)
        await end()
      }))

    test('when the producer ends another takes over, and what was sent to it lands', () =>
      shared(async ({ clock, first, another }) => {
        const landedBefore = await signed(first.chain)
        await first.chain.send(landedBefore.swap)
        await passSlots(first.chain, clock, 2)
        await settled(first.chain, landedBefore)
        const { chain: second, end } = await another()
        const watched = await signed(second)
        await first.end()
        await second.send(watched.swap)
        await vi.waitFor(
          async () => {
            clock.advance(400)
            expect(await landedFor(second, watched)).toHaveLength(1)
          },
          { timeout: 10_000, interval: 20 },
        )
        expect(await landingOf(second, landedBefore)).toMatchObject({ kind: 'landed' })
        await end()
      }))

    test('a producer that stands still is replaced, and does no harm when it goes on', () =>
      shared(async ({ sql, clock, first: { chain: first }, another }) => {
        const takeovers = async () =>
          (await sql.query<{ epoch: number }>('select * from simulation.chain'))[0]
        const before = await takeovers()
        const theirClock = manualClock()
        const { chain: second, end } = await another({}, theirClock)
        const watched = await signed(first)
        await first.send(watched.swap)
        // From here on the first one's clock stands still, and with it the process.
        const untilTheirs = (claim: () => Promise<void>) =>
          vi.waitFor(
            () => {
              theirClock.advance(500)
              return claim()
            },
            { timeout: 10_000, interval: 50 },
          )
        await untilTheirs(async () => expect((await takeovers())?.epoch).toBe((before?.epoch ?? 0) + 1))
        const { slot } = await second.readPools()
        await untilTheirs(async () => expect((await second.readPools()).slot).toBeGreaterThan(slot))
        await second.send(watched.swap)
        await passSlots(second, theirClock, 2)
        expect(await settled(second, watched)).toMatchObject({ kind: 'landed' })
        clock.advance(2_000)
        await vi.waitFor(async () => {
          clock.advance(101)
          expect((await first.readPools()).slot).toBe((await second.readPools()).slot)
        })
        await passSlots(second, theirClock, 3)
        expect(await landedFor(second, watched)).toHaveLength(1)
        expect((await takeovers())?.epoch).toBe((before?.epoch ?? 0) + 1)
        await end()
      }))

    test('a move from a process that does not produce acts in the slot that its answer names', () =>
      shared(async ({ clock, first, another }) => {
        const { chain: api, end } = await another({ produces: false })
        for (const factor of [0.5, 2]) {
          const before = await priceOf(first.chain, 'A', 'USDC')
          const slot = (await api.move({ ...halved, factor })) ?? 0
          while ((await first.chain.readPools()).slot < slot) {
            expect((await priceOf(first.chain, 'A', 'USDC')) / before).toBeCloseTo(1, 1)
            await passSlots(first.chain, clock, 1)
          }
          expect((await priceOf(first.chain, 'A', 'USDC')) / before / factor).toBeCloseTo(1, 1)
        }
        await end()
      }))

    test('a launch from a process that does not produce is known to every process within a second', () =>
      shared(async ({ clock, first, another }) => {
        const { chain: api, end } = await another({ produces: false })
        const launched = await api.launch(moon)
        await passSlots(first.chain, clock, (launched?.slot ?? 0) - (await first.chain.readPools()).slot)
        for (const chain of [first.chain, api]) {
          await vi.waitFor(() => expect(chain.tokens.find('MOON')?.mint).toBe(launched?.mint))
        }
        lookAgain(clock)
        expect((await api.readPools()).pools.has(launched?.pool ?? '')).toBe(true)
        await end()
      }))

    test('a launched token is found without any hint', () =>
      shared(async ({ sql, clock, first }) => {
        const silent = await openChain(sql, clock, { produces: false })
        const launched = await silent.launch(moon)
        await passSlots(first.chain, clock, (launched?.slot ?? 0) - (await first.chain.readPools()).slot)
        await vi.waitFor(() => {
          clock.advance(1_000)
          expect(silent.tokens.find('MOON')?.mint).toBe(launched?.mint)
        })
        await silent.close()
      }))

    test('moves planned while blocks are being written each act in their own slots', () =>
      shared(async ({ clock, first, another }) => {
        const { chain: api, end } = await another({ produces: false })
        const moves = Array.from({ length: 10 }, () => api.move({ ...halved, factor: 0.9 }))
        await Promise.all([Promise.all(moves), passSlots(first.chain, clock, 10)])
        await passSlots(first.chain, clock, 3)
        expect((await priceOf(first.chain, 'A', 'USDC')) / 0.9 ** 10).toBeCloseTo(1, 1)
        await end()
      }))

    test('a move that the producer never saw acts under the one that takes over', () =>
      shared(async ({ clock, first, another }) => {
        const { chain: second, end } = await another()
        const slot = (await second.move(halved)) ?? 0
        await first.end()
        await vi.waitFor(
          async () => {
            clock.advance(400)
            expect((await second.readPools()).slot).toBeGreaterThanOrEqual(slot)
          },
          { timeout: 10_000, interval: 20 },
        )
        lookAgain(clock)
        expect(await priceOf(second, 'A', 'USDC')).toBeCloseTo(0.5, 1)
        await end()
      }))

    test('a producer renews its lease whether or not it has blocks to write', () =>
      shared(async ({ sql, clock }) => {
        const lease = async () => {
          const rows = await sql.query<{ at: Date | null }>('select leased_until as at from simulation.chain')
          return rows[0]?.at?.getTime() ?? 0
        }
        const before = await lease()
        clock.advance(1_000)
        await vi.waitFor(async () => expect(await lease()).toBeGreaterThan(before))
      }))

    test('a deposed producer writes nothing any more', () =>
      shared(async ({ sql, clock, first: { chain } }) => {
        const watched = await signed(chain)
        await chain.send(watched.swap)
        await sql.query('update simulation.chain set epoch = epoch + 1')
        const depositions: string[] = []
        const stop = chain.onLanding(() => depositions.push('a block was written'))
        await passSlots(chain, clock, 2).catch(() => {})
        stop()
        expect(depositions).toEqual([])
        expect(await landedFor(chain, watched)).toEqual([])
      }))
  })
})
