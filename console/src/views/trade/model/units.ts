// Owns the units in which a person writes what the form holds: percent for bps, durations for milliseconds, times of the page's zone.

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const

const unitWords: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  min: 60_000,
  s: 1_000,
  ms: 1,
}

/** "1 h 30 min" for 5400000; text that is no whole number stays as it is. */
export function durationText(ms: string): string {
  if (!/^\d{1,15}$/.test(ms)) return ms
  let left = Number(ms)
  if (left === 0) return '0 s'
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(left / size)
    left -= count * size
    return count === 0 ? [] : [`${count} ${unit}`]
  })
  return parts.join(' ')
}

/** Milliseconds for "90s", "1h 30min" or "5 min"; a number alone counts seconds. Other text stays, for the engine to deny. */
export function durationOf(text: string): string {
  const words = text.trim().toLowerCase()
  if (/^\d+(\.\d+)?$/.test(words)) return String(Math.round(Number(words) * 1_000))
  const parts = [...words.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)\s*/g)]
  const isWhole = parts.map(([part]) => part).join('') === words
  if (words === '' || !isWhole) return text
  let ms = 0
  for (const [, count = '', unit = ''] of parts) {
    const size = unitWords[unit]
    if (size === undefined) return text
    ms += Number(count) * size
  }
  return String(Math.round(ms))
}

/** "1.25" for 125; text that is no number stays as it is. */
export const percentText = (bps: string): string =>
  /^\d{1,6}(\.\d{1,6})?$/.test(bps) ? String(Number(bps) / 100) : bps

/** "125" for "1.25" or "1.25 %". A part of a bps stays, for the engine to deny. */
export function bpsOf(percent: string): string {
  const text = percent.replace('%', '').trim()
  if (!/^\d*\.?\d*$/.test(text) || !/\d/.test(text)) return percent
  const bps = Math.round(Number(text) * 1e8) / 1e6
  return String(bps)
}

const listed = (text: string) => text.split(/[\s,;]+/).filter((word) => word !== '')

export const percentsText = (bps: string): string => listed(bps).map(percentText).join(', ')
export const bpsListOf = (percents: string): string =>
  listed(percents.replaceAll('%', ' ')).map(bpsOf).join(',')

/** For an input of the kind `datetime-local`, in the zone of the page; empty for text that is no time. */
export function timeText(rfc3339: string, isUtc: boolean): string {
  const at = new Date(rfc3339)
  if (Number.isNaN(at.getTime())) return ''
  const aheadMs = isUtc ? 0 : -at.getTimezoneOffset() * 60_000
  return new Date(at.getTime() + aheadMs).toISOString().slice(0, 19)
}

export function timeOf(text: string, isUtc: boolean): string {
  const at = new Date(isUtc ? `${text}Z` : text)
  return Number.isNaN(at.getTime()) ? text : at.toISOString()
}
