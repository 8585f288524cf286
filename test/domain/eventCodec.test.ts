import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import {
  decodeEvent,
  encodeEvent,
  type LoggedEvent,
  messageText,
  replayLog,
} from '../../src/domain/eventCodec.ts'
import { evolve, isPlan, transitions } from '../../src/domain/lifecycle.ts'
import type { EventDraft, EventKind, Order, OrderEvent } from '../../src/domain/order.ts'
import type { Leg, RouteComparison } from '../../src/domain/route.ts'
import type { OrderSpec, OrderType } from '../../src/domain/spec.ts'
import {
  drafts,
  exampleObservations,
  exampleRoute,
  exampleSpecs,
  limitOf,
  newId,
  ocoOf,
  specOf,
  stopOf,
  tokenCalled,
  twapOf,
  wholeLife,
} from '../support/orders.ts'

type Written = {
  readonly before: Order | null
  readonly event: OrderEvent
  readonly logged: LoggedEvent
  readonly after: Order
}

/** Writes a whole life down, event by event. */
function writeLife(life: readonly EventDraft[], spec: OrderSpec = specOf()): readonly Written[] {
  const written: Written[] = []
  for (const draft of [{ kind: 'accepted', spec } as const, ...life]) {
    const before = written.at(-1)?.after ?? null
    const attempt = (before?.attempt ?? 1) + (draft.kind === 'retried' ? 1 : 0)
    const seq = (before?.seq ?? 0) + 1
    // An amendment is of the order itself.
    const own =
      draft.kind === 'amended' || draft.kind === 'activated'
        ? { ...draft, spec: { ...draft.spec, orderId: spec.orderId } }
        : draft
    const event = { ...own, orderId: spec.orderId, seq, attempt, at: Date.UTC(2026, 0, 1) + seq * 250 }
    written.push({ before, event, logged: encodeEvent(before, event), after: evolve(before, event) })
  }
  return written
}

const { triggered, routed, submitted } = drafts
const { totals } = drafts.completed
/** A leg that starts with its parent, and one that sells what others have left. */
const dormantOf = () =>
  stopOf({
    amountIn: baseUnits(0n),
    parent: { kind: 'leg', orderId: newId(), number: 1, legs: 2, shareBps: bps(5_000), total: null },
  })
const dormant = dormantOf()
const started = {
  ...dormant,
  amountIn: baseUnits(50_000_000n),
  parent: { ...dormant.parent, total: baseUnits(100_000_000n) } as OrderSpec['parent'],
}
const legLives: Readonly<Record<string, readonly EventDraft[]>> = {
  'started with its parent': [{ kind: 'activated', spec: started }, drafts.rested, drafts.canceled],
  'fired for less than its share': [
    { kind: 'activated', spec: started },
    { ...triggered, amountIn: baseUnits(20_000_000n), observations: exampleObservations },
    routed,
    submitted,
    drafts.rested,
    { ...triggered, amountIn: baseUnits(50_000_000n) },
  ],
  'canceled with its parent': [{ kind: 'canceled', by: 'parent' }],
}
const planLives: Readonly<Record<string, readonly EventDraft[]>> = {
  completed: [{ ...drafts.rested, reason: null, memory: { slice: '1', sliceBase: '7' } }, drafts.completed],
  'expired with a part': [{ kind: 'expired', totals }],
  'expired with nothing': [
    { kind: 'expired', totals: { amountIn: baseUnits(0n), amountOut: baseUnits(0n) } },
  ],
  'paused and amended': [drafts.paused, drafts.amended, drafts.resumed],
  canceled: [drafts.canceled],
}
const lives: Readonly<Record<string, readonly EventDraft[]>> = {
  'filled at the second attempt': wholeLife,
  'failed on the chain': [triggered, routed, submitted, drafts.failed],
  'failed before': [
    triggered,
    { ...drafts.failed, failure: { code: 'no_route', detail: 'a "quoted"\n detail' } },
  ],
  'brought back to rest': [drafts.rested, triggered, routed, submitted, drafts.rested, triggered],
  'refused by its guards': [
    {
      ...drafts.rested,
      reason: null,
      guardReport: { slot: 7, refusals: [{ guard: 'sale', detail: 'reverts' }] },
    },
  ],
  'fired for the token that it has chosen': [
    { ...triggered, observations: exampleObservations, tokenOut: tokenCalled('BONK') },
  ],
  'at rest until the market moves': [{ ...drafts.rested, reason: null, wakeAt: null, memory: {} }],
  'fired by a price': [{ ...triggered, observations: exampleObservations }, routed],
  'paused and resumed': [drafts.rested, drafts.paused, drafts.resumed, triggered],
  'paused under way': [triggered, routed, drafts.paused, drafts.rested],
  'amended before it started': [drafts.rested, drafts.amended, triggered, routed],
  'amended while it was paused': [drafts.paused, drafts.amended, drafts.resumed],
  'stalled and tried on': [triggered, { ...drafts.retried, isStalled: true }],
  canceled: [triggered, drafts.canceled],
  expired: [drafts.expired],
}

test('the lives below have every kind of event in them', () => {
  const all = [...Object.values(lives), ...Object.values(legLives), ...Object.values(planLives)]
  const kinds = all.flatMap((life) => life.map(({ kind }): EventKind => kind))
  expect(new Set([...kinds, 'accepted'])).toEqual(new Set(Object.keys(transitions)))
})

const types = Object.keys(exampleSpecs) as OrderType[]
type Case = readonly [type: string, name: string, life: readonly EventDraft[], make: () => OrderSpec]
const cases = (type: string, of: typeof lives, make: () => OrderSpec) =>
  Object.entries(of).map(([name, life]): Case => [type, name, life, make])
const livesByType = types.flatMap((type) =>
  cases(type, isPlan(exampleSpecs[type]()) ? planLives : lives, exampleSpecs[type]),
)

describe.each([...livesByType, ...cases('leg', legLives, () => dormant)])(
  'a %s that was %s',
  (_type, _name, life, make) => {
    const write = (life: readonly EventDraft[]) => writeLife(life, make())

    test('is read back event by event as it was written', () => {
      for (const { before, event, logged } of write(life)) {
        // What the venues answered is for people; of it only the route is read back.
        const expected = event.kind === 'routed' ? { ...event, answers: [] } : event
        expect(decodeEvent(before, logged)).toEqual(expected)
      }
    })

    test('is the same order when its written log is replayed', () => {
      const written = write(life)
      expect(replayLog(written.map(({ logged }) => logged))).toEqual(written.at(-1)?.after)
    })

    test('is told as one flat message per event, its place in the log first', () => {
      for (const { logged } of write(life)) {
        const { orderId, seq, kind, status, attempt, at } = logged
        const message = JSON.parse(messageText(logged))
        expect(Object.keys(message).slice(0, 6)).toEqual([
          'orderId',
          'seq',
          'kind',
          'status',
          'attempt',
          'at',
        ])
        expect(message).toMatchObject({ orderId, seq, kind, status, attempt, at: new Date(at).toISOString() })
        expect(message).toMatchObject(JSON.parse(logged.data))
      }
    })
  },
)

test('any amounts, slippage and client order id survive being written and read', () => {
  const u64 = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(baseUnits)
  fc.assert(
    fc.property(
      u64,
      u64,
      fc.integer({ min: 1, max: 5_000 }),
      fc.option(fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/)),
      (amountIn, amountOut, slippageBps, clientOrderId) => {
        const spec = specOf({ amountIn, slippageBps: bps(slippageBps), clientOrderId })
        const route = { ...routed.route, amountOut, minAmountOut: amountOut }
        const fill = { ...drafts.filled.fill, amountIn, amountOut }
        const written = writeLife(
          [triggered, { ...routed, route }, submitted, { kind: 'filled', fill }],
          spec,
        )
        expect(replayLog(written.map(({ logged }) => logged))).toEqual(written.at(-1)?.after)
      },
    ),
  )
})

describe('a route through a token that the order does not name', () => {
  const [usdc, sol] = [tokenCalled('USDC'), tokenCalled('SOL')]
  const [leg] = exampleRoute.legs
  const into = { ...leg, tokenOut: usdc, amountOut: baseUnits(12_345_678n) } as Leg
  const outOf = { ...leg, tokenIn: usdc, amountIn: into.amountOut, pool: 'second' } as Leg
  const comparison: RouteComparison = {
    bestPool: { venue: 'meteora', pool: 'direct', amountOut: baseUnits(397_000_000_000n) },
    bestVenue: null,
    gainOverPoolBps: 25.18,
    gainOverVenueBps: null,
    shareBps: [10_000, 10_000],
    priceImpactBps: 3.2,
    leftOut: { worse_price: ['direct', 'other'], restricted: ['third'] },
  }
  const life: readonly EventDraft[] = [
    triggered,
    { ...routed, route: { ...exampleRoute, legs: [into, outOf], comparison } },
    submitted,
    {
      kind: 'filled',
      fill: { ...drafts.filled.fill, poolFees: [{ pool: 'second', amount: baseUnits(5n), token: sol }] },
    },
  ]

  test('is the same when it is replayed, with what it was compared with', () => {
    const written = writeLife(life)
    expect(replayLog(written.map(({ logged }) => logged))).toEqual(written.at(-1)?.after)
  })

  test('names the token in full in each leg', () => {
    const data = JSON.parse(writeLife(life)[2]?.logged.data ?? '')
    const { symbol, mint, decimals } = usdc
    expect(data.route.legs).toMatchObject([
      { tokenOut: symbol, tokenOutMint: mint, tokenOutDecimals: decimals, amountOut: '12.345678' },
      { tokenIn: symbol, tokenInMint: mint, tokenInDecimals: decimals, amountIn: '12.345678' },
    ])
    expect(data.route.comparison.bestPool).toMatchObject({ amountOut: '397', amountOutBase: '397000000000' })
  })
})

test('the tokens of the order itself are named by symbol alone, and nobody else is taken for one of them', () => {
  for (const { before, event, logged } of writeLife(wholeLife)) {
    if (event.kind !== 'routed' && event.kind !== 'filled') continue
    expect(logged.data).not.toMatch(/Mint|Decimals/)
    const foreign = { ...logged, data: logged.data.replaceAll('"A"', '"SOL"') }
    expect(() => decodeEvent(before, foreign)).toThrow('does not trade SOL')
  }
})

test('the signed bytes stay beside the data, never in it', () => {
  for (const { event, logged } of writeLife(wholeLife)) {
    expect(logged.wire).toBe(event.kind === 'submitted' ? event.swap.wire : null)
    expect(logged.data).not.toContain('wire')
  }
})

test('a submitted event without its bytes is no log of ours', () => {
  const at = writeLife([triggered, routed, submitted]).at(-1)
  expect(() => at && decodeEvent(at.before, { ...at.logged, wire: null })).toThrow('no signed bytes')
})

test('an empty log is no order, and one with a gap is refused', () => {
  const logs = writeLife(wholeLife).map(({ logged }) => logged)
  expect(replayLog([])).toBeNull()
  expect(() => replayLog(logs.filter(({ seq }) => seq !== 2))).toThrow()
})

describe('the data for people', () => {
  const dataOf = (life: readonly EventDraft[], spec: OrderSpec = specOf()) =>
    JSON.parse(writeLife(life, spec).at(-1)?.logged.data ?? '')

  test('of a fill: price, slippage against the quote, and the time spent per step of this attempt', () => {
    expect(dataOf(wholeLife)).toMatchObject({
      signature: 'signature2',
      txHash: 'signature2',
      amountIn: '100',
      amountInBase: '100000000',
      amountOut: '397.5',
      amountOutBase: '397500000000',
      executedPrice: '3.975',
      slippageToQuoteBps: 12.56,
      networkFeeLamports: '15000',
      poolFees: [{ pool: 'raydium A/B', amount: '0.25', amountBase: '250000', token: 'A' }],
      slot: 9,
      stepMs: { routing: 250, building: 250, submitted: 250, total: 1_750 },
    })
  })

  test('of a route: every venue’s quote, or why it has none', () => {
    expect(dataOf([triggered, routed])).toMatchObject({
      quotes: [
        {
          venue: 'raydium',
          amountOut: '398',
          fee: '0.25',
          feeToken: 'A',
          priceImpactBps: 1.25,
          latencyMs: 12,
        },
        { venue: 'meteora', error: 'venue_timeout', detail: 'no answer', latencyMs: 900 },
      ],
      route: { legs: [{ venue: 'raydium', amountIn: '100' }], amountOut: '398' },
      minAmountOut: '394.02',
    })
  })

  test('of a failure: its code, its public sentence, its detail, and how far it came', () => {
    expect(dataOf([triggered, routed, submitted, drafts.failed])).toEqual({
      failure: { code: 'swap_expired', message: expect.stringMatching(/\.$/), detail: 'never seen' },
      attempts: 1,
      reachedChain: true,
    })
    expect(dataOf([triggered, drafts.retried])).toMatchObject({
      failure: { code: 'slippage_exceeded' },
      retryAt: '2026-01-01T00:00:01.000Z',
    })
  })

  test('of a retry: that it is stalled where it is, and nothing of it where it is not', () => {
    expect(dataOf([triggered, { ...drafts.retried, isStalled: true }])).toMatchObject({ stalled: true })
    expect(dataOf([triggered, drafts.retried])).not.toHaveProperty('stalled')
  })

  test('of what fired it: what each slot paid, as the price that the order names', () => {
    const fired = { ...triggered, observations: exampleObservations }
    const [first, second] = dataOf([fired], stopOf()).observations
    expect(first).toEqual({
      source: 'executable',
      slot: 7,
      at: '2026-01-01T00:00:00.000Z',
      price: '3.5',
      amountOut: '350',
      amountOutBase: '350000000000',
    })
    expect(second).toMatchObject({ slot: 8, at: '2026-01-01T00:00:00.400Z', price: '3.49123456789' })
    const [inverse] = dataOf([fired], stopOf({ priceOf: 'tokenOut' })).observations
    expect(inverse.price).toBe('0.285714285714285714')
  })

  test('of the start of an order that waits for no price: nothing', () => {
    expect(dataOf([triggered])).toEqual({})
  })

  test('of the start of a leg that sells less than its share: how much, and its price for that', () => {
    const fired = { ...triggered, amountIn: baseUnits(50_000_000n), observations: exampleObservations }
    const data = dataOf([fired], stopOf())
    expect(data).toMatchObject({ amountIn: '50', amountInBase: '50000000' })
    expect(data.observations[0]).toMatchObject({ price: '7', amountOut: '350' })
  })

  test('of a leg that starts with its parent: all terms, and a sentence, with what it sells', () => {
    expect(dataOf([{ kind: 'activated', spec: started }], dormant)).toMatchObject({
      type: 'stop',
      amountIn: '50',
      parentId: started.parent?.orderId,
      groupId: started.parent?.orderId,
      childNumber: 1,
      groupLegs: 2,
      shareBps: 5_000,
      groupTotalBase: '100000000',
      summary: expect.stringContaining('50 A'),
    })
  })

  test('of the end of a plan: what it has traded, what is left, and at what price on average', () => {
    const part = { amountIn: baseUnits(40_000_000n), amountOut: baseUnits(160_000_000_000n) }
    const traded = {
      filledIn: '40',
      filledInBase: '40000000',
      filledOut: '160',
      filledOutBase: '160000000000',
      remainingIn: '60',
      averagePrice: '4',
    }
    expect(dataOf([{ kind: 'expired', totals: part }], twapOf())).toEqual(traded)
    expect(dataOf([drafts.completed], ocoOf())).toMatchObject({ filledIn: '100', remainingIn: '0' })
    const nothing = { amountIn: baseUnits(0n), amountOut: baseUnits(0n) }
    expect(dataOf([{ kind: 'expired', totals: nothing }], twapOf())).toMatchObject({
      filledIn: '0',
      remainingIn: '100',
      averagePrice: null,
    })
    expect(dataOf([drafts.expired], limitOf())).toEqual({})
  })

  test('of a rest: what ended the attempt, until when it rests, and what its trigger remembers', () => {
    const rest = { ...drafts.rested, wakeAt: null, memory: { watermark: '4.05', failures: '1' } }
    expect(dataOf([rest])).toMatchObject({
      failure: { code: 'slippage_exceeded' },
      wakeAt: null,
      memory: { watermark: '4.05', failures: '1' },
    })
    expect(dataOf([{ ...rest, reason: null }])).not.toHaveProperty('failure')
  })

  test('of a pause: by whom, and what is remembered; of its end: by whom', () => {
    expect(dataOf([drafts.paused])).toEqual({ by: 'local', memory: { watermark: '4.1' } })
    expect(dataOf([drafts.paused, drafts.resumed])).toEqual({ by: 'local' })
  })

  test('of an amendment: by whom, and all terms as they are from then on', () => {
    const spec = limitOf({ limitPrice: '3.9' })
    expect(dataOf([{ ...drafts.amended, spec }], limitOf())).toMatchObject({
      by: 'local',
      type: 'limit',
      limitPrice: '3.9',
      amountIn: '100',
      summary: expect.stringContaining('3.9 B for 1 A'),
      memory: drafts.amended.memory,
    })
  })

  test.each(types)('of a new %s: a sentence that says what it will do', (type) => {
    expect(dataOf([], exampleSpecs[type]()).summary).toMatch(/^Sell (what is left of )?100 A for B .*\.$/)
  })
})
