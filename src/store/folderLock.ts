// Owns the lock on DATA_DIR: two processes on one embedded database would corrupt it silently.

import { mkdirSync, readFileSync, realpathSync, renameSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { Clock } from '../domain/ports.ts'
import { type FileLock, tryLockFile } from './fileLock.ts'
import { anotherUses, folderLocked, folderLost, olderLayout } from './folderFaults.ts'
import { repeat } from './repeat.ts'

/** A holder that was killed may still be dying. */
const PATIENCE_MS = 5_000
const POLL_MS = 100
const WATCH_MS = 1_000
const ENGINE_LOCK = 'engine.lock'
const DATABASE = 'database'
/** Every Postgres database has one at its top. */
const PG_VERSION = 'PG_VERSION'

export type LockDeps = {
  readonly clock: Clock
  /** Told once, when another process holds the lock. */
  readonly onWait: (text: string) => void
  /** Told when DATA_DIR no longer leads here: whatever is written from then on is lost. */
  readonly onLost: (error: Error) => void
}

export type LockedFolder = {
  /** Without links, so that changing one later makes no difference to where the database writes. */
  readonly path: string
  /** Where the database is, or will be. */
  readonly database: string
  hasDatabase(): boolean
  /** Locks a database that has been made elsewhere in the folder, and puts it into its place. */
  adopt(made: string): void
  /** Throws when DATA_DIR no longer leads here. */
  check(): void
  release(): void
}

/**
 * Two locks. That on engine.lock is there before the database is; but somebody may delete that file. That on a file of the
 * database goes only with the database itself. Throws with code FOLDER_LOCKED when another process keeps either.
 */
export async function lockFolder(dataDir: string, deps: LockDeps): Promise<LockedFolder> {
  const asNamed = resolve(dataDir)
  mkdirSync(asNamed, { recursive: true })
  const path = realpathSync(asNamed)
  if (exists(join(path, PG_VERSION))) throw olderLayout(dataDir)
  const locks = await patiently(dataDir, path, deps)
  locks.engine.write(`pid ${process.pid} on ${hostname()}`)

  function check(): void {
    const isHere =
      locks.database === null
        ? locks.engine.isAt(join(asNamed, ENGINE_LOCK))
        : locks.database.isAt(join(asNamed, DATABASE, PG_VERSION))
    if (!isHere) throw folderLost(dataDir)
  }
  const stopWatching = repeat(
    deps.clock,
    WATCH_MS,
    async () => check(),
    (error) => deps.onLost(error as Error),
  )
  const database = join(path, DATABASE)
  return {
    path,
    database,
    hasDatabase: () => locks.database !== null,
    adopt(made) {
      locks.database = tryLockFile(join(made, PG_VERSION), 'throw')
      renameSync(made, database)
    },
    check,
    release() {
      stopWatching()
      locks.engine.write('')
      locks.database?.close()
      locks.engine.close()
    },
  }
}

type Locks = {
  readonly engine: FileLock
  /** Null until there is a database. */
  database: FileLock | null
}

async function patiently(dataDir: string, path: string, { clock, onWait }: LockDeps): Promise<Locks> {
  let locks = tryLocks(path)
  if (locks === null) onWait(`${anotherUses(dataDir, holderIn(path))}: waiting up to 5 s for it to end.`)
  for (let waitedMs = 0; locks === null; waitedMs += POLL_MS) {
    if (waitedMs >= PATIENCE_MS) throw folderLocked(dataDir, holderIn(path))
    await new Promise<void>((resume) => clock.after(POLL_MS, resume))
    locks = tryLocks(path)
  }
  return locks
}

function tryLocks(path: string): Locks | null {
  const engine = tryLockFile(join(path, ENGINE_LOCK), 'make')
  if (engine === null) return null
  try {
    const file = join(path, DATABASE, PG_VERSION)
    if (!exists(file)) return { engine, database: null }
    const database = tryLockFile(file, 'throw')
    if (database !== null) return { engine, database }
  } catch (error) {
    engine.close()
    throw error
  }
  engine.close()
  return null
}

/** Throws where it cannot be known: a database that may not be looked at is not one that is missing. */
function exists(file: string): boolean {
  try {
    statSync(file)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return false
    throw error
  }
}

/** What the holder has written, for people to read: nothing is decided by it. */
function holderIn(path: string): string | null {
  try {
    const [holder = null] = /^pid \d+ on [\w.-]+$/.exec(readFileSync(join(path, ENGINE_LOCK), 'utf8')) ?? []
    return holder
  } catch {
    return null
  }
}
