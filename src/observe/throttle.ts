// Owns the throttle of repeated log lines. A fault that lasts is logged when it begins, once a minute together with all others
// that last, and when it is over. Lasting faults do not delay a new kind, unless very many begin at once.

import type { Logger } from 'pino'
import type { Clock, Stop } from '../timing/clock.ts'

export type Report = {
  readonly part: string
  /** Groups reports: the same for each repetition. What varies belongs into `fields`. */
  readonly kind: string
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  /** What an operator does about it, where that is known. */
  readonly cure?: string | undefined
  readonly fields: object
  /** How often it happened; once when absent. */
  readonly times?: number
}

export type ThrottledLog = ReturnType<typeof openThrottledLog>

type Entry = {
  readonly report: Report
  readonly since: string
  times: number
  /** How many of them no line has counted yet. */
  unlogged: number
  /** Looks since it began, and since it was last reported. */
  looks: number
  quietLooks: number
  /** Whether a line announced its beginning. */
  readonly isAnnounced: boolean
}

const LOOK_MS = 10_000
const LOOKS_PER_MINUTE = 6
/** A kind that was not reported for so many looks is over. */
const QUIET_LOOKS = 2
/** Beginnings logged in a minute. Further kinds appear in the next summary. */
const MAX_BEGINNINGS = 12
/** Bounds memory if every error has a kind of its own: the rest share one entry. */
const MAX_KINDS = 100
const OTHERS = 'others'

export function openThrottledLog(log: Logger, clock: Clock) {
  const entries = new Map<string, Entry>()
  let looks = 0
  let closed = false
  let stopTimer: Stop = () => {}

  function report(made: Report): void {
    const own = `${made.part} ${made.kind}`
    const isOneOfMany = entries.size >= MAX_KINDS && !entries.has(own)
    const key = isOneOfMany ? OTHERS : own
    const times = made.times ?? 1
    const known = entries.get(key)
    if (known !== undefined) {
      known.times += times
      known.unlogged += times
      known.quietLooks = 0
      return
    }
    if (entries.size === 0 && !closed) {
      looks = 0
      stopTimer = clock.after(LOOK_MS, look)
    }
    const isAnnounced = recentBeginnings(entries.values()) < MAX_BEGINNINGS
    entries.set(key, {
      report: isOneOfMany ? { ...made, kind: OTHERS } : made,
      since: new Date(clock.now()).toISOString(),
      times,
      unlogged: isAnnounced ? 0 : times,
      looks: 0,
      quietLooks: 0,
      isAnnounced,
    })
    const { cure, fields } = made
    if (isAnnounced) log[made.level](cure === undefined ? fields : { cure, ...fields }, made.text)
  }

  function look(): void {
    looks += 1
    const all = [...entries.values()]
    for (const entry of all) {
      entry.looks += 1
      entry.quietLooks += 1
    }
    logSummary(log, 'these faults are over', all.filter(isJustOver), 'info')
    if (looks % LOOKS_PER_MINUTE === 0) logSummary(log, 'these faults go on', all.filter(isUnlogged))
    for (const [key, { quietLooks }] of entries) if (quietLooks > LOOKS_PER_MINUTE) entries.delete(key)
    if (entries.size > 0) stopTimer = clock.after(LOOK_MS, look)
  }

  return {
    report,
    /** Logs what was held back. */
    close(): void {
      closed = true
      stopTimer()
      logSummary(log, 'these faults go on', [...entries.values()].filter(isUnlogged))
      entries.clear()
    },
  }
}

/** One line for all of them. */
function logSummary(log: Logger, text: string, of: readonly Entry[], level = highest(of)): void {
  if (of.length === 0) return
  const faults = of.map(({ report: { part, kind, cure }, since, times }) => {
    return { part, kind, ...(cure === undefined ? {} : { cure }), since, times }
  })
  log[level]({ faults }, text)
  for (const entry of of) entry.unlogged = 0
}

/** Beginnings logged within the last minute. Entries live longer than that. */
const recentBeginnings = (entries: Iterable<Entry>) =>
  [...entries].filter((entry) => entry.isAnnounced && entry.looks <= LOOKS_PER_MINUTE).length

const isUnlogged = ({ unlogged }: Entry) => unlogged > 0

/** What happened only once needs no line about its end. */
const isJustOver = ({ quietLooks, times }: Entry) => quietLooks === QUIET_LOOKS && times > 1

const highest = (entries: readonly Entry[]): Report['level'] =>
  (['error', 'warn'] as const).find((level) => entries.some(({ report }) => report.level === level)) ?? 'info'
