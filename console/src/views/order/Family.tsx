// Owns the family of an order: its parent, and the legs or slices that trade for it.

import type { Order } from 'oee-client'
import type { JSX } from 'preact'
import { shortId } from '../../format.ts'
import { linkTo } from '../../location.ts'
import { type Row, sellsOf, stateOf } from '../../orderState.ts'
import { orderOf, revision } from '../../orders.ts'
import { Status } from '../../parts/Status.tsx'
import { TokenAmount } from '../../parts/TokenAmount.tsx'
import { Track } from '../../parts/Track.tsx'

type Props = { readonly row: Row; readonly children: readonly Order[] }

export function Family({ row, children }: Props): JSX.Element | null {
  // The stream of all orders knows them better than the answer of a moment ago.
  void revision.value
  if (children.length === 0 && row.parentId === undefined) return null
  return (
    <section class="section" aria-label="Family">
      <h2>{row.type === 'twap' ? 'Slices' : children.length > 0 ? 'Legs' : 'Family'}</h2>
      {row.parentId === undefined ? null : (
        <p>
          Number {row.childNumber ?? 1} under{' '}
          <a href={linkTo('order', { id: row.parentId })}>{shortId(row.parentId)}</a>
          {row.groupId === undefined ? '' : '; the legs of its group never trade more than its amount'}.{' '}
          <a href={linkTo('blotter', { parentId: row.parentId })}>All of them</a>
        </p>
      )}
      {children.length === 0 ? null : (
        <ol class="family">
          {children.map((child) => {
            const current = orderOf(child.orderId) ?? child
            return (
              <li key={child.orderId}>
                <a href={linkTo('order', { id: child.orderId })}>
                  {current.childNumber ?? ''} {current.type}
                </a>
                <Status state={stateOf(current)} />
                <Track order={current} />
                <TokenAmount amount={sellsOf(current)} token={current.tokenIn} />
                <TokenAmount amount={current.amountOut} token={current.tokenOut} />
              </li>
            )
          })}
        </ol>
      )}
    </section>
  )
}
