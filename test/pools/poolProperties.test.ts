// What holds for every pool and every input, proved on random ones.

import { base58 } from '@scure/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isqrt, type PoolProgram, type SwapInput } from '../../src/dex/pools/pool.ts'
import { poolPrograms } from '../../src/dex/pools/programs.ts'
import type { CpmmPool } from '../../src/dex/pools/raydiumCpmm/program.ts'
import {
  ammV4Pools,
  amounts,
  anyDammV2Pools,
  clmmPools,
  concentratedPools,
  cpmmPools,
  NOW,
  sizeIn,
  sizes,
  walks,
} from './poolArbitraries.ts'
import {
  AMM_V4,
  CLMM,
  CPMM,
  changed,
  DAMM_V2,
  expectSwapToEqualQuote,
  expectWalkToAnswerAsCopies,
  firstPool,
} from './poolFixtures.ts'

function holdsForEvery<P>(name: string, program: PoolProgram<P>, pools: fc.Arbitrary<P>): void {
  const quoteAt = (pool: P, aToB: boolean, amountIn: bigint) =>
    program.quoteExactIn(pool, { aToB, amountIn, ...NOW })
  const swapAt = (pool: P, aToB: boolean, amountIn: bigint) => program.swap(pool, { aToB, amountIn, ...NOW })

  test(`${name}: more in never pays less`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), sizes, amounts(40), (pool, aToB, size, more) => {
        const amountIn = sizeIn(program, pool, aToB, size)
        const [less, greater] = [quoteAt(pool, aToB, amountIn), quoteAt(pool, aToB, amountIn + more)]
        if (less.kind === 'refused' || greater.kind === 'refused') return fc.pre(false)
        expect(greater.amountOut).toBeGreaterThanOrEqual(less.amountOut)
      }),
    )
  })

  test(`${name}: there and back never gains`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), sizes, (pool, aToB, size) => {
        const amountIn = sizeIn(program, pool, aToB, size)
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
        expectWholeProgramToAnswer(program, pool, input)
      }),
    )
  })

  test(`${name}: a pool that was walked and quoted answers as a copy of it`, () => {
    fc.assert(
      fc.property(pools, walks, (pool, steps) => expectWalkToAnswerAsCopies(program, pool, NOW, steps)),
    )
  })

  test(`${name}: no amount trades better than the spot price`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), sizes, (pool, aToB, size) => {
        const amountIn = sizeIn(program, pool, aToB, size)
        const quote = quoteAt(pool, aToB, amountIn)
        if (quote.kind === 'refused') return fc.pre(false)
        const { numerator, denominator } = program.spotPrice(pool, aToB)
        expect(quote.amountOut * denominator).toBeLessThanOrEqual(amountIn * numerator)
      }),
    )
  })
}

/** Calls every function of a program; a throw fails the test, and a swap must say what its quote says. */
function expectWholeProgramToAnswer<P>(program: PoolProgram<P>, pool: P, input: SwapInput): void {
  const { amountIn, ...direction } = input
  expectSwapToEqualQuote(program.swap(pool, input), program.quoteExactIn(pool, input))
  program.quoteExactOut(pool, { ...direction, amountOut: amountIn })
  let priceBefore = Number.POSITIVE_INFINITY
  for (const { price, depth, capIn } of program.segments(pool, direction)) {
    expect(price > 0 && depth > 0 && capIn > 0).toBe(true)
    expect(price).toBeLessThanOrEqual(priceBefore * (1 + 1e-9))
    priceBefore = price / (1 + capIn / depth) ** 2
  }
  const user = { user: '', userTokenA: '', userTokenB: '' }
  program.swapInstruction(pool, { ...input, ...user, minAmountOut: amountIn })
}

function quotesExactOut<P>(name: string, program: PoolProgram<P>, pools: fc.Arbitrary<P>): void {
  test(`${name}: an exact output costs the smallest input that pays it`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(62), (pool, aToB, amountOut) => {
        const needed = program.quoteExactOut(pool, { aToB, amountOut, ...NOW })
        if (needed.kind === 'refused') return fc.pre(false)
        const paid = (amountIn: bigint) => {
          const quote = program.quoteExactIn(pool, { aToB, amountIn, ...NOW })
          return quote.kind === 'quoted' ? quote.amountOut : 0n
        }
        expect(paid(needed.amountIn)).toBeGreaterThanOrEqual(amountOut)
        expect(paid(needed.amountIn - 1n)).toBeLessThan(amountOut)
      }),
    )
  })

  test(`${name}: whatever an exact input pays can be asked for, for no more than that`, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), sizes, (pool, aToB, size) => {
        const amountIn = sizeIn(program, pool, aToB, size)
        const quote = program.quoteExactIn(pool, { aToB, amountIn, ...NOW })
        if (quote.kind === 'refused') return fc.pre(false)
        const needed = program.quoteExactOut(pool, { aToB, amountOut: quote.amountOut, ...NOW })
        if (needed.kind === 'refused') throw new Error(needed.detail)
        expect(needed.amountIn).toBeLessThanOrEqual(amountIn)
      }),
    )
  })
}

/**
 * Holds where a trade leaves nothing behind that makes the next one cheaper. DAMM v2's dynamic fee does (a first
 * small trade lets old volatility decay), and so does compounding (the fee of the first part deepens reserve B).
 * Fees that are kept in the reserves deepen them too: AMM v4 keeps all of its fee, and takes none of a small amount.
 */
function neverGainsBySplitting<P>(name: string, program: PoolProgram<P>, pools: fc.Arbitrary<P>): void {
  test(`${name}: two swaps in a row never beat one of both amounts`, () => {
    fc.assert(
      fc.property(
        pools,
        fc.boolean(),
        sizes,
        fc.integer({ min: 1, max: 99 }),
        (pool, aToB, size, percent) => {
          const amountIn = sizeIn(program, pool, aToB, size)
          const first = (amountIn * BigInt(percent)) / 100n + 1n
          const second = amountIn - first
          const part = program.swap(pool, { aToB, amountIn: first, ...NOW })
          if (part.kind === 'refused') return fc.pre(false)
          const rest = program.swap(part.pool, { aToB, amountIn: second, ...NOW })
          const whole = program.quoteExactIn(pool, { aToB, amountIn, ...NOW })
          if (rest.kind === 'refused' || whole.kind === 'refused') return fc.pre(false)
          expect(part.amountOut + rest.amountOut).toBeLessThanOrEqual(whole.amountOut)
        },
      ),
    )
  })
}

describe('for every pool', () => {
  holdsForEvery('CPMM', CPMM, cpmmPools)
  holdsForEvery('DAMM v2', DAMM_V2, anyDammV2Pools)
  holdsForEvery('AMM v4', AMM_V4, ammV4Pools)
  holdsForEvery('CLMM', CLMM, clmmPools)
  quotesExactOut('CPMM', CPMM, cpmmPools)
  quotesExactOut('AMM v4', AMM_V4, ammV4Pools)
  quotesExactOut('CLMM', CLMM, clmmPools)
  neverGainsBySplitting('CPMM', CPMM, cpmmPools)
  neverGainsBySplitting('CLMM', CLMM, clmmPools)
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

  test('CPMM and AMM v4: the product of the reserves never falls', () => {
    const never = <P extends { readonly reserveA: bigint; readonly reserveB: bigint }>(
      program: PoolProgram<P>,
      pools: fc.Arbitrary<P>,
    ) =>
      fc.assert(
        fc.property(pools, fc.boolean(), amounts(62), (pool, aToB, amountIn) => {
          const swap = program.swap(pool, { aToB, amountIn, ...NOW })
          if (swap.kind === 'refused') return fc.pre(false)
          const { reserveA, reserveB } = swap.pool
          expect(reserveA * reserveB).toBeGreaterThanOrEqual(pool.reserveA * pool.reserveB)
        }),
      )
    never(CPMM, cpmmPools)
    never(AMM_V4, ammV4Pools)
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
    for (const [name, program] of [
      ['raydium-cpmm', CPMM as PoolProgram<unknown>],
      ['raydium-ammv4', AMM_V4 as PoolProgram<unknown>],
      ['raydium-clmm', CLMM as PoolProgram<unknown>],
      ['meteora-dammv2', DAMM_V2 as PoolProgram<unknown>],
    ] as const) {
      const { address, accountsWith, decodeWith, state } = firstPool(name, program)
      const edits = fc.array(fc.tuple(fc.nat(1 << 20), fc.nat(255)), { maxLength: 6 })
      fc.assert(
        fc.property(
          fc.oneof(fc.constant(address), fc.constantFrom(...Object.keys(state.accounts))),
          edits,
          fc.boolean(),
          amounts(64),
          (edited, bytes, aToB, amountIn) => {
            const edit = (data: Uint8Array) =>
              bytes.reduce((d, [at, value]) => changed(d, 8 + (at % (d.length - 8)), value), data)
            const decoded = decodeWith(edited, edit)
            program.missingAccounts(accountsWith(edited, edit), address)
            if (decoded.kind === 'refused') return fc.pre(false)
            expectWholeProgramToAnswer(program, decoded.pool, { aToB, amountIn, ...NOW })
          },
        ),
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
    for (const { swapData, readSwapData } of poolPrograms) {
      expect(() => swapData({ amountIn: 1n << 64n, minAmountOut: 0n })).toThrow(RangeError)
      expect(() => swapData({ amountIn: 1n, minAmountOut: -1n })).toThrow(RangeError)
      const amounts = { amountIn: (1n << 64n) - 1n, minAmountOut: 7n }
      const data = swapData(amounts)
      expect(readSwapData(data)).toEqual(amounts)
      expect(readSwapData(data.subarray(1))).toBeNull()
      expect(readSwapData(changed(data, 0, 1))).toBeNull()
    }
    // swap2's last byte: anything but an exact input means other amounts.
    expect(
      DAMM_V2.readSwapData(changed(DAMM_V2.swapData({ amountIn: 1n, minAmountOut: 1n }), 24, 2)),
    ).toBeNull()
  })
})
