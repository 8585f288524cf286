// Owns the time of an order as lanes: one for each attempt, a segment for each status, on one axis whose long waits are broken.

import type { OrderEvent } from 'oee-client'
import { applied, isOpen, type Row, type State, stateOf } from '../../orderState.ts'

/** `backoff`: the wait before an attempt is repeated. */
export type SegmentState = State | 'backoff'

export type Segment = {
  readonly state: SegmentState
  readonly from: number
  /** Null while it lasts. */
  readonly to: number | null
  /** So many events have left it as it was, or begun it. */
  readonly events: number
}

export type Lane = {
  readonly attempt: number
  readonly segments: readonly Segment[]
  /** How it ended: the last status, or the code for which it is tried again. Null while it goes on. */
  readonly end: { readonly state: State; readonly code: string } | null
}

type Open = { attempt: number; segments: Segment[]; end: Lane['end'] }

export function lanesOf(events: readonly OrderEvent[]): readonly Lane[] {
  const lanes: Open[] = []
  let row: Row | undefined
  for (const event of events) {
    const at = Date.parse(event.at)
    row = applied(row, event) ?? row
    const before = lanes.at(-1)
    if (before !== undefined) closeSegment(before, at)
    if (before !== undefined && event.attempt !== before.attempt) before.end = endOf(event)
    const lane = before?.attempt === event.attempt ? before : openLane(lanes, event.attempt)
    if (!isOpen(event)) lane.end = endOf(event)
    else if (event.kind === 'retried') retry(lane, at, Date.parse(event.retryAt))
    else addSegment(lane, row === undefined ? event.status : stateOf(row), at)
  }
  return lanes
}

function openLane(lanes: Open[], attempt: number): Open {
  const lane: Open = { attempt, segments: [], end: null }
  lanes.push(lane)
  return lane
}

function closeSegment(lane: Open, at: number): void {
  const last = lane.segments.at(-1)
  if (last?.to === null) lane.segments[lane.segments.length - 1] = { ...last, to: Math.max(last.from, at) }
}

/** What goes on in the same state goes on in the same segment. */
function addSegment(lane: Open, state: SegmentState, from: number): void {
  const last = lane.segments.at(-1)
  if (last?.state === state && last.to === from) {
    lane.segments[lane.segments.length - 1] = { ...last, to: null, events: last.events + 1 }
  } else lane.segments.push({ state, from, to: null, events: 1 })
}

function retry(lane: Open, at: number, retryAt: number): void {
  if (retryAt > at) lane.segments.push({ state: 'backoff', from: at, to: retryAt, events: 1 })
  lane.segments.push({ state: 'routing', from: Math.max(at, retryAt), to: null, events: 1 })
}

function endOf(event: OrderEvent): NonNullable<Lane['end']> {
  if (event.kind === 'retried') return { state: 'failed', code: event.failure.code }
  return { state: event.status, code: event.kind === 'failed' ? event.failure.code : event.status }
}

// ---- the axis -----------------------------------------------------------------------------------------------------

export type Placed = Segment & {
  /** Px from the beginning of the axis. */
  readonly x: number
  readonly width: number
  readonly ms: number
  /** Longer than it is drawn. */
  readonly isBroken: boolean
}
export type Tick = { readonly x: number; readonly ms: number }
export type Axis = {
  readonly lanes: readonly (Omit<Lane, 'segments'> & { readonly segments: readonly Placed[] })[]
  readonly ticks: readonly Tick[]
  /** Attempts before the first lane that is drawn. */
  readonly hidden: number
}

const MOST_LANES = 12
const MOST_SEGMENTS = 60
/** A wait longer than this many times all work is broken. */
const LONG = 0.5
const BROKEN_SHARE = 0.16
const MOST_BROKEN = 0.6
const TICK_PX = 110

const isWait = ({ state }: Segment) => state === 'resting' || state === 'paused' || state === 'backoff'

/** A plan never works itself: its whole time is one wait, which nothing is to be seen beside. */
const isWork = (segment: Segment) => !isWait(segment) && segment.state !== 'pending'

export function axisOf(all: readonly Lane[], now: number, width: number): Axis {
  const lanes = all.slice(-MOST_LANES)
  const shown = lanes.flatMap(({ segments }) => segments).slice(-MOST_SEGMENTS)
  const lengthOf = ({ from, to }: Segment) => Math.max(0, (to ?? Math.max(from, now)) - from)
  const work = shown.filter(isWork).reduce((sum, segment) => sum + lengthOf(segment), 0)
  const isBroken = (segment: Segment) => work > 0 && isWait(segment) && lengthOf(segment) > work * LONG
  const broken = shown.filter(isBroken).length
  const brokenPx = broken === 0 ? 0 : Math.min(BROKEN_SHARE, MOST_BROKEN / broken) * width
  const linear = shown.reduce((sum, segment) => sum + (isBroken(segment) ? 0 : lengthOf(segment)), 0)
  const pxPerMs = linear === 0 ? 0 : (width - broken * brokenPx) / linear

  const placed = new Map<Segment, Placed>()
  let x = 0
  for (const segment of shown) {
    const ms = lengthOf(segment)
    const px = isBroken(segment) ? brokenPx : ms * pxPerMs
    placed.set(segment, { ...segment, x, width: px, ms, isBroken: isBroken(segment) })
    x += px
  }
  return {
    lanes: lanes.map((lane) => ({
      ...lane,
      segments: lane.segments.flatMap((segment) => placed.get(segment) ?? []),
    })),
    ticks: ticksOf([...placed.values()], pxPerMs),
    hidden: all.length - lanes.length,
  }
}

/** Round times since the last break, so that a second looks alike after an hour of rest. */
function ticksOf(segments: readonly Placed[], pxPerMs: number): readonly Tick[] {
  if (pxPerMs === 0) return []
  const step = roundUp(TICK_PX / pxPerMs)
  const ticks: Tick[] = []
  let [begin, end] = [0, 0]
  const draw = () => {
    for (let ms = 0; ms * pxPerMs <= end - begin; ms += step) ticks.push({ x: begin + ms * pxPerMs, ms })
  }
  for (const { x, width, isBroken } of segments) {
    if (isBroken) {
      if (end > begin) draw()
      begin = x + width
    }
    end = x + width
  }
  if (end > begin) draw()
  return ticks
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Round as people count: by tens up to a second and from a day on, by sixties between. */
const ROUND_MS: readonly number[] = [
  ...[SECOND_MS, MINUTE_MS].flatMap((unit) => [1, 2, 5, 10, 20, 30].map((many) => many * unit)),
  ...[1, 2, 6, 12, 24].map((many) => many * HOUR_MS),
]

/** The next round duration: 1, 2, 5, 10, … ms, 1, 2, 5, 10, 20, 30 s, then so many min, then h, then d. */
function roundUp(ms: number): number {
  const round = ms > SECOND_MS / 2 ? ROUND_MS.find((step) => step >= ms) : undefined
  if (round !== undefined) return round
  const unit = ms > DAY_MS ? DAY_MS : 1
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, ms / unit)))
  return unit * magnitude * ([1, 2, 5].find((factor) => factor * magnitude * unit >= ms) ?? 10)
}
