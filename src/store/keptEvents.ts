// Owns the newest events of all orders, kept in memory, so that many streams read it without asking the database.

import { type CommittedEvent, type EventsPart, isBehind, type Position } from '../domain/ports/allEvents.ts'

/** Entries kept: some seconds, where orders are placed as fast as they can. */
const KEPT = 10_000
/** Of these, so many go to one stream at once, cut at the same places for all streams. */
const PART = 200

export type KeptEvents = ReturnType<typeof createKeptEvents>

export function createKeptEvents(kept = KEPT) {
  let state: 'closed' | 'opening' | 'open' = 'closed'
  let entries: CommittedEvent[] = []
  /** Entries that came before the first of them. */
  let gone = 0
  /** By the number of their first entry: streams that are equally far get the same array, and its messages are made once. */
  const parts = new Map<number, readonly CommittedEvent[]>()
  /** Everything between the two is kept. */
  let [from, end]: [Position, Position] = [START, START]

  function add(more: readonly CommittedEvent[], next: Position): void {
    if (state === 'closed') return
    entries.push(...more)
    end = next
    if (entries.length < 2 * kept) return
    const dropped = entries.length - kept
    from = entries[dropped - 1]?.position ?? from
    entries = entries.slice(dropped)
    gone += dropped
    parts.clear()
  }

  function partFrom(first: number): readonly CommittedEvent[] {
    const number = gone + first
    const last = Math.min(entries.length, first + PART - (number % PART))
    const known = parts.get(number)
    if (known?.length === last - first) return known
    const part = entries.slice(first, last)
    parts.set(number, part)
    return part
  }

  function clear(next: 'closed' | 'opening'): void {
    state = next
    entries = []
    parts.clear()
  }

  return {
    isClosed: () => state === 'closed',
    isOpen: () => state === 'open',
    /** From now on what is added is kept, until it is known where that begins. */
    begin: () => clear('opening'),
    /** What was added from that place on is what follows it. */
    open(at: Position): void {
      if (state !== 'opening') return
      entries = entries.filter(({ position }) => isBehind(at, position))
      end = entries.at(-1)?.position ?? at
      from = at
      state = 'open'
    },
    close: () => clear('closed'),
    add,
    end: () => end,
    /** Null for what is not kept. */
    after(position: Position): EventsPart | null {
      if (state !== 'open' || isBehind(position, from)) return null
      const first = firstBehind(entries, position)
      const part = partFrom(first)
      const isAll = first + part.length >= entries.length
      const next = isAll ? end : (part.at(-1)?.position ?? end)
      return { entries: part, next: isBehind(next, position) ? position : next }
    },
  }
}

const START: Position = { commit: 0n, events: 0 }

/** The index of the first entry that lies behind that place. */
function firstBehind(entries: readonly CommittedEvent[], place: Position): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const entry = entries[middle]
    if (entry !== undefined && isBehind(place, entry.position)) high = middle
    else low = middle + 1
  }
  return low
}
