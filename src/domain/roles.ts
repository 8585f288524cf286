// Owns the role of an order for what holds orders back: entries may be halted, exits never are.

import type { OrderSpec } from './spec.ts'

/**
 * `exit` sells what is held, once its trigger has fired; `stop` is an exit against a loss; every other order is an `entry`.
 * Legs of all types are exits.
 */
export type Role = 'entry' | 'exit' | 'stop'

type Kind = Pick<OrderSpec, 'type' | 'parent'>

export function roleOf({ type, parent }: Kind): Role {
  switch (type) {
    case 'stop':
    case 'trailingStop':
      return 'stop'
    case 'takeProfit':
    case 'timeStop':
    case 'oco':
      return 'exit'
    case 'market':
    case 'limit':
    case 'sniper':
    case 'twap':
      return parent?.kind === 'leg' ? 'exit' : 'entry'
  }
}

export const isEntry = (spec: Kind): boolean => roleOf(spec) === 'entry'

/** `entries_halted`: only exits trade. */
export const tradingStates = ['active', 'entries_halted', 'halted'] as const
export type TradingStateName = (typeof tradingStates)[number]

/** Whether the state lets the order be taken on and signed. */
export const mayTradeIn = (state: TradingStateName, spec: Kind): boolean =>
  state === 'active' || (state === 'entries_halted' && !isEntry(spec))
