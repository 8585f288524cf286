// Owns the faults of a simulated venue: down, slow, rate-limited, flapping, stale, or quoting wrong amounts.

import type { ExactQuote, RoutablePool, Segment } from '../../domain/pool.ts'
import { VenueLimited } from '../../domain/ports/market.ts'
import type { VenueFault } from '../../domain/ports/simulation.ts'

/** Longer than any deadline for quotes. */
const SLOW_MS = 60_000
const LATE_MS = 700
const LIMITED_MS = 2_000
const FLAPPING_QUESTIONS = 8
const STALE_SLOTS = 1_000

/** One venue's fault, whichever it has now: its latency, its refusals, and how it distorts the pools. */
export function createVenueFault(faultNow: () => VenueFault | null) {
  let questions = 0
  return {
    /** Null: the usual latency. */
    latencyMs(): number | null {
      const fault = faultNow()
      return fault === 'slow' ? SLOW_MS : fault === 'late' ? LATE_MS : null
    },
    /** Throws when the venue refuses this request. */
    mayRefuse(): void {
      const fault = faultNow()
      const isAway = fault === 'flapping' && questions++ % (2 * FLAPPING_QUESTIONS) >= FLAPPING_QUESTIONS
      if (fault === 'down' || isAway) throw new Error('connection refused')
      if (fault === 'limited') throw new VenueLimited(LIMITED_MS)
    },
    distort(pools: readonly RoutablePool[]): readonly RoutablePool[] {
      switch (faultNow()) {
        case 'stale':
          return pools.map((pool) => ({ ...pool, slot: pool.slot - STALE_SLOTS }))
        case 'wrong':
          return pools.map((pool) => paying(pool, 10))
        case 'zero':
          return pools.map((pool) => paying(pool, 0))
        case 'negative':
          return pools.map((pool) => paying(pool, -1))
        case 'nan':
          return pools.map((pool) => paying(pool, Number.NaN))
        default:
          return pools
      }
    },
  }
}

/** The pool with every price multiplied. An exact quote is an integer and cannot be NaN: it is 0 then. */
function paying(pool: RoutablePool, times: number): RoutablePool {
  const factor = BigInt(times || 0)
  return {
    ...pool,
    quote(aToB, amountIn): ExactQuote {
      const quote = pool.quote(aToB, amountIn)
      return quote.kind === 'refused' ? quote : { ...quote, amountOut: quote.amountOut * factor }
    },
    segments: (aToB) => multiplied(pool.segments(aToB), times),
  }
}

function* multiplied(segments: Iterable<Segment>, times: number): Generator<Segment> {
  for (const segment of segments) yield { ...segment, price: segment.price * times }
}
