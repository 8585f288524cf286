// Owns the listings of the simulated venues at genesis: which pools, how deep, and shaped like real ones.

import type { Token } from '../../domain/token.ts'
import type { ProgramName } from '../pools/pool.ts'
import { type MarketState, type SimulatedPool, START_PRICES, simulatedTokens } from './market.ts'
import { newPool } from './newPools.ts'

type Kind = {
  readonly program: ProgramName
  readonly feePpm: number
  /** Tick spacing or bin step, where the program has one. */
  readonly step: number
  /** Its share of the pair's value. */
  readonly share: number
}

/** A pair of tokens that move apart: three pools on each venue, the cheap ones concentrated and thin. */
const MAIN: readonly Kind[] = [
  { program: 'raydium-cpmm', feePpm: 2_500, step: 0, share: 0.6 },
  { program: 'raydium-amm-v4', feePpm: 2_500, step: 0, share: 1 },
  { program: 'raydium-clmm', feePpm: 500, step: 10, share: 0.25 },
  { program: 'meteora-damm-v2', feePpm: 2_500, step: 0, share: 0.8 },
  { program: 'meteora-dlmm', feePpm: 1_000, step: 10, share: 0.15 },
  { program: 'meteora-dlmm', feePpm: 2_000, step: 20, share: 0.3 },
]
/** Two dollar tokens: liquidity concentrated around a price of one. */
const STABLE: readonly Kind[] = [
  { program: 'raydium-cpmm', feePpm: 100, step: 0, share: 0.5 },
  { program: 'raydium-amm-v4', feePpm: 2_500, step: 0, share: 0.3 },
  { program: 'raydium-clmm', feePpm: 100, step: 1, share: 0.5 },
  { program: 'meteora-damm-v2', feePpm: 100, step: 0, share: 0.5 },
  { program: 'meteora-dlmm', feePpm: 100, step: 1, share: 0.5 },
  { program: 'meteora-dlmm', feePpm: 300, step: 5, share: 0.3 },
]
const SMALL: readonly Kind[] = [
  { program: 'raydium-cpmm', feePpm: 2_500, step: 0, share: 1 },
  { program: 'meteora-damm-v2', feePpm: 2_500, step: 0, share: 1 },
]

type Listing = {
  readonly pair: readonly [string, string]
  readonly dollarsPerSide: number
  readonly kinds: readonly Kind[]
}

const LISTINGS: readonly Listing[] = [
  { pair: ['A', 'B'], dollarsPerSide: 40_000_000, kinds: MAIN },
  { pair: ['A', 'USDC'], dollarsPerSide: 10_000_000, kinds: SMALL },
  { pair: ['A', 'SOL'], dollarsPerSide: 8_000_000, kinds: SMALL },
  { pair: ['B', 'USDC'], dollarsPerSide: 10_000_000, kinds: SMALL },
  { pair: ['SOL', 'USDC'], dollarsPerSide: 20_000_000, kinds: MAIN },
  { pair: ['SOL', 'USDT'], dollarsPerSide: 9_000_000, kinds: MAIN },
  { pair: ['USDC', 'USDT'], dollarsPerSide: 15_000_000, kinds: STABLE },
  { pair: ['JUP', 'USDC'], dollarsPerSide: 3_000_000, kinds: SMALL },
  { pair: ['JUP', 'SOL'], dollarsPerSide: 2_000_000, kinds: SMALL },
  { pair: ['BONK', 'SOL'], dollarsPerSide: 4_000_000, kinds: SMALL },
  { pair: ['BONK', 'USDC'], dollarsPerSide: 1_500_000, kinds: SMALL },
  { pair: ['RAY', 'SOL'], dollarsPerSide: 6_000_000, kinds: SMALL },
  { pair: ['RAY', 'USDC'], dollarsPerSide: 5_000_000, kinds: SMALL },
]

/** The pairs whose price moves, in a fixed order. */
export const listedPairs: readonly (readonly [Token, Token])[] = LISTINGS.filter(
  ({ kinds }) => kinds !== STABLE,
).map(({ pair: [a, b] }) => [tokenCalled(a), tokenCalled(b)])

/** The market before the first trade. */
export function genesis(): MarketState {
  const pools = LISTINGS.flatMap((listing) => listing.kinds.map((kind) => poolAtStart(listing, kind)))
  return {
    pools: new Map(pools.map((pool) => [pool.address, pool])),
    prices: START_PRICES,
    anchors: START_PRICES,
  }
}

function poolAtStart(
  { pair, dollarsPerSide }: Listing,
  { program, feePpm, step, share }: Kind,
): SimulatedPool {
  const [tokenA, tokenB] = [tokenCalled(pair[0]), tokenCalled(pair[1])]
  const [amountA, amountB] = [worth(tokenA, dollarsPerSide * share), worth(tokenB, dollarsPerSide * share)]
  const name = `${program} ${feePpm} ${pair.join('/')}`
  return newPool({ program, name, tokenA, tokenB, feePpm, step, amountA, amountB })
}

function tokenCalled(symbol: string): Token {
  const token = simulatedTokens.find((candidate) => candidate.symbol === symbol)
  if (token === undefined) throw new Error(`no simulated token is called ${symbol}`)
  return token
}

/** Base units of the token that are worth so many dollars at the start. */
function worth(token: Token, dollars: number): bigint {
  return BigInt(Math.round((dollars / (START_PRICES[token.symbol] ?? 1)) * 10 ** token.decimals))
}
