// Owns how often a fault that stays is logged: when it begins, in one line a minute with all others that go on, and when it
// is over. A kind of fault that is new is never held back by the others, unless very many begin at once.

import type { Logger } from 'pino'
import type { Clock, Stop } from '../timing/clock.ts'

export type Report = {
  readonly part: string
  /** The same each time; what differs from time to time is in the fields. */
  readonly kind: string
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  /** What an operator does about it, where that is known. */
  readonly cure?: string | undefined
  readonly fields: object
  /** How often it happened; once when absent. */
  readonly times?: number
}

type Entry = {
  readonly report: Report
  readonly since: string
  times: number
  unsaid: number
  /** Looks since it began, and since it was last reported. */
  looks: number
  quietLooks: number
  /** Whether it was logged as it began. */
  readonly isSaid: boolean
}

const LOOK_MS = 10_000
/** So many looks make a minute. */
const LOOKS = 6
/** What was not reported for so many looks is over. */
const QUIET_LOOKS = 2
/** Kinds that are logged as they begin; what begins beyond that in a minute waits for its end. */
const MAX_BEGINNINGS = 12
/** Where the text of an error gives a kind to each, the rest are one. */
const MAX_KINDS = 100
const OTHERS = 'others'

export function openReports(log: Logger, clock: Clock) {
  const entries = new Map<string, Entry>()
  let looks = 0
  let closed = false
  let stopTimer: Stop = () => {}

  function say(report: Report): void {
    const own = `${report.part} ${report.kind}`
    const isOneOfMany = entries.size >= MAX_KINDS && !entries.has(own)
    const key = isOneOfMany ? OTHERS : own
    const times = report.times ?? 1
    const entry = entries.get(key)
    if (entry !== undefined) {
      entry.times += times
      entry.unsaid += times
      entry.quietLooks = 0
      return
    }
    if (entries.size === 0 && !closed) begin()
    const isSaid = beganLately() < MAX_BEGINNINGS
    const since = new Date(clock.now()).toISOString()
    const kept = isOneOfMany ? { ...report, kind: OTHERS } : report
    entries.set(key, {
      report: kept,
      since,
      times,
      unsaid: isSaid ? 0 : times,
      looks: 0,
      quietLooks: 0,
      isSaid,
    })
    const { cure, fields } = report
    if (isSaid) log[report.level](cure === undefined ? fields : { cure, ...fields }, report.text)
  }

  /** Lines about beginnings in the last minute. An entry is kept for longer. */
  const beganLately = () =>
    [...entries.values()].filter((entry) => entry.isSaid && entry.looks <= LOOKS).length

  function begin(): void {
    looks = 0
    stopTimer = clock.after(LOOK_MS, look)
  }

  function look(): void {
    looks += 1
    const all = [...entries.values()]
    for (const entry of all) {
      entry.looks += 1
      entry.quietLooks += 1
    }
    sum('these faults are over', all.filter(isJustOver), 'info')
    if (looks % LOOKS === 0) {
      sum(
        'these faults go on',
        all.filter(({ unsaid }) => unsaid > 0),
      )
    }
    for (const [key, { quietLooks }] of entries) if (quietLooks > LOOKS) entries.delete(key)
    if (entries.size > 0) stopTimer = clock.after(LOOK_MS, look)
  }

  /** One line for all of them. */
  function sum(text: string, of: readonly Entry[], level = highest(of)): void {
    if (of.length === 0) return
    const faults = of.map(({ report: { part, kind, cure }, since, times }) => {
      return { part, kind, ...(cure === undefined ? {} : { cure }), since, times }
    })
    log[level]({ faults }, text)
    for (const entry of of) entry.unsaid = 0
  }

  return {
    say,
    /** Says what has been held back. */
    close(): void {
      closed = true
      stopTimer()
      sum(
        'these faults go on',
        [...entries.values()].filter(({ unsaid }) => unsaid > 0),
      )
      entries.clear()
    },
  }
}

/** Of what happened once nobody needs to hear that it did not happen again. */
const isJustOver = ({ quietLooks, times }: Entry) => quietLooks === QUIET_LOOKS && times > 1

const highest = (entries: readonly Entry[]): Report['level'] =>
  (['error', 'warn'] as const).find((level) => entries.some(({ report }) => report.level === level)) ?? 'info'
