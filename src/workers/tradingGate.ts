// Owns the wait of orders while trading is halted: they stand before their signature and go on when it resumes.

import type { OrderId } from '../domain/order.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import type { TradingSwitch } from '../domain/ports/trading.ts'
import type { Observe } from '../observe.ts'

export type TradingGate = {
  /** Holds the order where trading is halted, and says so: it is rung for on resume, and can be canceled until then. */
  hold(id: OrderId): boolean
  isHalted(): boolean
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
  const isHalted = () => trading.state().state === 'halted'
  return {
    isHalted,
    hold(id) {
      const mayTrade = trading.mayTrade()
      if (!mayTrade) held.add(id)
      return !mayTrade
    },
  }
}
