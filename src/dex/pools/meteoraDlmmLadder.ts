// Meteora DLMM (program lb_clmm): the bins ahead of a swap as a ladder of running sums.
//
// For one pool, direction and memory of volatility, what a bin takes and pays in full does not depend on the swap that
// reaches it. So the sums are built once, as far as swaps have reached, and a quote is a search and one bin's arithmetic.

import type { DlmmPool } from './meteoraDlmmAccount.ts'
import type { Bin } from './meteoraDlmmBins.ts'
import { arraysAhead, binArrayAddress } from './meteoraDlmmBitmap.ts'
import {
  accumulatorAt,
  FEE_DENOMINATOR,
  feeRateAt,
  type Memory,
  memoryAt,
  referencesAfter,
  type VolatilityReferences,
} from './meteoraDlmmFees.ts'
import { type Direction, min, mulDivCeil, type Refused, refused, U64_MAX } from './pool.ts'

/** One bin that has something to sell, and the sums up to it. Amounts in include the fee, amounts out exclude it. */
export type Rung = {
  readonly bin: Bin
  readonly feeRate: bigint
  /** What the bin takes to be emptied and what it then gives, fees aside. */
  readonly curveIn: bigint
  readonly curveOut: bigint
  /** What all bins before it take and pay, and the fee in that. */
  readonly inBefore: bigint
  readonly outBefore: bigint
  readonly feeBefore: bigint
  /** What it and all before it take when a swap goes on to the next bin. */
  readonly inAfter: bigint
  readonly outAfter: bigint
  readonly feeAfter: bigint
  /** The most that can come in if the swap ends here: at most one unit more, lost to the rounding of the fee. */
  readonly mostIn: bigint
}

/** The rungs found so far, where the next ones come from, and once there are no more, why. */
export type Ladder = {
  readonly pool: DlmmPool
  readonly aToB: boolean
  readonly feeOnInput: boolean
  readonly references: VolatilityReferences
  readonly rungs: Rung[]
  readonly ahead: Iterator<Bin, Refused>
  end: Refused | null
}

type PoolLadders = Record<'aToB' | 'bToA', Partial<Record<Memory, Ladder | Refused>>>

const laddersOfPools = new WeakMap<DlmmPool, PoolLadders>()

/** The ladder a swap in this direction climbs at this time. A pool never changes, so its ladders are kept with it. */
export function ladderOf(pool: DlmmPool, { aToB, unixTimestamp }: Direction): Ladder | Refused {
  let ladders = laddersOfPools.get(pool)
  if (ladders === undefined) {
    ladders = { aToB: {}, bToA: {} }
    laddersOfPools.set(pool, ladders)
  }
  const side = aToB ? ladders.aToB : ladders.bToA
  const memory = memoryAt(pool.fees, pool.volatility, unixTimestamp)
  const known = side[memory]
  if (known !== undefined) return known
  const ladder = startLadder(pool, aToB, memory)
  side[memory] = ladder
  return ladder
}

function startLadder(pool: DlmmPool, aToB: boolean, memory: Memory): Ladder | Refused {
  const references = referencesAfter(memory, pool.fees, pool.volatility, pool.activeId)
  if (references === null) return refused('unsupported_pool', 'the decay of its volatility overflows')
  return {
    pool,
    aToB,
    feeOnInput: !aToB || pool.collectFeeMode === 'input',
    references,
    rungs: [],
    ahead: binsAhead(pool, aToB),
    end: null,
  }
}

/** The rung on which `amountIn` ends, or why there is none. */
export function rungFor(ladder: Ladder, amountIn: bigint): Rung | Refused {
  const { rungs } = ladder
  let last = rungs[rungs.length - 1] ?? climb(ladder)
  while (last !== null && last.mostIn < amountIn) last = climb(ladder)
  if (last === null) return refusalAtEnd(ladder)
  return firstRung(rungs, (rung) => rung.mostIn >= amountIn) ?? last
}

/** The first rung whose end pays `amountOut` or more, or why there is none. */
export function rungPaying(ladder: Ladder, amountOut: bigint): Rung | Refused {
  const { rungs } = ladder
  let last = rungs[rungs.length - 1] ?? climb(ladder)
  while (last !== null && last.outAfter < amountOut) last = climb(ladder)
  if (last === null) return refusalAtEnd(ladder)
  return firstRung(rungs, (rung) => rung.outAfter >= amountOut) ?? last
}

function firstRung(rungs: readonly Rung[], isReached: (rung: Rung) => boolean): Rung | undefined {
  let [low, high] = [0, rungs.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    const rung = rungs[middle]
    if (rung !== undefined && isReached(rung)) high = middle
    else low = middle + 1
  }
  return rungs[low]
}

/** Why the ladder ends where it does; if for want of liquidity, with the most that would still go in. */
function refusalAtEnd({ end, rungs }: Ladder): Refused {
  const last = rungs[rungs.length - 1]
  if (end === null) return refused('insufficient_liquidity', 'no bin has anything to sell')
  if (end.reason !== 'insufficient_liquidity' || last === undefined || last.outAfter === 0n) return end
  return { ...end, mostIn: min(last.mostIn, U64_MAX) }
}

/** The next rung, or null at the end of the ladder. */
export function climb(ladder: Ladder): Rung | null {
  if (ladder.end !== null) return null
  const next = ladder.ahead.next()
  if (next.done === true) {
    ladder.end = next.value
    return null
  }
  const rung = rungOf(ladder, next.value)
  if ('reason' in rung) {
    ladder.end = rung
    return null
  }
  ladder.rungs.push(rung)
  return rung
}

/**
 * Source: dlmm-sdk `commons/src/quote.rs`, `swap_exact_in_quote_at_bin`, of a bin that is emptied: what it takes is
 * rounded up, and so is the fee, whether it is added to the input or leaves the output.
 */
function rungOf({ pool, aToB, feeOnInput, references, rungs }: Ladder, bin: Bin): Rung | Refused {
  if ((aToB ? bin.limitOrderB : bin.limitOrderA) > 0n) {
    return refused('unsupported_pool', `bin ${bin.id} holds limit orders`)
  }
  const curveOut = aToB ? bin.amountB : bin.amountA
  const curveIn = curveInFor(bin, aToB, curveOut)
  if (curveIn > U64_MAX) {
    return refused('insufficient_liquidity', `bin ${bin.id} takes more than an amount can hold`)
  }

  const feeRate = feeRateAt(accumulatorAt(bin.id, references, pool.fees), pool.fees, pool.binStep)
  const before = rungs[rungs.length - 1]
  const inBefore = before === undefined ? 0n : before.inAfter
  const outBefore = before === undefined ? 0n : before.outAfter
  const feeBefore = before === undefined ? 0n : before.feeAfter
  const fee = feeOnInput
    ? mulDivCeil(curveIn, feeRate, FEE_DENOMINATOR - feeRate)
    : mulDivCeil(curveOut, feeRate, FEE_DENOMINATOR)
  const inAfter = inBefore + (feeOnInput ? curveIn + fee : curveIn)
  return {
    bin,
    feeRate,
    curveIn,
    curveOut,
    inBefore,
    outBefore,
    feeBefore,
    inAfter,
    outAfter: outBefore + (feeOnInput ? curveOut : curveOut - fee),
    feeAfter: feeBefore + fee,
    mostIn: feeOnInput && losesUnit(curveIn, fee, feeRate) ? inAfter + 1n : inAfter,
  }
}

/** Whether one unit more still leaves `curveIn`: if the fee was rounded up by less than the rate. */
function losesUnit(curveIn: bigint, fee: bigint, feeRate: bigint): boolean {
  return fee * FEE_DENOMINATOR - (curveIn + fee) * feeRate < feeRate
}

/** What must go into a bin for `curveOut`, rounded up. Source: commons `Bin::get_amount_in`. */
export function curveInFor({ price }: Bin, aToB: boolean, curveOut: bigint): bigint {
  return aToB ? ((curveOut << 64n) + price - 1n) / price : (curveOut * price + U64_MAX) >> 64n
}

/** What a bin gives for `curveIn`, rounded down. Source: commons `Bin::get_amount_out`. */
export function curveOutFor({ price }: Bin, aToB: boolean, curveIn: bigint): bigint {
  return aToB ? (curveIn * price) >> 64n : (curveIn << 64n) / price
}

/** The bins with something to sell from the active one on, then why there are no more. */
function* binsAhead(pool: DlmmPool, aToB: boolean): Generator<Bin, Refused> {
  const { activeId, accounts, binArrays } = pool
  for (const index of arraysAhead(pool.arraysWithLiquidity, activeId, aToB)) {
    const bins = binArrays.get(index)
    if (bins === undefined) {
      const address = binArrayAddress(accounts.pool, index)
      return refused('malformed_account', `DLMM bin array ${address} (${index}) is missing`)
    }
    for (let i = 0; i < bins.length; i++) {
      const bin = bins[aToB ? bins.length - 1 - i : i]
      if (bin === undefined || (aToB ? bin.id > activeId : bin.id < activeId)) continue
      const sells = aToB ? bin.amountB > 0n || bin.limitOrderB > 0n : bin.amountA > 0n || bin.limitOrderA > 0n
      if (sells) yield bin
    }
  }
  return refused('insufficient_liquidity', 'the amount in is more than the bins can take')
}
