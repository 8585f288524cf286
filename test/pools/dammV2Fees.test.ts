// The DAMM v2 fees that the vectors do not hold: schedules, volatility over time, compounding.

import { describe, expect, test } from 'vitest'
import { baseFeeNumerator, type DynamicFee } from '../../src/dex/pools/meteoraDammV2/fees.ts'
import type { DammV2Pool } from '../../src/dex/pools/meteoraDammV2/program.ts'
import { changed, concentratedPool, DAMM_V2, firstPool, inputOf } from './poolFixtures.ts'

describe('the DAMM v2 base fee', () => {
  const schedule = { cliffFeeNumerator: 500_000_000n, periods: 10n } as const

  test.each([
    [0n, 500_000_000n],
    [59n, 500_000_000n],
    [60n, 460_000_000n],
    [600n, 100_000_000n],
    [1_000_000n, 100_000_000n],
  ])('falls by the same step each period: %d seconds on, %d', (elapsed, fee) => {
    const linear = { kind: 'timeSchedule', decay: 'linear', reductionFactor: 40_000_000n } as const
    expect(baseFeeNumerator({ ...schedule, ...linear, pointsPerPeriod: 60n }, elapsed, 1n)).toBe(fee)
  })

  test.each([
    [59n, 500_000_000n],
    [60n, 450_000_000n],
    [120n, 405_000_000n],
    [600n, 174_339_220n],
    [6_000n, 174_339_220n],
  ])('falls by the same share each period: %d seconds on, %d', (elapsed, fee) => {
    const exponential = { kind: 'timeSchedule', decay: 'exponential', reductionFactor: 1_000n } as const
    const numerator = baseFeeNumerator({ ...schedule, ...exponential, pointsPerPeriod: 60n }, elapsed, 1n)
    // Q64.64 steps round down: at most one part per billion below the real power.
    expect([fee, fee - 1n]).toContain(numerator)
  })

  test.each([
    ['below its start', 600n, 900n, 500_000_000n],
    ['two steps up', 600n, 1_020n, 420_000_000n],
    ['far up', 600n, 9_000n, 100_000_000n],
    ['once expired, wherever the price is', 601n, 900n, 100_000_000n],
  ])('falls with the price: %s', (_, elapsed, sqrtPrice, fee) => {
    const marketCap = {
      ...schedule,
      kind: 'marketCapSchedule',
      decay: 'linear',
      reductionFactor: 40_000_000n,
      initSqrtPrice: 1_000n,
      sqrtPriceStepBps: 100n,
      durationPoints: 600n,
    } as const
    expect(baseFeeNumerator(marketCap, elapsed, sqrtPrice)).toBe(fee)
  })

  test('that would fall below zero refuses the swap, as the program’s arithmetic does', () => {
    const { pool, state } = firstPool('meteora-dammv2', DAMM_V2)
    const linear = { kind: 'timeSchedule', decay: 'linear', reductionFactor: 60_000_000n } as const
    const sinking = { ...pool, baseFee: { ...schedule, ...linear, pointsPerPeriod: 1n }, activationPoint: 0n }
    expect(DAMM_V2.swap(sinking, inputOf(state, true, '1000'))).toMatchObject({ reason: 'unsupported_pool' })
  })
})

describe('the DAMM v2 dynamic fee after a swap', () => {
  const dynamicFee: DynamicFee = {
    binStep: 1n,
    binStepQ64: (1n << 64n) / 10_000n,
    variableFeeControl: 1_000n,
    maxVolatilityAccumulator: 14_460_000n,
    filterPeriodSeconds: 10n,
    decayPeriodSeconds: 120n,
    reductionFactorBps: 5_000n,
    lastUpdateTimestamp: 1_000n,
    sqrtPriceReference: 1n << 64n,
    volatilityAccumulator: 800_000n,
    volatilityReference: 200_000n,
  }
  // A at par, and a swap of one percent of the liquidity: the root of the price falls by 100 bins, the price by 200.
  const pool: DammV2Pool = { ...concentratedPool(1n << 64n, (10n ** 15n) << 64n, 5_000n), dynamicFee }
  const feeAfter = (unixTimestamp: bigint, amountIn = 10n ** 13n) => {
    const swap = DAMM_V2.swap(pool, { aToB: true, amountIn, slot: 0n, unixTimestamp })
    if (swap.kind === 'refused') throw new Error(swap.detail)
    return swap.pool.dynamicFee
  }

  test.each([
    ['keeps its reference within the filter period', 1_009n, 200_000n],
    ['halves its volatility within the decay period', 1_010n, 400_000n],
    ['halves its volatility up to the last second', 1_119n, 400_000n],
    ['forgets its volatility after it', 1_120n, 0n],
  ])('%s', (_, now, volatilityReference) => {
    expect(feeAfter(now)).toMatchObject({
      volatilityReference,
      volatilityAccumulator: volatilityReference + 200n * 10_000n,
      lastUpdateTimestamp: now,
    })
  })

  test('keeps its time stamp when the price stays in its bin', () => {
    expect(feeAfter(1_060n, 1_000n)).toMatchObject({
      lastUpdateTimestamp: 1_000n,
      volatilityAccumulator: 400_000n,
    })
  })

  test('never counts more volatility than its limit', () => {
    expect(feeAfter(1_120n, 9n * 10n ** 14n)).toMatchObject({ volatilityAccumulator: 14_460_000n })
  })

  test.each([500_000_000n, 990_000_000n])('is capped, with the base fee, at %d parts per billion', (cap) => {
    const greedy = {
      ...pool,
      maxFeeNumerator: cap,
      dynamicFee: { ...dynamicFee, variableFeeControl: 10n ** 9n },
    }
    const quote = DAMM_V2.quoteExactIn(greedy, {
      aToB: true,
      amountIn: 10n ** 12n,
      slot: 0n,
      unixTimestamp: 1_001n,
    })
    if (quote.kind === 'refused') throw new Error(quote.detail)
    const gross = quote.amountOut + quote.fee
    expect(quote.fee).toBe((gross * cap + 999_999_999n) / 1_000_000_000n)
  })

  test('is charged by the volatility the last swap left, whatever the time', () => {
    const fees = [1_001n, 1_060n, 9_999n].map((unixTimestamp) => {
      const quote = DAMM_V2.quoteExactIn(pool, { aToB: true, amountIn: 10n ** 12n, slot: 0n, unixTimestamp })
      return quote.kind === 'quoted' ? quote.fee : undefined
    })
    expect(new Set(fees).size).toBe(1)
    expect(fees[0]).toBeGreaterThan(0n)
  })
})

/** Little-endian bytes of an unsigned integer. */
const le = (value: bigint, length: number): number[] =>
  Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))

/** Overwrites `BaseFeeInfo` with a schedule of a hundred periods from a fee of one half. */
const schedule = (mode: number, step: bigint, duration: bigint, reduction: bigint) =>
  [
    8,
    ...le(500_000_000n, 8),
    mode,
    0,
    0,
    0,
    0,
    0,
    ...le(100n, 2),
    ...le(step, 4),
    ...le(duration, 4),
    ...le(reduction, 8),
  ] as const

/** Where a scheduler of market cap counts from, a little below the pool's price. */
const initSqrtPrice = [152, ...le(8_900_000_000_000_000_000n, 16)] as const

describe('a swap and the pool after it are those the official SDK computes (cp-amm-sdk 1.5.0), with', () => {
  const output = [484, 0] as const
  const onlyB = [484, 1] as const
  const compounding = [484, 2] as const
  const sixtyPercent = [54, ...le(6_000n, 2)] as const

  test.each([
    ['fees from the output', [output], true, 1160917585n, 11726441n, 'B', 2345288n, 8916686085792513803n],
    ['fees from the output', [output], false, 20696818024n, 209058768n, 'A', 41811753n, 9093035863185522567n],
    ['fees from B', [onlyB], true, 1160917585n, 11726441n, 'B', 2345288n, 8916686085792513803n],
    ['fees from B', [onlyB], false, 20700069919n, 50000000n, 'B', 10000000n, 9091607384752013119n],
    [
      'compounding',
      [compounding, sixtyPercent],
      true,
      1160917585n,
      11726441n,
      'B',
      2345288n,
      8916766488429079534n,
    ],
    [
      'compounding',
      [compounding, sixtyPercent],
      false,
      20700069927n,
      50000000n,
      'B',
      10000000n,
      9091950211511338654n,
    ],
    [
      'a linear schedule',
      [schedule(0, 7n, 0n, 4_000_000n)],
      true,
      651990078n,
      520653948n,
      'B',
      104130789n,
      8916686085792513803n,
    ],
    [
      'an exponential schedule',
      [schedule(1, 7n, 0n, 250n)],
      false,
      13572516717n,
      7333360075n,
      'A',
      1466672015n,
      9093035863185522567n,
    ],
    [
      'a linear market cap',
      [schedule(3, 10n, 100_000n, 4_000_000n), initSqrtPrice],
      true,
      609774893n,
      562869133n,
      'B',
      112573826n,
      8916686085792513803n,
    ],
    [
      'an exponential market cap',
      [schedule(4, 10n, 100_000n, 250n), initSqrtPrice],
      false,
      11695837802n,
      9210038990n,
      'A',
      1842007798n,
      9093035863185522567n,
    ],
  ] as const)('%s', (_, edits, aToB, amountOut, fee, feeToken, protocolFee, sqrtPrice) => {
    const { address, decodeWith } = firstPool('meteora-dammv2', DAMM_V2)
    const decoded = decodeWith(address, (data) =>
      edits.reduce((d, [at, ...bytes]) => changed(d, at, ...bytes), data),
    )
    if (decoded.kind === 'refused') throw new Error(decoded.detail)
    const protocolFees = { protocolFeeA: 0n, protocolFeeB: 0n, [`protocolFee${feeToken}`]: protocolFee }
    const input = { aToB, amountIn: 5_000_000_000n, slot: 0n, unixTimestamp: 1_780_000_100n }
    const swap = DAMM_V2.swap(decoded.pool, input)
    if (swap.kind === 'refused') throw new Error(swap.detail)
    expect(swap).toMatchObject({ amountOut, fee, pool: { sqrtPrice, ...protocolFees } })
  })
})
