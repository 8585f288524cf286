// Owns the time axis: the track of an order at full size.

import type { JSX } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import { count, duration, roundDuration } from '../../format.ts'
import { now } from '../../now.ts'
import type { State } from '../../orderState.ts'
import { StatusMark, toneOf } from '../../parts/Status.tsx'
import { useWidth } from '../../parts/width.ts'
import { type Axis, axisOf, type Lane, type Placed } from './lanes.ts'

const HEAD = 24
const LANE = 52
const LINE = 14
const MARK = 14
/** Px of a letter, more or less: a label that does not fit is left to the list under the axis. */
const LETTER = 5.6
/** Px that half a tick's label takes. */
const TICK_ROOM = 24

const wordOf = (state: string) => (state === 'backoff' ? 'waits to retry' : state)
const markOf = (state: string): State => (state === 'backoff' ? 'resting' : (state as State))
const labelOf = ({ state, ms }: Pick<Placed, 'state' | 'ms'>) => `${wordOf(state)} ${duration(ms)}`

type Props = {
  readonly lanes: readonly Lane[]
  readonly isOpen: boolean
  /** Of the lane that waits for the chain. */
  readonly note: string
}

export function TimeAxis({ lanes, isOpen, note }: Props): JSX.Element {
  const own = useRef<HTMLDivElement>(null)
  const width = useWidth(own)
  const gutter = width < 560 ? 0 : 84
  const room = Math.max(0, width - gutter - MARK)
  const moment = isOpen ? now.value : 0
  const axis = useMemo(() => axisOf(lanes, moment, room), [lanes, moment, room])
  const height = HEAD + axis.lanes.length * LANE
  return (
    <div ref={own} class="axis">
      {width === 0 ? null : (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <Ticks axis={axis} left={gutter} right={room} height={height} />
          {axis.lanes.map((lane, place) => (
            <LaneLine key={lane.attempt} lane={lane} top={HEAD + place * LANE} left={gutter} right={width} />
          ))}
        </svg>
      )}
      <LaneList axis={axis} note={note} />
    </div>
  )
}

type TicksProps = {
  readonly axis: Axis
  readonly left: number
  /** The end of the axis, from its beginning. */
  readonly right: number
  readonly height: number
}

function Ticks({ axis, left, right, height }: TicksProps): JSX.Element {
  return (
    <g class="axis-ticks">
      {axis.ticks.map(({ x, ms }) => (
        <g key={`${x} ${ms}`} transform={`translate(${left + MARK / 2 + x} 0)`}>
          <path d={`M0 ${HEAD - 6}V${height - 8}`} />
          <text y={HEAD - 10} text-anchor={x > right - TICK_ROOM ? 'end' : 'middle'}>
            {roundDuration(ms)}
          </text>
        </g>
      ))}
    </g>
  )
}

type LaneProps = {
  readonly lane: Axis['lanes'][number]
  readonly top: number
  readonly left: number
  readonly right: number
}

function LaneLine({ lane, top, left, right }: LaneProps): JSX.Element {
  const last = lane.segments.at(-1)
  const end = last === undefined ? 0 : last.x + last.width
  const code = lane.end?.code ?? ''
  // Beside its mark while there is room; at the end of the axis below it.
  const isBelow = left + end + MARK + code.length * LETTER > right
  return (
    <g transform={`translate(0 ${top})`}>
      {left === 0 ? null : (
        <text class="axis-attempt" x="0" y={LINE + 4}>
          attempt {lane.attempt}
        </text>
      )}
      <path class="axis-way" d={`M${left} ${LINE}H${right}`} />
      {lane.segments.map((segment) => (
        <SegmentLine
          key={`${segment.from} ${segment.state}`}
          segment={segment}
          left={left + MARK / 2}
          taken={segment === last && isBelow ? code.length * LETTER : 0}
        />
      ))}
      {lane.end === null ? (
        <path class="axis-now" d={`M${left + MARK / 2 + end} ${LINE - 9}v18`} />
      ) : (
        <g transform={`translate(${left + end} ${LINE - MARK / 2})`}>
          <rect class="axis-gap" width={MARK} height={MARK} />
          <StatusMark state={lane.end.state} size={MARK} />
          <text
            class={`axis-end ${toneOf(lane.end.state)}`}
            x={isBelow ? MARK : MARK + 6}
            y={MARK / 2 + (isBelow ? 24 : 4)}
            text-anchor={isBelow ? 'end' : 'start'}
          >
            {code}
          </text>
        </g>
      )}
    </g>
  )
}

type SegmentProps = {
  readonly segment: Placed
  readonly left: number
  /** Px at the end of its label's line that another label takes. */
  readonly taken: number
}

function SegmentLine({ segment, left, taken }: SegmentProps): JSX.Element {
  const { state, x, width, isBroken } = segment
  const tone = toneOf(markOf(state))
  const label = labelOf(segment)
  const middle = width / 2
  return (
    <g transform={`translate(${left + x} 0)`}>
      <path class={`axis-segment ${tone}`} d={`M0 ${LINE}H${width}`} />
      {isBroken ? (
        <g class="axis-break">
          <path class="axis-gap-line" d={`M${middle - 4} ${LINE}h8`} />
          <path d={`M${middle - 6} ${LINE + 5}l4 -10M${middle + 2} ${LINE + 5}l4 -10`} />
        </g>
      ) : null}
      {width < MARK + 2 ? (
        <path class={`axis-segment ${tone}`} d={`M0 ${LINE - 5}v10`} />
      ) : (
        <g transform={`translate(${-MARK / 2} ${LINE - MARK / 2})`}>
          <rect class="axis-gap" width={MARK} height={MARK} />
          <StatusMark state={markOf(state)} size={MARK} />
        </g>
      )}
      {label.length * LETTER + taken < width - 8 ? (
        <text class="axis-label" x="0" y={LINE + 24}>
          {label}
        </text>
      ) : null}
    </g>
  )
}

/** The same in words: for a narrow window, for what is too short for a label, and for readers of the page. */
function LaneList({ axis, note }: { readonly axis: Axis; readonly note: string }): JSX.Element {
  return (
    <ol class="axis-list">
      {axis.hidden > 0 ? <li class="soft">{axis.hidden} earlier attempts are in the events below.</li> : null}
      {axis.lanes.map((lane) => (
        <li key={lane.attempt}>
          <span class="axis-list-name">attempt {lane.attempt}</span>
          {lane.segments.map((segment) => (
            <span key={`${segment.from} ${segment.state}`} class="axis-list-step">
              <StatusMark state={markOf(segment.state)} size={10} />
              {labelOf(segment)}
              {segment.events > 1 ? `, ${count(segment.events)} events` : ''}
            </span>
          ))}
          {lane.end === null ? (
            <span>{note}</span>
          ) : (
            <span class={`axis-list-step ${toneOf(lane.end.state)}`}>
              <StatusMark state={lane.end.state} size={10} />
              {lane.end.code}
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}
