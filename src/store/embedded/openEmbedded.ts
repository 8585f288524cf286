// Owns DATA_DIR: its lock, its one database, and how that is made. Nothing is written outside of it.

import { mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from '../../domain/ports/sql.ts'
import { explainFolderFault } from './folderFaults.ts'
import { type LockDeps, type LockedFolder, lockFolder } from './folderLock.ts'
import { makeDatabase, openPglite } from './pglite.ts'

/**
 * Opens the database in DATA_DIR, making it on first use; one process at a time. `onLost` is called when the database or its
 * folder is gone: it takes no more statements. Throws an error that names DATA_DIR and the cure.
 */
export async function openEmbedded(dataDir: string, deps: LockDeps): Promise<Sql> {
  try {
    const folder = await lockFolder(dataDir, deps)
    try {
      if (!folder.hasDatabase()) await makeDatabaseIn(folder)
      const sql = await openPglite(folder.database, deps.onLost)
      // Before it is used: the watch looks only once a second.
      folder.check()
      return { ...sql, close: () => sql.close().finally(folder.release) }
    } catch (error) {
      folder.release()
      throw error
    }
  } catch (error) {
    throw explainFolderFault(dataDir, error)
  }
}

const UNFINISHED = 'database.unfinished'

/**
 * Made under a temporary name: a process that dies over it leaves nothing behind that looks whole. The name is unique: if
 * engine.lock was deleted meanwhile, another engine may be making a database here too, and the first to finish wins.
 */
async function makeDatabaseIn(folder: LockedFolder): Promise<void> {
  clearUnfinished(folder.path)
  removeEmpty(folder.database)
  const unfinished = mkdtempSync(join(folder.path, `${UNFINISHED}-`))
  try {
    await makeDatabase(unfinished)
  } catch (error) {
    folder.check()
    throw error
  }
  folder.check()
  folder.adopt(unfinished)
}

/** Renamed, then deleted: its maker can no longer put it into place. */
function clearUnfinished(path: string): void {
  const discarded = join(path, `${UNFINISHED}.discarded`)
  rmSync(discarded, { recursive: true, force: true })
  for (const name of readdirSync(path)) {
    if (!name.startsWith(`${UNFINISHED}-`)) continue
    renameSync(join(path, name), discarded)
    rmSync(discarded, { recursive: true, force: true })
  }
}

/** Throws where the place is taken, before seconds are spent on making the database. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') throw Object.assign(new Error('not a folder'), { code: 'ENOTEMPTY' })
    if (code !== 'ENOENT') throw error
  }
}
