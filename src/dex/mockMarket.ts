// Owns the simulated market: its tokens, its pools at the start, and how others trade on them while the engine does.
// Pure: a state and a slot in, the next state out. The same seed gives the same market.

import { createHash } from 'node:crypto'
import { base58 } from '@scure/base'
import type { VenueName } from '../domain/order.ts'
import { type Token, WRAPPED_SOL } from '../domain/token.ts'
import * as dammV2 from './pools/meteoraDammV2.ts'
import type { SwapInput, SwapQuote, SwapResult } from './pools/pool.ts'
import * as cpmm from './pools/raydiumCpmm.ts'

/** A and B exist here only, so that a first order needs no knowledge of real tokens. */
export const mockTokens: readonly Token[] = [
  { symbol: 'A', mint: 'FrzVvWTW21TnuHoUjfTinit5SBP7QXCTrW9WJTDkZxBy', decimals: 6 },
  { symbol: 'B', mint: '6UGpeLyDDJA8bf431ufZjKV11yCsdZPfd9X7AGBfQWzJ', decimals: 9 },
  { symbol: 'SOL', mint: WRAPPED_SOL, decimals: 9 },
  { symbol: 'USDC', mint: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGkZwyTDt1v', decimals: 6 },
  { symbol: 'USDT', mint: 'Es9vMFrzaCErmJfrF4H2FYD4KCoNkY11McCe8BenwNYB', decimals: 6 },
  { symbol: 'JUP', mint: 'JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN', decimals: 6 },
  { symbol: 'BONK', mint: 'DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263', decimals: 5 },
  { symbol: 'RAY', mint: '4k3Dyjzvzp8eMZWUXbBCjEvwSkkk59S5iCNLY3QrkX6R', decimals: 6 },
]

/** Dollars per token at the start. Prices of the simulated crowd are statistics, not money: plain numbers do. */
const START_PRICES: Readonly<Record<string, number>> = {
  A: 1,
  B: 0.25,
  SOL: 150,
  USDC: 1,
  USDT: 1,
  JUP: 0.5,
  BONK: 0.00002,
  RAY: 2.5,
}

type Listing = {
  readonly pair: readonly [string, string]
  readonly dollarsPerSide: number
  readonly feePpm: number
}

const LISTINGS: readonly Listing[] = [
  { pair: ['A', 'B'], dollarsPerSide: 40_000_000, feePpm: 2_500 },
  { pair: ['A', 'USDC'], dollarsPerSide: 10_000_000, feePpm: 2_500 },
  { pair: ['A', 'SOL'], dollarsPerSide: 8_000_000, feePpm: 2_500 },
  { pair: ['B', 'USDC'], dollarsPerSide: 10_000_000, feePpm: 2_500 },
  { pair: ['SOL', 'USDC'], dollarsPerSide: 20_000_000, feePpm: 2_500 },
  { pair: ['SOL', 'USDT'], dollarsPerSide: 9_000_000, feePpm: 2_500 },
  { pair: ['USDC', 'USDT'], dollarsPerSide: 15_000_000, feePpm: 100 },
  { pair: ['JUP', 'USDC'], dollarsPerSide: 3_000_000, feePpm: 2_500 },
  { pair: ['JUP', 'SOL'], dollarsPerSide: 2_000_000, feePpm: 2_500 },
  { pair: ['BONK', 'SOL'], dollarsPerSide: 4_000_000, feePpm: 2_500 },
  { pair: ['BONK', 'USDC'], dollarsPerSide: 1_500_000, feePpm: 2_500 },
  { pair: ['RAY', 'SOL'], dollarsPerSide: 6_000_000, feePpm: 2_500 },
  { pair: ['RAY', 'USDC'], dollarsPerSide: 5_000_000, feePpm: 2_500 },
]

type Listed = { readonly address: string; readonly tokenA: Token; readonly tokenB: Token }

/** A pool of either program; which one decides the mathematics, nothing else. */
export type MockPool =
  | (Listed & { readonly program: 'raydium-cpmm'; readonly state: cpmm.CpmmPool })
  | (Listed & { readonly program: 'meteora-damm-v2'; readonly state: dammV2.DammV2Pool })

export const venueOf = (pool: MockPool): VenueName =>
  pool.program === 'raydium-cpmm' ? 'raydium' : 'meteora'

export const programIdOf = (pool: MockPool): string =>
  pool.program === 'raydium-cpmm' ? cpmm.CPMM_PROGRAM_ID : dammV2.DAMM_V2_PROGRAM_ID

export function quotePool(pool: MockPool, input: SwapInput): SwapQuote {
  return pool.program === 'raydium-cpmm'
    ? cpmm.quoteCpmm(pool.state, input)
    : dammV2.quoteDammV2(pool.state, input)
}

/** The swap as the program would do it, with the listed pool after it. */
export function swapPool(pool: MockPool, input: SwapInput): SwapResult<MockPool> {
  if (pool.program === 'raydium-cpmm') {
    const result = cpmm.swapCpmm(pool.state, input)
    return result.kind === 'refused' ? result : { ...result, pool: { ...pool, state: result.pool } }
  }
  const result = dammV2.swapDammV2(pool.state, input)
  return result.kind === 'refused' ? result : { ...result, pool: { ...pool, state: result.pool } }
}

/** Output base units per input base unit, fee excluded. */
export function spotPriceOf(pool: MockPool, aToB: boolean) {
  return pool.program === 'raydium-cpmm'
    ? cpmm.spotPrice(pool.state, aToB)
    : dammV2.spotPrice(pool.state, aToB)
}

/** Everything the simulated chain keeps of the market; balances are what has entered and left the pools. */
export type MarketState = {
  readonly pools: ReadonlyMap<string, MockPool>
  /** Dollars per token in the eyes of the crowd. */
  readonly prices: Readonly<Record<string, number>>
}

// ---- the start ----------------------------------------------------------------------------------------------------

/** An address for a thing that exists only here: 32 bytes of its name's digest. */
const mockAddress = (name: string) => base58.encode(createHash('sha256').update(`mock ${name}`).digest())

const TOKEN_PROGRAM = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'

export function genesis(): MarketState {
  const pools = LISTINGS.flatMap((listing) => [cpmmAtStart(listing), dammV2AtStart(listing)])
  return { pools: new Map(pools.map((pool) => [pool.address, pool])), prices: START_PRICES }
}

function tokenCalled(symbol: string): Token {
  const token = mockTokens.find((candidate) => candidate.symbol === symbol)
  if (token === undefined) throw new Error(`no mock token is called ${symbol}`)
  return token
}

const dollarsPer = (symbol: string) => START_PRICES[symbol] ?? 1

/** Base units of the token that are worth so many dollars at the start. */
function worth(token: Token, dollars: number): bigint {
  return BigInt(Math.round((dollars / dollarsPer(token.symbol)) * 10 ** token.decimals))
}

function accountsFor(venue: string, tokenA: Token, tokenB: Token) {
  const name = `${venue} ${tokenA.symbol}/${tokenB.symbol}`
  return {
    pool: mockAddress(name),
    mintA: tokenA.mint,
    mintB: tokenB.mint,
    vaultA: mockAddress(`${name} vault A`),
    vaultB: mockAddress(`${name} vault B`),
    tokenProgramA: TOKEN_PROGRAM,
    tokenProgramB: TOKEN_PROGRAM,
  }
}

function cpmmAtStart({ pair, dollarsPerSide, feePpm }: Listing): MockPool {
  const [tokenA, tokenB] = [tokenCalled(pair[0]), tokenCalled(pair[1])]
  const accounts = accountsFor('raydium', tokenA, tokenB)
  const state: cpmm.CpmmPool = {
    accounts: {
      ...accounts,
      ammConfig: mockAddress(`raydium config ${feePpm}`),
      observation: mockAddress(`raydium observation ${pair.join('/')}`),
    },
    isSwapEnabled: true,
    openTimestamp: 0n,
    tradeFeePpm: BigInt(feePpm),
    protocolFeePpm: 120_000n,
    fundFeePpm: 40_000n,
    reserveA: worth(tokenA, dollarsPerSide),
    reserveB: worth(tokenB, dollarsPerSide),
    protocolFeesA: 0n,
    protocolFeesB: 0n,
    fundFeesA: 0n,
    fundFeesB: 0n,
  }
  return { program: 'raydium-cpmm', address: accounts.pool, tokenA, tokenB, state }
}

/** The widest price range that DAMM v2 allows (cp-amm `constants.rs`, MIN_SQRT_PRICE and MAX_SQRT_PRICE). */
const MIN_SQRT_PRICE = 4_295_048_016n
const MAX_SQRT_PRICE = 79_226_673_521_066_979_257_578_248_091n

function dammV2AtStart({ pair, dollarsPerSide, feePpm }: Listing): MockPool {
  const [tokenA, tokenB] = [tokenCalled(pair[0]), tokenCalled(pair[1])]
  const accounts = accountsFor('meteora', tokenA, tokenB)
  const reserveB = worth(tokenB, dollarsPerSide)
  const priceOfA = Number(reserveB) / Number(worth(tokenA, dollarsPerSide))
  const sqrtPrice = BigInt(Math.round(Math.sqrt(priceOfA) * 2 ** 64))
  const liquidity = (reserveB << 128n) / (sqrtPrice - MIN_SQRT_PRICE)
  const reserveA = (liquidity * (MAX_SQRT_PRICE - sqrtPrice)) / (sqrtPrice * MAX_SQRT_PRICE)
  const state: dammV2.DammV2Pool = {
    accounts,
    isEnabled: true,
    activationUnit: 'slot',
    activationPoint: 0n,
    collectFeeMode: 'output',
    baseFee: { kind: 'static', feeNumerator: BigInt(feePpm) * 1_000n },
    dynamicFee: null,
    maxFeeNumerator: 500_000_000n,
    protocolFeePercent: 20n,
    compoundingFeeBps: 0n,
    liquidity,
    sqrtMinPrice: MIN_SQRT_PRICE,
    sqrtMaxPrice: MAX_SQRT_PRICE,
    sqrtPrice,
    reserveA,
    reserveB,
    protocolFeeA: 0n,
    protocolFeeB: 0n,
  }
  return { program: 'meteora-damm-v2', address: accounts.pool, tokenA, tokenB, state }
}

// ---- the crowd ----------------------------------------------------------------------------------------------------

/** How often somebody else trades in a pool, per slot, and how much of its reserve at most. */
const TRADE_CHANCE = 0.25
const TRADE_SHARE = 0.0004
/** Now and then one trade is large enough to part the venues by 2 to 5 %. */
const SHOCK_CHANCE = 0.0004
const SHOCK_SHARE = { least: 0.01, most: 0.025 }
/** The largest step of a token's price in one slot. */
const PRICE_STEP = 0.0002
/** Arbitrage starts where the fee no longer eats the gain, and closes a part of the gap per slot. */
const ARBITRAGE_MARGIN = 0.001
const ARBITRAGE_SHARE = 0.3

/** The market one slot later: prices drift, the crowd trades, arbitrage follows. */
export function tradeOneSlot(
  market: MarketState,
  seed: number,
  slot: number,
  unixTimestamp: number,
): MarketState {
  const prices = Object.fromEntries(
    Object.entries(market.prices).map(([symbol, price]) => [symbol, drift(symbol, price, seed, slot)]),
  )
  const pools = new Map(market.pools)
  for (const pool of market.pools.values()) {
    const at = { slot: BigInt(slot), unixTimestamp: BigInt(unixTimestamp) }
    const traded = tradeByCrowd(pool, chanceOf(seed, slot, pool.address), at)
    const arbitraged = arbitrage(traded, prices, at)
    if (arbitraged !== pool) pools.set(pool.address, arbitraged)
  }
  return { pools, prices }
}

type At = Pick<SwapInput, 'slot' | 'unixTimestamp'>

/** A random walk that is drawn back to where it started; the stable coins and A stand still as the measure. */
function drift(symbol: string, price: number, seed: number, slot: number): number {
  const start = dollarsPer(symbol)
  if (start === 1) return price
  const chance = chanceOf(seed, slot, symbol)
  return price * (1 + (chance() * 2 - 1) * PRICE_STEP) + (start - price) * 0.0005
}

function tradeByCrowd(pool: MockPool, chance: () => number, at: At): MockPool {
  const [kind, side, size] = [chance(), chance(), chance()]
  const aToB = side < 0.5
  if (kind < SHOCK_CHANCE) {
    return trade(pool, aToB, SHOCK_SHARE.least + size * (SHOCK_SHARE.most - SHOCK_SHARE.least), at)
  }
  return kind < TRADE_CHANCE ? trade(pool, aToB, size * TRADE_SHARE, at) : pool
}

function arbitrage(pool: MockPool, prices: Readonly<Record<string, number>>, at: At): MockPool {
  const fair = (prices[pool.tokenA.symbol] ?? 1) / (prices[pool.tokenB.symbol] ?? 1)
  const gap = priceInTokens(pool) / fair - 1
  if (Math.abs(gap) < feeShare(pool) + ARBITRAGE_MARGIN) return pool
  // On a constant-product curve, selling half the gap's share of the reserve closes it.
  return trade(pool, gap > 0, (Math.abs(gap) / 2) * ARBITRAGE_SHARE, at)
}

/** Somebody else's swap of a share of what the pool holds; a refusal leaves the pool as it was. */
function trade(pool: MockPool, aToB: boolean, share: number, at: At): MockPool {
  const reserve = aToB ? pool.state.reserveA : pool.state.reserveB
  const amountIn = (reserve * BigInt(Math.round(share * 1e9))) / 1_000_000_000n
  if (amountIn === 0n) return pool
  const result = swapPool(pool, { aToB, amountIn, ...at })
  return result.kind === 'refused' ? pool : result.pool
}

/** B per A in token units. */
function priceInTokens(pool: MockPool): number {
  const { numerator, denominator } = spotPriceOf(pool, true)
  const scaled = Number((numerator * 10n ** 18n) / denominator) / 1e18
  return scaled * 10 ** (pool.tokenA.decimals - pool.tokenB.decimals)
}

/** The trading fee as a share of the amount. */
export function feeShare(pool: MockPool): number {
  if (pool.program === 'raydium-cpmm') return Number(pool.state.tradeFeePpm) / 1e6
  return 'feeNumerator' in pool.state.baseFee ? Number(pool.state.baseFee.feeNumerator) / 1e9 : 0
}

/** A sequence of numbers in [0, 1) that depends on the keys alone (FNV-1a into mulberry32). */
export function chanceOf(...keys: readonly (string | number)[]): () => number {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(keys.join('|'))) state = Math.imul(state ^ byte, 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
