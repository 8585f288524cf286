// Owns this process's share of the pairs: which of them it watches. It watches all of them whenever it cannot be sure that
// another does: a pair watched twice costs CPU time, one watched by none costs a trigger.

import type { Watchers } from '../domain/ports/watchers.ts'
import { watcherOf } from '../domain/triggers/shares.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import { repeat } from '../timing/repeat.ts'

export type ShareDeps = {
  /** Null where no other process works on this store: nothing is asked of the store then. */
  readonly watchers: Watchers | null
  readonly clock: Clock
  /** Whether this process knows the orders and sees the market. Otherwise it reports nothing, and the others have its share. */
  readonly isFit: () => boolean
  /** Called when the share has changed; `wasMine` answers for the share before. */
  readonly onChange: (wasMine: IsMine) => void
  readonly onFault: (error: unknown) => void
}

/** Whether this process watches the pair. */
export type IsMine = (pair: string) => boolean

export type Shares = { readonly isMine: IsMine; close(): Promise<void> }

const REPORT_MS = 1_000
/** A watcher whose last report is older is taken for dead. */
const ALIVE_MS = 2_500
/** An older answer no longer counts. With the time above, a share is without a watcher for less than 5 s, however slow the store. */
const KNOWN_MS = 2_000

export const openShares = ({ watchers, ...deps }: ShareDeps): Shares =>
  watchers === null ? { isMine: () => true, close: async () => {} } : shareWith(watchers, deps)

function shareWith(
  watchers: Watchers,
  { clock, isFit, onChange, onFault }: Omit<ShareDeps, 'watchers'>,
): Shares {
  /** Null while they are not known. */
  let known: readonly string[] | null = null
  let hasReported = false
  let stopForgetting: Stop = () => {}

  const owns = (watching: typeof known, pair: string) =>
    watching === null || watcherOf(pair, watching) === watchers.id

  function learn(watching: typeof known): void {
    const before = known
    known = watching
    if (watching?.join() !== before?.join()) onChange((pair) => owns(before, pair))
  }

  async function report(): Promise<void> {
    if (!isFit()) return learn(null)
    // By a timer, not by the clock, which may be set back. From the question on: the answer may be as old as that.
    let isOld = false
    const stop = clock.after(KNOWN_MS, () => {
      isOld = true
      learn(null)
    })
    hasReported = true
    const watching = await watchers.report(ALIVE_MS).catch((error) => {
      stop()
      learn(null)
      throw error
    })
    if (isOld) return
    stopForgetting()
    stopForgetting = stop
    learn(watching.toSorted())
  }

  const stopReporting = repeat(clock, REPORT_MS, report, onFault)
  return {
    isMine: (pair) => owns(known, pair),
    async close() {
      await stopReporting()
      stopForgetting()
      if (hasReported) await watchers.leave().catch(onFault)
    },
  }
}
