// Owns the table of results by pair.

import type { JSX } from 'preact'
import type { Execution } from '../../execution.ts'
import { amount, count, NONE } from '../../format.ts'
import { linkTo } from '../../location.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'
import { type Result, resultsOf } from './results.ts'

const SIGNIFICANT = 6
const figure = (value: number) => amount(plain(value), 6)

/** A float as a plain decimal. */
function plain(value: number): string {
  const rounded = Number(value.toPrecision(SIGNIFICANT))
  return Math.abs(rounded) < 1e-12
    ? '0'
    : rounded.toFixed(Math.max(0, Math.min(12, 6 - Math.floor(Math.log10(Math.abs(rounded))))))
}

const columns: readonly SheetColumn<Result>[] = [
  {
    name: 'pair',
    head: 'pair',
    cell: ({ base, quote }) => (
      <a href={linkTo('market', { tokenIn: base, tokenOut: quote })}>
        {base}/{quote}
      </a>
    ),
  },
  { name: 'fills', head: 'fills', isNumber: true, cell: ({ fills }) => count(fills) },
  {
    name: 'volume',
    head: 'volume',
    isNumber: true,
    cell: ({ volume, quote }) => <Money value={volume} token={quote} />,
  },
  {
    name: 'closed',
    head: 'bought and sold again',
    isNumber: true,
    isWideOnly: true,
    cell: ({ closed, base }) => (closed === 0 ? NONE : <Money value={closed} token={base} />),
  },
  {
    name: 'realised',
    head: 'realised',
    isNumber: true,
    cell: ({ realised, quote }) =>
      realised === null ? (
        NONE
      ) : (
        <span class={realised < 0 ? 'bad' : realised > 0 ? 'good' : ''}>
          {realised > 0 ? '+' : ''}
          <Money value={realised} token={quote} />
        </span>
      ),
  },
]

function Money({ value, token }: { readonly value: number; readonly token: string }): JSX.Element {
  return (
    <>
      {figure(value)} <span class="soft">{token}</span>
    </>
  )
}

type Props = { readonly fills: readonly Execution[]; readonly isAsked: boolean }

export function Results({ fills, isAsked }: Props): JSX.Element {
  return (
    <section class="section" aria-labelledby="portfolio-results">
      <div class="section-head">
        <h2 id="portfolio-results">Result by pair</h2>
        <span class="soft">Realised: what was bought and sold again, against its average cost.</span>
      </div>
      <Sheet
        label="Result by pair"
        columns={columns}
        rows={resultsOf(fills)}
        keyOf={({ base, quote }) => `${base}/${quote}`}
        empty={
          isAsked ? (
            <Empty title="Nothing has been filled yet.">
              <a href={linkTo('trade')}>Place an order in Trade</a>: its result stands here.
            </Empty>
          ) : (
            <Empty title="Reading the newest fills." />
          )
        }
      />
    </section>
  )
}
