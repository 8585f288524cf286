// Owns synthetic pools for the router: exact in bigint, with their curves in floats, and markets made of them by a seed.
import type { ExactQuote, RoutablePool, Segment } from '../../src/domain/pool.ts'
import type { VenueName } from '../../src/domain/route.ts'
import type { VenuePools } from '../../src/domain/routing/believable.ts'
import type { Token } from '../../src/domain/token.ts'

const PPM = 1_000_000n

/** `reserveIn` and `reserveOut` are virtual where the stretch ends before they are gone. */
type Stretch = { readonly reserveIn: bigint; readonly reserveOut: bigint; readonly capNetIn: bigint }
type Place = {
  readonly pool: string
  readonly venue?: VenueName
  readonly tokenA: Token
  readonly tokenB: Token
  readonly feePpm?: bigint
}

const refusal = (reason: string, mostIn?: bigint): ExactQuote => ({
  kind: 'refused',
  reason,
  detail: reason,
  ...(mostIn === undefined ? {} : { mostIn }),
})

const least = (a: bigint, b: bigint) => (a < b ? a : b)

/** A pool whose stretches in each direction are given; in each, x · y = k, rounded against the taker. */
function stretchPool(place: Place, aToB: readonly Stretch[], bToA: readonly Stretch[]): RoutablePool {
  const { pool, tokenA, tokenB, venue = 'raydium', feePpm = 2_500n } = place
  const kept = Number(PPM - feePpm) / Number(PPM)
  const quote = (stretches: readonly Stretch[], amountIn: bigint): ExactQuote => {
    const fee = (amountIn * feePpm + PPM - 1n) / PPM
    let left = amountIn - fee
    if (left <= 0n) return refusal('amount_too_small')
    let amountOut = 0n
    for (const { reserveIn, reserveOut, capNetIn } of stretches) {
      const part = least(left, capNetIn)
      amountOut += (part * reserveOut) / (reserveIn + part)
      left -= part
      if (left === 0n) break
    }
    if (left > 0n) {
      const most = stretches.reduce((sum, { capNetIn }) => sum + capNetIn, 0n)
      return refusal('insufficient_liquidity', (most * PPM) / (PPM - feePpm))
    }
    return amountOut === 0n
      ? refusal('amount_too_small')
      : { kind: 'quoted', amountOut, fee, feeOnInput: true }
  }
  function* segments(stretches: readonly Stretch[]): Generator<Segment> {
    for (const { reserveIn, reserveOut, capNetIn } of stretches) {
      yield {
        price: (Number(reserveOut) / Number(reserveIn)) * kept,
        depth: Number(reserveIn) / kept,
        capIn: Number(capNetIn) / kept,
      }
    }
  }
  return {
    pool,
    venue,
    program: venue === 'raydium' ? 'raydium-clmm' : 'meteora-dlmm',
    tokenA,
    tokenB,
    slot: 7,
    quote: (isAToB, amountIn) => quote(isAToB ? aToB : bToA, amountIn),
    segments: (isAToB) => segments(isAToB ? aToB : bToA),
  }
}

/** A constant-product pool. */
export function cpmmPool(place: Place, reserveA: bigint, reserveB: bigint): RoutablePool {
  const capNetIn = 2n ** 90n
  return stretchPool(
    place,
    [{ reserveIn: reserveA, reserveOut: reserveB, capNetIn }],
    [{ reserveIn: reserveB, reserveOut: reserveA, capNetIn }],
  )
}

/** A reserve so large that a stretch of the size of a bin does not move its price. */
const FLAT = 10n ** 48n

/** A pool of bins with a constant price each, A for B only: the first at `price` (B per A), each next `stepBps` lower. */
export function binPool(
  place: Place,
  price: number,
  stepBps: number,
  binsIn: readonly bigint[],
): RoutablePool {
  const stretches = binsIn.map((capNetIn, i) => {
    const scaled = BigInt(Math.round(price * (1 - stepBps / 10_000) ** i * 2 ** 52))
    return { reserveIn: FLAT * 2n ** 52n, reserveOut: FLAT * scaled, capNetIn }
  })
  return stretchPool(place, stretches, [])
}

/** A pool of concentrated liquidity, A for B only: ranges of `widthBps` in √price, each with its own liquidity. */
export function rangePool(
  place: Place,
  price: number,
  widthBps: number,
  liquidity: readonly number[],
): RoutablePool {
  let root = Math.sqrt(price)
  const stretches = liquidity.map((depth) => {
    const end = root * (1 - widthBps / 10_000)
    const stretch = {
      reserveIn: BigInt(Math.ceil(depth / root)),
      reserveOut: BigInt(Math.floor(depth * root)),
      capNetIn: BigInt(Math.ceil(depth / end - depth / root)),
    }
    root = end
    return stretch
  })
  return stretchPool(place, stretches, [])
}

/** A stream of numbers in [0, 1) that a seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * A pool of any of the three kinds that sells A for B at about `price`, some tens of bps around it, and holds about
 * `size` base units of A.
 */
export function anyPool(place: Place, price: number, size: number, next: () => number): RoutablePool {
  const own = price * (1 + (next() - 0.5) * 0.006)
  const deep = size * 10 ** (next() * 2 - 1)
  const feePpm = [100n, 400n, 2_500n, 10_000n][Math.floor(next() * 4)] ?? 0n
  const kind = next()
  if (kind < 0.4) {
    return cpmmPool({ feePpm, ...place }, BigInt(Math.ceil(deep)), BigInt(Math.ceil(deep * own)))
  }
  if (kind < 0.7) {
    const bins = Array.from({ length: 40 }, () => BigInt(Math.ceil((deep / 40) * (0.2 + 1.6 * next()))))
    return binPool({ feePpm, ...place }, own, 10 + 10 * next(), bins)
  }
  const ranges = Array.from({ length: 40 }, () => deep * Math.sqrt(own) * (1 + 9 * next()))
  return rangePool({ feePpm, ...place }, own, 20, ranges)
}

export type Market = {
  readonly tokenIn: Token
  readonly tokenOut: Token
  readonly intermediates: readonly Token[]
  /** Pools that trade the pair, and pools on each side of each intermediate token. */
  readonly direct: number
  readonly eachSide: number
  /** Base units out per base unit in, and how much each pool holds of the input, about. */
  readonly price: number
  readonly size: number
}

/** Pools of all kinds on both venues that trade a pair, directly and through other tokens. */
export function anyMarket(market: Market, seed: number): RoutablePool[] {
  const { tokenIn, tokenOut, price, size } = market
  const next = seeded(seed)
  const several = (count: number, tokenA: Token, tokenB: Token, at: number, deep: number) =>
    Array.from({ length: count }, (_, i) => {
      const venue = next() < 0.5 ? 'raydium' : 'meteora'
      return anyPool(
        { pool: `${tokenA.symbol}/${tokenB.symbol} ${i}`, venue, tokenA, tokenB },
        at,
        deep,
        next,
      )
    })
  const pools = several(market.direct, tokenIn, tokenOut, price, size)
  for (const between of market.intermediates) {
    const first = 10 ** (4 * next() - 2)
    pools.push(...several(market.eachSide, tokenIn, between, first, size))
    pools.push(...several(market.eachSide, between, tokenOut, price / first, size * first))
  }
  return pools
}

/** The pools as the venues would hand them over. */
export const atVenues = (pools: readonly RoutablePool[]): VenuePools[] =>
  (['raydium', 'meteora'] as const).map((venue) => ({
    venue,
    latencyMs: 5,
    pools: pools.filter((pool) => pool.venue === venue),
  }))
