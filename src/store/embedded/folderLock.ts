// Owns the lock on DATA_DIR: two processes on one embedded database would corrupt it silently.

import { mkdirSync, realpathSync, renameSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Clock, sleep } from '../../timing/clock.ts'
import { repeat } from '../../timing/repeat.ts'
import { type FileLock, tryLockFile } from './fileLock.ts'
import { anotherUses, folderLocked, folderLost, folderTaken, olderLayout } from './folderFaults.ts'
import { holderIn, isMarkOf, isSeenAs, markOf, NO_MARK, readMark, viewOf } from './folderMark.ts'

/** A holder that was killed may still be dying. */
const PATIENCE_MS = 5_000
const POLL_MS = 100
const WATCH_MS = 1_000
/** A mark that has not moved for so long belongs to a dead engine, or to one that ends when it wakes up. */
const STILL_MS = 3_500
const SETTLE_MS = 1_500
const ENGINE_LOCK = 'engine.lock'
const DATABASE = 'database'
/** Every Postgres database has one at its top. */
const PG_VERSION = 'PG_VERSION'

export type LockDeps = {
  readonly clock: Clock
  /** Unique to this start of this process. */
  readonly id: string
  /** Called once when another process holds the lock, with what to say to the operator. */
  readonly onWait: (text: string) => void
  /** Called when DATA_DIR no longer leads here, or another engine has taken it: later writes would be lost. */
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
  /** Throws when DATA_DIR no longer leads here, or another engine has taken it. */
  check(): void
  release(): void
}

/**
 * Locks the folder by two locks of the kernel and a heartbeat. The lock on engine.lock exists before the database does, but
 * that file may be deleted; the lock on a file of the database lasts as long as the database. Another mount or another
 * machine may not share either: for them a mark in engine.lock changes every second, and a start waits for it to stand still.
 * Throws with code FOLDER_LOCKED when another process keeps the folder.
 */
export async function lockFolder(dataDir: string, deps: LockDeps): Promise<LockedFolder> {
  const asNamed = resolve(dataDir)
  mkdirSync(asNamed, { recursive: true })
  const path = realpathSync(asNamed)
  if (exists(join(path, PG_VERSION))) throw olderLayout(dataDir)
  const lockFile = join(path, ENGINE_LOCK)
  const locks = await patiently(dataDir, path, deps)
  const view = viewOf(path)
  let beat = 0
  const mark = () => {
    beat += 1
    locks.engine.write(markOf(deps.id, view, beat))
  }
  try {
    const last = readMark(lockFile)
    const mayLive = last !== '' && !isSeenAs(view, last)
    if (mayLive) await outlast(dataDir, lockFile, last, deps)
    mark()
    // Two starts may have waited for the same holder: the second to leave its mark goes on.
    if (mayLive) await sleep(deps.clock, SETTLE_MS)
    check()
  } catch (error) {
    close(locks)
    throw error
  }

  function check(): void {
    // Another folder may have been put in the place of this one, with an engine of its own: asked first.
    if (locks.database?.isAt(join(asNamed, DATABASE, PG_VERSION)) === false) throw folderLost(dataDir)
    const found = readMark(lockFile)
    if (found !== '' && !isMarkOf(deps.id, found)) throw folderTaken(dataDir, holderIn(found))
    if (locks.database === null && !locks.engine.isAt(join(asNamed, ENGINE_LOCK))) throw folderLost(dataDir)
  }
  const stopWatching = repeat(
    deps.clock,
    WATCH_MS,
    async () => {
      check()
      try {
        renew(locks, lockFile)
        mark()
      } catch {
        // The next beat repeats it; an engine that takes the folder meanwhile is noticed above.
      }
    },
    (error) => deps.onLost(error as Error),
  )
  const database = join(path, DATABASE)
  return {
    path,
    database,
    hasDatabase: () => locks.database !== null,
    adopt(made) {
      const lock = tryLockFile(join(made, PG_VERSION), 'throw')
      if (lock === null) throw folderLocked(anotherUses(dataDir, null))
      locks.database = lock
      renameSync(made, database)
    },
    check,
    release() {
      stopWatching()
      if (isMarkOf(deps.id, readMark(lockFile))) locks.engine.write(NO_MARK)
      close(locks)
    },
  }
}

type Locks = {
  engine: FileLock
  /** Null until there is a database. */
  database: FileLock | null
}

function close({ engine, database }: Locks): void {
  database?.close()
  engine.close()
}

/** Locks engine.lock; a file that was deleted meanwhile is made again, and one that is held is tried again. */
function renew(locks: Locks, lockFile: string): void {
  if (locks.engine.isAt(lockFile)) return
  const engine = tryLockFile(lockFile, 'make')
  if (engine === null) return
  locks.engine.close()
  locks.engine = engine
}

async function patiently(dataDir: string, path: string, { clock, onWait }: LockDeps): Promise<Locks> {
  const user = () => anotherUses(dataDir, holderIn(readMark(join(path, ENGINE_LOCK))))
  let locks = tryLocks(path)
  if (locks === null) onWait(`${user()}: waiting up to 5 s for it to end.`)
  for (let waitedMs = 0; locks === null; waitedMs += POLL_MS) {
    if (waitedMs >= PATIENCE_MS) throw folderLocked(user())
    await sleep(clock, POLL_MS)
    locks = tryLocks(path)
  }
  return locks
}

/** Waits until the mark stands still or is gone; throws when it still moves at the end of the longest wait. */
async function outlast(
  dataDir: string,
  lockFile: string,
  last: string,
  { clock, onWait }: LockDeps,
): Promise<void> {
  onWait(`${anotherUses(dataDir, holderIn(last))}, or was: waiting for a sign of it for up to 5 s.`)
  let seen = last
  for (let [waitedMs, stillMs] = [0, 0]; stillMs < STILL_MS && seen !== ''; waitedMs += POLL_MS) {
    await sleep(clock, POLL_MS)
    const found = readMark(lockFile)
    stillMs = found === seen ? stillMs + POLL_MS : 0
    if (found !== seen && found !== '' && waitedMs >= PATIENCE_MS) {
      throw folderLocked(anotherUses(dataDir, holderIn(found)))
    }
    seen = found
  }
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

/** Throws where it cannot be known: a database without the right to read it is not a missing one. */
function exists(file: string): boolean {
  try {
    statSync(file)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return false
    throw error
  }
}
