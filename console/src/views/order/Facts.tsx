// Owns the figures of an order: what it asked for, what it got, and what that cost.

import type { Order, OrderEvent } from 'oee-client'
import type { ComponentChildren, JSX } from 'preact'
import { againstQuote, amount, bps, duration, price } from '../../format.ts'
import { now } from '../../now.ts'
import { isOpen, type Row, sellsOf } from '../../orderState.ts'
import { Time } from '../../parts/Time.tsx'

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

type Props = {
  readonly row: Row
  readonly events: readonly OrderEvent[]
  /** What a plan has traded so far is in no event of its own. */
  readonly detail: Order | null
}

export function Facts({ row, events, detail }: Props): JSX.Element {
  const end = isOpen(row) ? now.value : Date.parse(row.updatedAt)
  const got = row.amountOut ?? detail?.filledOut ?? row.filledOut
  const filled = lastOf(events, 'filled')
  return (
    <dl class="facts">
      <Fact name="sells" sub={row.tokenIn}>
        {amount(sellsOf(row), 6)}
      </Fact>
      <Fact name={got === undefined ? 'buys' : 'got'} sub={row.tokenOut}>
        {amount(got, 6)}
      </Fact>
      {filled === undefined ? <Asked row={row} /> : <Filled filled={filled} row={row} events={events} />}
      <Fact name={isOpen(row) ? 'open for' : 'took'}>
        {duration(Math.max(0, end - Date.parse(row.createdAt)))}
      </Fact>
    </dl>
  )
}

type FilledEvent = Extract<OrderEvent, { kind: 'filled' }>

function Filled({
  filled,
  row,
  events,
}: Omit<Props, 'detail'> & { readonly filled: FilledEvent }): JSX.Element {
  return (
    <>
      <Fact name="price" sub={`${row.tokenOut} for 1 ${row.tokenIn}`}>
        {price(filled.executedPrice)}
      </Fact>
      <Fact name="fill">{againstQuote(filled.slippageToQuoteBps)}</Fact>
      <Fact name="at least" sub={row.tokenOut}>
        {amount(lastOf(events, 'routed')?.minAmountOut, 6)}
      </Fact>
      <Fact name="network fee" sub="SOL">
        {sol(filled.networkFeeLamports)}
      </Fact>
    </>
  )
}

/** What an order that is not filled has asked for; what its type does not have is absent. */
function Asked({ row }: { readonly row: Row }): JSX.Element {
  const { limitPrice, trigger, slippageBps, expiresAt, averagePrice, slices } = row
  const unit =
    row.priceOf === 'tokenOut'
      ? `${row.tokenIn} for 1 ${row.tokenOut}`
      : `${row.tokenOut} for 1 ${row.tokenIn}`
  return (
    <>
      {limitPrice === undefined ? null : (
        <Fact name="limit" sub={unit}>
          {price(limitPrice)}
        </Fact>
      )}
      {trigger?.price === undefined ? null : (
        <Fact name="trigger" sub={unit}>
          {price(trigger.price)}
        </Fact>
      )}
      {trigger?.trailingBps === undefined ? null : <Fact name="trails by">{bps(trigger.trailingBps)}</Fact>}
      {slices === undefined ? null : <Fact name="slices">{slices}</Fact>}
      {averagePrice ? (
        <Fact name="average" sub={unit}>
          {price(averagePrice)}
        </Fact>
      ) : null}
      <Fact name="slippage at most">{bps(slippageBps)}</Fact>
      {expiresAt === undefined ? null : (
        <Fact name="expires">
          <Time at={expiresAt} />
        </Fact>
      )}
    </>
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
