// Owns the curve of a pool as routing sees it: its marginal price, alone, in parallel with others, and in series.

import type { RoutablePool, Segment } from '../pool.ts'

/**
 * A concave curve of segments, flat in memory. The bounds of a segment are levels, 1 / √(marginal price), which rise as
 * the pool fills. In these terms a segment takes rate · (level − from) with rate = depth · √price, and pays
 * rate · (1 / from − 1 / level): linear in the level for every pool. A constant price takes its whole capacity at one level.
 * Row 0 is empty; `in` and `out` are totals from the start of the curve to the end of the row.
 */
export type Curve = { rows: Float64Array; size: number }

const WIDTH = 5
const TO = 1
const RATE = 2
const IN = 3
const OUT = 4
const FIRST_ROWS = 16

/** Segments beyond this are ignored: the pool counts as one of less liquidity. */
const MAX_SEGMENTS = 10_000

/** Floats cannot place the exact end of a pool's liquidity: this part of it, and one unit, is never used. */
const LAST_PART = 1e-7

/**
 * A segment shorter than this part of its depth is given a constant price, its own mean: between levels that differ by less,
 * a float cannot resolve the input. Its price moves by no more than 0.0002 bps.
 */
const FLAT_PART = 1e-8

const cell = (curve: Curve, row: number, column: number): number => curve.rows[row * WIDTH + column] ?? 0
const from = (curve: Curve, row: number): number => cell(curve, row, 0)

export const capacityOf = (curve: Curve): number => cell(curve, curve.size, IN)
/** The level at which the curve begins to take anything; Infinity when it never does. */
export const startLevel = (curve: Curve): number =>
  curve.size === 0 ? Number.POSITIVE_INFINITY : from(curve, 1)

/** The level of the `index`-th boundary between segments; there are 2 · size, ascending. */
export const boundaryOf = (curve: Curve, index: number): number => cell(curve, (index >> 1) + 1, index & 1)

/** Adds a segment. One that rounding puts before the end of the last begins at that end instead. */
function push(curve: Curve, start: number, rate: number, capIn: number, capOut: number): void {
  if (!(capIn > 0)) return
  const last = curve.size
  const row = last + 1
  if ((row + 1) * WIDTH > curve.rows.length) {
    const wider = new Float64Array(curve.rows.length * 2)
    wider.set(curve.rows)
    curve.rows = wider
  }
  const begins = Math.max(start, cell(curve, last, TO))
  const { rows } = curve
  const at = row * WIDTH
  rows[at] = begins
  rows[at + TO] = begins + capIn / rate
  rows[at + RATE] = rate
  rows[at + IN] = cell(curve, last, IN) + capIn
  rows[at + OUT] = cell(curve, last, OUT) + capOut
  curve.size = row
}

const emptyCurve = (): Curve => ({ rows: new Float64Array(WIDTH * FIRST_ROWS), size: 0 })

/** What a segment pays for `x` more, from a marginal price of 1 / level². */
const paid = (level: number, rate: number, x: number): number => x / (level * (level + x / rate))

/** The amount plus the error of floats: a curve that reaches this far certainly has room for it. */
export const withSlack = (amount: number): number => amount * 1.000_001 + 1

/** A pool's segments up to `limit` of input; the generator runs no further. `counted` is the share of the output that counts. */
export function materialize(segments: Iterable<Segment>, limit: number, counted = 1): Curve {
  const curve = emptyCurve()
  let room = limit
  for (const { price: whole, depth, capIn } of segments) {
    const price = whole * counted
    if (!(price > 0 && depth > 0)) break
    const cap = Math.min(capIn, room)
    const level = 1 / Math.sqrt(price)
    if (cap > depth * FLAT_PART) {
      const rate = depth / level
      push(curve, level, rate, cap, paid(level, rate, cap))
    } else {
      const mean = price / (1 + cap / depth)
      push(curve, 1 / Math.sqrt(mean), Number.POSITIVE_INFINITY, cap, cap * mean)
    }
    room -= cap
    if (!(room > 0)) return curve
    if (curve.size >= MAX_SEGMENTS) break
  }
  trim(curve)
  return curve
}

type Kept = {
  readonly aToB: boolean
  readonly counted: number
  readonly reach: number
  readonly curve: Curve
}

/** Memoized curves; they live as long as the snapshot of their pool. */
const kept = new WeakMap<RoutablePool, Kept[]>()

/**
 * The curve of one direction of a pool, at least as far as `limit`, memoized. Orders of one moment meet the same pools, and
 * all whose amounts round up to the same power of two share a curve.
 */
export function curveOf(pool: RoutablePool, aToB: boolean, limit: number, counted = 1): Curve {
  const reach = 2 ** Math.ceil(Math.log2(withSlack(limit)))
  let curves = kept.get(pool)
  if (curves === undefined) {
    curves = []
    kept.set(pool, curves)
  }
  for (const each of curves) {
    if (each.aToB === aToB && each.counted === counted && each.reach === reach) return each.curve
  }
  const curve = materialize(pool.segments(aToB), reach, counted)
  curves.push({ aToB, counted, reach, curve })
  return curve
}

/** Leaves the last of a pool's liquidity alone. */
function trim(curve: Curve): void {
  const row = curve.size
  if (row === 0) return
  const kept = capacityOf(curve) * (1 - LAST_PART) - 1 - cell(curve, row - 1, IN)
  curve.size = row - 1
  push(
    curve,
    from(curve, row),
    cell(curve, row, RATE),
    kept,
    paid(from(curve, row), cell(curve, row, RATE), kept),
  )
}

/** How many segments begin below the level, or also at it. */
function begunAt(curve: Curve, level: number, isInclusive: boolean): number {
  let low = 0
  let high = curve.size
  while (low < high) {
    const middle = (low + high + 1) >> 1
    const start = from(curve, middle)
    if (start < level || (isInclusive && start === level)) low = middle
    else high = middle - 1
  }
  return low
}

/** The input up to a level. A constant price exactly at that level counts whole if inclusive, else not at all. */
export function inputAt(curve: Curve, level: number, isInclusive: boolean): number {
  const row = begunAt(curve, level, isInclusive)
  if (row === 0) return 0
  if (cell(curve, row, TO) <= level) return cell(curve, row, IN)
  return cell(curve, row - 1, IN) + cell(curve, row, RATE) * (level - from(curve, row))
}

/** The segment that takes the `input`th unit. */
function rowAt(curve: Curve, input: number): number {
  let low = 1
  let high = curve.size
  while (low < high) {
    const middle = (low + high) >> 1
    if (cell(curve, middle, IN) < input) low = middle + 1
    else high = middle
  }
  return low
}

/** What the first `input` units pay; units beyond the capacity pay nothing. */
export function outputOf(curve: Curve, input: number): number {
  const { size } = curve
  if (size === 0 || input >= cell(curve, size, IN)) return cell(curve, size, OUT)
  const row = rowAt(curve, input)
  const within = input - cell(curve, row - 1, IN)
  return cell(curve, row - 1, OUT) + paid(from(curve, row), cell(curve, row, RATE), within)
}

/** The level once `input` units are in; Infinity beyond the capacity. */
export function levelAfter(curve: Curve, input: number): number {
  if (input > capacityOf(curve)) return Number.POSITIVE_INFINITY
  const row = rowAt(curve, input)
  return from(curve, row) + (input - cell(curve, row - 1, IN)) / cell(curve, row, RATE)
}

/** The surplus of the curve when input costs 1 / level² a unit: max over x of out(x) − x / level². */
export function surplusAt(curve: Curve, level: number): number {
  const input = inputAt(curve, level, false)
  return outputOf(curve, input) - input / (level * level)
}

/**
 * The curve of pools in parallel, each filled to the same level (equal marginal prices), up to `limit` of input. Between two
 * boundaries the rates of the active pools add up, so the sum of such curves is such a curve.
 */
export function inParallel(curves: readonly Curve[], limit: number): Curve {
  const [only] = curves
  if (only !== undefined && curves.length === 1) return only
  const sum = emptyCurve()
  const cursors = new Int32Array(curves.length)
  let level = 0
  while (capacityOf(sum) < limit) {
    const { next, rate } = nextBoundary(curves, cursors)
    if (next === Number.POSITIVE_INFINITY) break
    if (rate > 0) push(sum, level, rate, rate * (next - level), rate * (1 / level - 1 / next))
    level = next
    for (const [i, curve] of curves.entries()) cursors[i] = pass(curve, cursors[i] ?? 0, level, sum)
  }
  return sum
}

/** The nearest boundary ahead of all cursors, and the rates of the segments they stand in, added up. */
function nextBoundary(curves: readonly Curve[], cursors: Int32Array) {
  let next = Number.POSITIVE_INFINITY
  let rate = 0
  for (let i = 0; i < cursors.length; i += 1) {
    const curve = curves[i]
    const cursor = cursors[i] ?? 0
    if (curve === undefined || cursor >= 2 * curve.size) continue
    const boundary = boundaryOf(curve, cursor)
    if (boundary < next) next = boundary
    if ((cursor & 1) === 1) rate += cell(curve, (cursor >> 1) + 1, RATE)
  }
  return { next, rate }
}

/** Moves a cursor over every boundary at this level, adding the constant prices it passes. */
function pass(curve: Curve, start: number, level: number, sum: Curve): number {
  let cursor = start
  while (cursor < 2 * curve.size && boundaryOf(curve, cursor) <= level) {
    const row = (cursor >> 1) + 1
    if ((cursor & 1) === 0 && cell(curve, row, TO) <= level) {
      const capIn = cell(curve, row, IN) - cell(curve, row - 1, IN)
      const capOut = cell(curve, row, OUT) - cell(curve, row - 1, OUT)
      push(sum, level, Number.POSITIVE_INFINITY, capIn, capOut)
      cursor += 2
    } else {
      cursor += 1
    }
  }
  return cursor
}

/**
 * The curve of two hops: what the first pays goes into the second. Two segments one after the other pay
 * p₁p₂x / (1 + (1/d₁ + p₁/d₂)x): again a segment, of level l₁l₂ and rate 1 / (l₂/r₁ + 1/(l₁r₂)).
 */
export function inSeries(first: Curve, second: Curve): Curve {
  const whole = emptyCurve()
  let [i, j] = [1, 1]
  let [goneIn, goneBetween] = [0, 0]
  while (i <= first.size && j <= second.size) {
    const [rate1, rate2] = [cell(first, i, RATE), cell(second, j, RATE)]
    const level1 = from(first, i) + goneIn / rate1
    const level2 = from(second, j) + goneBetween / rate2
    const leftIn = cell(first, i, IN) - cell(first, i - 1, IN) - goneIn
    const leftBetween = Math.max(0, cell(second, j, IN) - cell(second, j - 1, IN) - goneBetween)
    const supply = leftIn > 0 ? paid(level1, rate1, leftIn) : 0
    const isFirstDone = supply <= leftBetween
    const between = isFirstDone ? supply : leftBetween
    // x for a given output y of the first hop: y = x / (l (l + x / r)), solved for x.
    const x = isFirstDone ? leftIn : (between * level1 * level1) / (1 - (between * level1) / rate1)
    const rate = 1 / (level2 / rate1 + 1 / (level1 * rate2))
    push(whole, level1 * level2, rate, x, paid(level2, rate2, between))
    if (isFirstDone) i += 1
    else j += 1
    goneIn = isFirstDone ? 0 : goneIn + x
    goneBetween = isFirstDone ? goneBetween + between : 0
  }
  return whole
}
