// Owns what holds back an order whose trigger has fired: the protections of its key, and a wallet that does not hold what it
// sells. It waits on, and fires by itself afterwards.

import { endOf, isIoc } from '../domain/lifecycle.ts'
import type { OrderIn } from '../domain/order.ts'
import type { HeldEntries } from '../domain/ports/heldEntries.ts'
import { isFunded, type Wallet } from '../domain/ports/wallet.ts'
import { memoryWhileHeld } from '../domain/triggers/memory.ts'
import { restCrowded } from '../domain/triggers/snipe.ts'
import type { Verdict } from '../domain/triggers/verdict.ts'
import type { Clock } from '../timing/clock.ts'

export type HoldDeps = {
  readonly heldEntries: HeldEntries
  readonly wallet: Pick<Wallet, 'holds'>
  readonly clock: Clock
}

/** `isUnfunded`: it waits for no price, so it must be looked at again whatever the price does. */
export type Held = { readonly verdict: Verdict; readonly isUnfunded: boolean }

/** What the trigger's verdict comes to. Orders that trade now or not at all are never held. */
export async function holdBack(order: OrderIn<'pending'>, verdict: Verdict, deps: HoldDeps): Promise<Held> {
  const { spec, memory } = order
  const end = endOf(spec)
  if (verdict.kind !== 'fire' || end === null || spec.type === 'market' || isIoc(spec))
    return { verdict, isUnfunded: false }
  const hold = await deps.heldEntries.holdOf(spec)
  if (hold?.by === 'maxOpenPositions') {
    const rest = { kind: 'rest', wakeAt: end, memory, held: [] } as const
    return { verdict: restCrowded(rest, verdict.observations, deps.clock.now()), isUnfunded: false }
  }
  if (hold !== null) {
    const wakeAt = Math.min(hold.until, end)
    const rest = { kind: 'rest', wakeAt, memory: memoryWhileHeld(memory, hold), held: [] } as const
    return { verdict: rest, isUnfunded: false }
  }
  if (await isFunded(spec, deps.wallet)) return { verdict, isUnfunded: false }
  // Written nowhere: it may last for weeks, and ends with a look.
  return {
    verdict: { kind: 'rest', wakeAt: end, memory, held: verdict.observations },
    isUnfunded: true,
  }
}
