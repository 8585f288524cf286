// Owns the events of all orders that are not kept in memory any more, read from the store: streams that are about equally far
// behind share a read, and reads give way to writes.

import { type EventsPart, isBehind, type Position } from '../domain/ports/allEvents.ts'
import { type Clock, sleep } from '../timing/clock.ts'
import { groupCommit } from '../timing/groupCommit.ts'

/** The newest reads, some thousand events each: what a stream has read, those behind it need next. */
const REMEMBERED = 8
/** A process that has written so lately writes on. */
const WRITING_MS = 200
/** What reads take of the time meanwhile. */
const READ_SHARE = 0.05
const MOST_REST_MS = 4_000

type Wanted = { readonly after: Position; readonly owner: string }
type Read = (wanted: Wanted) => Promise<EventsPart>

export function createStoredParts(clock: Clock, readStore: Read) {
  let parts: readonly (Wanted & EventsPart)[] = []
  let owedMs = 0
  let wroteAt = Number.NEGATIVE_INFINITY

  function remembered({ after, owner }: Wanted): EventsPart | null {
    const part = parts.find(
      (each) => each.owner === owner && !isBehind(after, each.after) && isBehind(after, each.next),
    )
    if (part === undefined) return null
    if (!isBehind(part.after, after)) return part
    return { entries: part.entries.filter(({ position }) => isBehind(after, position)), next: part.next }
  }

  async function readNext(wanted: Wanted): Promise<EventsPart> {
    const known = remembered(wanted)
    if (known !== null) return known
    if (owedMs > 0 && clock.now() - wroteAt < WRITING_MS) await sleep(clock, owedMs)
    const since = clock.now()
    const { entries, next } = await readStore(wanted)
    owedMs = Math.min(MOST_REST_MS, (clock.now() - since) * (1 / READ_SHARE - 1))
    const part = { ...wanted, entries, next }
    if (isBehind(wanted.after, next)) parts = [...parts.slice(1 - REMEMBERED), part]
    return part
  }

  const inTurn = groupCommit(1, setImmediate, async (wanted: readonly Wanted[]) =>
    Promise.all(wanted.map(readNext)),
  )

  return {
    /** What follows on that place. Rejects with StoreUnavailable. */
    after: async (wanted: Wanted): Promise<EventsPart> => remembered(wanted) ?? inTurn(wanted),
    /** This process has written to the store. */
    written(): void {
      wroteAt = clock.now()
    },
    forget(): void {
      parts = []
    },
  }
}
