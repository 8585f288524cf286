// Raydium CLMM: the way from the price to the last tick, as rungs that do not depend on any swap's amount.

import { min, type Refused, refused, U64_MAX } from './pool.ts'
import type { ClmmPool } from './raydiumClmmAccount.ts'
import type { ClmmTick } from './raydiumClmmTickArrays.ts'
import { MAX_SQRT_PRICE, MIN_SQRT_PRICE } from './raydiumClmmTicks.ts'

/**
 * One stretch of constant liquidity, from a price to the next initialized tick. Amounts are base units summed from
 * the pool's present price: `…Before` up to the stretch, without it up to its end. `amountIn` includes the fee.
 */
export type Rung = {
  readonly sqrtPrice: bigint
  readonly sqrtPriceEnd: bigint
  readonly liquidity: bigint
  /** liquidity · 2^64, and that times `sqrtPrice`, less one: what a partial step would compute each time. */
  readonly liquidityQ64: bigint
  readonly productLessOne: bigint
  /** Whether no partial step on this rung can leave a whole unit of its net input unused. */
  readonly isTight: boolean
  readonly amountInBefore: bigint
  readonly amountOutBefore: bigint
  readonly feeBefore: bigint
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly fee: bigint
  /** Where the pool stands before the stretch, and on its end: the tick crossed, the liquidity beyond it. */
  readonly tick: number
  readonly tickEnd: number
  readonly liquidityEnd: bigint
  /** The initialized tick that ends the stretch. */
  readonly end: ClmmTick
}

/** What a part of a rung takes and gives, of `amountIn` base units with the fee in them. */
export type PartialStep = { readonly amountOut: bigint; readonly fee: bigint; readonly sqrtPrice: bigint }

export type Ladder = {
  readonly aToB: boolean
  readonly rungs: Rung[]
  /** Why there is no rung after the last one; null while further rungs have not been looked for. */
  end: Refused | null
}

const PPM = 1_000_000n
const Q64 = 1n << 64n
const Q64_LESS_ONE = Q64 - 1n

/**
 * A pool never changes once decoded, so its ladders are kept for as long as it is: every further quote is then a
 * search and one partial step. Rungs are built as far as some quote has needed them.
 */
const ladders = new WeakMap<ClmmPool, { aToB: Ladder | null; bToA: Ladder | null }>()

export function ladderOf(pool: ClmmPool, aToB: boolean): Ladder {
  let both = ladders.get(pool)
  if (both === undefined) {
    both = { aToB: null, bToA: null }
    ladders.set(pool, both)
  }
  if (aToB) {
    both.aToB ??= { aToB, rungs: [], end: null }
    return both.aToB
  }
  both.bToA ??= { aToB, rungs: [], end: null }
  return both.bToA
}

/** The rung at `index`, or null where the ladder ends before it. */
export function rungAt(pool: ClmmPool, ladder: Ladder, index: number): Rung | null {
  while (ladder.rungs.length <= index && ladder.end === null) grow(pool, ladder)
  return ladder.rungs[index] ?? null
}

/** The first rung whose end `amountIn` does not pass, or why there is none. */
export function rungOfInput(pool: ClmmPool, ladder: Ladder, amountIn: bigint): Rung | Refused {
  const { rungs } = ladder
  let last = rungs[rungs.length - 1]
  while ((last === undefined || last.amountIn < amountIn) && ladder.end === null) {
    grow(pool, ladder)
    last = rungs[rungs.length - 1]
  }
  let [low, high] = [0, rungs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const rung = rungs[middle]
    if (rung !== undefined && rung.amountIn < amountIn) low = middle + 1
    else high = middle
  }
  return rungs[low] ?? endOf(ladder)
}

/** The first rung on which `amountOut` has been paid, or why there is none. */
export function rungOfOutput(pool: ClmmPool, ladder: Ladder, amountOut: bigint): Rung | Refused {
  for (let i = 0; ; i++) {
    const rung = rungAt(pool, ladder, i)
    if (rung === null) return endOf(ladder)
    if (rung.amountOut >= amountOut) return rung
  }
}

/**
 * A step that stays on its rung: 0 <= amountIn < what the rung takes. Source: raydium-clmm `libraries/swap_math.rs`
 * (`compute_swap`) and `sqrt_price_math.rs`. The net input's fraction is rounded down, √P' against the trader, and
 * what the price move does not need is fee too.
 *
 * Down: √P' = ⌈L √P / (L + a √P)⌉, up: √P' = √P + ⌊a / L⌋. The input that such a move needs, ⌈L Δ(1/√P)⌉ or
 * ⌈L Δ√P⌉, is the net input less the whole units that this rounding gave away.
 */
export function partialStep(rung: Rung, aToB: boolean, amountIn: bigint, tradeFeePpm: bigint): PartialStep {
  const net = (amountIn * (PPM - tradeFeePpm)) / PPM
  const { sqrtPrice, liquidity, liquidityQ64, productLessOne } = rung
  if (aToB) {
    const divisor = liquidityQ64 + net * sqrtPrice
    const next = productLessOne / divisor + 1n
    const unused = rung.isTight ? 0n : (next * divisor - productLessOne - 1n) / (sqrtPrice * next)
    const amountOut = (liquidity * (sqrtPrice - next)) >> 64n
    return { amountOut, fee: amountIn - net + unused, sqrtPrice: next }
  }
  const shifted = net << 64n
  const rise = shifted / liquidity
  const next = sqrtPrice + rise
  const unused = rung.isTight ? 0n : (shifted - rise * liquidity) >> 64n
  const amountOut = (liquidityQ64 * rise) / (sqrtPrice * next)
  return { amountOut, fee: amountIn - net + unused, sqrtPrice: next }
}

/** The smallest input, fee included, for which a step on `rung` pays `amountOut`, at most what the whole rung takes. */
export function partialInputFor(rung: Rung, aToB: boolean, amountOut: bigint, tradeFeePpm: bigint): bigint {
  const { sqrtPrice, sqrtPriceEnd, liquidity, liquidityQ64 } = rung
  const whole = rung.amountIn - rung.amountInBefore
  let net: bigint
  if (aToB) {
    const next = sqrtPrice - ceilDiv(amountOut << 64n, liquidity)
    if (next <= sqrtPriceEnd) return whole
    net = ceilDiv(liquidityQ64 * (sqrtPrice - next), next * sqrtPrice)
  } else {
    const divisor = liquidityQ64 - amountOut * sqrtPrice
    if (divisor <= 0n) return whole
    const next = rung.productLessOne / divisor + 1n
    if (next >= sqrtPriceEnd) return whole
    net = ceilDiv((next - sqrtPrice) * liquidity, Q64)
  }
  const amountIn = ceilDiv(net * PPM, PPM - tradeFeePpm)
  return min(amountIn, whole)
}

/** Adds the next rung, or the end. Source: raydium-clmm `instructions/swap.rs` (`swap_internal`). */
function grow(pool: ClmmPool, ladder: Ladder): void {
  const { aToB, rungs } = ladder
  const last = rungs[rungs.length - 1]
  const sqrtPrice = last?.sqrtPriceEnd ?? pool.sqrtPrice
  const liquidity = last?.liquidityEnd ?? pool.liquidity
  const end = nextTick(pool, aToB, last?.end)
  // No swap may reach the outermost prices themselves.
  const limit = aToB ? MIN_SQRT_PRICE + 1n : MAX_SQRT_PRICE - 1n
  const isAtLimit = aToB ? sqrtPrice <= limit : sqrtPrice >= limit
  if (end === undefined || isAtLimit) {
    ladder.end = isAtLimit ? exhausted(last) : endOfTicks(pool, aToB, last)
    return
  }
  const isPastLimit = aToB ? end.sqrtPrice < limit : end.sqrtPrice > limit
  const sqrtPriceEnd = isPastLimit ? limit : end.sqrtPrice
  const liquidityChange = isPastLimit ? 0n : end.liquidityNet
  const liquidityEnd = aToB ? liquidity - liquidityChange : liquidity + liquidityChange
  if ((aToB ? sqrtPriceEnd > sqrtPrice : sqrtPriceEnd < sqrtPrice) || liquidityEnd < 0n) {
    ladder.end = refused('malformed_account', `tick ${end.index} contradicts CLMM pool ${pool.accounts.pool}`)
    return
  }
  const { netIn, amountOut } = wholeStep(sqrtPrice, sqrtPriceEnd, liquidity, aToB)
  const fee = ceilDiv(netIn * pool.tradeFeePpm, PPM - pool.tradeFeePpm)
  const [amountInBefore, amountOutBefore] = [last?.amountIn ?? 0n, last?.amountOut ?? 0n]
  const feeBefore = last?.fee ?? 0n
  const liquidityQ64 = liquidity << 64n
  rungs.push({
    sqrtPrice,
    sqrtPriceEnd,
    liquidity,
    liquidityQ64,
    productLessOne: liquidityQ64 * sqrtPrice - 1n,
    // Down, at most divisor / (√P √P') units stay unused, and the divisor is largest at the end; up, liquidity / 2^64.
    isTight: aToB ? liquidityQ64 + netIn * sqrtPrice <= sqrtPrice * sqrtPriceEnd : liquidity <= Q64,
    amountInBefore,
    amountOutBefore,
    feeBefore,
    amountIn: amountInBefore + netIn + fee,
    amountOut: amountOutBefore + amountOut,
    fee: feeBefore + fee,
    tick: last?.tickEnd ?? pool.tick,
    // Crossed downwards, or not reached upwards: the tick below counts.
    tickEnd: aToB === isPastLimit ? end.index : end.index - 1,
    liquidityEnd,
    end,
  })
}

/** From tick to tick: Δa = L (√P' - √P) 2^64 / (√P √P'), Δb = L (√P' - √P) / 2^64; in rounded up, out down. */
function wholeStep(sqrtPrice: bigint, sqrtPriceEnd: bigint, liquidity: bigint, aToB: boolean) {
  const move = liquidity * (aToB ? sqrtPrice - sqrtPriceEnd : sqrtPriceEnd - sqrtPrice)
  const prices = sqrtPrice * sqrtPriceEnd
  return aToB
    ? { netIn: ceilDiv(move << 64n, prices), amountOut: move >> 64n }
    : { netIn: (move + Q64_LESS_ONE) >> 64n, amountOut: (move << 64n) / prices }
}

/** The initialized tick after `last`, or the first one on the way from the pool's own tick. */
function nextTick(pool: ClmmPool, aToB: boolean, last: ClmmTick | undefined): ClmmTick | undefined {
  const { ticks } = pool.tickLine
  const from = last === undefined ? pool.tick : aToB ? last.index - 1 : last.index
  let [low, high] = [0, ticks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ticks[middle]?.index ?? 0) <= from) low = middle + 1
    else high = middle
  }
  return ticks[aToB ? low - 1 : low]
}

function endOfTicks(pool: ClmmPool, aToB: boolean, last: Rung | undefined): Refused {
  const unknown = aToB ? pool.tickLine.unknownBelow : pool.tickLine.unknownAbove
  return unknown === null ? exhausted(last) : refused('malformed_account', unknown)
}

/** The program's LiquidityInsufficient. */
function exhausted(last: Rung | undefined): Refused {
  const detail = 'the amount in is more than the pool’s ticks can take'
  const mostIn = last?.amountIn ?? 0n
  const plain = refused('insufficient_liquidity', detail)
  const isPayable = last !== undefined && last.amountOut > 0n && mostIn <= U64_MAX
  return isPayable ? { ...plain, mostIn } : plain
}

function endOf(ladder: Ladder): Refused {
  return ladder.end ?? refused('insufficient_liquidity', 'the pool has no ticks')
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}
