// Random pools of every program, and random amounts to trade with them.

import fc from 'fast-check'
import type { BaseFee, DynamicFee } from '../../src/dex/pools/meteoraDammV2/fees.ts'
import type { DammV2Pool } from '../../src/dex/pools/meteoraDammV2/program.ts'
import { isqrt, type PoolProgram } from '../../src/dex/pools/pool.ts'
import type { AmmV4Pool } from '../../src/dex/pools/raydiumAmmV4/program.ts'
import type { ClmmPool } from '../../src/dex/pools/raydiumClmm/program.ts'
import { sqrtPriceAtTick, tickAtSqrtPrice } from '../../src/dex/pools/raydiumClmm/ticks.ts'
import type { CpmmPool } from '../../src/dex/pools/raydiumCpmm/program.ts'
import { concentratedPool, NO_ACCOUNTS, type Step } from './poolFixtures.ts'

export const NOW = { slot: 400_000_000n, unixTimestamp: 1_780_000_000n }

/** Amounts of every magnitude up to 2^bits: a uniform bigint would nearly always be huge. */
export const amounts = (bits: number): fc.Arbitrary<bigint> =>
  fc.integer({ min: 1, max: bits }).chain((n) => fc.bigInt({ min: 1n, max: (1n << BigInt(n)) - 1n }))

/**
 * An amount, or instead of it a share of all that a pool takes: what is drawn blindly is nearly always far below the
 * liquidity or far above it, and would hardly ever cross a tick.
 */
export type Size = { readonly amount: bigint; readonly permille: number | null }
export const sizes: fc.Arbitrary<Size> = fc.record({
  amount: amounts(62),
  permille: fc.option(fc.integer({ min: 1, max: 1_000 })),
})

export function sizeIn<P>(
  program: PoolProgram<P>,
  pool: P,
  aToB: boolean,
  { amount, permille }: Size,
): bigint {
  if (permille === null) return amount
  const beyond = program.quoteExactIn(pool, { aToB, amountIn: (1n << 64n) - 1n, ...NOW })
  const mostIn = beyond.kind === 'refused' ? beyond.mostIn : undefined
  return mostIn === undefined || mostIn > 1n << 60n ? amount : (mostIn * BigInt(permille)) / 1_000n
}

/** Swaps small and large, to and fro, soon after each other and long. */
export const walks: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    aToB: fc.boolean(),
    permille: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 1_000 })),
    seconds: fc.constantFrom(0, 1, 40, 1_000),
  }),
  { minLength: 1, maxLength: 8 },
)

export const cpmmPools: fc.Arbitrary<CpmmPool> = fc.record({
  accounts: fc.constant({ ...NO_ACCOUNTS, ammConfig: '', observation: '' }),
  isSwapEnabled: fc.constant(true),
  openTimestamp: fc.constant(0n),
  tradeFeePpm: fc.bigInt({ min: 0n, max: 50_000n }),
  protocolFeePpm: fc.bigInt({ min: 0n, max: 500_000n }),
  fundFeePpm: fc.bigInt({ min: 0n, max: 500_000n }),
  reserveA: amounts(60),
  reserveB: amounts(60),
  protocolFeesA: amounts(30),
  protocolFeesB: amounts(30),
  fundFeesA: amounts(30),
  fundFeesB: amounts(30),
})

export const ammV4Pools: fc.Arbitrary<AmmV4Pool> = fc.record({
  accounts: fc.constant({
    ...NO_ACCOUNTS,
    openOrders: '',
    targetOrders: '',
    market: '',
    marketProgram: '',
  }),
  isSwapEnabled: fc.constant(true),
  openTimestamp: fc.constant(0n),
  feeNumerator: fc.bigInt({ min: 0n, max: 5_000n }),
  feeDenominator: fc.constant(10_000n),
  reserveA: amounts(60),
  reserveB: amounts(60),
  owedA: amounts(30),
  owedB: amounts(30),
})

const CLMM_VAULT = 1n << 62n
const CLMM_ADDRESS = '8hPv56oqMGr2J6kEYWCSVFYcXZYPBuYQgFwFxsHFT5Th'

/** Pools of up to six positions, with the price on, beside or between their ends. */
export const clmmPools: fc.Arbitrary<ClmmPool> = fc
  .record({
    tickSpacing: fc.constantFrom(1, 10, 60),
    center: fc.integer({ min: -250_000, max: 250_000 }),
    offset: fc.bigInt({ min: 0n, max: 1n << 40n }),
    tradeFeePpm: fc.bigInt({ min: 0n, max: 50_000n }),
    protocolFeePpm: fc.bigInt({ min: 0n, max: 500_000n }),
    fundFeePpm: fc.bigInt({ min: 0n, max: 500_000n }),
    positions: fc.array(fc.tuple(fc.nat(200), fc.nat(200), amounts(72)), { minLength: 1, maxLength: 6 }),
  })
  .map(({ tickSpacing, center, offset, positions, ...fees }) => {
    const middle = Math.round(center / tickSpacing) * tickSpacing
    const sqrtPrice = sqrtPriceAtTick(middle) + offset
    const tick = tickAtSqrtPrice(sqrtPrice)
    const net = new Map<number, bigint>()
    let liquidity = 0n
    for (const [below, above, amount] of positions) {
      const [lower, upper] = [middle - below * tickSpacing, middle + (above + 1) * tickSpacing]
      net.set(lower, (net.get(lower) ?? 0n) + amount)
      net.set(upper, (net.get(upper) ?? 0n) - amount)
      if (lower <= tick && tick < upper) liquidity += amount
    }
    const ticks = [...net]
      .sort(([a], [b]) => a - b)
      .map(([index, liquidityNet]) => ({ index, liquidityNet, sqrtPrice: sqrtPriceAtTick(index) }))
    const arrays = new Set(ticks.map(({ index }) => Math.floor(index / (60 * tickSpacing))))
    return {
      ...fees,
      accounts: {
        ...NO_ACCOUNTS,
        pool: CLMM_ADDRESS,
        ammConfig: '',
        observation: '',
        bitmapExtension: '',
      },
      isSwapEnabled: true,
      openTimestamp: 0n,
      tickSpacing,
      tick,
      sqrtPrice,
      liquidity,
      tickLine: { ticks, arrays: [...arrays], unknownBelow: null, unknownAbove: null },
      vaultAmountA: CLMM_VAULT,
      vaultAmountB: CLMM_VAULT,
      protocolFeesA: 0n,
      protocolFeesB: 0n,
      fundFeesA: 0n,
      fundFeesB: 0n,
    }
  })

const staticFees: fc.Arbitrary<BaseFee> = fc.record({
  kind: fc.constant('static' as const),
  feeNumerator: fc.bigInt({ min: 100_000n, max: 500_000_000n }),
})

/** Concentrated pools under a fixed fee, taken from the output or always from token B. */
export const concentratedPools: fc.Arbitrary<DammV2Pool> = fc
  .record({
    price: fc.bigInt({ min: 1n << 50n, max: 1n << 78n }),
    liquidity: amounts(50),
    widthBps: fc.bigInt({ min: 10n, max: 9_900n }),
    baseFee: staticFees,
    collectFeeMode: fc.constantFrom('output' as const, 'onlyB' as const),
  })
  .map(({ price, liquidity, widthBps, ...fees }) => ({
    ...concentratedPool(price, liquidity << 64n, widthBps),
    ...fees,
  }))

const compoundingPools: fc.Arbitrary<DammV2Pool> = fc
  .record({
    reserveA: amounts(60),
    reserveB: amounts(60),
    compoundingFeeBps: fc.bigInt({ min: 0n, max: 10_000n }),
    baseFee: staticFees,
  })
  .map((pool) => ({
    ...concentratedPool(isqrt((pool.reserveB << 128n) / pool.reserveA), 1n << 64n, 100n),
    ...pool,
    collectFeeMode: 'compounding',
  }))

const dynamicFees: fc.Arbitrary<DynamicFee> = fc.record({
  binStep: fc.constant(1n),
  binStepQ64: fc.constant((1n << 64n) / 10_000n),
  variableFeeControl: fc.bigInt({ min: 0n, max: 10_000n }),
  maxVolatilityAccumulator: fc.constant(14_460_000n),
  filterPeriodSeconds: fc.constant(10n),
  decayPeriodSeconds: fc.constant(120n),
  reductionFactorBps: fc.constant(5_000n),
  lastUpdateTimestamp: fc.bigInt({ min: NOW.unixTimestamp - 200n, max: NOW.unixTimestamp }),
  sqrtPriceReference: fc.bigInt({ min: 1n << 50n, max: 1n << 78n }),
  volatilityAccumulator: fc.bigInt({ min: 0n, max: 14_460_000n }),
  volatilityReference: fc.bigInt({ min: 0n, max: 7_230_000n }),
})

export const anyDammV2Pools: fc.Arbitrary<DammV2Pool> = fc
  .tuple(fc.oneof(concentratedPools, compoundingPools), fc.option(dynamicFees))
  .map(([pool, dynamicFee]) => ({ ...pool, dynamicFee }))
