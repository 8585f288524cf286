// Owns the judgement of orders that wait for a price: none fires without it, is missed, fills past its limit, or is given up.
import { decodeEvent, type LoggedEvent } from '../../src/domain/eventCodec.ts'
import { endOf, evolve, isIoc, isPaused, waits } from '../../src/domain/lifecycle.ts'
import type { Order, OrderEvent } from '../../src/domain/order.ts'
import { paysAtLeast, paysAtMost, ratioOf } from '../../src/domain/price.ts'
import type { RestingSpec } from '../../src/domain/spec.ts'
import { levelsOf } from '../../src/domain/triggers/judge.ts'
import { hasFired } from '../../src/domain/triggers/memory.ts'
import { leastOutput } from '../../src/domain/triggers/terms.ts'
import type { Millis } from '../../src/timing/clock.ts'
import { heightAt, worthAt } from './chain.ts'
import type { Claim, Outcome } from './invariants.ts'
import { EVENTFUL_MS } from './plan.ts'
import { checkPurchase, hasMissedLaunch } from './snipers.ts'
import { START } from './world.ts'

/** After the last incident, and before the end of an order: time enough to fire and fill, whatever had happened. */
const CALM_FROM = START + EVENTFUL_MS + 15_000
const ENOUGH_MS = 30_000
/** What the better venue pays less than the chain. */
const SHORT_BPS = 10n

type Seen = Pick<Outcome, 'prices' | 'expirings' | 'launches'>

/** Judges the log of one order; `order` is what it comes to. */
export function checkTriggers(order: Order, events: readonly LoggedEvent[], seen: Seen, claim: Claim): void {
  const { spec } = order
  if (!waits(spec)) return
  const { orderId } = spec
  const steps = stepsOf(events)
  let hasFiredOnce = false
  for (const { before, event } of steps) {
    if (before === null) continue
    const about = () => `${orderId} at seq ${event.seq}`
    if (event.kind === 'triggered') {
      claim(firedRightly(before, event), 'fired without its price', about)
      checkPurchase(before, event, seen, claim)
      hasFiredOnce = true
    }
    // What goes on without its trigger must have had it.
    if ('memory' in event) claim(hasFiredOnce || !hasFired(event.memory), 'fired without its price', about)
    if (event.kind === 'rested') claim(!fallsBack(before, event), 'watermark moved back', about)
  }
  if ('fill' in order) {
    const least = leastOutput(spec)
    claim(order.fill.amountOut >= least, 'past its limit', () => `${orderId} got ${order.fill.amountOut}`)
  }
  const mayFail = spec.type === 'limit' || spec.type === 'sniper'
  claim(mayFail || order.status !== 'failed', 'exit given up', () => orderId)
  for (const { orderId: id, at, end } of seen.expirings) {
    claim(id !== orderId || at >= end, 'expired early', () => `${orderId} by ${end - at} ms`)
  }
  // A pause that was asked for before its resumption may be carried out after it.
  const wasPaused = steps.some(
    ({ before, event }) => event.kind === 'expired' && before !== null && isPaused(before),
  )
  const startedAt = steps.find(({ event }) => event.kind === 'activated')?.event.at ?? 0
  claim(
    wasPaused || !isMissed(order, spec, startedAt, seen),
    'missed',
    () => `${orderId} expired at its price`,
  )
}

type Step = { readonly before: Order | null; readonly event: OrderEvent }

function stepsOf(events: readonly LoggedEvent[]): readonly Step[] {
  const steps: Step[] = []
  let before: Order | null = null
  for (const logged of events) {
    const event = decodeEvent(before, logged)
    steps.push({ before, event })
    before = evolve(before, event)
  }
  return steps
}

/** Each observation of the event was at the price, in a slot of its own. */
function firedRightly(
  { spec, memory }: Order,
  { observations, amountIn }: Extract<OrderEvent, { kind: 'triggered' }>,
): boolean {
  if (!waits(spec) || isIoc(spec) || spec.type === 'timeStop') return true
  // An exit that a change had interrupted.
  if (spec.type !== 'limit' && spec.limitPrice === null && hasFired(memory)) return observations.length === 0
  const { above, below } = levelsOf(spec, memory)
  const isThere = observations.every(({ amountOut }) =>
    below === null
      ? above !== null && paysAtLeast(above, amountIn, amountOut)
      : paysAtMost(below, amountIn, amountOut),
  )
  const slots = new Set(observations.map(({ slot }) => slot))
  return isThere && slots.size === observations.length && slots.size >= spec.condition.observations
}

function fallsBack({ spec, memory }: Order, event: Extract<OrderEvent, { kind: 'rested' }>): boolean {
  const [before, after] = [memory.watermark, event.memory.watermark]
  if (before === undefined) return false
  if (after === undefined) return true
  const [was, is] = [ratioOf(before, 'tokenIn', spec), ratioOf(after, 'tokenIn', spec)]
  return is.numerator * was.denominator < was.numerator * is.denominator
}

/** Whether its price was there, unmoved, from the calm on to its end. */
function isMissed(order: Order, spec: RestingSpec, startedAt: Millis, { prices, launches }: Seen): boolean {
  if (spec.type === 'sniper') {
    const calm = { calmFrom: CALM_FROM, enoughMs: ENOUGH_MS, heightAt }
    return hasMissedLaunch(order, spec, { launches, ...calm })
  }
  const { status } = order
  const end = endOf(spec)
  if (isIoc(spec) || status !== 'expired' || end === null || end < CALM_FROM + ENOUGH_MS) return false
  const last = prices.at(-1)
  if (last === undefined || last.at > CALM_FROM || startedAt > CALM_FROM) return false
  if (spec.type === 'timeStop') return spec.fireAt !== null && spec.fireAt <= end - ENOUGH_MS
  const { amountIn } = spec
  const aToB = spec.tokenIn.symbol === 'A'
  const paid = (worthAt(last.price, amountIn, aToB) * (10_000n - SHORT_BPS)) / 10_000n
  // A trailing stop looks back at prices that the judge does not know all of.
  if (spec.type === 'trailingStop') return false
  const { above, below } = levelsOf(spec, {})
  const isAtTrigger =
    below === null ? above !== null && paysAtLeast(above, amountIn, paid) : paysAtMost(below, amountIn, paid)
  return isAtTrigger && paid >= leastOutput(spec)
}
