// Raydium CLMM (program raydium-clmm): quotes and swaps along the ladder of a pool's ticks, and its instruction.

import type { Segment } from '../../../domain/pool.ts'
import { TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID } from '../accounts.ts'
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
  MEMO_PROGRAM_ID,
  minimumRefusal,
  readonly,
  signer,
  writable,
} from '../swapInstruction.ts'
import { type ClmmPool, decodeClmmPool, missingClmmAccounts } from './account.ts'
import { type Rung, rungOfInput, rungOfOutput, rungsOf } from './ladder.ts'
import { type PartialStep, partialInputFor, partialStep } from './steps.ts'
import { around, CLMM_PROGRAM_ID, tickArrayAddress } from './tickArrays.ts'
import { arrayOfTick, tickAtSqrtPrice } from './ticks.ts'

export type { ClmmPool } from './account.ts'

const PPM = 1_000_000n
const Q64 = 2 ** 64
const HALF_U64 = U64_MAX / 2n

const SWAP_V2 = 0x621e_c91a_0bed_042bn
/** The tail of `swap_v2`: no price limit (a u128 of 0), and the amount is the input's. */
const EXACT_IN_TAIL: readonly number[] = [...new Array<number>(16).fill(0), 1]

/** The rung a swap ends on, and the step on it: null when the swap ends exactly with the rung. */
type Fill = {
  readonly rung: Rung
  readonly partial: PartialStep | null
  readonly amountOut: bigint
  readonly fee: bigint
}

function quoteExactIn(pool: ClmmPool, input: SwapInput): SwapQuote {
  const fill = fillExactIn(pool, input)
  if ('reason' in fill) return fill
  return { kind: 'quoted', amountOut: fill.amountOut, fee: fill.fee, feeOnInput: true }
}

/** Source: raydium-clmm `instructions/swap_v2.rs` (`exact_internal_v2`) for the checks around the swap. */
function fillExactIn(pool: ClmmPool, input: SwapInput): Fill | Refused {
  const { aToB, amountIn } = input
  const closed = closedRefusal(pool, input)
  if (closed !== null) return closed
  if (amountIn <= 0n) return refused('amount_too_small', 'the amount in must be positive')
  const vaultIn = aToB ? pool.vaultAmountA : pool.vaultAmountB
  // Amounts up to half of u64 always fit; the subtraction serves the rare rest.
  const isLarge = amountIn > HALF_U64 || vaultIn > HALF_U64
  if (isLarge && amountIn > U64_MAX - vaultIn) return tooMuch(pool, aToB, U64_MAX - vaultIn)

  const reached = rungOfInput(pool, aToB, amountIn)
  if ('reason' in reached) return reached
  const { rung, before } = reached
  const { range } = rung
  const left = amountIn - before.amountIn
  const partial = left === range.amountIn ? null : partialStep(range, aToB, left, pool.tradeFeePpm)
  const amountOut = before.amountOut + (partial ?? range).amountOut
  const fee = before.fee + (partial ?? range).fee
  // The program demands more than zero out (TooSmallInputOrOutputAmount).
  if (amountOut === 0n) return refused('amount_too_small', 'the amount in buys less than one base unit')
  if (amountOut > (aToB ? pool.vaultAmountB : pool.vaultAmountA)) {
    return refused('insufficient_liquidity', 'the vault holds less than the ticks promise')
  }
  return { rung, partial, amountOut, fee }
}

function quoteExactOut(pool: ClmmPool, output: SwapOutput): InputQuote {
  const { aToB, amountOut, slot, unixTimestamp } = output
  const closed = closedRefusal(pool, output)
  if (closed !== null) return closed
  if (amountOut <= 0n) return refused('amount_too_small', 'the amount out must be positive')
  const reached = rungOfOutput(pool, aToB, amountOut)
  if ('reason' in reached) return reached
  const { rung, before } = reached
  const onRung = partialInputFor(rung.range, aToB, amountOut - before.amountOut, pool.tradeFeePpm)
  const amountIn = before.amountIn + onRung
  const quote = quoteExactIn(pool, { aToB, amountIn, slot, unixTimestamp })
  return quote.kind === 'refused' ? quote : { kind: 'quoted', amountIn }
}

/**
 * The quote and the pool after it. The protocol's and the fund's shares are rounded down step by step. Growth of
 * liquidity providers' fees is not tracked: no quote depends on it.
 */
function swap(pool: ClmmPool, input: SwapInput): SwapResult<ClmmPool> {
  const fill = fillExactIn(pool, input)
  if ('reason' in fill) return fill
  const { aToB, amountIn } = input
  const { rung, partial, amountOut, fee } = fill
  const { range } = rung
  const shares = feeShares(pool, aToB, fill)
  const hasMoved = partial !== null && partial.sqrtPrice !== range.sqrtPrice
  const [inA, inB] = aToB ? [amountIn, -amountOut] : [-amountOut, amountIn]
  const [sharesA, sharesB] = aToB ? [shares, NO_SHARES] : [NO_SHARES, shares]
  const after: ClmmPool = {
    ...pool,
    sqrtPrice: partial?.sqrtPrice ?? range.sqrtPriceEnd,
    tick: partial === null ? rung.tickEnd : hasMoved ? tickAtSqrtPrice(partial.sqrtPrice) : rung.tick,
    liquidity: partial === null ? rung.liquidityEnd : range.liquidity,
    vaultAmountA: pool.vaultAmountA + inA,
    vaultAmountB: pool.vaultAmountB + inB,
    protocolFeesA: pool.protocolFeesA + sharesA.protocol,
    protocolFeesB: pool.protocolFeesB + sharesB.protocol,
    fundFeesA: pool.fundFeesA + sharesA.fund,
    fundFeesB: pool.fundFeesB + sharesB.fund,
  }
  return { kind: 'swapped', amountOut, fee, feeOnInput: true, pool: after }
}

const NO_SHARES = { protocol: 0n, fund: 0n }

function feeShares(pool: ClmmPool, aToB: boolean, { rung: last, partial }: Fill) {
  let [protocol, fund] = [0n, 0n]
  const take = (fee: bigint) => {
    protocol += (fee * pool.protocolFeePpm) / PPM
    fund += (fee * pool.fundFeePpm) / PPM
  }
  for (const rung of rungsOf(pool, aToB)) {
    if (rung === last) break
    take(rung.range.fee)
  }
  take((partial ?? last.range).fee)
  return { protocol, fund }
}

/** √P² / 2^128. */
function spotPrice(pool: ClmmPool, aToB: boolean): SpotPrice {
  const [squared, unit] = [pool.sqrtPrice * pool.sqrtPrice, 1n << 128n]
  return aToB ? { numerator: squared, denominator: unit } : { numerator: unit, denominator: squared }
}

/**
 * One segment per rung, as far as the ticks are known, without those that have no liquidity. With γ = 1 - fee:
 * down, out = γx P / (1 + γx √P / L), up, out = γx / P / (1 + γx / (L √P)).
 */
function* segments(pool: ClmmPool, direction: Direction): Generator<Segment> {
  if (closedRefusal(pool, direction) !== null) return
  const { aToB } = direction
  const kept = Number(PPM - pool.tradeFeePpm) / Number(PPM)
  for (const { range } of rungsOf(pool, aToB)) {
    const move = Math.abs(Number(range.sqrtPriceEnd - range.sqrtPrice)) / Q64
    const liquidity = Number(range.liquidity)
    if (move === 0 || liquidity === 0) continue
    const [root, rootEnd] = [Number(range.sqrtPrice) / Q64, Number(range.sqrtPriceEnd) / Q64]
    yield aToB
      ? {
          price: kept * root * root,
          depth: liquidity / (kept * root),
          capIn: (liquidity * move) / (root * rootEnd * kept),
        }
      : { price: kept / (root * root), depth: (liquidity * root) / kept, capIn: (liquidity * move) / kept }
  }
}

/** The program's `swap_v2`; accounts in the order of raydium-sdk-v2 `ClmmInstrument.swapV2Instruction`. */
function swapInstruction(pool: ClmmPool, call: SwapCall): PoolInstruction | Refused {
  const fill = fillExactIn(pool, call)
  if ('reason' in fill) return fill
  const { aToB, user, userTokenA, userTokenB } = call
  const { accounts } = pool
  const impossible = minimumRefusal(call.minAmountOut)
  if (impossible !== null) return impossible
  const inOrder = <T>(a: T, b: T): readonly T[] => (aToB ? [a, b] : [b, a])
  return {
    programId: CLMM_PROGRAM_ID,
    accounts: [
      signer(user),
      readonly(accounts.ammConfig),
      writable(accounts.pool),
      ...inOrder(userTokenA, userTokenB).map(writable),
      ...inOrder(accounts.vaultA, accounts.vaultB).map(writable),
      writable(accounts.observation),
      ...[TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID, MEMO_PROGRAM_ID].map(readonly),
      ...inOrder(accounts.mintA, accounts.mintB).map(readonly),
      writable(accounts.bitmapExtension),
      ...tickArraysNamed(pool, aToB, fill.rung).map(writable),
    ],
    data: swapData(call),
  }
}

/**
 * The tick arrays of a swap, chosen as raydium-sdk-v2 `swapSimulator.ts` does: first the two nearest against the
 * direction, for a price that moves before the swap lands, then those it crosses and the next one.
 */
function tickArraysNamed(pool: ClmmPool, aToB: boolean, last: Rung): readonly string[] {
  const { atOrBelow, above } = around(pool.tickLine.arrays, pool)
  const current = arrayOfTick(pool.tick, pool.tickSpacing)
  const isCurrentMarked = atOrBelow[0] === current
  const atOrAbove = isCurrentMarked ? [current, ...above] : above
  const [ahead, behind] = aToB ? [atOrBelow, atOrAbove] : [atOrAbove, atOrBelow]
  const reached = ahead.indexOf(arrayOfTick(last.end.index, pool.tickSpacing))
  return [...behind.slice(0, 2).filter((array) => array !== ahead[0]), ...ahead.slice(0, reached + 2)].map(
    (array) => tickArrayAddress(pool.accounts.pool, pool.tickSpacing, array),
  )
}

const swapData = (amounts: SwapAmounts) => encodeSwapData(SWAP_V2, amounts, EXACT_IN_TAIL)

function readSwapData(data: Uint8Array): SwapAmounts | null {
  return decodeSwapData(SWAP_V2, data, EXACT_IN_TAIL)
}

function closedRefusal(pool: ClmmPool, { unixTimestamp }: Direction): Refused | null {
  if (!pool.isSwapEnabled) return refused('pool_disabled', 'swaps are switched off')
  // The program wants a moment after the opening, not the opening itself.
  if (unixTimestamp > pool.openTimestamp) return null
  return refused('pool_disabled', `the pool opens after ${pool.openTimestamp}`)
}

/** A refusal beyond `room`, which is what the vault of the input can take, unless the ticks take even less. */
function tooMuch(pool: ClmmPool, aToB: boolean, room: bigint): Refused {
  const reached = rungOfInput(pool, aToB, room)
  if ('reason' in reached) return reached
  const detail = 'the amount in is more than the vault can hold'
  return { ...refused('insufficient_liquidity', detail), mostIn: room }
}

export const raydiumClmm: PoolProgram<ClmmPool> = {
  name: 'raydium-clmm',
  programId: CLMM_PROGRAM_ID,
  missingAccounts: missingClmmAccounts,
  decode: decodeClmmPool,
  mints: ({ accounts: { mintA, mintB } }) => ({ mintA, mintB }),
  quoteExactIn,
  quoteExactOut,
  swap,
  spotPrice,
  reserves: (pool) => ({
    reserveA: pool.vaultAmountA - pool.protocolFeesA - pool.fundFeesA,
    reserveB: pool.vaultAmountB - pool.protocolFeesB - pool.fundFeesB,
  }),
  segments,
  swapInstruction,
  swapData,
  readSwapData,
  errors: new Map<number, PoolRefusal>([
    [6001, 'pool_disabled'], // NotApproved
    [6019, 'insufficient_liquidity'], // LiquidityInsufficient
    [6024, 'amount_too_small'], // InvaildSwapAmountSpecified
    [6026, 'amount_too_small'], // TooSmallInputOrOutputAmount
    [6040, 'insufficient_liquidity'], // MissingTickArrayBitmapExtensionAccount
    [6041, 'insufficient_liquidity'], // InsufficientLiquidityForDirection
  ]),
}
