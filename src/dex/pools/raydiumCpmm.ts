// Raydium CPMM (program raydium-cp-swap): the constant-product curve, its fees and its accounts.

import {
  type AccountLayout,
  type AccountMap,
  addressAt,
  programAccount,
  readPoolSide,
  u64At,
} from './accounts.ts'
import {
  type DecodedPool,
  refused,
  type SpotPrice,
  type SwapAmounts,
  type SwapInput,
  type SwapQuote,
  type SwapResult,
  U64_MAX,
} from './pool.ts'
import { decodeSwapData, encodeSwapData } from './swapData.ts'

export const CPMM_PROGRAM_ID = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C'

/** The addresses a swap instruction names, beside the program's constants and the user's own accounts. */
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
const PPM_LESS_ONE = PPM - 1n

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
const SWAP_BASE_INPUT = 0xde33_1ec4_da5a_be8fn

/** Set in `PoolState.status` when swaps are switched off (`PoolStatusBitIndex::Swap`). */
const SWAP_DISABLED_BIT = 1 << 2

/**
 * What `swap_base_input` would pay. Source: raydium-cp-swap `curve/calculator.rs` and `curve/fees.rs`: the trade
 * fee is rounded up and leaves the input first, the rest moves along x · y = k, rounded down.
 */
export function quoteCpmm(pool: CpmmPool, input: SwapInput): SwapQuote {
  const { aToB, amountIn } = input
  if (!pool.isSwapEnabled) return refused('pool_disabled', 'swaps are switched off')
  if (input.unixTimestamp < pool.openTimestamp) {
    return refused('pool_disabled', `the pool opens at ${pool.openTimestamp}`)
  }
  if (amountIn <= 0n) return refused('amount_too_small', 'the amount in must be positive')

  const reserveIn = aToB ? pool.reserveA : pool.reserveB
  const reserveOut = aToB ? pool.reserveB : pool.reserveA
  if (reserveIn <= 0n || reserveOut <= 0n) return refused('insufficient_liquidity', 'a reserve is empty')

  const fee = (amountIn * pool.tradeFeePpm + PPM_LESS_ONE) / PPM
  const netIn = amountIn - fee
  if (netIn <= 0n) return refused('amount_too_small', 'the fee takes the whole amount in')
  const reserveInAfter = reserveIn + netIn
  if (amountIn > U64_MAX || reserveInAfter > U64_MAX) {
    return refused('insufficient_liquidity', 'the amount in is more than a vault can hold')
  }
  const amountOut = (netIn * reserveOut) / reserveInAfter
  // The program demands more than zero out (RequireGtViolated, 2505).
  if (amountOut === 0n) return refused('amount_too_small', 'the amount in buys less than one base unit')
  return { kind: 'quoted', amountOut, fee, feeOnInput: true }
}

/** The quote and the pool after it: the protocol's and the fund's shares of the fee leave the reserve. */
export function swapCpmm(pool: CpmmPool, input: SwapInput): SwapResult<CpmmPool> {
  const quote = quoteCpmm(pool, input)
  if (quote.kind === 'refused') return quote

  const { amountOut, fee, feeOnInput } = quote
  const protocolFee = (fee * pool.protocolFeePpm) / PPM
  const fundFee = (fee * pool.fundFeePpm) / PPM
  const kept = input.amountIn - protocolFee - fundFee
  const after = input.aToB
    ? {
        ...pool,
        reserveA: pool.reserveA + kept,
        reserveB: pool.reserveB - amountOut,
        protocolFeesA: pool.protocolFeesA + protocolFee,
        fundFeesA: pool.fundFeesA + fundFee,
      }
    : {
        ...pool,
        reserveA: pool.reserveA - amountOut,
        reserveB: pool.reserveB + kept,
        protocolFeesB: pool.protocolFeesB + protocolFee,
        fundFeesB: pool.fundFeesB + fundFee,
      }
  return { kind: 'swapped', amountOut, fee, feeOnInput, pool: after }
}

export function spotPrice(pool: CpmmPool, aToB: boolean): SpotPrice {
  return aToB
    ? { numerator: pool.reserveB, denominator: pool.reserveA }
    : { numerator: pool.reserveA, denominator: pool.reserveB }
}

/**
 * Reads a pool from its own account, its config, its two vaults and its two mints. Layouts: raydium-cp-swap
 * `states/pool.rs` (`PoolState`) and `states/config.rs` (`AmmConfig`). Pools with a creator fee are refused.
 */
export function decodeCpmmPool(accounts: AccountMap, poolAddress: string): DecodedPool<CpmmPool> {
  const state = programAccount(accounts, poolAddress, POOL_STATE)
  if ('reason' in state) return state
  // Creator fee: where it is taken, whether it is on, and the amounts that wait to be collected.
  if (state.getUint8(390) !== 0 || u64At(state, 397) !== 0n || u64At(state, 405) !== 0n) {
    return refused('unsupported_pool', `CPMM pool ${poolAddress} takes a creator fee`)
  }

  const ammConfig = addressAt(state, 8)
  const config = programAccount(accounts, ammConfig, AMM_CONFIG)
  if ('reason' in config) return config

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
    tradeFeePpm: u64At(config, 12),
    protocolFeePpm: u64At(config, 20),
    fundFeePpm: u64At(config, 28),
    reserveA,
    reserveB,
    protocolFeesA,
    protocolFeesB,
    fundFeesA,
    fundFeesB,
  }
  return { kind: 'decoded', pool }
}

/** Data of the program's `swap_base_input`. Throws a RangeError for an amount outside u64. */
export function encodeCpmmSwapData(amountIn: bigint, minAmountOut: bigint): Uint8Array {
  return encodeSwapData(SWAP_BASE_INPUT, { amountIn, minAmountOut })
}

/** The amounts of a `swap_base_input`, or `null` for any other data. */
export function decodeCpmmSwapData(data: Uint8Array): SwapAmounts | null {
  return decodeSwapData(SWAP_BASE_INPUT, data)
}
