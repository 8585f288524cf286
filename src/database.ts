// Owns which database a configuration means: the embedded one or a server. Apart from the engine, so that the keys program
// loads none of it.

import { named } from './cli/startup.ts'
import type { Config } from './config.ts'
import type { Sql } from './domain/ports/sql.ts'
import type { Observe } from './observe.ts'
import { openEmbedded } from './store/embedded/openEmbedded.ts'
import { openPostgres } from './store/postgres.ts'
import { createId } from './timing/ids.ts'
import { createSystemRandom, systemClock } from './timing/system.ts'

/** Things to close, the last opened first. */
export type Closers = (() => Promise<void> | void)[]

/** The setting that says where the database is. */
export const storeOf = (config: Config) => (config.PG_CONN === null ? 'DATA_DIR' : 'PG_CONN')

/** The database of this configuration. What it takes to close it again is added to `closers`. */
export async function openSql(config: Config, observe: Observe, closers: Closers): Promise<Sql> {
  if (config.PG_CONN === null) {
    const sql = await openEmbedded(config.DATA_DIR, {
      clock: systemClock,
      id: createId(systemClock, createSystemRandom()),
      onWait: (text) => process.stderr.write(`${text}\n`),
      // An engine without its database could only refuse: it ends, and its supervisor starts it again.
      onLost: (error) => {
        throw error
      },
    })
    closers.push(sql.close)
    return sql
  }
  const sql = openPostgres({
    connectionString: config.PG_CONN,
    maxConnections: 10,
    onConnectionError: (error) => observe.fault('store', error),
  })
  closers.push(sql.close)
  await named('PG_CONN', sql.check)
  return sql
}
