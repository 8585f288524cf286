// Whatever befalls an engine (crashes, pauses, skewed clocks, lost rings, failing writes, lagging nodes, forks, broken
// venues, halts, limits), the rules are kept.
import { expect, test } from 'vitest'
import type { Stored } from './durable.ts'
import { familyHappenings } from './familyHappenings.ts'
import type { Outcome } from './invariants.ts'
import { planOf } from './plan.ts'
import type { Breakage } from './schedule.ts'
import { describe, explain, firstFailure, shrink, traceOf } from './search.ts'

const RUNS = Number(process.env.CHAOS_RUNS ?? 2_000)
const SEED = Number(process.env.CHAOS_SEED ?? 1)
const ENOUGH_RUNS = 500

test(`the rules are kept in ${RUNS} schedules`, async () => {
  const seen = new Set<string>()
  const witness = (outcome: Outcome) => {
    for (const what of happened(outcome)) seen.add(what)
  }
  const failure = await firstFailure({ seed: SEED, runs: RUNS, witness })
  const story = failure && (await explain(failure.seed))
  expect(story && describe(story)).toBeNull()
  // Schedules in which nothing happens would prove nothing.
  if (RUNS >= ENOUGH_RUNS) expect([...seen]).toEqual(expect.arrayContaining(eventful))
}, 600_000)

const eventful = [
  'confirmed',
  'failed',
  'canceled',
  'reverted on the chain',
  'expired and built again',
  'sent again',
  'sent and never landed',
  'durable, though nobody was told',
  'told twice under one key',
  'third attempt',
  'a fill undone and landed again',
  'a fill undone for good',
  'signed before a halt, filled during it',
  'filled after a halt',
  'refused by ordersPerMinute',
  'refused by openOrders',
  'refused by perDay',
  'refused, and taken later',
  'a limit rested again after its attempt',
  'an exit tried again',
  'paused, resumed and filled',
  'amended and filled',
  'fired and canceled before its signature',
  'a watermark raised twice',
  'legs started with the fill of their parent',
  'legs ended with their parent',
  'a leg canceled before its parent was filled',
  'a leg made way for its group',
  'a leg was called off with its OCO',
  'a leg sold what another had left',
  'a time stop sold',
  'two legs of an OCO sold all',
  'an OCO canceled',
  'an OCO ended with some left',
  'a plan sold all',
  'a plan ended with some left',
  'a slice caught up on others',
  'a slice ended with its plan',
  'a slice came too late for its plan',
  'a plan paused and resumed',
  'a leg amended and filled',
  'a launch bought',
  'a launch chosen among those of a creator, and bought',
  'a launch refused by a guard',
]

function happened(outcome: Outcome): string[] {
  const { stored, ledger, sent, acknowledged, byKey, rolledBack, refused, switched } = outcome
  const orders = [...stored.values()]
  const landed = new Set(ledger.map(({ signature }) => signature))
  const signatures = new Set(sent.map(({ signature }) => signature))
  const events = orders.flatMap((order) => order.events)
  const all: readonly (readonly [boolean, string])[] = [
    [ledger.some(({ isReverted }) => isReverted), 'reverted on the chain'],
    [
      events.some(({ kind, data }) => kind === 'retried' && data.includes('swap_expired')),
      'expired and built again',
    ],
    [signatures.size < sent.length, 'sent again'],
    [[...signatures].some((signature) => !landed.has(signature)), 'sent and never landed'],
    [stored.size > acknowledged.length, 'durable, though nobody was told'],
    [[...byKey.values()].some((ids) => ids.length > 1), 'told twice under one key'],
    [orders.some(({ projection }) => projection.attempt === 3), 'third attempt'],
    [rolledBack.some(({ landedAgain }) => landedAgain !== null), 'a fill undone and landed again'],
    [rolledBack.some(({ landedAgain }) => landedAgain === null), 'a fill undone for good'],
    [outcome.fillings.some(({ at }) => isHaltedAt(at, switched)), 'signed before a halt, filled during it'],
    [
      outcome.fillings.some(({ at }) => switched.length > 0 && at > (switched.at(-1)?.at ?? 0)),
      'filled after a halt',
    ],
    ...pricedHappenings(orders),
    ...familyHappenings(orders),
    [[...refused.values()].some(({ key }) => byKey.has(key)), 'refused, and taken later'],
  ]
  return [
    ...[...refused.values()].map(({ limit }) => `refused by ${limit}`),
    ...orders.map(({ projection }) => projection.status),
    ...all.flatMap(([is, name]) => (is ? [name] : [])),
  ]
}

const isExit = ([accepted]: Stored['events']) => accepted?.data.includes('"slippageLadderBps"') === true

/** What befell orders that wait for a price. */
function pricedHappenings(orders: readonly Stored[]): readonly (readonly [boolean, string])[] {
  const some = (is: (kinds: readonly string[], order: Stored) => boolean) =>
    orders.some((order) =>
      is(
        order.events.map(({ kind }) => kind),
        order,
      ),
    )
  const watermarks = ({ events }: Stored) =>
    new Set(events.flatMap(({ data }) => /"watermark":"[^"]+"/.exec(data) ?? []))
  return [
    [
      some((_, { events }) =>
        events.some(({ kind, data }) => kind === 'rested' && data.includes('"failure"')),
      ),
      'a limit rested again after its attempt',
    ],
    [some((_, { events, projection }) => projection.attempt > 1 && isExit(events)), 'an exit tried again'],
    [some((kinds) => kinds.includes('resumed') && kinds.includes('filled')), 'paused, resumed and filled'],
    [some((kinds) => kinds.includes('amended') && kinds.includes('filled')), 'amended and filled'],
    [
      some((kinds) => kinds.includes('rested') && kinds.includes('triggered') && kinds.includes('canceled')),
      'fired and canceled before its signature',
    ],
    [some((_, order) => watermarks(order).size > 1), 'a watermark raised twice'],
  ]
}

const isHaltedAt = (at: number, switched: Outcome['switched']) =>
  switched.findLast((change) => change.at < at)?.state === 'halted'

test('the same seed gives the same events, to the byte', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const [first, again] = [await traceOf(planOf(seed)), await traceOf(planOf(seed))]
    expect(first.length).toBeGreaterThan(20)
    expect(again.join('\n')).toBe(first.join('\n'))
  }
})

test('another seed gives other events', async () => {
  expect(await traceOf(planOf(1))).not.toEqual(await traceOf(planOf(2)))
})

test('a failure is told by the incidents that it needs, and its trace ends with what was broken', async () => {
  // Without a sweep, whatever ring is lost leaves an order open.
  const setting = {
    breakage: {
      ports: (ports: Parameters<NonNullable<Breakage['ports']>>[0]) => ({
        ...ports,
        store: { ...ports.store, overdue: async () => [] },
      }),
    },
  }
  const failure = await firstFailure({ seed: 1, runs: 50, setting })
  const story = failure && (await explain(failure.seed, setting))
  if (story === null) throw new Error('an engine without a sweep leaves no order open')
  const whole = planOf(story.seed).incidents
  expect(story.incidents.length).toBeLessThan(whole.length / 2)
  expect(whole).toEqual(expect.arrayContaining([...story.incidents]))
  expect(story.trace.at(-1)).toContain('never ended')
  expect(describe(story)).toContain(`npm run chaos -- --seed ${story.seed} --runs 1`)
})

test('what is not needed for a failure is left out, down to the last item', async () => {
  const items = Array.from({ length: 100 }, (_, i) => i)
  const needs = [3, 41, 42, 97]
  const fails = async (fewer: readonly number[]) => needs.every((need) => fewer.includes(need))
  expect(await shrink(items, fails)).toEqual(needs)
  expect(await shrink(items, async () => true)).toEqual([])
})
