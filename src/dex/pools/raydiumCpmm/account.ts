// Raydium CPMM: reads a pool from its accounts.

import {
  type AccountLayout,
  absentFrom,
  addressAt,
  isZeroed,
  malformed,
  programAccount,
  readPoolSide,
  u64At,
} from '../accounts.ts'
import { type AccountMap, type DecodedPool, type Refused, refused } from '../pool.ts'

export const CPMM_PROGRAM_ID = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C'

/** The addresses in a swap instruction, without the program's constants and the user's own accounts. */
export type CpmmAccounts = {
  readonly pool: string
  readonly ammConfig: string
  readonly observation: string
  readonly mintA: string
  readonly mintB: string
  readonly vaultA: string
  readonly vaultB: string
  readonly tokenProgramA: string
  readonly tokenProgramB: string
}

/**
 * All that prices a swap; A is the program's token 0. Amounts are base units, fee rates parts per million: the
 * trade fee of the amount in, the protocol and fund fees of the trade fee. A reserve is the vault's balance less
 * the protocol and fund fees that wait in it.
 */
export type CpmmPool = {
  readonly accounts: CpmmAccounts
  readonly isSwapEnabled: boolean
  readonly openTimestamp: bigint
  readonly tradeFeePpm: bigint
  readonly protocolFeePpm: bigint
  readonly fundFeePpm: bigint
  readonly reserveA: bigint
  readonly reserveB: bigint
  readonly protocolFeesA: bigint
  readonly protocolFeesB: bigint
  readonly fundFeesA: bigint
  readonly fundFeesB: bigint
}

const PPM = 1_000_000n

const POOL_STATE: AccountLayout = {
  name: 'CPMM pool',
  owner: CPMM_PROGRAM_ID,
  discriminator: 0x46de_c3d7_f5e3_edf7n,
  length: 637,
}
const AMM_CONFIG: AccountLayout = {
  name: 'CPMM config',
  owner: CPMM_PROGRAM_ID,
  discriminator: 0x6f2b_cbcb_6821_f4dan,
  length: 236,
}

/** Set in `PoolState.status` when swaps are switched off (`PoolStatusBitIndex::Swap`). */
const SWAP_DISABLED_BIT = 1 << 2

/** What `decodeCpmmPool` still needs besides `accounts`: the pool, then its config, vaults and mints. */
export function missingCpmmAccounts(accounts: AccountMap, pool: string): readonly string[] {
  if (!accounts.has(pool)) return [pool]
  const state = programAccount(accounts, pool, POOL_STATE)
  if ('reason' in state) return []
  return absentFrom(
    accounts,
    [8, 72, 104, 168, 200].map((offset) => addressAt(state, offset)),
  )
}

/**
 * Reads a pool from its own account, its config, its two vaults and its two mints. Layouts: raydium-cp-swap
 * `states/pool.rs` (`PoolState`) and `states/config.rs` (`AmmConfig`). Pools with a creator fee are refused.
 */
export function decodeCpmmPool(accounts: AccountMap, poolAddress: string): DecodedPool<CpmmPool> {
  const state = programAccount(accounts, poolAddress, POOL_STATE)
  if ('reason' in state) return state
  const unsupported = unsupportedFeature(state, poolAddress)
  if (unsupported !== null) return unsupported

  const ammConfig = addressAt(state, 8)
  const config = programAccount(accounts, ammConfig, AMM_CONFIG)
  if ('reason' in config) return config
  const [tradeFeePpm, protocolFeePpm, fundFeePpm] = [u64At(config, 12), u64At(config, 20), u64At(config, 28)]
  if (tradeFeePpm >= PPM || protocolFeePpm + fundFeePpm > PPM) {
    return malformed(AMM_CONFIG.name, ammConfig, 'takes a fee of the whole')
  }

  const [vaultA, vaultB] = [addressAt(state, 72), addressAt(state, 104)]
  const [mintA, mintB] = [addressAt(state, 168), addressAt(state, 200)]
  const sideA = readPoolSide(accounts, mintA, vaultA)
  if ('reason' in sideA) return sideA
  const sideB = readPoolSide(accounts, mintB, vaultB)
  if ('reason' in sideB) return sideB

  const [protocolFeesA, protocolFeesB] = [u64At(state, 341), u64At(state, 349)]
  const [fundFeesA, fundFeesB] = [u64At(state, 357), u64At(state, 365)]
  const reserveA = sideA.vaultAmount - protocolFeesA - fundFeesA
  const reserveB = sideB.vaultAmount - protocolFeesB - fundFeesB
  if (reserveA < 0n || reserveB < 0n) {
    return refused('insufficient_liquidity', `CPMM pool ${poolAddress} owes more fees than its vaults hold`)
  }
  const pool: CpmmPool = {
    accounts: {
      pool: poolAddress,
      ammConfig,
      observation: addressAt(state, 296),
      mintA,
      mintB,
      vaultA,
      vaultB,
      tokenProgramA: sideA.tokenProgram,
      tokenProgramB: sideB.tokenProgram,
    },
    isSwapEnabled: (state.getUint8(329) & SWAP_DISABLED_BIT) === 0,
    openTimestamp: u64At(state, 373),
    tradeFeePpm,
    protocolFeePpm,
    fundFeePpm,
    reserveA,
    reserveB,
    protocolFeesA,
    protocolFeesB,
    fundFeesA,
    fundFeesB,
  }
  return { kind: 'decoded', pool }
}

function unsupportedFeature(state: DataView, pool: string): Refused | null {
  // Whether the creator fee is on, and the amounts of it that wait to be collected.
  if (state.getUint8(390) !== 0 || !isZeroed(state, 397, 413)) {
    return refused('unsupported_pool', `CPMM pool ${pool} takes a creator fee`)
  }
  // The padding after each of those fields.
  if (!isZeroed(state, 391, 397) || !isZeroed(state, 413, 637)) {
    return refused('unsupported_pool', `CPMM pool ${pool} uses fields that were reserved`)
  }
  return null
}
