// Owns the lock on the embedded database's folder: two processes on one folder would corrupt it silently.

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Takes the lock or throws with code FOLDER_LOCKED; a lock left by a dead process is taken over. Each dead holder has at
 * most one successor, because succeeding it means to make the one file that bears its name.
 */
export function lockFolder(folder: string): () => void {
  // Beside the folder, not in it: the database wants its folder to itself.
  const file = `${resolve(folder)}.lock`
  const mine = `${file}.${process.pid}`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(mine, identity(process.pid))
  try {
    while (!link(mine, file) && !succeed(folder, file, mine));
  } finally {
    rmSync(mine, { force: true })
  }
  return () => rmSync(file, { force: true })
}

/** Follows the dead to the last of them and takes its place; false when somebody was quicker. */
function succeed(folder: string, file: string, mine: string): boolean {
  const first = read(file)
  if (first === null) return false
  const claims: string[] = []
  const claimOn = (holder: string) => `${file}.after-${holder.replace(' ', '-')}`
  let holder = first
  for (let next = read(claimOn(holder)); next !== null; next = read(claimOn(holder))) {
    claims.push(claimOn(holder))
    holder = next
  }
  if (isHeld(holder)) throw locked(folder, holder)
  const claim = claimOn(holder)
  if (!link(mine, claim)) return false
  // A successor that was quicker has cleared the claims away, but also left its own name in the file.
  const isMine = read(file) === first
  if (isMine) renameSync(mine, file)
  for (const old of isMine ? [...claims, claim] : [claim]) rmSync(old, { force: true })
  return isMine
}

function locked(folder: string, holder: string): Error {
  const pid = Number.parseInt(holder, 10)
  const message = `Another engine (pid ${pid}) is using ${folder}: stop it, or set DATA_DIR to another folder.`
  return Object.assign(new Error(message), { code: 'FOLDER_LOCKED' })
}

/** Gives the file another name; false when that name is taken. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
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
