// Owns example orders that wait for a price, and what their sources show: sell 100 A for B, which pays about 4 B for 1 A.
import { baseUnits, bps } from '../../src/domain/amount.ts'
import type { Observation, OrderIn, TriggerMemory } from '../../src/domain/order.ts'
import {
  type Condition,
  EXECUTABLE,
  type LimitSpec,
  type OrderSpec,
  type StopSpec,
  type TrailingStopSpec,
} from '../../src/domain/spec.ts'
import { newId, tokenCalled } from './orders.ts'

/** The moment at which every example begins, and the end of its orders. */
export const START = Date.UTC(2026, 0, 1)
export const END = Date.UTC(2026, 1, 1)

export const conditionOf = (more: Partial<Condition> = {}): Condition => ({
  source: EXECUTABLE,
  observations: 1,
  dwellMs: 0,
  maxAgeMs: 5_000,
  ...more,
})

const asked = () => ({
  orderId: newId(),
  owner: 'local',
  tokenIn: tokenCalled('A'),
  tokenOut: tokenCalled('B'),
  amountIn: baseUnits(100_000_000n),
  constraints: {},
  clientOrderId: null,
  parent: null,
  priceOf: 'tokenIn' as const,
  condition: conditionOf(),
  isDefaultExpiry: false,
})

const exit = () => ({
  ...asked(),
  slippageBps: bps(2_000),
  slippageLadderBps: [bps(300), bps(1_000), bps(2_000)],
  feeBudgetLamports: baseUnits(50_000_000n),
  limitPrice: null,
  expiresAt: END,
})

export const limitOf = (more: Partial<LimitSpec> = {}): LimitSpec => ({
  ...asked(),
  type: 'limit',
  slippageBps: bps(100),
  limitPrice: '4',
  exits: [],
  expiresAt: END,
  ...more,
})

export const stopOf = (more: Partial<StopSpec> = {}): StopSpec => ({
  ...exit(),
  type: 'stop',
  triggerPrice: '3.8',
  ...more,
})

export const takeProfitOf = (more: Partial<StopSpec> = {}): StopSpec => ({
  ...exit(),
  type: 'takeProfit',
  triggerPrice: '4.2',
  ...more,
})

export const trailingOf = (more: Partial<TrailingStopSpec> = {}): TrailingStopSpec => ({
  ...exit(),
  type: 'trailingStop',
  trailingBps: bps(500),
  activationPrice: null,
  ...more,
})

/** The order at rest, with what its trigger remembers. */
export const pendingOf = (
  spec: OrderSpec,
  { memory = {}, isPaused = false }: { readonly memory?: TriggerMemory; readonly isPaused?: boolean } = {},
): OrderIn<'pending'> => ({
  spec,
  memory,
  seq: 2,
  attempt: 1,
  createdAt: START,
  updatedAt: START,
  enteredAt: { pending: START },
  failedAttempts: [],
  reachedChain: false,
  status: 'pending',
  resting: { wakeAt: END },
  isPaused,
})

/** How long a slot of the examples lasts. */
export const SLOT_MS = 400

/** What the source shows at a slot: so many thousandths of a B for each of the 100 A. */
export const seenAt = (slot: number, milliB: number): Observation => ({
  source: EXECUTABLE,
  slot,
  at: START + slot * SLOT_MS,
  amountOut: baseUnits(BigInt(milliB) * 100_000_000n),
})
