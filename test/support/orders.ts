// Owns example orders and events for tests of the domain and of the ports.
import { v7 } from 'uuid'
import { simulatedTokens } from '../../src/dex/simulated/market.ts'
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { EventDraft, Fill, OrderId, OrderSpec, SignedSwap } from '../../src/domain/order.ts'
import type { NewOrder } from '../../src/domain/ports/orders.ts'
import type { PoolQuote, Route, VenueName } from '../../src/domain/route.ts'
import type { Token } from '../../src/domain/token.ts'

export const newId = () => v7() as OrderId

export function tokenCalled(symbol: string): Token {
  const token = simulatedTokens.find((candidate) => candidate.symbol === symbol)
  if (token === undefined) throw new Error(`no token is called ${symbol}`)
  return token
}

export function specOf(more: Partial<OrderSpec> = {}): OrderSpec {
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
    ...more,
  }
}

type Wanted = Partial<Omit<NewOrder, 'spec'>> & Partial<OrderSpec>

export function newOrder({ idempotencyKey = null, isLimited = false, ...spec }: Wanted = {}): NewOrder {
  const full = specOf(spec)
  return { spec: full, idempotencyKey, isLimited }
}

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

/** One draft of every kind that may follow `accepted`. */
export const drafts = {
  triggered: { kind: 'triggered' },
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
  },
  rested: {
    kind: 'rested',
    reason: { code: 'slippage_exceeded', detail: 'the price has walked away' },
    wakeAt: Date.UTC(2026, 0, 2),
    memory: { best: '4.05' },
  },
  failed: { kind: 'failed', failure: { code: 'swap_expired', detail: 'never seen' } },
  canceled: { kind: 'canceled', by: 'local' },
  expired: { kind: 'expired' },
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
