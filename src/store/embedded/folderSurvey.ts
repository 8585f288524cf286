// Owns a look at DATA_DIR for the operator: whether this user can run an engine there, whether another does, and how much
// room is left. Nothing is written; a lock is taken for the moment that shows it is free.

import { accessSync, constants, existsSync, lstatSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { FolderFacts } from '../../domain/ports/survey.ts'
import { type Clock, sleep } from '../../timing/clock.ts'
import { tryLockFile } from './fileLock.ts'
import { explainFolderFault, faultOfFiles, olderLayout } from './folderFaults.ts'
import { holderIn, isSeenAs, readMark, viewOf } from './folderMark.ts'

/** A holder that lives changes its mark every second. */
const BEAT_MS = 1_500

export async function surveyFolder(dataDir: string, clock: Clock): Promise<FolderFacts> {
  const asNamed = resolve(dataDir)
  const place = nearestExisting(asNamed)
  const exists = place === asNamed
  const lockFile = join(place, 'engine.lock')
  const lock = exists ? await lockOf(place, lockFile, clock) : 'free'
  return {
    exists,
    hasDatabase: exists && existsSync(join(place, 'database/PG_VERSION')),
    fault: faultOf(dataDir, place, exists),
    foreignOwner: exists ? foreignOwnerOf([place, lockFile, join(place, 'database')]) : null,
    lock,
    holder: lock === 'free' ? null : holderIn(readMark(lockFile)),
    freeBytes: freeBytesOf(place),
  }
}

/** The folder itself, or the one that it will be made in. */
function nearestExisting(path: string): string {
  const parent = dirname(path)
  return parent === path || isThere(path) ? path : nearestExisting(parent)
}

/** Also what leads nowhere, and what this user may not see: it is in the way. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path) !== undefined
  } catch (error) {
    return !['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))
  }
}

/** Null where it cannot be known. */
function freeBytesOf(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return null
  }
}

function faultOf(dataDir: string, place: string, exists: boolean): string | null {
  try {
    if (!statSync(place).isDirectory())
      throw Object.assign(new Error(), { code: exists ? 'EEXIST' : 'ENOTDIR' })
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK)
    if (existsSync(join(realpathSync(place), 'PG_VERSION')) && exists) throw olderLayout(dataDir)
    const inside = exists ? faultOfFiles(place) : null
    if (inside !== null) throw inside
    return null
  } catch (error) {
    return explainFolderFault(dataDir, error).message
  }
}

/** Root can use what it does not own, and its files then shut the owner out. */
function foreignOwnerOf(paths: readonly string[]): number | null {
  const own = process.getuid?.()
  if (own === undefined) return null
  const owners = paths.flatMap((path) => (existsSync(path) ? statSync(path).uid : []))
  return owners.find((uid) => uid !== own) ?? null
}

async function lockOf(folder: string, lockFile: string, clock: Clock): Promise<FolderFacts['lock']> {
  try {
    if (statSync(lockFile, { throwIfNoEntry: false }) === undefined) return 'free'
    for (const file of [lockFile, join(folder, 'database/PG_VERSION')]) {
      if (!existsSync(file)) continue
      const lock = tryLockFile(file, 'throw')
      if (lock === null) return 'held'
      lock.close()
    }
  } catch {
    return 'unknown'
  }
  const mark = readMark(lockFile)
  if (mark === '') return 'free'
  if (isSeenAs(viewOf(folder), mark)) return 'stale'
  // Another mount or machine may not share the locks: a mark that moves is of an engine that lives.
  await sleep(clock, BEAT_MS)
  return readMark(lockFile) === mark ? 'stale' : 'held'
}
