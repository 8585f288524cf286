// Owns the port through which the engine's surroundings are looked at, without changing them: the facts, unjudged.

import type { Millis } from '../../timing/clock.ts'

/** Each rejects where it cannot look, with the fault of the connection or the folder. */
export type Survey = {
  folder(path: string): Promise<FolderFacts>
  postgres(pgConn: string): Promise<PostgresFacts>
  redis(redisUrl: string): Promise<RedisFacts>
}

export type FolderFacts = {
  /** False where the first start will make it. */
  readonly exists: boolean
  readonly hasDatabase: boolean
  /** Why this user cannot run an engine on it, in one sentence; null where nothing speaks against it. */
  readonly fault: string | null
  /** The owner of the folder, of its database or of a file in it that is not this user; null where all is its own. */
  readonly foreignOwner: number | null
  /** `stale`: its holder was killed, or the machine. */
  readonly lock: 'free' | 'held' | 'stale' | 'unknown'
  /** As it named itself. */
  readonly holder: string | null
  /** Null where it cannot be known. */
  readonly freeBytes: number | null
}

export type ClockReading = {
  /** How far the server's clock is ahead of this machine's. */
  readonly aheadMs: Millis
  /** How far off the reading may be: half of the time that the answer took. */
  readonly accuracyMs: Millis
}

export type PostgresFacts = {
  readonly version: string
  readonly clock: ClockReading
  /** As they are for a new session, by their names; `on` or another word of Postgres. */
  readonly settings: {
    readonly fsync: string
    readonly synchronous_commit: string
    readonly full_page_writes: string
  }
  /** Null before the first start. */
  readonly schema: number | null
  readonly engineSchema: number
  /** Why this engine does not start on that schema, in one sentence. */
  readonly schemaFault: string | null
  /** How many more connections the server, the role and the database allow. */
  readonly freeConnections: number
  /** Why the engine does not start on it: what the server lacks, or a pooler in front of it. */
  readonly fault: Error | null
}

/** Null where the user of the connection may not ask. */
export type RedisFacts = {
  readonly version: string | null
  readonly clock: ClockReading | null
  readonly isReplica: boolean | null
  readonly evictionPolicy: string | null
  /** 0 is no limit. */
  readonly maxMemoryBytes: number | null
  readonly usedMemoryBytes: number | null
  readonly appendOnly: boolean | null
  /** The rules of snapshots, as in `3600 1 300 100`; empty where none is taken. */
  readonly snapshots: string | null
  /** False when its last write to the disk failed: it then refuses writes. */
  readonly hasSaved: boolean | null
}
