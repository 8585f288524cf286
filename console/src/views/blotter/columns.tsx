// Owns the columns of the blotter.

import type { JSX } from 'preact'
import { amount, percent, price, shortId } from '../../format.ts'
import { linkTo } from '../../location.ts'
import { isOpen, type Row, sellsOf, stateOf } from '../../orderState.ts'
import type { Column } from '../../parts/DataTable.tsx'
import { Status } from '../../parts/Status.tsx'
import { Time } from '../../parts/Time.tsx'
import { AmountHead, TokenAmount } from '../../parts/TokenAmount.tsx'
import { Track } from '../../parts/Track.tsx'
import { waitOf } from '../../waits.ts'

export const columns: readonly Column<Row>[] = [
  {
    name: 'time',
    head: 'placed',
    width: '104px',
    isWideOnly: true,
    cell: (row) => <Time at={row.createdAt} />,
  },
  {
    name: 'order',
    head: 'order',
    width: '132px',
    isWideOnly: true,
    cell: (row) => (
      <a href={linkTo('order', { id: row.orderId })} tabIndex={-1} title={row.orderId}>
        {row.clientOrderId ?? <span class="mono">{shortId(row.orderId)}</span>}
        {row.childNumber === undefined ? '' : ` #${row.childNumber}`}
      </a>
    ),
  },
  { name: 'status', head: 'status', width: '88px', cell: (row) => <Status state={stateOf(row)} /> },
  { name: 'type', head: 'type', width: '80px', isWideOnly: true, cell: ({ type }) => type },
  {
    name: 'sells',
    head: <AmountHead name="sells" />,
    width: 'minmax(128px, 1fr)',
    cell: (row) => <TokenAmount amount={sellsOf(row)} token={row.tokenIn} />,
  },
  {
    name: 'buys',
    head: <AmountHead name="buys" />,
    width: 'minmax(176px, 1fr)',
    isWideOnly: true,
    cell: (row) => <TokenAmount amount={row.amountOut ?? row.filledOut} token={row.tokenOut} />,
  },
  { name: 'track', head: 'track', width: '76px', isWideOnly: true, cell: (row) => <Track order={row} /> },
  {
    name: 'why',
    head: 'wait or outcome',
    width: 'minmax(96px, 1.2fr)',
    cell: (row) => <Why row={row} />,
  },
]

/** What its state leaves to be said. */
function Why({ row }: { readonly row: Row }): JSX.Element | string {
  if (row.unfunded === true) return <span class="warn">unfunded</span>
  if (row.status === 'pending') return <Wait row={row} />
  if (row.status === 'confirmed')
    return row.averagePrice ? `average ${price(row.averagePrice)}` : executed(row)
  if (row.status === 'routing' && row.failure !== undefined) {
    return (
      <span class="warn">
        attempt {row.attempt}, after {row.failure.code}
      </span>
    )
  }
  if (row.status === 'failed') return <span class="bad">{row.failure?.code ?? row.endReason}</span>
  if (isOpen(row)) return row.attempt > 1 ? `attempt ${row.attempt}` : ''
  return row.endReason === row.status ? '' : (row.endReason ?? '')
}

function executed({ amountIn, amountOut }: Row): string {
  if (amountOut === undefined || Number(amountIn) === 0) return ''
  return `at ${price(Number(amountOut) / Number(amountIn))}`
}

function Wait({ row }: { readonly row: Row }): JSX.Element | string {
  const waiting = waitOf(row.orderId) ?? row.waiting
  if (row.type === 'oco') return 'through its legs'
  if (waiting === undefined) return row.paused === true ? 'paused' : ''
  const { distanceBps, blocker, now } = waiting
  return (
    <span class="why" title={now === null ? blocker : `the market pays ${now}`}>
      <span class="why-distance">{distanceBps === null ? '' : percent(distanceBps)}</span>
      {blocker}
      {row.averagePrice ? `, ${amount(row.remainingIn, 4)} left` : ''}
    </span>
  )
}
