// Owns what is said when DATA_DIR cannot be used: one sentence that names it and the cure.

const ELSEWHERE = 'or set DATA_DIR to another folder'

type Code = 'FOLDER_LOCKED' | 'FOLDER_LOST' | 'FOLDER_UNUSABLE'

const fault = (code: Code, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

const isFolderFault = (error: unknown): error is Error =>
  error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('FOLDER_')

/** `holder` as it has written itself down, or null where that cannot be read. */
export const anotherUses = (folder: string, holder: string | null): string =>
  `Another engine${holder === null ? '' : ` (${holder})`} is using ${folder}`

export const folderLocked = (folder: string, holder: string | null): Error =>
  fault('FOLDER_LOCKED', `${anotherUses(folder, holder)}: stop it, ${ELSEWHERE}.`)

export const folderLost = (folder: string): Error =>
  fault(
    'FOLDER_LOST',
    `DATA_DIR (${folder}) was removed, renamed or replaced under this engine, which has ended: put the folder back and start again.`,
  )

export const olderLayout = (folder: string): Error =>
  fault(
    'FOLDER_UNUSABLE',
    `DATA_DIR (${folder}) itself is a Postgres database, as earlier builds made it: move all that is in it into a new folder ` +
      `${folder}/database, with no engine running, ${ELSEWHERE}.`,
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
    `holds a folder "database" that is neither empty nor a database: move it away, ${ELSEWHERE}`,
  EBUSY: () => 'has a mount in place of the folder "database": mount DATA_DIR itself, not what is in it',
  ENOLCK: () =>
    'is on a file system that does not lock files, so a second engine could not be kept out: set DATA_DIR to a folder on a local disk',
  ENOSYS: () =>
    'needs locks on files, for which there is no binary for this platform: use Linux with glibc, macOS or Windows on x64 or arm64, or set PG_CONN and REDIS_URL',
}

/** The sentence for whatever went wrong with the folder; what was said already stays as it is. */
export function explainFolderFault(folder: string, error: unknown): Error {
  if (isFolderFault(error)) return error
  const { code = '', message, path } = error as NodeJS.ErrnoException
  const cure = CURES[code]
  if (cure === undefined) {
    return fault(
      'FOLDER_UNUSABLE',
      `The database in DATA_DIR (${folder}) cannot be opened: ${message}`,
      error,
    )
  }
  const where = path === undefined || path === folder ? '' : `, at ${path}`
  const user = `this user (uid ${process.getuid?.() ?? 'unknown'}${where})`
  return fault('FOLDER_UNUSABLE', `DATA_DIR (${folder}) ${cure(user)}.`, error)
}
