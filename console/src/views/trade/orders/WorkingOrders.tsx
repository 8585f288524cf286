// Owns the working orders of the pair as a table: the same lines and the same acts as on the chart.

import type { JSX } from 'preact'
import { NONE, percent, price as priceText } from '../../../format.ts'
import { linkTo } from '../../../location.ts'
import { mayAmend, mayCancel, mayPause, pauseOrResume } from '../../../orderActs.ts'
import { type Row, stateOf } from '../../../orderState.ts'
import { Button } from '../../../parts/Button.tsx'
import { Empty } from '../../../parts/Empty.tsx'
import { Status } from '../../../parts/Status.tsx'
import { useWaits, waitOf, waitsRevision } from '../../../waits.ts'
import { plain } from '../model/decimal.ts'
import { isDormant, type Line, orderLabel } from '../model/lines.ts'
import type { Market } from '../model/pair.ts'

type Props = {
  readonly orders: readonly Row[]
  readonly lines: readonly Line[]
  readonly market: Market
  readonly priceNow: number | null
  readonly onAmend: (order: Row) => void
  readonly onCancel: (order: Row) => void
}

/** More are in the blotter. */
const MOST = 50

export function WorkingOrders({ orders, lines, market, priceNow, onAmend, onCancel }: Props): JSX.Element {
  const { base, quote } = market
  void waitsRevision.value
  useWaits(() => orders.slice(0, MOST).map(({ orderId }) => orderId))
  return (
    <section class="working" aria-labelledby="working">
      <h3 id="working">Working orders of this pair</h3>
      {orders.length === 0 ? (
        <Empty title="None waits.">
          Place a limit, a stop or another order that waits: its line is then on the chart.
        </Empty>
      ) : (
        <table class="working-table">
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col">Order</th>
              <th scope="col" class="number">
                {quote} per {base}
              </th>
              <th scope="col" class="number">
                From now
              </th>
              <th scope="col">Blocker</th>
              <th scope="col">Acts</th>
            </tr>
          </thead>
          <tbody>
            {orders.slice(0, MOST).map((order) => (
              <WorkingOrder
                key={order.orderId}
                order={order}
                lines={lines.filter(({ orderId }) => orderId === order.orderId)}
                market={market}
                priceNow={priceNow}
                onAmend={onAmend}
                onCancel={onCancel}
              />
            ))}
          </tbody>
        </table>
      )}
      {orders.length > MOST ? (
        <p class="soft">
          {orders.length - MOST} more are in{' '}
          <a href={linkTo('blotter', { status: 'open', token: base })}>Orders</a>.
        </p>
      ) : null}
    </section>
  )
}

type RowProps = Omit<Props, 'orders'> & { readonly order: Row }

function WorkingOrder({ order, lines, market, priceNow, onAmend, onCancel }: RowProps): JSX.Element {
  const label = orderLabel(order, market)
  return (
    <tr>
      <td>
        <Status state={stateOf(order)} />
      </td>
      <th scope="row">
        <a href={linkTo('order', { id: order.orderId })}>{label}</a>
      </th>
      <td class="number">
        {lines.map(({ id, kind, price }) => (
          <div key={id}>
            <span class="soft">{kind}</span> {priceText(plain(price, 8))}
          </div>
        ))}
      </td>
      <td class="number">
        {lines.map(({ id, price }) => (
          <div key={id}>{priceNow === null ? NONE : percent((price / priceNow - 1) * 10_000)}</div>
        ))}
      </td>
      <td class="working-blocker">{blockerOf(order)}</td>
      <td>
        <div class="working-acts">
          <Button
            label={`Amend ${label}`}
            disabled={!mayAmend(order) || isDormant(order)}
            onClick={() => onAmend(order)}
          >
            Amend
          </Button>
          <Button
            label={`${order.paused ? 'Resume' : 'Pause'} ${label}`}
            disabled={!mayPause(order)}
            onClick={() => pauseOrResume(order)}
          >
            {order.paused ? 'Resume' : 'Pause'}
          </Button>
          <Button label={`Cancel ${label}`} disabled={!mayCancel(order)} onClick={() => onCancel(order)}>
            Cancel
          </Button>
        </div>
      </td>
    </tr>
  )
}

const blockerOf = (order: Row): string =>
  waitOf(order.orderId)?.blocker ?? order.waiting?.blocker ?? (isDormant(order) ? 'not_started' : '')
