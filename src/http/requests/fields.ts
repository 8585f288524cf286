// Owns reading single fields of order requests: amounts, prices and times.

import { type AmountFault, type BaseUnits, exactDecimal, parseAmount } from '../../domain/amount.ts'
import { parsePrice } from '../../domain/price.ts'
import type { Token } from '../../domain/token.ts'
import type { Millis } from '../../timing/clock.ts'
import type { FieldError, ProblemCode } from '../problems.ts'

const amountCodes: Readonly<Record<AmountFault, ProblemCode>> = {
  malformed: 'amount_malformed',
  precision: 'amount_precision',
  not_positive: 'amount_not_positive',
  range: 'amount_range',
}

/** A decimal in token units as base units; null after adding to `errors`. */
export function readAmount(
  given: string | number,
  token: Token,
  errors: FieldError[],
  field = 'amountIn',
): BaseUnits | null {
  // A JSON number has been checked to read back exactly, so it has a plain decimal.
  const text = typeof given === 'number' ? (exactDecimal(String(given)) ?? 'NaN') : given
  const amount =
    text.startsWith('-') && typeof given === 'number' ? 'not_positive' : parseAmount(text, token.decimals)
  if (typeof amount === 'bigint') return amount
  const detail =
    amount === 'precision' ? `${token.symbol} has ${token.decimals} decimals` : `in units of ${token.symbol}`
  errors.push({ field, code: amountCodes[amount], detail })
  return null
}

export const textOf = (given: string | number) =>
  typeof given === 'number' ? (exactDecimal(String(given)) ?? '') : given

export function readPrice(given: string | number, field: string, errors: FieldError[]): string {
  const price = parsePrice(textOf(given))
  if (price !== null) return price
  errors.push({
    field,
    code: 'price_malformed',
    detail: 'a positive decimal, at most 30 digits before and after the point',
  })
  return '1'
}

export const readOptionalPrice = (given: string | number | undefined, field: string, errors: FieldError[]) =>
  given === undefined ? null : readPrice(given, field, errors)

/** RFC 3339, with seconds and an offset. The platform reads hour 24 too, as the day after. */
const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))$/

/** NaN for any other text. */
export function parseTimestamp(text: string): Millis {
  const [, day = '', time = ''] = TIMESTAMP.exec(text) ?? []
  // The platform reads February 30 as March 2.
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const isDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day)
  return isDay ? Date.parse(`${day}T${time.toUpperCase()}`) : Number.NaN
}
