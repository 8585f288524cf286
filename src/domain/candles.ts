// Owns candles: open, high, low and close of a price over equal intervals, kept in memory for a bounded time.

import type { Millis } from '../timing/clock.ts'

/** Open is the price at the beginning of the interval: the one at which the interval before closed. */
export type Candle = {
  readonly at: Millis
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

/** What candles are kept of, by interval: how long one is, and how many there are. */
export const intervals = {
  '1s': { ms: 1_000, kept: 3_600 },
  '1m': { ms: 60_000, kept: 1_440 },
} as const
export type Interval = keyof typeof intervals
export const intervalNames = Object.keys(intervals) as readonly Interval[]

export type CandleSeries = {
  /** The price from that moment on; null where there is none. Of a moment before the last one it counts as of that one. */
  note(at: Millis, price: number | null): void
  /** The newest candles, no more than `limit`, the oldest first. While a price does not change its candles are flat; while there is none there are none. */
  read(now: Millis, limit: number): readonly Candle[]
}

/** at, open, high, low, close. */
const COLUMNS = 5
const FIRST_ROWS = 64

/** The intervals in which the price has changed, so that a price at rest takes no room. */
export function createSeries({ ms, kept }: { readonly ms: number; readonly kept: number }): CandleSeries {
  const ring = createRing(kept)
  return {
    note(at, price) {
      const before = ring.newest()
      const begins = Math.max(Math.floor(at / ms) * ms, before?.at ?? 0)
      if (before === null || isMissing(before)) {
        if (price === null) return
        const first = spanning(begins, price, price)
        if (before?.at === begins) ring.replaceNewest(first)
        else ring.append(first)
        return
      }
      const { high, low, close } = before
      if (price === close) return
      if (before.at < begins) ring.append(price === null ? missing(begins) : spanning(begins, close, price))
      // A price that goes within an interval is missing from the next one on.
      else if (price !== null) {
        const [most, least] = [Math.max(high, price), Math.min(low, price)]
        ring.replaceNewest({ ...before, high: most, low: least, close: price })
      }
    },

    read(now, limit) {
      const newest = Math.floor(now / ms) * ms
      const oldest = newest - (Math.min(limit, kept) - 1) * ms
      const candles: Candle[] = []
      let at = newest
      for (const row of ring.newestFirst()) {
        if (at < oldest) break
        // What has happened since the row: nothing, or there was no price.
        for (; at > row.at && at >= oldest; at -= ms) {
          if (!isMissing(row)) candles.push(spanning(at, row.close, row.close))
        }
        // Later than `now` only where the clock went back.
        if (row.at !== at || at < oldest) continue
        if (!isMissing(row)) candles.push(row)
        at -= ms
      }
      return candles.reverse()
    },
  }
}

/** The newest candles, as rows of numbers. An interval that begins without a price is a row without numbers. */
function createRing(kept: number) {
  let rows = new Float64Array(Math.min(FIRST_ROWS, kept) * COLUMNS)
  /** Rows ever written; the newest `kept` are there. */
  let count = 0

  const capacity = () => rows.length / COLUMNS
  const rowOf = (i: number) => (i % capacity()) * COLUMNS
  const candleAt = (i: number): Candle => {
    const [at = 0, open = 0, high = 0, low = 0, close = 0] = rows.subarray(rowOf(i), rowOf(i) + COLUMNS)
    return { at, open, high, low, close }
  }

  function write(i: number, { at, open, high, low, close }: Candle): void {
    rows.set([at, open, high, low, close], rowOf(i))
  }

  return {
    newest: () => (count === 0 ? null : candleAt(count - 1)),
    *newestFirst() {
      for (let i = count - 1; i >= Math.max(0, count - capacity()); i--) yield candleAt(i)
    },
    replaceNewest: (candle: Candle) => write(count - 1, candle),
    append(candle: Candle): void {
      // Never wrapped before it is full: rows keep their places while the ring grows.
      if (count === capacity() && count < kept) {
        const grown = new Float64Array(Math.min(count * 2, kept) * COLUMNS)
        grown.set(rows)
        rows = grown
      }
      write(count, candle)
      count += 1
    },
  }
}

const spanning = (at: Millis, open: number, close: number): Candle => ({
  at,
  open,
  high: Math.max(open, close),
  low: Math.min(open, close),
  close,
})

const isMissing = ({ close }: Candle) => Number.isNaN(close)
const missing = (at: Millis): Candle => spanning(at, Number.NaN, Number.NaN)
