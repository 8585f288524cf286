// Owns a synthetic market: disjoint pairs, each with two constant-product pools, one per venue, whose price moves on demand.
import type { RoutablePool } from '../../src/domain/pool.ts'
import type { Venue } from '../../src/domain/ports/market.ts'
import type { MarketChange, MarketData } from '../../src/domain/ports/marketData.ts'
import { type Pair, venueNames } from '../../src/domain/route.ts'
import type { RoutingSettings } from '../../src/domain/routing/offer.ts'
import { type Token, WRAPPED_SOL } from '../../src/domain/token.ts'
import { cpmmPool, seeded } from '../../test/support/routablePools.ts'

export const PAIRS = 50
/** Base units of the first token in each pool: at six decimals, ten million of them. */
const RESERVE = 1e13
const FEE_PPM = 2_500n
const KEPT = 1 - Number(FEE_PPM) / 1e6

/** As the engine has them by itself; no pool here trades the intermediate tokens. */
export const routing: RoutingSettings = {
  intermediates: [WRAPPED_SOL, 'mint USDC', 'mint USDT'],
  maxLegs: 2,
  hopBufferBps: 20,
  legCostLamports: 5_000n,
  feeMint: WRAPPED_SOL,
}

export type Side = Pair & {
  readonly pair: number
  /** Base units of `tokenIn` that are worth one of the pair's first token. */
  readonly unit: number
  /** What so much gets at the pair's first price, as output per input, fees and price impact included. */
  executable(amountIn: number): number
}

export type State = readonly RoutablePool[]

export type SyntheticMarket = {
  /** Both directions of each pair. */
  readonly sides: readonly Side[]
  readonly marketData: MarketData
  readonly venues: readonly Venue[]
  /** The pools of a pair once its price is so many times the first one. */
  stateAt(pair: number, times: number): State
  /** From now on these are the pair's pools. */
  show(pair: number, state: State): void
  /** Calls the listeners: these pairs have changed. */
  announce(pairs: readonly number[]): void
}

export function createMarket(seed = 1): SyntheticMarket {
  const next = seeded(seed)
  const pairs = Array.from({ length: PAIRS }, (_, i) => ({
    tokens: [tokenCalled(`A${i}`), tokenCalled(`B${i}`)] as const,
    price: 10 ** (2 * next() - 1),
  }))
  const pairOf = new Map(pairs.flatMap(({ tokens }, i) => tokens.map(({ mint }) => [mint, i] as const)))
  const listeners = new Set<(change: MarketChange) => void>()
  const shown: State[] = pairs.map((_, i) => stateAt(i, 1))
  let slot = 1

  function stateAt(pair: number, times: number): State {
    const { tokens, price } = at(pairs, pair)
    const root = Math.sqrt(times)
    const reserves = [RESERVE / root, RESERVE * price * root].map((units) => BigInt(Math.round(units)))
    const [tokenA, tokenB] = tokens
    return venueNames.map((venue) => {
      const place = { pool: `${venue} ${tokenA.symbol}/${tokenB.symbol}`, venue, tokenA, tokenB }
      return cpmmPool({ ...place, feePpm: FEE_PPM }, at(reserves, 0), at(reserves, 1))
    })
  }

  /** The pools of the two tokens, or none. */
  function poolsOf(mintIn: string, mintOut: string): State {
    const pair = pairOf.get(mintIn)
    return pair !== undefined && pairOf.get(mintOut) === pair ? at(shown, pair) : []
  }

  return {
    sides: pairs.flatMap(({ tokens: [a, b], price }, pair) => [
      sideOf(pair, { tokenIn: a, tokenOut: b }, 1, price),
      sideOf(pair, { tokenIn: b, tokenOut: a }, price, 1 / price),
    ]),
    venues: venueNames.map((name) => ({
      name,
      pools: async () => [],
      poolsFor: async ({ mintIn, mintOut }) => poolsOf(mintIn, mintOut).filter(({ venue }) => venue === name),
      swapInstruction: ({ pool }) => ({ programId: name, accounts: [pool], data: new Uint8Array(24) }),
    })),
    marketData: {
      async view({ mintIn, mintOut }) {
        const pools = poolsOf(mintIn, mintOut)
        const venues = venueNames.map((venue) => {
          return { venue, latencyMs: 0, pools: pools.filter((pool) => pool.venue === venue) }
        })
        return { slot, at: Date.now(), venues }
      },
      onChange(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    stateAt,
    show(pair, state) {
      shown[pair] = state
    },
    announce(changed) {
      slot += 1
      const pools = changed.flatMap((pair) =>
        at(shown, pair).map(({ pool, tokenA, tokenB }) => {
          return { pool, mints: [tokenA.mint, tokenB.mint] as const }
        }),
      )
      for (const listener of listeners) listener({ slot, pools })
    },
  }
}

const tokenCalled = (symbol: string): Token => ({
  symbol,
  // As long as an address.
  mint: `mint ${symbol}`.padEnd(44, '-'),
  decimals: 6,
})

/** Two equal pools are one of twice the depth to an amount that is split between them. */
const sideOf = (pair: number, tokens: Pair, unit: number, price: number): Side => ({
  ...tokens,
  pair,
  unit,
  executable: (amountIn) => (price * KEPT) / (1 + (KEPT * amountIn) / (2 * RESERVE * unit)),
})

export function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new Error(`there is no item ${index}`)
  return item
}
