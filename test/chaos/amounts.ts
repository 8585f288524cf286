// Owns what the orders of a schedule sell, and the prices that they name.
import { priceText } from '../../src/domain/price.ts'
import { tokenCalled } from '../support/orders.ts'
import { START_PRICE } from './chain.ts'

/** What an order sells. */
export const ORDER_AMOUNT = 1_000_000n

/** The token that an order sells; it buys the other one. */
export type Sold = 'A' | 'B'

const pairSelling = (sold: Sold) => ({
  tokenIn: tokenCalled(sold),
  tokenOut: tokenCalled(sold === 'A' ? 'B' : 'A'),
})

/** So many bps above the price at the start, as orders name it. */
export function priceAt(aboveBps: number, sold: Sold = 'A'): string {
  const [paid, per] = sold === 'A' ? [START_PRICE, 1_000_000n] : [1_000_000n, START_PRICE]
  return priceText(pairSelling(sold), 'tokenIn', {
    numerator: paid * BigInt(10_000 + aboveBps),
    denominator: per * 10_000n,
  })
}
