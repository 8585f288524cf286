// Raydium CPMM (program raydium-cp-swap): the constant-product curve, its fees and its instruction.

import type { Segment } from '../../../domain/pool.ts'
import { constantProductSegment, grossInputFor, netInputFor, type Reserves } from '../constantProduct.ts'
import {
  type Direction,
  type InputQuote,
  type PoolInstruction,
  type PoolProgram,
  type PoolRefusal,
  type Refused,
  refused,
  type SpotPrice,
  type SwapAmounts,
  type SwapCall,
  type SwapInput,
  type SwapOutput,
  type SwapQuote,
  type SwapResult,
  U64_MAX,
} from '../pool.ts'
import {
  decodeSwapData,
  encodeSwapData,
  minimumRefusal,
  readonly,
  signer,
  writable,
} from '../swapInstruction.ts'
import { CPMM_PROGRAM_ID, type CpmmPool, decodeCpmmPool, missingCpmmAccounts } from './account.ts'

export type { CpmmPool } from './account.ts'

const PPM = 1_000_000n
const PPM_LESS_ONE = PPM - 1n
const QUARTER_U64 = U64_MAX / 4n

/** The program's signer, derived from the seed "vault_and_lp_mint_auth_seed". */
const AUTHORITY = 'GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL'
const SWAP_BASE_INPUT = 0xde33_1ec4_da5a_be8fn

/**
 * What `swap_base_input` would pay. Source: raydium-cp-swap `curve/calculator.rs` and `curve/fees.rs`: the trade
 * fee is rounded up and leaves the input first, the rest moves along x · y = k, rounded down.
 */
function quoteCpmm(pool: CpmmPool, input: SwapInput): SwapQuote {
  const { aToB, amountIn } = input
  if (!pool.isSwapEnabled || input.unixTimestamp < pool.openTimestamp) return closed(pool)
  if (amountIn <= 0n) return refused('amount_too_small', 'the amount in must be positive')
  const reserveIn = aToB ? pool.reserveA : pool.reserveB
  const reserveOut = aToB ? pool.reserveB : pool.reserveA
  if (reserveIn <= 0n || reserveOut <= 0n) return refused('insufficient_liquidity', 'a reserve is empty')

  const fee = (amountIn * pool.tradeFeePpm + PPM_LESS_ONE) / PPM
  const netIn = amountIn - fee
  if (isLarge(pool, aToB, amountIn) && amountIn > reservesOf(pool, aToB).mostIn) return tooMuch(pool, aToB)
  const amountOut = (netIn * reserveOut) / (reserveIn + netIn)
  // The program demands more than zero out (RequireGtViolated, 2505).
  if (amountOut === 0n) return refused('amount_too_small', 'the amount in buys less than one base unit')
  return { kind: 'quoted', amountOut, fee, feeOnInput: true }
}

/** The quote and the pool after it: the protocol's and the fund's shares of the fee leave the reserve. */
function swapCpmm(pool: CpmmPool, input: SwapInput): SwapResult<CpmmPool> {
  const quote = quoteCpmm(pool, input)
  if (quote.kind === 'refused') return quote

  const { amountOut, fee, feeOnInput } = quote
  const { aToB, amountIn } = input
  const protocolFee = (fee * pool.protocolFeePpm) / PPM
  const fundFee = (fee * pool.fundFeePpm) / PPM
  const kept = amountIn - protocolFee - fundFee
  // Field by field, in the decoder's order: both objects then share a hidden class (V8), and a quote takes a quarter less.
  const after: CpmmPool = {
    accounts: pool.accounts,
    isSwapEnabled: pool.isSwapEnabled,
    openTimestamp: pool.openTimestamp,
    tradeFeePpm: pool.tradeFeePpm,
    protocolFeePpm: pool.protocolFeePpm,
    fundFeePpm: pool.fundFeePpm,
    reserveA: pool.reserveA + (aToB ? kept : -amountOut),
    reserveB: pool.reserveB + (aToB ? -amountOut : kept),
    protocolFeesA: pool.protocolFeesA + (aToB ? protocolFee : 0n),
    protocolFeesB: pool.protocolFeesB + (aToB ? 0n : protocolFee),
    fundFeesA: pool.fundFeesA + (aToB ? fundFee : 0n),
    fundFeesB: pool.fundFeesB + (aToB ? 0n : fundFee),
  }
  return { kind: 'swapped', amountOut, fee, feeOnInput, pool: after }
}

function quoteExactOut(pool: CpmmPool, output: SwapOutput): InputQuote {
  const { aToB, amountOut, slot, unixTimestamp } = output
  if (!pool.isSwapEnabled || unixTimestamp < pool.openTimestamp) return closed(pool)
  if (amountOut <= 0n) return refused('amount_too_small', 'the amount out must be positive')
  const reserves = reservesOf(pool, aToB)
  if (amountOut >= reserves.reserveOut) return tooMuch(pool, aToB)
  const amountIn = grossInputFor(netInputFor(amountOut, reserves), pool.tradeFeePpm, PPM)
  const quote = quoteCpmm(pool, { aToB, amountIn, slot, unixTimestamp })
  return quote.kind === 'refused' ? quote : { kind: 'quoted', amountIn }
}

function spotPrice(pool: CpmmPool, aToB: boolean): SpotPrice {
  return aToB
    ? { numerator: pool.reserveB, denominator: pool.reserveA }
    : { numerator: pool.reserveA, denominator: pool.reserveB }
}

function segments(pool: CpmmPool, { aToB, unixTimestamp }: Direction): readonly Segment[] {
  const reserves = reservesOf(pool, aToB)
  const isOpen = pool.isSwapEnabled && unixTimestamp >= pool.openTimestamp
  if (!isOpen || reserves.reserveIn <= 0n || reserves.reserveOut <= 0n || reserves.mostIn <= 0n) return []
  return [constantProductSegment(reserves, Number(pool.tradeFeePpm) / Number(PPM))]
}

/** The program's `swap_base_input`; accounts in the order of raydium-sdk-v2 `makeSwapCpmmBaseInInstruction`. */
function swapInstruction(pool: CpmmPool, call: SwapCall): PoolInstruction | Refused {
  const quote = quoteCpmm(pool, call)
  if (quote.kind === 'refused') return quote
  const impossible = minimumRefusal(call.minAmountOut)
  if (impossible !== null) return impossible
  const { accounts } = pool
  const inOrder = (a: string, b: string) => (call.aToB ? [a, b] : [b, a])
  return {
    programId: CPMM_PROGRAM_ID,
    accounts: [
      signer(call.user),
      readonly(AUTHORITY),
      readonly(accounts.ammConfig),
      writable(accounts.pool),
      ...inOrder(call.userTokenA, call.userTokenB).map(writable),
      ...inOrder(accounts.vaultA, accounts.vaultB).map(writable),
      ...inOrder(accounts.tokenProgramA, accounts.tokenProgramB).map(readonly),
      ...inOrder(accounts.mintA, accounts.mintB).map(readonly),
      writable(accounts.observation),
    ],
    data: swapData(call),
  }
}

const swapData = (amounts: SwapAmounts) => encodeSwapData(SWAP_BASE_INPUT, amounts)

function closed(pool: CpmmPool): Refused {
  if (!pool.isSwapEnabled) return refused('pool_disabled', 'swaps are switched off')
  return refused('pool_disabled', `the pool opens at ${pool.openTimestamp}`)
}

/** Whether four such amounts might not fit a vault together; comparing is far cheaper than adding them up. */
function isLarge(pool: CpmmPool, aToB: boolean, amountIn: bigint): boolean {
  if (amountIn > QUARTER_U64) return true
  return aToB
    ? pool.reserveA > QUARTER_U64 || pool.protocolFeesA > QUARTER_U64 || pool.fundFeesA > QUARTER_U64
    : pool.reserveB > QUARTER_U64 || pool.protocolFeesB > QUARTER_U64 || pool.fundFeesB > QUARTER_U64
}

/** The vault holds the reserve and the fees that wait in it. */
function reservesOf(pool: CpmmPool, aToB: boolean): Reserves {
  return aToB
    ? {
        reserveIn: pool.reserveA,
        reserveOut: pool.reserveB,
        mostIn: U64_MAX - pool.reserveA - pool.protocolFeesA - pool.fundFeesA,
      }
    : {
        reserveIn: pool.reserveB,
        reserveOut: pool.reserveA,
        mostIn: U64_MAX - pool.reserveB - pool.protocolFeesB - pool.fundFeesB,
      }
}

function tooMuch(pool: CpmmPool, aToB: boolean): Refused {
  const { mostIn } = reservesOf(pool, aToB)
  const tooMuchIn = refused('insufficient_liquidity', 'the amount is more than the pool can take or give')
  return mostIn > 0n ? { ...tooMuchIn, mostIn } : tooMuchIn
}

export const raydiumCpmm: PoolProgram<CpmmPool> = {
  name: 'raydium-cpmm',
  programId: CPMM_PROGRAM_ID,
  missingAccounts: missingCpmmAccounts,
  decode: decodeCpmmPool,
  mints: ({ accounts: { mintA, mintB } }) => ({ mintA, mintB }),
  quoteExactIn: quoteCpmm,
  quoteExactOut,
  swap: swapCpmm,
  spotPrice,
  reserves: ({ reserveA, reserveB }) => ({ reserveA, reserveB }),
  segments,
  swapInstruction,
  swapData,
  readSwapData: (data) => decodeSwapData(SWAP_BASE_INPUT, data),
  errors: new Map<number, PoolRefusal>([
    [2505, 'amount_too_small'], // RequireGtViolated
    [6000, 'pool_disabled'], // NotApproved
    [6006, 'amount_too_small'], // ZeroTradingTokens
  ]),
}
