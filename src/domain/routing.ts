// Owns routing: from what the venues answered to the route that pays most.

import { baseUnits, minOut, shortfallBps } from './amount.ts'
import type { Failure } from './failure.ts'
import type { OrderSpec, PoolQuote, Route, VenueAnswer, VenueName, VenueRefusalCode } from './order.ts'

export type Routing =
  | { readonly kind: 'routed'; readonly answers: readonly VenueAnswer[]; readonly route: Route }
  | { readonly kind: 'unroutable'; readonly answers: readonly VenueAnswer[]; readonly failure: Failure }

/** A quote this much better than the other venue's best is a mistake or a lie, not a bargain. */
const BELIEVABLE_LEAD_BPS = 2_000

type Trade = Pick<OrderSpec, 'tokenIn' | 'tokenOut' | 'amountIn' | 'slippageBps'>

/**
 * The route with the best output net of fees and price impact, and why. Answers that cannot be true are refused first
 * and named. Equal outputs go to the venue that answered first in the list, so the choice is deterministic.
 */
export function chooseRoute(trade: Trade, given: readonly VenueAnswer[]): Routing {
  const answers = refuseTheUnbelievable(given.map((answer) => refuseTheWrong(trade, answer)))
  const quotes = answers.flatMap(quotesOf).sort((a, b) => Number(b.amountOut - a.amountOut))
  const [best] = quotes
  if (best === undefined) return { kind: 'unroutable', answers, failure: whyNone(answers) }
  const { venue, pool, program, amountIn, amountOut } = best
  const leg = { venue, pool, program, tokenIn: trade.tokenIn, tokenOut: trade.tokenOut, amountIn, amountOut }
  const route = {
    legs: [leg],
    amountOut,
    minAmountOut: minOut(amountOut, trade.slippageBps),
    reason: explain(best, answers),
  }
  return { kind: 'routed', answers, route }
}

const quotesOf = (answer: VenueAnswer): readonly PoolQuote[] => ('quotes' in answer ? answer.quotes : [])

/** A venue's answer is refused whole when any quote of it cannot belong to this trade. */
function refuseTheWrong(trade: Trade, answer: VenueAnswer): VenueAnswer {
  const wrong = quotesOf(answer).find(
    (quote) => quote.amountIn !== trade.amountIn || quote.amountOut <= 0n || quote.venue !== answer.venue,
  )
  return wrong === undefined ? answer : refused(answer, `it quoted ${wrong.amountOut} for ${wrong.amountIn}`)
}

function refuseTheUnbelievable(answers: readonly VenueAnswer[]): readonly VenueAnswer[] {
  return answers.map((answer) => {
    const best = bestOf([answer])
    const rival = bestOf(answers.filter((other) => other.venue !== answer.venue))
    if (best === undefined || rival === undefined) return answer
    const leadBps = -shortfallBps(rival.amountOut, best.amountOut)
    if (leadBps <= BELIEVABLE_LEAD_BPS) return answer
    return refused(answer, `its quote is ${Math.round(leadBps)} bps above ${rival.venue}'s`)
  })
}

function refused({ venue, latencyMs }: VenueAnswer, detail: string): VenueAnswer {
  return { venue, latencyMs, refusal: { code: 'quote_rejected', detail } }
}

function bestOf(answers: readonly VenueAnswer[]): PoolQuote | undefined {
  return answers
    .flatMap(quotesOf)
    .reduce<PoolQuote | undefined>(
      (best, quote) => (best && best.amountOut >= quote.amountOut ? best : quote),
      undefined,
    )
}

function explain(best: PoolQuote, answers: readonly VenueAnswer[]): string {
  const rivals = answers.filter((answer) => answer.venue !== best.venue)
  const said = rivals.map((answer) => {
    const quote = bestOf([answer])
    if (quote !== undefined) return `${gainBps(best, quote)} bps more than ${answer.venue}`
    return `${answer.venue} left out: ${'refusal' in answer ? answer.refusal.code : 'no_pool'}`
  })
  return [`${best.venue} pays most`, ...said].join('; ')
}

const gainBps = (best: PoolQuote, other: PoolQuote) => -shortfallBps(other.amountOut, best.amountOut)

/** What to tell the user: a fault that may pass (retry) outweighs a final refusal by another venue. */
function whyNone(answers: readonly VenueAnswer[]): Failure {
  const refusals = answers.flatMap((answer) =>
    'refusal' in answer ? [{ venue: answer.venue, ...answer.refusal }] : [nothing(answer.venue)],
  )
  const detail = refusals.map((refusal) => `${refusal.venue}: ${refusal.code}, ${refusal.detail}`).join('; ')
  const said = (code: VenueRefusalCode) => refusals.some((refusal) => refusal.code === code)
  if (said('venue_timeout') || said('venue_unavailable') || said('quote_rejected')) {
    return { code: 'quotes_unavailable', detail }
  }
  if (said('insufficient_liquidity')) return { code: 'insufficient_liquidity', detail }
  if (said('amount_too_small')) return { code: 'amount_too_small', detail }
  return { code: 'no_route', detail }
}

const nothing = (venue: VenueName) => ({
  venue,
  code: 'no_pool' as const,
  detail: 'no pool trades this pair',
})

/** The least a leg may pay: each leg's share of the route's minimum, rounded up. */
export function legMinOut(route: Route, leg: Route['legs'][number]) {
  return baseUnits((route.minAmountOut * leg.amountOut + route.amountOut - 1n) / route.amountOut)
}
