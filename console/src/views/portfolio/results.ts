// Owns the realised result of each pair: what was sold again of what was bought, against its average cost. For the eye: the fills
// themselves are exact, the statistics over them are floats.

import type { Execution } from '../../execution.ts'

export type Result = {
  readonly base: string
  readonly quote: string
  readonly fills: number
  /** Traded in all, in the quote token. */
  readonly volume: number
  /** In the quote token; null where nothing was bought and sold again. */
  readonly realised: number | null
  /** How much of the base was bought and sold again. */
  readonly closed: number
}

/** Tokens in which others are priced, the first before the next. */
const QUOTES = ['USDC', 'USDT', 'SOL']
const rank = (token: string) => (QUOTES.includes(token) ? QUOTES.indexOf(token) : QUOTES.length)

/** Which of the two is priced in the other. */
export function pairOf(tokenIn: string, tokenOut: string): { readonly base: string; readonly quote: string } {
  const isInQuote =
    rank(tokenIn) === rank(tokenOut) ? tokenIn.localeCompare(tokenOut) > 0 : rank(tokenIn) < rank(tokenOut)
  return isInQuote ? { base: tokenOut, quote: tokenIn } : { base: tokenIn, quote: tokenOut }
}

/** The pairs with the most fills first. */
export function resultsOf(newestFirst: readonly Execution[]): readonly Result[] {
  const pairs = new Map<string, Execution[]>()
  for (const fill of newestFirst) {
    const { base, quote } = pairOf(fill.tokenIn, fill.tokenOut)
    const name = `${base} ${quote}`
    pairs.set(name, [...(pairs.get(name) ?? []), fill])
  }
  return [...pairs.values()].map((fills) => resultOf(fills.toReversed())).sort((a, b) => b.fills - a.fills)
}

function resultOf(oldestFirst: readonly Execution[]): Result {
  const [first] = oldestFirst
  const { base, quote } = pairOf(first?.tokenIn ?? '', first?.tokenOut ?? '')
  let [held, cost, volume, realised, closed] = [0, 0, 0, 0, 0]
  for (const { tokenIn, amountIn, amountOut } of oldestFirst) {
    const [paid, got] = [Number(amountIn), Number(amountOut)]
    if (tokenIn === quote) {
      held += got
      cost += paid
      volume += paid
      continue
    }
    volume += got
    const matched = Math.min(held, paid)
    if (matched === 0) continue
    const share = matched / held
    realised += got * (matched / paid) - cost * share
    cost -= cost * share
    held -= matched
    closed += matched
  }
  return { base, quote, fills: oldestFirst.length, volume, realised: closed === 0 ? null : realised, closed }
}
