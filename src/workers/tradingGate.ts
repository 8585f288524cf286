// Owns the wait of orders while trading is halted: they stand before their signature and go on when it resumes.

import type { OrderQueue } from '../domain/ports/queue.ts'
import type { TradingSwitch } from '../domain/ports/trading.ts'
import { mayTradeIn } from '../domain/roles.ts'
import type { OrderId, OrderSpec } from '../domain/spec.ts'
import type { Observe } from '../observe.ts'

export type TradingGate = {
  /**
   * Holds the order where trading is halted for it, or the switch could not be read, and says so: it is rung for on resume, and
   * can be canceled until then.
   */
  hold(spec: Pick<OrderSpec, 'orderId' | 'type' | 'parent'>): boolean
  /** As the switch was last read. */
  isHalted(spec: Pick<OrderSpec, 'type' | 'parent'>): boolean
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
    isHalted: (spec) => !mayTradeIn(trading.state().state, spec),
    hold(spec) {
      const isHeld = !trading.mayTrade(spec)
      if (isHeld) held.add(spec.orderId)
      return isHeld
    },
  }
}
