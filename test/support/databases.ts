// Owns databases for contracts: the embedded one and a server's, each as two processes have it.

import type { Broadcast } from '../../src/domain/ports/broadcast.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { noBroadcast, openBroadcast } from '../../src/queue/broadcast.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createSystemRandom, systemClock } from '../../src/timing/system.ts'
import { freshFolder } from './embeddedFolder.ts'
import { freshDatabase } from './services.ts'

export type Databases = {
  readonly sql: Sql
  readonly otherSql: Sql
  readonly hints: Broadcast
  readonly otherHints: Broadcast
  remove(): Promise<void>
}

export async function embedded(): Promise<Databases> {
  const folder = await freshFolder()
  const sql = await openPglite(folder.database)
  return {
    sql,
    otherSql: sql,
    hints: noBroadcast,
    otherHints: noBroadcast,
    remove: () => sql.close().then(folder.remove),
  }
}

export async function distributed(): Promise<Databases> {
  const database = await freshDatabase()
  const open = () =>
    openPostgres({ connectionString: database.pgConn, maxConnections: 5, onConnectionError: () => {} })
  const { redisUrl, queuePrefix: prefix } = database
  const openHints = () =>
    openBroadcast(systemClock, createSystemRandom(), { redisUrl, prefix, onFault: () => {} })
  const [sql, otherSql, hints, otherHints] = [open(), open(), openHints(), openHints()]
  const remove = async () => {
    hints.close()
    otherHints.close()
    await Promise.all([sql.close(), otherSql.close()])
    await database.drop()
  }
  return { sql, otherSql, hints, otherHints, remove }
}
