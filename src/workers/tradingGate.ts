// Owns the wait of orders while trading is halted: they stand before their signature and go on when it does.

import type { OrderId } from '../domain/order.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import type { TradingSwitch } from '../domain/ports/trading.ts'
import type { Observe } from '../observe.ts'

export type TradingGate = {
  /** Whether the order must not be signed now. If so, it is rung for as soon as it may; until then it can be canceled. */
  hold(id: OrderId): boolean
}

export type TradingGateDeps = {
  readonly trading: TradingSwitch
  readonly queue: OrderQueue
  readonly observe: Observe
}

export function createTradingGate({ trading, queue, observe }: TradingGateDeps): TradingGate {
  const held = new Set<OrderId>()
  trading.onResume(() => {
    for (const id of held) {
      // A ring that is not taken costs the time until the next sweep.
      queue.ring(id).catch((error) => observe.fault('queue', error))
    }
    held.clear()
  })
  return {
    hold(id) {
      const isHeld = !trading.mayTrade()
      if (isHeld) held.add(id)
      return isHeld
    },
  }
}
