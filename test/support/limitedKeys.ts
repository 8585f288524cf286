// Owns databases with keys that have quotas: the tables in memory, and what a Postgres holds.
import type { Broadcast } from '../../src/domain/ports/broadcast.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { createKeyStore } from '../../src/store/keyStore.ts'
import { migrate } from '../../src/store/migrations.ts'
import { createStatements, type Statements } from '../../src/store/statements.ts'
import type { Random } from '../../src/timing/random.ts'
import type { Databases } from './databases.ts'
import type { ManualClock } from './manualClock.ts'
import { answering, openMemoryTables, soundTables } from './memoryTables.ts'

const random: Random = {
  next: Math.random,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
}

/** The tables of two processes, and keys with quotas in them. */
export type LimitedKeys = {
  readonly tables: Statements
  readonly otherStatements: Statements
  readonly hints: Broadcast
  readonly otherHints: Broadcast
  /** A key with these limits, by the id that owns its orders. */
  keyWith(limits: KeyQuotas, clock: ManualClock): Promise<string>
  /** How many orders of the key are stored, and how many of them are kept to be counted. */
  countOf(owner: string): Promise<{ readonly orders: number; readonly counted: number }>
  remove(): Promise<void>
}

export async function inMemory(): Promise<LimitedKeys> {
  const keys: KeyQuotas[] = []
  const { rows, tables, limits } = openMemoryTables(soundTables, (owner) => keys[Number(owner)] ?? {})
  return {
    tables: answering(tables),
    otherStatements: answering(tables),
    hints: noBroadcast,
    otherHints: noBroadcast,
    keyWith: async (wanted) => String(keys.push(wanted) - 1),
    countOf: async (owner) => ({
      orders: [...rows.values()].filter(({ spec }) => spec.owner === owner).length,
      counted: limits.kept(owner),
    }),
    remove: async () => {},
  }
}

export const overSql = (open: () => Promise<Databases>) => async (): Promise<LimitedKeys> => {
  const { sql, otherSql, ...rest } = await open()
  await migrate(sql)
  return {
    ...rest,
    tables: createStatements(sql),
    otherStatements: createStatements(otherSql),
    async keyWith(limits, clock) {
      const keys = createKeyStore(sql, clock, random)
      return (await keys.create({ name: 'bot', scopes: ['trade'], quotas: limits, expiresAt: null })).key.id
    },
    async countOf(owner) {
      const [row] = await sql.query<{ orders: number; counted: number }>(
        `select (select count(*)::int from orders where owner = $1) as orders,
                (select count(*)::int from key_usage where owner = $1) as counted`,
        [owner],
      )
      return row ?? { orders: 0, counted: 0 }
    },
  }
}
