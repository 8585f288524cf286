// Owns the chart of the depth: the amount from left to right in equal ratios, the loss downwards on a square-root scale, so that
// the first bps and the last percent are both seen.

import type { Depth } from 'oee-client'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { amount } from '../../format.ts'
import { useWidth } from '../../parts/width.ts'
import { lossBps, seriesOf } from './depthSeries.ts'

const HEIGHT = 240
const EDGE = { left: 52, right: 76, top: 24, bottom: 24 }
const LABEL = 14
const STEPS = [1, 2, 5] as const

/** 1, 2 and 5 of each power of ten between the two. */
function niceBetween(least: number, most: number): number[] {
  const values: number[] = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power += 1) {
    for (const step of STEPS) {
      const value = step * 10 ** power
      if (value >= least && value <= most) values.push(Number(value.toPrecision(1)))
    }
  }
  return values
}

/** Leaves out what would stand closer than `gap` to the one before. */
function spaced<T extends { readonly at: number }>(marks: readonly T[], gap: number): T[] {
  const kept: T[] = []
  for (const mark of marks) {
    const before = kept.at(-1)
    if (before === undefined || Math.abs(mark.at - before.at) >= gap) kept.push(mark)
  }
  return kept
}

type Props = {
  readonly depth: Depth
  readonly chosen: number
  readonly onChosen: (place: number) => void
}

export function DepthChart({ depth, chosen, onChosen }: Props): JSX.Element {
  const own = useRef<HTMLDivElement>(null)
  const width = useWidth(own)
  return (
    <div ref={own} class="depth-chart">
      {width === 0 ? null : <Drawing depth={depth} chosen={chosen} onChosen={onChosen} width={width} />}
    </div>
  )
}

function Drawing({ depth, chosen, onChosen, width }: Props & { readonly width: number }): JSX.Element {
  const { points, tokenIn, crossovers } = depth
  const sizes = points.map(({ amountIn }) => Number(amountIn))
  const [least = 1, most = 1] = [sizes[0], sizes.at(-1)]
  const curves = seriesOf(depth).map((series) => ({
    ...series,
    losses: series.outputs.map((output, i) =>
      output === null ? null : lossBps(depth, points[i]?.amountIn ?? '1', output),
    ),
  }))
  const worst = Math.max(1, ...curves.flatMap(({ losses }) => losses.map((loss) => loss ?? 0)))
  const [right, bottom] = [width - EDGE.right, HEIGHT - EDGE.bottom]
  const xOf = (size: number) =>
    EDGE.left + (most === least ? 1 : Math.log(size / least) / Math.log(most / least)) * (right - EDGE.left)
  const yOf = (loss: number) => EDGE.top + Math.sqrt(loss / worst) * (bottom - EDGE.top)
  const xMarks = spaced(
    niceBetween(least, most).map((size) => ({ size, at: xOf(size) })),
    52,
  )
  const yMarks = spaced(
    [0, ...niceBetween(Math.min(1, worst), worst)].map((loss) => ({ loss, at: yOf(loss) })),
    22,
  )
  const crossings = withRoom(crossovers.map(({ amountIn, to }) => ({ at: xOf(Number(amountIn)), to })))
  const ends = labelsOf(curves.flatMap(({ name, look, losses }) => endOf(name, look, losses, yOf)))

  function choose(event: PointerEvent): void {
    const at = event.offsetX
    const distances = sizes.map((size) => Math.abs(xOf(size) - at))
    onChosen(distances.indexOf(Math.min(...distances)))
  }

  return (
    <svg
      class="depth-drawing"
      width={width}
      height={HEIGHT}
      role="img"
      aria-label={`How much less is paid for ${tokenIn} as the amount grows, by venue. The table below has the figures.`}
      onPointerMove={choose}
      onPointerDown={choose}
    >
      <text class="axis-text" x={EDGE.left} y={14}>
        bps below the first unit
      </text>
      {yMarks.map(({ loss, at }) => (
        <g key={loss}>
          <path class="grid" d={`M${EDGE.left} ${at}H${right}`} />
          <text class="axis-text end" x={EDGE.left - 6} y={at + 4}>
            {amount(String(loss))}
          </text>
        </g>
      ))}
      {xMarks.map(({ size, at }) => (
        <g key={size}>
          <path class="tick" d={`M${at} ${bottom}v4`} />
          <text class="axis-text middle" x={at} y={HEIGHT - 6}>
            {amount(String(size))}
          </text>
        </g>
      ))}
      <path class="axis" d={`M${EDGE.left} ${bottom}H${right}`} />
      <path class="chosen" d={`M${xOf(sizes[chosen] ?? most)} ${EDGE.top}V${bottom}`} />
      {curves.map(({ name, look, losses }) => (
        <path key={name} class={`series series-${look}`} d={lineOf(losses, sizes, xOf, yOf)} />
      ))}
      {curves.map(({ name, losses }) => {
        const loss = losses[chosen]
        return loss === null || loss === undefined ? null : (
          <circle key={name} class="chosen-dot" cx={xOf(sizes[chosen] ?? most)} cy={yOf(loss)} r="2.5" />
        )
      })}
      {crossings.map(({ at, to, hasRoom }) => (
        <g key={at}>
          <path class="crossover" d={`M${at} ${EDGE.top}V${bottom}`} />
          {hasRoom ? (
            <text class="axis-text strong end" x={at - 5} y={bottom - 6}>
              {to} from here
            </text>
          ) : null}
        </g>
      ))}
      {ends.map(({ name, look, at }) => (
        <text key={name} class={`series-label series-label-${look}`} x={right + 8} y={at + 4}>
          {name}
        </text>
      ))}
    </svg>
  )
}

/** Room of a name beside its line. */
const NAMED = 108

/** Lines close to the one before have no name: that stands in the sentence above. */
function withRoom<T extends { readonly at: number }>(crossings: readonly T[]) {
  return crossings.map((crossing, i) => {
    const before = crossings[i - 1]?.at ?? EDGE.left
    return { ...crossing, hasRoom: crossing.at - before >= NAMED }
  })
}

function lineOf(
  losses: readonly (number | null)[],
  sizes: readonly number[],
  xOf: (size: number) => number,
  yOf: (loss: number) => number,
): string {
  let isDown = false
  return losses
    .map((loss, i) => {
      if (loss === null) {
        isDown = false
        return ''
      }
      const step = `${isDown ? 'L' : 'M'}${xOf(sizes[i] ?? 1).toFixed(1)} ${yOf(loss).toFixed(1)}`
      isDown = true
      return step
    })
    .join('')
}

type End = { readonly name: string; readonly look: number; readonly at: number }

function endOf(
  name: string,
  look: number,
  losses: readonly (number | null)[],
  yOf: (loss: number) => number,
): readonly End[] {
  const last = losses.findLast((loss) => loss !== null)
  return last === undefined || last === null ? [] : [{ name, look, at: yOf(last) }]
}

/** Names at the ends of their curves, pushed apart where they would overlap, and kept within the drawing. */
function labelsOf(ends: readonly End[]): readonly End[] {
  let above = Number.NEGATIVE_INFINITY
  const down = ends
    .toSorted((a, b) => a.at - b.at)
    .map((end) => {
      above = Math.max(end.at, above + LABEL)
      return { ...end, at: above }
    })
  let below = HEIGHT - EDGE.bottom + LABEL / 2
  return down.toReversed().map((end) => {
    below = Math.min(end.at, below - LABEL)
    return { ...end, at: below }
  })
}
