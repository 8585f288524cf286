// Owns how often a fault that stays is logged: when it begins, in one line a minute with all others that go on, and when it
// is over. A kind of fault that is new is never held back by the others, unless very many begin at once.

import type { Logger } from 'pino'
import type { Clock, Stop } from './domain/ports.ts'

export type Report = {
  readonly part: string
  /** The same each time; what differs from time to time is in the fields. */
  readonly kind: string
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
  readonly fields: object
  /** How often it happened; once when absent. */
  readonly times?: number
}

type Entry = {
  readonly report: Report
  readonly since: string
  times: number
  unsaid: number
  quietLooks: number
}

const LOOK_MS = 10_000
/** So many looks make a minute. */
const LOOKS = 6
/** What was not reported for so many looks is over. */
const QUIET_LOOKS = 2
/** Kinds that are logged as they begin; what begins beyond that in a minute waits for its end. */
const MAX_BEGINNINGS = 10
/** Where the text of an error gives a kind to each, the rest are one. */
const MAX_KINDS = 100

export function openReports(log: Logger, clock: Clock) {
  const entries = new Map<string, Entry>()
  let looks = 0
  let beginnings = 0
  let stopTimer: Stop = () => {}

  function say(report: Report): void {
    const isRoom = entries.size < MAX_KINDS
    const key = `${report.part} ${isRoom ? report.kind : 'others'}`
    const times = report.times ?? 1
    const entry = entries.get(key)
    if (entry !== undefined) {
      entry.times += times
      entry.unsaid += times
      entry.quietLooks = 0
      return
    }
    if (entries.size === 0) begin()
    beginnings += 1
    const isSaid = beginnings <= MAX_BEGINNINGS
    const since = new Date(clock.now()).toISOString()
    entries.set(key, { report, since, times, unsaid: isSaid ? 0 : times, quietLooks: 0 })
    if (isSaid) log[report.level](report.fields, report.text)
  }

  function begin(): void {
    looks = 0
    beginnings = 0
    stopTimer = clock.after(LOOK_MS, look)
  }

  function look(): void {
    looks += 1
    const all = [...entries.values()]
    for (const entry of all) entry.quietLooks += 1
    sum('these faults are over', all.filter(isJustOver), 'info')
    if (looks % LOOKS === 0) {
      beginnings = 0
      sum(
        'these faults go on',
        all.filter(({ unsaid }) => unsaid > 0),
      )
    }
    for (const [key, { quietLooks }] of entries) if (quietLooks >= LOOKS) entries.delete(key)
    if (entries.size > 0) stopTimer = clock.after(LOOK_MS, look)
  }

  /** One line for all of them. */
  function sum(text: string, of: readonly Entry[], level = highest(of)): void {
    if (of.length === 0) return
    const faults = of.map(({ report: { part, kind }, since, times }) => ({ part, kind, since, times }))
    log[level]({ faults }, text)
    for (const entry of of) entry.unsaid = 0
  }

  return {
    say,
    /** Says what has been held back. */
    close(): void {
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
