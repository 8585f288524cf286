// Changing an order as a command: its terms, pause and resume, until it is submitted; a lost race is looked at again.
import { describe, expect, test } from 'vitest'
import { amendOrder, type Change } from '../../src/commands/amendOrder.ts'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import { mayFollow } from '../../src/domain/lifecycle.ts'
import type { EventDraft } from '../../src/domain/order.ts'
import type { OrderLog, OrderStore } from '../../src/domain/ports/orders.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { drafts, newId, ocoOf, specOf, timeStopOf, twapOf } from '../support/orders.ts'
import { END, limitOf, START, seenAt, stopOf, takeProfitOf, trailingOf } from '../support/restingSpecs.ts'
import { openMemoryStore } from './support.ts'

const { routed, submitted, filled, canceled, expired } = drafts
const triggered: EventDraft = {
  kind: 'triggered',
  observations: [seenAt(1, 4_000)],
  amountIn: limitOf().amountIn,
}
const rested: EventDraft = {
  kind: 'rested',
  reason: { code: 'price_moved', detail: 'the price has walked away' },
  wakeAt: START + 1_000,
  memory: {
    watermark: '4.05',
    failures: '2',
    charged: '1',
    notBefore: '2026-01-01T00:00:01.000Z',
    fired: 'true',
  },
}
const paused: EventDraft = { kind: 'paused', by: 'local', memory: {} }

const PAUSE: Change = { kind: 'pause' }
const RESUME: Change = { kind: 'resume' }
const LOWER: Change = { kind: 'amend', terms: { limitPrice: '3.9' } }

async function openLog(store: OrderStore, id: OrderId): Promise<OrderLog> {
  const [log] = await store.open([id])
  if (log === undefined) throw new Error('the order exists')
  return log
}

/** A store with one order that has lived through these events, and what changing it needs and does. */
async function storeWith(spec: OrderSpec, life: readonly EventDraft[] = []) {
  const store = openMemoryStore()
  await store.create({ spec, idempotencyKey: null, isLimited: false })
  const id = spec.orderId
  const log = await openLog(store, id)
  for (const draft of life) await log.append(draft)
  const rung: OrderId[] = []
  const faults: unknown[] = []
  const deps = {
    store,
    queue: {
      ring: async (name: OrderId) => {
        rung.push(name)
      },
    },
    observe: {
      fault: (_: string, error: unknown) => {
        faults.push(error)
      },
    },
  }
  const change = (wanted: Change, more: { owner?: string; ifSeq?: number | null; deps?: typeof deps } = {}) =>
    amendOrder(
      { id, owner: more.owner ?? 'local', ifSeq: more.ifSeq ?? null, change: wanted },
      more.deps ?? deps,
    )
  const stored = async () => {
    const found = await store.load(id)
    if (found === null) throw new Error('the order exists')
    return found
  }
  return { store, id, log, deps, rung, faults, change, stored }
}

/** What an amendment comes to after each life; every status an order can be in. */
const cases: readonly (readonly ['changed' | 'too_late', readonly EventDraft[]])[] = [
  ['changed', []],
  ['changed', [rested]],
  ['changed', [paused]],
  ['changed', [triggered]],
  ['changed', [triggered, routed]],
  ['too_late', [triggered, routed, submitted]],
  ['too_late', [triggered, routed, submitted, filled]],
  ['too_late', [canceled]],
  ['too_late', [expired]],
]

for (const [kind, life] of cases) {
  const name = ['accepted', ...life.map((event) => event.kind)].join(', ')

  test(`after ${name} an amendment is ${kind}`, async () => {
    const { log, change, stored, rung, id } = await storeWith(limitOf(), life)
    const { status, seq } = log.order
    expect(mayFollow(log.order, 'amended')).toBe(kind === 'changed')
    expect(await change(LOWER)).toMatchObject(
      kind === 'changed' ? { kind, order: { seq: seq + 1, spec: { limitPrice: '3.9' } } } : { kind, status },
    )
    const { order } = await stored()
    expect(order.status).toBe(kind === 'changed' ? 'pending' : status)
    expect(order.seq).toBe(kind === 'changed' ? seq + 1 : seq)
    expect(order.spec).toMatchObject({ limitPrice: kind === 'changed' ? '3.9' : '4' })
    expect(rung).toEqual(kind === 'changed' ? [id] : [])
  })

  test(`after ${name} a pause is ${kind}`, async () => {
    const { log, change, stored } = await storeWith(limitOf(), life)
    const { status } = log.order
    expect(await change(PAUSE)).toMatchObject(kind === 'changed' ? { kind } : { kind, status })
    expect((await stored()).order).toMatchObject(
      kind === 'changed' ? { status: 'pending', isPaused: true } : { status },
    )
  })
}

describe('pausing', () => {
  test('puts an order to rest until it is resumed, and the log says by whom', async () => {
    const { change, stored } = await storeWith(stopOf(), [triggered, routed])
    expect(await change(PAUSE)).toMatchObject({
      order: { status: 'pending', isPaused: true, resting: { wakeAt: END } },
    })
    expect(await change(RESUME)).toMatchObject({
      order: { status: 'pending', isPaused: false, resting: null },
    })
    const { events } = await stored()
    expect(events.map(({ kind }) => kind).slice(-2)).toEqual(['paused', 'resumed'])
    for (const { data } of events.slice(-2)) expect(JSON.parse(data)).toMatchObject({ by: 'local' })
  })

  test('twice writes one event and rings once', async () => {
    const { change, stored, rung } = await storeWith(stopOf())
    expect(await change(PAUSE)).toMatchObject({ kind: 'changed', order: { seq: 2 } })
    expect(await change(PAUSE)).toMatchObject({ kind: 'changed', order: { seq: 2, isPaused: true } })
    expect((await stored()).events).toHaveLength(2)
    expect(rung).toHaveLength(1)
  })

  test.each<[string, readonly EventDraft[]]>([
    ['has not been paused', [rested]],
    ['is in hand', [triggered, routed]],
  ])('resuming an order that %s changes nothing', async (_, life) => {
    const { change, stored, log, rung } = await storeWith(stopOf(), life)
    expect(await change(RESUME)).toMatchObject({ kind: 'changed', order: { status: log.order.status } })
    expect((await stored()).events).toHaveLength(life.length + 1)
    expect(rung).toEqual([])
  })

  test('keeps what the trigger remembers', async () => {
    const { change } = await storeWith(trailingOf(), [rested])
    await change(PAUSE)
    expect(await change(RESUME)).toMatchObject({ order: { memory: { watermark: '4.05' } } })
  })

  test('outlives an amendment', async () => {
    const { change } = await storeWith(limitOf(), [paused])
    const expiresAt = START + 1_000
    expect(await change({ kind: 'amend', terms: { expiresAt } })).toMatchObject({
      order: { status: 'pending', isPaused: true, resting: { wakeAt: expiresAt } },
    })
  })
})

describe('amending', () => {
  test.each<[string, OrderSpec, Extract<Change, { kind: 'amend' }>['terms'], object]>([
    ['the limit of a limit', limitOf(), { limitPrice: '3.9' }, { limitPrice: '3.9' }],
    ['the trigger of a stop', stopOf(), { triggerPrice: '3.9' }, { triggerPrice: '3.9' }],
    ['the trigger of a takeProfit', takeProfitOf(), { triggerPrice: '5' }, { triggerPrice: '5' }],
    ['a stop, which gets a limit', stopOf(), { limitPrice: '3.7' }, { limitPrice: '3.7' }],
    ['the distance of a trailing stop', trailingOf(), { trailingBps: bps(70) }, { trailingBps: 70 }],
    ['the end', limitOf(), { expiresAt: END - 1 }, { expiresAt: END - 1 }],
    ['the amount, to less', limitOf(), { amountIn: baseUnits(1n) }, { amountIn: 1n }],
    ['the amount, to the same', limitOf(), { amountIn: baseUnits(100_000_000n) }, { amountIn: 100_000_000n }],
    ['the slippage of a limit', limitOf(), { slippageBps: bps(70) }, { slippageBps: 70 }],
    [
      'the slippage of an exit, which caps its ladder',
      stopOf(),
      { slippageBps: bps(500) },
      { slippageBps: 500, slippageLadderBps: [300, 500, 500] },
    ],
    [
      'the slippage of an exit to more, which is a further step',
      stopOf(),
      { slippageBps: bps(3_000) },
      { slippageBps: 3_000, slippageLadderBps: [300, 1_000, 2_000, 3_000] },
    ],
    [
      'the slippage of an exit to the same',
      stopOf(),
      { slippageBps: bps(2_000) },
      { slippageBps: 2_000, slippageLadderBps: [300, 1_000, 2_000] },
    ],
    [
      'several terms at once',
      stopOf(),
      { triggerPrice: '3.9', limitPrice: '3.7', amountIn: baseUnits(7n) },
      { triggerPrice: '3.9', limitPrice: '3.7', amountIn: 7n },
    ],
  ])('%s leaves all the rest', async (_, spec, terms, changed) => {
    const { change, stored } = await storeWith(spec, [rested])
    expect(await change({ kind: 'amend', terms })).toMatchObject({ kind: 'changed' })
    const { order } = await stored()
    expect(order.spec).toEqual({ ...spec, ...changed })
    expect(order).toMatchObject({ status: 'pending', resting: null, isPaused: false })
  })

  test('of the trigger forgets what was tried, and keeps the best price and what was paid so far', async () => {
    const { change, stored } = await storeWith(trailingOf(), [rested])
    await change({ kind: 'amend', terms: { trailingBps: bps(70) } })
    expect((await stored()).order.memory).toEqual({ watermark: '4.05', charged: '1' })
  })

  test('of an exit that has fired, but not of its trigger, leaves it fired', async () => {
    const triggered: EventDraft = { kind: 'triggered', observations: [], amountIn: limitOf().amountIn }
    for (const change of [{ kind: 'amend', terms: { slippageBps: bps(3_000) } }, PAUSE] as const) {
      const exit = await storeWith(stopOf(), [triggered])
      await exit.change(change)
      expect((await exit.stored()).order.memory).toEqual({ fired: 'true' })
      const limit = await storeWith(limitOf(), [triggered])
      await limit.change(change)
      expect((await limit.stored()).order.memory).toEqual({})
    }
    const retriggered = await storeWith(stopOf(), [triggered])
    await retriggered.change({ kind: 'amend', terms: { triggerPrice: '3.5' } })
    expect((await retriggered.stored()).order.memory).toEqual({})
  })

  test.each<[string, OrderSpec, Extract<Change, { kind: 'amend' }>['terms'], readonly string[]]>([
    ['a limit has no trigger', limitOf(), { triggerPrice: '3.9' }, ['triggerPrice']],
    ['a limit has no distance', limitOf(), { trailingBps: bps(7) }, ['trailingBps']],
    ['a stop has no activation', stopOf(), { activationPrice: '5' }, ['activationPrice']],
    ['a stop has no distance', stopOf(), { trailingBps: bps(7) }, ['trailingBps']],
    ['a trailing stop has no trigger', trailingOf(), { triggerPrice: '3.9' }, ['triggerPrice']],
    [
      'an IOC order has nothing to wait for',
      limitOf({ expiresAt: null }),
      { expiresAt: END },
      ['timeInForce'],
    ],
    ['an amount only shrinks', limitOf(), { amountIn: baseUnits(100_000_001n) }, ['amountIn']],
    [
      'one term that does not fit leaves the others undone',
      stopOf(),
      { triggerPrice: '3.9', trailingBps: bps(7), amountIn: baseUnits(100_000_001n) },
      ['trailingBps', 'amountIn'],
    ],
  ])('%s', async (_, spec, terms, fields) => {
    const { change, stored, rung } = await storeWith(spec)
    expect(await change({ kind: 'amend', terms })).toEqual({ kind: 'not_amendable', fields })
    expect((await stored()).order).toMatchObject({ seq: 1, spec })
    expect(rung).toEqual([])
  })

  test('a trailing stop takes another activation until it follows the market', async () => {
    const another: Change = { kind: 'amend', terms: { activationPrice: '5' } }
    const waits = await storeWith(trailingOf({ activationPrice: '4.2' }))
    expect(await waits.change(another)).toMatchObject({ order: { spec: { activationPrice: '5' } } })
    const { change } = await storeWith(trailingOf({ activationPrice: '4.2' }), [rested])
    expect(await change(another)).toEqual({ kind: 'not_amendable', fields: ['activationPrice'] })
    const nearer: Change = { kind: 'amend', terms: { trailingBps: bps(70) } }
    expect(await change(nearer)).toMatchObject({ kind: 'changed' })
  })

  test.each([PAUSE, RESUME, LOWER])('a market order takes no $kind', async (change) => {
    const market = await storeWith(specOf())
    expect(await market.change(change)).toEqual({ kind: 'not_amendable', fields: ['type'] })
    expect((await market.stored()).events).toHaveLength(1)
  })
})

describe('a family', () => {
  const leg = { kind: 'leg', orderId: newId(), number: 1, legs: 2, shareBps: null } as const
  const total = limitOf().amountIn
  const started = stopOf({ parent: { ...leg, total } })
  const amend = (terms: Extract<Change, { kind: 'amend' }>['terms']): Change => ({ kind: 'amend', terms })

  test.each([PAUSE, RESUME, amend({ slippageBps: bps(70) })])(
    'an OCO takes no $kind: its legs do',
    async (change) => {
      const oco = await storeWith(ocoOf())
      expect(await oco.change(change)).toEqual({ kind: 'not_amendable', fields: ['type'] })
      expect((await oco.stored()).events).toHaveLength(1)
    },
  )

  test.each([PAUSE, RESUME, amend({ triggerPrice: '3' })])(
    'an exit takes no $kind before its parent is filled',
    async (change) => {
      const dormant = await storeWith(stopOf({ amountIn: baseUnits(0n), parent: { ...leg, total: null } }))
      expect(await dormant.change(change)).toEqual({ kind: 'not_amendable', fields: ['parentId'] })
      expect((await dormant.stored()).events).toHaveLength(1)
    },
  )

  test('a leg takes new prices, a pause, and no amount: that is told by its share', async () => {
    const { change, stored } = await storeWith(started)
    expect(await change(amend({ triggerPrice: '3.6' }))).toMatchObject({
      kind: 'changed',
      order: { spec: { triggerPrice: '3.6', amountIn: total, parent: started.parent } },
    })
    expect(await change(PAUSE)).toMatchObject({ order: { isPaused: true } })
    expect(await change(amend({ amountIn: baseUnits(1n) }))).toEqual({
      kind: 'not_amendable',
      fields: ['amountIn'],
    })
    expect((await stored()).events).toHaveLength(3)
  })

  test('a leg that sells what others have left asks for its whole share again once it is amended', async () => {
    const { deps } = await storeWith(specOf())
    const half = baseUnits(total / 2n)
    const whole = ocoOf({ amountIn: total })
    await deps.store.create({ spec: whole, idempotencyKey: null, isLimited: false })
    const legs = await deps.store.children(whole.orderId)
    for (const { spec } of legs) {
      await (await openLog(deps.store, spec.orderId)).append({ ...drafts.triggered, amountIn: half })
    }
    const id = legs[1]?.spec.orderId ?? newId()
    expect((await deps.store.load(id))?.order.spec.amountIn).toBe(half)
    const change = amend({ slippageBps: bps(3_000) })
    expect(await amendOrder({ id, owner: 'local', ifSeq: null, change }, deps)).toMatchObject({
      order: { status: 'pending', spec: { amountIn: total } },
    })
  })

  test('a time stop takes no price of a trigger', async () => {
    const { change } = await storeWith(timeStopOf({ parent: { ...leg, total } }))
    expect(await change(amend({ triggerPrice: '3' }))).toEqual({
      kind: 'not_amendable',
      fields: ['triggerPrice'],
    })
    expect(await change(amend({ limitPrice: '3' }))).toMatchObject({ kind: 'changed' })
  })

  const memory = { slice: '3', sliceBase: '7', filledInBase: '14', filledOutBase: '28' }
  const placed: EventDraft = { kind: 'rested', reason: null, wakeAt: START, memory }

  test('a TWAP takes a price and a slippage for its slices to come, and goes on where it was', async () => {
    const { change, stored } = await storeWith(twapOf(), [placed])
    expect(await change(amend({ limitPrice: '3.5', slippageBps: bps(70) }))).toMatchObject({
      kind: 'changed',
    })
    const { order } = await stored()
    expect(order).toMatchObject({ spec: { limitPrice: '3.5', slippageBps: 70 }, memory, resting: null })
  })

  test('a TWAP takes no amount, no end and no trigger', async () => {
    const { change } = await storeWith(twapOf(), [placed])
    const terms = { amountIn: baseUnits(1n), expiresAt: END, triggerPrice: '3' }
    expect(await change(amend(terms))).toEqual({ kind: 'not_amendable', fields: Object.keys(terms) })
  })

  test('a TWAP that is paused remembers its slices, and wakes at its end', async () => {
    const spec = twapOf()
    const { change } = await storeWith(spec, [placed])
    const resting = { wakeAt: spec.startAt + spec.durationMs }
    expect(await change(PAUSE)).toMatchObject({ order: { isPaused: true, memory, resting } })
    expect(await change(RESUME)).toMatchObject({ order: { isPaused: false, memory, resting: null } })
  })
})

test('the order of another owner is not found and stays as it is', async () => {
  const { change, stored } = await storeWith(limitOf())
  expect(await change(LOWER, { owner: 'another' })).toEqual({ kind: 'not_found' })
  expect((await stored()).events).toHaveLength(1)
})

test('an order that does not exist is not found', async () => {
  const { deps } = await storeWith(limitOf())
  const wanted = { id: newId(), owner: 'local', ifSeq: null, change: LOWER }
  expect(await amendOrder(wanted, deps)).toEqual({ kind: 'not_found' })
})

describe('with the seq that the client has seen', () => {
  test('it changes the order that is still there', async () => {
    const { change } = await storeWith(limitOf(), [rested])
    expect(await change(LOWER, { ifSeq: 2 })).toMatchObject({ kind: 'changed', order: { seq: 3 } })
  })

  test.each([LOWER, PAUSE, RESUME])('a $kind changes nothing of one that has moved on', async (wanted) => {
    const { change, stored } = await storeWith(limitOf(), [rested])
    expect(await change(wanted, { ifSeq: 1 })).toEqual({ kind: 'moved_on', seq: 2 })
    expect((await stored()).events).toHaveLength(2)
  })

  test('nor of one that has been submitted meanwhile', async () => {
    const { change } = await storeWith(limitOf(), [triggered, routed, submitted])
    expect(await change(LOWER, { ifSeq: 1 })).toEqual({ kind: 'moved_on', seq: 4 })
    expect(await change(LOWER, { ifSeq: 4 })).toEqual({ kind: 'too_late', status: 'submitted' })
  })
})

describe('when a worker is faster', () => {
  /** A store whose logs are moved on by a worker, one event each time, between being read and being appended to. */
  async function racing(worker: EventDraft[]) {
    const with_ = await storeWith(limitOf())
    const { store, id } = with_
    const open = async (ids: readonly OrderId[]) => {
      const logs = await store.open(ids)
      const next = worker.shift()
      if (next !== undefined) await (await openLog(store, id)).append(next)
      return logs
    }
    return { ...with_, deps: { ...with_.deps, store: { ...store, open } } }
  }

  test('it amends what the order has become', async () => {
    const { change, stored, deps, rung } = await racing([triggered, routed])
    expect(await change(LOWER, { deps })).toMatchObject({ kind: 'changed', order: { seq: 4 } })
    expect((await stored()).events.map(({ kind }) => kind)).toEqual([
      'accepted',
      'triggered',
      'routed',
      'amended',
    ])
    expect(rung).toHaveLength(1)
  })

  test('it is too late once the swap is submitted', async () => {
    const { change, stored, deps, rung } = await racing([triggered, routed, submitted])
    expect(await change(LOWER, { deps })).toEqual({ kind: 'too_late', status: 'submitted' })
    expect((await stored()).order).toMatchObject({ status: 'submitted', spec: { limitPrice: '4' } })
    expect(rung).toEqual([])
  })

  test('an order that the client has seen has moved on', async () => {
    const { change, stored, deps } = await racing([triggered])
    expect(await change(LOWER, { deps, ifSeq: 1 })).toEqual({ kind: 'moved_on', seq: 2 })
    expect((await stored()).order.spec).toMatchObject({ limitPrice: '4' })
  })

  test('twenty pauses at once write one event', async () => {
    const { change, stored } = await storeWith(limitOf())
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => change(PAUSE)))
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['changed']))
    expect((await stored()).events).toHaveLength(2)
  })

  test('of two amendments at once neither is lost', async () => {
    const { change, stored } = await storeWith(limitOf())
    await Promise.all([change(LOWER), change({ kind: 'amend', terms: { slippageBps: bps(7) } })])
    expect((await stored()).order.spec).toMatchObject({ limitPrice: '3.9', slippageBps: 7 })
  })
})

test('a ring that is not taken is reported and loses nothing', async () => {
  const { change, deps, faults } = await storeWith(limitOf())
  const failing = { ...deps, queue: { ring: () => Promise.reject(new Error('no queue')) } }
  expect(await change(LOWER, { deps: failing })).toMatchObject({ kind: 'changed' })
  expect(faults).toEqual([new Error('no queue')])
})

test('only a lost race is tried again: a store that does not answer is reported', async () => {
  const { change, deps, log } = await storeWith(limitOf())
  const open = async () => [{ order: log.order, append: () => Promise.reject(new StoreUnavailable()) }]
  const mute = { ...deps, store: { ...deps.store, open } }
  await expect(change(LOWER, { deps: mute })).rejects.toBeInstanceOf(StoreUnavailable)
})
