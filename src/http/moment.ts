// Owns what holds an order back at this moment, whatever the price: the input of "why not yet" beside the market.

import { isDormant, waits } from '../domain/lifecycle.ts'
import type { Order } from '../domain/order.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { TradingSwitch } from '../domain/ports/trading.ts'
import { isFunded, type Wallet } from '../domain/ports/wallet.ts'
import { mayTradeIn } from '../domain/roles.ts'
import type { OrderSpec, RestingSpec } from '../domain/spec.ts'
import { freeFor } from '../domain/triggers/legs.ts'
import type { Moment } from '../domain/triggers/waiting.ts'
import type { Clock } from '../timing/clock.ts'

export type MomentDeps = {
  readonly orders: {
    readonly trading: Pick<TradingSwitch, 'state'>
    readonly store: Pick<OrderStore, 'group'>
  }
  readonly market: { readonly wallet: Pick<Wallet, 'holds'> }
  readonly clock: Clock
}

/** `isClaimed`: the other legs of its group have claimed all there is. */
export async function momentOf(
  { spec }: Order,
  isClaimed: boolean,
  { orders, market, clock }: MomentDeps,
): Promise<Moment> {
  const funded = await isFunded(spec, market.wallet)
  const isHalted = !mayTradeIn(orders.trading.state().state, spec)
  return { now: clock.now(), isHalted, isClaimed, isFunded: funded }
}

/** The order as it would trade now: a leg sells what the others of its group have left, where they have left any. */
export async function asLeft(
  order: Order,
  { store }: MomentDeps['orders'],
): Promise<{ readonly order: Order; readonly isClaimed: boolean }> {
  const { spec } = order
  if (spec.parent?.kind !== 'leg' || isDormant(spec)) return { order, isClaimed: false }
  const amountIn = freeFor(spec, await store.group(spec.parent.orderId))
  if (amountIn === 0n) return { order, isClaimed: true }
  return { order: { ...order, spec: { ...spec, amountIn } }, isClaimed: false }
}

/** Whether the order waits for a price, and so has a source to look at. */
export const isPriced = (spec: OrderSpec): spec is RestingSpec =>
  waits(spec) && !isDormant(spec) && spec.type !== 'timeStop'
