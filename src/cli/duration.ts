// Owns durations as arguments write them, as in 90s, 30m, 4h, 1d, and times that may be one of them from now.

import type { Millis } from '../timing/clock.ts'

const DAY_MS = 86_400_000
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS } as const

/** Null for what is none. */
export function readDuration(text: string): Millis | null {
  const [, count, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text.trim()) ?? []
  return count === undefined ? null : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
}

export function writeDuration(ms: Millis): string {
  const units = Object.entries(UNIT_MS).reverse()
  const [unit, unitMs] = units.find(([, each]) => ms % each === 0) ?? ['s', UNIT_MS.s]
  return `${ms / unitMs}${unit}`
}

/** A time as RFC 3339, or a duration from now; null for what is neither. */
export function readTime(text: string, now: Millis): Millis | null {
  const duration = readDuration(text)
  if (duration !== null) return now + duration
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const at = isTime ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : at
}
