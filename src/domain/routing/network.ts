// Owns the network of a trade: every pool that could carry a part of it, and its role there.

import { directionOf, type RoutablePool } from '../pool.ts'
import type { RouteQuery } from '../route.ts'
import { type Curve, capacityOf, curveOf, outputOf, startLevel } from './curve.ts'

/** A pool's role: it trades the pair directly, or is the first or second half of a way through `hop`. */
export type Stage = 'direct' | 'first' | 'second'

/** A pool in one role. */
export type Candidate = {
  readonly index: number
  readonly pool: RoutablePool
  readonly aToB: boolean
  readonly stage: Stage
  /** Index of the intermediate token in `Network.hops`; -1 for a direct leg. */
  readonly hop: number
  readonly curve: Curve
}

/** The two sides of one intermediate token. */
export type Hop = {
  readonly mint: string
  readonly first: readonly Candidate[]
  readonly second: readonly Candidate[]
}

/** Every pool that could carry a part of the trade, ordered by address alone. */
export type Network = {
  readonly amountIn: number
  readonly candidates: readonly Candidate[]
  readonly direct: readonly Candidate[]
  readonly hops: readonly Hop[]
  /** The share of a first hop's output that the second hop does not rely on, in bps. */
  readonly hopBufferBps: number
  /** Memoized two-hop curves, by their legs: the search evaluates the same ones many times. */
  readonly composites: Map<string, Curve>
}

/** Which candidates a route may use; 1 for yes. */
export type LegSet = Uint8Array

/** The query of a route, and the amount that it is for. */
export type AmountQuery = RouteQuery & { readonly amountIn: bigint }

type Oriented = { readonly pool: RoutablePool; readonly aToB: boolean }

const byAddress = (a: RoutablePool, b: RoutablePool) => (a.pool < b.pool ? -1 : Number(a.pool > b.pool))

/** The pools that trade `mintIn` for `mintOut`, and in which direction, in the order given. */
function trading(pools: readonly RoutablePool[], mintIn: string, mintOut: string): Oriented[] {
  const sold: Oriented[] = []
  for (const pool of pools) {
    const aToB = directionOf(pool, mintIn, mintOut)
    if (aToB !== null) sold.push({ pool, aToB })
  }
  return sold
}

/** The pools whose two tokens are both on the way, one of them an end of it, in the order given. */
export function tradesOnTheWay(query: AmountQuery, pools: readonly RoutablePool[]): RoutablePool[] {
  if (pools.length === 0) return []
  const { mintIn, mintOut, through } = query
  const ends = new Set([mintIn, mintOut])
  const touched = new Set([...ends, ...through])
  return pools.filter(({ tokenA, tokenB }) => {
    const mints = [tokenA.mint, tokenB.mint]
    return mints.every((mint) => touched.has(mint)) && mints.some((mint) => ends.has(mint))
  })
}

/** Builds the network. Every pool's segments are read once, here. */
export function networkOf(query: AmountQuery, given: readonly RoutablePool[], hopBufferBps = 0): Network {
  const { mintIn, mintOut } = query
  const pools = given.toSorted(byAddress)
  const amountIn = Number(query.amountIn)
  const candidates: Candidate[] = []
  const adopt = (sold: readonly Oriented[], stage: Stage, hop: number, limit: number) =>
    sold.map(({ pool, aToB }) => {
      const counted = stage === 'first' ? 1 - hopBufferBps / 10_000 : 1
      const curve = curveOf(pool, aToB, limit, counted)
      const candidate = { index: candidates.length, pool, aToB, stage, hop, curve }
      candidates.push(candidate)
      return candidate
    })
  const direct = adopt(trading(pools, mintIn, mintOut), 'direct', -1, amountIn)
  const hops: Hop[] = []
  for (const mint of [...new Set(query.through)].sort()) {
    if (mint === mintIn || mint === mintOut) continue
    const [entries, exits] = [trading(pools, mintIn, mint), trading(pools, mint, mintOut)]
    if (entries.length === 0 || exits.length === 0) continue
    const first = adopt(entries, 'first', hops.length, amountIn)
    hops.push({ mint, first, second: adopt(exits, 'second', hops.length, mostFrom(first, amountIn)) })
  }
  return { amountIn, candidates, direct, hops, hopBufferBps, composites: new Map() }
}

/** An upper bound of what these pools pay for an amount: all of it at the best first-unit price, or all that they hold. */
function mostFrom(entries: readonly Candidate[], amountIn: number): number {
  let [bestPrice, held] = [0, 0]
  for (const { curve } of entries) {
    bestPrice = Math.max(bestPrice, 1 / startLevel(curve) ** 2)
    held += outputOf(curve, capacityOf(curve))
  }
  return Math.min(amountIn * bestPrice, held)
}
