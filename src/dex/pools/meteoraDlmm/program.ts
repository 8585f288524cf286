// Meteora DLMM (program lb_clmm): swaps over the bins ahead, and the `PoolProgram`.

import type { Segment } from '../../../domain/pool.ts'
import {
  type Direction,
  type InputQuote,
  type PoolInstruction,
  type PoolProgram,
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
import { ARRAYS_EACH_WAY, type DlmmPool, decodeDlmmPool, missingDlmmAccounts } from './account.ts'
import type { Bin } from './bins.ts'
import { arraysAhead, binArrayAddress, binArrayIndexOf, DLMM_PROGRAM_ID } from './bitmap.ts'
import { accumulatorAt, binPrice, FEE_DENOMINATOR } from './fees.ts'
import { amountInFor, fillBin } from './fill.ts'
import { type Ladder, ladderOf, type ReachedRung, type Rung, rungFor, rungPaying, rungsOf } from './ladder.ts'

export type { DlmmPool } from './account.ts'

const BPS = 10_000n
const BEYOND_U64: Refused = {
  ...refused('insufficient_liquidity', 'the amount in is more than a vault can hold'),
  mostIn: U64_MAX,
}

const SWAP2 = 0x885b_5beb_4c3f_4b41n
/** `remaining_accounts_info`: two slices, the transfer hook accounts of X and Y, and none in either. */
const NO_TRANSFER_HOOKS = [2, 0, 0, 0, 0, 0, 1, 0]
const EVENT_AUTHORITY = 'D1ZN9Wj1fRSUQfCjhvnu1hqDMT7hzjzBBpi12nVniYD6'

function quoteExactIn(pool: DlmmPool, input: SwapInput): SwapQuote {
  const ladder = openLadder(pool, input)
  if ('reason' in ladder) return ladder
  const { amountIn } = input
  const reached = rungAt(ladder, amountIn)
  if ('reason' in reached) return reached
  const { rung, before } = reached
  const { feeOnInput } = ladder
  const { curveOut, fee } = fillBin(ladder, rung, amountIn - before.amountIn)
  const amountOut = before.amountOut + (feeOnInput ? curveOut : curveOut - fee)
  // InsufficientOutAmount (6039): the program pays something or fails.
  if (amountOut === 0n) return refused('amount_too_small', 'the amount in buys less than one base unit')
  return { kind: 'quoted', amountOut, fee: before.fee + fee, feeOnInput }
}

/** The ladder of an open pool, or why it takes no swaps. Source: commons `validate_swap_activation`. */
function openLadder(pool: DlmmPool, direction: Direction): Ladder | Refused {
  if (!pool.isEnabled) return refused('pool_disabled', 'the pool is switched off')
  const point = pool.activationUnit === 'slot' ? direction.slot : direction.unixTimestamp
  if (point < pool.activationPoint) {
    return refused('pool_disabled', `the pool opens at ${pool.activationUnit} ${pool.activationPoint}`)
  }
  return ladderOf(pool, direction)
}

/** The rung on which a swap of `amountIn` ends, for any number, including invalid amounts. */
function rungAt(ladder: Ladder, amountIn: bigint): ReachedRung | Refused {
  if (amountIn <= 0n) return refused('amount_too_small', 'the amount in must be positive')
  if (amountIn <= U64_MAX) return rungFor(ladder, amountIn)
  const last = rungFor(ladder, U64_MAX)
  return 'reason' in last ? last : BEYOND_U64
}

function quoteExactOut(pool: DlmmPool, output: SwapOutput): InputQuote {
  const ladder = openLadder(pool, output)
  if ('reason' in ladder) return ladder
  const { amountOut } = output
  if (amountOut <= 0n) return refused('amount_too_small', 'the amount out must be positive')
  const reached = rungPaying(ladder, amountOut)
  if ('reason' in reached) return reached
  const { rung, before } = reached
  const amountIn = before.amountIn + amountInFor(ladder, rung, amountOut - before.amountOut)
  return amountIn > U64_MAX ? BEYOND_U64 : { kind: 'quoted', amountIn }
}

/**
 * The quote and the pool after it. The input less its fee stays in the bin. Fees are kept outside of the bins: the protocol's
 * share is tracked here, the rest belongs to the liquidity providers.
 */
function swap(pool: DlmmPool, input: SwapInput): SwapResult<DlmmPool> {
  const quote = quoteExactIn(pool, input)
  if (quote.kind === 'refused') return quote
  const ladder = openLadder(pool, input)
  if ('reason' in ladder) return ladder
  const reached = rungAt(ladder, input.amountIn)
  if ('reason' in reached) return reached
  const { rung: end, before } = reached

  const touched = new Map<number, Bin>()
  let protocolFee = 0n
  for (const rung of ladder.rungs) {
    const amountIn = rung === end ? input.amountIn - before.amountIn : rung.amountIn
    const { curveIn, curveOut, fee } = fillBin(ladder, rung, amountIn)
    const { bin } = rung
    const moved = input.aToB
      ? { amountA: bin.amountA + curveIn, amountB: bin.amountB - curveOut }
      : { amountA: bin.amountA - curveOut, amountB: bin.amountB + curveIn }
    touched.set(bin.id, { ...bin, ...moved })
    // A last unit that is all fee buys nothing from the bin's providers, so it belongs to the protocol.
    protocolFee += curveIn === 0n ? fee : (fee * pool.fees.protocolShareBps) / BPS
    if (rung === end) break
  }
  const feeOnA = input.aToB && ladder.feeOnInput
  const after: DlmmPool = {
    ...pool,
    activeId: end.bin.id,
    volatility: {
      accumulator: accumulatorAt(end.bin.id, ladder.references, pool.fees),
      reference: ladder.references.reference,
      indexReference: ladder.references.indexReference,
      // A trade within one bin does not reset the time stamp: volatility goes on decaying.
      lastUpdateTimestamp:
        end.bin.id === pool.activeId ? pool.volatility.lastUpdateTimestamp : input.unixTimestamp,
    },
    protocolFeeA: feeOnA ? pool.protocolFeeA + protocolFee : pool.protocolFeeA,
    protocolFeeB: feeOnA ? pool.protocolFeeB : pool.protocolFeeB + protocolFee,
    binArrays: withBins(pool.binArrays, touched),
  }
  const { amountOut, fee, feeOnInput } = quote
  return { kind: 'swapped', amountOut, fee, feeOnInput, pool: after }
}

function withBins(
  binArrays: DlmmPool['binArrays'],
  touched: ReadonlyMap<number, Bin>,
): ReadonlyMap<number, readonly Bin[]> {
  const after = new Map(binArrays)
  for (const index of new Set([...touched.keys()].map(binArrayIndexOf))) {
    after.set(
      index,
      (binArrays.get(index) ?? []).map((bin) => touched.get(bin.id) ?? bin),
    )
  }
  return after
}

/** The price of the active bin; `decode` refuses a pool whose active bin has none. */
function spotPrice({ activeId, binStep, binArrays }: DlmmPool, aToB: boolean): SpotPrice {
  const stored = binArrays.get(binArrayIndexOf(activeId))?.find(({ id }) => id === activeId)?.price
  const price = stored ?? binPrice(activeId, binStep) ?? 1n
  const unit = 1n << 64n
  return aToB ? { numerator: price, denominator: unit } : { numerator: unit, denominator: price }
}

/**
 * A segment per bin, at its price less the fee. The ratio of its output to its input would be wrong, because rounding distorts
 * it in bins of a few base units. On the way back to the reference bin of the volatility, the fee may fall faster than the
 * price: a bin that is then better than the ones before is joined with them, which keeps the curve concave.
 */
function* segments(pool: DlmmPool, direction: Direction): Generator<Segment, void> {
  const ladder = openLadder(pool, direction)
  if ('reason' in ladder) return
  const { aToB, references } = ladder
  const joined: Segment[] = []
  for (const rung of rungsOf(ladder)) {
    const capIn = Number(rung.amountIn)
    let segment = { price: priceAfterFee(rung, aToB), depth: Number.POSITIVE_INFINITY, capIn }
    for (let last = joined.at(-1); last !== undefined && last.price <= segment.price; last = joined.at(-1)) {
      joined.pop()
      const [sumIn, sumOut] = [
        last.capIn + segment.capIn,
        last.capIn * last.price + segment.capIn * segment.price,
      ]
      segment = { ...segment, price: sumOut / sumIn, capIn: sumIn }
    }
    joined.push(segment)
    const feeRises = aToB
      ? rung.bin.id <= references.indexReference
      : rung.bin.id >= references.indexReference
    // From here on prices only fall, so no later bin will be joined with this one.
    if (feeRises && segment.capIn === capIn) yield* joined.splice(0)
  }
  yield* joined
}

function priceAfterFee({ bin, feeRate }: Rung, aToB: boolean): number {
  const price = aToB ? Number(bin.price) / 2 ** 64 : 2 ** 64 / Number(bin.price)
  return price * (1 - Number(feeRate) / Number(FEE_DENOMINATOR))
}

/** The program's `swap2`, with the bin arrays that `@meteora-ag/dlmm` fetches for a swap. */
function swapInstruction(pool: DlmmPool, call: SwapCall): PoolInstruction | Refused {
  const quote = quoteExactIn(pool, call)
  if (quote.kind === 'refused') return quote
  const { amountIn, minAmountOut, aToB, user, userTokenA, userTokenB } = call
  const impossible = minimumRefusal(minAmountOut)
  if (impossible !== null) return impossible
  const { accounts } = pool
  return {
    programId: DLMM_PROGRAM_ID,
    accounts: [
      writable(accounts.pool),
      // An optional account that is absent is named by the program's own address.
      accounts.bitmapExtension === null ? readonly(DLMM_PROGRAM_ID) : writable(accounts.bitmapExtension),
      writable(accounts.vaultA),
      writable(accounts.vaultB),
      writable(aToB ? userTokenA : userTokenB),
      writable(aToB ? userTokenB : userTokenA),
      readonly(accounts.mintA),
      readonly(accounts.mintB),
      writable(accounts.oracle),
      readonly(DLMM_PROGRAM_ID), // no host fee
      signer(user),
      readonly(accounts.tokenProgramA),
      readonly(accounts.tokenProgramB),
      readonly(MEMO_PROGRAM_ID),
      readonly(EVENT_AUTHORITY),
      readonly(DLMM_PROGRAM_ID),
      ...arraysForSwap(pool, call).map((index) => writable(binArrayAddress(accounts.pool, index))),
    ],
    data: swapData({ amountIn, minAmountOut }),
  }
}

const swapData = (amounts: SwapAmounts) => encodeSwapData(SWAP2, amounts, NO_TRANSFER_HOOKS)

/** The next four arrays with liquidity (`getBinArrayForSwap`), or as many as the swap crosses. */
function arraysForSwap(pool: DlmmPool, call: SwapCall): readonly number[] {
  const ahead = [...arraysAhead(pool.arraysWithLiquidity, pool.activeId, call.aToB)]
  const ladder = openLadder(pool, call)
  const end = 'reason' in ladder ? ladder : rungAt(ladder, call.amountIn)
  const crossed = 'reason' in end ? 0 : ahead.indexOf(binArrayIndexOf(end.rung.bin.id)) + 1
  return ahead.slice(0, Math.max(ARRAYS_EACH_WAY, crossed))
}

export const meteoraDlmm: PoolProgram<DlmmPool> = {
  name: 'meteora-dlmm',
  programId: DLMM_PROGRAM_ID,
  missingAccounts: missingDlmmAccounts,
  decode: decodeDlmmPool,
  mints: ({ accounts: { mintA, mintB } }) => ({ mintA, mintB }),
  quoteExactIn,
  quoteExactOut,
  swap,
  spotPrice,
  reserves(pool) {
    const bins = [...pool.binArrays.values()].flat()
    const total = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n)
    return {
      reserveA: total(bins.map(({ amountA }) => amountA)),
      reserveB: total(bins.map(({ amountB }) => amountB)),
    }
  },
  segments,
  swapInstruction,
  swapData,
  readSwapData: (data) => decodeSwapData(SWAP2, data, NO_TRANSFER_HOOKS),
  errors: new Map([
    [6012, 'insufficient_liquidity'], // PairInsufficientLiquidity
    [6018, 'insufficient_liquidity'], // MathOverflow
    [6019, 'insufficient_liquidity'], // TypeCastFailed
    [6036, 'insufficient_liquidity'], // BitmapExtensionAccountIsNotProvided: the pool's own bitmap is used up
    [6037, 'insufficient_liquidity'], // CannotFindNonZeroLiquidityBinArrayId
    [6038, 'insufficient_liquidity'], // BinIdOutOfBound
    [6039, 'amount_too_small'], // InsufficientOutAmount
    [6042, 'pool_disabled'], // PoolDisabled
  ]),
}
