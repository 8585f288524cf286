// Raydium AMM v4 (program raydium-amm): the constant-product curve, its fee and its instruction.

import type { Segment } from '../../../domain/pool.ts'
import { TOKEN_PROGRAM_ID } from '../accounts.ts'
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
import { minimumRefusal, readonly, requireU64, signer, writable } from '../swapInstruction.ts'
import { AMM_V4_PROGRAM_ID, type AmmV4Pool, decodeAmmV4Pool, missingAmmV4Accounts } from './account.ts'

export type { AmmV4Pool } from './account.ts'

/** The program's signer, derived from the seed "amm authority". */
const AUTHORITY = '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1'

const SWAP_BASE_IN = 9
const SWAP_DATA_LENGTH = 17

/**
 * What `swap_base_in` would pay. Source: raydium-amm `processor.rs` (`process_swap_base_in`) and `math.rs`
 * (`swap_token_amount_base_in`): the fee leaves the input first, the rest moves along x · y = k, rounded down.
 */
function quoteExactIn(pool: AmmV4Pool, input: SwapInput): SwapQuote {
  const { aToB, amountIn } = input
  const closed = closedRefusal(pool, input)
  if (closed !== null) return closed
  if (amountIn <= 0n) return refused('amount_too_small', 'the amount in must be positive')
  const { reserveIn, reserveOut, mostIn } = reservesOf(pool, aToB)
  if (reserveIn <= 0n || reserveOut <= 0n) return refused('insufficient_liquidity', 'a reserve is empty')
  if (amountIn > mostIn) return tooMuch(mostIn)

  const fee = feeOf(pool, amountIn)
  const netIn = amountIn - fee
  const amountOut = (netIn * reserveOut) / (reserveIn + netIn)
  // The program demands more than zero out (InvalidInput, 29).
  if (amountOut === 0n) return refused('amount_too_small', 'the amount in buys less than one base unit')
  return { kind: 'quoted', amountOut, fee, feeOnInput: true }
}

/**
 * The fee, rounded up. A fee of less than half a unit is zero, so amounts below 200 pay none at 25 / 10,000.
 * Source: raydium-amm `math.rs` until 2025-08, `checked_ceil_div`, which answers 0 for 2 · dividend < divisor.
 */
function feeOf({ feeNumerator, feeDenominator }: AmmV4Pool, amountIn: bigint): bigint {
  const product = amountIn * feeNumerator
  if (product + product < feeDenominator) return 0n
  return (product + feeDenominator - 1n) / feeDenominator
}

function quoteExactOut(pool: AmmV4Pool, output: SwapOutput): InputQuote {
  const { aToB, amountOut, slot, unixTimestamp } = output
  const closed = closedRefusal(pool, output)
  if (closed !== null) return closed
  if (amountOut <= 0n) return refused('amount_too_small', 'the amount out must be positive')
  const reserves = reservesOf(pool, aToB)
  if (amountOut >= reserves.reserveOut) return tooMuch(reserves.mostIn)
  const net = netInputFor(amountOut, reserves)
  const isFree = feeOf(pool, net) === 0n
  const amountIn = isFree ? net : grossInputFor(net, pool.feeNumerator, pool.feeDenominator)
  const quote = quoteExactIn(pool, { aToB, amountIn, slot, unixTimestamp })
  return quote.kind === 'refused' ? quote : { kind: 'quoted', amountIn }
}

function swap(pool: AmmV4Pool, input: SwapInput): SwapResult<AmmV4Pool> {
  const quote = quoteExactIn(pool, input)
  if (quote.kind === 'refused') return quote
  const { amountOut, fee, feeOnInput } = quote
  const { reserveA, reserveB } = pool
  const after = input.aToB
    ? { ...pool, reserveA: reserveA + input.amountIn, reserveB: reserveB - amountOut }
    : { ...pool, reserveA: reserveA - amountOut, reserveB: reserveB + input.amountIn }
  return { kind: 'swapped', amountOut, fee, feeOnInput, pool: after }
}

function spotPrice(pool: AmmV4Pool, aToB: boolean): SpotPrice {
  return aToB
    ? { numerator: pool.reserveB, denominator: pool.reserveA }
    : { numerator: pool.reserveA, denominator: pool.reserveB }
}

function segments(pool: AmmV4Pool, direction: Direction): readonly Segment[] {
  const reserves = reservesOf(pool, direction.aToB)
  const isEmpty = reserves.reserveIn <= 0n || reserves.reserveOut <= 0n || reserves.mostIn <= 0n
  if (isEmpty || closedRefusal(pool, direction) !== null) return []
  return [constantProductSegment(reserves, Number(pool.feeNumerator) / Number(pool.feeDenominator))]
}

/**
 * The program's `swap_base_in`; accounts in the order of raydium-sdk-v2 `makeSwapFixedInInstruction`. The program
 * reads no account of the market, so the market's own address stands for them all.
 */
function swapInstruction(pool: AmmV4Pool, call: SwapCall): PoolInstruction | Refused {
  const quote = quoteExactIn(pool, call)
  if (quote.kind === 'refused') return quote
  const impossible = minimumRefusal(call.minAmountOut)
  if (impossible !== null) return impossible
  const { accounts } = pool
  const { market } = accounts
  return {
    programId: AMM_V4_PROGRAM_ID,
    accounts: [
      readonly(TOKEN_PROGRAM_ID),
      writable(accounts.pool),
      readonly(AUTHORITY),
      ...[accounts.openOrders, accounts.targetOrders, accounts.vaultA, accounts.vaultB].map(writable),
      readonly(accounts.marketProgram),
      // The market, its bids, asks, event queue and two vaults, and the signer of those.
      ...[market, market, market, market, market, market].map(writable),
      readonly(market),
      ...(call.aToB ? [call.userTokenA, call.userTokenB] : [call.userTokenB, call.userTokenA]).map(writable),
      signer(call.user),
    ],
    data: swapData(call),
  }
}

/** One byte of instruction number and two u64. */
function swapData({ amountIn, minAmountOut }: SwapAmounts): Uint8Array {
  requireU64(amountIn, minAmountOut)
  const data = new Uint8Array(SWAP_DATA_LENGTH)
  const view = new DataView(data.buffer)
  view.setUint8(0, SWAP_BASE_IN)
  view.setBigUint64(1, amountIn, true)
  view.setBigUint64(9, minAmountOut, true)
  return data
}

function readSwapData(data: Uint8Array): SwapAmounts | null {
  if (data.length !== SWAP_DATA_LENGTH || data[0] !== SWAP_BASE_IN) return null
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return { amountIn: view.getBigUint64(1, true), minAmountOut: view.getBigUint64(9, true) }
}

function closedRefusal(pool: AmmV4Pool, { unixTimestamp }: Direction): Refused | null {
  if (!pool.isSwapEnabled) return refused('pool_disabled', 'swaps are switched off')
  if (unixTimestamp >= pool.openTimestamp) return null
  return refused('pool_disabled', `the pool opens at ${pool.openTimestamp}`)
}

function reservesOf(pool: AmmV4Pool, aToB: boolean): Reserves {
  const { reserveA, reserveB } = pool
  return aToB
    ? { reserveIn: reserveA, reserveOut: reserveB, mostIn: U64_MAX - reserveA - pool.owedA }
    : { reserveIn: reserveB, reserveOut: reserveA, mostIn: U64_MAX - reserveB - pool.owedB }
}

function tooMuch(mostIn: bigint): Refused {
  const tooMuchIn = refused('insufficient_liquidity', 'the amount is more than the pool can take or give')
  return mostIn > 0n ? { ...tooMuchIn, mostIn } : tooMuchIn
}

export const raydiumAmmV4: PoolProgram<AmmV4Pool> = {
  name: 'raydium-amm-v4',
  programId: AMM_V4_PROGRAM_ID,
  missingAccounts: missingAmmV4Accounts,
  decode: decodeAmmV4Pool,
  mints: ({ accounts: { mintA, mintB } }) => ({ mintA, mintB }),
  quoteExactIn,
  quoteExactOut,
  swap,
  spotPrice,
  reserves: ({ reserveA, reserveB }) => ({ reserveA, reserveB }),
  segments,
  swapInstruction,
  swapData,
  readSwapData,
  errors: new Map<number, PoolRefusal>([
    [22, 'pool_disabled'], // InvalidStatus
    [29, 'amount_too_small'], // InvalidInput
  ]),
}
