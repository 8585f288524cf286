// Pools of many ticks and bins: other liquidity in a recorded pool, as its program would book it.

import { binArrayIndexOf } from '../src/dex/pools/meteoraDlmm/bitmap.ts'
import { binPrice } from '../src/dex/pools/meteoraDlmm/fees.ts'
import { type DlmmPool, meteoraDlmm } from '../src/dex/pools/meteoraDlmm/program.ts'
import { type ClmmPool, raydiumClmm } from '../src/dex/pools/raydiumClmm/program.ts'
import { arrayOfTick, sqrtPriceAtTick } from '../src/dex/pools/raydiumClmm/ticks.ts'
import { writeClmm, writeDlmm } from './poolAccounts.ts'
import { type PoolState, stateOf } from './recordedPools.ts'

type Position = { readonly lower: number; readonly upper: number; readonly liquidity: bigint }

/** A CLMM pool with these positions instead of its own, at its own price. */
export function withPositions(pool: ClmmPool, positions: readonly Position[]): ClmmPool {
  const net = new Map<number, bigint>()
  const add = (tick: number, liquidity: bigint) => net.set(tick, (net.get(tick) ?? 0n) + liquidity)
  for (const { lower, upper, liquidity } of positions) {
    add(lower, liquidity)
    add(upper, -liquidity)
  }
  const ticks = [...net]
    .sort(([a], [b]) => a - b)
    .map(([index, liquidityNet]) => ({ index, sqrtPrice: sqrtPriceAtTick(index), liquidityNet }))
  const arrays = [...new Set(ticks.map(({ index }) => arrayOfTick(index, pool.tickSpacing)))]
  const active = positions.filter(({ lower, upper }) => lower <= pool.tick && pool.tick < upper)
  return {
    ...pool,
    liquidity: active.reduce((sum, { liquidity }) => sum + liquidity, 0n),
    tickLine: { ticks, arrays, unknownBelow: null, unknownAbove: null },
  }
}

/** A DLMM pool with these bins instead of its own. Throws for a bin beyond the program's prices. */
export function withBins(
  pool: DlmmPool,
  bins: readonly { readonly id: number; readonly amountA: bigint; readonly amountB: bigint }[],
): DlmmPool {
  const priced = bins.map((bin) => {
    const price = binPrice(bin.id, pool.binStep)
    if (price === null) throw new Error(`bin ${bin.id} has no price`)
    return { id: bin.id, price, amountA: bin.amountA, amountB: bin.amountB, limitOrderA: 0n, limitOrderB: 0n }
  })
  const indexes = [...new Set(priced.map(({ id }) => binArrayIndexOf(id)))]
  return {
    ...pool,
    arraysWithLiquidity: indexes,
    binArrays: new Map(
      indexes.map((index) => [index, priced.filter(({ id }) => binArrayIndexOf(id) === index)]),
    ),
  }
}

const TICKS_EACH_WAY = 30
const BINS_EACH_WAY = 80

/** A recorded CLMM pool with an initialized tick at every spacing around its price, and less depth with every one. */
export function wideClmmPool(recorded: PoolState<ClmmPool>): PoolState<ClmmPool> {
  const { pool, accounts, address, at } = recorded
  const { tickSpacing, liquidity } = pool
  const middle = Math.floor(pool.tick / tickSpacing) * tickSpacing
  const positions = Array.from({ length: TICKS_EACH_WAY }, (_, i) => ({
    lower: middle - i * tickSpacing,
    upper: middle + (i + 1) * tickSpacing,
    liquidity: liquidity / BigInt(TICKS_EACH_WAY),
  }))
  return stateOf(raydiumClmm, address, writeClmm(accounts, withPositions(pool, positions)), at)
}

/** A recorded DLMM pool with what it holds spread evenly over many bins on both sides of its price. */
export function wideDlmmPool(recorded: PoolState<DlmmPool>): PoolState<DlmmPool> {
  const { pool, accounts, address, at } = recorded
  const { activeId } = pool
  const bins = [...pool.binArrays.values()].flat()
  const total = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n)
  const amountA = total(bins.map((bin) => bin.amountA)) / BigInt(BINS_EACH_WAY)
  const amountB = total(bins.map((bin) => bin.amountB)) / BigInt(BINS_EACH_WAY)
  const around = Array.from({ length: 2 * BINS_EACH_WAY + 1 }, (_, i) => activeId - BINS_EACH_WAY + i)
  const filled = around.map((id) => ({
    id,
    amountA: id < activeId ? 0n : amountA,
    amountB: id > activeId ? 0n : amountB,
  }))
  return stateOf(meteoraDlmm, address, writeDlmm(accounts, withBins(pool, filled)), at)
}
