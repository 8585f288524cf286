// Meteora DLMM (program lb_clmm): the bins ahead of a swap, memoized as a ladder of running sums.
//
// For one pool, direction and volatility, what a whole bin takes and pays does not depend on the swap that reaches it. So the
// sums are built once, as far as swaps have reached. A quote is then a binary search and the arithmetic of one bin.

import { type Direction, min, mulDivCeil, type Refused, refused, U64_MAX } from '../pool.ts'
import type { DlmmAccounts, DlmmPool } from './account.ts'
import type { Bin } from './bins.ts'
import { arraysAhead, binArrayAddress } from './bitmap.ts'
import {
  accumulatorAt,
  FEE_DENOMINATOR,
  feeRateAt,
  type Memory,
  memoryAt,
  referencesAfter,
  type VolatilityReferences,
} from './fees.ts'
import { curveInFor, losesUnit, type WholeBin } from './fill.ts'

/** The input including the fee, and the output after the fee. */
type Amounts = { readonly amountIn: bigint; readonly amountOut: bigint; readonly fee: bigint }

/** One bin with something to sell, and what it takes and pays as a whole. */
export type Rung = Amounts &
  WholeBin & {
    readonly volatility: number
    /** Whether one more unit can come in if the swap ends here, which the rounding of the fee absorbs. */
    readonly losesUnit: boolean
  }

/** The sums of the rungs up to some rung, and the most that can come in if a swap ends on it. */
type Sums = Amounts & { readonly mostIn: bigint }

/** The rung on which a swap ends, and the totals of all rungs before it. */
export type ReachedRung = { readonly rung: Rung; readonly before: Amounts }

/** The rungs found so far, the sums before each and after the last, and the source of further rungs or why there are none. */
export type Ladder = {
  readonly pool: DlmmPool
  readonly aToB: boolean
  readonly memory: Memory
  readonly feeOnInput: boolean
  readonly references: VolatilityReferences
  readonly rungs: Rung[]
  readonly sums: Sums[]
  readonly ahead: BinsAhead
  /** Rungs of the previous state. Most are still valid: a swap changes only the bins that it touches. */
  readonly known: KnownRungs
  end: Refused | null
}

/** `next` is where the search for the next bin continues. */
type KnownRungs = { readonly rungs: readonly Rung[]; next: number }

/** The state of the search for bins: the arrays from the active bin on, and the bins of the present array. */
type BinsAhead = { readonly arrays: readonly number[]; array: number; bins: readonly Bin[]; bin: number }

const NOTHING: Sums = { amountIn: 0n, amountOut: 0n, fee: 0n, mostIn: 0n }

/** The ladders of the latest state of each pool: only one state of a pool is the present one. */
const lastLadders = new WeakMap<DlmmAccounts, { aToB: Ladder | null; bToA: Ladder | null }>()

/** The ladder of a swap in this direction at this time. */
export function ladderOf(pool: DlmmPool, { aToB, unixTimestamp }: Direction): Ladder | Refused {
  let both = lastLadders.get(pool.accounts)
  if (both === undefined) {
    both = { aToB: null, bToA: null }
    lastLadders.set(pool.accounts, both)
  }
  const memory = memoryAt(pool.fees, pool.volatility, unixTimestamp)
  const last = aToB ? both.aToB : both.bToA
  if (last !== null && last.pool === pool && last.memory === memory) return last
  const ladder = startLadder(pool, aToB, memory, last)
  if ('reason' in ladder) return ladder
  if (aToB) both.aToB = ladder
  else both.bToA = ladder
  return ladder
}

function startLadder(pool: DlmmPool, aToB: boolean, memory: Memory, last: Ladder | null): Ladder | Refused {
  const references = referencesAfter(memory, pool.fees, pool.volatility, pool.activeId)
  if (references === null) return refused('unsupported_pool', 'the decay of its volatility overflows')
  return {
    pool,
    aToB,
    memory,
    feeOnInput: !aToB || pool.collectFeeMode === 'input',
    references,
    rungs: [],
    sums: [NOTHING],
    ahead: {
      arrays: [...arraysAhead(pool.arraysWithLiquidity, pool.activeId, aToB)],
      array: -1,
      bins: [],
      bin: 0,
    },
    known: { rungs: last !== null && isSamePool(last.pool, pool) ? longestOf(last) : [], next: 0 },
    end: null,
  }
}

/** Whether a bin takes and pays the same in both states, at the same volatility. */
function isSamePool(one: DlmmPool, other: DlmmPool): boolean {
  return (
    one.fees === other.fees && one.binStep === other.binStep && one.collectFeeMode === other.collectFeeMode
  )
}

/** The known rungs of a ladder: its own, or the inherited ones where it has been built less far. */
function longestOf({ rungs, known }: Ladder): readonly Rung[] {
  return rungs.length < known.rungs.length ? known.rungs : rungs
}

/** The rung on which `amountIn` ends, or why there is none. */
export function rungFor(ladder: Ladder, amountIn: bigint): ReachedRung | Refused {
  return rungReaching(ladder, 'mostIn', amountIn)
}

/** The first rung whose end pays `amountOut` or more, or why there is none. */
export function rungPaying(ladder: Ladder, amountOut: bigint): ReachedRung | Refused {
  return rungReaching(ladder, 'amountOut', amountOut)
}

function rungReaching(
  ladder: Ladder,
  measure: 'mostIn' | 'amountOut',
  amount: bigint,
): ReachedRung | Refused {
  const { rungs, sums } = ladder
  while ((sums[rungs.length] ?? NOTHING)[measure] < amount) {
    if (climb(ladder) === null) return refusalAtEnd(ladder)
  }
  let [low, high] = [0, rungs.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle + 1] ?? NOTHING)[measure] < amount) low = middle + 1
    else high = middle
  }
  const [rung, before] = [rungs[low], sums[low]]
  return rung === undefined || before === undefined ? refusalAtEnd(ladder) : { rung, before }
}

/** Why the ladder ends; for lack of liquidity, with the largest possible amount in. */
function refusalAtEnd({ end, sums }: Ladder): Refused {
  const all = sums[sums.length - 1] ?? NOTHING
  if (end === null) return refused('insufficient_liquidity', 'no bin has anything to sell')
  if (end.reason !== 'insufficient_liquidity' || all.amountOut === 0n) return end
  return { ...end, mostIn: min(all.mostIn, U64_MAX) }
}

/** The rungs from the first on, as far as the bins are known. */
export function* rungsOf(ladder: Ladder): Generator<Rung, void> {
  for (let i = 0; ; i++) {
    const rung = ladder.rungs[i] ?? climb(ladder)
    if (rung === null) return
    yield rung
  }
}

/** The next rung, or null at the end of the ladder. */
function climb(ladder: Ladder): Rung | null {
  if (ladder.end !== null) return null
  const bin = nextBin(ladder)
  const rung = 'reason' in bin ? bin : (knownRung(ladder, bin) ?? rungOf(ladder, bin))
  if ('reason' in rung) {
    ladder.end = rung
    return null
  }
  const { rungs, sums } = ladder
  const before = sums[sums.length - 1] ?? NOTHING
  const amountIn = before.amountIn + rung.amountIn
  rungs.push(rung)
  sums.push({
    amountIn,
    amountOut: before.amountOut + rung.amountOut,
    fee: before.fee + rung.fee,
    mostIn: rung.losesUnit ? amountIn + 1n : amountIn,
  })
  return rung
}

/** The rung of the previous state for this bin, if the fee is still the same. */
function knownRung({ aToB, known, references, pool }: Ladder, bin: Bin): Rung | undefined {
  let rung = known.rungs[known.next]
  while (rung !== undefined && (aToB ? rung.bin.id > bin.id : rung.bin.id < bin.id)) {
    known.next += 1
    rung = known.rungs[known.next]
  }
  if (rung?.bin !== bin || rung.volatility !== accumulatorAt(bin.id, references, pool.fees)) return undefined
  return rung
}

/**
 * A bin that is emptied: its input is rounded up, and so is the fee, whether it is added to the input or taken from the
 * output. Source: dlmm-sdk `commons/src/quote.rs`, `swap_exact_in_quote_at_bin`.
 */
function rungOf({ pool, aToB, feeOnInput, references }: Ladder, bin: Bin): Rung | Refused {
  if ((aToB ? bin.limitOrderB : bin.limitOrderA) > 0n) {
    return refused('unsupported_pool', `bin ${bin.id} holds limit orders`)
  }
  const curveOut = aToB ? bin.amountB : bin.amountA
  const curveIn = curveInFor(bin, aToB, curveOut)
  if (curveIn > U64_MAX) {
    return refused('insufficient_liquidity', `bin ${bin.id} takes more than an amount can hold`)
  }

  const volatility = accumulatorAt(bin.id, references, pool.fees)
  const feeRate = feeRateAt(volatility, pool.fees, pool.binStep)
  const fee = feeOnInput
    ? mulDivCeil(curveIn, feeRate, FEE_DENOMINATOR - feeRate)
    : mulDivCeil(curveOut, feeRate, FEE_DENOMINATOR)
  return {
    bin,
    volatility,
    feeRate,
    curveIn,
    curveOut,
    amountIn: feeOnInput ? curveIn + fee : curveIn,
    amountOut: feeOnInput ? curveOut : curveOut - fee,
    fee,
    losesUnit: feeOnInput && losesUnit(curveIn, fee, feeRate),
  }
}

/** The next bin with something to sell, from the active one on, or why there are no more. */
function nextBin({ pool, aToB, ahead }: Ladder): Bin | Refused {
  const { activeId, accounts, binArrays } = pool
  for (;;) {
    const bin = ahead.bins[ahead.bin]
    if (bin === undefined) {
      ahead.array += 1
      const index = ahead.arrays[ahead.array]
      if (index === undefined) {
        return refused('insufficient_liquidity', 'the amount in is more than the bins can take')
      }
      const bins = binArrays.get(index)
      if (bins === undefined) {
        const address = binArrayAddress(accounts.pool, index)
        return refused('malformed_account', `DLMM bin array ${address} (${index}) is missing`)
      }
      ahead.bins = bins
      ahead.bin = aToB ? bins.length - 1 : 0
      continue
    }
    ahead.bin += aToB ? -1 : 1
    if (aToB ? bin.id > activeId : bin.id < activeId) continue
    const sells = aToB ? bin.amountB > 0n || bin.limitOrderB > 0n : bin.amountA > 0n || bin.limitOrderA > 0n
    if (sells) return bin
  }
}
