// Owns the events of all orders, as this process follows them: the only one on a store notes its own commits as they happen, one of several reads what any of
// them has committed.

import { type AllEvents, isBehind, type Position } from '../domain/ports/allEvents.ts'
import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { Clock } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'
import { whileDue } from '../timing/whileDue.ts'
import type { CommitBounds } from './eventCommits.ts'
import { EVENTS_CHANNEL } from './followers.ts'
import { createKeptEvents, type KeptEvents } from './keptEvents.ts'
import { type Expect, noted, type Writes } from './notedWrites.ts'
import type { Statements } from './statements.ts'
import { createStoredParts } from './storedParts.ts'

/** How often commits are looked for, whatever the hints say. */
const REREAD_MS = 1_000
/** How soon again, while a transaction under way hides those behind it. */
const HELD_UP_MS = 20
/** A place can be come back to for so long. */
const KEPT_MS = 86_400_000
const FORGET_MS = 600_000
const FORGET_AT_ONCE = 5_000

type Reads = Pick<Statements, 'selectCommits' | 'selectCommitBounds' | 'forgetCommits'>

export type AllEventsDeps = {
  readonly statements: Reads
  readonly broadcast: Broadcast
  readonly clock: Clock
  /** No other process writes to this store. */
  readonly isSoleProcess: boolean
}

/** How new entries come into what is kept, once that is open. */
type Source = { readonly opened: () => void; readonly expect: Expect; readonly close: () => void }

export function openAllEvents(deps: AllEventsDeps) {
  const { statements, clock, isSoleProcess } = deps
  const listeners = new Set<() => void>()
  const tell = () => {
    for (const onMore of listeners) onMore()
  }
  const kept = createKeptEvents()
  const source: Source = isSoleProcess ? createOwnCommits(kept, tell) : openTail(deps, kept, tell)
  const stopForgetting = startForgetting(statements, clock)
  const bounds = () => expectedBounds(statements, source.expect)
  const head = async (): Promise<Position> => ({ commit: (await bounds()).horizon, events: 0 })

  let openings = 0
  function open(): void {
    const opening = ++openings
    kept.begin()
    head().then(
      (at) => {
        if (opening !== openings) return
        kept.open(at)
        source.opened()
        tell()
      },
      () => clock.after(REREAD_MS, () => opening === openings && listeners.size > 0 && open()),
    )
  }

  const stored = createStoredParts(clock, ({ after, owner }) => statements.selectCommits(after, owner))
  const expect: Expect = () => {
    const settle = source.expect()
    return (commit, entries) => {
      stored.written()
      settle(commit, entries)
    }
  }

  /** A write without an answer may take effect all the same: what is kept begins anew behind it. */
  function onUnknown(): void {
    if (isSoleProcess && !kept.isClosed()) open()
  }

  const allEvents: AllEvents = {
    head,
    ceiling: async () => ({ commit: (await bounds()).nextId, events: 0 }),
    async reaches({ commit }) {
      const { oldest, horizon } = await statements.selectCommitBounds()
      return commit >= oldest && commit <= horizon
    },
    read: async (after, owner) => kept.after(after) ?? stored.after({ after, owner }),
    listen(onMore) {
      listeners.add(onMore)
      if (kept.isClosed()) open()
      return () => {
        listeners.delete(onMore)
        if (listeners.size > 0) return
        openings += 1
        kept.close()
        stored.forget()
      }
    },
  }
  return {
    ...allEvents,
    /** The same statements, noted as they commit. */
    noting: <W extends Writes>(writes: W): W => ({ ...writes, ...noted(writes, expect, onUnknown) }),
    close(): void {
      source.close()
      void stopForgetting()
      kept.close()
    },
  }
}

/** Forgets commits that no stream can come back to, now and from time to time. */
function startForgetting(statements: Reads, clock: Clock): () => Promise<void> {
  const forget = async () => {
    while ((await statements.forgetCommits(KEPT_MS, FORGET_AT_ONCE)) >= FORGET_AT_ONCE);
  }
  forget().catch(() => {})
  return repeat(clock, FORGET_MS, forget, () => {})
}

/** The bounds of the commits, taken in among them: what is kept reaches as far, though no event may have come up to there. */
async function expectedBounds(statements: Reads, expect: Expect): Promise<CommitBounds> {
  const settle = expect()
  try {
    const found = await statements.selectCommitBounds()
    settle(found.horizon - 1n, () => [])
    return found
  } catch (error) {
    settle(null, () => [])
    throw error
  }
}

/** Reads on whenever there may be more: at hints, after own commits, and slowly while it is open. */
function openTail({ statements, broadcast, clock }: AllEventsDeps, kept: KeptEvents, tell: () => void) {
  let hasMore = false
  const looking = whileDue(
    () => hasMore && kept.isOpen(),
    // The slow look comes back to what could not be read.
    () => readOn().catch(() => {}),
  )

  async function readOn(): Promise<void> {
    hasMore = false
    const before = kept.end()
    const { entries, next, horizon, isHeldUp } = await statements.selectCommits(before, null)
    kept.add(entries, next)
    if (isBehind(before, next)) tell()
    if (next.commit < horizon) hasMore = true
    else if (isHeldUp) clock.after(HELD_UP_MS, look)
  }

  function look(): void {
    hasMore = true
    looking.begin()
  }

  const settle = (commit: bigint | null) => {
    if (commit !== null) look()
  }
  const stopHints = broadcast.listen(EVENTS_CHANNEL, look, look)
  const stopLooking = repeat(clock, REREAD_MS, look, () => {})

  return {
    opened: look,
    expect: () => settle,
    close() {
      stopHints()
      void stopLooking()
    },
  }
}

/**
 * Takes the commits of this process in the order in which their statements were sent, which is the order in which an embedded
 * database carries them out.
 */
function createOwnCommits(kept: KeptEvents, tell: () => void): Source {
  type Expected = { isSettled: boolean; add: () => void }
  let expected: Expected[] = []

  function addSettled(): void {
    let count = 0
    for (; expected[count]?.isSettled; count++) expected[count]?.add()
    expected = expected.slice(count)
  }

  return {
    opened() {},
    close() {},
    expect() {
      const mine: Expected = { isSettled: false, add() {} }
      expected.push(mine)
      return (commit, entries) => {
        mine.isSettled = true
        if (commit !== null && !kept.isClosed()) {
          mine.add = () => {
            kept.add(entries(), { commit: commit + 1n, events: 0 })
            tell()
          }
        }
        addSettled()
      }
    },
  }
}
