// Owns the pools of a pair side by side: their prices on one scale, and what they hold.

import type { Pool, Pools as PoolList } from 'oee-client'
import type { JSX } from 'preact'
import { amount, bps, price, shortId } from '../../format.ts'
import { Empty } from '../../parts/Empty.tsx'
import { Sheet, type SheetColumn } from '../../parts/Sheet.tsx'
import type { Asked } from './asked.ts'

/** A pool as the pair sees it: how much of the token bought it pays for one of the token sold, fee excluded. */
type Line = {
  readonly pool: Pool
  readonly price: number
  readonly holdsIn: string
  readonly holdsOut: string
  /** Against the mean of all, in bps. */
  readonly offsetBps: number
}

function linesOf(pools: readonly Pool[], { tokenIn, tokenOut }: Asked): readonly Line[] {
  const found = pools.flatMap((pool) => {
    if (pool.tokenA === tokenIn && pool.tokenB === tokenOut) {
      return [{ pool, price: Number(pool.price), holdsIn: pool.reserveA, holdsOut: pool.reserveB }]
    }
    if (pool.tokenB === tokenIn && pool.tokenA === tokenOut) {
      return [{ pool, price: 1 / Number(pool.price), holdsIn: pool.reserveB, holdsOut: pool.reserveA }]
    }
    return []
  })
  const mean = found.reduce((sum, line) => sum + line.price, 0) / Math.max(1, found.length)
  return found
    .map((line) => ({ ...line, offsetBps: (line.price / mean - 1) * 10_000 }))
    .sort((a, b) => afterFee(b) - afterFee(a))
}

const afterFee = ({ price: paid, pool }: Pick<Line, 'price' | 'pool'>) => paid * (1 - pool.feeBps / 10_000)

export function Pools({
  pools,
  asked,
}: {
  readonly pools: PoolList | null
  readonly asked: Asked
}): JSX.Element {
  const { tokenIn, tokenOut } = asked
  const lines = linesOf(pools?.pools ?? [], asked)
  const widest = Math.max(1, ...lines.map(({ offsetBps }) => Math.abs(offsetBps)))
  const [best] = lines
  const columns: readonly SheetColumn<Line>[] = [
    { name: 'program', head: 'pool', cell: ({ pool }) => pool.program },
    {
      name: 'address',
      head: 'address',
      isWideOnly: true,
      cell: ({ pool }) => <code title={pool.pool}>{shortId(pool.pool)}</code>,
    },
    {
      name: 'price',
      head: `${tokenOut} for 1 ${tokenIn}`,
      isNumber: true,
      cell: (line) => price(line.price),
    },
    { name: 'fee', head: 'fee', isNumber: true, cell: ({ pool }) => bps(pool.feeBps) },
    {
      name: 'after',
      head: 'after fee',
      isNumber: true,
      isWideOnly: true,
      cell: (line) => (
        <>
          {line === best ? <span class="good">best </span> : null}
          {price(afterFee(line))}
        </>
      ),
    },
    {
      name: 'offset',
      head: 'against the mean',
      cell: ({ offsetBps }) => <Offset bpsOff={offsetBps} widest={widest} />,
    },
    {
      name: 'in',
      head: `holds ${tokenIn}`,
      isNumber: true,
      isWideOnly: true,
      cell: ({ holdsIn }) => amount(holdsIn, 2),
    },
    {
      name: 'out',
      head: `holds ${tokenOut}`,
      isNumber: true,
      isWideOnly: true,
      cell: ({ holdsOut }) => amount(holdsOut, 2),
    },
  ]
  return (
    <section class="section market-pools" aria-labelledby="market-pools">
      <div class="section-head">
        <h2 id="market-pools">
          Pools of {tokenIn}/{tokenOut}
        </h2>
        <span class="soft">{sentenceOf(pools, lines)}</span>
      </div>
      <Sheet
        label={`Pools of ${tokenIn} and ${tokenOut}, the best price first`}
        columns={columns}
        rows={lines}
        keyOf={({ pool }) => pool.pool}
        empty={
          pools === null ? (
            <Empty title="Asking the venues for their pools." />
          ) : (
            <Empty title={`No pool trades ${tokenIn} for ${tokenOut} directly.`}>
              An order may still go through a third token. Choose another pair to see its pools.
            </Empty>
          )
        }
      />
    </section>
  )
}

function sentenceOf(pools: PoolList | null, lines: readonly Line[]): string {
  if (pools === null) return ''
  const away = pools.unavailable.length === 0 ? '' : ` ${pools.unavailable.join(' and ')} did not answer.`
  if (lines.length < 2) return away.trim()
  const prices = lines.map((line) => line.price)
  const spread = (Math.max(...prices) / Math.min(...prices) - 1) * 10_000
  return `${lines.length} pools, ${bps(spread)} apart.${away}`
}

const HALF = 56

/** Left of the middle: pays less than the mean. */
function Offset({ bpsOff, widest }: { readonly bpsOff: number; readonly widest: number }): JSX.Element {
  const length = (Math.abs(bpsOff) / widest) * HALF
  const from = bpsOff < 0 ? HALF - length : HALF
  return (
    <span class="offset">
      <svg viewBox={`0 0 ${2 * HALF} 12`} width={2 * HALF} height="12" aria-hidden="true">
        <path class="offset-axis" d={`M${HALF} 0v12`} />
        <path class="offset-bar" d={`M${from} 4h${length}v4h${-length}z`} />
      </svg>
      <span class="offset-figure">{bps(bpsOff)}</span>
    </span>
  )
}
