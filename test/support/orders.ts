// Owns example orders and events for tests of the domain and of the ports.
import { v7 } from 'uuid'
import { simulatedTokens } from '../../src/dex/simulated/market.ts'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { Guards } from '../../src/domain/guards.ts'
import type { EventDraft, Fill, Observation, SignedSwap } from '../../src/domain/order.ts'
import type { NewOrder, OrderFilter } from '../../src/domain/ports/orders.ts'
import type { PoolQuote, Route, VenueName } from '../../src/domain/route.ts'
import {
  EXECUTABLE,
  type LegTerms,
  type LimitSpec,
  type MarketSpec,
  type OcoSpec,
  type OrderId,
  type OrderSpec,
  type OrderType,
  type RestingSpec,
  type SniperSpec,
  type StopSpec,
  type TimeStopSpec,
  type TrailingStopSpec,
  type TwapSpec,
} from '../../src/domain/spec.ts'
import { passesIn } from '../../src/domain/termsCodec.ts'
import type { Token } from '../../src/domain/token.ts'

export const newId = () => v7() as OrderId

/** All orders of the owner, but for what `filter` chooses. */
export const filterOf = (owner: string, filter: Partial<OrderFilter> = {}): OrderFilter => ({
  owner,
  status: null,
  mint: null,
  clientOrderId: null,
  type: null,
  isResting: null,
  parentId: null,
  ...filter,
})

export function tokenCalled(symbol: string): Token {
  const token = simulatedTokens.find((candidate) => candidate.symbol === symbol)
  if (token === undefined) throw new Error(`no token is called ${symbol}`)
  return token
}

/** A market order: 100 A for B. */
export function specOf(more: Partial<MarketSpec> = {}): MarketSpec {
  return {
    orderId: newId(),
    owner: 'local',
    type: 'market',
    tokenIn: tokenCalled('A'),
    tokenOut: tokenCalled('B'),
    amountIn: baseUnits(100_000_000n),
    slippageBps: bps(100),
    constraints: {},
    clientOrderId: null,
    parent: null,
    exits: [],
    ...more,
  }
}

/** When the example orders that wait for a price end by themselves: 30 days after a manual clock begins. */
export const EXAMPLE_END = Date.UTC(2026, 0, 31)

const { type: _, exits, ...asked } = specOf()
const waiting = {
  ...asked,
  priceOf: 'tokenIn',
  condition: { source: EXECUTABLE, observations: 1, dwellMs: 0, maxAgeMs: 5_000 },
  isDefaultExpiry: false,
} as const

const exit = {
  ...waiting,
  limitPrice: null,
  slippageBps: bps(2_000),
  slippageLadderBps: [300, 1_000, 2_000].map(bps),
  feeBudgetLamports: baseUnits(50_000_000n),
  expiresAt: EXAMPLE_END,
} as const

/** The same trade, for at least 4.05 B each. */
export const limitOf = (more: Partial<LimitSpec> = {}): LimitSpec => ({
  ...waiting,
  orderId: newId(),
  type: 'limit',
  limitPrice: '4.05',
  exits,
  expiresAt: EXAMPLE_END,
  ...more,
})

/** The same trade, once the market pays 3.5 B each or less; as a takeProfit, or more. */
export const stopOf = (more: Partial<StopSpec> = {}): StopSpec => ({
  ...exit,
  orderId: newId(),
  type: 'stop',
  triggerPrice: '3.5',
  ...more,
})

/** The same trade, once the price has fallen 5 % from its best. */
export const trailingStopOf = (more: Partial<TrailingStopSpec> = {}): TrailingStopSpec => ({
  ...exit,
  orderId: newId(),
  type: 'trailingStop',
  trailingBps: bps(500),
  activationPrice: null,
  ...more,
})

/** The same trade, an hour after it was bought: as the second leg of a group that may sell 300 A. */
export const timeStopOf = (more: Partial<TimeStopSpec> = {}): TimeStopSpec => ({
  ...exit,
  orderId: newId(),
  type: 'timeStop',
  maxHoldMs: 3_600_000,
  fireAt: null,
  parent: { kind: 'leg', orderId: newId(), number: 2, legs: 3, shareBps: null, total: asked.amountIn },
  ...more,
})

const { orderId: _id, owner: _owner, tokenIn: _in, tokenOut: _out, amountIn: _amount, ...terms } = stopOf()
const { constraints: _constraints, clientOrderId: _client, parent: _parent, ...stopLeg } = terms

/** The same trade at 4.5 B each or more, or else at 3.5 B or less. */
export const ocoOf = (more: Partial<OcoSpec> = {}): OcoSpec => ({
  ...asked,
  orderId: newId(),
  type: 'oco',
  legs: [
    { ...stopLeg, type: 'takeProfit', triggerPrice: '4.5', shareBps: bps(5_000) },
    { ...stopLeg, shareBps: null },
  ],
  ...more,
})

const { triggerPrice: _trigger, ...exitLeg } = stopLeg
const { type: timeStop, maxHoldMs, fireAt } = timeStopOf()

/** Exits of an entry that is bought for: half of it at 4.5 each or more, the rest at 3.5 or less, or after an hour. */
export const exampleExits: readonly LegTerms[] = [
  ...ocoOf().legs,
  { ...exitLeg, type: timeStop, maxHoldMs, fireAt, shareBps: null },
]

/** The same trade in ten slices over a minute. */
export const twapOf = (more: Partial<TwapSpec> = {}): TwapSpec => ({
  ...asked,
  orderId: newId(),
  type: 'twap',
  slices: 10,
  startAt: Date.UTC(2026, 0, 1),
  isDefaultStart: false,
  durationMs: 60_000,
  jitterBps: bps(1_000),
  limitPrice: '3.9',
  priceOf: 'tokenIn',
  minSlice: baseUnits(1n),
  catchUp: 'spread',
  ...more,
})

/** Guards as they are when an order says nothing of them. */
export const defaultGuards: Guards = {
  minLiquidityLamports: null,
  maxTransferFeeBps: bps(0),
  minAgeSlots: 0,
  maxAgeSlots: 1_500,
  minSaleBps: bps(8_000),
  allowCreators: null,
  denyCreators: [],
  allow: [],
}

/** Buys B with the same 100 A once it is launched, at a quarter of an A each at most. */
export const sniperOf = (more: Partial<SniperSpec> = {}): SniperSpec => ({
  ...waiting,
  orderId: newId(),
  type: 'sniper',
  creator: null,
  priceOf: 'tokenOut',
  condition: passesIn(1),
  limitPrice: '0.25',
  exits,
  guards: defaultGuards,
  expiresAt: EXAMPLE_END,
  ...more,
})

/** An example of each order type, every one a new order. */
export const exampleSpecs: Readonly<Record<OrderType, () => OrderSpec>> = {
  market: specOf,
  limit: limitOf,
  stop: stopOf,
  takeProfit: () => stopOf({ type: 'takeProfit', triggerPrice: '4.5' }),
  trailingStop: trailingStopOf,
  timeStop: timeStopOf,
  sniper: sniperOf,
  oco: ocoOf,
  twap: twapOf,
}

type Keys = Partial<Omit<NewOrder, 'spec'>>

/** A market order to create; `restingOrder` makes the others. */
export function newOrder({
  idempotencyKey = null,
  isLimited = false,
  ...spec
}: Keys & Partial<MarketSpec> = {}): NewOrder {
  return { spec: specOf(spec), idempotencyKey, isLimited }
}

/** An order to create that waits for a price. */
export const restingOrder = (spec: RestingSpec = limitOf(), keys: Keys = {}): NewOrder => ({
  spec,
  idempotencyKey: null,
  isLimited: false,
  ...keys,
})

function quoteOf(venue: VenueName, amountOut: bigint, more: Partial<PoolQuote> = {}): PoolQuote {
  return {
    venue,
    pool: `${venue} A/B`,
    program: venue === 'raydium' ? 'raydium-cpmm' : 'meteora-damm-v2',
    amountIn: baseUnits(100_000_000n),
    amountOut: baseUnits(amountOut),
    fee: baseUnits(250_000n),
    feeToken: tokenCalled('A'),
    priceImpactBps: 1.25,
    slot: 7,
    ...more,
  }
}

export const exampleRoute: Route = {
  legs: [
    {
      venue: 'raydium',
      pool: 'raydium A/B',
      program: 'raydium-cpmm',
      tokenIn: tokenCalled('A'),
      tokenOut: tokenCalled('B'),
      amountIn: baseUnits(100_000_000n),
      amountOut: baseUnits(398_000_000_000n),
    },
  ],
  amountOut: baseUnits(398_000_000_000n),
  minAmountOut: baseUnits(394_020_000_000n),
  reason: 'raydium pays most; 12 bps more than meteora',
}

const swapNumber = (number: number): SignedSwap => ({
  signature: `signature${number}`,
  wire: new Uint8Array([number, 0, 255, 128]),
  lastValidBlockHeight: 150 + number,
})

const exampleFill: Fill = {
  amountIn: baseUnits(100_000_000n),
  amountOut: baseUnits(397_500_000_000n),
  networkFeeLamports: baseUnits(15_000n),
  poolFees: [{ pool: 'raydium A/B', amount: baseUnits(250_000n), token: tokenCalled('A') }],
  slot: 9,
}

/** What fires the example stop: 350 B, and less, for its 100 A, in two slots. */
export const exampleObservations: readonly Observation[] = [
  { source: EXECUTABLE, slot: 7, at: Date.UTC(2026, 0, 1), amountOut: baseUnits(350_000_000_000n) },
  {
    source: EXECUTABLE,
    slot: 8,
    at: Date.UTC(2026, 0, 1, 0, 0, 0, 400),
    amountOut: baseUnits(349_123_456_789n),
  },
]

/** One draft of every kind that may follow `accepted`. The spec of `amended` is another order's: give it one of yours. */
export const drafts = {
  activated: { kind: 'activated', spec: stopOf() },
  triggered: { kind: 'triggered', observations: [], amountIn: asked.amountIn },
  completed: {
    kind: 'completed',
    totals: { amountIn: asked.amountIn, amountOut: baseUnits(397_500_000_000n) },
  },
  routed: {
    kind: 'routed',
    route: exampleRoute,
    answers: [
      { venue: 'raydium', latencyMs: 12, quotes: [quoteOf('raydium', 398_000_000_000n)] },
      { venue: 'meteora', latencyMs: 900, refusal: { code: 'venue_timeout', detail: 'no answer' } },
    ],
  },
  submitted: { kind: 'submitted', swap: swapNumber(1), steps: ['memo', 'swap raydium-cpmm'] },
  filled: { kind: 'filled', fill: exampleFill },
  retried: {
    kind: 'retried',
    failure: { code: 'slippage_exceeded', detail: 'the pool would pay less' },
    retryAt: Date.UTC(2026, 0, 1, 0, 0, 1),
    isStalled: false,
  },
  rested: {
    kind: 'rested',
    reason: { code: 'slippage_exceeded', detail: 'the price has walked away' },
    wakeAt: Date.UTC(2026, 0, 2),
    memory: { watermark: '4.05' },
  },
  paused: { kind: 'paused', by: 'local', memory: { watermark: '4.1' } },
  resumed: { kind: 'resumed', by: 'local' },
  amended: { kind: 'amended', by: 'local', spec: limitOf(), memory: { watermark: '4.05' } },
  failed: { kind: 'failed', failure: { code: 'swap_expired', detail: 'never seen' } },
  canceled: { kind: 'canceled', by: 'local' },
  expired: { kind: 'expired', totals: null },
} as const satisfies Record<string, EventDraft>

/** A life with everything in it: an attempt that reverts, and one that is filled. */
export const wholeLife: readonly EventDraft[] = [
  drafts.triggered,
  drafts.routed,
  drafts.submitted,
  drafts.retried,
  drafts.routed,
  { ...drafts.submitted, swap: swapNumber(2) },
  drafts.filled,
]
