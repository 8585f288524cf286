// Owns the written form of tokens and amounts inside events.

import { type BaseUnits, baseUnits, formatAmount } from './amount.ts'
import type { Pair } from './route.ts'
import type { Token } from './token.ts'

/** An amount for people, in token units; programs read the base units, which stand beside it under `…Base`. */
export const inTokens = (amount: bigint, token: Token): string => formatAmount(amount, token.decimals)

/** An amount read back from its base units. */
export const amount = (text: string): BaseUnits => baseUnits(BigInt(text))

type Written<Name extends string> = { readonly [K in Name]: string } & {
  readonly [K in `${Name}Mint`]?: string
} & { readonly [K in `${Name}Decimals`]?: number }

/** A token by its symbol where it is one of the order's own, else in full: no list of tokens is needed to read it back. */
export const writtenToken = <Name extends string>(
  { tokenIn, tokenOut }: Pair,
  name: Name,
  token: Token,
): Written<Name> => {
  const isOwn = token.mint === tokenIn.mint || token.mint === tokenOut.mint
  const full = { [`${name}Mint`]: token.mint, [`${name}Decimals`]: token.decimals }
  return { [name]: token.symbol, ...(isOwn ? {} : full) } as Written<Name>
}

/** A token as `writtenToken` writes it. */
export function readToken<Name extends string>(pair: Pair, data: Written<Name>, name: Name): Token {
  const written: Readonly<Record<string, unknown>> = data
  const { [name]: symbol, [`${name}Mint`]: mint, [`${name}Decimals`]: decimals } = written
  if (mint !== undefined) return { symbol: String(symbol), mint: String(mint), decimals: Number(decimals) }
  const token = [pair.tokenIn, pair.tokenOut].find((own) => own.symbol === symbol)
  if (token === undefined) throw new Error(`the order does not trade ${symbol}`)
  return token
}
