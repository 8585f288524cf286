// The swap loop of Raydium CLMM as its source has it: what the ladder must equal.

import type { ClmmPool } from '../../src/dex/pools/raydiumClmm/program.ts'
import { tickAtSqrtPrice } from '../../src/dex/pools/raydiumClmm/ticks.ts'

/**
 * The program's swap loop as its source has it, without a ladder: every step from the amount that is left. Source:
 * raydium-clmm `instructions/swap.rs` and `libraries/` (`swap_math.rs`, `sqrt_price_math.rs`, `liquidity_math.rs`).
 */
export function stepByStep(pool: ClmmPool, aToB: boolean, amountIn: bigint) {
  const feePpm = pool.tradeFeePpm
  const ceilDiv = (a: bigint, b: bigint) => (a + b - 1n) / b
  const deltaA = (low: bigint, high: bigint, liquidity: bigint) =>
    [liquidity * 2n ** 64n * (high - low), low * high] as const
  let { sqrtPrice, tick, liquidity } = pool
  let [left, amountOut, fee, protocolFees, fundFees] = [amountIn, 0n, 0n, 0n, 0n]
  while (left > 0n) {
    const next = aToB
      ? pool.tickLine.ticks.findLast(({ index }) => index <= tick)
      : pool.tickLine.ticks.find(({ index }) => index > tick)
    if (next === undefined) return null
    const net = (left * (1_000_000n - feePpm)) / 1_000_000n
    const inputTo = (target: bigint) =>
      aToB
        ? ceilDiv(...deltaA(target, sqrtPrice, liquidity))
        : ceilDiv(liquidity * (target - sqrtPrice), 2n ** 64n)
    let target = next.sqrtPrice
    if (net < inputTo(target)) {
      const shifted = liquidity * 2n ** 64n
      target = aToB
        ? ceilDiv(shifted * sqrtPrice, shifted + net * sqrtPrice)
        : sqrtPrice + (net * 2n ** 64n) / liquidity
    }
    const used = inputTo(target)
    const [numerator, denominator] = deltaA(sqrtPrice, target, liquidity)
    amountOut += aToB ? (liquidity * (sqrtPrice - target)) / 2n ** 64n : numerator / denominator
    const isCrossed = target === next.sqrtPrice
    const stepFee = isCrossed ? ceilDiv(used * feePpm, 1_000_000n - feePpm) : left - used
    left -= used + stepFee
    fee += stepFee
    protocolFees += (stepFee * pool.protocolFeePpm) / 1_000_000n
    fundFees += (stepFee * pool.fundFeePpm) / 1_000_000n
    if (isCrossed) {
      liquidity += aToB ? -next.liquidityNet : next.liquidityNet
      tick = aToB ? next.index - 1 : next.index
    } else if (target !== sqrtPrice) {
      tick = tickAtSqrtPrice(target)
    }
    sqrtPrice = target
  }
  return { amountOut, fee, protocolFees, fundFees, sqrtPrice, tick, liquidity }
}
