// Owns the written form of quotes and routes, inside events and on the quotes page; the routes are read back.

import type { EventDraft, Order } from './order.ts'
import type { Pair, Route, RouteComparison } from './route.ts'
import type { OrderSpec } from './spec.ts'
import type { Token } from './token.ts'
import { amount, inTokens, readToken, writtenToken } from './tokenCodec.ts'

type Routed = Extract<EventDraft, { kind: 'routed' }>

/** Quotes and route as the `routed` event and the quotes page show them. */
export function routedData(trade: Pair, { answers, route }: Pick<Routed, 'answers' | 'route'>) {
  return {
    quotes: answers.flatMap((answer) => answerData(trade.tokenOut, answer)),
    ...routeJson(trade, route),
  }
}

/** With the quote, or the error. */
type WrittenAnswer = {
  readonly venue: string
  readonly latencyMs: number
  readonly [field: string]: unknown
}

/** One line per quote, and one per venue that has none. */
export function answerData(tokenOut: Token, answer: Routed['answers'][number]): WrittenAnswer[] {
  const { venue, latencyMs } = answer
  if ('refusal' in answer)
    return [{ venue, error: answer.refusal.code, detail: answer.refusal.detail, latencyMs }]
  return answer.quotes.map((quote) => ({
    venue,
    pool: quote.pool,
    program: quote.program,
    amountOut: inTokens(quote.amountOut, tokenOut),
    amountOutBase: quote.amountOut.toString(),
    fee: inTokens(quote.fee, quote.feeToken),
    feeBase: quote.fee.toString(),
    feeToken: quote.feeToken.symbol,
    priceImpactBps: quote.priceImpactBps,
    slot: quote.slot,
    latencyMs,
  }))
}

function routeJson(pair: Pair, route: Route) {
  const { tokenOut } = pair
  const { comparison } = route
  return {
    route: {
      legs: route.legs.map((leg) => ({
        venue: leg.venue,
        pool: leg.pool,
        program: leg.program,
        ...writtenToken(pair, 'tokenIn', leg.tokenIn),
        ...writtenToken(pair, 'tokenOut', leg.tokenOut),
        amountIn: inTokens(leg.amountIn, leg.tokenIn),
        amountInBase: leg.amountIn.toString(),
        amountOut: inTokens(leg.amountOut, leg.tokenOut),
        amountOutBase: leg.amountOut.toString(),
      })),
      amountOut: inTokens(route.amountOut, tokenOut),
      amountOutBase: route.amountOut.toString(),
      reason: route.reason,
      ...(comparison === undefined ? {} : { comparison: comparisonJson(tokenOut, comparison) }),
    },
    minAmountOut: inTokens(route.minAmountOut, tokenOut),
    minAmountOutBase: route.minAmountOut.toString(),
  }
}

function comparisonJson(tokenOut: Token, comparison: RouteComparison) {
  const { bestPool, bestVenue } = comparison
  const pays = (amountOut: bigint) => ({
    amountOut: inTokens(amountOut, tokenOut),
    amountOutBase: amountOut.toString(),
  })
  return {
    ...comparison,
    bestPool: bestPool && { venue: bestPool.venue, pool: bestPool.pool, ...pays(bestPool.amountOut) },
    bestVenue: bestVenue && { venue: bestVenue.venue, ...pays(bestVenue.amountOut) },
  }
}

/** The route as `submitted` repeats it: where the money goes, without the reasons. */
export function submittedRoute(before: Order) {
  if (before.status !== 'building') throw new Error('only a built order can be submitted')
  const { legs, amountOut, minAmountOut } = before.route
  const { tokenOut } = before.spec
  return {
    route: {
      legs: legs.map((leg) => ({
        venue: leg.venue,
        pool: leg.pool,
        amountIn: inTokens(leg.amountIn, leg.tokenIn),
        amountInBase: leg.amountIn.toString(),
        amountOut: inTokens(leg.amountOut, leg.tokenOut),
        amountOutBase: leg.amountOut.toString(),
      })),
      amountOut: inTokens(amountOut, tokenOut),
      amountOutBase: amountOut.toString(),
    },
    minAmountOut: inTokens(minAmountOut, tokenOut),
    minAmountOutBase: minAmountOut.toString(),
  }
}

/** The route that `routeJson` wrote. */
export function decodeRoute(spec: OrderSpec, data: ReturnType<typeof routeJson>): Route {
  const { comparison } = data.route
  return {
    legs: data.route.legs.map((leg) => ({
      venue: leg.venue,
      pool: leg.pool,
      program: leg.program,
      tokenIn: readToken(spec, leg, 'tokenIn'),
      tokenOut: readToken(spec, leg, 'tokenOut'),
      amountIn: amount(leg.amountInBase),
      amountOut: amount(leg.amountOutBase),
    })),
    amountOut: amount(data.route.amountOutBase),
    minAmountOut: amount(data.minAmountOutBase),
    reason: data.route.reason,
    ...(comparison === undefined ? {} : { comparison: decodeComparison(comparison) }),
  }
}

function decodeComparison(data: ReturnType<typeof comparisonJson>): RouteComparison {
  const { bestPool, bestVenue } = data
  return {
    ...data,
    bestPool: bestPool && {
      venue: bestPool.venue,
      pool: bestPool.pool,
      amountOut: amount(bestPool.amountOutBase),
    },
    bestVenue: bestVenue && { venue: bestVenue.venue, amountOut: amount(bestVenue.amountOutBase) },
  }
}
