// Owns the judgement of orders that wait for a launch: none buys what its guards had to refuse, and none misses what they pass.
import { endOf, withChoice } from '../../src/domain/lifecycle.ts'
import type { Order, OrderEvent } from '../../src/domain/order.ts'
import type { SniperSpec } from '../../src/domain/spec.ts'
import type { Claim, Outcome } from './invariants.ts'
import { CREATOR, isRefused, mintOf } from './launches.ts'

type Seen = Pick<Outcome, 'launches'>

/** Every slot that the order fired by was one in which its guards passed, as the order stood then. */
export function checkPurchase(
  { spec }: Order,
  event: Extract<OrderEvent, { kind: 'triggered' }>,
  { launches }: Seen,
  claim: Claim,
): void {
  if (spec.type !== 'sniper') return
  const { mint } = withChoice(spec, event).tokenOut
  const launch = launches.find(({ token }) => mintOf(token) === mint)
  for (const { slot } of event.observations) {
    claim(
      !isRefused(launch, slot, spec.guards),
      'bought against a guard',
      () => `${spec.orderId} fires for ${mint}, ${launch?.fault ?? 'which is not launched'}, at ${slot}`,
    )
  }
}

/** Whether it ended by its time though a token that its guards pass was there from `calmFrom` on, and time enough. */
export function hasMissedLaunch(
  { status }: Order,
  spec: SniperSpec,
  {
    launches,
    calmFrom,
    enoughMs,
    heightAt,
  }: Seen & {
    readonly calmFrom: number
    readonly enoughMs: number
    readonly heightAt: (at: number) => number
  },
): boolean {
  const end = endOf(spec)
  if (status !== 'expired' || end === null || end < calmFrom + enoughMs) return false
  const isWanted = (token: number) => spec.tokenOut.mint === CREATOR || spec.tokenOut.mint === mintOf(token)
  const height = heightAt(calmFrom)
  return launches.some(
    (launch) =>
      isWanted(launch.token) && !isRefused(launch, height, spec.guards) && launch.fault !== 'drained',
  )
}
