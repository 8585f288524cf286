// Owns DATA_DIR: the lock on it, the one database in it, and how that comes to be there. Nothing is written beside it.

import { mkdtempSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from '../../domain/ports/sql.ts'
import { explainFolderFault } from './folderFaults.ts'
import { type LockDeps, type LockedFolder, lockFolder } from './folderLock.ts'
import { makeDatabase, openPglite } from './pglite.ts'

/**
 * Opens the database in DATA_DIR, making it on first use; one process at a time. `onLost` is told when the database or its
 * folder is gone: nothing more can be asked of it. Throws an error that names DATA_DIR and the cure.
 */
export async function openEmbedded(dataDir: string, deps: LockDeps): Promise<Sql> {
  try {
    const folder = await lockFolder(dataDir, deps)
    try {
      if (!folder.hasDatabase()) await makeDatabaseIn(folder)
      const sql = await openPglite(folder.database, deps.onLost)
      // Before anybody relies on it: the watch looks only once a second.
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
 * Under another name: a process that dies over it leaves nothing behind that looks whole. That name is its own: should
 * somebody have deleted the lock meanwhile, another engine may be making a database here too, and the first to be done wins.
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

/** Each in two steps: what is being deleted can no longer be put into its place by who made it. */
function clearUnfinished(path: string): void {
  const discarded = join(path, `${UNFINISHED}.discarded`)
  rmSync(discarded, { recursive: true, force: true })
  for (const name of readdirSync(path)) {
    if (!name.startsWith(`${UNFINISHED}-`)) continue
    renameSync(join(path, name), discarded)
    rmSync(discarded, { recursive: true, force: true })
  }
}

/** Throws where something else is in the way, before seconds are spent on a database that would find no place. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTDIR') throw Object.assign(new Error('not a folder'), { code: 'ENOTEMPTY' })
    if (code !== 'ENOENT') throw error
  }
}
