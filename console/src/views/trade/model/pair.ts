// Owns the pair of the ticket: which token is priced in which, and the pairs that were chosen last.

export type Pair = { readonly tokenIn: string; readonly tokenOut: string }
export type PriceOf = 'tokenIn' | 'tokenOut'

/** `base` is priced in `quote`, in the chart and in every price of the ticket. */
export type Market = { readonly base: string; readonly quote: string }

export const marketOf = ({ tokenIn, tokenOut }: Pair, priceOf: PriceOf): Market =>
  priceOf === 'tokenIn' ? { base: tokenIn, quote: tokenOut } : { base: tokenOut, quote: tokenIn }

/** Whose price the prices of a pair are in this market. */
export const priceOfIn = ({ base }: Market, { tokenIn }: Pair): PriceOf =>
  base === tokenIn ? 'tokenIn' : 'tokenOut'

/** What others are priced in, the first before the others. */
const MONEY = ['USDC', 'USDT', 'SOL']

const rank = (symbol: string) => {
  const place = MONEY.indexOf(symbol)
  return place < 0 ? MONEY.length : place
}

/** As people quote the pair: in the money of the two; of two like tokens the one that is sold is priced. */
export const usualPriceOf = ({ tokenIn, tokenOut }: Pair): PriceOf =>
  rank(tokenIn) < rank(tokenOut) ? 'tokenOut' : 'tokenIn'

const MOST_LETTERS = 12
const ADDRESS = /[1-9A-HJ-NP-Za-km-z]{32,44}/g

/** A token that is not launched yet has its mint for a symbol. */
export const shortToken = (symbol: string): string =>
  symbol.length > MOST_LETTERS ? `${symbol.slice(0, 4)}…${symbol.slice(-6)}` : symbol

/** The engine's sentences with addresses that a person can read over. */
export const readable = (text: string): string => text.replace(ADDRESS, shortToken)

const MOST_RECENT = 6

const isSame = (a: Pair, b: Pair) => a.tokenIn === b.tokenIn && a.tokenOut === b.tokenOut

/** The pairs chosen last, the newest first. */
export const withRecent = (recent: readonly Pair[], { tokenIn, tokenOut }: Pair): readonly Pair[] => {
  const pair = { tokenIn, tokenOut }
  return [pair, ...recent.filter((each) => !isSame(each, pair))].slice(0, MOST_RECENT)
}

/** Undefined for what is no list of pairs. */
export function readRecent(value: unknown): readonly Pair[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value
    .filter((each) => typeof each?.tokenIn === 'string' && typeof each?.tokenOut === 'string')
    .slice(0, MOST_RECENT)
}
