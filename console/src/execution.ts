// Owns an execution: how one order was filled, from its log, and what many of them come to. Statistics for the eye, not money.

import type { OrderEvent } from 'oee-client'

export type Execution = {
  readonly orderId: string
  readonly at: string
  readonly tokenIn: string
  readonly tokenOut: string
  readonly amountIn: string
  /** Outputs: when it arrived, of the quote that landed, at least, and in the end. */
  readonly arrival: string
  readonly quoted: string
  readonly minimum: string
  readonly amountOut: string
  /** `split`: over several venues. */
  readonly venue: string
  readonly attempts: number
  /** Attempts that the chain has reverted. */
  readonly reverts: number
  readonly feeLamports: number
  readonly stepMs: Readonly<Record<string, number>>
  /** Whether it waited for a price or a time: its wait says nothing of the engine's pace. */
  readonly waited: boolean
}

const REVERTED: ReadonlySet<string> = new Set(['slippage_exceeded', 'insufficient_funds', 'swap_reverted'])

/** Of a filled order, from its whole log; null for one that was not filled by a swap of its own. */
export function executionOf(events: readonly OrderEvent[]): Execution | null {
  const last = <K extends OrderEvent['kind']>(kind: K) =>
    events.findLast((event): event is Extract<OrderEvent, { kind: K }> => event.kind === kind)
  const terms = last('amended') ?? last('activated') ?? last('accepted')
  const [filled, submitted] = [last('filled'), last('submitted')]
  const firstRoute = events.find((event) => event.kind === 'routed')
  if (terms === undefined || filled === undefined || submitted === undefined || firstRoute === undefined)
    return null
  const observed = last('triggered')?.observations?.at(-1)?.amountOut
  const venues = new Set(submitted.route.legs.map(({ venue }) => venue))
  return {
    orderId: filled.orderId,
    at: filled.at,
    tokenIn: terms.tokenIn,
    tokenOut: terms.tokenOut,
    amountIn: filled.amountIn,
    arrival: observed ?? firstRoute.route.amountOut,
    quoted: submitted.route.amountOut,
    minimum: submitted.minAmountOut,
    amountOut: filled.amountOut,
    venue: venues.size > 1 ? 'split' : ([...venues][0] ?? 'split'),
    attempts: filled.attempt,
    reverts: events.filter((event) => event.kind === 'retried' && REVERTED.has(event.failure.code)).length,
    feeLamports: Number(filled.networkFeeLamports),
    stepMs: filled.stepMs,
    waited: terms.type !== 'market',
  }
}

/** How much less `got` is than `expected`, in bps; negative where it is more. */
export const shortfallBps = (expected: string, got: string): number =>
  Number(expected) === 0 ? 0 : (1 - Number(got) / Number(expected)) * 10_000

/** The value below which that share of the values lies; null where there are none. */
export function quantile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
}
