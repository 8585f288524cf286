// Owns how figures, times and ids are written. Amounts are decimal strings and stay so: no digit is lost to a float.

import { zone } from './settings.ts'

/** A no-break space: groups digits, and parts a figure from its unit, in every language. */
const GROUP = '\u00a0'
const MINUS = '\u2212'

/** What is not known. */
export const NONE = '–'

/**
 * A decimal with its thousands apart and at most `decimals` places, cut rather than rounded: a figure never shows more than
 * there is. An amount that would be cut to zero keeps its first two significant digits.
 */
export function amount(text: string | null | undefined, decimals = 18): string {
  if (text === null || text === undefined) return NONE
  const [, sign = '', whole = '', places = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === '') return text
  const significant = places.search(/[1-9]/)
  const isTiny = /^0+$/.test(whole) && significant >= decimals
  const shown = places.slice(0, isTiny ? significant + 2 : decimals).replace(/0+$/, '')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, GROUP)
  return `${sign === '' ? '' : MINUS}${grouped}${shown === '' ? '' : `.${shown}`}`
}

/** A count with its thousands apart. */
export const count = (value: number): string => amount(String(Math.round(value)))

/** Behind those that are shown: enough to be cut like a text, and too few for the noise of a float. */
const MORE_PLACES = 6
const MOST_PLACES = 100

/** A price: seven significant digits. One that was computed is a number, whose own text may have an exponent. */
export function price(given: string | number | null | undefined): string {
  if (given === null || given === undefined) return NONE
  const value = Number(given)
  if (!Number.isFinite(value) || value === 0) return String(given)
  const places = Math.max(0, 6 - Math.floor(Math.log10(Math.abs(value))))
  const text = typeof given === 'string' ? given : given.toFixed(Math.min(MOST_PLACES, places + MORE_PLACES))
  return amount(text, places)
}

/** Basis points as a percentage with its sign: 131 is `+1.31 %`. */
export function percent(bps: number | null | undefined): string {
  if (bps === null || bps === undefined) return NONE
  const value = Math.abs(bps / 100)
  const text = value >= 1_000 ? count(value) : value.toFixed(2)
  return `${Number(text) === 0 ? '' : bps < 0 ? MINUS : '+'}${text}${GROUP}%`
}

export function bps(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  return `${value < 0 ? MINUS : ''}${amount(String(Math.abs(Math.round(value * 100) / 100)))}${GROUP}bps`
}

/** A fill against its quote: positive bps are less than was quoted. */
export function againstQuote(less: number): string {
  return less === 0 ? 'as quoted' : `${bps(Math.abs(less))} ${less > 0 ? 'below' : 'above'} the quote`
}

/** The two greatest units: `145 ms`, `1.33 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}${GROUP}ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)}${GROUP}s`
  const seconds = Math.floor(ms / 1_000)
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => seconds >= size)
  let rest = seconds
  return units
    .slice(first, first + 2)
    .map(([name, size]) => {
      const many = Math.floor(rest / size)
      rest -= many * size
      return `${many}${GROUP}${name}`
    })
    .join(' ')
}

/** A round duration on an axis: `0`, `250 ms`, `10 s`, `1 min 10 s`, `2 h`. */
export function roundDuration(ms: number): string {
  if (ms === 0) return '0'
  return ms >= 1_000 && ms < 60_000
    ? `${amount(String(ms / 1_000))}${GROUP}s`
    : duration(ms).replace(/ 0\s\w+$/, '')
}

const two = (value: number) => String(value).padStart(2, '0')

/** Parts of a moment in the zone that was chosen. */
function parts(at: string | number) {
  const date = new Date(at)
  const isUtc = zone.value === 'utc'
  const [year, month, day] = isUtc
    ? [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
    : [date.getFullYear(), date.getMonth(), date.getDate()]
  const [hours, minutes, seconds, ms] = isUtc
    ? [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()]
    : [date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds()]
  return {
    date: `${year}-${two(month + 1)}-${two(day)}`,
    time: `${two(hours)}:${two(minutes)}:${two(seconds)}`,
    ms: String(ms).padStart(3, '0'),
  }
}

/** `09:25:46`, with the date before it unless it is today's. */
export function shortTime(at: string | number): string {
  const { date, time } = parts(at)
  return date === parts(Date.now()).date ? time : `${date.slice(5)} ${time}`
}

/** `2026-11-28 09:25:46.259 UTC`. */
export function fullTime(at: string | number): string {
  const { date, time, ms } = parts(at)
  return `${date} ${time}.${ms} ${zone.value === 'utc' ? 'UTC' : 'local'}`
}

/** The ends of an id or an address; UUIDv7 of one moment differ at their end. */
export const shortId = (id: string): string => (id.length <= 13 ? id : `${id.slice(0, 4)}…${id.slice(-6)}`)
