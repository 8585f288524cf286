// Owns what the clients of a schedule ask for that waits for a launch, and the launches.
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { Consent } from '../../src/domain/guards.ts'
import type { OrderSpec } from '../../src/domain/spec.ts'
import { passesIn } from '../../src/domain/termsCodec.ts'
import { unlaunched } from '../../src/domain/token.ts'
import { defaultGuards, sniperOf } from '../support/orders.ts'
import { ORDER_AMOUNT } from './amounts.ts'
import type { Chance } from './chance.ts'
import { endOf, type LegAsk, legsOf, legTerms } from './familyAsks.ts'
import { CREATOR, type LaunchFault, mintOf } from './launches.ts'
import { START } from './world.ts'

/** `token`: null for any of the creator. `endsAt`: after the start. */
export type SniperAsk = {
  readonly type: 'sniper'
  readonly token: number | null
  readonly allow: readonly Consent[]
  readonly passes: number
  readonly endsAt: number
  readonly exits: readonly LegAsk[]
}

const TOKENS = 3

export const sniperAskOf = (chance: Chance): SniperAsk => ({
  type: 'sniper',
  token: chance.next() < 0.4 ? null : chance.below(TOKENS),
  allow: chance.next() < 0.7 ? [] : [chance.pick(['freeze_authority', 'sale'] as const)],
  passes: chance.between(1, 4),
  endsAt: endOf(chance),
  exits: chance.next() < 0.4 ? legsOf(chance, 1) : [],
})

const faults = [null, null, null, 'freeze_authority', 'no_sell', 'drained'] as const

export type LaunchAsk = {
  readonly kind: 'launch'
  readonly at: number
  readonly token: number
  readonly fault: LaunchFault | null
}

/** Most tokens are launched, at any time within so long. */
export const launchesIn = (withinMs: number, chance: Chance): readonly LaunchAsk[] =>
  Array.from({ length: TOKENS }, (_, token) => ({ token, is: chance.next() < 0.8 })).flatMap(
    ({ token, is }) =>
      is ? { kind: 'launch', at: chance.below(withinMs), token, fault: chance.pick(faults) } : [],
  )

export function sniperSpecFor(ask: SniperAsk, own: Pick<OrderSpec, 'orderId' | 'owner'>): OrderSpec {
  return sniperOf({
    ...own,
    creator: ask.token === null ? CREATOR : null,
    tokenOut: unlaunched(ask.token === null ? CREATOR : mintOf(ask.token)),
    amountIn: baseUnits(ORDER_AMOUNT),
    slippageBps: bps(200),
    limitPrice: null,
    condition: passesIn(ask.passes),
    guards: { ...defaultGuards, allow: ask.allow },
    expiresAt: START + ask.endsAt,
    exits: ask.exits.map((leg) => legTerms(leg, 'B')),
  })
}
