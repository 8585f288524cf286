// Owns the written form of quotes and routes, inside events and on the quotes page; the routes are read back.

import { baseUnits, formatAmount } from './amount.ts'
import type { EventDraft, Order, OrderSpec } from './order.ts'
import type { Pair, Route, RouteComparison } from './route.ts'
import type { Token } from './token.ts'

// biome-ignore lint/suspicious/noExplicitAny: the log holds only what encodeEvent wrote; every field is checked by its brand
export type Json = any

type Routed = Extract<EventDraft, { kind: 'routed' }>

/** An amount for people, in token units; programs read the base units, which stand beside it under `…Base`. */
export const inTokens = (amount: bigint, token: Token): string => formatAmount(amount, token.decimals)

/** An amount read back from its base units. */
export const amount = (text: Json) => baseUnits(BigInt(text))

/** A token by its symbol where it is one of the order's own, else in full: no list of tokens is needed to read it back. */
export const writtenToken = ({ tokenIn, tokenOut }: Pair, name: string, token: Token) =>
  token.mint === tokenIn.mint || token.mint === tokenOut.mint
    ? { [name]: token.symbol }
    : { [name]: token.symbol, [`${name}Mint`]: token.mint, [`${name}Decimals`]: token.decimals }

/** A token with its mint and decimals. */
export const fullToken = (data: Json, name: string): Token => ({
  symbol: data[name],
  mint: data[`${name}Mint`],
  decimals: data[`${name}Decimals`],
})

/** A token as `writtenToken` writes it. */
export function readToken(spec: OrderSpec, data: Json, name: string): Token {
  if (data[`${name}Mint`] !== undefined) return fullToken(data, name)
  const token = [spec.tokenIn, spec.tokenOut].find(({ symbol }) => symbol === data[name])
  if (token === undefined) throw new Error(`order ${spec.orderId} does not trade ${data[name]}`)
  return token
}

/** Quotes and route as the `routed` event and the quotes page show them. */
export function routedData(trade: Pair, { answers, route }: Pick<Routed, 'answers' | 'route'>) {
  return {
    quotes: answers.flatMap((answer) => answerData(trade.tokenOut, answer)),
    ...routeJson(trade, route),
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
