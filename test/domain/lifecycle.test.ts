import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import { type FailureCode, failureRules } from '../../src/domain/failure.ts'
import {
  endOf,
  evolve,
  IllegalTransition,
  isDormant,
  isOpen,
  isPaused,
  isResting,
  legAmount,
  mayFollow,
  openStatuses,
  statuses,
  transitions,
} from '../../src/domain/lifecycle.ts'
import type { EventDraft, EventKind, Order, OrderEvent, OrderStatus } from '../../src/domain/order.ts'
import type { OrderSpec } from '../../src/domain/spec.ts'
import {
  drafts,
  EXAMPLE_END,
  limitOf,
  newId,
  ocoOf,
  specOf,
  stopOf,
  trailingStopOf,
  twapOf,
  wholeLife,
} from '../support/orders.ts'

const spec = limitOf()
const accepted: EventDraft = { kind: 'accepted', spec }
const lowered = { ...spec, limitPrice: '3.9', expiresAt: EXAMPLE_END - 1 }
const amended = { ...drafts.amended, spec: lowered }
const draftOf: Readonly<Record<EventKind, EventDraft>> = { accepted, ...drafts, amended }

/** The event that follows on `order`, one second later. */
function next(order: Order | null, draft: EventDraft): OrderEvent {
  const attempt = order === null ? 1 : order.attempt + (draft.kind === 'retried' ? 1 : 0)
  const seq = (order?.seq ?? 0) + 1
  return { ...draft, orderId: spec.orderId, seq, attempt, at: seq * 1_000 }
}

function live(...life: readonly EventDraft[]): Order {
  return life.reduce((order, draft) => evolve(order, next(order, draft)), evolve(null, next(null, accepted)))
}

const { triggered, routed, submitted, paused, resumed, rested } = drafts
const inStatus: Readonly<Record<OrderStatus, Order>> = {
  pending: live(),
  routing: live(triggered),
  building: live(triggered, routed),
  submitted: live(triggered, routed, submitted),
  confirmed: live(triggered, routed, submitted, drafts.filled),
  failed: live(triggered, drafts.failed),
  canceled: live(drafts.canceled),
  expired: live(drafts.expired),
}

/** The whole table, written out once more: which event may come in which status. */
const allowed: Readonly<Record<OrderStatus, readonly EventKind[]>> = {
  // Only a paused order can be resumed.
  pending: ['triggered', 'rested', 'paused', 'amended', 'failed', 'canceled', 'expired'],
  routing: ['routed', 'retried', 'rested', 'paused', 'amended', 'failed', 'canceled', 'expired'],
  // A route that is too old to be signed is quoted again.
  building: [
    'routed',
    'submitted',
    'retried',
    'rested',
    'paused',
    'amended',
    'failed',
    'canceled',
    'expired',
  ],
  submitted: ['filled', 'retried', 'rested', 'failed'],
  confirmed: [],
  failed: [],
  canceled: [],
  expired: [],
}
const statusAfter: Readonly<Record<EventKind, OrderStatus>> = {
  accepted: 'pending',
  activated: 'pending',
  triggered: 'routing',
  routed: 'building',
  submitted: 'submitted',
  filled: 'confirmed',
  completed: 'confirmed',
  retried: 'routing',
  rested: 'pending',
  paused: 'pending',
  resumed: 'pending',
  amended: 'pending',
  failed: 'failed',
  canceled: 'canceled',
  expired: 'expired',
}
const kinds = Object.keys(transitions) as EventKind[]

describe('an event in a status', () => {
  for (const status of statuses) {
    for (const kind of kinds) {
      const order = inStatus[status]
      const event = next(order, draftOf[kind])
      if (allowed[status].includes(kind)) {
        test(`${kind} may follow ${status}`, () => {
          expect(evolve(order, event)).toMatchObject({ status: statusAfter[kind], seq: order.seq + 1 })
        })
      } else {
        test(`${kind} may not follow ${status}`, () => {
          expect(() => evolve(order, event)).toThrow(IllegalTransition)
        })
      }
    }
  }

  test.each(kinds.filter((kind) => kind !== 'accepted'))('%s may not be the first', (kind) => {
    expect(() => evolve(null, next(null, draftOf[kind]))).toThrow(IllegalTransition)
  })

  test.each([-1, 0, 2, 3])('may not stand %i after its place', (offset) => {
    const order = inStatus.pending
    const event = next(order, triggered)
    expect(() => evolve(order, { ...event, seq: order.seq + offset })).toThrow(IllegalTransition)
  })
})

describe('a leg whose parent has not been filled', () => {
  const parent = { kind: 'leg', orderId: newId(), number: 1, legs: 2, shareBps: bps(2_500) } as const
  const spec = stopOf({ amountIn: baseUnits(0n), parent: { ...parent, total: null } })
  const begin = (of: OrderSpec) => evolve(null, next(null, { kind: 'accepted', spec: of }))
  const dormant = begin(spec)
  const total = baseUnits(1_000n)
  const started = { ...spec, parent: { ...parent, total }, amountIn: baseUnits(250n) }
  const activated: EventDraft = { kind: 'activated', spec: started }

  test('rests from the start, and no time wakes it', () => {
    expect(isDormant(spec)).toBe(true)
    expect(dormant).toMatchObject({ status: 'pending', resting: { wakeAt: null } })
    expect(isResting(dormant)).toBe(true)
  })

  test.each(kinds)('%s: it starts or is canceled, and nothing else', (kind) => {
    const draft = kind === 'activated' ? activated : draftOf[kind]
    const follow = () => evolve(dormant, next(dormant, draft))
    if (kind === 'activated' || kind === 'canceled') expect(follow()).toMatchObject({ seq: 2 })
    else expect(follow).toThrow(IllegalTransition)
  })

  test('starts with the spec of its event, and waits for a worker', () => {
    const order = evolve(dormant, next(dormant, activated))
    expect(order).toMatchObject({ status: 'pending', resting: null, spec: started, attempt: 1 })
    expect([isDormant(order.spec), isResting(order)]).toEqual([false, false])
  })

  test('starts once, and then as every other order', () => {
    const order = evolve(dormant, next(dormant, activated))
    expect(() => evolve(order, next(order, activated))).toThrow(IllegalTransition)
    expect(evolve(order, next(order, triggered)).status).toBe('routing')
  })
})

describe('a plan', () => {
  const started = (spec: OrderSpec) => evolve(null, next(null, { kind: 'accepted', spec }))
  const allowedOfPlans: readonly EventKind[] = [
    'completed',
    'rested',
    'paused',
    'amended',
    'failed',
    'canceled',
    'expired',
  ]

  for (const make of [ocoOf, twapOf]) {
    const order = started(make())

    test.each(kinds)(`of type ${order.spec.type} in pending: %s`, (kind) => {
      const follow = () => evolve(order, next(order, draftOf[kind]))
      if (allowedOfPlans.includes(kind)) expect(follow().status).toBe(statusAfter[kind])
      else expect(follow).toThrow(IllegalTransition)
    })
  }

  test('that is completed has totals and no swap', () => {
    const order = started(ocoOf())
    const done = evolve(order, next(order, drafts.completed))
    expect(done).toMatchObject({ status: 'confirmed', totals: drafts.completed.totals })
    expect('fill' in done || 'swap' in done).toBe(false)
  })

  test('that expires keeps what it has traded', () => {
    const order = started(twapOf())
    const { totals } = drafts.completed
    expect(evolve(order, next(order, { kind: 'expired', totals }))).toMatchObject({
      status: 'expired',
      totals,
    })
  })

  test('of slices ends by itself at the end of its time, paused or not', () => {
    const spec = twapOf()
    const end = spec.startAt + spec.durationMs
    expect(endOf(spec)).toBe(end)
    const order = started(spec)
    expect(evolve(order, next(order, paused))).toMatchObject({ isPaused: true, resting: { wakeAt: end } })
  })

  test.each([...kinds].filter((kind) => kind !== 'accepted'))(
    'an order of its own is never completed: %s',
    (kind) => {
      const order = inStatus[statusAfter[kind]]
      expect(() => evolve(order, next(order, drafts.completed))).toThrow(IllegalTransition)
    },
  )
})

describe('a leg that fires', () => {
  const parent = { kind: 'leg', orderId: newId(), number: 1, legs: 2, shareBps: null } as const
  const spec = stopOf({ parent: { ...parent, total: baseUnits(100_000_000n) } })
  const part = baseUnits(40_000_000n)
  const fired = (...life: readonly EventDraft[]) =>
    [{ kind: 'accepted', spec } as const, { ...triggered, amountIn: part }, ...life].reduce<Order | null>(
      (order, draft) => evolve(order, next(order, draft)),
      null,
    )

  test('for less than it asked for sells that', () => {
    expect(fired()?.spec).toEqual({ ...spec, amountIn: part })
    expect(fired(routed, submitted)?.spec.amountIn).toBe(part)
    expect(fired(drafts.retried)?.spec.amountIn).toBe(part)
  })

  test.each<EventDraft>([rested, paused, { ...amended, spec: { ...spec, amountIn: part } }])(
    'asks for its whole share again once it is $kind',
    (draft) => {
      expect(fired(routed, draft)?.spec.amountIn).toBe(spec.amountIn)
    },
  )
})

describe('the share of a leg', () => {
  const place = (total: bigint | null, shareBps: number | null) =>
    legAmount({
      legs: 2,
      total: total === null ? null : baseUnits(total),
      shareBps: shareBps === null ? null : bps(shareBps),
    })

  test.each<[bigint | null, number | null, bigint]>([
    [1_000n, 2_500, 250n],
    [1_000n, 10_000, 1_000n],
    [1_000n, null, 1_000n],
    // Rounded up: the last leg takes what is left.
    [1_001n, 5_000, 501n],
    [3n, 3_334, 2n],
    // Less than one unit is none.
    [3n, 3_333, 0n],
    [1n, 9_999, 0n],
    [0n, 5_000, 0n],
    [null, 5_000, 0n],
    [null, null, 0n],
  ])('of %s at %s bps is %s', (total, shareBps, amount) => {
    expect(place(total, shareBps)).toBe(amount)
  })

  test('with the others makes all, where the shares do', () => {
    fc.assert(
      fc.property(fc.bigInt(10_000n, 2n ** 64n - 1n), fc.integer({ min: 1, max: 9_999 }), (total, first) => {
        const sum = place(total, first) + place(total, 10_000 - first)
        expect(sum - total).toBeGreaterThanOrEqual(0n)
        expect(sum - total).toBeLessThanOrEqual(1n)
      }),
    )
  })
})

describe('leaving submitted', () => {
  const byChain: readonly FailureCode[] = [
    'swap_expired',
    'slippage_exceeded',
    'insufficient_funds',
    'fee_budget_spent',
    'swap_reverted',
  ]

  for (const code of Object.keys(failureRules) as FailureCode[]) {
    const failure = { code, detail: '' }
    for (const draft of [
      { ...drafts.retried, failure },
      { ...drafts.failed, failure },
      { ...drafts.rested, reason: failure },
    ]) {
      const isProven = byChain.includes(code)
      test(`by ${draft.kind} with ${code} is ${isProven ? 'allowed: the chain proves it' : 'refused'}`, () => {
        const leave = () => evolve(inStatus.submitted, next(inStatus.submitted, draft))
        if (isProven) expect(leave()).toMatchObject({ status: statusAfter[draft.kind] })
        else expect(leave).toThrow(IllegalTransition)
        // Before anything was sent, any failure may end the attempt.
        expect(evolve(inStatus.building, next(inStatus.building, draft))).toMatchObject({
          status: statusAfter[draft.kind],
        })
      })
    }
  }
})

describe('a rest', () => {
  const { wakeAt, memory } = drafts.rested

  test('spends no attempt, and keeps what the trigger remembers', () => {
    const order = live(triggered, routed, submitted, rested)
    expect(order).toMatchObject({ status: 'pending', attempt: 1, memory, resting: { wakeAt } })
    expect(order.failedAttempts).toEqual([])
    expect(order.enteredAt).toEqual({ pending: order.updatedAt })
    expect(isResting(order)).toBe(true)
  })

  test('ends when the order starts; a new order rests only once its trigger says so', () => {
    expect(isResting(live())).toBe(false)
    expect(isResting(live(rested, triggered))).toBe(false)
  })

  test('is over once the order starts, and what its trigger remembers is not', () => {
    expect(live(rested, triggered, routed, submitted, drafts.retried).memory).toEqual(memory)
    expect(live(rested, { ...rested, memory: {} }).memory).toEqual({})
    expect(live().memory).toEqual({})
  })

  test('of a submitted order takes a proof of the chain', () => {
    const rest = () =>
      evolve(inStatus.submitted, next(inStatus.submitted, { ...drafts.rested, reason: null }))
    expect(rest).toThrow(IllegalTransition)
  })
})

describe('a pause', () => {
  const attempts: readonly (readonly EventDraft[])[] = [[], [rested], [triggered], [triggered, routed]]

  test.each(attempts.map((life) => [['accepted', ...life.map(({ kind }) => kind)].join(', '), life]))(
    'after %s ends what is under way, and rests until the order ends by itself',
    (_name, life) => {
      const order = live(...life, paused)
      expect(order).toMatchObject({ status: 'pending', isPaused: true, resting: { wakeAt: EXAMPLE_END } })
      expect([isPaused(order), isResting(order), order.attempt]).toEqual([true, true, 1])
      expect(order.enteredAt).toEqual({ pending: order.updatedAt })
    },
  )

  test('outlasts looks, amendments and another pause', () => {
    for (const draft of [rested, amended, paused]) expect(isPaused(live(paused, draft))).toBe(true)
  })

  test('of an order that ends by itself at another time now, rests until then', () => {
    expect(live(paused, amended)).toMatchObject({ resting: { wakeAt: lowered.expiresAt } })
  })

  test('ends when the order is resumed: it then waits for a worker, which looks anew', () => {
    const order = live(rested, paused, resumed)
    expect(order).toMatchObject({ status: 'pending', isPaused: false, resting: null })
    expect(order.memory).toEqual(paused.memory)
  })

  test.each([
    ['was never paused', live(rested)],
    ['has been resumed', live(paused, resumed)],
    ['has started', inStatus.routing],
  ])('of an order that %s cannot be resumed', (_name, order) => {
    expect(isPaused(order)).toBe(false)
    expect(() => evolve(order, next(order, resumed))).toThrow(IllegalTransition)
  })
})

describe('an amendment', () => {
  test.each([
    ['pending', live()],
    ['at rest', live(rested)],
    ['routing', inStatus.routing],
    ['building', inStatus.building],
  ])('of an order that is %s is its whole spec from then on, and a worker looks anew', (_name, order) => {
    const after = evolve(order, next(order, { ...amended, memory: { watermark: '4.2' } }))
    expect(after).toMatchObject({ status: 'pending', resting: null, isPaused: false, attempt: 1 })
    expect(after.spec).toEqual(lowered)
    expect(after.memory).toEqual({ watermark: '4.2' })
    expect(order.spec).toEqual(spec)
  })

  test('stays: what follows on it changes no terms', () => {
    expect(live(amended, triggered, routed, submitted, rested).spec).toEqual(lowered)
  })

  test('comes too late once the order is submitted', () => {
    expect(mayFollow(inStatus.building, 'amended')).toBe(true)
    expect(mayFollow(inStatus.submitted, 'amended')).toBe(false)
  })
})

test('an order ends by itself when its spec says so, and only then', () => {
  expect(endOf(specOf())).toBeNull()
  expect(endOf(limitOf({ expiresAt: null }))).toBeNull()
  for (const make of [limitOf, stopOf, trailingStopOf]) expect(endOf(make())).toBe(EXAMPLE_END)
})

describe('an order', () => {
  test('knows its swap only once it is submitted, and its fill only once it is confirmed', () => {
    for (const status of statuses) {
      expect('swap' in inStatus[status]).toBe(status === 'submitted' || status === 'confirmed')
      expect('fill' in inStatus[status]).toBe(status === 'confirmed')
    }
  })

  test('is open until it has ended', () => {
    expect(statuses.filter((status) => isOpen(inStatus[status]))).toEqual([...openStatuses])
  })

  test('keeps every failed attempt, and when each status of the present one began', () => {
    const order = live(...wholeLife)
    expect(order).toMatchObject({ status: 'confirmed', attempt: 2, seq: 8, reachedChain: true })
    expect(order.failedAttempts).toEqual([{ attempt: 1, failure: drafts.retried.failure, at: 5_000 }])
    expect(order.enteredAt).toEqual({ routing: 5_000, building: 6_000, submitted: 7_000 })
    expect([order.createdAt, order.updatedAt]).toEqual([1_000, 8_000])
  })

  test('that retries waits until it may, and has reached the chain if it was ever submitted', () => {
    expect(live(triggered, drafts.retried)).toMatchObject({
      retryAt: drafts.retried.retryAt,
      reachedChain: false,
    })
    expect(live(triggered, routed, submitted, drafts.retried)).toMatchObject({ reachedChain: true })
    expect(live(triggered, routed, submitted, drafts.failed)).toMatchObject({ reachedChain: true })
    expect(inStatus.routing).toMatchObject({ retryAt: null })
  })

  test('ends at most once, however events are thrown at it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 30 }), (attempts) => {
        let order: Order | null = null
        let ends = 0
        for (const kind of ['accepted', ...attempts] as const) {
          try {
            order = evolve(order, next(order, draftOf[kind]))
            if (!isOpen(order)) ends += 1
          } catch (error) {
            if (!(error instanceof IllegalTransition)) throw error
          }
        }
        return ends <= 1 && order !== null && (ends === 1) === !isOpen(order)
      }),
    )
  })

  test('is not changed by what follows on it', () => {
    const before = structuredClone(inStatus.routing)
    evolve(inStatus.routing, next(inStatus.routing, routed))
    expect(inStatus.routing).toEqual(before)
  })
})
