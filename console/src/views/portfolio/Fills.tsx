// Owns the newest fills, one by one: arrival, quote, minimum and fill side by side.

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { type Execution, shortfallBps } from '../../execution.ts'
import { bps, duration, NONE } from '../../format.ts'
import { go } from '../../location.ts'
import { type Column, DataTable } from '../../parts/DataTable.tsx'
import { Empty } from '../../parts/Empty.tsx'
import { Points } from '../../parts/Points.tsx'
import { Time } from '../../parts/Time.tsx'
import { AmountHead, TokenAmount } from '../../parts/TokenAmount.tsx'

const PLACES = 6

const columns: readonly Column<Execution>[] = [
  { name: 'at', head: 'filled', width: 'minmax(64px, 104px)', cell: ({ at }) => <Time at={at} /> },
  { name: 'venue', head: 'venue', width: '72px', isWideOnly: true, cell: ({ venue }) => venue },
  {
    name: 'in',
    head: <AmountHead name="sold" />,
    width: 'minmax(128px, 1fr)',
    isWideOnly: true,
    cell: ({ amountIn, tokenIn }) => <TokenAmount amount={amountIn} token={tokenIn} decimals={PLACES} />,
  },
  {
    name: 'arrival',
    head: 'arrival',
    width: 'minmax(88px, 1fr)',
    isNumber: true,
    isWideOnly: true,
    cell: ({ arrival }) => <Points value={arrival} decimals={PLACES} />,
  },
  {
    name: 'quoted',
    head: 'quote',
    width: 'minmax(88px, 1fr)',
    isNumber: true,
    isWideOnly: true,
    cell: ({ quoted }) => <Points value={quoted} decimals={PLACES} />,
  },
  {
    name: 'minimum',
    head: 'minimum',
    width: 'minmax(88px, 1fr)',
    isNumber: true,
    isWideOnly: true,
    cell: ({ minimum }) => <Points value={minimum} decimals={PLACES} />,
  },
  {
    name: 'out',
    head: <AmountHead name="fill" />,
    width: 'minmax(128px, 1fr)',
    cell: ({ amountOut, tokenOut }) => <TokenAmount amount={amountOut} token={tokenOut} decimals={PLACES} />,
  },
  {
    name: 'shortfall',
    head: 'below quote',
    width: '88px',
    isNumber: true,
    cell: ({ quoted, amountOut }) => bps(shortfallBps(quoted, amountOut)),
  },
  {
    name: 'landing',
    head: 'landing',
    width: '72px',
    isNumber: true,
    isWideOnly: true,
    cell: ({ stepMs }) => (stepMs.submitted === undefined ? NONE : duration(stepMs.submitted)),
  },
]

type Props = { readonly fills: readonly Execution[]; readonly isAsked: boolean }

export function Fills({ fills, isAsked }: Props): JSX.Element {
  const [active, setActive] = useState<string | null>(null)
  return (
    <section class="section" aria-labelledby="portfolio-fills">
      <div class="section-head">
        <h2 id="portfolio-fills">Fills</h2>
        <span class="soft">The newest first. Enter opens the order.</span>
      </div>
      <div class="portfolio-fills">
        <DataTable
          label="Fills, the newest first"
          columns={columns}
          rows={fills}
          keyOf={({ orderId }) => orderId}
          active={active}
          onActive={setActive}
          onOpen={({ orderId }) => go('order', { id: orderId })}
          empty={<Empty title={isAsked ? 'Nothing has been filled yet.' : 'Reading the newest fills.'} />}
        />
      </div>
    </section>
  )
}
