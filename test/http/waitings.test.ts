// Live answers to "why not yet": sent when they change, at most once a second, and at a bounded cost.
import { describe, expect, onTestFinished, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import { EXECUTABLE, type OrderId, type RestingSpec } from '../../src/domain/spec.ts'
import { legsOf } from '../../src/domain/triggers/legs.ts'
import type { Sight } from '../../src/domain/triggers/verdict.ts'
import { openWaitings } from '../../src/http/streams/waitings.ts'
import { noBroadcast } from '../../src/queue/broadcast.ts'
import { openOrderStore } from '../../src/store/orderStore.ts'
import { nothingHeld } from '../support/holds.ts'
import { manualClock } from '../support/manualClock.ts'
import { answering, openMemoryTables } from '../support/memoryTables.ts'
import { drafts, EXAMPLE_END, limitOf, ocoOf, restingOrder } from '../support/orders.ts'

const rests = { ...drafts.rested, reason: null, memory: {}, wakeAt: EXAMPLE_END } as const

type Waiting = { readonly now: string; readonly blocker: string; readonly slot: number }
type Live = { readonly orderId: string; readonly kind: string; readonly waiting: Waiting }

/** Resting orders, followers of them, and a market that pays what is set. */
function openFollowers() {
  const clock = manualClock()
  const options = { leaseMs: 60_000, isSoleProcess: true, keepRecent: 0, onEvent: () => {} }
  const store = openOrderStore(answering(openMemoryTables().tables), noBroadcast, clock, options)
  onTestFinished(store.close)
  const market = { milliB: 4_000, slot: 1, looks: 0, state: 'active' as 'active' | 'halted' }
  const amounts: bigint[] = []
  const gate: { before: () => Promise<void> } = { before: async () => {} }
  const waitings = openWaitings({
    clock,
    orders: {
      store,
      trading: { state: () => ({ state: market.state, changedAt: null, changedBy: null }) },
    },
    market: {
      wallet: nothingHeld.wallet,
      async sightOf({ amountIn }): Promise<Sight> {
        market.looks += 1
        amounts.push(amountIn)
        const { slot, milliB } = market
        await gate.before()
        const amountOut = baseUnits(amountIn * BigInt(milliB))
        return { kind: 'seen', observation: { source: EXECUTABLE, slot, at: clock.now(), amountOut } }
      },
    },
    observe: {
      fault(_part, error) {
        throw error
      },
    },
  })
  onTestFinished(waitings.close)

  async function rest(spec: RestingSpec = limitOf()): Promise<OrderId> {
    await store.create(restingOrder(spec))
    const [log] = await store.open([spec.orderId])
    await log?.append(rests)
    return spec.orderId
  }

  function follow(id: OrderId) {
    const messages: Live[] = []
    const follower = waitings.add(id, (text) => messages.push(JSON.parse(text)))
    return { messages, ...follower, prices: () => messages.map(({ waiting }) => waiting.now) }
  }

  /** Lets so many tenths of a second pass, each with all that it begins. */
  async function pass(tenths: number): Promise<void> {
    for (let i = 0; i < tenths; i++) {
      clock.advance(100)
      await new Promise(setImmediate)
    }
  }
  return { store, market, amounts, gate, rest, follow, pass }
}

test('a follower is sent the answer as reading the order gives it, without a seq', async () => {
  const { rest, follow, pass } = openFollowers()
  const id = await rest()
  const { messages } = follow(id)
  await pass(1)
  expect(messages).toEqual([
    {
      orderId: id,
      kind: 'waiting',
      waiting: {
        for: '4.05',
        now: '4',
        distanceBps: expect.any(Number),
        evaluatedAt: expect.stringMatching(/Z$/),
        slot: 1,
        blocker: 'price',
      },
    },
  ])
})

test('then only when something has changed, and at most once a second', async () => {
  const { market, rest, follow, pass } = openFollowers()
  const { prices, messages } = follow(await rest())
  await pass(1)
  market.slot = 2
  await pass(30)
  expect(prices()).toEqual(['4'])
  for (const milliB of [3_990, 3_980, 3_970]) {
    market.milliB = milliB
    await pass(3)
  }
  await pass(11)
  expect(prices().length).toBeLessThanOrEqual(3)
  expect(prices().at(-1)).toBe('3.97')
  market.state = 'halted'
  await pass(10)
  expect(messages.at(-1)?.waiting).toMatchObject({ now: '3.97', blocker: 'halted' })
})

test('one that comes later is sent the answer too, one that has left none', async () => {
  const { market, rest, follow, pass } = openFollowers()
  const id = await rest()
  const [first, second] = [follow(id), follow(id)]
  await pass(1)
  second.stop()
  const third = follow(id)
  await pass(11)
  market.milliB = 3_900
  await pass(11)
  expect([first, second, third].map(({ prices }) => prices())).toEqual([['4', '3.9'], ['4'], ['4', '3.9']])
})

test('an order that rests no more is sent nothing, not even what was seen before', async () => {
  const { store, gate, rest, follow, pass } = openFollowers()
  const id = await rest()
  const follower = follow(id)
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  gate.before = () => opened
  await pass(1)
  const [log] = await store.open([id])
  await log?.append(drafts.triggered)
  follower.note()
  open()
  await pass(30)
  expect(follower.messages).toEqual([])
  await log?.append(rests)
  follower.note()
  await pass(11)
  expect(follower.prices()).toEqual(['4'])
})

describe('what followers cost', () => {
  test('a thousand of one order are one look', async () => {
    const { market, rest, follow, pass } = openFollowers()
    const id = await rest()
    const followers = Array.from({ length: 1_000 }, () => follow(id))
    await pass(10)
    expect(market.looks).toBe(1)
    for (const { prices } of followers) expect(prices()).toEqual(['4'])
  })

  test('orders of the same amount share a look, whatever their price', async () => {
    const { market, rest, follow, pass } = openFollowers()
    const prices = ['4.05', '4.1', '5']
    const followers = []
    for (const limitPrice of prices) followers.push(follow(await rest(limitOf({ limitPrice }))))
    await pass(2)
    expect(market.looks).toBe(1)
    for (const { messages } of followers) expect(messages).toHaveLength(1)
  })

  test('of many different orders each gets its turn, at no more than a hundred looks a second', async () => {
    const { market, rest, follow, pass } = openFollowers()
    const followers = []
    for (let i = 0; i < 250; i++) {
      followers.push(follow(await rest(limitOf({ amountIn: baseUnits(BigInt(1_000_000 + i)) }))))
    }
    await pass(10)
    expect(market.looks).toBeLessThanOrEqual(100)
    await pass(60)
    expect(market.looks).toBeLessThanOrEqual(700)
    for (const { messages } of followers) expect(messages).toHaveLength(1)
    market.milliB = 3_900
    await pass(30)
    for (const { prices } of followers) expect(prices()).toEqual(['4', '3.9'])
  })

  test('without followers the market is not looked at', async () => {
    const { market, rest, follow, pass } = openFollowers()
    follow(await rest()).stop()
    await pass(20)
    expect(market.looks).toBe(0)
  })
})

test('of a leg it is about what the other legs have left', async () => {
  const { store, amounts, follow, pass } = openFollowers()
  const [first, ...others] = ocoOf().legs
  if (first === undefined) throw new Error('an OCO has two legs')
  const spec = ocoOf({ legs: [{ ...first, shareBps: bps(2_500) }, ...others] })
  await store.create({ spec, idempotencyKey: null, isLimited: false })
  const [other, leg] = legsOf(spec)
  if (other === undefined || leg === undefined) throw new Error('an OCO has two legs')
  for (const log of await store.open([leg.orderId])) await log.append(rests)
  const { messages } = follow(leg.orderId)
  await pass(12)
  for (const log of await store.open([other.orderId]))
    await log.append({ ...drafts.triggered, amountIn: other.amountIn })
  await pass(12)
  expect(new Set(amounts)).toEqual(new Set([spec.amountIn, spec.amountIn - other.amountIn]))
  expect(messages.at(-1)?.waiting.now).toBe(messages[0]?.waiting.now)
})
