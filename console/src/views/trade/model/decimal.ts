// Owns decimals as text: what a person types, and prices that are moved or turned over.

/** A price that is turned over means the same to so many significant digits. */
const PRICE_DIGITS = 10
const MOST_DIGITS = 15

/** A plain decimal, no sign and no exponent; NaN for any other text. */
const numberOf = (text: string): number => (/^\d*\.?\d+$|^\d+\.$/.test(text) ? Number(text) : Number.NaN)

/** A positive number with so many significant digits, without exponent and trailing zeros. */
export function plain(value: number, digits = PRICE_DIGITS): string {
  const rounded = Number(value.toPrecision(digits))
  const places = digits - 1 - Math.floor(Math.log10(rounded))
  const text = rounded.toFixed(Math.min(100, Math.max(0, places)))
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** The same price the other way round, as short as can be; turned over twice it is the first again. Other text stays. */
export function turned(text: string): string {
  const value = numberOf(text)
  if (!(value > 0) || !Number.isFinite(1 / value)) return text
  const rounded = (price: number) => Number(price.toPrecision(PRICE_DIGITS))
  for (let digits = 1; digits < MOST_DIGITS; digits += 1) {
    const other = plain(1 / value, digits)
    if (rounded(1 / Number(other)) === rounded(value)) return other
  }
  return plain(1 / value, MOST_DIGITS)
}

/** So many bps of an amount of base units, rounded down, in token units. */
export function shareOf(amountBase: string, shareBps: number, decimals: number): string {
  const share = (BigInt(amountBase) * BigInt(shareBps)) / 10_000n
  const digits = share.toString().padStart(decimals + 1, '0')
  const point = digits.length - decimals
  const fraction = digits.slice(point).replace(/0+$/, '')
  return fraction === '' ? digits.slice(0, point) : `${digits.slice(0, point)}.${fraction}`
}

/** How much less than `best` an amount is, in bps of `best`, to a hundredth. */
export function behindBps(amountBase: string, bestBase: string): number {
  const best = BigInt(bestBase)
  return best === 0n ? 0 : Number(((best - BigInt(amountBase)) * 1_000_000n) / best) / 100
}
