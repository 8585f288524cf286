// Owns fair turns of the event loop: a long burst of writes is spread over several turns, so that timers, requests and other
// sockets are served in between.

/** About 10 ms of writing events. */
const WRITES_PER_TURN = 200

export type FairTurns = {
  /** Calls `write` now, or behind all that already wait, so the writes of one stream keep their order. */
  take(write: () => void): void
}

/** `nextTurn` calls back in the next turn of the event loop. */
export function createFairTurns(nextTurn: (run: () => void) => void, perTurn = WRITES_PER_TURN): FairTurns {
  let waiting: (() => void)[] = []
  let written = 0
  let isTurnOver = true

  function beginTurn(): void {
    if (!isTurnOver) return
    isTurnOver = false
    nextTurn(endTurn)
  }

  function endTurn(): void {
    isTurnOver = true
    written = 0
    if (waiting.length === 0) return
    const due = waiting.slice(0, perTurn)
    waiting = waiting.slice(perTurn)
    written = due.length
    beginTurn()
    for (const write of due) write()
  }

  return {
    take(write) {
      beginTurn()
      if (waiting.length > 0 || written >= perTurn) {
        waiting.push(write)
        return
      }
      written += 1
      write()
    },
  }
}
