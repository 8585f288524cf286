// Owns the first state of a pool on the simulated chain, per program, shaped like real ones.

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
import type { SimulatedPool } from './market.ts'

/** What a pool starts with, in base units. Tick spacing or bin step is 0 where the program has none. */
export type PoolStart = {
  readonly program: ProgramName
  /** Decides the addresses of the pool and its accounts. */
  readonly name: string
  readonly tokenA: Token
  readonly tokenB: Token
  readonly feePpm: number
  readonly step: number
  readonly amountA: bigint
  readonly amountB: bigint
}

export function newPool(given: PoolStart): SimulatedPool {
  const { program, name, tokenA, tokenB, feePpm, step, amountA, amountB } = given
  const accounts = accountsFor(name, tokenA, tokenB)
  const priceOfA = Number(amountB) / Number(amountA)
  const state = makers[program]({ accounts, feePpm, step, amountA, amountB, priceOfA })
  return { program, address: accounts.pool, tokenA, tokenB, feePpm, sizeA: amountA, sizeB: amountB, state }
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

/** A made-up address: the SHA-256 digest of its name. */
export const simulatedAddress = (name: string) =>
  base58.encode(createHash('sha256').update(`mock ${name}`).digest())

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
