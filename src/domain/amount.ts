// Owns amounts of money: base units inside, decimal strings on the wire, integer basis points for ratios.

declare const brand: unique symbol

/** A token amount in the token's smallest unit; from 0 to 2^64 - 1, as SPL token accounts hold it. */
export type BaseUnits = bigint & { readonly [brand]: 'BaseUnits' }

/** Hundredths of a percent; an integer. */
export type Bps = number & { readonly [brand]: 'Bps' }

export const MAX_BASE_UNITS = 2n ** 64n - 1n
/** 50 %, the most slippage that an order may allow. */
export const MAX_SLIPPAGE_BPS = 5_000
const BPS_ONE = 10_000n

export type AmountFault = 'malformed' | 'precision' | 'not_positive' | 'range'

/** Brands a base-unit amount; throws RangeError outside u64, since no token account can hold it. */
export function baseUnits(amount: bigint): BaseUnits {
  if (amount < 0n || amount > MAX_BASE_UNITS) throw new RangeError(`${amount} is not a u64 amount`)
  return amount as BaseUnits
}

/** Brands basis points; throws RangeError when not an integer from 0 to 10,000. */
export function bps(value: number): Bps {
  if (!Number.isInteger(value) || value < 0 || value > 10_000) throw new RangeError(`${value} is not bps`)
  return value as Bps
}

/** Reads a plain decimal ("12.5", no sign, no exponent) in token units; returns a fault instead of rounding. */
export function parseAmount(text: string, decimals: number): BaseUnits | AmountFault {
  const match = /^(0|[1-9]\d{0,39})(?:\.(\d{1,40}))?$/.exec(text)
  if (match === null) return 'malformed'
  const [, whole = '0', fraction = ''] = match
  if (fraction.length > decimals && /[1-9]/.test(fraction.slice(decimals))) return 'precision'
  const amount = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  if (amount === 0n) return 'not_positive'
  return amount > MAX_BASE_UNITS ? 'range' : baseUnits(amount)
}

/** Base units as a decimal string in token units, without trailing zeros. */
export function formatAmount(amount: bigint, decimals: number): string {
  if (decimals === 0) return amount.toString()
  const digits = amount.toString().padStart(decimals + 1, '0')
  const point = digits.length - decimals
  let end = digits.length
  while (end > point && digits[end - 1] === '0') end -= 1
  const whole = digits.slice(0, point)
  return end === point ? whole : `${whole}.${digits.slice(point, end)}`
}

/**
 * The decimal text of a JSON number, without exponent. Null when the number cannot be represented exactly
 * (9007199254740993 arrives as ...992) or is not finite.
 */
export function exactDecimal(source: string): string | null {
  const value = Number(source)
  if (!Number.isFinite(value)) return null
  const written = plainDecimal(source)
  return written !== null && written === plainDecimal(String(value)) ? written : null
}

/** "1.50e2" → "150": digits shifted by the exponent, zeros trimmed; null for exponents beyond any amount. */
function plainDecimal(source: string): string | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(source)
  if (match === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent)
  if (Math.abs(shift) > 60) return null
  const digits = whole + fraction
  const point = whole.length + shift
  const left = (point > 0 ? digits.slice(0, point).padEnd(point, '0') : '').replace(/^0+/, '') || '0'
  const right = (point < 0 ? '0'.repeat(-point) + digits : digits.slice(point)).replace(/0+$/, '')
  const digitsOnly = right === '' ? left : `${left}.${right}`
  return digitsOnly === '0' ? '0' : sign + digitsOnly
}

/** The least output the user accepts for a quote: rounds up, so never one unit past the limit. */
export function minOut(amountOut: BaseUnits, slippageBps: Bps): BaseUnits {
  const kept = BPS_ONE - BigInt(slippageBps)
  return baseUnits((amountOut * kept + BPS_ONE - 1n) / BPS_ONE)
}

/** How far `actual` fell short of `expected`, in bps of `expected`; negative when it was more. */
export function shortfallBps(expected: bigint, actual: bigint): number {
  if (expected === 0n) return 0
  return Number(((expected - actual) * BPS_ONE * 100n) / expected) / 100
}

/** Output per input in token units, as a decimal string of up to 18 decimals, rounded down. */
export function formatPrice(amountOut: bigint, decimalsOut: number, amountIn: bigint, decimalsIn: number) {
  const scale = 18
  return formatAmount(
    (amountOut * 10n ** BigInt(scale + decimalsIn)) / (amountIn * 10n ** BigInt(decimalsOut)),
    scale,
  )
}
