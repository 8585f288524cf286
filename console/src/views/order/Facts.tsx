// Owns the figures of an order: what it asked for, what it got, and what that cost.

import type { OrderEvent } from 'oee-client'
import type { ComponentChildren, JSX } from 'preact'
import { amount, bps, duration, NONE, price } from '../../format.ts'
import { now } from '../../now.ts'
import { isOpen, type Row } from '../../orderState.ts'

const LAMPORTS = 9

/** Lamports in SOL, without a float. */
function sol(lamports: string): string {
  const digits = lamports.padStart(LAMPORTS + 1, '0')
  return amount(`${digits.slice(0, -LAMPORTS)}.${digits.slice(-LAMPORTS)}`, LAMPORTS)
}

function Fact({
  name,
  children,
  sub = '',
}: {
  readonly name: string
  readonly children: ComponentChildren
  readonly sub?: string
}): JSX.Element {
  return (
    <div class="fact">
      <dt class="label">{name}</dt>
      <dd>
        <span class="fact-figure">{children}</span> <span class="soft">{sub}</span>
      </dd>
    </div>
  )
}

export function Facts({
  row,
  events,
}: {
  readonly row: Row
  readonly events: readonly OrderEvent[]
}): JSX.Element {
  const filled = lastOf(events, 'filled')
  const routed = lastOf(events, 'routed')
  const end = isOpen(row) ? now.value : Date.parse(row.updatedAt)
  const got = row.amountOut ?? row.filledOut
  return (
    <dl class="facts">
      <Fact name="sells" sub={row.tokenIn}>
        {amount(row.amountIn, 6)}
      </Fact>
      <Fact name={got === undefined ? 'buys' : 'got'} sub={row.tokenOut}>
        {amount(got, 6)}
      </Fact>
      <Fact name="price" sub={`${row.tokenOut} for 1 ${row.tokenIn}`}>
        {price(filled?.executedPrice ?? row.averagePrice)}
      </Fact>
      <Fact name="against the quote">
        {filled === undefined ? NONE : `${bps(-filled.slippageToQuoteBps)}`}
      </Fact>
      <Fact name="at least" sub={row.tokenOut}>
        {amount(routed?.minAmountOut, 6)}
      </Fact>
      <Fact name="network fee" sub="SOL">
        {filled === undefined ? NONE : sol(filled.networkFeeLamports)}
      </Fact>
      <Fact name={isOpen(row) ? 'open for' : 'took'}>
        {duration(Math.max(0, end - Date.parse(row.createdAt)))}
      </Fact>
    </dl>
  )
}

export function lastOf<Kind extends OrderEvent['kind']>(
  events: readonly OrderEvent[],
  kind: Kind,
  upTo = events.length,
): Extract<OrderEvent, { kind: Kind }> | undefined {
  for (let place = upTo - 1; place >= 0; place -= 1) {
    const event = events[place]
    if (event?.kind === kind) return event as Extract<OrderEvent, { kind: Kind }>
  }
  return undefined
}
