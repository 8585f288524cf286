// Owns the trigger of snipers: it buys a token once its guards have passed in enough slots, one after the other.

import type { Millis } from '../../timing/clock.ts'
import type { Refusal } from '../guards.ts'
import type { Observation, TriggerMemory } from '../order.ts'
import type { SniperSpec } from '../spec.ts'
import { isAgeBound, refusalsOf, tooLate } from './launch.ts'
import { calmed } from './memory.ts'
import type { Market, Sight, Verdict } from './verdict.ts'

type Rest = Extract<Verdict, { kind: 'rest' }>

/** The spec of an order by creator names the token that the sight is of (`withToken`). */
export function snipe(spec: SniperSpec, { now, sight, held }: Market, rest: Rest): Verdict {
  // Without a pool the market watch brings the order back; what could not be read is read again at the next slot.
  if (sight?.evidence === undefined) return { ...rest, isWatched: !isAwaited(sight) }
  const { evidence } = sight
  const { token } = evidence
  if (isNamedOtherwise(spec, token)) return { kind: 'learn', spec: { ...spec, tokenOut: token } }
  const failure = tooLate(spec, evidence)
  if (failure !== null) return { kind: 'fail', failure }
  const refusals = refusalsOf(spec, evidence)
  if (refusals.length > 0) {
    const isWatched = isAgeBound(spec, evidence)
    const memory = noted(rest.memory, refusals, now)
    if (memory === null) return { ...rest, isWatched }
    return { ...rest, isWatched, memory, guardReport: { slot: evidence.slot, refusals } }
  }
  if (sight.kind === 'unseen') return { ...rest, isWatched: true }
  const { observation } = sight
  const passed = [...held.filter(({ slot }) => slot < observation.slot), observation]
  if (passed.length < spec.condition.observations) return { ...rest, held: passed }
  return { kind: 'fire', observations: passed.slice(-spec.condition.observations) }
}

const isAwaited = (sight: Sight | null) => sight?.kind === 'unseen' && sight.blocker === 'not_launched'

const isNamedOtherwise = (
  { tokenOut }: SniperSpec,
  token: { readonly symbol: string; readonly decimals: number },
) => tokenOut.symbol !== token.symbol || tokenOut.decimals !== token.decimals

/** What the order was last refused for, as its memory has it. */
const refusedFor = (refusals: readonly Refusal[]) =>
  [...new Set(refusals.map(({ guard }) => guard))].sort().join(' ')

/** Every change of the refusals is an event, up to so many; from then on one in so long: the log stays short. */
const EAGER_NOTES = 20
const NOTE_MS = 300_000

/** The memory with these refusals; null where there is nothing to be written. */
function noted(memory: TriggerMemory, refusals: readonly Refusal[], now: Millis): TriggerMemory | null {
  const refused = refusedFor(refusals)
  const count = Number(memory.refusals ?? 0)
  if (memory.refused === refused) return null
  if (count >= EAGER_NOTES && now < Date.parse(memory.refusedAt ?? '') + NOTE_MS) return null
  return {
    ...calmed(memory),
    refused,
    refusals: String(count + 1),
    refusedAt: new Date(now).toISOString(),
  }
}

/** While a key has as many open positions as it may. */
const CROWDED: readonly Refusal[] = [
  { guard: 'positions', detail: 'the key has as many open positions as it may have at once' },
]

/** The rest of an order whose own guards pass while its key has no room for one more position; it looks again in the next slot. */
export function restCrowded(rest: Rest, observations: readonly Observation[], now: Millis): Rest {
  const waiting = { ...rest, held: observations, isWatched: true }
  const memory = noted(rest.memory, CROWDED, now)
  if (memory === null) return waiting
  return { ...waiting, memory, guardReport: { slot: observations.at(-1)?.slot ?? 0, refusals: CROWDED } }
}

/** What holds the order back whose own guards pass, as its memory has it. */
export const crowdedIn = (memory: TriggerMemory): readonly Refusal[] =>
  memory.refused === refusedFor(CROWDED) ? CROWDED : []

/** Of the launches of a creator, the oldest first: the first that the guards pass, or else the newest that they may pass yet; null: none. */
export function chosenOf(spec: SniperSpec, launches: readonly Sight[]): Sight | null {
  const left = launches.filter(({ evidence }) => evidence !== undefined && tooLate(spec, evidence) === null)
  const passes = (sight: Sight) =>
    sight.kind === 'seen' && sight.evidence !== undefined && refusalsOf(spec, sight.evidence).length === 0
  return left.find(passes) ?? left.at(-1) ?? null
}

/** The order with its token as the market names it, where that is known. */
export const withToken = (spec: SniperSpec, sight: Sight | null): SniperSpec =>
  sight?.evidence === undefined ? spec : { ...spec, tokenOut: sight.evidence.token }
