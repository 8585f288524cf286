// Owns the role of an order for what holds orders back: entries may be halted, exits never are.

import type { OrderSpec } from './order.ts'

/** `exit` sells once its trigger has fired, `stop` is an exit against a loss; every other order is an `entry`. */
export type Role = 'entry' | 'exit' | 'stop'

export function roleOf({ type }: Pick<OrderSpec, 'type'>): Role {
  switch (type) {
    case 'stop':
    case 'trailingStop':
      return 'stop'
    case 'takeProfit':
      return 'exit'
    case 'market':
    case 'limit':
      return 'entry'
  }
}

export const isEntry = (spec: Pick<OrderSpec, 'type'>): boolean => roleOf(spec) === 'entry'

/** `entries_halted`: only exits trade. */
export const tradingStates = ['active', 'entries_halted', 'halted'] as const
export type TradingStateName = (typeof tradingStates)[number]

/** Whether the state lets the order be taken on and signed. */
export const mayTradeIn = (state: TradingStateName, spec: Pick<OrderSpec, 'type'>): boolean =>
  state === 'active' || (state === 'entries_halted' && !isEntry(spec))
