// Owns what every order store must do with families: legs that are taken on, start and end with their parent, and what they
// may claim of what their group sells.
import { expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { EventDraft } from '../../src/domain/order.ts'
import { type OrderLog, type OrderStore, StaleLog } from '../../src/domain/ports/orders.ts'
import { LAUNCHES } from '../../src/domain/ports/restingOrders.ts'
import type { LegTerms, MarketSpec, OcoSpec, OrderId, OrderSpec } from '../../src/domain/spec.ts'
import { unlaunched } from '../../src/domain/token.ts'
import { childId, legsOf } from '../../src/domain/triggers/legs.ts'
import {
  drafts,
  EXAMPLE_END,
  exampleExits,
  newId,
  newOrder,
  ocoOf,
  sniperOf,
  specOf,
  tokenCalled,
  twapOf,
} from '../support/orders.ts'
import { appendAll, comparable, type StoresUnderTest } from './orderStoreContract.ts'

const TOTAL = 100_000_000n
/** What the example fill has bought. */
const BOUGHT = drafts.filled.fill.amountOut

const [takeProfit, stop] = ocoOf().legs as [LegTerms, LegTerms]
const share = (leg: LegTerms, of: number | null): LegTerms => ({
  ...leg,
  shareBps: of === null ? null : bps(of),
})

const exits = exampleExits

const bracketOf = (more: Partial<MarketSpec> = {}): MarketSpec => specOf({ exits, ...more })
const ofWhole = (legs: number, more: Partial<OcoSpec> = {}): OcoSpec =>
  ocoOf({ legs: Array.from({ length: legs }, () => share(stop, null)), ...more })

const fires = (amountIn: bigint): EventDraft => ({
  kind: 'triggered',
  observations: [],
  amountIn: baseUnits(amountIn),
})
/** What leads from `triggered` to the end of a leg. */
const { routed, submitted, filled, rested, canceled, expired, failed } = drafts
const legFilled = (amountIn: bigint): EventDraft => ({
  kind: 'filled',
  fill: { ...filled.fill, amountIn: baseUnits(amountIn) },
})

const idsOf = (spec: OrderSpec): OrderId[] => legsOf(spec).map(({ orderId }) => orderId)

async function placed<S extends OrderSpec>(store: OrderStore, spec: S): Promise<S> {
  const { outcome } = await store.create({ spec, idempotencyKey: null, isLimited: false })
  expect(outcome.kind).toBe('created')
  return spec
}

async function logOf(store: OrderStore, id: OrderId | undefined): Promise<OrderLog> {
  const [log] = id === undefined ? [] : await store.open([id])
  if (log === undefined) throw new Error(`order ${id} is not there`)
  return log
}

const legLogs = async (store: OrderStore, spec: OrderSpec): Promise<OrderLog[]> => {
  const logs: OrderLog[] = []
  for (const id of idsOf(spec)) logs.push(await logOf(store, id))
  return logs
}

const childKinds = async (store: OrderStore, spec: OrderSpec) => {
  const kinds: string[] = []
  for (const id of idsOf(spec)) {
    const loaded = await store.load(id)
    kinds.push(loaded?.events.map(({ kind }) => kind).join() ?? 'none')
  }
  return kinds
}

/** A token that is chosen among those of a creator as the order fires. */
function describeChoices(stores: () => StoresUnderTest): void {
  test('a token that is chosen with the fire is that of the order and of its legs, also in lists', async () => {
    const { store, other } = stores()
    const maker = newId()
    const owner = newId()
    const [chosen, another] = [tokenCalled('B'), tokenCalled('SOL')]
    const spec = await placed(store, sniperOf({ owner, creator: maker, tokenOut: unlaunched(maker), exits }))
    const log = await logOf(store, spec.orderId)
    await log.append({ ...rested, reason: null, wakeAt: null, memory: {} })
    expect(await other.resting.find([spec.orderId])).toMatchObject([
      { mintOut: maker, source: LAUNCHES, above: 0 },
    ])
    const named = async (mint: string) =>
      (await other.list({ ...ANY_OF, owner, mint })).map(({ spec }) => spec.orderId)
    expect((await named(maker)).toSorted()).toEqual([spec.orderId, ...idsOf(spec)].toSorted())
    await appendAll(log, [{ ...drafts.triggered, tokenOut: chosen }, routed, submitted, filled])
    expect(await named(maker)).toEqual([])
    expect((await named(chosen.mint)).toSorted()).toEqual([spec.orderId, ...idsOf(spec)].toSorted())
    expect(await named(another.mint)).toEqual([])
    expect((await other.load(spec.orderId))?.order.spec).toEqual({ ...spec, tokenOut: chosen })
    for (const leg of await other.children(spec.orderId)) expect(leg.spec.tokenIn).toEqual(chosen)
  })
}

const ANY_OF = {
  ...{ status: null, clientOrderId: null, type: null, isResting: null, parentId: null, before: null },
  limit: 100,
}

export function describeFamilies(stores: () => StoresUnderTest): void {
  describeChoices(stores)
  describeCreation(stores)
  describeParentEnd(stores)
  describeClaims(stores)
  describeEnds(stores)
  describePlans(stores)
}

function describeCreation(stores: () => StoresUnderTest): void {
  const types: readonly (readonly [string, () => OrderSpec])[] = [
    ['an OCO', () => ocoOf()],
    ['a bracket', () => bracketOf()],
  ]

  test.each(types)('%s is durable with all its legs, known to other processes', async (_name, make) => {
    const { store, other } = stores()
    const spec = await placed(store, make())
    const children = await other.children(spec.orderId)
    expect(children.map((child) => child.spec)).toEqual(legsOf(spec))
    for (const { status, seq } of children) expect([status, seq]).toEqual(['pending', 1])
    expect((await other.load(spec.orderId))?.order.spec).toEqual(spec)
    expect(await other.group(spec.orderId)).toEqual({ claimed: 0n, spent: 0n })
  })

  test('orders with and without legs are taken on together', async () => {
    const { store } = stores()
    const specs = [bracketOf(), specOf(), ocoOf(), specOf(), bracketOf()]
    const answers = await Promise.all(
      specs.map((spec) => store.create({ spec, idempotencyKey: null, isLimited: false })),
    )
    expect(answers.map(({ outcome }) => outcome.kind)).toEqual(specs.map(() => 'created'))
    const counts = []
    for (const { orderId } of specs) counts.push((await store.children(orderId)).length)
    expect(counts).toEqual([3, 0, 2, 0, 3])
  })

  test.each(['idempotencyKey', 'clientOrderId'] as const)(
    'a repeat under the same %s makes no legs, nor does a conflict',
    async (key) => {
      const { store, other } = stores()
      const name = newId()
      const wanted = (spec: OcoSpec) => ({
        spec: key === 'clientOrderId' ? { ...spec, clientOrderId: name } : spec,
        idempotencyKey: key === 'idempotencyKey' ? name : null,
        isLimited: false,
      })
      const [first, again, another] = [ocoOf(), ocoOf(), ocoOf({ amountIn: baseUnits(7n) })]
      const answers = [
        await store.create(wanted(first)),
        await other.create(wanted(again)),
        await store.create(wanted(another)),
      ]
      expect(answers.map(({ outcome }) => outcome.kind)).toEqual(['created', 'replayed', 'conflict'])
      expect(await store.children(first.orderId)).toHaveLength(2)
      for (const { orderId } of [again, another]) expect(await store.children(orderId)).toEqual([])
    },
  )

  test('equal keys that meet in one batch make the legs of one order', async () => {
    const { store } = stores()
    const idempotencyKey = newId()
    const specs = Array.from({ length: 5 }, () => bracketOf())
    await Promise.all(specs.map((spec) => store.create({ spec, idempotencyKey, isLimited: false })))
    let legs = 0
    for (const { orderId } of specs) legs += (await store.children(orderId)).length
    expect(legs).toBe(exits.length)
  })

  test('a slice that its plan places again is the first one', async () => {
    const { store, other } = stores()
    const plan = newId()
    const orderId = childId(plan, 3, stores().clock.now())
    const slice = () =>
      specOf({ orderId, parent: { kind: 'slice', orderId: plan, number: 3, endsAt: EXAMPLE_END } })
    const wanted = () => ({ spec: slice(), idempotencyKey: null, isLimited: false })
    expect((await store.create(wanted())).outcome.kind).toBe('created')
    expect((await other.create(wanted())).outcome).toMatchObject({
      kind: 'replayed',
      order: { spec: { orderId } },
    })
    expect((await store.children(plan)).map(({ spec }) => spec)).toEqual([slice()])
  })

  test('children are listed by their parent, as every other order', async () => {
    const { store } = stores()
    const spec = await placed(store, ocoOf({ owner: newId() }))
    const list = (owner: string, parentId: OrderId | null) =>
      store.list({
        owner,
        status: null,
        mint: null,
        clientOrderId: null,
        type: null,
        isResting: null,
        parentId,
        before: null,
        limit: 10,
      })
    const ids = (orders: readonly { readonly spec: OrderSpec }[]) => orders.map((order) => order.spec.orderId)
    expect(ids(await list(spec.owner, spec.orderId))).toEqual(idsOf(spec).toReversed())
    expect(ids(await list(spec.owner, null))).toEqual([...idsOf(spec).toReversed(), spec.orderId])
    expect(await list('another', spec.orderId)).toEqual([])
  })

  test('legs that wait for a fill are at rest, and no time wakes them', async () => {
    const { store, clock } = stores()
    const spec = await placed(store, bracketOf())
    await (await logOf(store, spec.orderId)).append(fires(TOTAL))
    clock.advance(10_000_000)
    await store.wakeAll(clock.now())
    const overdue = await store.overdue(clock.now(), 100_000)
    expect(overdue).toContain(spec.orderId)
    for (const id of idsOf(spec)) expect(overdue).not.toContain(id)
  })
}

function describeParentEnd(stores: () => StoresUnderTest): void {
  test('a fill starts the legs in the same write, with what was bought', async () => {
    const { store, other, clock } = stores()
    const spec = await placed(store, bracketOf())
    await appendAll(await logOf(store, spec.orderId), [fires(TOTAL), routed, submitted, filled])
    expect(await childKinds(other, spec)).toEqual(exits.map(() => 'accepted,activated'))
    const children = await other.children(spec.orderId)
    const amounts = children.map((child) => child.spec.amountIn)
    expect(amounts).toEqual([BOUGHT / 2n, BOUGHT, BOUGHT])
    for (const child of children) expect(child).toMatchObject({ seq: 2, status: 'pending', resting: null })
    expect(children[2]?.spec).toMatchObject({ fireAt: clock.now() + 3_600_000 })
    clock.advance(4_000)
    const overdue = await store.overdue(clock.now(), 100_000)
    for (const id of idsOf(spec)) expect(overdue).toContain(id)
  })

  test.each<[string, readonly EventDraft[]]>([
    ['canceled', [canceled]],
    ['expired', [expired]],
    ['failed', [fires(TOTAL), failed]],
  ])('a parent that is %s cancels what has waited for it', async (_name, life) => {
    const { store, other } = stores()
    const spec = await placed(store, bracketOf())
    await appendAll(await logOf(store, spec.orderId), life)
    const children = await other.children(spec.orderId)
    for (const child of children) expect(child).toMatchObject({ seq: 2, status: 'canceled', by: 'parent' })
    expect(children).toHaveLength(exits.length)
  })

  test('a leg that was canceled before stays canceled, and the others start', async () => {
    const { store, other } = stores()
    const spec = await placed(store, bracketOf())
    const log = await logOf(store, spec.orderId)
    await appendAll(log, [fires(TOTAL), routed, submitted])
    await (await logOf(other, idsOf(spec)[1])).append(canceled)
    await log.append(filled)
    expect(await childKinds(store, spec)).toEqual([
      'accepted,activated',
      'accepted,canceled',
      'accepted,activated',
    ])
  })

  test('a leg that is canceled at the moment of the fill is canceled or started, never both', async () => {
    const { store, other } = stores()
    for (let i = 0; i < 10; i += 1) {
      const spec = await placed(store, bracketOf())
      const log = await logOf(store, spec.orderId)
      await appendAll(log, [fires(TOTAL), routed, submitted])
      const leg = await logOf(other, idsOf(spec)[0])
      const [fill, cancel] = await Promise.allSettled([log.append(filled), leg.append(canceled)])
      expect(fill.status).toBe('fulfilled')
      if (cancel.status === 'rejected') expect(cancel.reason).toBeInstanceOf(StaleLog)
      const wanted = cancel.status === 'rejected' ? 'accepted,activated' : 'accepted,canceled'
      expect((await childKinds(store, spec))[0]).toBe(wanted)
    }
  })

  test('an end that is refused moves no leg', async () => {
    const { store, other } = stores()
    const spec = await placed(store, bracketOf())
    const stale = await logOf(other, spec.orderId)
    await (await logOf(store, spec.orderId)).append(fires(TOTAL))
    await expect(stale.append(canceled)).rejects.toBeInstanceOf(StaleLog)
    expect(await childKinds(store, spec)).toEqual(exits.map(() => 'accepted'))
  })

  test('a process that held the leg at hand sees it as it has become', async () => {
    const { store } = stores()
    const spec = await placed(store, bracketOf())
    const before = await logOf(store, idsOf(spec)[0])
    await appendAll(await logOf(store, spec.orderId), [fires(TOTAL), routed, submitted, filled])
    await expect(before.append(canceled)).rejects.toBeInstanceOf(StaleLog)
    const after = await logOf(store, idsOf(spec)[0])
    expect(comparable(after.order)).toEqual(comparable((await store.load(after.order.spec.orderId))?.order))
    await after.append(canceled)
  })

  test('the legs are told of once they have started', async () => {
    const { store } = stores()
    const told: OrderId[] = []
    const stopTelling = store.onRelated((ids) => told.push(...ids))
    const spec = await placed(store, bracketOf())
    expect(told).toEqual([])
    await appendAll(await logOf(store, spec.orderId), [fires(TOTAL), routed, submitted, filled])
    expect(told.toSorted()).toEqual(idsOf(spec).toSorted())
    const oco = await placed(store, ocoOf())
    expect(told.slice(exits.length).toSorted()).toEqual(idsOf(oco).toSorted())
    stopTelling()
    await placed(store, ocoOf())
    expect(told).toHaveLength(exits.length + 2)
  })
}

function describeClaims(stores: () => StoresUnderTest): void {
  test('of two legs that fire at once in two processes one does', async () => {
    const { store, other } = stores()
    for (let i = 0; i < 10; i += 1) {
      const spec = await placed(store, ofWhole(2))
      const [one, another] = idsOf(spec)
      const logs = [await logOf(store, one), await logOf(other, another)]
      const outcomes = await Promise.allSettled(logs.map((log) => log.append(fires(TOTAL))))
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      for (const each of outcomes)
        if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(StaleLog)
      expect(await store.group(spec.orderId)).toEqual({ claimed: TOTAL, spent: 0n })
    }
  })

  test('of two legs that fire in one batch one does', async () => {
    const { store } = stores()
    const spec = await placed(store, ofWhole(2))
    const logs = await legLogs(store, spec)
    const outcomes = await Promise.allSettled(logs.map((log) => log.append(fires(TOTAL))))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await childKinds(store, spec)).toEqual(['accepted,triggered', 'accepted'])
  })

  test('shares that fit are claimed side by side, and the rest by a leg without one', async () => {
    const { store, other } = stores()
    const legs = [share(takeProfit, 3_000), share(takeProfit, 5_000), share(stop, null)]
    const spec = await placed(store, ocoOf({ legs }))
    const [one, another, rest] = await legLogs(store, spec)
    await Promise.all([one?.append(fires(30_000_000n)), another?.append(fires(50_000_000n))])
    expect(await other.group(spec.orderId)).toEqual({ claimed: 80_000_000n, spent: 0n })
    await rest?.append(fires(20_000_000n))
    expect(await other.group(spec.orderId)).toEqual({ claimed: TOTAL, spent: 0n })
    expect(rest?.order.spec.amountIn).toBe(20_000_000n)
  })

  test('a leg that claims the rest is refused once that is another one', async () => {
    const { store, other } = stores()
    const legs = [share(takeProfit, 3_000), share(takeProfit, 5_000), share(stop, null)]
    const spec = await placed(store, ocoOf({ legs }))
    const [one, another] = await legLogs(store, spec)
    const rest = await logOf(other, idsOf(spec)[2])
    await one?.append(fires(30_000_000n))
    await another?.append(fires(50_000_000n))
    // More is left than it has seen, then less.
    await another?.append(rested)
    await expect(rest.append(fires(20_000_000n))).rejects.toBeInstanceOf(StaleLog)
    const again = await logOf(other, idsOf(spec)[2])
    await expect(again.append(fires(80_000_000n))).rejects.toBeInstanceOf(StaleLog)
    expect(await store.group(spec.orderId)).toEqual({ claimed: 30_000_000n, spent: 0n })
    await (await logOf(other, idsOf(spec)[2])).append(fires(70_000_000n))
    expect(await store.group(spec.orderId)).toEqual({ claimed: TOTAL, spent: 0n })
  })

  test.each<[string, EventDraft]>([
    ['rests', rested],
    ['is canceled', canceled],
    ['expires', expired],
    ['fails', failed],
    ['is paused', drafts.paused],
  ])('a leg that %s gives back what it has claimed, and another claims it', async (_name, draft) => {
    const { store, other } = stores()
    const spec = await placed(store, ofWhole(2))
    const [one, another] = [await logOf(store, idsOf(spec)[0]), await logOf(other, idsOf(spec)[1])]
    await appendAll(one, [fires(TOTAL), routed])
    await one.append(draft)
    expect(await other.group(spec.orderId)).toEqual({ claimed: 0n, spent: 0n })
    await another.append(fires(TOTAL))
    expect(await store.group(spec.orderId)).toEqual({ claimed: TOTAL, spent: 0n })
  })

  test('an attempt that begins and ends in one batch leaves the group as it was', async () => {
    const { store } = stores()
    const spec = await placed(store, ofWhole(2))
    const [log] = await legLogs(store, spec)
    await appendAll(log as OrderLog, [fires(TOTAL), routed, rested])
    expect(await store.group(spec.orderId)).toEqual({ claimed: 0n, spent: 0n })
  })

  test('a retry keeps its claim, and a fill spends it', async () => {
    const { store } = stores()
    const spec = await placed(store, ofWhole(2))
    const [log] = await legLogs(store, spec)
    if (log === undefined) throw new Error('the leg is there')
    await appendAll(log, [fires(TOTAL), routed, submitted, drafts.retried])
    expect(await store.group(spec.orderId)).toEqual({ claimed: TOTAL, spent: 0n })
    await appendAll(log, [routed, submitted, legFilled(TOTAL)])
    expect(await store.group(spec.orderId)).toEqual({ claimed: TOTAL, spent: TOTAL })
  })

  test('exits claim what was bought, and not before it is', async () => {
    const { store } = stores()
    const spec = await placed(store, bracketOf())
    await appendAll(await logOf(store, spec.orderId), [fires(TOTAL), routed, submitted, filled])
    const [half, rest, time] = await legLogs(store, spec)
    await half?.append(fires(BOUGHT / 2n))
    await expect(time?.append(fires(BOUGHT))).rejects.toBeInstanceOf(StaleLog)
    await rest?.append(fires(BOUGHT - BOUGHT / 2n))
    expect(await store.group(spec.orderId)).toEqual({ claimed: BOUGHT, spent: 0n })
  })

  test('one refused claim does not fail its neighbors in the batch', async () => {
    const { store, other } = stores()
    const specs = []
    for (let i = 0; i < 10; i += 1) specs.push(await placed(store, ofWhole(2)))
    const logs = await Promise.all(specs.map((spec) => logOf(store, idsOf(spec)[0])))
    const plain = await Promise.all(
      specs.map(async () => {
        const wanted = newOrder()
        await store.create(wanted)
        return logOf(store, wanted.spec.orderId)
      }),
    )
    await (await logOf(other, idsOf(specs[3] as OrderSpec)[1])).append(fires(TOTAL))
    const outcomes = await Promise.allSettled([...logs, ...plain].map((log) => log.append(fires(TOTAL))))
    const refused = outcomes.flatMap(({ status }, i) => (status === 'rejected' ? i : []))
    expect(refused).toEqual([3])
  })

  test('twenty writers over ten groups neither deadlock nor claim more than there is', async () => {
    const { store, other } = stores()
    const specs: OcoSpec[] = []
    for (let i = 0; i < 10; i += 1) specs.push(await placed(store, ofWhole(4)))
    const holders = new Map<OrderId, number>(specs.map(({ orderId }) => [orderId, 0]))
    async function write(writer: number): Promise<void> {
      for (let round = 0; round < 15; round += 1) {
        const spec = specs[(writer * 7 + round * 3) % specs.length] as OcoSpec
        const log = await logOf(writer % 2 === 0 ? store : other, idsOf(spec)[(writer + round) % 4])
        const draft = log.order.status === 'pending' ? fires(TOTAL) : rested
        try {
          await log.append(draft)
        } catch (error) {
          expect(error).toBeInstanceOf(StaleLog)
          continue
        }
        const held = (holders.get(spec.orderId) ?? 0) + (draft === rested ? -1 : 1)
        holders.set(spec.orderId, held)
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => write(i)))
    for (const spec of specs) {
      const underWay = (await store.children(spec.orderId)).filter(({ status }) => status === 'routing')
      expect(underWay.length).toBeLessThanOrEqual(1)
      expect(holders.get(spec.orderId)).toBe(underWay.length)
      const claimed = underWay.length === 0 ? 0n : TOTAL
      expect(await store.group(spec.orderId)).toEqual({ claimed, spent: 0n })
    }
  }, 30_000)
}

function describeEnds(stores: () => StoresUnderTest): void {
  test('the whole cannot be canceled while a leg is under way, and no leg starts once it is', async () => {
    const { store, other } = stores()
    const spec = await placed(store, ofWhole(2))
    const [leg, second] = [await logOf(store, idsOf(spec)[0]), await logOf(store, idsOf(spec)[1])]
    await leg.append(fires(TOTAL))
    const whole = await logOf(other, spec.orderId)
    await expect(whole.append(canceled)).rejects.toBeInstanceOf(StaleLog)
    await leg.append(rested)
    await (await logOf(other, spec.orderId)).append(canceled)
    await expect(leg.append(fires(TOTAL))).rejects.toBeInstanceOf(StaleLog)
    await expect(second.append(fires(TOTAL))).rejects.toBeInstanceOf(StaleLog)
    expect((await store.load(spec.orderId))?.order).toMatchObject({ status: 'canceled' })
  })

  test('the whole can be canceled once a part is sold, and not once all is', async () => {
    const { store } = stores()
    const part = await placed(store, ocoOf())
    const [half] = await legLogs(store, part)
    await appendAll(half as OrderLog, [fires(TOTAL / 2n), routed, submitted, legFilled(TOTAL / 2n)])
    await (await logOf(store, part.orderId)).append(canceled)
    const all = await placed(store, ofWhole(2))
    const [log] = await legLogs(store, all)
    await appendAll(log as OrderLog, [fires(TOTAL), routed, submitted, legFilled(TOTAL)])
    await expect((await logOf(store, all.orderId)).append(canceled)).rejects.toBeInstanceOf(StaleLog)
  })

  test('a leg that fires while the whole is canceled: one of the two is refused', async () => {
    const { store, other } = stores()
    for (let i = 0; i < 10; i += 1) {
      const spec = await placed(store, ofWhole(2))
      const [leg, whole] = [await logOf(store, idsOf(spec)[0]), await logOf(other, spec.orderId)]
      const outcomes = await Promise.allSettled([leg.append(fires(TOTAL)), whole.append(canceled)])
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    }
  })

  const leftovers = async () => (await stores().store.leftovers(100_000)).toSorted()

  /** What earlier tests have left is not what this one is about. */
  async function leftOf(spec: OrderSpec): Promise<OrderId[]> {
    const family = new Set([spec.orderId, ...idsOf(spec)])
    return (await leftovers()).filter((id) => family.has(id))
  }

  test('what is open of a group that has sold all is left over, until it ends', async () => {
    const { store, other } = stores()
    const spec = await placed(store, ofWhole(3))
    const [first, second, third] = await legLogs(store, spec)
    await appendAll(first as OrderLog, [fires(TOTAL), routed, submitted])
    expect(await leftOf(spec)).toEqual([])
    await first?.append(legFilled(TOTAL))
    const [, ...others] = idsOf(spec)
    expect(await leftOf(spec)).toEqual([spec.orderId, ...others].toSorted())
    for (const log of [second, third]) await log?.append({ kind: 'canceled', by: 'group' })
    expect(await leftOf(spec)).toEqual([spec.orderId])
    const totals = { amountIn: baseUnits(TOTAL), amountOut: BOUGHT }
    await (await logOf(other, spec.orderId)).append({ kind: 'completed', totals })
    expect(await leftOf(spec)).toEqual([])
    expect((await store.load(spec.orderId))?.order).toMatchObject({ status: 'confirmed', totals })
  })

  test('a group without an open leg is left over too: its parent ends', async () => {
    const { store } = stores()
    const spec = await placed(store, ofWhole(2))
    const [first, second] = await legLogs(store, spec)
    await first?.append(canceled)
    expect(await leftOf(spec)).toEqual([])
    await second?.append(expired)
    expect(await leftOf(spec)).toEqual([spec.orderId])
    const totals = { amountIn: baseUnits(0n), amountOut: baseUnits(0n) }
    await (await logOf(store, spec.orderId)).append({ kind: 'expired', totals })
    expect(await leftOf(spec)).toEqual([])
    expect((await store.load(spec.orderId))?.order).toMatchObject({ status: 'expired', totals })
  })

  test('the legs of a whole that was canceled are left over', async () => {
    const { store } = stores()
    const spec = await placed(store, ofWhole(2))
    await (await logOf(store, spec.orderId)).append(canceled)
    expect(await leftOf(spec)).toEqual(idsOf(spec).toSorted())
    for (const log of await legLogs(store, spec)) await log.append({ kind: 'canceled', by: 'group' })
    expect(await leftOf(spec)).toEqual([])
  })

  test('of exits that have sold all the others are left over, their parent is not', async () => {
    const { store } = stores()
    const spec = await placed(store, bracketOf())
    await appendAll(await logOf(store, spec.orderId), [fires(TOTAL), routed, submitted, filled])
    const [half, whole] = await legLogs(store, spec)
    await appendAll(whole as OrderLog, [fires(BOUGHT), routed, submitted, legFilled(BOUGHT)])
    expect(await leftOf(spec)).toEqual([idsOf(spec)[0], idsOf(spec)[2]].toSorted())
    await half?.append({ kind: 'canceled', by: 'group' })
    expect(await leftOf(spec)).toEqual([idsOf(spec)[2]])
  })

  test('leftovers are named up to a most, and again until they end', async () => {
    const { store } = stores()
    const spec = await placed(store, ofWhole(2))
    await (await logOf(store, spec.orderId)).append(canceled)
    expect((await store.leftovers(1)).length).toBeLessThanOrEqual(2)
    expect(await leftOf(spec)).toEqual(await leftOf(spec))
  })

  test('a plan that has ended counts for no chain as a fill', async () => {
    const { store, clock } = stores()
    clock.advance(1_000)
    const spec = await placed(store, ofWhole(2))
    const totals = { amountIn: baseUnits(TOTAL), amountOut: BOUGHT }
    await (await logOf(store, spec.orderId)).append({ kind: 'completed', totals })
    expect(await store.filledSince(clock.now(), 1_000)).toEqual([])
  })
}

function describePlans(stores: () => StoresUnderTest): void {
  /** A plan with slices, each one event before it is sent. */
  async function planWith(slices: number): Promise<{ plan: OrderId; logs: OrderLog[] }> {
    const { store } = stores()
    const { orderId: plan } = await placed(store, twapOf())
    const logs: OrderLog[] = []
    for (let number = 1; number <= slices; number += 1) {
      const orderId = childId(plan, number, stores().clock.now())
      await placed(
        store,
        specOf({ orderId, parent: { kind: 'slice', orderId: plan, number, endsAt: EXAMPLE_END } }),
      )
      const log = await logOf(store, orderId)
      await appendAll(log, [fires(TOTAL), routed])
      logs.push(log)
    }
    return { plan, logs }
  }

  test('slices are sent while their plan is open', async () => {
    const { store } = stores()
    const { plan, logs } = await planWith(3)
    await Promise.all([
      ...logs.map((log) => log.append(submitted)),
      appendAll(await logOf(store, plan), [rested]),
    ])
    expect((await store.children(plan)).map(({ status }) => status)).toEqual(logs.map(() => 'submitted'))
  })

  test('no slice is sent once its plan is canceled; one that was is followed to its end', async () => {
    const { store, other } = stores()
    const { plan, logs } = await planWith(2)
    const [sent, late] = logs as [OrderLog, OrderLog]
    await sent.append(submitted)
    await (await logOf(other, plan)).append(canceled)
    await expect(late.append(submitted)).rejects.toBeInstanceOf(StaleLog)
    await (await logOf(other, late.order.spec.orderId)).append(canceled)
    await sent.append(filled)
    expect((await store.children(plan)).map(({ status }) => status)).toEqual(['confirmed', 'canceled'])
  })

  test('a refused slice does not fail its neighbors in the batch', async () => {
    const { store, other } = stores()
    const [open, ended] = [await planWith(1), await planWith(1)]
    await (await logOf(other, ended.plan)).append(canceled)
    const plain = newOrder()
    await store.create(plain)
    const outcomes = await Promise.allSettled([
      open.logs[0]?.append(submitted),
      ended.logs[0]?.append(submitted),
      (await logOf(store, plain.spec.orderId)).append(fires(TOTAL)),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('a slice that is sent while its plan is canceled: never after it', async () => {
    const { store, other } = stores()
    for (let i = 0; i < 10; i += 1) {
      const { plan, logs } = await planWith(1)
      const cancel = (await logOf(other, plan)).append(canceled)
      const [isSent] = await Promise.allSettled([logs[0]?.append(submitted), cancel])
      const [slice] = await store.children(plan)
      expect(slice?.status).toBe(isSent?.status === 'fulfilled' ? 'submitted' : 'building')
      expect((await store.load(plan))?.order.status).toBe('canceled')
    }
  })
}
