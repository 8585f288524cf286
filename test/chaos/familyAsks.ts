// Owns what the clients of a schedule ask for that has children: an OCO, an entry with exits, a TWAP.
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { LegTerms, OrderSpec } from '../../src/domain/spec.ts'
import { limitOf, specOf, twapOf } from '../support/orders.ts'
import { ORDER_AMOUNT, priceAt, type Sold } from './amounts.ts'
import type { Chance } from './chance.ts'
import { START } from './world.ts'

/** `bps`: how far its price lies from that at the start, in its own direction; of a trailing stop, how far it may fall. */
export type LegAsk = {
  readonly type: 'limit' | 'stop' | 'takeProfit' | 'trailingStop'
  readonly bps: number
  readonly shareBps: number | null
  readonly endsAt: number
  /** Whether its end counts from when it starts. */
  readonly endsByDefault: boolean
}

/** Times are milliseconds after the start, `bps` as of a leg; null: at the market. */
export type FamilyAsk =
  | { readonly type: 'oco'; readonly legs: readonly LegAsk[] }
  | {
      readonly type: 'bracket'
      readonly bps: number | null
      readonly endsAt: number
      readonly exits: readonly LegAsk[]
      readonly holdMs: number | null
    }
  | {
      readonly type: 'twap'
      readonly bps: number | null
      readonly slices: number
      readonly startsAt: number
      readonly durationMs: number
      readonly jitterBps: number
      readonly minSlice: bigint
      readonly catchUp: 'skip' | 'spread'
    }

const legTypes = ['limit', 'stop', 'stop', 'takeProfit', 'takeProfit', 'trailingStop'] as const

/** Prices near one another, so that several legs fire at once. */
function legOf(chance: Chance): LegAsk {
  const type = chance.pick(legTypes)
  const distance = chance.between(10, 300)
  return {
    type,
    bps: type === 'stop' ? -distance : type === 'limit' ? distance - 60 : distance,
    shareBps: chance.next() < 0.5 ? null : chance.pick([2_500, 3_333, 5_000, 7_000]),
    endsAt: endOf(chance),
    endsByDefault: chance.next() < 0.3,
  }
}

export const endOf = (chance: Chance) =>
  chance.next() < 0.15 ? chance.between(4_000, 12_000) : chance.between(70_000, 90_000)

export const legsOf = (chance: Chance, least: number): LegAsk[] =>
  Array.from({ length: chance.between(least, 4) }, () => legOf(chance))

export function familyAskOf(chance: Chance): FamilyAsk {
  const type = chance.pick(['oco', 'bracket', 'bracket', 'twap'] as const)
  switch (type) {
    case 'oco':
      return { type, legs: legsOf(chance, 2) }
    case 'bracket': {
      const holdMs = chance.next() < 0.3 ? chance.between(500, 15_000) : null
      return {
        type,
        bps: chance.next() < 0.6 ? null : chance.between(-100, 150),
        endsAt: endOf(chance),
        exits: legsOf(chance, holdMs === null ? 1 : 0),
        holdMs,
      }
    }
    case 'twap': {
      const slices = chance.between(2, 6)
      return {
        type,
        slices,
        bps: chance.next() < 0.5 ? null : chance.between(-200, 60),
        startsAt: chance.between(0, 4_000),
        durationMs: chance.between(slices * 200, 20_000),
        jitterBps: chance.pick([0, 1_000, 5_000]),
        minSlice: chance.next() < 0.7 ? 1n : ORDER_AMOUNT / BigInt(2 * slices),
        catchUp: chance.pick(['skip', 'spread', 'spread']),
      }
    }
  }
}

const exit = {
  limitPrice: null,
  slippageBps: bps(2_000),
  slippageLadderBps: [300, 1_000, 2_000].map(bps),
  feeBudgetLamports: baseUnits(50_000_000n),
} as const

const conditionOf = (observations: number) => ({
  source: 'executable',
  observations,
  dwellMs: 0,
  maxAgeMs: 5_000,
})

export function legTerms(ask: LegAsk, sold: Sold): LegTerms {
  const { type } = ask
  const common = {
    priceOf: 'tokenIn',
    isDefaultExpiry: ask.endsByDefault,
    expiresAt: START + ask.endsAt,
    shareBps: ask.shareBps === null ? null : bps(ask.shareBps),
  } as const
  const price = priceAt(ask.bps, sold)
  switch (type) {
    case 'limit':
      return { type, ...common, condition: conditionOf(1), slippageBps: bps(100), limitPrice: price }
    case 'stop':
    case 'takeProfit':
      return { type, ...exit, ...common, condition: conditionOf(2), triggerPrice: price }
    case 'trailingStop': {
      const trailing = { trailingBps: bps(ask.bps), activationPrice: null }
      return { type, ...exit, ...common, condition: conditionOf(2), ...trailing }
    }
  }
}

const timeStop = (maxHoldMs: number): LegTerms => ({
  type: 'timeStop',
  maxHoldMs,
  fireAt: null,
  ...exit,
  priceOf: 'tokenIn',
  condition: conditionOf(1),
  isDefaultExpiry: true,
  expiresAt: START + 80_000,
  shareBps: null,
})

export function familySpecFor(ask: FamilyAsk, own: Pick<OrderSpec, 'orderId' | 'owner'>): OrderSpec {
  const asked = { ...own, amountIn: baseUnits(ORDER_AMOUNT) }
  switch (ask.type) {
    case 'oco': {
      const { type: _, exits: __, ...plain } = specOf(asked)
      return { ...plain, type: 'oco', legs: ask.legs.map((leg) => legTerms(leg, 'A')) }
    }
    case 'bracket': {
      const legs = ask.exits.map((leg) => legTerms(leg, 'B'))
      const exits = ask.holdMs === null ? legs : [...legs, timeStop(ask.holdMs)]
      if (ask.bps === null) return specOf({ ...asked, slippageBps: bps(100), exits })
      const expiresAt = START + ask.endsAt
      return limitOf({ ...asked, limitPrice: priceAt(ask.bps), expiresAt, exits })
    }
    case 'twap': {
      const { type: _, bps: atBps, startsAt, minSlice, jitterBps, ...terms } = ask
      return twapOf({
        ...asked,
        ...terms,
        startAt: START + startsAt,
        jitterBps: bps(jitterBps),
        minSlice: baseUnits(minSlice),
        limitPrice: atBps === null ? null : priceAt(atBps),
      })
    }
  }
}
