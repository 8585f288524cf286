// Legs: the orders that an order brings about, what its end does to them, and what they claim of what their group sells.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../../src/domain/amount.ts'
import { evolve, isOpen, legAmount, statuses } from '../../../src/domain/lifecycle.ts'
import type { EventDraft, Order, OrderStatus } from '../../../src/domain/order.ts'
import { type LegTerms, type OrderId, type OrderSpec, parseOrderId } from '../../../src/domain/spec.ts'
import {
  childId,
  claimBetween,
  concernedBy,
  consequencesOf,
  freeFor,
  groupOf,
  hasChildren,
  isSpent,
  legsOf,
  NOTHING_CLAIMED,
  timeOf,
} from '../../../src/domain/triggers/legs.ts'
import {
  drafts,
  EXAMPLE_END,
  exampleExits,
  exampleSpecs,
  limitOf,
  newId,
  ocoOf,
  specOf,
  twapOf,
} from '../../support/orders.ts'

const START = Date.UTC(2026, 0, 1)
const TOTAL = 100_000_000n
/** What the example fill has bought. */
const BOUGHT = drafts.filled.fill.amountOut
const HOUR_MS = 3_600_000

const [takeProfit, stop] = exampleExits as [LegTerms, LegTerms]
const time = exampleExits[2] as Extract<LegTerms, { type: 'timeStop' }>
const limit: LegTerms = { ...asLeg(limitOf()), shareBps: bps(2_500) }

function asLeg({
  type,
  priceOf,
  condition,
  isDefaultExpiry,
  slippageBps,
  limitPrice,
  expiresAt,
}: ReturnType<typeof limitOf>) {
  return { type, priceOf, condition, isDefaultExpiry, slippageBps, limitPrice, expiresAt }
}

/** The order after these events, one every second from the start. */
function live(spec: OrderSpec, ...life: readonly EventDraft[]): Order {
  const drafts: readonly EventDraft[] = [{ kind: 'accepted', spec }, ...life]
  const order = drafts.reduce<Order | null>(
    (before, draft, i) =>
      evolve(before, { ...draft, orderId: spec.orderId, seq: i + 1, attempt: 1, at: START + i * 1_000 }),
    null,
  )
  if (order === null) throw new Error('every life begins')
  return order
}

const { routed, submitted, rested, canceled, expired, failed } = drafts
const fires = (amountIn: bigint): EventDraft => ({
  kind: 'triggered',
  observations: [],
  amountIn: baseUnits(amountIn),
})
const lifeTo = (amountIn = TOTAL): Readonly<Record<OrderStatus, readonly EventDraft[]>> => {
  const fired = fires(amountIn)
  return {
    pending: [],
    routing: [fired],
    building: [fired, routed],
    submitted: [fired, routed, submitted],
    confirmed: [fired, routed, submitted, drafts.filled],
    failed: [fired, failed],
    canceled: [canceled],
    expired: [expired],
  }
}

describe('the id of a child', () => {
  test('is a UUIDv7 of its time, made from its parent and its number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 0, max: 2 ** 47 }), (number, at) => {
        const parent = newId()
        const id = childId(parent, number, at)
        expect(parseOrderId(id)).toBe(id)
        expect(timeOf(id)).toBe(at)
        expect(childId(parent, number, at)).toBe(id)
      }),
    )
  })

  test('is another one for every child of every order', () => {
    const ids = new Set<OrderId>()
    for (let i = 0; i < 50; i += 1) {
      const parent = newId()
      ids.add(parent)
      for (let number = 1; number <= 1_000; number += 1) ids.add(childId(parent, number, timeOf(parent)))
    }
    expect(ids.size).toBe(50 * 1_001)
  })

  test('sorts children behind their parent, by number and by time', () => {
    for (let i = 0; i < 50; i += 1) {
      const parent = newId()
      const at = timeOf(parent)
      const ofOneTime = Array.from({ length: 1_000 }, (_, index) => childId(parent, index + 1, at))
      expect([parent, ...ofOneTime].toSorted()).toEqual([parent, ...ofOneTime])
      const later = childId(parent, 1, at + 1)
      expect(ofOneTime.every((id) => id < later)).toBe(true)
    }
  })
})

describe('the legs of an order', () => {
  test.each(Object.entries(exampleSpecs))('%s: none but of an OCO', (type, make) => {
    expect(legsOf(make())).toHaveLength(type === 'oco' ? 2 : 0)
    expect(hasChildren(make())).toBe(type === 'oco' || type === 'twap')
  })

  test('of an OCO sell what it sells, each its share', () => {
    const spec = ocoOf({ owner: 'ann', constraints: { isUnsplit: true }, clientOrderId: 'mine' })
    const legs = legsOf(spec)
    expect(legs.map(({ amountIn }) => amountIn)).toEqual([TOTAL / 2n, TOTAL])
    for (const [i, leg] of legs.entries()) {
      expect(leg).toMatchObject({
        orderId: childId(spec.orderId, i + 1, timeOf(spec.orderId)),
        owner: 'ann',
        tokenIn: spec.tokenIn,
        tokenOut: spec.tokenOut,
        constraints: { isUnsplit: true },
        clientOrderId: null,
        parent: {
          kind: 'leg',
          orderId: spec.orderId,
          number: i + 1,
          legs: 2,
          shareBps: spec.legs[i]?.shareBps,
          total: TOTAL,
        },
      })
    }
    expect(legs.map(({ type }) => type)).toEqual(['takeProfit', 'stop'])
    expect(legs[0]).toMatchObject({ triggerPrice: '4.5', slippageLadderBps: [300, 1_000, 2_000] })
  })

  test.each<[string, OrderSpec]>([
    ['a market order', specOf({ exits: [limit, stop, time] })],
    ['a limit', limitOf({ exits: [limit, stop, time] })],
  ])('of %s are exits: they sell what it buys, and do not know how much', (_, spec) => {
    const legs = legsOf(spec)
    expect(legs.map(({ type }) => type)).toEqual(['limit', 'stop', 'timeStop'])
    for (const { tokenIn, tokenOut, amountIn, parent } of legs) {
      expect([tokenIn, tokenOut, amountIn]).toEqual([spec.tokenOut, spec.tokenIn, 0n])
      expect(parent).toMatchObject({ legs: 3, total: null })
    }
    // An exit has no exits.
    expect(legs.map((leg) => ('exits' in leg ? leg.exits : 'none'))).toEqual([[], 'none', 'none'])
    expect(legs.some(hasChildren)).toBe(false)
  })
})

describe('the group of an order', () => {
  const spec = ocoOf({ legs: [takeProfit, stop, stop] })
  const [first, second, third] = legsOf(spec) as [OrderSpec, OrderSpec, OrderSpec]

  test('that has legs is its legs', () => {
    expect(groupOf(live(spec))).toEqual([first, second, third].map(({ orderId }) => orderId))
    expect(groupOf(live(specOf()))).toEqual([])
  })

  test('that is a leg is its parent and the legs beside it', () => {
    expect(groupOf(live(second))).toEqual([spec, first, third].map(({ orderId }) => orderId))
  })
})

describe('what the end of an order does to its legs', () => {
  const bracket = specOf({ exits: exampleExits })
  const AT = START + 60_000
  const outcomeOf = (...life: readonly EventDraft[]) => consequencesOf(live(bracket, ...life), AT)

  test.each(statuses.filter((status) => isOpen(live(bracket, ...lifeTo()[status]))))(
    '%s: nothing yet',
    (status) => {
      expect(outcomeOf(...lifeTo()[status])).toEqual([])
    },
  )

  test.each(['failed', 'canceled', 'expired'] as const)('%s: each is canceled by its parent', (status) => {
    const events = outcomeOf(...lifeTo()[status]).map(({ event }) => event)
    expect(events).toEqual(
      legsOf(bracket).map(({ orderId }) => ({
        kind: 'canceled',
        by: 'parent',
        orderId,
        seq: 2,
        attempt: 1,
        at: AT,
      })),
    )
  })

  test('filled: each starts, with its share of what was bought', () => {
    const started = outcomeOf(...lifeTo().confirmed).map(({ before, event }) => evolve(before, event))
    expect(started.map(({ spec }) => spec.amountIn)).toEqual([BOUGHT / 2n, BOUGHT, BOUGHT])
    for (const { status, seq, spec } of started) {
      expect([status, seq]).toEqual(['pending', 2])
      expect(spec.parent).toMatchObject({ total: BOUGHT, legs: 3 })
      expect([spec.tokenIn, spec.tokenOut]).toEqual([bracket.tokenOut, bracket.tokenIn])
    }
  })

  test('what the legs were before is what was stored when they were taken on', () => {
    const [leg] = legsOf(bracket)
    const [consequence] = outcomeOf(...lifeTo().confirmed)
    expect(leg && consequence?.before).toEqual(leg && live(leg))
  })

  test('a share of next to nothing is canceled, and the others start', () => {
    const fill = { ...drafts.filled.fill, amountOut: baseUnits(1n) }
    const events = outcomeOf(fires(TOTAL), routed, submitted, { kind: 'filled', fill }).map(
      ({ event }) => event,
    )
    expect(events.map(({ kind }) => kind)).toEqual(['canceled', 'activated', 'activated'])
  })

  test('an end that was asked for stays, one by default counts from the fill', () => {
    const byDefault: LegTerms = { ...stop, isDefaultExpiry: true, expiresAt: START + 30 * HOUR_MS }
    const spec = specOf({ exits: [stop, byDefault] })
    const [asked, counted] = consequencesOf(live(spec, ...lifeTo().confirmed), AT).map(({ event }) => event)
    expect(asked).toMatchObject({ spec: { expiresAt: EXAMPLE_END } })
    expect(counted).toMatchObject({ spec: { expiresAt: AT + 30 * HOUR_MS } })
  })

  test('the longest hold counts from the fill, and its end by default from there', () => {
    const byDefault: LegTerms = { ...time, isDefaultExpiry: true, expiresAt: START + 30 * HOUR_MS }
    const [hold] = consequencesOf(live(specOf({ exits: [byDefault] }), ...lifeTo().confirmed), AT)
    expect(hold?.event).toMatchObject({
      spec: { type: 'timeStop', fireAt: AT + HOUR_MS, expiresAt: AT + HOUR_MS + 30 * HOUR_MS },
    })
  })

  test('nothing, where they do not wait for it: the legs of an OCO are on their own', () => {
    expect(consequencesOf(live(ocoOf(), canceled), AT)).toEqual([])
    expect(consequencesOf(live(specOf(), ...lifeTo().confirmed), AT)).toEqual([])
    expect(consequencesOf(live(twapOf(), canceled), AT)).toEqual([])
  })
})

const legOf = (shareBps: number | null, total: bigint | null = TOTAL): OrderSpec => {
  const of = shareBps === null ? null : bps(shareBps)
  const place = { legs: 3, shareBps: of, total: total === null ? null : baseUnits(total) }
  const parent = { kind: 'leg', orderId: newId(), number: 2, ...place } as const
  return { ...specOf({ amountIn: legAmount(place) }), parent }
}
const groupWith = (claimed: bigint, spent = 0n) => ({ claimed: baseUnits(claimed), spent: baseUnits(spent) })

describe('what a leg may sell now', () => {
  test.each<[string, number | null, bigint, bigint]>([
    ['all, where nothing is claimed', null, 0n, TOTAL],
    ['its share, where nothing is claimed', 3_000, 0n, 30_000_000n],
    ['its share, as long as that is left', 3_000, 70_000_000n, 30_000_000n],
    ['what is left of its share', 3_000, 70_000_001n, 29_999_999n],
    ['what is left of all', null, 99_999_999n, 1n],
    ['nothing, once all is claimed', null, TOTAL, 0n],
    ['nothing of its share, once all is claimed', 3_000, TOTAL, 0n],
    ['nothing, however much is claimed', null, TOTAL + 1n, 0n],
  ])('%s', (_, shareBps, claimed, free) => {
    expect(freeFor(legOf(shareBps), groupWith(claimed))).toBe(free)
  })

  test('is nothing before its parent is filled, and all for an order outside of a group', () => {
    expect(freeFor(legOf(null, null), NOTHING_CLAIMED)).toBe(0n)
    expect(freeFor(specOf(), groupWith(TOTAL))).toBe(TOTAL)
  })

  test('of legs that claim one after the other never makes more than the total, and all where one takes the rest', () => {
    const shares = fc.array(fc.integer({ min: 1, max: 10_000 }), { maxLength: 9 })
    fc.assert(
      fc.property(shares, fc.bigInt(1n, 2n ** 64n - 1n), (of, total) => {
        let claimed = 0n
        for (const each of [...of, null]) claimed += freeFor(legOf(each, total), groupWith(claimed))
        expect(claimed).toBe(total)
      }),
    )
  })

  test('a group is spent once all is sold, not once it is claimed', () => {
    const place = { legs: 2, shareBps: null, total: baseUnits(TOTAL) }
    expect(isSpent(place, groupWith(TOTAL, TOTAL - 1n))).toBe(false)
    expect(isSpent(place, groupWith(TOTAL, TOTAL))).toBe(true)
    expect(isSpent({ ...place, total: null }, groupWith(0n))).toBe(false)
  })
})

describe('what a move of a leg claims', () => {
  const spec = legOf(null)
  const groupId = spec.parent?.orderId as OrderId
  const in_ = (status: OrderStatus) => live(spec, ...lifeTo()[status])
  /** Claimed and spent by a leg in each status. */
  const claims: Readonly<Record<OrderStatus, readonly [bigint, bigint]>> = {
    pending: [0n, 0n],
    routing: [TOTAL, 0n],
    building: [TOTAL, 0n],
    submitted: [TOTAL, 0n],
    confirmed: [TOTAL, TOTAL],
    failed: [0n, 0n],
    canceled: [0n, 0n],
    expired: [0n, 0n],
  }
  const open: readonly OrderStatus[] = ['pending', 'routing', 'building', 'submitted']

  for (const from of open) {
    test.each(statuses)(`from ${from} to %s`, (to) => {
      const [claimed, spent] = [claims[to][0] - claims[from][0], claims[to][1] - claims[from][1]]
      const ends = !open.includes(to)
      const isNothing = claimed === 0n && spent === 0n && !ends
      const needs = claimed > 0n ? 'fits' : 'nothing'
      expect(claimBetween(in_(from), in_(to))).toEqual(
        isNothing ? null : { groupId, total: TOTAL, claimed, spent, ends, needs },
      )
    })
  }

  test('less than its share has to be all that is left', () => {
    const fired = live(spec, fires(40_000_000n))
    expect(claimBetween(live(spec), fired)).toMatchObject({ claimed: 40_000_000n, needs: 'rest' })
    const part = legOf(2_500)
    expect(claimBetween(live(part), live(part, fires(25_000_000n)))).toMatchObject({ needs: 'fits' })
    expect(claimBetween(live(part), live(part, fires(24_999_999n)))).toMatchObject({ needs: 'rest' })
  })

  test('is given back whole, whatever it was', () => {
    const fired = [fires(40_000_000n), routed] as const
    const change = { claimed: -40_000_000n, spent: 0n, needs: 'nothing' }
    expect(claimBetween(live(spec, ...fired), live(spec, ...fired, rested))).toMatchObject(change)
    expect(claimBetween(live(spec, ...fired), live(spec, ...fired, canceled))).toMatchObject(change)
  })

  test('is nothing before its parent is filled, and for an order outside of a group', () => {
    const dormant = legOf(null, null)
    expect(claimBetween(live(dormant), live(dormant, canceled))).toBeNull()
    expect(claimBetween(live(dormant), live(dormant, { kind: 'activated', spec }))).toBeNull()
    const plain = specOf()
    for (const life of Object.values(lifeTo()))
      expect(claimBetween(live(plain), live(plain, ...life))).toBeNull()
  })

  test('the cancel of the whole claims all, if nothing is under way; its other ends claim nothing', () => {
    const oco = ocoOf()
    expect(claimBetween(live(oco), live(oco, canceled))).toEqual({
      groupId: oco.orderId,
      total: TOTAL,
      claimed: 0n,
      spent: 0n,
      ends: false,
      needs: 'idle',
    })
    for (const end of [drafts.completed, expired, rested]) {
      expect(claimBetween(live(oco), live(oco, end))).toBeNull()
    }
  })
})

describe('which other orders an event concerns', () => {
  const spec = legOf(null)
  const concerned = (of: OrderSpec, before: readonly EventDraft[], ...event: readonly EventDraft[]) =>
    concernedBy(live(of, ...before), live(of, ...before, ...event))
  const group = groupOf(live(spec))

  test('those of a group, once a leg gives back, sells, or ends', () => {
    const fired = [fires(TOTAL), routed]
    expect(concerned(spec, fired, rested)).toEqual(group)
    expect(concerned(spec, fired, canceled)).toEqual(group)
    expect(concerned(spec, [...fired, submitted], drafts.filled)).toEqual(group)
    expect(concerned(spec, [], expired)).toEqual(group)
  })

  test('none, while a leg fires or goes on', () => {
    expect(concerned(spec, [], fires(TOTAL))).toEqual([])
    expect(concerned(spec, [fires(TOTAL)], routed)).toEqual([])
    expect(concerned(spec, [fires(TOTAL), routed, submitted], drafts.retried)).toEqual([])
    expect(concerned(spec, [], rested)).toEqual([])
  })

  test('a leg itself, once it starts with its parent', () => {
    const dormant = legOf(null, null)
    expect(
      concerned(dormant, [], { kind: 'activated', spec: { ...spec, orderId: dormant.orderId } }),
    ).toEqual([dormant.orderId])
    expect(concerned(dormant, [], canceled)).toEqual([])
  })

  test('the legs of an OCO, once it ends', () => {
    const oco = ocoOf()
    for (const end of [canceled, expired, drafts.completed]) {
      expect(concerned(oco, [], end)).toEqual(legsOf(oco).map(({ orderId }) => orderId))
    }
    expect(concerned(oco, [], rested)).toEqual([])
  })

  test('a plan, once a slice of it ends', () => {
    const parent = { kind: 'slice', orderId: newId(), number: 1, endsAt: EXAMPLE_END } as const
    const slice = specOf({ parent })
    expect(concerned(slice, [fires(TOTAL)], failed)).toEqual([parent.orderId])
    expect(concerned(slice, [fires(TOTAL), routed, submitted], drafts.filled)).toEqual([parent.orderId])
    expect(concerned(slice, [], fires(TOTAL))).toEqual([])
  })

  test('none, of an order by itself', () => {
    expect(concerned(specOf(), [], canceled)).toEqual([])
    expect(concerned(specOf({ exits: [stop] }), [], canceled)).toEqual([])
  })
})
