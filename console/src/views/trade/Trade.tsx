// Owns the view Trade: the price of a pair with its working orders, and the ticket beside it.

import './trade.css'
import { computed, useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useMemo } from 'preact/hooks'
import { client } from '../../engine.ts'
import { percent } from '../../format.ts'
import { params, setParams } from '../../location.ts'
import type { Row } from '../../orderState.ts'
import { newestFirst, revision } from '../../orders.ts'
import { AmendDialog } from '../../parts/AmendDialog.tsx'
import { Button } from '../../parts/Button.tsx'
import { CancelDialog } from '../../parts/CancelDialog.tsx'
import { Chart } from './chart/Chart.tsx'
import { type CandleQuestion, type Candles, changeBps, type Interval, openCandles } from './chart/candles.ts'
import type { Moved } from './chart/Lines.tsx'
import type { Mark } from './chart/priceChart.ts'
import { type Form, pairOf } from './model/form.ts'
import { type Line, linesOf, moveOf, workingOrders } from './model/lines.ts'
import type { Market } from './model/pair.ts'
import { Amended } from './orders/Amended.tsx'
import { WorkingOrders } from './orders/WorkingOrders.tsx'
import { PairBar } from './PairBar.tsx'
import { Pools } from './ticket/Pools.tsx'
import { openTicket, type Ticket } from './ticket/state.ts'
import { TicketForm } from './ticket/TicketForm.tsx'
import { followTokens, isKnown } from './tokens.ts'
import { followWallet } from './wallet.ts'

const MOST_FILLS = 200

const intervals: readonly Interval[] = ['1s', '1m']
const intervalNow = (): Interval => (params.value.get('interval') === '1s' ? '1s' : '1m')

function openView() {
  const ticket = openTicket(client)
  const question = computed(() => {
    const { base, quote } = ticket.market.value
    return base === quote || !isKnown(base) || !isKnown(quote)
      ? null
      : JSON.stringify({ base, quote, interval: intervalNow() } satisfies CandleQuestion)
  })
  const candles = openCandles(client, question)
  const unfollowWallet = followWallet()
  const unfollowTokens = followTokens(() => pairOf(ticket.form.value))
  return {
    ticket,
    candles,
    close() {
      ticket.close()
      candles.close()
      unfollowWallet()
      unfollowTokens()
    },
  }
}

/** The orders of the ticket's market: those that wait, their lines, and what was filled. */
function useMarketOrders({ market }: Ticket) {
  const orders = useComputed(() => {
    revision.value
    const pending = newestFirst(({ status }) => status === 'pending')
    return workingOrders(pending, market.value) as readonly Row[]
  })
  const lines = useComputed(() => linesOf(orders.value, market.value))
  const fills = useComputed(() => {
    revision.value
    return fillsOf(market.value)
  })
  return { orders: orders.value, lines: lines.value, fills: fills.value }
}

/** What is asked about an order: its amendment, perhaps with a term that a moved line proposes, or its cancel. */
type Asked =
  | { readonly kind: 'amend'; readonly order: Row; readonly proposed: Form }
  | { readonly kind: 'cancel'; readonly order: Row }

export function Trade(): JSX.Element {
  const { ticket, candles, close } = useMemo(openView, [])
  useEffect(() => close, [])
  const moved = useSignal<Moved | null>(null)
  const asked = useSignal<Asked | null>(null)
  const { orders, lines, fills } = useMarketOrders(ticket)
  const market = ticket.market.value
  const priceNow = lastPrice(candles.value.value)

  function propose(line: Line, price: number): void {
    const order = orders.find(({ orderId }) => orderId === line.orderId)
    const move = order === undefined ? null : moveOf(line, order, market, price)
    if (order === undefined || move === null) return
    asked.value = { kind: 'amend', order, proposed: { [move.name]: move.text } }
  }

  return (
    <div class="trade">
      <div class="trade-market">
        <PairBar ticket={ticket} price={priceOf(candles.value.value)}>
          <IntervalChoice />
        </PairBar>
        <Chart
          market={market}
          candles={candles}
          lines={lines}
          priceNow={priceNow}
          moved={moved.value}
          fills={fills}
          onMove={(next) => {
            moved.value = next
          }}
          onPropose={propose}
        />
      </div>
      <div class="trade-ticket">
        <TicketForm
          ticket={ticket}
          placed={params.value.get('placed')}
          onPlaced={(placed) => setParams({ placed })}
        />
        <Pools ticket={ticket} />
      </div>
      <WorkingOrders
        orders={orders}
        lines={lines}
        market={market}
        priceNow={priceNow}
        onAmend={(order) => {
          asked.value = { kind: 'amend', order, proposed: {} }
        }}
        onCancel={(order) => {
          asked.value = { kind: 'cancel', order }
        }}
      />
      <OrderDialog
        asked={asked.value}
        onClose={() => {
          asked.value = null
          moved.value = null
        }}
      />
    </div>
  )
}

type DialogProps = { readonly asked: Asked | null; readonly onClose: () => void }

function OrderDialog({ asked, onClose }: DialogProps): JSX.Element | null {
  if (asked === null) return null
  if (asked.kind === 'cancel') return <CancelDialog row={asked.order} onClose={onClose} />
  return (
    <AmendDialog
      row={asked.order}
      proposed={asked.proposed}
      onClose={onClose}
      meaning={(order, changes) => <Amended order={order} changes={changes} />}
    />
  )
}

function IntervalChoice(): JSX.Element {
  return (
    <fieldset class="trade-intervals">
      <legend class="unseen">A candle is</legend>
      {intervals.map((each) => (
        <Button key={each} pressed={intervalNow() === each} onClick={() => setParams({ interval: each })}>
          {each === '1s' ? '1 s' : '1 min'}
        </Button>
      ))}
    </fieldset>
  )
}

function lastPrice(candles: Candles | null): number | null {
  const close = Number(candles?.list.at(-1)?.close)
  return close > 0 ? close : null
}

function priceOf(candles: Candles | null) {
  const last = candles?.list.at(-1)
  return candles === null || last === undefined
    ? null
    : { now: last.close, changeText: percent(changeBps(candles)) }
}

/** What was bought and sold of the market, the newest fills. */
function fillsOf({ base, quote }: Market): readonly Mark[] {
  const isSale = ({ tokenIn, tokenOut }: Row) => tokenIn === base && tokenOut === quote
  const isBuy = ({ tokenIn, tokenOut }: Row) => tokenIn === quote && tokenOut === base
  return newestFirst(
    (row) => row.status === 'confirmed' && row.amountOut !== undefined && (isSale(row) || isBuy(row)),
  )
    .slice(0, MOST_FILLS)
    .map((row) => {
      const price = Number(row.amountOut) / Number(row.amountIn)
      return {
        id: row.orderId,
        at: Date.parse(row.updatedAt),
        price: isBuy(row) ? 1 / price : price,
        isBuy: isBuy(row),
      }
    })
}
