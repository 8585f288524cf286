// Owns execution quality by venue: what was got against what the market showed, was quoted and was asked for at least.

import type { JSX } from 'preact'
import { type Execution, quantile, shortfallBps } from '../../execution.ts'
import { amount, bps, count, duration, NONE, percent } from '../../format.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'

type Line = {
  readonly venue: string
  readonly fills: number
  /** Means, in bps. */
  readonly toArrival: number
  readonly toQuote: number
  readonly overMinimum: number
  readonly landing50: number | null
  readonly landing95: number | null
  readonly revertShareBps: number
  readonly feesSol: string
}

const LAMPORTS = 1e9
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

function lineOf(venue: string, fills: readonly Execution[]): Line {
  const landings = fills.flatMap(({ stepMs }) => stepMs.submitted ?? [])
  const reverts = fills.reduce((sum, fill) => sum + fill.reverts, 0)
  return {
    venue,
    fills: fills.length,
    toArrival: mean(fills.map((fill) => shortfallBps(fill.arrival, fill.amountOut))),
    toQuote: mean(fills.map((fill) => shortfallBps(fill.quoted, fill.amountOut))),
    overMinimum: mean(fills.map((fill) => -shortfallBps(fill.minimum, fill.amountOut))),
    landing50: quantile(landings, 0.5),
    landing95: quantile(landings, 0.95),
    revertShareBps: (reverts / Math.max(1, reverts + fills.length)) * 10_000,
    feesSol: (fills.reduce((sum, fill) => sum + fill.feeLamports, 0) / LAMPORTS).toFixed(9),
  }
}

function linesOf(fills: readonly Execution[]): readonly Line[] {
  if (fills.length === 0) return []
  const venues = [...new Set(fills.map(({ venue }) => venue))].sort()
  const lines = venues.map((venue) =>
    lineOf(
      venue,
      fills.filter((fill) => fill.venue === venue),
    ),
  )
  return venues.length === 1 ? lines : [...lines, lineOf('all', fills)]
}

const ms = (value: number | null) => (value === null ? NONE : duration(value))

const columns: readonly SheetColumn<Line>[] = [
  {
    name: 'venue',
    head: 'venue',
    cell: ({ venue }) => (venue === 'all' ? <b>all</b> : venue === 'split' ? 'split over both' : venue),
  },
  { name: 'fills', head: 'fills', isNumber: true, cell: ({ fills }) => count(fills) },
  { name: 'arrival', head: 'below arrival', isNumber: true, cell: ({ toArrival }) => bps(toArrival) },
  { name: 'quote', head: 'below quote', isNumber: true, cell: ({ toQuote }) => bps(toQuote) },
  {
    name: 'minimum',
    head: 'above minimum',
    isNumber: true,
    isWideOnly: true,
    cell: ({ overMinimum }) => bps(overMinimum),
  },
  {
    name: 'landing50',
    head: 'landing p50',
    isNumber: true,
    isWideOnly: true,
    cell: ({ landing50 }) => ms(landing50),
  },
  {
    name: 'landing95',
    head: 'landing p95',
    isNumber: true,
    isWideOnly: true,
    cell: ({ landing95 }) => ms(landing95),
  },
  {
    name: 'reverts',
    head: 'reverted',
    isNumber: true,
    isWideOnly: true,
    cell: ({ revertShareBps }) => percent(revertShareBps).replace('+', ''),
  },
  {
    name: 'fees',
    head: 'network fees',
    isNumber: true,
    isWideOnly: true,
    cell: ({ feesSol }) => (
      <>
        {amount(feesSol, 9)} <span class="soft">SOL</span>
      </>
    ),
  },
]

type Props = { readonly fills: readonly Execution[]; readonly isAsked: boolean }

export function Quality({ fills, isAsked }: Props): JSX.Element {
  return (
    <section class="section" aria-labelledby="portfolio-quality">
      <div class="section-head">
        <h2 id="portfolio-quality">Execution quality</h2>
        <span class="soft">
          Arrival: what the market paid when the order came, or when its price did. Means over the fills; less
          is better but for the minimum.
        </span>
      </div>
      <Sheet
        label="Execution quality by venue"
        columns={columns}
        rows={linesOf(fills)}
        keyOf={({ venue }) => venue}
        empty={<Empty title={isAsked ? 'No fills to judge yet.' : 'Reading the newest fills.'} />}
      />
    </section>
  )
}
