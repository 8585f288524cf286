// Owns output against size: what each venue, and the route of an order, pay as the amount grows, and where the better venue changes.

import type { Depth } from 'oee-client'
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { client } from '../../engine.ts'
import { amount, bps, price } from '../../format.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Problem } from '../../parts/Problem.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'
import { usePolled } from '../../polled.ts'
import type { Asked } from './asked.ts'
import { DepthChart } from './DepthChart.tsx'
import { lossBps, seriesOf } from './depthSeries.ts'

const EVERY_MS = 4_000
const POINTS = 32

export function DepthSection({ asked }: { readonly asked: Asked }): JSX.Element {
  const { tokenIn, tokenOut, maxAmountIn } = asked
  const depth = usePolled(
    `${tokenIn} ${tokenOut} ${maxAmountIn}`,
    (signal) => client.depth({ tokenIn, tokenOut, maxAmountIn, points: POINTS }, { signal }),
    EVERY_MS,
  )
  // What was asked before is not shown under the name of another pair.
  const shown = depth.value?.tokenIn === tokenIn && depth.value.tokenOut === tokenOut ? depth.value : null
  return (
    <section class="section" aria-labelledby="market-depth">
      <div class="section-head">
        <h2 id="market-depth">Output against size</h2>
        <span class="soft">{shown === null ? '' : crossingOf(shown)}</span>
      </div>
      {depth.message === null ? null : <Problem message={depth.message} onRetry={depth.again} />}
      <div class="depth-space">
        {shown === null ? (
          <Empty title={depth.message === null ? 'Quoting at 32 sizes.' : 'There is nothing to draw.'}>
            {depth.message === null ? undefined : 'Choose another pair or amount above.'}
          </Empty>
        ) : (
          <DepthOf depth={shown} />
        )}
      </div>
    </section>
  )
}

/** An amount to four digits: the size at which a venue overtakes moves with every trade. */
const rounded = (text: string) => amount(String(Number(Number(text).toPrecision(4))))

/** Where the better venue changes, in words. */
function crossingOf({ crossovers, points, tokenIn }: Depth): string {
  const [first, ...more] = crossovers
  if (first === undefined) {
    const best = points.at(-1)?.venues.toSorted((a, b) => Number(b.amountOut) - Number(a.amountOut))[0]
    return best === undefined
      ? 'No venue can place these amounts.'
      : `${best.venue} pays most at the largest size.`
  }
  const others =
    more.length === 0 ? '' : ` It changes ${more.length} more ${more.length === 1 ? 'time' : 'times'}.`
  return `From ${rounded(first.amountIn)} ${tokenIn} on, ${first.to} pays more than ${first.from}.${others}`
}

function DepthOf({ depth }: { readonly depth: Depth }): JSX.Element {
  const { points, tokenIn, tokenOut } = depth
  const [chosen, setChosen] = useState<number | null>(null)
  // Until a person has chosen: two thirds of the way, where the venues part.
  const place = Math.min(chosen ?? Math.floor((points.length * 2) / 3), points.length - 1)
  const point = points[place]
  const series = seriesOf(depth)
  if (point === undefined || series.every(({ outputs }) => outputs.every((output) => output === null))) {
    return <Empty title="There is nothing to draw.">Choose another pair or amount above.</Empty>
  }
  return (
    <>
      <DepthChart depth={depth} chosen={place} onChosen={setChosen} />
      <label class="depth-size">
        <span class="label">At</span>
        <input
          type="range"
          min={0}
          max={points.length - 1}
          value={place}
          aria-label="Size"
          aria-valuetext={`${amount(point.amountIn, 4)} ${tokenIn}`}
          onInput={(event) => setChosen(Number(event.currentTarget.value))}
        />
        <output class="depth-size-text">
          {amount(point.amountIn, 4)} {tokenIn}
        </output>
      </label>
      <Sheet
        label={`What is paid for ${point.amountIn} ${tokenIn}`}
        columns={columnsOf(tokenOut)}
        rows={series.map(({ name, outputs, look }) => {
          const output = outputs[place] ?? null
          return {
            name,
            look,
            output,
            price: output === null ? null : Number(output) / Number(point.amountIn),
            loss: output === null ? null : lossBps(depth, point.amountIn, output),
          }
        })}
        keyOf={({ name }) => name}
        empty=""
      />
    </>
  )
}

type Line = {
  readonly name: string
  readonly look: number
  readonly output: string | null
  readonly price: number | null
  readonly loss: number | null
}

const columnsOf = (tokenOut: string): readonly SheetColumn<Line>[] => [
  {
    name: 'name',
    head: 'through',
    cell: ({ name, look }) => (
      <span class="status">
        <svg viewBox="0 0 24 12" width="24" height="12" aria-hidden="true">
          <path class={`series series-${look}`} d="M0 6h24" />
        </svg>
        {name}
      </span>
    ),
  },
  { name: 'output', head: `pays ${tokenOut}`, isNumber: true, cell: ({ output }) => amount(output, 6) },
  {
    name: 'price',
    head: 'for 1',
    isNumber: true,
    isWideOnly: true,
    cell: (line) => price(line.price),
  },
  { name: 'loss', head: 'below the first unit', isNumber: true, cell: ({ loss }) => bps(loss) },
]
