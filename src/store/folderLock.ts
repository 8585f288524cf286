// Owns the lock on the embedded database's folder: two processes on one folder would corrupt it silently.

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Takes the lock or throws with code FOLDER_LOCKED; a lock left by a dead process is taken over. */
export function lockFolder(folder: string): () => void {
  // Beside the folder, not in it: the database wants its folder to itself.
  const file = `${resolve(folder)}.lock`
  mkdirSync(dirname(file), { recursive: true })
  for (;;) {
    try {
      const handle = openSync(file, 'wx')
      writeSync(handle, identity(process.pid))
      closeSync(handle)
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = readFileSync(file, 'utf8')
    const pid = Number.parseInt(holder, 10)
    if (isAlive(pid) && identity(pid) === holder) {
      const message = `Another engine (pid ${pid}) is using ${folder}: stop it, or set DATA_DIR to another folder.`
      throw Object.assign(new Error(message), { code: 'FOLDER_LOCKED' })
    }
    rmSync(file, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, but is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The pid and, where the system tells it, when that process started: a pid alone may have been given out again. */
function identity(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return `${pid}`
  }
}
