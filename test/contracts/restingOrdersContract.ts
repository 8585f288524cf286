// Owns what every order store must do with orders that wait for a price: which it names, and with which levels.
import { expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { EventDraft } from '../../src/domain/order.ts'
import type { OrderLog, OrderStore } from '../../src/domain/ports/orders.ts'
import type { RestingOrder } from '../../src/domain/ports/restingOrders.ts'
import { EXECUTABLE, type OrderId, type RestingSpec } from '../../src/domain/spec.ts'
import {
  drafts,
  EXAMPLE_END,
  exampleSpecs,
  limitOf,
  newId,
  newOrder,
  restingOrder,
  stopOf,
  trailingStopOf,
} from '../support/orders.ts'
import { appendAll, comparable, created, type StoresUnderTest } from './orderStoreContract.ts'

/** A look after which the order waits on. */
const waits = { ...drafts.rested, reason: null, memory: {}, wakeAt: EXAMPLE_END } as const

const createdAs = (store: OrderStore, spec: RestingSpec) => created(store, restingOrder(spec))

/** An order that waits for its price. */
async function waiting(store: OrderStore, spec: RestingSpec = limitOf(), more: Partial<typeof waits> = {}) {
  const log = await createdAs(store, spec)
  await log.append({ ...waits, ...more })
  return log
}

const idOf = ({ order }: OrderLog): OrderId => order.spec.orderId

async function found(store: OrderStore, log: OrderLog): Promise<RestingOrder | null> {
  const [order = null] = await store.resting.find([idOf(log)])
  return order
}

/** More than there are orders in these tests. */
const ALL = 100_000

export function describeResting(stores: () => StoresUnderTest): void {
  test.each(Object.entries(exampleSpecs))('a %s is read back as it was placed', async (_type, make) => {
    const { store, other } = stores()
    const spec = make()
    const log = await created(store, { spec, idempotencyKey: null, isLimited: false })
    const loaded = await other.load(spec.orderId)
    expect(loaded?.order.spec).toEqual(spec)
    expect(comparable(loaded?.order)).toEqual(comparable(log.order))
  })

  // In base units of B (9 decimals) for one of A (6 decimals): a price of 4 is 4,000.
  const notBefore = Date.UTC(2026, 0, 1, 12)
  const levels: readonly (readonly [
    string,
    RestingSpec,
    Readonly<Record<string, string>>,
    Partial<RestingOrder>,
  ])[] = [
    ['a limit', limitOf(), {}, { above: 4_050, below: null }],
    [
      'a limit by the other token',
      limitOf({ priceOf: 'tokenOut', limitPrice: '0.25' }),
      {},
      { above: 4_000, below: null },
    ],
    ['a stop', stopOf(), {}, { above: null, below: 3_500 }],
    ['a take profit', stopOf({ type: 'takeProfit', triggerPrice: '4.5' }), {}, { above: 4_500, below: null }],
    [
      'a stop that has fired, with a limit',
      stopOf({ limitPrice: '3.25' }),
      { fired: 'true' },
      { above: 3_250, below: null },
    ],
    ['a trailing stop before its first look', trailingStopOf(), {}, { above: 0, below: null }],
    [
      'a trailing stop before its activation',
      trailingStopOf({ activationPrice: '4.25' }),
      {},
      { above: 4_250, below: null },
    ],
    [
      'a trailing stop that follows',
      trailingStopOf({ trailingBps: bps(500) }),
      { watermark: '4' },
      { above: 4_010, below: 3_800 },
    ],
    ['an order that has failed', limitOf(), { notBefore: new Date(notBefore).toISOString() }, { notBefore }],
    [
      'an order with a source',
      stopOf({ condition: { ...stopOf().condition, source: 'raydium' } }),
      {},
      { source: 'raydium' },
    ],
    [
      'an order with constraints',
      limitOf({ constraints: { venues: ['meteora'], isUnsplit: true } }),
      {},
      { constraints: { venues: ['meteora'], isUnsplit: true } },
    ],
  ]
  test.each(levels)(
    'the prices that %s waits for are known to other processes',
    async (_name, spec, memory, expected) => {
      const { store, other } = stores()
      const log = await waiting(store, spec, { memory })
      const order = await found(other, log)
      expect(order).toEqual({
        id: spec.orderId,
        mintIn: spec.tokenIn.mint,
        mintOut: spec.tokenOut.mint,
        source: EXECUTABLE,
        constraints: {},
        amountIn: 100_000_000,
        above: order?.above,
        below: order?.below,
        notBefore: 0,
        ...expected,
      })
    },
  )

  test('an order waits for no price before its first look', async () => {
    const { store } = stores()
    expect(await found(store, await createdAs(store, limitOf()))).toBeNull()
  })

  test('an order that rests for a time alone waits for no price', async () => {
    const { store } = stores()
    const log = await created(store, newOrder())
    await log.append(waits)
    expect(await found(store, log)).toBeNull()
  })

  test('a later look moves the levels', async () => {
    const { store } = stores()
    const log = await waiting(store, trailingStopOf(), { memory: { watermark: '4' } })
    await log.append({ ...waits, memory: { watermark: '5' } })
    expect(await found(store, log)).toMatchObject({ below: 4_750 })
  })

  test('an attempt that ends in a rest waits for the price again', async () => {
    const { store } = stores()
    const log = await waiting(store)
    await appendAll(log, [drafts.triggered, drafts.routed, drafts.submitted, drafts.rested])
    expect(await found(store, log)).toMatchObject({ above: 4_050 })
  })

  test('a rest that ends in the same batch leaves nothing behind', async () => {
    const { store } = stores()
    const log = await createdAs(store, limitOf())
    await appendAll(log, [waits, drafts.triggered, drafts.routed])
    expect(await found(store, log)).toBeNull()
  })

  test('an amended order is found again once it has been looked at, at its new price and amount', async () => {
    const { store } = stores()
    const log = await waiting(store)
    const spec = { ...limitOf({ limitPrice: '3.9' }), orderId: idOf(log) }
    await log.append({ ...drafts.amended, spec, memory: {} })
    expect(await found(store, log)).toBeNull()
    await log.append(waits)
    expect(await found(store, log)).toMatchObject({ above: 3_900 })
  })

  const ends: readonly EventDraft[] = [drafts.triggered, drafts.canceled, drafts.expired, drafts.failed]
  test.each(ends.map((draft) => [draft.kind, draft] as const))('%s ends the wait', async (_kind, draft) => {
    const { store } = stores()
    const log = await waiting(store)
    const rested = await countOf(store)
    await log.append(draft)
    expect(await found(store, log)).toBeNull()
    expect(await countOf(store)).toBe(rested - 1)
  })

  test('an order whose time has come waits for no price until it has been looked at', async () => {
    const { store, clock } = stores()
    const log = await waiting(store, limitOf(), { wakeAt: clock.now() + 60_000 })
    expect(await found(store, log)).not.toBeNull()
    clock.advance(60_000)
    expect(await store.overdue(clock.now(), 1_000)).toContain(idOf(log))
    expect(await found(store, log)).toBeNull()
    await log.append({ ...waits, wakeAt: clock.now() + 60_000 })
    expect(await found(store, log)).not.toBeNull()
  })

  test('a paused order waits for no price, and rests all the same', async () => {
    const { store } = stores()
    const log = await waiting(store)
    const rested = await countOf(store)
    await log.append(drafts.paused)
    expect(await found(store, log)).toBeNull()
    expect(await countOf(store)).toBe(rested)
    await log.append({ ...waits, memory: { watermark: '4' } })
    expect(await found(store, log)).toBeNull()
    await appendAll(log, [drafts.resumed, waits])
    expect(await found(store, log)).toMatchObject({ above: 4_050 })
  })

  test('a paused order ends at its time', async () => {
    const { store, clock } = stores()
    const log = await createdAs(store, limitOf({ expiresAt: clock.now() + 60_000 }))
    await log.append(drafts.paused)
    clock.advance(59_999)
    expect(await store.overdue(clock.now(), 1_000)).not.toContain(idOf(log))
    clock.advance(1)
    expect(await store.overdue(clock.now(), 1_000)).toContain(idOf(log))
  })

  test('only those asked for are found, and none that do not exist', async () => {
    const { store } = stores()
    const [one, another, third] = [await waiting(store), await waiting(store), await waiting(store)]
    const orders = await store.resting.find([idOf(one), idOf(third), limitOf().orderId])
    expect(orders.map(({ id }) => id).toSorted()).toEqual([idOf(one), idOf(third)].toSorted())
    expect(orders.map(({ id }) => id)).not.toContain(idOf(another))
    expect(await store.resting.find([])).toEqual([])
  })

  test('pages hold every order that waits for a price once, in the order of their ids', async () => {
    const { store, other } = stores()
    const logs = [await waiting(store), await waiting(store), await waiting(other), await waiting(store)]
    const timed = await created(store, newOrder())
    await timed.append(waits)
    const seen: OrderId[] = []
    for (let after: OrderId | null = null; ; ) {
      const page: readonly RestingOrder[] = await store.resting.page(after, 3)
      expect(page.length).toBeLessThanOrEqual(3)
      seen.push(...page.map(({ id }) => id))
      after = page.at(-1)?.id ?? null
      if (page.length < 3) break
    }
    expect(seen).toEqual([...new Set(seen)].toSorted())
    expect(seen).toEqual(expect.arrayContaining(logs.map(idOf)))
    expect(seen).not.toContain(idOf(timed))
  })

  test('orders that came to rest just now are recent, and none within no time', async () => {
    const { store, other } = stores()
    const log = await waiting(store)
    const recent = await other.resting.recent(60_000)
    expect(recent).toContainEqual(await found(store, log))
    expect(await other.resting.recent(0)).toEqual([])
  })

  async function countOf({ resting }: OrderStore, most = ALL): Promise<number> {
    // A count is good for a second.
    stores().clock.advance(1_001)
    return resting.count(most)
  }

  test('orders that rest are counted, for whatever they rest, up to a most', async () => {
    const { store, other } = stores()
    const before = await countOf(store)
    await waiting(store)
    const timed = await created(other, newOrder())
    await timed.append(waits)
    expect(await countOf(store)).toBe(before + 2)
    expect(await countOf(other)).toBe(before + 2)
    expect(await countOf(store, 1)).toBe(1)
  })

  test('a count is a second old at worst', async () => {
    const { store, clock } = stores()
    const before = await countOf(store)
    await waiting(store)
    clock.advance(1_000)
    expect(await store.resting.count(ALL)).toBe(before)
    clock.advance(1)
    expect(await store.resting.count(ALL)).toBe(before + 1)
  })

  test('a listener is called with each order whose rest begins, changes or ends, and no other, until it stops', async () => {
    const { store } = stores()
    const [log, working] = [await createdAs(store, trailingStopOf()), await createdAs(store, limitOf())]
    // A process may be given its own hints once more.
    const heard: OrderId[] = []
    const stop = store.resting.onChange((ids) => heard.push(...ids))
    await appendAll(working, [drafts.triggered, drafts.routed])
    const raised = { ...waits, memory: { watermark: '4' } }
    const changes = [waits, raised, drafts.paused, drafts.resumed, waits, drafts.triggered]
    for (const [i, draft] of changes.entries()) {
      await log.append(draft)
      expect(heard.length).toBeGreaterThan(i)
    }
    expect(new Set(heard)).toEqual(new Set([idOf(log)]))
    stop()
    const atStop = heard.length
    await log.append(waits)
    expect(heard).toHaveLength(atStop)
  })

  test('orders are funded in the order of their ids, to the base unit, and each token for itself', async () => {
    const { store, other } = stores()
    const mint = `mint of ${newId()}`
    const sells = (amount: bigint) =>
      limitOf({ tokenIn: { symbol: 'X', mint, decimals: 6 }, amountIn: baseUnits(amount) })
    // More than a float tells apart.
    const logs = [await waiting(store, sells(2n ** 63n)), await waiting(store, sells(2n ** 62n + 1n))]
    await waiting(store)
    const last = await waiting(store, sells(5n))
    const held = 2n ** 63n + 2n ** 62n + 1n
    const ids = [...logs, last].map(idOf)
    /** Another process asks, and all its questions are long apart. */
    const unfunded = (amount: bigint, asked = ids) => other.resting.unfunded(asked, [{ mint, amount }])
    expect(await unfunded(held + 5n)).toEqual(new Set())
    expect(await unfunded(held)).toEqual(new Set([idOf(last)]))
    expect(await unfunded(held - 1n)).toEqual(new Set(ids.slice(1)))
    expect(await unfunded(0n)).toEqual(new Set(ids))
    expect(await unfunded(0n, [])).toEqual(new Set())
    expect(await other.resting.unfunded(ids, [])).toEqual(new Set())
    // What is paused sells nothing, and what has ended neither.
    const [first, second] = logs
    await first?.append(drafts.paused)
    expect(await unfunded(held)).toEqual(new Set())
    await second?.append(drafts.canceled)
    expect(await unfunded(4n)).toEqual(new Set([idOf(last)]))
  })
}
