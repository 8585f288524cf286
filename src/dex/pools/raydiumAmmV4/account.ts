// Raydium AMM v4: reads a pool from its accounts.

import {
  type AccountLayout,
  absentFrom,
  addressAt,
  isZeroed,
  malformed,
  programAccount,
  readPoolSide,
  TOKEN_PROGRAM_ID,
  u64At,
} from '../accounts.ts'
import { type AccountMap, type DecodedPool, type Refused, refused } from '../pool.ts'

export const AMM_V4_PROGRAM_ID = '675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8'

/** The addresses in a swap instruction, without the program's constants and the user's own accounts. */
export type AmmV4Accounts = {
  readonly pool: string
  readonly openOrders: string
  readonly targetOrders: string
  readonly market: string
  readonly marketProgram: string
  readonly mintA: string
  readonly mintB: string
  readonly vaultA: string
  readonly vaultB: string
}

/**
 * All that prices a swap; A is the program's coin, B its pc. The fee is a fraction of the amount in. A reserve is the
 * vault's balance less the profit that waits in it for the protocol (`owed…`). All of the fee stays in the reserve.
 */
export type AmmV4Pool = {
  readonly accounts: AmmV4Accounts
  readonly isSwapEnabled: boolean
  readonly openTimestamp: bigint
  readonly feeNumerator: bigint
  readonly feeDenominator: bigint
  readonly reserveA: bigint
  readonly reserveB: bigint
  readonly owedA: bigint
  readonly owedB: bigint
}

/** The bump of the program's signer, which every pool repeats. */
const AUTHORITY_BUMP = 254n

/** The account begins with its status and has no discriminator: only the length identifies it. */
const AMM_INFO: AccountLayout = { name: 'AMM v4 pool', owner: AMM_V4_PROGRAM_ID, length: 752 }

/** `AmmStatus`: pools that lend their reserves to an order book, those that only swap, and those about to. */
const INITIALIZED = 1n
const SWAP_ONLY = 6n
const WAITING_TRADE = 7n

/** What `decodeAmmV4Pool` still needs besides `accounts`: the pool, then its vaults and mints. */
export function missingAmmV4Accounts(accounts: AccountMap, pool: string): readonly string[] {
  if (!accounts.has(pool)) return [pool]
  const state = programAccount(accounts, pool, AMM_INFO)
  if ('reason' in state) return []
  return absentFrom(
    accounts,
    [336, 368, 400, 432].map((offset) => addressAt(state, offset)),
  )
}

/**
 * Reads a pool from its own account, its two vaults and its two mints. Layout: raydium-amm `state.rs` (`AmmInfo`).
 * A pool that still trades through an order book is refused: part of its reserves lies there.
 */
export function decodeAmmV4Pool(accounts: AccountMap, poolAddress: string): DecodedPool<AmmV4Pool> {
  const state = programAccount(accounts, poolAddress, AMM_INFO)
  if ('reason' in state) return state
  const fault = accountFault(state, poolAddress)
  if (fault !== null) return fault

  const [vaultA, vaultB] = [addressAt(state, 336), addressAt(state, 368)]
  const [mintA, mintB] = [addressAt(state, 400), addressAt(state, 432)]
  const sideA = readPoolSide(accounts, mintA, vaultA)
  if ('reason' in sideA) return sideA
  const sideB = readPoolSide(accounts, mintB, vaultB)
  if ('reason' in sideB) return sideB
  if (sideA.tokenProgram !== TOKEN_PROGRAM_ID || sideB.tokenProgram !== TOKEN_PROGRAM_ID) {
    return malformed(AMM_INFO.name, poolAddress, 'holds a Token-2022 token')
  }
  const [owedA, owedB] = [u64At(state, 192), u64At(state, 200)]
  const [reserveA, reserveB] = [sideA.vaultAmount - owedA, sideB.vaultAmount - owedB]
  if (reserveA < 0n || reserveB < 0n) {
    return refused('insufficient_liquidity', `AMM v4 pool ${poolAddress} owes more than its vaults hold`)
  }
  const status = u64At(state, 0)
  const pool: AmmV4Pool = {
    accounts: {
      pool: poolAddress,
      openOrders: addressAt(state, 496),
      targetOrders: addressAt(state, 592),
      market: addressAt(state, 528),
      marketProgram: addressAt(state, 560),
      mintA,
      mintB,
      vaultA,
      vaultB,
    },
    isSwapEnabled: status === SWAP_ONLY || status === WAITING_TRADE,
    openTimestamp: status === WAITING_TRADE ? u64At(state, 224) : 0n,
    feeNumerator: u64At(state, 176),
    feeDenominator: u64At(state, 184),
    reserveA,
    reserveB,
    owedA,
    owedB,
  }
  return { kind: 'decoded', pool }
}

/** In place of a discriminator, fields that all pools of the program share identify the account. */
function accountFault(state: DataView, pool: string): Refused | null {
  const status = u64At(state, 0)
  if (status === 0n || status > WAITING_TRADE) return malformed(AMM_INFO.name, pool, `has status ${status}`)
  if (u64At(state, 8) !== AUTHORITY_BUMP) return malformed(AMM_INFO.name, pool, 'has a foreign nonce')
  if (u64At(state, 176) >= u64At(state, 184)) {
    return malformed(AMM_INFO.name, pool, 'takes a fee of the whole')
  }
  if (status === INITIALIZED) {
    return refused('unsupported_pool', `AMM v4 pool ${pool} trades through an order book`)
  }
  // `padding2`; what the layout calls `padding1` held addresses in older pools.
  if (!isZeroed(state, 744, 752)) {
    return refused('unsupported_pool', `AMM v4 pool ${pool} uses fields that were reserved`)
  }
  return null
}
