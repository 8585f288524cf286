// Raydium CLMM: reads a pool from its accounts.

import {
  type AccountLayout,
  absentFrom,
  addressAt,
  isAddress,
  isZeroed,
  malformed,
  programAccount,
  readPoolSide,
  u64At,
  u128At,
} from '../accounts.ts'
import { type AccountMap, type DecodedPool, type Refused, refused } from '../pool.ts'
import {
  bitmapExtensionAddress,
  CLMM_PROGRAM_ID,
  type ClmmTickLine,
  missingTickAccounts,
  readTickLine,
  type TickPosition,
} from './tickArrays.ts'
import { MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK } from './ticks.ts'

/** The addresses in a swap instruction, without tick arrays, the program's constants and the user's accounts. */
export type ClmmAccounts = {
  readonly pool: string
  readonly ammConfig: string
  readonly observation: string
  readonly mintA: string
  readonly mintB: string
  readonly vaultA: string
  readonly vaultB: string
  readonly bitmapExtension: string
}

/**
 * All that prices a swap; A is the program's token 0. Vault amounts and fees are base units, fee rates parts per
 * million: the trade fee of the amount in, the protocol and fund fees of the trade fee. `sqrtPrice` is √(B per A) in
 * Q64.64. A tick crossed downwards leaves `tick` one below it while `sqrtPrice` is still the tick's own.
 */
export type ClmmPool = {
  readonly accounts: ClmmAccounts
  readonly isSwapEnabled: boolean
  readonly openTimestamp: bigint
  readonly tradeFeePpm: bigint
  readonly protocolFeePpm: bigint
  readonly fundFeePpm: bigint
  readonly tickSpacing: number
  readonly tick: number
  readonly sqrtPrice: bigint
  readonly liquidity: bigint
  readonly tickLine: ClmmTickLine
  readonly vaultAmountA: bigint
  readonly vaultAmountB: bigint
  readonly protocolFeesA: bigint
  readonly protocolFeesB: bigint
  readonly fundFeesA: bigint
  readonly fundFeesB: bigint
}

const POOL_STATE: AccountLayout = {
  name: 'CLMM pool',
  owner: CLMM_PROGRAM_ID,
  discriminator: 0x46de_c3d7_f5e3_edf7n,
  length: 1_544,
}
const AMM_CONFIG: AccountLayout = {
  name: 'CLMM config',
  owner: CLMM_PROGRAM_ID,
  discriminator: 0x6f2b_cbcb_6821_f4dan,
  length: 117,
}

const PPM = 1_000_000

/** Set in `PoolState.status` when swaps are switched off (`PoolStatusBitIndex::Swap`). */
const SWAP_DISABLED_BIT = 1 << 4

/** What `decodeClmmPool` still needs besides `accounts`; the bitmap extension of an old pool may not exist. */
export function missingClmmAccounts(accounts: AccountMap, pool: string): readonly string[] {
  if (!accounts.has(pool)) return [pool]
  const state = programAccount(accounts, pool, POOL_STATE)
  if ('reason' in state || positionFault(state, pool) !== null) return []
  const named = [9, 73, 105, 137, 169].map((offset) => addressAt(state, offset))
  return absentFrom(accounts, [...named, ...missingTickAccounts(accounts, positionOf(state, pool))])
}

/**
 * Reads a pool from its own account, its config, vaults, mints, bitmap extension and tick arrays. Layouts:
 * raydium-clmm `states/pool.rs` (`PoolState`) and `states/config.rs` (`AmmConfig`). Tick arrays may be missing: a
 * quote that would reach one refuses.
 */
export function decodeClmmPool(accounts: AccountMap, poolAddress: string): DecodedPool<ClmmPool> {
  const state = programAccount(accounts, poolAddress, POOL_STATE)
  if ('reason' in state) return state
  const unsupported = unsupportedFeature(state, poolAddress)
  if (unsupported !== null) return unsupported
  const fault = positionFault(state, poolAddress)
  if (fault !== null) return fault

  const ammConfig = addressAt(state, 9)
  const config = programAccount(accounts, ammConfig, AMM_CONFIG)
  if ('reason' in config) return config
  const rates = [config.getUint32(47, true), config.getUint32(43, true), config.getUint32(53, true)]
  if (rates.some((ppm) => ppm >= PPM)) {
    return malformed(AMM_CONFIG.name, ammConfig, 'takes a fee of the whole')
  }

  const [mintA, mintB] = [addressAt(state, 73), addressAt(state, 105)]
  const [vaultA, vaultB] = [addressAt(state, 137), addressAt(state, 169)]
  const sideA = readPoolSide(accounts, mintA, vaultA)
  if ('reason' in sideA) return sideA
  const sideB = readPoolSide(accounts, mintB, vaultB)
  if ('reason' in sideB) return sideB
  const position = positionOf(state, poolAddress)
  const tickLine = readTickLine(accounts, position)
  if ('reason' in tickLine) return tickLine

  const [tradeFeePpm = 0, protocolFeePpm = 0, fundFeePpm = 0] = rates
  const pool: ClmmPool = {
    accounts: {
      pool: poolAddress,
      ammConfig,
      observation: addressAt(state, 201),
      mintA,
      mintB,
      vaultA,
      vaultB,
      bitmapExtension: bitmapExtensionAddress(poolAddress),
    },
    isSwapEnabled: (state.getUint8(389) & SWAP_DISABLED_BIT) === 0,
    openTimestamp: u64At(state, 1080),
    tradeFeePpm: BigInt(tradeFeePpm),
    protocolFeePpm: BigInt(protocolFeePpm),
    fundFeePpm: BigInt(fundFeePpm),
    tickSpacing: position.tickSpacing,
    tick: position.tick,
    sqrtPrice: u128At(state, 253),
    liquidity: u128At(state, 237),
    tickLine,
    vaultAmountA: sideA.vaultAmount,
    vaultAmountB: sideB.vaultAmount,
    protocolFeesA: u64At(state, 309),
    protocolFeesB: u64At(state, 317),
    fundFeesA: u64At(state, 1064),
    fundFeesB: u64At(state, 1072),
  }
  return { kind: 'decoded', pool }
}

/** Features of newer program versions that this file does not model: any trace of one is refused. */
function unsupportedFeature(state: DataView, pool: string): Refused | null {
  if (state.getUint8(390) !== 0) {
    return refused('unsupported_pool', `CLMM pool ${pool} takes its fee in one fixed token`)
  }
  if (!isZeroed(state, 1096, 1176)) return refused('unsupported_pool', `CLMM pool ${pool} has a dynamic fee`)
  if (!isZeroed(state, 391, 397) || !isZeroed(state, 1176, 1544)) {
    return refused('unsupported_pool', `CLMM pool ${pool} uses fields that were reserved`)
  }
  return null
}

function positionFault(state: DataView, pool: string): Refused | null {
  const { tick, tickSpacing } = positionOf(state, pool)
  const sqrtPrice = u128At(state, 253)
  if (!isAddress(pool)) return malformed(POOL_STATE.name, pool, 'has no base58 address')
  if (tickSpacing === 0) return malformed(POOL_STATE.name, pool, 'has a tick spacing of 0')
  // A price on the lowest tick, crossed downwards, leaves the tick one below it.
  const isPriced = sqrtPrice >= MIN_SQRT_PRICE && sqrtPrice <= MAX_SQRT_PRICE
  if (!isPriced || tick < MIN_TICK - 1 || tick > MAX_TICK) {
    return malformed(POOL_STATE.name, pool, 'is priced outside the range of ticks')
  }
  return null
}

function positionOf(state: DataView, pool: string): TickPosition {
  return {
    pool,
    tickSpacing: state.getUint16(235, true),
    tick: state.getInt32(269, true),
    bitmap: new DataView(state.buffer, state.byteOffset + 904, 128),
  }
}
