// How far a store in Postgres is, asked from outside; the engine and the naive baseline both keep a table `orders (id, status,
// updated_at)`.
import pg from 'pg'
import type { Counts, Target } from './measure.ts'

type SqlStore = Pick<Target, 'counts' | 'confirmedAmong'> & { readonly close: () => Promise<void> }

export async function sqlStore(pgConn: string): Promise<SqlStore> {
  const client = new pg.Client({ connectionString: pgConn })
  client.on('error', () => undefined) // the next question tells
  await client.connect()
  return {
    counts: async () => {
      const { rows } = await client.query('select status, count(*)::int as count from orders group by 1')
      const counts: Counts = Object.fromEntries(rows.map((row) => [row.status, row.count]))
      return counts
    },
    confirmedAmong: async (ids) => {
      const { rows } = await client.query(
        `select count(*)::int as count, max(updated_at) as last from orders
         where status = 'confirmed' and id = any($1::uuid[])`,
        [ids],
      )
      return { count: rows[0].count, lastAtMs: Number(rows[0].last) }
    },
    close: () => client.end(),
  }
}
