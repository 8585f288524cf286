// Owns the lock on the embedded database's folder: two processes on one folder would corrupt it silently.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Takes the lock or throws with code FOLDER_LOCKED; a lock left by a dead process is taken over. */
export function lockFolder(folder: string): () => void {
  // Beside the folder, not in it: the database wants its folder to itself.
  const file = `${resolve(folder)}.lock`
  const mine = `${file}.${process.pid}`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(mine, identity(process.pid))
  try {
    while (!link(mine, file)) {
      const holder = read(file)
      if (holder !== null && isHeld(holder)) throw locked(folder, holder)
      // What is moved away may be another's that was quicker: then it goes back.
      const removed = `${mine}.removed`
      if (holder === null || !move(file, removed)) continue
      const found = read(removed)
      if (found !== null && isHeld(found)) {
        link(removed, file)
        throw locked(folder, found)
      }
      rmSync(removed, { force: true })
    }
  } finally {
    rmSync(mine, { force: true })
    rmSync(`${mine}.removed`, { force: true })
  }
  return () => rmSync(file, { force: true })
}

function locked(folder: string, holder: string): Error {
  const pid = Number.parseInt(holder, 10)
  const message = `Another engine (pid ${pid}) is using ${folder}: stop it, or set DATA_DIR to another folder.`
  return Object.assign(new Error(message), { code: 'FOLDER_LOCKED' })
}

/** Gives the file another name, whole or not at all; false when that name is taken. */
const link = (from: string, to: string) => succeeds(() => linkSync(from, to), 'EEXIST')
const move = (from: string, to: string) => succeeds(() => renameSync(from, to), 'ENOENT')

function succeeds(act: () => void, expected: string): boolean {
  try {
    act()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return false
    throw error
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Gone meanwhile.
    return null
  }
}

function isHeld(holder: string): boolean {
  const pid = Number.parseInt(holder, 10)
  return isAlive(pid) && identity(pid) === holder
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
