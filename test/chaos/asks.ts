// Owns what the clients of a schedule ask for: the order type, its price and its end.
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { OrderSpec } from '../../src/domain/spec.ts'
import { limitOf, specOf, stopOf, trailingStopOf } from '../support/orders.ts'
import { ORDER_AMOUNT, priceAt } from './amounts.ts'
import type { Chance } from './chance.ts'
import { type FamilyAsk, familySpecFor } from './familyAsks.ts'
import { type SniperAsk, sniperSpecFor } from './sniperAsks.ts'
import { START } from './world.ts'

/** `bps`: how far its price lies from that at the start; of a trailing stop, how far it may fall. `endsAt`: after the start. */
export type Ask =
  | { readonly type: 'market' }
  | { readonly type: 'immediate'; readonly bps: number }
  | {
      readonly type: 'limit' | 'stop' | 'takeProfit' | 'trailingStop' | 'stopLimit'
      readonly bps: number
      readonly endsAt: number
    }
  | FamilyAsk
  | SniperAsk

const types = [
  'market',
  'immediate',
  'limit',
  'limit',
  'stop',
  'stop',
  'takeProfit',
  'trailingStop',
  'stopLimit',
] as const

/** Ends either while much happens, or long after all is calm again. */
export function askOf(chance: Chance): Ask {
  const type = chance.pick(types)
  if (type === 'market') return { type }
  if (type === 'immediate') return { type, bps: chance.between(-200, 100) }
  const endsAt = chance.next() < 0.2 ? chance.between(4_000, 12_000) : chance.between(70_000, 90_000)
  const distance = chance.between(20, 600)
  switch (type) {
    case 'limit':
      return { type, endsAt, bps: chance.between(-100, 500) }
    case 'takeProfit':
    case 'trailingStop':
      return { type, endsAt, bps: distance }
    case 'stop':
    case 'stopLimit':
      return { type, endsAt, bps: -distance }
  }
}

const condition = (observations: number) => ({
  condition: { source: 'executable', observations, dwellMs: 0, maxAgeMs: 5_000 },
})

export function specFor(ask: Ask, own: Pick<OrderSpec, 'orderId' | 'owner'>): OrderSpec {
  const asked = { ...own, amountIn: baseUnits(ORDER_AMOUNT) }
  switch (ask.type) {
    case 'oco':
    case 'bracket':
    case 'twap':
      return familySpecFor(ask, own)
    case 'sniper':
      return sniperSpecFor(ask, own)
    case 'market':
      return specOf({ ...asked, slippageBps: bps(100) })
    case 'immediate':
      return limitOf({ ...asked, limitPrice: priceAt(ask.bps), expiresAt: null })
  }
  const expiresAt = START + ask.endsAt
  switch (ask.type) {
    case 'limit':
      return limitOf({ ...asked, limitPrice: priceAt(ask.bps), expiresAt })
    case 'stop':
    case 'takeProfit':
      return stopOf({ ...asked, ...condition(2), type: ask.type, triggerPrice: priceAt(ask.bps), expiresAt })
    case 'stopLimit': {
      const [triggerPrice, limitPrice] = [priceAt(ask.bps), priceAt(ask.bps - 50)]
      return stopOf({ ...asked, ...condition(2), triggerPrice, limitPrice, expiresAt })
    }
    case 'trailingStop':
      return trailingStopOf({ ...asked, ...condition(2), trailingBps: bps(ask.bps), expiresAt })
  }
}
