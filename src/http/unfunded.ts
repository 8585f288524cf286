// Owns which resting orders the wallet does not fund.

import { isPaused, isResting } from '../domain/lifecycle.ts'
import type { Order } from '../domain/order.ts'
import type { OrderId } from '../domain/spec.ts'
import type { HttpDeps } from './deps.ts'

/** Those of the orders that rest and are not funded. None where the wallet cannot be read: that must not make orders unreadable. */
export async function unfundedAmong(
  orders: readonly Order[],
  { orders: { store }, market: { wallet } }: HttpDeps,
): Promise<ReadonlySet<OrderId>> {
  const resting = orders.filter((order) => isResting(order) && !isPaused(order))
  if (resting.length === 0) return new Set()
  const mints = [...new Set(resting.map(({ spec }) => spec.tokenIn.mint))]
  const held = await Promise.all(
    mints.map(async (mint) => ({ mint, amount: await wallet.holds(mint) })),
  ).catch(() => [])
  return store.resting.unfunded(
    resting.map(({ spec }) => spec.orderId),
    held,
  )
}
