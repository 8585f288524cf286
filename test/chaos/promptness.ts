// Owns the rules of time: what a process must do soon, or no longer.
import type { Millis } from '../../src/timing/clock.ts'
import type { Acts } from './acts.ts'
import { type Entry, landedAt, lastChanceAt } from './chain.ts'
import { FINALITY_MS, QUOTE_MAX_AGE_MS, REBROADCAST_MS } from './engine.ts'
import type { Claim, Outcome } from './invariants.ts'
import type { Life } from './world.ts'

/** How long a process may not know of a halt: what it has asked longer ago it must not go by. */
const HALT_KNOWN_MS = 1_000
/** Between two sends of a swap that does not land, whatever the chain answers: `REBROADCAST_MS` and the next look. */
const SEND_AGAIN_MS = 2 * REBROADCAST_MS
/** From the moment a look at fills is due until it has sent: the looks' period, and some calls. */
const SEND_FILL_AGAIN_MS = REBROADCAST_MS + 200

export function checkPromptness(outcome: Outcome, claim: Claim): void {
  checkHalts(outcome, claim)
  for (const { orderId, routeAgeMs } of outcome.submissions) {
    claim(routeAgeMs <= QUOTE_MAX_AGE_MS, 'signed an old quote', () => `${orderId} after ${routeAgeMs} ms`)
  }
  checkRebroadcasts(outcome, claim)
  checkUndone(outcome, claim)
}

/** By when it was decided, not by when it was written: a statement may be long on its way. */
function checkHalts({ switched, submissions }: Acts, claim: Claim): void {
  let since = 0
  for (const [i, { state, at }] of switched.entries()) {
    const until = switched[i + 1]?.at ?? Number.POSITIVE_INFINITY
    // Halted once more is halted since the first time.
    if (state === 'halted' && switched[i - 1]?.state !== 'halted') since = at
    if (state === 'active') continue
    for (const { orderId, life, ...submission } of submissions) {
      const known = since + HALT_KNOWN_MS + life.setBackMs()
      const isLate = submission.at > known && submission.at < until
      claim(!isLate, 'submitted while halted', () => `${orderId} ${submission.at - since} ms after the halt`)
    }
  }
}

function checkRebroadcasts(outcome: Outcome, claim: Claim): void {
  const { submissions, followings, sends, endedAt } = outcome
  for (const { life, signature, lastValidBlockHeight, durableAt } of [...submissions, ...followings]) {
    if (durableAt === null) continue
    const times = sends
      .filter((send) => send.life === life && send.signature === signature)
      .map(({ at }) => at)
    const lands = Math.min(...entriesOf(signature, outcome).map(landedAt))
    for (const [i, from] of [durableAt, ...times].entries()) {
      const by = from + SEND_AGAIN_MS
      const isOver = by >= Math.min(lands, lastChanceAt(lastValidBlockHeight), endedAt)
      if (isOver || (times[i] ?? Number.POSITIVE_INFINITY) <= by) continue
      claim(!life.wasCalm(from, by), 'not sent again', () => `${signature} from ${from} on`)
    }
  }
}

function checkUndone(outcome: Outcome, claim: Claim): void {
  const { undone, fillings, sends, endedAt } = outcome
  for (const entry of undone) {
    for (const { life, signature, lastValidBlockHeight, at, durableAt } of fillings) {
      if (signature !== entry.signature || entry.isReverted) continue
      const from = Math.max(entry.undoneAt, at + FINALITY_MS)
      const by = from + SEND_FILL_AGAIN_MS
      const again = entriesOf(signature, outcome).filter(({ height }) => height > entry.height)
      const lands = Math.min(...again.map(landedAt))
      const isOver = by >= Math.min(lands, lastChanceAt(lastValidBlockHeight), endedAt)
      // It is looked up in the log before it is sent.
      const isTold = durableAt !== null && durableAt <= from
      if (isOver || !isTold || isHindered(outcome, life, at, by)) continue
      const isSent = sends.some(
        (send) => send.signature === signature && send.at > entry.undoneAt && send.at <= by,
      )
      claim(isSent, 'undone and not sent again', () => `${signature} by ${by}`)
    }
  }
}

/** Every landing of these bytes, whether or not a fork undid it. */
const entriesOf = (signature: string, { ledger, undone }: Outcome): Entry[] =>
  [...ledger, ...undone].filter((entry) => entry.signature === signature)

function isHindered({ troubles }: Acts, life: Life, from: Millis, to: Millis): boolean {
  if (!life.wasCalm(from, to)) return true
  for (const call of troubles) if (call.life === life && call.from <= to && call.to >= from) return true
  return false
}
