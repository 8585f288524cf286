// Raydium AMM v4 (program raydium-amm): the constant-product curve, its fee, its account and its instruction.

import type { Segment } from '../../domain/curve.ts'
import {
  type AccountLayout,
  type AccountMap,
  absentFrom,
  addressAt,
  isZeroed,
  malformed,
  programAccount,
  readPoolSide,
  TOKEN_PROGRAM_ID,
  u64At,
} from './accounts.ts'
import { constantProductSegment, grossInputFor, netInputFor, type Reserves } from './constantProduct.ts'
import {
  type DecodedPool,
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
} from './pool.ts'
import { minimumRefusal } from './swapData.ts'

/** The addresses a swap instruction names, beside the program's constants and the user's own accounts. */
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

const AMM_V4_PROGRAM_ID = '675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8'

/** The program's signer, derived from the seed "amm authority" with this bump, which every pool repeats. */
const AUTHORITY = '5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1'
const AUTHORITY_BUMP = 254n

/** The account begins with its status: the program's accounts are told apart by length alone. */
const AMM_INFO: AccountLayout = { name: 'AMM v4 pool', owner: AMM_V4_PROGRAM_ID, length: 752 }

/** `AmmStatus`: pools that lend their reserves to an order book, those that only swap, and those about to. */
const INITIALIZED = 1n
const SWAP_ONLY = 6n
const WAITING_TRADE = 7n

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
 * The fee rounded up; but one of less than half a unit is none, which spares amounts below 200 at 25 / 10,000.
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

/** What `decode` still needs beside `accounts`: the pool, then its vaults and mints. */
function missingAccounts(accounts: AccountMap, pool: string): readonly string[] {
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
function decode(accounts: AccountMap, poolAddress: string): DecodedPool<AmmV4Pool> {
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

/** Without a discriminator, the fields that every pool of the program shares tell it from other accounts. */
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

/**
 * The program's `swap_base_in`; accounts in the order of raydium-sdk-v2 `makeSwapFixedInInstruction`. The program
 * looks at no account of the market: the market's own address stands for them all.
 */
function swapInstruction(pool: AmmV4Pool, call: SwapCall): PoolInstruction | Refused {
  const quote = quoteExactIn(pool, call)
  if (quote.kind === 'refused') return quote
  const impossible = minimumRefusal(call.minAmountOut)
  if (impossible !== null) return impossible
  const { accounts } = pool
  const { market } = accounts
  const writable = (pubkey: string) => ({ pubkey, signer: false, writable: true })
  const readonly = (pubkey: string) => ({ pubkey, signer: false, writable: false })
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
      { pubkey: call.user, signer: true, writable: false },
    ],
    data: swapData(call),
  }
}

/** One byte of instruction number and two u64, which both are known to fit. */
function swapData({ amountIn, minAmountOut }: SwapAmounts): Uint8Array {
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
  missingAccounts,
  decode,
  mints: ({ accounts: { mintA, mintB } }) => ({ mintA, mintB }),
  quoteExactIn,
  quoteExactOut,
  swap,
  spotPrice,
  segments,
  swapInstruction,
  readSwapData,
  errors: new Map<number, PoolRefusal>([
    [22, 'pool_disabled'], // InvalidStatus
    [29, 'amount_too_small'], // InvalidInput
  ]),
}
