// Owns the candles of all pairs that have pools: their prices, sampled once in each slot that has changed them.

import { type Candle, type CandleSeries, createSeries, type Interval, intervals } from '../domain/candles.ts'
import { directionOf } from '../domain/pool.ts'
import type { MarketChange } from '../domain/ports/marketData.ts'
import type { Pair } from '../domain/route.ts'
import { believable } from '../domain/routing/believable.ts'
import { firstPrice } from '../domain/routing/firstPrice.ts'
import type { Observe } from '../observe.ts'
import type { Millis, Stop } from '../timing/clock.ts'
import type { LookDeps } from './looks.ts'
import { pairOf, poolsIn } from './prices.ts'

export type CandlesDeps = LookDeps & { readonly observe: Pick<Observe, 'fault'> }

/** Prices are tokenOut per tokenIn, in token units. */
export type Candles = {
  /** The newest candles, the oldest first; null where no pool trades the pair. Rejects when the market cannot be read. */
  read(pair: Pair, interval: Interval, limit: number): Promise<readonly Candle[] | null>
  /** Calls `listener` with the newest candle, and again whenever the price has changed. */
  follow(pair: Pair, interval: Interval, listener: (candle: Candle) => void): Stop
  /** Samples from here on. */
  watch(): Stop
}

/** Two mints in the order of their text: a pair and its reverse share one price. */
type Mints = readonly [string, string]

type Sampled = {
  readonly series: Readonly<Record<Interval, CandleSeries>>
  readonly followers: Set<() => void>
}

/** About a tenth of a millisecond each; pairs beyond that wait for the next slot. */
const SAMPLES_PER_SLOT = 50
/** Pairs beyond that displace those whose price has been at rest the longest. A pair takes up to 200 KB. */
const MAX_PAIRS = 256

export function createCandles(deps: CandlesDeps): Candles {
  const { marketData, clock, observe } = deps
  const pairs = createSampledPairs()
  const changed = new Map<string, Mints>()
  const priceOf = createMidPrice(deps)
  let lastSlot: number | null = null
  let isSampling = false

  function onChange({ slot, pools }: MarketChange): void {
    for (const { mints } of pools) changed.set(keyOf(mints), inOrder(mints))
    if (slot === lastSlot || isSampling) return
    lastSlot = slot
    isSampling = true
    sample()
      .catch((error) => observe.fault('market', error))
      .finally(() => {
        isSampling = false
      })
  }

  async function sample(): Promise<void> {
    for (const [key, mints] of [...changed].slice(0, SAMPLES_PER_SLOT)) {
      changed.delete(key)
      const price = (await priceOf(mints).catch(() => null)) ?? null
      if (price !== null || pairs.get(key) !== undefined) pairs.note(key, clock.now(), price)
      // Until it can be read again.
      if (price === null) changed.set(key, mints)
    }
  }

  return {
    watch: () => marketData.onChange(onChange),

    async read(pair, interval, limit) {
      const mints = mintsOf(pair)
      if (pairs.get(keyOf(mints)) === undefined) {
        const price = await priceOf(inOrder(mints))
        if (price === undefined) return null
        if (price !== null) pairs.note(keyOf(mints), clock.now(), price)
      }
      const candles = pairs.get(keyOf(mints))?.series[interval].read(clock.now(), limit) ?? []
      return candles.map((candle) => inUnits(candle, pair))
    },

    follow(pair, interval, listener) {
      const { series, followers } = pairs.of(keyOf(mintsOf(pair)))
      let last = Number.NaN
      const give = () => {
        const [newest] = series[interval].read(clock.now(), 1)
        if (newest === undefined || newest.close === last) return
        last = newest.close
        listener(inUnits(newest, pair))
      }
      followers.add(give)
      give()
      return () => followers.delete(give)
    },
  }
}

/** In the order of their last change; a new one displaces the one that has rested the longest without a follower. */
function createSampledPairs() {
  const pairs = new Map<string, Sampled>()

  function of(key: string): Sampled {
    const known = pairs.get(key)
    if (known !== undefined) return known
    const isFull = pairs.size >= MAX_PAIRS
    const unfollowed = isFull ? [...pairs].find(([, { followers }]) => followers.size === 0) : undefined
    if (unfollowed !== undefined) pairs.delete(unfollowed[0])
    const series = { '1s': createSeries(intervals['1s']), '1m': createSeries(intervals['1m']) }
    const sampled = { series, followers: new Set<() => void>() }
    pairs.set(key, sampled)
    return sampled
  }

  return {
    get: (key: string) => pairs.get(key),
    of,
    note(key: string, at: Millis, price: number | null): void {
      const sampled = of(key)
      pairs.delete(key)
      pairs.set(key, sampled)
      for (const series of Object.values(sampled.series)) series.note(at, price)
      for (const listener of sampled.followers) listener()
    },
  }
}

const mintsOf = ({ tokenIn, tokenOut }: Pair): Mints => [tokenIn.mint, tokenOut.mint]
const inOrder = ([one, other]: Mints): Mints => (one < other ? [one, other] : [other, one])
const keyOf = (mints: Mints) => inOrder(mints).join(' ')

/**
 * The executable mid in base units: the mean of what the first unit pays when it is sold and what it costs when it is bought,
 * fees included. The geometric mean, because it is the same price from both sides. Null where the pools pay nothing;
 * undefined where no pool trades the pair itself.
 */
function createMidPrice({ marketData, routing }: CandlesDeps) {
  return async ([mintIn, mintOut]: Mints): Promise<number | null | undefined> => {
    const through = routing.intermediates
    const { venues } = await marketData.view({ mintIn, mintOut, through })
    const pair = pairOf(mintIn, mintOut, poolsIn(venues))
    const isDirect = poolsIn(venues).some((pool) => directionOf(pool, mintIn, mintOut) !== null)
    // A venue that does not answer may have the pool.
    if (pair === null || !isDirect) return venues.every((venue) => 'pools' in venue) ? undefined : null
    const pools = poolsIn(believable(pair, venues))
    const sold = firstPrice({ mintIn, mintOut, through }, pools)
    const bought = firstPrice({ mintIn: mintOut, mintOut: mintIn, through }, pools)
    const mid = Math.sqrt(sold / bought)
    return mid > 0 && Number.isFinite(mid) ? mid : null
  }
}

/** The candle as the pair names it: prices in token units, turned over where the pair is the reverse. */
function inUnits({ at, open, high, low, close }: Candle, pair: Pair): Candle {
  const { tokenIn, tokenOut } = pair
  const scale = 10 ** (tokenIn.decimals - tokenOut.decimals)
  const isReverse = tokenIn.mint > tokenOut.mint
  const price = (raw: number) => (isReverse ? 1 / raw : raw) * scale
  const [most, least] = isReverse ? [low, high] : [high, low]
  return { at, open: price(open), high: price(most), low: price(least), close: price(close) }
}
