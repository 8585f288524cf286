// Owns the listings of the simulated venues at genesis: which pools, how deep, and shaped like real ones.

import { createHash } from 'node:crypto'
import { base58 } from '@scure/base'
import type { Token } from '../../domain/token.ts'
import { TOKEN_PROGRAM_ID } from '../pools/accounts.ts'
import type { DammV2Pool } from '../pools/meteoraDammV2/account.ts'
import type { DlmmPool } from '../pools/meteoraDlmm/account.ts'
import type { Bin } from '../pools/meteoraDlmm/bins.ts'
import { binArrayIndexOf } from '../pools/meteoraDlmm/bitmap.ts'
import { binPrice } from '../pools/meteoraDlmm/fees.ts'
import type { ProgramName } from '../pools/pool.ts'
import type { AmmV4Pool } from '../pools/raydiumAmmV4/account.ts'
import type { ClmmPool } from '../pools/raydiumClmm/account.ts'
import { arrayOfTick, sqrtPriceAtTick } from '../pools/raydiumClmm/ticks.ts'
import type { CpmmPool } from '../pools/raydiumCpmm/account.ts'
import { type MarketState, type SimulatedPool, START_PRICES, simulatedTokens } from './market.ts'

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

/** The market before the first trade. */
export function genesis(): MarketState {
  const pools = LISTINGS.flatMap((listing) => listing.kinds.map((kind) => poolAtStart(listing, kind)))
  return {
    pools: new Map(pools.map((pool) => [pool.address, pool])),
    prices: START_PRICES,
    anchors: START_PRICES,
  }
}

/** The inputs of a pool's first state; `priceOfA` is B per A in base units. */
type Start = {
  readonly accounts: ReturnType<typeof accountsFor>
  readonly feePpm: number
  readonly step: number
  readonly amountA: bigint
  readonly amountB: bigint
  readonly priceOfA: number
}

function poolAtStart(
  { pair, dollarsPerSide }: Listing,
  { program, feePpm, step, share }: Kind,
): SimulatedPool {
  const [tokenA, tokenB] = [tokenCalled(pair[0]), tokenCalled(pair[1])]
  const accounts = accountsFor(`${program} ${feePpm} ${pair.join('/')}`, tokenA, tokenB)
  const [amountA, amountB] = [worth(tokenA, dollarsPerSide * share), worth(tokenB, dollarsPerSide * share)]
  const priceOfA = Number(amountB) / Number(amountA)
  const state = makers[program]({ accounts, feePpm, step, amountA, amountB, priceOfA })
  return { program, address: accounts.pool, tokenA, tokenB, feePpm, sizeA: amountA, sizeB: amountB, state }
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

/** A made-up address: the SHA-256 digest of its name. */
const simulatedAddress = (name: string) => base58.encode(createHash('sha256').update(`mock ${name}`).digest())

function accountsFor(name: string, tokenA: Token, tokenB: Token) {
  return {
    pool: simulatedAddress(name),
    mintA: tokenA.mint,
    mintB: tokenB.mint,
    vaultA: simulatedAddress(`${name} vault A`),
    vaultB: simulatedAddress(`${name} vault B`),
    tokenProgramA: TOKEN_PROGRAM_ID,
    tokenProgramB: TOKEN_PROGRAM_ID,
    ammConfig: simulatedAddress(`${name} config`),
    observation: simulatedAddress(`${name} observation`),
    openOrders: simulatedAddress(`${name} open orders`),
    targetOrders: simulatedAddress(`${name} target orders`),
    market: simulatedAddress(`${name} market`),
    marketProgram: simulatedAddress(`${name} market program`),
    bitmapExtension: simulatedAddress(`${name} bitmap extension`),
    oracle: simulatedAddress(`${name} oracle`),
  }
}

const makers: Readonly<Record<ProgramName, (start: Start) => unknown>> = {
  'raydium-cpmm': cpmm,
  'raydium-amm-v4': ammV4,
  'raydium-clmm': clmm,
  'meteora-dlmm': dlmm,
  'meteora-damm-v2': dammV2,
}

function cpmm({ accounts, feePpm, amountA, amountB }: Start): CpmmPool {
  return {
    accounts,
    isSwapEnabled: true,
    openTimestamp: 0n,
    tradeFeePpm: BigInt(feePpm),
    protocolFeePpm: 120_000n,
    fundFeePpm: 40_000n,
    reserveA: amountA,
    reserveB: amountB,
    protocolFeesA: 0n,
    protocolFeesB: 0n,
    fundFeesA: 0n,
    fundFeesB: 0n,
  }
}

function ammV4({ accounts, feePpm, amountA, amountB }: Start): AmmV4Pool {
  return {
    accounts,
    isSwapEnabled: true,
    openTimestamp: 0n,
    feeNumerator: BigInt(feePpm),
    feeDenominator: 1_000_000n,
    reserveA: amountA,
    reserveB: amountB,
    owedA: 0n,
    owedB: 0n,
  }
}

const Q64 = 1n << 64n

/** How liquidity providers spread: half-widths in tick spacings, and the part of the money in each position. */
const POSITIONS = [
  { halfWidth: 20, share: 0.15 },
  { halfWidth: 60, share: 0.25 },
  { halfWidth: 200, share: 0.25 },
  { halfWidth: 800, share: 0.2 },
  { halfWidth: 3_000, share: 0.15 },
]

function clmm({ accounts, feePpm, step, amountB, priceOfA }: Start): ClmmPool {
  const sqrtPrice = BigInt(Math.round(Math.sqrt(priceOfA) * 2 ** 64))
  const tick = Math.floor(Math.log(priceOfA) / Math.log(1.0001))
  const center = Math.round(tick / step) * step
  const net = new Map<number, bigint>()
  let [liquidity, vaultAmountA, vaultAmountB] = [0n, 0n, 0n]
  for (const { halfWidth, share } of POSITIONS) {
    const [lower, upper] = [center - halfWidth * step, center + halfWidth * step]
    const [sqrtLower, sqrtUpper] = [sqrtPriceAtTick(lower), sqrtPriceAtTick(upper)]
    const depositB = BigInt(Math.round(Number(amountB) * share))
    const own = (depositB * Q64) / (sqrtPrice - sqrtLower)
    net.set(lower, (net.get(lower) ?? 0n) + own)
    net.set(upper, (net.get(upper) ?? 0n) - own)
    liquidity += own
    vaultAmountB += depositB
    vaultAmountA += (own * Q64 * (sqrtUpper - sqrtPrice)) / (sqrtUpper * sqrtPrice)
  }
  const ticks = [...net].sort(([a], [b]) => a - b)
  return {
    accounts,
    isSwapEnabled: true,
    openTimestamp: 0n,
    tradeFeePpm: BigInt(feePpm),
    protocolFeePpm: 120_000n,
    fundFeePpm: 40_000n,
    tickSpacing: step,
    tick,
    sqrtPrice,
    liquidity,
    tickLine: {
      ticks: ticks.map(([index, liquidityNet]) => ({
        index,
        sqrtPrice: sqrtPriceAtTick(index),
        liquidityNet,
      })),
      arrays: [...new Set(ticks.map(([index]) => arrayOfTick(index, step)))],
      unknownBelow: null,
      unknownAbove: null,
    },
    vaultAmountA,
    vaultAmountB,
    protocolFeesA: 0n,
    protocolFeesB: 0n,
    fundFeesA: 0n,
    fundFeesB: 0n,
  }
}

/** Bins on each side of the active one. */
const BINS_EACH_SIDE = 40

function dlmm({ accounts, feePpm, step, amountA, amountB, priceOfA }: Start): DlmmPool {
  const activeId = Math.round(Math.log(priceOfA) / Math.log(1 + step / 10_000))
  const [perBinA, perBinB] = [amountA / BigInt(BINS_EACH_SIDE), amountB / BigInt(BINS_EACH_SIDE)]
  const binArrays = new Map<number, Bin[]>()
  for (let id = activeId - BINS_EACH_SIDE; id <= activeId + BINS_EACH_SIDE; id++) {
    const index = binArrayIndexOf(id)
    const bins = binArrays.get(index) ?? []
    bins.push({
      id,
      price: binPrice(id, step) ?? 0n,
      amountA: id > activeId ? perBinA : id === activeId ? perBinA / 2n : 0n,
      amountB: id < activeId ? perBinB : id === activeId ? perBinB / 2n : 0n,
      limitOrderA: 0n,
      limitOrderB: 0n,
    })
    binArrays.set(index, bins)
  }
  return {
    accounts: { ...accounts, bitmapExtension: null },
    isEnabled: true,
    activationUnit: 'slot',
    activationPoint: 0n,
    collectFeeMode: 'input',
    binStep: step,
    activeId,
    fees: {
      baseFeeRate: BigInt(feePpm) * 1_000n,
      variableFeeControl: 40_000n,
      maxVolatilityAccumulator: 350_000,
      filterPeriodSeconds: 30n,
      decayPeriodSeconds: 600n,
      reductionFactorBps: 5_000,
      protocolShareBps: 2_000n,
    },
    volatility: { accumulator: 0, reference: 0, indexReference: activeId, lastUpdateTimestamp: 0n },
    protocolFeeA: 0n,
    protocolFeeB: 0n,
    arraysWithLiquidity: [...binArrays.keys()],
    binArrays,
  }
}

/** The widest price range that DAMM v2 allows (cp-amm `constants.rs`, MIN_SQRT_PRICE and MAX_SQRT_PRICE). */
const MIN_SQRT_PRICE = 4_295_048_016n
const MAX_SQRT_PRICE = 79_226_673_521_066_979_257_578_248_091n

function dammV2({ accounts, feePpm, amountB, priceOfA }: Start): DammV2Pool {
  const sqrtPrice = BigInt(Math.round(Math.sqrt(priceOfA) * 2 ** 64))
  const liquidity = (amountB << 128n) / (sqrtPrice - MIN_SQRT_PRICE)
  return {
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
    reserveA: (liquidity * (MAX_SQRT_PRICE - sqrtPrice)) / (sqrtPrice * MAX_SQRT_PRICE),
    reserveB: amountB,
    protocolFeeA: 0n,
    protocolFeeB: 0n,
  }
}
