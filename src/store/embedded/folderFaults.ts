// Owns the messages for a DATA_DIR that cannot be used: one sentence each, with the cure.

import { accessSync, constants, existsSync, readdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const ELSEWHERE = 'or set DATA_DIR to another folder'

type Code = 'FOLDER_LOCKED' | 'FOLDER_LOST' | 'FOLDER_UNUSABLE'

const fault = (code: Code, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

const isFolderFault = (error: unknown): error is Error =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('FOLDER_')

/** `holder` as its mark names it, or null where that cannot be read. */
export const anotherUses = (folder: string, holder: string | null): string =>
  `Another engine${holder === null ? '' : ` (${holder})`} is using ${folder}`

/** `user` as in `anotherUses`. */
export const folderLocked = (user: string): Error => fault('FOLDER_LOCKED', `${user}: stop it, ${ELSEWHERE}.`)

export const folderLost = (folder: string): Error =>
  fault(
    'FOLDER_LOST',
    `DATA_DIR (${folder}) was removed, renamed or replaced under this engine, which has ended: put the folder back and start again.`,
  )

export const folderTaken = (folder: string, holder: string | null): Error =>
  fault(
    'FOLDER_LOST',
    `${anotherUses(folder, holder)}, and this one, which stood still or came by another way, has ended: start one engine on a folder.`,
  )

export const olderLayout = (folder: string): Error =>
  fault(
    'FOLDER_UNUSABLE',
    `DATA_DIR (${folder}) itself is a Postgres database, as builds before 0.1.0 made it, which this engine ` +
      `does not read: set DATA_DIR to another folder.`,
  )

/** What the operator can do about a fault of the system, by its code. */
const CURES: Readonly<Record<string, (user: string) => string>> = {
  EACCES: (user) =>
    `may not be used by ${user}: make that user its owner, with all that is in it, ${ELSEWHERE}`,
  EPERM: (user) =>
    `may not be used by ${user}: make that user its owner, with all that is in it, ${ELSEWHERE}`,
  EROFS: () => `is on a file system that is read-only: mount it writable, ${ELSEWHERE}`,
  EEXIST: () => 'is not a folder: set DATA_DIR to a folder',
  ENOTDIR: () => 'lies below something that is not a folder: set DATA_DIR to a folder',
  ENOENT: () => 'is a link that leads nowhere: make the folder it names, or set DATA_DIR to a folder',
  ELOOP: () => 'is a link that leads to itself: set DATA_DIR to a folder',
  ENAMETOOLONG: () => 'has a path that is too long: set DATA_DIR to a shorter one',
  ENOSPC: () => `has no room left on its disk: make some, ${ELSEWHERE}`,
  EDQUOT: () => `has no room left within the quota of its owner: make some, ${ELSEWHERE}`,
  ENOTEMPTY: () =>
    `holds a "database" that is neither an empty folder nor a database: move it away, ${ELSEWHERE}`,
  EBUSY: () => 'has a mount in place of the folder "database": mount DATA_DIR itself, not what is in it',
  ENOLCK: () =>
    'is on a file system that does not lock files, so a second engine could not be kept out: set DATA_DIR to a folder on a local disk',
  ENOSYS: () =>
    'needs locks on files, for which there is no binary for this platform: use Linux with glibc, macOS or Windows on x64 or arm64, or set PG_CONN and REDIS_URL',
}

/** The message for a fault of the folder; an error that has one already stays as it is. */
export function explainFolderFault(folder: string, error: unknown): Error {
  if (isFolderFault(error)) return error
  const { code = '', path, message } = error as NodeJS.ErrnoException
  const cure = CURES[code]
  if (cure !== undefined) {
    const where = path === undefined || path === folder ? '' : `, at ${path}`
    const user = `this user (uid ${process.getuid?.() ?? 'unknown'}${where})`
    return fault('FOLDER_UNUSABLE', `DATA_DIR (${folder}) ${cure(user)}.`, error)
  }
  const found = faultOfFiles(folder)
  if (found !== null) return explainFolderFault(folder, found)
  return fault(
    'FOLDER_UNUSABLE',
    `The database in DATA_DIR (${folder}) cannot be opened (${message ?? 'no reason given'}): put a backup in its place, ${ELSEWHERE}.`,
    error,
  )
}

const LITTLE_ROOM_BYTES = 2 ** 20

/** PGlite does not report why it cannot use its files: owner and free space are checked here. */
export function faultOfFiles(folder: string): unknown {
  try {
    const { bavail, bsize } = statfsSync(folder)
    if (bavail * bsize < LITTLE_ROOM_BYTES) return { code: 'ENOSPC' }
    const database = join(folder, 'database')
    const files = existsSync(database) ? readdirSync(database, { recursive: true, encoding: 'utf8' }) : []
    for (const file of files) accessSync(join(database, file), constants.R_OK | constants.W_OK)
    return null
  } catch (error) {
    const isKnown = CURES[String((error as NodeJS.ErrnoException).code)] !== undefined
    return isKnown ? error : null
  }
}
