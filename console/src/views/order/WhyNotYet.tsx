// Owns the answer to "why not yet": the price that it waits for and the price now, on one scale.

import type { Waiting } from 'oee-client'
import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import { explained } from '../../advice.ts'
import { duration, percent, price } from '../../format.ts'
import { now } from '../../now.ts'
import type { Row } from '../../orderState.ts'
import { useWidth } from '../../parts/width.ts'

export function WhyNotYet({ waiting, row }: { readonly waiting: Waiting; readonly row: Row }): JSX.Element {
  const { for: wanted, now: paid, blocker, detail, evaluatedAt, slot } = waiting
  return (
    <section class="section" aria-label="Why not yet">
      <h2>Why not yet</h2>
      <p class="wait-words">
        <strong>{blocker}</strong> {explained(blocker)}
        {wanted === null || paid === null ? '' : ` ${comparison(row, wanted, paid)}`}
      </p>
      {wanted === null || paid === null ? null : <Scale wanted={wanted} paid={paid} />}
      {detail === undefined ? null : <p class="wait-detail">{detail}</p>}
      <p class="soft">
        Looked at {duration(Math.max(0, now.value - Date.parse(evaluatedAt)))} ago
        {slot === null ? '' : `, in slot ${slot}`}
        {row.trigger === undefined ? '' : `; its source is ${row.trigger.source}`}.
        {row.unfunded === true ? ' The wallet does not hold what it sells beside earlier orders.' : ''}
      </p>
    </section>
  )
}

/** By the prices as they are drawn: one of what is bought is asked for, and waits for less. */
function comparison({ type, priceOf }: Row, wanted: string, paid: string): string {
  const farBps = (Number(paid) / Number(wanted) - 1) * 10_000
  const far = percent(Math.abs(farBps)).replace('+', '')
  const verb = type === 'sniper' || priceOf === 'tokenOut' ? 'asks' : 'pays'
  return `The market ${verb} ${far} ${farBps < 0 ? 'less' : 'more'} than the price that it waits for.`
}

const ROOM = 0.35

function Scale({ wanted, paid }: { readonly wanted: string; readonly paid: string }): JSX.Element {
  const own = useRef<HTMLDivElement>(null)
  const width = useWidth(own)
  const [target, current] = [Number(wanted), Number(paid)]
  const span = Math.max(Math.abs(target - current), Math.abs(target) * 0.002)
  const low = Math.min(target, current) - span * ROOM
  const xOf = (value: number) => ((value - low) / (span * (1 + 2 * ROOM))) * width
  const [x, atNow] = [xOf(target), xOf(current)]
  const anchor = (left: boolean) => (left ? 'start' : 'end')
  return (
    <div ref={own} class="wait-scale">
      {width === 0 ? null : (
        <svg
          width={width}
          height="56"
          viewBox={`0 0 ${width} 56`}
          role="img"
          aria-label={`now ${paid}, waits for ${wanted}`}
        >
          <path class="axis-way" d={`M0 28H${width}`} />
          <path class="wait-gap" d={`M${atNow} 28H${x}`} />
          <path class="wait-target" d={`M${x} 16v24`} />
          <circle class="wait-now" cx={atNow} cy="28" r="5" />
          <text x={x} y="11" text-anchor={anchor(x < width / 2)}>
            waits for {price(wanted)}
          </text>
          <text x={atNow} y="53" text-anchor={anchor(atNow < width / 2)}>
            now {price(paid)}
          </text>
        </svg>
      )}
    </div>
  )
}
