// Owns the mark of the holder in engine.lock: its name for people, and a heartbeat for engines that its locks do not reach.

import { readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'

/** Always overwritten as a whole: a reader never sees half a mark. */
const LENGTH = 256
const BOOT_ID = '/proc/sys/kernel/random/boot_id'

/** What stands in the file once its holder has ended in order. */
export const NO_MARK = ' '.repeat(LENGTH)

/** The kernel and the mount through which the folder is seen; null where the system does not report them. */
export function viewOf(folder: string): string | null {
  try {
    return `${readFileSync(BOOT_ID, 'utf8').trim()}/${statSync(folder, { bigint: true }).dev}`
  } catch {
    return null
  }
}

/** `id` is the holder's own, `beat` another number every time. */
export const markOf = (id: string, view: string | null, beat: number): string =>
  `pid ${process.pid} on ${hostname()}\n${id}\n${view ?? 'unknown'}\n${beat}\n`.padEnd(LENGTH)

/** The mark in the file; empty where there is none, or it cannot be read. */
export function readMark(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

/** For people: nothing is decided by it. */
export const holderIn = (mark: string): string | null =>
  /^pid \d+ on [\w.-]+$/.exec(mark.split('\n')[0] ?? '')?.[0] ?? null

export const isMarkOf = (id: string, mark: string): boolean => mark.split('\n')[1] === id

export const isSeenAs = (view: string | null, mark: string): boolean =>
  view !== null && mark.split('\n')[2] === view
