// Owns the schemas of fields that several requests have.

import Type from 'typebox'
import { MAX_SLIPPAGE_BPS } from '../../domain/amount.ts'
import { venueNames } from '../../domain/route.ts'

/** Requests are closed: an unknown field is denied, never dropped. */
export const closed = { additionalProperties: false }
export const described = (description: string) => ({ description })

/** Money: a string keeps every digit; a number is denied when it does not read back exactly. */
export const Decimal = Type.Union([Type.String({ minLength: 1, maxLength: 80 }), Type.Number()])
export const TokenName = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Symbol or mint address of a known token.',
})
export const ClientOrderId = Type.String({
  pattern: '^[A-Za-z0-9_.:-]{1,64}$',
  description: 'Your own id for the order, unique for ever: repeating it returns the same order.',
})
export const Venues = Type.Array(Type.Enum([...venueNames]), {
  minItems: 1,
  maxItems: venueNames.length,
  uniqueItems: true,
  description: 'Only pools of these venues.',
})
export const SlippageBps = Type.Integer({ minimum: 1, maximum: MAX_SLIPPAGE_BPS, description: '100 is 1 %.' })

export const Price = (description: string) => Type.Union(Decimal.anyOf, described(description))
export const PriceOf = Type.Enum(
  ['tokenIn', 'tokenOut'],
  described('Whose price the prices are: how much tokenOut one tokenIn pays (the default), or the reverse.'),
)
export const ExpiresAt = Type.String({
  maxLength: 64,
  description: 'When the order ends by itself, as RFC 3339. 30 days from now when absent.',
})
export const OnImmediate = Type.Enum(
  ['fire', 'reject'],
  described('What becomes of an order whose price is there already.'),
)
