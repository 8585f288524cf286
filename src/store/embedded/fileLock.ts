// Owns locks on files that the kernel holds: they depend on no pid, clock or namespace, and are free the moment their holder
// is dead.

import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'

/**
 * macOS locks whole files. Elsewhere one byte far behind the text is locked: on Windows a locked byte cannot be read by others,
 * and two locks exclude each other all the same.
 */
const [OFFSET, LENGTH] = process.platform === 'darwin' ? [0, 0] : [2 ** 30, 1]

/** Error codes of a path that leads nowhere. */
const NOWHERE: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE']

const require = createRequire(import.meta.url)

/** Only a file that is open for writing takes an exclusive lock. */
const WRITES = constants.O_RDWR

type TryLock = (fd: number, offset: number, length: number) => boolean

export type FileLock = {
  /** False once the path leads to another file, or to none. */
  isAt(path: string): boolean
  /** Writes over what the file begins with. */
  write(text: string): void
  close(): void
}

/** Locks a file; null when it is locked already, by this process or another. */
export function tryLockFile(path: string, ifMissing: 'make' | 'throw'): FileLock | null {
  const tryLock = loadTryLock()
  const fd = openSync(path, ifMissing === 'make' ? WRITES | constants.O_CREAT : WRITES, 0o600)
  const { dev, ino } = fstatSync(fd, { bigint: true })
  const lock: FileLock = {
    isAt(where) {
      try {
        const found = statSync(where, { bigint: true })
        return found.dev === dev && found.ino === ino
      } catch (error) {
        if (NOWHERE.includes((error as NodeJS.ErrnoException).code)) return false
        // Unknown is not gone.
        return true
      }
    },
    write: (text) => void writeSync(fd, text, 0),
    close: () => closeSync(fd),
  }
  try {
    // Locked, but replaced meanwhile: the file that is at the path now may be locked by another process.
    if (locks(tryLock, fd) && lock.isAt(path)) {
      if (!keepsOut(tryLock, path)) throw unlockable()
      return lock
    }
  } catch (error) {
    lock.close()
    throw error
  }
  lock.close()
  return null
}

/** A file system without locks may pretend to have them: then it grants a second lock on the same file too. */
function keepsOut(tryLock: TryLock, path: string): boolean {
  const fd = openSync(path, WRITES)
  try {
    return !locks(tryLock, fd)
  } finally {
    closeSync(fd)
  }
}

function locks(tryLock: TryLock, fd: number): boolean {
  try {
    return tryLock(fd, OFFSET, LENGTH)
  } catch (cause) {
    throw Object.assign(unlockable(), { cause })
  }
}

const unlockable = () => Object.assign(new Error('the file system keeps no locks'), { code: 'ENOLCK' })

/** Loaded when it is needed: the distributed runtime also runs where this binary does not exist. */
function loadTryLock(): TryLock {
  try {
    return require('fs-native-extensions').tryLock
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`
    throw Object.assign(new Error(`no file can be locked on ${platform}`, { cause }), { code: 'ENOSYS' })
  }
}
