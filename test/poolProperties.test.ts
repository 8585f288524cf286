// What holds for every pool and every input, proved on random ones.

import { base58 } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DammV2Pool } from '../src/dex/pools/meteoraDammV2.ts'
import type { BaseFee, DynamicFee } from '../src/dex/pools/meteoraDammV2Fees.ts'
import { isqrt } from '../src/dex/pools/pool.ts'
import type { CpmmPool } from '../src/dex/pools/raydiumCpmm.ts'
import {
  CPMM,
  changed,
  concentratedPool,
  DAMM_V2,
  expectSwapToEqualQuote,
  firstPool,
  NO_ACCOUNTS,
  type Venue,
} from './poolFixtures.ts'

const NOW = { slot: 400_000_000n, unixTimestamp: 1_780_000_000n }

/** Amounts of every magnitude up to 2^bits: a uniform bigint would nearly always be huge. */
const amounts = (bits: number): fc.Arbitrary<bigint> =>
  fc.integer({ min: 1, max: bits }).chain((n) => fc.bigInt({ min: 1n, max: (1n << BigInt(n)) - 1n }))

const cpmmPools: fc.Arbitrary<CpmmPool> = fc.record({
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

/** A pool with half its liquidity on each side of the price, over a range of `widthBps` in the root each way. */

const staticFees: fc.Arbitrary<BaseFee> = fc.record({
  kind: fc.constant('static' as const),
  feeNumerator: fc.bigInt({ min: 100_000n, max: 500_000_000n }),
})

/** Concentrated pools under a fixed fee, taken from the output or always from token B. */
const concentratedPools: fc.Arbitrary<DammV2Pool> = fc
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

const anyDammV2Pools: fc.Arbitrary<DammV2Pool> = fc
  .tuple(fc.oneof(concentratedPools, compoundingPools), fc.option(dynamicFees))
  .map(([pool, dynamicFee]) => ({ ...pool, dynamicFee }))

function holdsForEvery<P>(name: string, venue: Venue<P>, pools: fc.Arbitrary<P>): void {
  const quoteAt = (pool: P, aToB: boolean, amountIn: bigint) => venue.quote(pool, { aToB, amountIn, ...NOW })
  const swapAt = (pool: P, aToB: boolean, amountIn: bigint) => venue.swap(pool, { aToB, amountIn, ...NOW })

  test(`${name}: more in never pays less`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(62), amounts(40), (pool, aToB, amountIn, more) => {
        const [less, greater] = [quoteAt(pool, aToB, amountIn), quoteAt(pool, aToB, amountIn + more)]
        if (less.kind === 'refused' || greater.kind === 'refused') return fc.pre(false)
        expect(greater.amountOut).toBeGreaterThanOrEqual(less.amountOut)
      }),
    )
  })

  test(`${name}: there and back never gains`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(62), (pool, aToB, amountIn) => {
        const there = swapAt(pool, aToB, amountIn)
        if (there.kind === 'refused') return fc.pre(false)
        const back = swapAt(there.pool, !aToB, there.amountOut)
        if (back.kind === 'refused') return fc.pre(false)
        expect(back.amountOut).toBeLessThanOrEqual(amountIn)
      }),
    )
  })

  test(`${name}: no input throws, and a swap answers as its quote does`, () => {
    const anyAmount = fc.oneof(amounts(64), amounts(140), fc.bigInt({ min: -10n, max: 2n }))
    const anyTime = fc.bigInt({ min: -1n, max: 1n << 64n })
    fc.assert(
      fc.property(pools, fc.boolean(), anyAmount, anyTime, anyTime, (pool, aToB, amountIn, slot, time) => {
        const input = { aToB, amountIn, slot, unixTimestamp: time }
        expectSwapToEqualQuote(venue.swap(pool, input), venue.quote(pool, input))
      }),
    )
  })
}

/**
 * Holds where a trade leaves nothing behind that makes the next one cheaper. DAMM v2's dynamic fee does (a first
 * small trade lets old volatility decay), and so does compounding (the fee of the first part deepens reserve B).
 */
function neverGainsBySplitting<P>(name: string, venue: Venue<P>, pools: fc.Arbitrary<P>): void {
  test(`${name}: two swaps in a row never beat one of both amounts`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(60), amounts(60), (pool, aToB, first, second) => {
        const part = venue.swap(pool, { aToB, amountIn: first, ...NOW })
        if (part.kind === 'refused') return fc.pre(false)
        const rest = venue.swap(part.pool, { aToB, amountIn: second, ...NOW })
        const whole = venue.quote(pool, { aToB, amountIn: first + second, ...NOW })
        if (rest.kind === 'refused' || whole.kind === 'refused') return fc.pre(false)
        expect(part.amountOut + rest.amountOut).toBeLessThanOrEqual(whole.amountOut)
      }),
    )
  })
}

describe('for every pool', () => {
  holdsForEvery('CPMM', CPMM, cpmmPools)
  holdsForEvery('DAMM v2', DAMM_V2, anyDammV2Pools)
  neverGainsBySplitting('CPMM', CPMM, cpmmPools)
  neverGainsBySplitting('DAMM v2 with a fixed fee', DAMM_V2, concentratedPools)

  test('CPMM: what comes in stays in, shared between reserve and waiting fees', () => {
    const held = (pool: CpmmPool) => [
      pool.reserveA + pool.protocolFeesA + pool.fundFeesA,
      pool.reserveB + pool.protocolFeesB + pool.fundFeesB,
    ]
    fc.assert(
      fc.property(cpmmPools, fc.boolean(), amounts(60), (pool, aToB, amountIn) => {
        const swap = CPMM.swap(pool, { aToB, amountIn, ...NOW })
        if (swap.kind === 'refused') return fc.pre(false)
        const moved = aToB ? [amountIn, -swap.amountOut] : [-swap.amountOut, amountIn]
        expect(held(swap.pool)).toEqual(held(pool).map((amount, side) => amount + (moved[side] ?? 0n)))
      }),
    )
  })

  test('DAMM v2: the price of a concentrated pool stays in its range, however deep its vaults are', () => {
    fc.assert(
      fc.property(concentratedPools, fc.boolean(), amounts(63), (pool, aToB, amountIn) => {
        const deep = { ...pool, reserveA: pool.reserveA * 4n, reserveB: pool.reserveB * 4n }
        const swap = DAMM_V2.swap(deep, { aToB, amountIn, ...NOW })
        if (swap.kind === 'refused') return fc.pre(false)
        expect(swap.pool.sqrtPrice).toBeGreaterThanOrEqual(pool.sqrtMinPrice)
        expect(swap.pool.sqrtPrice).toBeLessThanOrEqual(pool.sqrtMaxPrice)
      }),
    )
  })

  test('no bytes make a decoder throw, and a pool decoded from them quotes or refuses', () => {
    for (const [name, venue] of [
      ['raydium-cpmm', CPMM as Venue<unknown>],
      ['meteora-dammv2', DAMM_V2 as Venue<unknown>],
    ] as const) {
      const { address, decodeWith } = firstPool(name, venue)
      const edits = fc.array(fc.tuple(fc.integer({ min: 8, max: 636 }), fc.nat(255)), { maxLength: 6 })
      fc.assert(
        fc.property(edits, fc.boolean(), amounts(64), (bytes, aToB, amountIn) => {
          const edit = (data: Uint8Array) => bytes.reduce((d, [at, value]) => changed(d, at, value), data)
          const decoded = decodeWith(address, edit)
          if (decoded.kind === 'refused') return fc.pre(false)
          const input = { aToB, amountIn, ...NOW }
          expectSwapToEqualQuote(venue.swap(decoded.pool, input), venue.quote(decoded.pool, input))
        }),
      )
    }
  })
})

describe('the shared parts', () => {
  test('isqrt is the integer square root', () => {
    fc.assert(
      fc.property(fc.oneof(amounts(64), amounts(300)), (n) => {
        const root = isqrt(n)
        expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true)
      }),
    )
    expect(isqrt(0n)).toBe(0n)
  })

  test('addresses are base58, leading zero bytes and all', () => {
    const { address, decodeWith, state } = firstPool('raydium-cpmm', CPMM)
    const key = fc
      .tuple(fc.nat(32), fc.uint8Array({ minLength: 32, maxLength: 32 }))
      .map(([zeros, bytes]) => bytes.fill(0, 0, zeros))
    fc.assert(
      fc.property(key, (observation) => {
        const decoded = decodeWith(address, (data) => changed(data, 296, ...observation))
        expect(decoded).toMatchObject({ pool: { accounts: { observation: base58.encode(observation) } } })
      }),
    )
    expect(Object.keys(state.accounts)).toContain(address)
  })

  test('an amount outside u64 is never encoded, and no other instruction is read as a swap', () => {
    for (const { encodeSwapData, decodeSwapData } of [CPMM, DAMM_V2]) {
      expect(() => encodeSwapData(1n << 64n, 0n)).toThrow(RangeError)
      expect(() => encodeSwapData(1n, -1n)).toThrow(RangeError)
      const data = encodeSwapData((1n << 64n) - 1n, 7n)
      expect(decodeSwapData(data)).toEqual({ amountIn: (1n << 64n) - 1n, minAmountOut: 7n })
      expect(decodeSwapData(data.subarray(1))).toBeNull()
      expect(decodeSwapData(changed(data, 0, 1))).toBeNull()
    }
    // swap2's last byte: anything but an exact input means other amounts.
    expect(DAMM_V2.decodeSwapData(changed(DAMM_V2.encodeSwapData(1n, 1n), 24, 2))).toBeNull()
  })
})
