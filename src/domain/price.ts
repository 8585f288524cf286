// Owns prices: exact decimals as orders name them, compared with amounts by integers alone.

import { formatPrice } from './amount.ts'
import type { Pair } from './route.ts'

/** Which token's price a decimal is: how much tokenOut one tokenIn pays, or how much tokenIn one tokenOut costs. */
export type PriceOf = 'tokenIn' | 'tokenOut'

/** Output per input in base units, as an exact ratio; both parts are positive. */
export type Ratio = { readonly numerator: bigint; readonly denominator: bigint }

const MAX_DIGITS = 30

/** Reads a positive plain decimal ("4.05", no sign, no exponent) in its shortest form; null for any other text. */
export function parsePrice(text: string): string | null {
  const match = /^(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text)
  if (match === null) return null
  const [, whole = '0', digits = ''] = match
  const fraction = digits.replace(/0+$/, '')
  if (whole.length > MAX_DIGITS || fraction.length > MAX_DIGITS || !/[1-9]/.test(whole + fraction))
    return null
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** The price of a parsed decimal, as output per input. */
export function ratioOf(price: string, of: PriceOf, { tokenIn, tokenOut }: Pair): Ratio {
  const [whole = '0', fraction = ''] = price.split('.')
  const value = BigInt(whole + fraction)
  const scale = 10n ** BigInt(fraction.length)
  const [unitIn, unitOut] = [10n ** BigInt(tokenIn.decimals), 10n ** BigInt(tokenOut.decimals)]
  return of === 'tokenIn'
    ? { numerator: value * unitOut, denominator: scale * unitIn }
    : { numerator: scale * unitOut, denominator: value * unitIn }
}

/** The least output that is at least this price for the input, rounded up. */
export const outputAt = ({ numerator, denominator }: Ratio, amountIn: bigint): bigint =>
  (amountIn * numerator + denominator - 1n) / denominator

/** Whether `amountOut` for `amountIn` pays at least this price. */
export const paysAtLeast = (price: Ratio, amountIn: bigint, amountOut: bigint): boolean =>
  amountOut * price.denominator >= amountIn * price.numerator

/** Whether `amountOut` for `amountIn` pays at most this price. */
export const paysAtMost = (price: Ratio, amountIn: bigint, amountOut: bigint): boolean =>
  amountOut * price.denominator <= amountIn * price.numerator

/** A price less so many bps of it; none is left at 10,000. */
export const lowered = ({ numerator, denominator }: Ratio, byBps: number): Ratio => ({
  numerator: numerator * BigInt(10_000 - byBps),
  denominator: denominator * 10_000n,
})

/** A price and so many bps of it more. */
export const raised = ({ numerator, denominator }: Ratio, byBps: number): Ratio => ({
  numerator: numerator * BigInt(10_000 + byBps),
  denominator: denominator * 10_000n,
})

/** For sorting and searching only: a float is no judge of a price. */
export const approximately = ({ numerator, denominator }: Ratio): number =>
  Number(numerator) / Number(denominator)

/** The price in token units, with up to 18 decimals, rounded down. */
export function priceText(
  { tokenIn, tokenOut }: Pair,
  of: PriceOf,
  { numerator, denominator }: Ratio,
): string {
  return of === 'tokenIn'
    ? formatPrice(numerator, tokenOut.decimals, denominator, tokenIn.decimals)
    : formatPrice(denominator, tokenIn.decimals, numerator, tokenOut.decimals)
}

/** How far `amountOut` lies from this price, in bps of it: positive where more is paid. */
export function distanceBps(price: Ratio, amountIn: bigint, amountOut: bigint): number {
  const wanted = amountIn * price.numerator
  return Number(((amountOut * price.denominator - wanted) * 1_000_000n) / wanted) / 100
}
