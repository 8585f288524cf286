// Owns two venues that quote, refuse, break down, fall silent, dawdle or tell nonsense.
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { RouteQuery, VenueName } from '../../src/domain/route.ts'
import { tokenCalled } from '../support/orders.ts'
import type { Worth } from './chain.ts'
import type { fatesIn, QuoteFate } from './plan.ts'
import type { Life } from './world.ts'

/** Just within a worker's patience, or just beyond it. */
const SLOW_MS = 900

const [tokenA, tokenB] = [tokenCalled('A'), tokenCalled('B')]

/** A venue pays `shortBps` less than the chain says the input is worth. */
export type VenueTerms = { readonly name: VenueName; readonly shortBps: bigint }

export function fakeVenue(
  terms: VenueTerms,
  life: Life,
  worth: Worth,
  fateOf: ReturnType<typeof fatesIn>,
  poolsFor: (pool: RoutablePool, query: RouteQuery) => RoutablePool[] = (pool) => [pool],
): Venue {
  const { name } = terms
  return {
    name,
    pools: async () => [],
    async poolsFor(query) {
      const fate = fateOf('quote')
      // One of its own: what waits for a promise that all shared would be kept until the last of them.
      if (fate === 'is silent') return new Promise<never>(() => {})
      const pool = await life.call(
        `ask ${name}${fate === null ? '' : `, which ${fate}`}`,
        () => poolPaying(terms, worth, fate),
        fate === 'is slow' ? SLOW_MS : 0,
      )
      if (fate === 'is down') throw new Error('connection refused')
      return poolsFor(pool, query)
    },
    swapInstruction: () => ({ programId: name, accounts: [], data: new Uint8Array() }),
  }
}

/** One pool with a constant price as of the moment it was asked, as far as it has liquidity at all. */
export function poolPaying(
  { name, shortBps }: VenueTerms,
  worth: Worth,
  fate: QuoteFate | null,
): RoutablePool {
  const factor = fate === 'lies' ? 10n : fate === 'pays nothing' ? 0n : 1n
  const unit = 1_000_000_000n
  // As of now: the chain's price moves on.
  const paidFor = (aToB: boolean) => ((worth(unit, aToB) * (10_000n - shortBps)) / 10_000n) * factor
  const [forA, forB] = [paidFor(true), paidFor(false)]
  const paid = (aToB: boolean) => (aToB ? forA : forB)
  return {
    venue: name,
    pool: `${name} pool`,
    program: 'constant price',
    tokenA,
    tokenB,
    slot: 1,
    quote: (aToB, amountIn) =>
      fate === 'refuses'
        ? { kind: 'refused', reason: 'insufficient_liquidity', detail: 'the pool is shallow' }
        : { kind: 'quoted', amountOut: (paid(aToB) * amountIn) / unit, fee: 1n, feeOnInput: true },
    segments: (aToB) =>
      fate === 'refuses'
        ? []
        : [
            {
              price: Number(paid(aToB)) / Number(unit),
              depth: Number.POSITIVE_INFINITY,
              capIn: Number.MAX_SAFE_INTEGER,
            },
          ],
  }
}
