// Owns how long each step of a fill takes: the middle, and the slow ends.

import type { JSX } from 'preact'
import { type Execution, quantile } from '../../execution.ts'
import { count, duration, NONE } from '../../format.ts'
import { linkTo } from '../../location.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'
import { StatusMark } from '../../parts/Status.tsx'

type Line = {
  readonly step: string
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

const STEPS = ['pending', 'routing', 'building', 'submitted', 'total'] as const
const MEANS: Readonly<Record<(typeof STEPS)[number], string>> = {
  pending: 'until a worker takes it',
  routing: 'quotes and route',
  building: 'transaction and signature',
  submitted: 'until it has landed',
  total: 'from the request on',
}

const ms = (value: number | null) => (value === null ? NONE : duration(value))

export function Steps({ fills }: { readonly fills: readonly Execution[] }): JSX.Element {
  const lines = STEPS.map((step): Line => {
    const isWait = step === 'total' || step === 'pending'
    const all = fills.flatMap(({ stepMs, waited }) => {
      const spent = stepMs[step]
      return spent === undefined || (waited && isWait) ? [] : [spent]
    })
    return { step, p50: quantile(all, 0.5), p95: quantile(all, 0.95), p99: quantile(all, 0.99) }
  })
  const longest = Math.max(1, ...lines.map(({ p99 }) => p99 ?? 0))
  return (
    <section class="section" aria-labelledby="system-steps">
      <div class="section-head">
        <h2 id="system-steps">Time per step</h2>
        <span class="soft">{fills.length === 0 ? '' : `Of the newest ${count(fills.length)} fills.`}</span>
      </div>
      <Sheet
        label="Time per step"
        columns={columnsFor(longest)}
        rows={fills.length === 0 ? [] : lines}
        keyOf={({ step }) => step}
        empty={
          <Empty title="No order has been filled yet.">
            <a href={linkTo('trade')}>Place one in Trade</a>, or wait for others to.
          </Empty>
        }
      />
    </section>
  )
}

const columnsFor = (longest: number): readonly SheetColumn<Line>[] => [
  {
    name: 'step',
    head: 'step',
    cell: ({ step }) => (
      <span class="status" title={MEANS[step as keyof typeof MEANS]}>
        {step === 'total' ? null : <StatusMark state={step} />}
        {step === 'total' ? <b>total</b> : step}
      </span>
    ),
  },
  { name: 'p50', head: 'p50', isNumber: true, cell: ({ p50 }) => ms(p50) },
  { name: 'p95', head: 'p95', isNumber: true, cell: ({ p95 }) => ms(p95) },
  { name: 'p99', head: 'p99', isNumber: true, cell: ({ p99 }) => ms(p99) },
  {
    name: 'range',
    head: 'p50 to p99',
    isWideOnly: true,
    cell: (line) => <Range line={line} longest={longest} />,
  },
]

const WIDTH = 140

/** From the middle to the slow end, the 95th percentile as a tick. */
function Range({
  line: { p50, p95, p99 },
  longest,
}: {
  readonly line: Line
  readonly longest: number
}): JSX.Element {
  const at = (value: number | null) => ((value ?? 0) / longest) * (WIDTH - 2) + 1
  return (
    <svg class="range" width={WIDTH} height="12" aria-hidden="true">
      <path class="range-way" d={`M0 6H${WIDTH}`} />
      <path class="range-line" d={`M${at(p50)} 6H${at(p99)}`} />
      <path class="range-tick" d={`M${at(p50)} 2v8M${at(p95)} 3v6M${at(p99)} 3v6`} />
    </svg>
  )
}
