// The contract of protections, kept over the embedded database, over a Postgres server, and over the tables in memory: what
// has become of a key's orders holds back its entries, in every process, and never an exit.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BaseUnits, baseUnits } from '../../src/domain/amount.ts'
import type { EventDraft, Fill } from '../../src/domain/order.ts'
import type { Creation, OrderStore } from '../../src/domain/ports/orders.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import type { OrderId, OrderSpec, SniperSpec } from '../../src/domain/spec.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import type { Millis } from '../../src/timing/clock.ts'
import { distributed, embedded } from '../support/databases.ts'
import { inMemory, type LimitedKeys, overSql } from '../support/limitedKeys.ts'
import { type ManualClock, manualClock } from '../support/manualClock.ts'
import {
  drafts,
  exampleSpecs,
  limitOf,
  ocoOf,
  sniperOf,
  specOf,
  stopOf,
  tokenCalled,
  trailingStopOf,
} from '../support/orders.ts'
import { describeDistributed } from '../support/services.ts'

const A = tokenCalled('A')
const B = tokenCalled('B')
const SOL = tokenCalled('SOL')
const [SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS] = [1_000, 60_000, 3_600_000, 86_400_000]
/** Swaps 100 A, or whatever else, for 1,000 of what it buys. */
const example: Fill = drafts.filled.fill

type Answer = 'created' | { readonly limit: string; readonly inMs: Millis | null }

function describeProtections(open: () => Promise<LimitedKeys>): void {
  let clock: ManualClock
  let [opened, store, other] = [null, null, null] as unknown as [LimitedKeys, OrderStore, OrderStore]
  beforeAll(async () => {
    opened = await open()
    clock = manualClock()
    const options = { leaseMs: 4_000, isSoleProcess: false, onEvent: () => {}, keepRecent: 0 }
    store = openOrderStore(opened.tables, opened.hints, clock, options)
    other = openOrderStore(opened.otherStatements, opened.otherHints, clock, options)
  })
  afterAll(async () => {
    for (const one of [store, other]) (one as ReturnType<typeof openOrderStore>).close()
    await opened.remove()
  })

  /** A key with protections, and what it does. */
  async function keyWith(quotas: KeyQuotas) {
    const owner = await opened.keyWith(quotas, clock)
    const create = (spec: OrderSpec, through = store) =>
      through.create({ spec: { ...spec, owner }, idempotencyKey: null, isLimited: true })
    const append = async (id: OrderId, events: readonly EventDraft[]) => {
      const [log] = await other.open([id])
      if (log === undefined) throw new Error('the order was created')
      for (const event of events) await log.append(event)
    }
    /** What an order that would fire is held back by, asked in the other process. */
    const holdOf = ({ orderId, tokenIn, tokenOut }: OrderSpec) =>
      opened.otherStatements.selectEntryHold({
        owner,
        orderId,
        mintSold: tokenIn.mint,
        mintBought: tokenOut.mint,
        at: clock.now(),
      })
    const filled = async (spec: OrderSpec, fill: Partial<Fill> = {}, before: readonly EventDraft[] = []) => {
      expect((await create(spec)).outcome.kind).toBe('created')
      const { triggered, routed, submitted } = drafts
      const fillOf = { ...example, amountIn: spec.amountIn, networkFeeLamports: baseUnits(0n), ...fill }
      const events = [triggered, ...before, routed, submitted, { kind: 'filled', fill: fillOf } as const]
      await append(spec.orderId, events)
    }
    return {
      owner,
      filled,
      append,
      create,
      /** What an order gets that is asked for in the other process. */
      async answer(spec: OrderSpec): Promise<Answer> {
        return answerOf(await create(spec, other), clock.now())
      },
      hold: (mint: string) => holdOf(specOf({ tokenIn: SOL, tokenOut: { ...B, mint } })),
      holdOf,
    }
  }

  const amounts = (token: typeof A, units: bigint) => ({ [token.mint]: units.toString() })
  const units = (n: bigint): BaseUnits => baseUnits(n)

  describe('entries halt after stops', () => {
    const haltAfterStops = { stops: 2, withinMs: HOUR_MS, haltMs: 10 * MINUTE_MS }

    test('so many filled within the time halt every entry, until so long after the last of them', async () => {
      const key = await keyWith({ haltAfterStops })
      await key.filled(stopOf())
      clock.advance(30 * MINUTE_MS)
      expect(await key.answer(specOf())).toBe('created')
      await key.filled(trailingStopOf())
      clock.advance(MINUTE_MS)
      const halted = { limit: 'haltAfterStops', inMs: 9 * MINUTE_MS }
      expect(await key.answer(specOf())).toEqual(halted)
      expect(await key.answer(limitOf({ tokenIn: SOL, tokenOut: A }))).toEqual(halted)
      expect(await key.hold(B.mint)).toEqual({ by: 'haltAfterStops', until: clock.now() + 9 * MINUTE_MS })
      clock.advance(9 * MINUTE_MS - 1)
      expect(await key.answer(specOf())).toEqual({ limit: 'haltAfterStops', inMs: 1 })
      clock.advance(1)
      expect(await key.answer(specOf())).toBe('created')
      expect(await key.hold(B.mint)).toBeNull()
    })

    test('stops further apart, takeProfits, entries, and stops that did not fill halt nothing', async () => {
      const key = await keyWith({ haltAfterStops })
      await key.filled(stopOf())
      clock.advance(HOUR_MS + 1)
      await key.filled(stopOf())
      await key.filled(exampleSpecs.takeProfit())
      await key.filled(specOf())
      const canceled = stopOf()
      await key.create(canceled)
      await key.append(canceled.orderId, [drafts.canceled])
      expect(await key.answer(specOf())).toBe('created')
    })

    test('while entries are halted every exit is taken', async () => {
      const key = await keyWith({ haltAfterStops: { ...haltAfterStops, stops: 1 } })
      await key.filled(stopOf())
      expect(await key.answer(specOf())).not.toBe('created')
      for (const exit of [stopOf(), trailingStopOf(), exampleSpecs.takeProfit()]) {
        expect(await key.answer(exit)).toBe('created')
      }
    })

    test('another key goes on', async () => {
      const key = await keyWith({ haltAfterStops: { ...haltAfterStops, stops: 1 } })
      const another = await keyWith({ haltAfterStops: { ...haltAfterStops, stops: 1 } })
      await key.filled(stopOf())
      expect(await another.answer(specOf())).toBe('created')
    })

    test('a stop that was placed a month before it filled counts', async () => {
      const key = await keyWith({ haltAfterStops: { ...haltAfterStops, stops: 1 } })
      const early = stopOf()
      await key.create(early)
      clock.advance(30 * DAY_MS)
      for (let i = 0; i < 3; i += 1) expect(await key.answer(specOf())).toBe('created')
      const { triggered, routed, submitted, filled } = drafts
      await key.append(early.orderId, [triggered, routed, submitted, filled])
      expect(await key.answer(specOf())).toMatchObject({ limit: 'haltAfterStops' })
    })
  })

  test('for so long after an exit has sold a token no entry buys it, and other tokens are free', async () => {
    const key = await keyWith({ cooldownMs: 5 * MINUTE_MS })
    const buyA = () => specOf({ tokenIn: SOL, tokenOut: A })
    await key.filled(buyA())
    expect(await key.answer(buyA())).toBe('created')
    await key.filled(exampleSpecs.takeProfit())
    clock.advance(MINUTE_MS)
    expect(await key.answer(buyA())).toEqual({ limit: 'cooldownMs', inMs: 4 * MINUTE_MS })
    expect(await key.hold(A.mint)).toEqual({ by: 'cooldownMs', until: clock.now() + 4 * MINUTE_MS })
    expect(await key.answer(specOf())).toBe('created')
    expect(await key.answer(stopOf({ tokenIn: SOL, tokenOut: A }))).toBe('created')
    clock.advance(4 * MINUTE_MS)
    expect(await key.answer(buyA())).toBe('created')
  })

  describe('the greatest loss of a day', () => {
    const spends = (amount: bigint) => specOf({ amountIn: units(amount) })

    test('a hundred racing entries put no unit more at risk, whether they are open or filled', async () => {
      const key = await keyWith({ maxLossPerDay: amounts(A, 1_000n) })
      const specs = Array.from({ length: 100 }, () => spends(90n))
      const answers = await Promise.all(specs.map((spec, i) => key.create(spec, i % 2 ? store : other)))
      const taken = specs.filter((_, i) => answers[i]?.outcome.kind === 'created')
      expect(taken).toHaveLength(11)
      expect(await key.answer(spends(11n))).toEqual({ limit: 'maxLossPerDay', inMs: null })
      const { triggered, routed, submitted } = drafts
      for (const { orderId, amountIn } of taken.slice(0, 5)) {
        const fill = { ...example, amountIn }
        await key.append(orderId, [triggered, routed, submitted, { kind: 'filled', fill }])
      }
      expect(await key.answer(spends(11n))).toEqual({ limit: 'maxLossPerDay', inMs: null })
      expect(await key.answer(spends(10n))).toBe('created')
    })

    test('what comes back makes room, and so does an entry that ends without a fill', async () => {
      const key = await keyWith({ maxLossPerDay: amounts(A, 1_000n) })
      await key.filled(spends(900n))
      expect(await key.answer(spends(101n))).not.toBe('created')
      await key.filled(stopOf({ tokenIn: B, tokenOut: A }), { amountOut: units(850n) })
      const doomed = spends(950n)
      expect(await key.answer(doomed)).toBe('created')
      expect(await key.answer(spends(1n))).not.toBe('created')
      await key.append(doomed.orderId, [drafts.failed])
      expect(await key.answer(spends(951n))).not.toBe('created')
      expect(await key.answer(spends(950n))).toBe('created')
    })

    test('what came back beyond what was spent is no credit, and the next day begins anew', async () => {
      const key = await keyWith({ maxLossPerDay: amounts(A, 1_000n) })
      await key.filled(stopOf({ tokenIn: B, tokenOut: A }), { amountOut: units(5_000n) })
      expect(await key.answer(spends(1_001n))).not.toBe('created')
      await key.filled(spends(1_000n), { amountOut: units(7n) })
      expect(await key.answer(spends(1_000n))).toBe('created')
      expect(await key.answer(spends(1n))).not.toBe('created')
      clock.advance(DAY_MS)
      // The open entry may still be filled: it counts on every day.
      expect(await key.answer(spends(1n))).not.toBe('created')
    })

    test('is asked for again by an entry that fires: it waits for the next day where an exit has lost more since', async () => {
      const key = await keyWith({ maxLossPerDay: amounts(A, 1_000n) })
      const [waiting, smaller] = [limitOf({ amountIn: units(600n) }), limitOf({ amountIn: units(300n) })]
      for (const spec of [waiting, smaller]) {
        expect(await key.answer(spec)).toBe('created')
        await key.append(spec.orderId, [{ ...drafts.rested, reason: null, memory: {} }])
      }
      expect(await key.holdOf(waiting)).toBeNull()
      await key.filled(stopOf({ amountIn: units(500n) }))
      const midnight = (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS
      expect(await key.holdOf(waiting)).toEqual({ by: 'maxLossPerDay', until: midnight })
      expect(await key.holdOf(smaller)).toBeNull()
      clock.advance(midnight - clock.now())
      expect(await key.holdOf(waiting)).toBeNull()
      await key.append(smaller.orderId, [drafts.triggered])
      expect(await key.holdOf(waiting)).toBeNull()
      await key.filled(stopOf({ amountIn: units(101n) }))
      expect(await key.holdOf(waiting)).toMatchObject({ by: 'maxLossPerDay' })
    })

    test('an amendment to less makes room', async () => {
      const key = await keyWith({ maxLossPerDay: amounts(A, 1_000n) })
      const resting = limitOf({ amountIn: units(1_000n), owner: key.owner })
      await key.create(resting)
      const smaller = { ...resting, amountIn: units(400n) }
      await key.append(resting.orderId, [{ ...drafts.amended, spec: smaller, memory: {} }])
      expect(await key.answer(spends(601n))).not.toBe('created')
      expect(await key.answer(spends(600n))).toBe('created')
    })
  })

  describe('the most open positions', () => {
    const { triggered, routed, submitted, filled, rested, failed, canceled } = drafts
    const exits = ocoOf().legs
    const full = { by: 'maxOpenPositions', until: null }

    /** A key with so many positions at most, and snipers of it that are at rest. */
    async function withSnipers(maxOpenPositions: number, count: number, more: Partial<SniperSpec> = {}) {
      const key = await keyWith({ maxOpenPositions })
      const specs = Array.from({ length: count }, () => sniperOf({ amountIn: units(7n), ...more }))
      for (const spec of specs) {
        expect(await key.answer(spec)).toBe('created')
        await key.append(spec.orderId, [{ ...rested, reason: null, memory: {} }])
      }
      return {
        ...key,
        specs,
        idOf: (i: number) => specs[i]?.orderId as OrderId,
        ask: (i: number) => key.holdOf(specs[i] ?? (specs[0] as SniperSpec)),
      }
    }

    test('are open from the fire of a sniper until the last of its exits has ended', async () => {
      const { append, ask, idOf, specs } = await withSnipers(1, 2, { exits })
      expect(await ask(0)).toBeNull()
      expect(await ask(1)).toEqual(full)
      expect(await ask(0)).toBeNull()
      await append(idOf(0), [triggered, routed, submitted])
      clock.advance(10 * MINUTE_MS)
      expect(await ask(1)).toEqual(full)
      await append(idOf(0), [filled])
      const [first, second] = specs[0] === undefined ? [] : legsOf(specs[0])
      for (const leg of [first, second]) {
        expect(await ask(1)).toEqual(full)
        await append(leg?.orderId as OrderId, [canceled])
      }
      expect(await ask(1)).toBeNull()
    })

    test('end with a sniper that has no exits, does not buy, or rests again', async () => {
      const { append, ask, idOf } = await withSnipers(1, 4)
      expect(await ask(0)).toBeNull()
      await append(idOf(0), [triggered, routed, submitted, filled])
      expect(await ask(1)).toBeNull()
      await append(idOf(1), [triggered, failed])
      expect(await ask(2)).toBeNull()
      await append(idOf(2), [triggered, rested])
      expect(await ask(3)).toEqual(full)
      clock.advance(30 * SECOND_MS)
      expect(await ask(3)).toBeNull()
    })

    test('are no more than so many, however many snipers fire in one moment in two processes', async () => {
      const { specs, ask, owner } = await withSnipers(3, 20)
      const there = (spec: OrderSpec) =>
        opened.tables.selectEntryHold({
          owner,
          orderId: spec.orderId,
          mintSold: A.mint,
          mintBought: B.mint,
          at: clock.now(),
        })
      const answers = await Promise.all(specs.map((spec, i) => (i % 2 ? ask(i) : there(spec))))
      expect(answers.filter((hold) => hold === null)).toHaveLength(3)
    })

    test('hold back snipers alone', async () => {
      const { ask, holdOf, answer } = await withSnipers(1, 2)
      expect(await ask(0)).toBeNull()
      const limit = limitOf()
      expect(await answer(limit)).toBe('created')
      expect(await holdOf(limit)).toBeNull()
      expect(await ask(1)).toEqual(full)
    })
  })

  test('fees of fills and of reverted attempts halt entries until midnight once they reach their bound', async () => {
    const key = await keyWith({ maxFeesPerDay: '45000' })
    await key.filled(specOf(), { networkFeeLamports: units(29_999n) })
    expect(await key.answer(specOf())).toBe('created')
    const stuck = stopOf()
    await key.create(stuck)
    const { triggered, routed, submitted, retried } = drafts
    const unrouted: EventDraft = { ...retried, failure: { code: 'quotes_unavailable', detail: 'none' } }
    await key.append(stuck.orderId, [triggered, unrouted, routed, submitted, retried])
    expect(await key.answer(specOf())).toBe('created')
    await key.filled(stopOf(), { networkFeeLamports: units(1n) })
    expect(await key.answer(specOf())).toMatchObject({ limit: 'maxFeesPerDay' })
    const midnight = (Math.floor(clock.now() / DAY_MS) + 1) * DAY_MS
    expect(await key.hold(B.mint)).toEqual({ by: 'maxFeesPerDay', until: midnight })
    expect(await key.answer(stopOf())).toBe('created')
    clock.advance(midnight - clock.now())
    expect(await key.answer(specOf())).toBe('created')
  })

  test('what counts no more is not kept', async () => {
    const key = await keyWith({ cooldownMs: SECOND_MS, maxLossPerDay: amounts(A, 10n ** 18n) })
    for (let i = 0; i < 5; i += 1) await key.filled(specOf())
    clock.advance(MINUTE_MS)
    expect(await key.answer(specOf())).toBe('created')
    expect((await opened.countOf(key.owner)).counted).toBe(1)
  })
}

function answerOf({ outcome }: Creation, now: Millis): Answer {
  if (outcome.kind === 'created') return 'created'
  if (outcome.kind !== 'exceeded') throw new Error(`it is ${outcome.kind}`)
  const { limit, heldUntil } = outcome
  return { limit, inMs: heldUntil === null ? null : heldUntil - now }
}

describe('protections in memory, as engines are simulated', () => describeProtections(inMemory))
describe('protections on the embedded database', () => describeProtections(overSql(embedded)))
describeDistributed('protections on Postgres', () => describeProtections(overSql(distributed)))
