// Owns the written form of quotes and routes, inside events and on the quotes page; the routes are read back.

import { baseUnits, formatAmount } from './amount.ts'
import type { EventDraft, Order, OrderSpec, Route, RouteComparison } from './order.ts'
import type { Token } from './token.ts'

// biome-ignore lint/suspicious/noExplicitAny: the log holds only what encodeEvent wrote; every field is checked by its brand
export type Json = any

type Routed = Extract<EventDraft, { kind: 'routed' }>

/** An amount written twice: for people in token units, for programs in base units. */
export const money = (name: string, amount: bigint, token: Token) => ({
  [name]: formatAmount(amount, token.decimals),
  [`${name}Base`]: amount.toString(),
})

/** An amount read back from its base units. */
export const amount = (text: Json) => baseUnits(BigInt(text))

/** A token in full, so that it can be read back without a list of tokens. */
export const writtenToken = (name: string, token: Token) => ({
  [name]: token.symbol,
  [`${name}Mint`]: token.mint,
  [`${name}Decimals`]: token.decimals,
})

/** A token written in full. */
export const fullToken = (data: Json, name: string): Token => ({
  symbol: data[name],
  mint: data[`${name}Mint`],
  decimals: data[`${name}Decimals`],
})

/** A token written in full or, as older events have it, by its symbol alone: then it is one of the order's own two. */
export function readToken(spec: OrderSpec, data: Json, name: string): Token {
  if (data[`${name}Mint`] !== undefined) return fullToken(data, name)
  const token = [spec.tokenIn, spec.tokenOut].find(({ symbol }) => symbol === data[name])
  if (token === undefined) throw new Error(`order ${spec.orderId} does not trade ${data[name]}`)
  return token
}

/** Quotes and route as the `routed` event and the quotes page show them. */
export function routedData(
  trade: Pick<OrderSpec, 'tokenOut'>,
  { answers, route }: Pick<Routed, 'answers' | 'route'>,
) {
  return {
    quotes: answers.flatMap((answer) => answerData(trade.tokenOut, answer)),
    ...routeJson(trade.tokenOut, route),
  }
}

/** One line per quote, and one per venue that has none. */
export function answerData(tokenOut: Token, answer: Routed['answers'][number]): object[] {
  const { venue, latencyMs } = answer
  if ('refusal' in answer)
    return [{ venue, error: answer.refusal.code, detail: answer.refusal.detail, latencyMs }]
  return answer.quotes.map((quote) => ({
    venue,
    pool: quote.pool,
    program: quote.program,
    ...money('amountOut', quote.amountOut, tokenOut),
    ...money('fee', quote.fee, quote.feeToken),
    feeToken: quote.feeToken.symbol,
    priceImpactBps: quote.priceImpactBps,
    slot: quote.slot,
    latencyMs,
  }))
}

function routeJson(tokenOut: Token, route: Route) {
  const { comparison } = route
  return {
    route: {
      legs: route.legs.map((leg) => ({
        venue: leg.venue,
        pool: leg.pool,
        program: leg.program,
        ...writtenToken('tokenIn', leg.tokenIn),
        ...writtenToken('tokenOut', leg.tokenOut),
        ...money('amountIn', leg.amountIn, leg.tokenIn),
        ...money('amountOut', leg.amountOut, leg.tokenOut),
      })),
      ...money('amountOut', route.amountOut, tokenOut),
      reason: route.reason,
      ...(comparison === undefined ? {} : { comparison: comparisonJson(tokenOut, comparison) }),
    },
    ...money('minAmountOut', route.minAmountOut, tokenOut),
  }
}

function comparisonJson(tokenOut: Token, comparison: RouteComparison) {
  const written = <T extends { readonly amountOut: bigint }>(best: T | null) =>
    best && { ...best, ...money('amountOut', best.amountOut, tokenOut) }
  return {
    ...comparison,
    bestPool: written(comparison.bestPool),
    bestVenue: written(comparison.bestVenue),
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
        ...money('amountIn', leg.amountIn, leg.tokenIn),
        ...money('amountOut', leg.amountOut, leg.tokenOut),
      })),
      ...money('amountOut', amountOut, tokenOut),
    },
    ...money('minAmountOut', minAmountOut, tokenOut),
  }
}

/** The route that `routeJson` wrote. */
export function decodeRoute(spec: OrderSpec, data: Json): Route {
  const { comparison } = data.route
  return {
    legs: data.route.legs.map((leg: Json) => ({
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

function decodeComparison(data: Json): RouteComparison {
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
