// Owns an event in one line, for people.

import type { OrderEvent } from 'oee-client'
import { explained } from '../../advice.ts'
import { againstQuote, amount, percent, price, shortTime } from '../../format.ts'

/** A kind that only a newer engine has is shown by its name alone. */
export function textOf(event: OrderEvent): string {
  switch (event.kind) {
    case 'accepted':
    case 'activated':
    case 'amended':
      return event.summary
    case 'triggered':
      return event.observations === undefined || event.observations.length === 0
        ? 'at once'
        : `seen at ${event.observations.map((seen) => price(seen.price)).join(', ')}`
    case 'routed':
      return `${event.route.legs.map(({ program }) => program).join(' + ')}: ${amount(event.route.amountOut, 6)}, at least ${amount(event.minAmountOut, 6)}`
    case 'submitted':
      return `${event.signature}, valid up to block ${event.lastValidBlockHeight}`
    case 'filled':
      return `${amount(event.amountIn, 6)} for ${amount(event.amountOut, 6)} at ${price(event.executedPrice)}, ${againstQuote(event.slippageToQuoteBps)}`
    case 'completed':
      return `${amount(event.filledIn, 6)} for ${amount(event.filledOut, 6)}`
    case 'retried':
      return `${event.failure.code}: ${event.failure.message} Again at ${shortTime(event.retryAt)}${event.stalled ? ', stalled' : ''}`
    case 'rested':
      return restText(event)
    case 'failed':
      return `${event.failure.code}: ${event.failure.message}`
    case 'paused':
    case 'resumed':
    case 'canceled':
      return `by ${event.by}`
    case 'expired':
      return event.filledIn === undefined
        ? 'its time is over'
        : `${amount(event.filledIn, 6)} for ${amount(event.filledOut, 6)} by then`
    default:
      return ''
  }
}

function restText({
  failure,
  waiting,
  guardReport,
  wakeAt,
}: Extract<OrderEvent, { kind: 'rested' }>): string {
  if (failure !== undefined) return `${failure.code}: ${failure.message}`
  if (guardReport !== undefined)
    return guardReport.refusals.map(({ guard, detail }) => `${guard}: ${detail}`).join('; ')
  if (waiting === undefined) return wakeAt === null ? '' : `looks again at ${shortTime(wakeAt)}`
  const { distanceBps, blocker, now } = waiting
  return now === null
    ? explained(blocker)
    : `${blocker}: the market pays ${price(now)}${distanceBps === null ? '' : `, ${percent(distanceBps)}`}`
}
