// Placing as a command, whatever asks for it: what is denied writes nothing, what is placed is durable before it is rung for.
import { describe, expect, test } from 'vitest'
import { type OrderToPlace, type PlaceDeps, placeOrder } from '../../src/commands/placeOrder.ts'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import { StoreUnavailable } from '../../src/domain/ports/sql.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import type { LegTerms, MarketSpec, OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { unlaunched } from '../../src/domain/token.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import type { Sight, SightRequest } from '../../src/domain/triggers/verdict.ts'
import {
  exampleExits,
  filterOf,
  limitOf,
  newId,
  ocoOf,
  sniperOf,
  specOf,
  stopOf,
  tokenCalled,
  trailingStopOf,
  twapOf,
} from '../support/orders.ts'
import { openMemoryStore } from './support.ts'

const A = tokenCalled('A')
const B = tokenCalled('B')

/** An engine that takes orders, and what it was asked to do. */
function openPlacing(more: Partial<PlaceDeps> = {}, quotas: KeyQuotas = {}) {
  const store = openMemoryStore(quotas)
  const steps: string[] = []
  const faults: unknown[] = []
  const deps: PlaceDeps = {
    store,
    sightOf: async () => ({ kind: 'unseen', blocker: 'no_price', detail: 'nothing is seen' }),
    heavyImpactOf: async () => null,
    maxRestingOrders: 10,
    writability: { isWritable: () => true },
    queue: {
      isAvailable: () => true,
      async ring(id) {
        steps.push(`ring ${(await store.load(id)) === null ? 'for nothing' : 'for a durable order'}`)
      },
    },
    trading: { state: () => ({ state: 'active', changedAt: null, changedBy: null }) },
    observe: { fault: (_part, error) => void faults.push(error) },
    async admit(write) {
      steps.push('admit')
      return write()
    },
    ...more,
  }
  return { store, deps, steps, faults }
}

const wanted = (more: Partial<OrderToPlace> & { readonly spec?: OrderSpec } = {}): OrderToPlace => ({
  spec: specOf(),
  idempotencyKey: null,
  quotas: null,
  consent: { onImmediate: null, acceptOffMarket: false, acceptImpact: false },
  ...more,
})
const countOf = async ({ list }: ReturnType<typeof openMemoryStore>) =>
  (await list({ ...filterOf('local'), before: null, limit: 99 })).length

describe('an order that is taken on', () => {
  test('is admitted, durable, and only then rung for', async () => {
    const { store, deps, steps } = openPlacing()
    const order = wanted()
    expect(await placeOrder(order, deps)).toMatchObject({
      kind: 'placed',
      order: { status: 'pending', seq: 1, spec: { orderId: order.spec.orderId } },
      rate: null,
    })
    expect(await store.load(order.spec.orderId)).not.toBeNull()
    await Promise.resolve()
    expect(steps).toEqual(['admit', 'ring for a durable order'])
  })

  test('stays placed when its ring fails; the fault is reported', async () => {
    const fault = new Error('no queue')
    const queue = { isAvailable: () => true, ring: () => Promise.reject(fault) }
    const { deps, faults } = openPlacing({ queue })
    expect(await placeOrder(wanted(), deps)).toMatchObject({ kind: 'placed' })
    await Promise.resolve()
    expect(faults).toEqual([fault])
  })

  test('reports where its key stands in its orders per minute', async () => {
    const quotas = { ordersPerMinute: 3 }
    const { deps } = openPlacing({}, quotas)
    await placeOrder(wanted({ quotas }), deps)
    expect(await placeOrder(wanted({ quotas }), deps)).toMatchObject({ kind: 'placed', rate: { recent: 2 } })
  })
})

describe('the same order again', () => {
  test.each(['idempotencyKey', 'clientOrderId'] as const)(
    'under one %s is a replay of the first and not rung for',
    async (key) => {
      const { deps, steps } = openPlacing()
      const again = () =>
        key === 'clientOrderId'
          ? wanted({ spec: specOf({ clientOrderId: 'slice-1' }) })
          : wanted({ idempotencyKey: 'k' })
      const first = again()
      await placeOrder(first, deps)
      expect(await placeOrder(again(), deps)).toMatchObject({
        kind: 'replayed',
        order: { spec: { orderId: first.spec.orderId } },
      })
      expect(steps.filter((step) => step.startsWith('ring'))).toHaveLength(1)
    },
  )

  test.each<Partial<MarketSpec>>([
    { amountIn: baseUnits(1n) },
    { slippageBps: bps(1) },
    { tokenIn: B, tokenOut: A },
    { clientOrderId: 'another' },
    { constraints: { venues: ['raydium'] } },
    { constraints: { maxPriceImpactBps: 10 } },
    { constraints: { isUnsplit: true } },
  ])('with another spec is a conflict: %o', async (more) => {
    const { store, deps } = openPlacing()
    await placeOrder(wanted({ idempotencyKey: 'k' }), deps)
    const other = wanted({ idempotencyKey: 'k', spec: specOf(more) })
    expect(await placeOrder(other, deps)).toEqual({ kind: 'conflict', key: 'idempotencyKey', rate: null })
    expect(await countOf(store)).toBe(1)
  })

  test('under another id is a replay', async () => {
    const { deps } = openPlacing()
    await placeOrder(wanted({ idempotencyKey: 'k' }), deps)
    const other = wanted({ idempotencyKey: 'k', spec: specOf({ orderId: newId() }) })
    expect(await placeOrder(other, deps)).toMatchObject({ kind: 'replayed' })
  })
})

describe('quotas of the key', () => {
  test.each<[CaseName: string, quotas: KeyQuotas, breaches: readonly object[]]>([
    ['a token that is not listed', { tokens: [A.mint] }, [{ kind: 'token', field: 'tokenOut', token: B }]],
    ['a token sold without a bound', { perDay: {} }, [{ kind: 'token', field: 'tokenIn', token: A }]],
    [
      'more than one order may sell',
      { perOrder: { [A.mint]: '99999999' } },
      [{ kind: 'notional', most: 99_999_999n, token: A }],
    ],
    [
      'both, the tokens first',
      { tokens: [A.mint], perOrder: { [A.mint]: '1' } },
      [
        { kind: 'token', field: 'tokenOut', token: B },
        { kind: 'notional', most: 1n, token: A },
      ],
    ],
  ])('broken whatever other orders there are: %s', async (_name, quotas, breaches) => {
    const { store, deps, steps } = openPlacing({}, quotas)
    expect(await placeOrder(wanted({ quotas }), deps)).toEqual({
      kind: 'denied',
      denial: { reason: 'quotas_broken', breaches },
    })
    expect(steps).toEqual([])
    expect(await countOf(store)).toBe(0)
  })

  test('a loss is bounded for entries, which sell only what is named; exits sell anything', async () => {
    const quotas = { maxLossPerDay: { [B.mint]: '1' } }
    const { deps } = openPlacing({}, quotas)
    expect(await placeOrder(wanted({ quotas }), deps)).toMatchObject({
      denial: { breaches: [{ kind: 'token', field: 'tokenIn', token: A }] },
    })
    expect(await placeOrder(wanted({ quotas, spec: stopOf() }), deps)).toMatchObject({ kind: 'placed' })
  })

  test('a key that may buy listed tokens only may not buy whatever a creator launches', async () => {
    const quotas = { tokens: [A.mint, B.mint] }
    const { deps } = openPlacing({}, quotas)
    const spec = sniperOf({ creator: 'maker', tokenOut: unlaunched('maker') })
    expect(await placeOrder(wanted({ quotas, spec }), deps)).toMatchObject({
      denial: { breaches: [{ kind: 'token', field: 'creator' }] },
    })
  })

  test('exactly the most is allowed', async () => {
    const quotas = { perOrder: { [A.mint]: '100000000' } }
    const { deps } = openPlacing({}, quotas)
    expect(await placeOrder(wanted({ quotas }), deps)).toMatchObject({ kind: 'placed' })
  })

  test('exceeded by other orders, the outcome names the quota and the rate', async () => {
    const quotas = { ordersPerMinute: 1 }
    const { store, deps } = openPlacing({}, quotas)
    await placeOrder(wanted({ quotas }), deps)
    expect(await placeOrder(wanted({ quotas }), deps)).toMatchObject({
      kind: 'exceeded',
      limit: 'ordersPerMinute',
      rate: { recent: 1 },
    })
    expect(await countOf(store)).toBe(1)
  })
})

describe('an engine that takes no orders denies one before any write', () => {
  const halted = { state: () => ({ state: 'halted', changedAt: 1, changedBy: 'ops' }) as const }
  const noQueue = { isAvailable: () => false, ring: async () => {} }
  const notWritable = { isWritable: () => false }
  test.each<[reason: string, more: Partial<PlaceDeps>]>([
    ['trading_halted', { trading: halted, queue: noQueue, writability: notWritable }],
    ['store_not_writable', { queue: noQueue, writability: notWritable }],
    ['queue_unavailable', { queue: noQueue }],
  ])('%s', async (reason, more) => {
    const { store, deps, steps } = openPlacing(more)
    expect(await placeOrder(wanted(), deps)).toEqual({ kind: 'denied', denial: { reason } })
    expect(steps).toEqual([])
    expect(await countOf(store)).toBe(0)
  })
})

test('while only entries are halted, exits are placed', async () => {
  const entriesHalted = {
    state: () => ({ state: 'entries_halted', changedAt: 1, changedBy: 'ops' }) as const,
  }
  const { deps } = openPlacing({ trading: entriesHalted })
  const denial = { reason: 'trading_halted' }
  for (const spec of [specOf(), limitOf()]) {
    expect(await placeOrder(wanted({ spec }), deps)).toEqual({ kind: 'denied', denial })
  }
  for (const spec of [stopOf(), trailingStopOf(), stopOf({ type: 'takeProfit' })]) {
    expect(await placeOrder(wanted({ spec }), deps)).toMatchObject({ kind: 'placed' })
  }
})

describe('a family at this market', () => {
  /** What the market pays for 1 A, in thousandths of a B; sources are asked for by name. */
  const paying = (milliB: number, unknown: readonly string[] = []) => ({
    sightOf: async ({ condition, amountIn, tokenIn }: SightRequest): Promise<Sight> => {
      if (unknown.includes(condition.source)) {
        return { kind: 'unseen', blocker: 'unknown_source', detail: 'no pool has that address' }
      }
      const amountOut = tokenIn === A ? amountIn * BigInt(milliB) : (amountIn * 1n) / BigInt(milliB)
      const observation = { source: condition.source, slot: 1, at: 0, amountOut: baseUnits(amountOut) }
      return { kind: 'seen', observation }
    },
  })
  const [up, down, time] = exampleExits as [LegTerms, LegTerms, LegTerms]
  const limit = { ...down, ...limitLeg() } as LegTerms
  const from = (leg: LegTerms, source: string): LegTerms => ({
    ...leg,
    condition: { ...leg.condition, source },
  })

  function limitLeg() {
    const { type, limitPrice } = limitOf({ limitPrice: '3' })
    return { type, limitPrice }
  }

  const placing = async (spec: OrderSpec, milliB: number, unknown?: readonly string[]) => {
    const { store, deps } = openPlacing(paying(milliB, unknown))
    const outcome = await placeOrder(wanted({ spec }), deps)
    return { outcome, count: await countOf(store) }
  }

  test.each<[string, OrderSpec]>([
    ['an OCO', ocoOf()],
    ['a bracket', specOf({ exits: [exitAt(up, '0.26'), exitAt(down, '0.24'), time] })],
    ['a limit with exits', limitOf({ limitPrice: '3.9', exits: [exitAt(up, '0.26'), exitAt(down, '0.24')] })],
    ['a TWAP', twapOf()],
  ])('%s that makes sense is placed with its legs', async (_, spec) => {
    const { outcome, count } = await placing(spec, 4_000)
    expect(outcome).toMatchObject({ kind: 'placed' })
    expect(count).toBe(1 + legsOf(spec).length)
  })

  /** The leg at another price. */
  function exitAt(leg: LegTerms, triggerPrice: string): LegTerms {
    return { ...leg, triggerPrice } as LegTerms
  }

  test.each<[string, OrderSpec, string, string]>([
    [
      'an OCO leg that would fire',
      ocoOf({ legs: [up, exitAt(down, '4.2')] }),
      'legs.1.trigger',
      'would_fire_at_once',
    ],
    ['an OCO leg at a limit far off', ocoOf({ legs: [limit, down] }), 'legs.0.limitPrice', 'off_market'],
    [
      'an OCO leg from nowhere',
      ocoOf({ legs: [from(up, 'nowhere'), down] }),
      'legs.0.trigger.source',
      'unknown_source',
    ],
    [
      'an exit above what is bought for',
      specOf({ exits: [exitAt(up, '0.26'), exitAt(down, '0.26')] }),
      'exits.1.trigger',
      'would_fire_at_once',
    ],
    [
      'a take-profit below it',
      specOf({ exits: [exitAt(up, '0.24'), exitAt(down, '0.2')] }),
      'exits.0.trigger',
      'would_fire_at_once',
    ],
    [
      'an exit above the limit of its entry',
      limitOf({ limitPrice: '3.9', exits: [exitAt(down, '0.257')] }),
      'exits.0.trigger',
      'would_fire_at_once',
    ],
    [
      'an exit from nowhere',
      specOf({ exits: [exitAt(up, '0.26'), from(exitAt(down, '0.2'), 'nowhere')] }),
      'exits.1.trigger.source',
      'unknown_source',
    ],
    [
      'an entry that is off the market, before its exits',
      limitOf({ limitPrice: '3', exits: [exitAt(down, '9')] }),
      'limitPrice',
      'off_market',
    ],
  ])('%s denies the whole, by its place, and nothing is written', async (_, spec, field, code) => {
    const { outcome, count } = await placing(spec, 4_000, ['nowhere'])
    expect(outcome).toMatchObject({ kind: 'denied', denial: { reason: 'market', field, code } })
    expect(count).toBe(0)
  })

  test('with consent, legs may fire at once', async () => {
    const { deps } = openPlacing(paying(4_000))
    const spec = ocoOf({ legs: [up, exitAt(down, '4.2')] })
    const consent = { onImmediate: 'fire', acceptOffMarket: false, acceptImpact: false } as const
    expect(await placeOrder(wanted({ spec, consent }), deps)).toMatchObject({ kind: 'placed' })
  })

  test('exits of a share that is no unit, of an amount that is hardly one, are no fault', async () => {
    const spec = specOf({ amountIn: baseUnits(1n), exits: [{ ...exitAt(down, '0.2'), shareBps: bps(1) }] })
    expect((await placing(spec, 4_000)).outcome).toMatchObject({ kind: 'placed' })
  })

  test('exits of an entry that asks for more than there can be of a token are no fault', async () => {
    const spec = limitOf({ limitPrice: '9'.repeat(30), exits: [exitAt(down, '0.2')] })
    expect((await placing(spec, 4_000)).outcome).toMatchObject({ kind: 'placed' })
  })

  test('where nothing is seen, a family is placed', async () => {
    for (const spec of [ocoOf(), specOf({ exits: exampleExits })]) {
      expect(await placeOrder(wanted({ spec }), openPlacing().deps)).toMatchObject({ kind: 'placed' })
    }
  })

  test('a repeat stands for its order, whatever the market does by now', async () => {
    const store = openMemoryStore()
    const again = () => wanted({ spec: ocoOf(), idempotencyKey: 'k' })
    const first = again()
    expect(await placeOrder(first, openPlacing({ store, ...paying(4_000) }).deps)).toMatchObject({
      kind: 'placed',
    })
    const { orderId } = first.spec
    expect(await placeOrder(again(), openPlacing({ store, ...paying(3_000) }).deps)).toMatchObject({
      kind: 'replayed',
      order: { spec: { orderId } },
    })
    expect(await countOf(store)).toBe(3)
  })
})

test('what admission throws reaches the caller, and nothing is written', async () => {
  const overload = new Error('overloaded')
  const { store, deps } = openPlacing({ admit: () => Promise.reject(overload) })
  await expect(placeOrder(wanted(), deps)).rejects.toBe(overload)
  expect(await countOf(store)).toBe(0)
})

describe('a store that does not answer', () => {
  const failing = (error: Error) => {
    const rung: OrderId[] = []
    const reject = () => Promise.reject(error)
    const queue = { isAvailable: () => true, ring: async (id: OrderId) => void rung.push(id) }
    return { rung, ...openPlacing({ store: { ...openMemoryStore(), create: reject }, queue }) }
  }

  test('leaves it unknown whether the order exists', async () => {
    const { deps, rung } = failing(new StoreUnavailable())
    expect(await placeOrder(wanted(), deps)).toEqual({ kind: 'unknown' })
    expect(rung).toEqual([])
  })

  test('is no defect: that is thrown', async () => {
    const { deps } = failing(new Error('a defect'))
    await expect(placeOrder(wanted(), deps)).rejects.toThrow('a defect')
  })
})
