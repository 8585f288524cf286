// Owns whether the database takes writes. On a full disk it answers every read, and takes a write now and then that fits
// into what is left; a replica answers, and takes none.

import { type Sql, StoreUnavailable } from '../domain/ports/sql.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'

export type WritabilityOptions = {
  /** Free bytes where the database lies; null where this process cannot know. */
  readonly freeBytes: (() => Promise<number>) | null
  /** Receives each trial write that fails. */
  readonly onFault: (error: unknown) => void
}

export type Writability = {
  /** The same database; a write that it refuses counts. */
  readonly sql: Sql
  /** Whether writes are taken, as far as is known. */
  isWritable(): boolean
  /** Resolves when writes are taken; rejects with why they are not. */
  ping(): Promise<void>
  close(): void
}

const LOOK_MS = 1_000
/** A write-ahead log without room for its next segment of 16 MiB ends the embedded database. */
const LEAST_BYTES = 24 * 2 ** 20
/** Read-only (25006); disk full, out of memory (53); faults of input and output (58). */
const NO_ROOM = /^(25006|53[12]|58)/
/** A trial write that needs new pages and leaves nothing behind: a megabyte in a temporary table. */
const TRIAL = `create temporary table oee_room on commit drop as
  select repeat('x', 1000) as filling from generate_series(1, 1000)`
const FORBIDDEN = '42501'

export function openWritability(
  sql: Sql,
  clock: Clock,
  { freeBytes, onFault }: WritabilityOptions,
): Writability {
  let isWritable = true
  let trial: Promise<void> | null = null

  const note = (error: unknown): never => {
    if (NO_ROOM.test(codeOf(error))) isWritable = false
    throw error
  }

  async function isLow(): Promise<boolean> {
    return freeBytes !== null && (await freeBytes()) < LEAST_BYTES
  }

  async function look(): Promise<void> {
    if (await isLow()) isWritable = false
    if (!isWritable) await tryNow()
  }

  function tryNow(): Promise<void> {
    trial ??= write().finally(() => {
      trial = null
    })
    return trial
  }

  async function write(): Promise<void> {
    if (await isLow()) throw Object.assign(new StoreUnavailable('the disk is almost full'), DISK_FULL)
    await sql.query(TRIAL).catch((error) => {
      // Without the right to make temporary tables, the next order shows whether writes are taken.
      if (codeOf(error) !== FORBIDDEN) throw error
    })
    isWritable = true
  }

  const stopLooking: Stop = repeat(clock, LOOK_MS, look, onFault)
  return {
    // Not an async function: one would hold its parameters until the answer.
    sql: { ...sql, query: (text, params) => sql.query<never>(text, params).catch(note) },
    isWritable: () => isWritable,
    ping: () => (isWritable ? Promise.resolve() : tryNow()),
    close: stopLooking,
  }
}

/** As Postgres reports it. */
const DISK_FULL = { code: '53100' }

function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown }
  return typeof code === 'string' ? code : cause === undefined ? '' : codeOf(cause)
}
