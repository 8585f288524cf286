// Owns how an order and its events are shown to a person: one line each.

import type { Order, OrderEvent, OrderStatus, Waiting } from 'oee-client'
import type { Style, Terminal } from './terminal.ts'

const FINAL: readonly string[] = ['confirmed', 'failed', 'canceled', 'expired'] satisfies OrderStatus[]

export const isFinal = (status: string): boolean => FINAL.includes(status)

const STYLES: Readonly<Record<string, Style>> = {
  confirmed: 'green',
  failed: 'red',
  canceled: 'yellow',
  expired: 'yellow',
  submitted: 'cyan',
}

export const paintStatus = (status: string, { paint }: Terminal, width = 0): string =>
  paint(STYLES[status] ?? 'bold', status.padEnd(width))

/** An event after so many milliseconds. Kinds that only a newer engine knows are shown by their name. */
export function lineOf(event: OrderEvent, sinceMs: number, terminal: Terminal): string {
  const time = terminal.paint(
    'dim',
    `${event.at.slice(11, 23)}  ${`+${(sinceMs / 1_000).toFixed(3)} s`.padStart(11)}`,
  )
  const kind = terminal.paint(STYLES[event.status] ?? 'bold', event.kind.padEnd(9))
  return `${time}  ${kind}  ${detailOf(event)}`.trimEnd()
}

export function detailOf(event: OrderEvent): string {
  switch (event.kind) {
    case 'accepted':
    case 'activated':
    case 'amended':
      return event.summary
    case 'triggered':
      return event.observations === undefined
        ? ''
        : `at ${event.observations.map(({ price }) => price).join(', ')}`
    case 'routed':
      return `${event.route.legs.map(({ venue }) => venue).join(' + ')}: ${event.route.amountOut}, at least ${event.minAmountOut} (${event.route.reason})`
    case 'submitted':
      return event.signature
    case 'filled':
      return `${event.amountIn} for ${event.amountOut} at ${event.executedPrice}, ${event.slippageToQuoteBps} bps to the quote, ${event.networkFeeLamports} lamports`
    case 'completed':
      return `${event.filledIn} for ${event.filledOut}`
    case 'retried':
      return `${event.failure.code}: ${event.failure.message} Again at ${event.retryAt.slice(11, 19)}`
    case 'rested':
      return event.failure === undefined
        ? waitingText(event.waiting)
        : `${event.failure.code}: ${event.failure.message}`
    case 'failed':
      return `${event.failure.code}: ${event.failure.message}`
    case 'paused':
    case 'resumed':
    case 'canceled':
      return `by ${event.by}`
    default:
      return ''
  }
}

/** Why an order rests; empty where that is not known yet. */
export function waitingText(waiting: Waiting | undefined): string {
  if (waiting === undefined) return ''
  const { for: price, now, distanceBps, blocker } = waiting
  if (price === null || now === null) return blocker
  return `waits for ${price}, now ${now}${distanceBps === null ? '' : ` (${(Math.abs(distanceBps) / 100).toFixed(2)} % away)`}: ${blocker}`
}

export const orderColumns = ['ORDER', 'STATUS', 'TYPE', 'SELLS', 'BUYS', 'CREATED']

export function orderRow(order: Order, terminal: Terminal): string[] {
  const { orderId, status, type, amountIn, tokenIn, tokenOut, amountOut, createdAt, resting } = order
  return [
    orderId,
    paintStatus(resting ? 'resting' : status, terminal),
    type,
    `${amountIn} ${tokenIn}`,
    amountOut === undefined ? tokenOut : `${amountOut} ${tokenOut}`,
    `${createdAt.slice(0, 10)} ${createdAt.slice(11, 19)}`,
  ]
}
