// Raydium CLMM: the path from the price to the last tick, memoized as rungs that do not depend on the amount of a swap.
//
// A swap moves the price among the ticks, not the ticks. So the rungs from tick to tick are the same for every state of a pool
// with the same positions: they belong to the tick line and outlive the state. Only the first rung, from the price to the next
// tick, belongs to one state.

import { type Refused, refused, U64_MAX } from '../pool.ts'
import type { ClmmPool } from './account.ts'
import { rangeBetween, type TickRange } from './steps.ts'
import type { ClmmTick, ClmmTickLine } from './tickArrays.ts'
import { MAX_SQRT_PRICE, MIN_SQRT_PRICE } from './ticks.ts'

type Amounts = Pick<TickRange, 'amountIn' | 'amountOut' | 'fee'>

/** The range from a price to the next initialized tick. */
export type Rung = {
  readonly range: TickRange
  /** The position of the pool before the range and at its end: the tick crossed, the liquidity beyond it. */
  readonly tick: number
  readonly tickEnd: number
  readonly liquidityEnd: bigint
  /** The initialized tick that ends the range. */
  readonly end: ClmmTick
}

/** The rung on which a swap ends, and the totals of all rungs before it. */
export type ReachedRung = { readonly rung: Rung; readonly before: Amounts }

/** The rungs of a tick line in one direction from some tick on, built as far as any quote has needed. */
type Ladder = {
  readonly tradeFeePpm: bigint
  /** The place of the tick where the first rung starts, counted in the direction. */
  readonly origin: number
  readonly rungs: Rung[]
  /** Totals of the rungs before each rung, and after the last. */
  readonly sums: Amounts[]
  /** Why there is no rung after the last one; null until that is known. */
  end: Refused | null
}

/** The path of one state of a pool: its own first rung, or why there is none, then those of the ladder from some rung on. */
type Way = {
  readonly pool: ClmmPool
  readonly aToB: boolean
  readonly first: Rung | Refused
  readonly ladder: Ladder
  readonly next: number
}

const NOTHING: Amounts = { amountIn: 0n, amountOut: 0n, fee: 0n }

/** The path of the latest state of each tick line: only one state of a pool is the present one. */
const ways = new WeakMap<ClmmTickLine, { aToB: Way | null; bToA: Way | null }>()

function wayOf(pool: ClmmPool, aToB: boolean): Way {
  let both = ways.get(pool.tickLine)
  if (both === undefined) {
    both = { aToB: null, bToA: null }
    ways.set(pool.tickLine, both)
  }
  const last = aToB ? both.aToB : both.bToA
  if (last?.pool === pool) return last
  const way = startWay(pool, aToB, last?.ladder)
  if (aToB) both.aToB = way
  else both.bToA = way
  return way
}

/** Reuses `known` if it continues the state's first rung, which it does unless positions were changed. */
function startWay(pool: ClmmPool, aToB: boolean, known: Ladder | undefined): Way {
  const place = placeOfNextTick(pool, aToB)
  const first = rungTo(pool, aToB, place, pool)
  if (known !== undefined && !('reason' in first)) {
    const next = place - known.origin
    const start = known.rungs[next]
    const isSame = start?.range.liquidity === first.liquidityEnd && known.tradeFeePpm === pool.tradeFeePpm
    if (isSame) return { pool, aToB, first, ladder: known, next }
  }
  const { tradeFeePpm } = pool
  const end = 'reason' in first ? first : null
  return {
    pool,
    aToB,
    first,
    ladder: { tradeFeePpm, origin: place, rungs: [], sums: [NOTHING], end },
    next: 0,
  }
}

/** The rungs of a pool from its price on, as far as its ticks are known. */
export function* rungsOf(pool: ClmmPool, aToB: boolean): Generator<Rung, void> {
  const way = wayOf(pool, aToB)
  if ('reason' in way.first) return
  yield way.first
  for (let i = way.next; hasRung(way, way.first, i); i++) {
    const rung = way.ladder.rungs[i]
    if (rung !== undefined) yield rung
  }
}

/** The first rung whose end `amountIn` does not pass, or why there is none. */
export function rungOfInput(pool: ClmmPool, aToB: boolean, amountIn: bigint): ReachedRung | Refused {
  return rungReaching(pool, aToB, 'amountIn', amountIn)
}

/** The first rung on which `amountOut` has been paid, or why there is none. */
export function rungOfOutput(pool: ClmmPool, aToB: boolean, amountOut: bigint): ReachedRung | Refused {
  return rungReaching(pool, aToB, 'amountOut', amountOut)
}

function rungReaching(
  pool: ClmmPool,
  aToB: boolean,
  measure: 'amountIn' | 'amountOut',
  amount: bigint,
): ReachedRung | Refused {
  const way = wayOf(pool, aToB)
  const { first, ladder, next } = way
  if ('reason' in first) return first
  if (first.range[measure] >= amount) return { rung: first, before: NOTHING }

  const { rungs, sums } = ladder
  const skipped = sums[next] ?? NOTHING
  const target = amount - first.range[measure] + skipped[measure]
  let last = rungs.length
  while ((sums[last]?.[measure] ?? 0n) < target) {
    if (!hasRung(way, first, last)) return endOf(way, first)
    last = rungs.length
  }
  let [low, high] = [next, last - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle + 1]?.[measure] ?? 0n) < target) low = middle + 1
    else high = middle
  }
  const [rung, sum] = [rungs[low], sums[low]]
  if (rung === undefined || sum === undefined) return endOf(way, first)
  return {
    rung,
    before: {
      amountIn: first.range.amountIn + sum.amountIn - skipped.amountIn,
      amountOut: first.range.amountOut + sum.amountOut - skipped.amountOut,
      fee: first.range.fee + sum.fee - skipped.fee,
    },
  }
}

/** Whether the ladder has a rung at `index`, which may be one beyond those built. */
function hasRung({ pool, aToB, ladder }: Way, first: Rung, index: number): boolean {
  const { rungs, sums } = ladder
  if (index < rungs.length) return true
  if (ladder.end !== null) return false
  const last = rungs[rungs.length - 1] ?? first
  const rung = rungTo(pool, aToB, ladder.origin + rungs.length + 1, {
    sqrtPrice: last.range.sqrtPriceEnd,
    tick: last.tickEnd,
    liquidity: last.liquidityEnd,
  })
  if ('reason' in rung) {
    ladder.end = rung
    return false
  }
  const sum = sums[sums.length - 1] ?? NOTHING
  rungs.push(rung)
  sums.push({
    amountIn: sum.amountIn + rung.range.amountIn,
    amountOut: sum.amountOut + rung.range.amountOut,
    fee: sum.fee + rung.range.fee,
  })
  return true
}

type Standing = Pick<ClmmPool, 'sqrtPrice' | 'tick' | 'liquidity'>

/**
 * The rung from the present price to the tick at `place`, or why there is none. Source: raydium-clmm
 * `instructions/swap.rs` (`swap_internal`).
 */
function rungTo(
  pool: ClmmPool,
  aToB: boolean,
  place: number,
  { sqrtPrice, tick, liquidity }: Standing,
): Rung | Refused {
  const { ticks } = pool.tickLine
  const end = ticks[aToB ? ticks.length - 1 - place : place]
  // No swap may reach the outermost prices themselves.
  const limit = aToB ? MIN_SQRT_PRICE + 1n : MAX_SQRT_PRICE - 1n
  const isAtLimit = aToB ? sqrtPrice <= limit : sqrtPrice >= limit
  if (isAtLimit) return EXHAUSTED
  if (end === undefined) return endOfTicks(pool, aToB)
  const isPastLimit = aToB ? end.sqrtPrice < limit : end.sqrtPrice > limit
  const sqrtPriceEnd = isPastLimit ? limit : end.sqrtPrice
  const liquidityChange = isPastLimit ? 0n : end.liquidityNet
  const liquidityEnd = aToB ? liquidity - liquidityChange : liquidity + liquidityChange
  if ((aToB ? sqrtPriceEnd > sqrtPrice : sqrtPriceEnd < sqrtPrice) || liquidityEnd < 0n) {
    return refused('malformed_account', `tick ${end.index} contradicts CLMM pool ${pool.accounts.pool}`)
  }
  return {
    range: rangeBetween(sqrtPrice, sqrtPriceEnd, liquidity, aToB, pool.tradeFeePpm),
    tick,
    // Crossed downwards, or not reached upwards: the tick below counts.
    tickEnd: aToB === isPastLimit ? end.index : end.index - 1,
    liquidityEnd,
    end,
  }
}

/** The place of the next initialized tick, counted in the direction from the first tick known. */
function placeOfNextTick({ tick, tickLine: { ticks } }: ClmmPool, aToB: boolean): number {
  let [low, high] = [0, ticks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ticks[middle]?.index ?? 0) <= tick) low = middle + 1
    else high = middle
  }
  return aToB ? ticks.length - low : low
}

/** The program's LiquidityInsufficient. */
const EXHAUSTED = refused('insufficient_liquidity', 'the amount in is more than the pool’s ticks can take')

function endOfTicks({ tickLine }: ClmmPool, aToB: boolean): Refused {
  const unknown = aToB ? tickLine.unknownBelow : tickLine.unknownAbove
  return unknown === null ? EXHAUSTED : refused('malformed_account', unknown)
}

/** Why there is no further rung; for lack of liquidity, with the largest possible amount in. */
function endOf({ ladder, next }: Way, first: Rung): Refused {
  const end = ladder.end ?? EXHAUSTED
  const [all, skipped] = [ladder.sums[ladder.rungs.length] ?? NOTHING, ladder.sums[next] ?? NOTHING]
  const mostIn = first.range.amountIn + all.amountIn - skipped.amountIn
  const mostOut = first.range.amountOut + all.amountOut - skipped.amountOut
  const isPayable = end === EXHAUSTED && mostOut > 0n && mostIn <= U64_MAX
  return isPayable ? { ...end, mostIn } : end
}
