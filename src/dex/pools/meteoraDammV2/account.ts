// Meteora DAMM v2 (program cp-amm): the pool, and how it is read from its accounts.

import { type AccountLayout, addressAt, programAccount, readPoolSide, u64At, u128At } from '../accounts.ts'
import { type AccountMap, type DecodedPool, mulDivCeil, refused } from '../pool.ts'
import type { BaseFee, DynamicFee } from './fees.ts'

export const DAMM_V2_PROGRAM_ID = 'cpamdpZCGKUy5JxQXB4dcpGPiikHawvSWAd6mEn1sGG'

/** The addresses in a swap instruction, without the program's constants and the user's own accounts. */
export type DammV2Accounts = {
  readonly pool: string
  readonly mintA: string
  readonly mintB: string
  readonly vaultA: string
  readonly vaultB: string
  readonly tokenProgramA: string
  readonly tokenProgramB: string
}

/**
 * All state that prices a swap, or that a swap changes. Amounts are base units; sqrt prices are Q64.64 roots of B
 * per A; `liquidity` is scaled by 2^64. A reserve is the curve's part of a vault, without uncollected fees.
 * `sqrtPrice` of a compounding pool only follows its reserves, which alone set the price.
 */
export type DammV2Pool = {
  readonly accounts: DammV2Accounts
  readonly isEnabled: boolean
  readonly activationUnit: 'slot' | 'timestamp'
  readonly activationPoint: bigint
  /** Fees come from the output, always from token B, or from token B with a part returned to the reserve. */
  readonly collectFeeMode: 'output' | 'onlyB' | 'compounding'
  readonly baseFee: BaseFee
  readonly dynamicFee: DynamicFee | null
  readonly maxFeeNumerator: bigint
  readonly protocolFeePercent: bigint
  readonly compoundingFeeBps: bigint
  readonly liquidity: bigint
  readonly sqrtMinPrice: bigint
  readonly sqrtMaxPrice: bigint
  readonly sqrtPrice: bigint
  readonly reserveA: bigint
  readonly reserveB: bigint
  readonly protocolFeeA: bigint
  readonly protocolFeeB: bigint
}

/** The highest fee, by the pool's `fee_version` (`constants.rs`). */
const MAX_FEE_NUMERATORS: readonly bigint[] = [500_000_000n, 990_000_000n]

const POOL: AccountLayout = {
  name: 'DAMM v2 pool',
  owner: DAMM_V2_PROGRAM_ID,
  discriminator: 0xbc6d_b111_046d_9af1n,
  length: 1112,
}

/** What `decodeDammV2Pool` still needs: the pool, then its mints and vaults. */
export function missingDammV2Accounts(accounts: AccountMap, poolAddress: string): readonly string[] {
  if (!accounts.has(poolAddress)) return [poolAddress]
  const state = programAccount(accounts, poolAddress, POOL)
  if ('reason' in state) return []
  const wanted = [168, 200, 232, 264].map((offset) => addressAt(state, offset))
  return [...new Set(wanted)].filter((address) => !accounts.has(address))
}

/**
 * Reads a pool from its own account, its two vaults and its two mints. Layout: cp-amm `state/pool.rs` (`Pool`)
 * and `state/fee.rs` (`PoolFeesStruct`).
 */
export function decodeDammV2Pool(accounts: AccountMap, poolAddress: string): DecodedPool<DammV2Pool> {
  const state = programAccount(accounts, poolAddress, POOL)
  if ('reason' in state) return state
  const unsupported = (problem: string) =>
    refused('unsupported_pool', `DAMM v2 pool ${poolAddress} ${problem}`)

  const activationUnit = (['slot', 'timestamp'] as const)[state.getUint8(480)]
  if (activationUnit === undefined) return unsupported('counts an unknown activation unit')
  const collectFeeMode = (['output', 'onlyB', 'compounding'] as const)[state.getUint8(484)]
  if (collectFeeMode === undefined) return unsupported('collects fees in an unknown way')
  const maxFeeNumerator = MAX_FEE_NUMERATORS[state.getUint8(486)]
  if (maxFeeNumerator === undefined) return unsupported('has an unknown fee version')
  const baseFee = readBaseFee(state)
  if (baseFee === undefined) return unsupported('has an unknown base fee')
  const dynamicFee = readDynamicFee(state)
  if (dynamicFee?.binStepQ64 === 0n) return unsupported('has a dynamic fee without bins')

  if (state.getUint8(48) > 100 || state.getUint16(54, true) > 10_000) {
    return refused('malformed_account', `DAMM v2 pool ${poolAddress} shares out more than its fees`)
  }

  const [mintA, mintB] = [addressAt(state, 168), addressAt(state, 200)]
  const [vaultA, vaultB] = [addressAt(state, 232), addressAt(state, 264)]
  const sideA = readPoolSide(accounts, mintA, vaultA)
  if ('reason' in sideA) return sideA
  const sideB = readPoolSide(accounts, mintB, vaultB)
  if ('reason' in sideB) return sideB

  const price = readPrice(state)
  if (!isInRange(price)) {
    return refused('malformed_account', `DAMM v2 pool ${poolAddress} is priced outside its range`)
  }
  const reserves = readReserves(state, price, collectFeeMode)
  if (reserves === undefined) return unsupported('has an unknown layout version')
  const pool: DammV2Pool = {
    accounts: {
      pool: poolAddress,
      mintA,
      mintB,
      vaultA,
      vaultB,
      tokenProgramA: sideA.tokenProgram,
      tokenProgramB: sideB.tokenProgram,
    },
    isEnabled: state.getUint8(481) === 0,
    activationUnit,
    activationPoint: u64At(state, 472),
    collectFeeMode,
    baseFee,
    dynamicFee,
    maxFeeNumerator,
    protocolFeePercent: BigInt(state.getUint8(48)),
    compoundingFeeBps: BigInt(state.getUint16(54, true)),
    ...price,
    ...reserves,
    protocolFeeA: u64At(state, 392),
    protocolFeeB: u64At(state, 400),
  }
  return { kind: 'decoded', pool }
}

type PriceRange = Pick<DammV2Pool, 'liquidity' | 'sqrtMinPrice' | 'sqrtMaxPrice' | 'sqrtPrice'>

function readPrice(state: DataView): PriceRange {
  return {
    liquidity: u128At(state, 360),
    sqrtMinPrice: u128At(state, 424),
    sqrtMaxPrice: u128At(state, 440),
    sqrtPrice: u128At(state, 456),
  }
}

const isInRange = ({ sqrtPrice, sqrtMinPrice, sqrtMaxPrice }: PriceRange): boolean =>
  sqrtPrice > 0n && sqrtPrice >= sqrtMinPrice && sqrtPrice <= sqrtMaxPrice

/**
 * The tracked reserves. A version 0 account has none yet: the program fills them in from the price range before
 * its next swap (`update_layout_version_if_needed`).
 */
function readReserves(
  state: DataView,
  { liquidity, sqrtMinPrice, sqrtMaxPrice, sqrtPrice }: PriceRange,
  collectFeeMode: DammV2Pool['collectFeeMode'],
): Pick<DammV2Pool, 'reserveA' | 'reserveB'> | undefined {
  const layoutVersion = state.getUint8(696)
  if (layoutVersion > 1) return undefined
  if (layoutVersion === 1 || collectFeeMode === 'compounding') {
    return { reserveA: u64At(state, 680), reserveB: u64At(state, 688) }
  }
  return {
    reserveA: mulDivCeil(liquidity, sqrtMaxPrice - sqrtPrice, sqrtPrice * sqrtMaxPrice),
    reserveB: mulDivCeil(liquidity, sqrtPrice - sqrtMinPrice, 1n << 128n),
  }
}

/** The 32 bytes of `BaseFeeInfo`: the fee, its mode, and three fields whose meaning the mode decides. */
function readBaseFee(state: DataView): BaseFee | undefined {
  const cliffFeeNumerator = u64At(state, 8)
  const mode = state.getUint8(16)
  const periods = BigInt(state.getUint16(22, true))
  const reductionFactor = u64At(state, 32)
  const [lower, upper] = [BigInt(state.getUint32(24, true)), BigInt(state.getUint32(28, true))]
  const decay = mode === 0 || mode === 3 ? 'linear' : 'exponential'
  switch (mode) {
    case 0:
    case 1: {
      const pointsPerPeriod = u64At(state, 24)
      return pointsPerPeriod === 0n
        ? { kind: 'static', feeNumerator: cliffFeeNumerator }
        : { kind: 'timeSchedule', decay, cliffFeeNumerator, periods, reductionFactor, pointsPerPeriod }
    }
    case 2: {
      const isZero = periods === 0n && lower === 0n && upper === 0n && reductionFactor === 0n
      return isZero
        ? { kind: 'static', feeNumerator: cliffFeeNumerator }
        : { kind: 'rateLimiter', feeNumerator: cliffFeeNumerator, durationPoints: lower }
    }
    case 3:
    case 4: {
      const initSqrtPrice = u128At(state, 152)
      if (lower === 0n || initSqrtPrice === 0n) return undefined
      return {
        kind: 'marketCapSchedule',
        decay,
        cliffFeeNumerator,
        periods,
        reductionFactor,
        initSqrtPrice,
        sqrtPriceStepBps: lower,
        durationPoints: upper,
      }
    }
    default:
      return undefined
  }
}

function readDynamicFee(state: DataView): DynamicFee | null {
  if (state.getUint8(56) === 0) return null
  return {
    maxVolatilityAccumulator: BigInt(state.getUint32(64, true)),
    variableFeeControl: BigInt(state.getUint32(68, true)),
    binStep: BigInt(state.getUint16(72, true)),
    filterPeriodSeconds: BigInt(state.getUint16(74, true)),
    decayPeriodSeconds: BigInt(state.getUint16(76, true)),
    reductionFactorBps: BigInt(state.getUint16(78, true)),
    lastUpdateTimestamp: u64At(state, 80),
    binStepQ64: u128At(state, 88),
    sqrtPriceReference: u128At(state, 104),
    volatilityAccumulator: u128At(state, 120),
    volatilityReference: u128At(state, 136),
  }
}
