// What holds for every Meteora pool and every amount, proved on random ones.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DammV2Pool } from '../../src/dex/pools/meteoraDammV2/account.ts'
import { meteoraDammV2 } from '../../src/dex/pools/meteoraDammV2/program.ts'
import type { DlmmPool } from '../../src/dex/pools/meteoraDlmm/account.ts'
import { meteoraDlmm } from '../../src/dex/pools/meteoraDlmm/program.ts'
import { isqrt, type PoolProgram } from '../../src/dex/pools/pool.ts'
import { binAt, dlmmPool, NOON, vectorPools } from './meteoraPools.ts'
import { walks } from './poolArbitraries.ts'
import { changed, concentratedPool, expectWalkToAnswerAsCopies } from './poolFixtures.ts'

const NOW = { slot: 400_000_000n, unixTimestamp: NOON }

/** Amounts of every magnitude up to 2^bits: a uniform bigint would nearly always be huge. */
const amounts = (bits: number): fc.Arbitrary<bigint> =>
  fc.integer({ min: 1, max: bits }).chain((n) => fc.bigInt({ min: 1n, max: (1n << BigInt(n)) - 1n }))

/** Seconds since the last swap: within the filter period, within the decay period, long after both. */
const [KEPT, DECAYED, FORGOTTEN] = [5n, 100n, 1_000n]

/** Bins around the active one, some empty, with every fee the program allows. */
function dlmmPools(elapsed: fc.Arbitrary<bigint>): fc.Arbitrary<DlmmPool> {
  const offer = fc.option(fc.oneof(amounts(4), amounts(50)), { nil: 0n, freq: 4 })
  return fc
    .record({
      activeId: fc.integer({ min: -2_000, max: 2_000 }),
      binStep: fc.constantFrom(1, 10, 80, 100),
      left: fc.array(offer, { maxLength: 80 }),
      right: fc.array(offer, { maxLength: 80 }),
      active: fc.tuple(offer, offer),
      baseFeeRate: fc.constantFrom(0n, 100_000n, 2_000_000n, 99_000_000n),
      variableFeeControl: fc.constantFrom(0n, 7_500n, 40_000n, 2_000_000n),
      collectFeeMode: fc.constantFrom('input' as const, 'onlyB' as const),
      accumulator: fc.integer({ min: 0, max: 350_000 }),
      moved: fc.integer({ min: -30, max: 30 }),
      elapsed,
    })
    .map((r) => {
      const bins = [
        ...r.left.map((b, i) => binAt(r.activeId - i - 1, r.binStep, 0n, b)).reverse(),
        binAt(r.activeId, r.binStep, ...r.active),
        ...r.right.map((a, i) => binAt(r.activeId + i + 1, r.binStep, a, 0n)),
      ].filter(({ amountA, amountB }) => amountA + amountB > 0n)
      const { fees } = dlmmPool([])
      return dlmmPool(bins, {
        activeId: r.activeId,
        binStep: r.binStep,
        collectFeeMode: r.collectFeeMode,
        fees: { ...fees, baseFeeRate: r.baseFeeRate, variableFeeControl: r.variableFeeControl },
        volatility: {
          accumulator: r.accumulator,
          reference: r.accumulator >> 1,
          indexReference: r.activeId + r.moved,
          lastUpdateTimestamp: NOON - r.elapsed,
        },
      })
    })
}

const concentratedPools: fc.Arbitrary<DammV2Pool> = fc
  .record({
    price: fc.bigInt({ min: 1n << 50n, max: 1n << 78n }),
    liquidity: amounts(50),
    widthBps: fc.bigInt({ min: 10n, max: 9_900n }),
    feeNumerator: fc.bigInt({ min: 100_000n, max: 500_000_000n }),
    collectFeeMode: fc.constantFrom('output' as const, 'onlyB' as const),
  })
  .map(({ price, liquidity, widthBps, feeNumerator, collectFeeMode }) => ({
    ...concentratedPool(price, liquidity << 64n, widthBps),
    baseFee: { kind: 'static', feeNumerator },
    collectFeeMode,
  }))

const compoundingPools: fc.Arbitrary<DammV2Pool> = fc
  .record({
    reserveA: amounts(60),
    reserveB: amounts(60),
    compoundingFeeBps: fc.bigInt({ min: 0n, max: 10_000n }),
  })
  .map((pool) => ({
    ...concentratedPool(isqrt((pool.reserveB << 128n) / pool.reserveA), 1n << 64n, 100n),
    ...pool,
    collectFeeMode: 'compounding',
  }))

/** `isConcave`: whether the pool's curve is one that stretches of falling prices can follow between their ends. */
function holdsForEvery<P>(
  program: PoolProgram<P>,
  pools: fc.Arbitrary<P>,
  isConcave: (pool: P, aToB: boolean) => boolean = () => true,
): void {
  const quoteAt = (pool: P, aToB: boolean, amountIn: bigint) =>
    program.quoteExactIn(pool, { aToB, amountIn, ...NOW })

  test('more in never pays less', () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(62), amounts(40), (pool, aToB, amountIn, more) => {
        const [less, greater] = [quoteAt(pool, aToB, amountIn), quoteAt(pool, aToB, amountIn + more)]
        if (less.kind === 'refused' || greater.kind === 'refused') return fc.pre(false)
        expect(greater.amountOut).toBeGreaterThanOrEqual(less.amountOut)
      }),
    )
  })

  test('what an exact output asks for pays it, and one unit less does not', () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(60), (pool, aToB, amountOut) => {
        const asked = program.quoteExactOut(pool, { aToB, amountOut, ...NOW })
        if (asked.kind === 'refused') return fc.pre(false)
        const paid = quoteAt(pool, aToB, asked.amountIn)
        expect(paid).toMatchObject({ kind: 'quoted' })
        if (paid.kind === 'quoted') expect(paid.amountOut).toBeGreaterThanOrEqual(amountOut)
        const less = quoteAt(pool, aToB, asked.amountIn - 1n)
        if (less.kind === 'quoted') expect(less.amountOut).toBeLessThan(amountOut)
      }),
      { numRuns: 500 },
    )
  })

  test('what one swap pays, an exact output asks no more for', () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(60), (pool, aToB, amountIn) => {
        const paid = quoteAt(pool, aToB, amountIn)
        if (paid.kind === 'refused' || paid.amountOut === 0n) return fc.pre(false)
        const asked = program.quoteExactOut(pool, { aToB, amountOut: paid.amountOut, ...NOW })
        if (asked.kind === 'refused') throw new Error(asked.detail)
        expect(asked.amountIn).toBeLessThanOrEqual(amountIn)
      }),
    )
  })

  test('the most that goes in goes in, and one unit more does not', () => {
    fc.assert(
      fc.property(pools, fc.boolean(), (pool, aToB) => {
        for (const over of [
          quoteAt(pool, aToB, 1n << 64n),
          program.quoteExactOut(pool, { aToB, amountOut: 1n << 64n, ...NOW }),
        ]) {
          if (over.kind === 'quoted') throw new Error('quoted beyond 64 bits')
          if (over.mostIn === undefined) continue
          expect(quoteAt(pool, aToB, over.mostIn)).toMatchObject({ kind: 'quoted' })
          expect(quoteAt(pool, aToB, over.mostIn + 1n)).toMatchObject({ reason: 'insufficient_liquidity' })
        }
      }),
    )
  })

  test('there and back never gains', () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(62), (pool, aToB, amountIn) => {
        const there = program.swap(pool, { aToB, amountIn, ...NOW })
        if (there.kind === 'refused') return fc.pre(false)
        const back = quoteAt(there.pool, !aToB, there.amountOut)
        if (back.kind === 'refused') return fc.pre(false)
        expect(back.amountOut).toBeLessThanOrEqual(amountIn)
      }),
    )
  })

  test('stretches get no better, end where liquidity ends, and add up to the quote', () => {
    fc.assert(
      fc.property(pools, fc.boolean(), fc.integer({ min: 1, max: 1_000 }), (pool, aToB, permille) => {
        const stretches = [...program.segments(pool, { aToB, ...NOW })]
        let worst = Number.POSITIVE_INFINITY
        for (const { price, depth, capIn } of stretches) {
          expect(price).toBeLessThanOrEqual(worst * (1 + 1e-9))
          worst = price / (1 + capIn / depth) ** 2
        }
        const over = quoteAt(pool, aToB, 1n << 64n)
        if (over.kind === 'quoted' || over.mostIn === undefined) return
        const amountIn = isConcave(pool, aToB) ? (over.mostIn * BigInt(permille)) / 1_000n : over.mostIn
        const quote = quoteAt(pool, aToB, amountIn)
        if (quote.kind === 'refused') return
        expectClose(sumOf(stretches, Number(amountIn)), Number(quote.amountOut), stretches[0]?.price ?? 0)
      }),
      { numRuns: 300 },
    )
  })

  test('no input throws, and a swap answers as its quote does', () => {
    const anyAmount = fc.oneof(amounts(64), amounts(140), fc.bigInt({ min: -10n, max: 2n }))
    const anyTime = fc.bigInt({ min: -1n, max: 1n << 64n })
    fc.assert(
      fc.property(pools, fc.boolean(), anyAmount, anyTime, (pool, aToB, amount, unixTimestamp) => {
        const input = { aToB, amountIn: amount, slot: 1n, unixTimestamp }
        const [quote, swap] = [program.quoteExactIn(pool, input), program.swap(pool, input)]
        if (swap.kind === 'refused') expect(swap).toEqual(quote)
        else expect(quote).toMatchObject({ kind: 'quoted', amountOut: swap.amountOut, fee: swap.fee })
        program.quoteExactOut(pool, { ...input, amountOut: amount })
        const users = { user: '', userTokenA: '', userTokenB: '' }
        program.swapInstruction(pool, { ...input, ...users, minAmountOut: amount })
      }),
    )
  })
}

function sumOf(
  stretches: Iterable<{ price: number; depth: number; capIn: number }>,
  amountIn: number,
): number {
  let [rest, out] = [amountIn, 0]
  for (const { price, depth, capIn } of stretches) {
    const taken = Math.min(rest, capIn)
    out += (price * taken) / (1 + taken / depth)
    rest -= taken
  }
  return out
}

/** Within a millionth, or what rounding loses: a unit in and a unit out in each of a pool's up to 161 bins. */
function expectClose(actual: number, expected: number, price: number): void {
  const tolerance = expected * 1e-6 + 161 * (1 + price)
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance)
}

/** Two swaps in a row never beat one of both amounts, where the first leaves nothing that makes the next cheaper. */
function neverGainsBySplitting<P>(name: string, program: PoolProgram<P>, pools: fc.Arbitrary<P>): void {
  test(name, () => {
    fc.assert(
      fc.property(pools, fc.boolean(), amounts(60), amounts(60), (pool, aToB, first, second) => {
        const part = program.swap(pool, { aToB, amountIn: first, ...NOW })
        if (part.kind === 'refused') return fc.pre(false)
        const rest = program.quoteExactIn(part.pool, { aToB, amountIn: second, ...NOW })
        const whole = program.quoteExactIn(pool, { aToB, amountIn: first + second, ...NOW })
        if (rest.kind === 'refused' || whole.kind === 'refused') return fc.pre(false)
        expect(part.amountOut + rest.amountOut).toBeLessThanOrEqual(whole.amountOut)
      }),
    )
  })
}

const anyTime = fc.constantFrom(KEPT, DECAYED, FORGOTTEN)

describe('every DLMM pool', () => {
  // Towards the bin that a kept volatility is counted from, the fee falls and may outdo the price.
  test('a pool that was walked and quoted answers as a copy of it', () => {
    fc.assert(
      fc.property(dlmmPools(anyTime), walks, (pool, steps) =>
        expectWalkToAnswerAsCopies(meteoraDlmm, pool, NOW, steps),
      ),
    )
  })

  holdsForEvery(meteoraDlmm, dlmmPools(anyTime), ({ volatility, activeId }, aToB) => {
    const isKept = NOON - volatility.lastUpdateTimestamp === KEPT
    return !isKept || (aToB ? volatility.indexReference >= activeId : volatility.indexReference <= activeId)
  })

  test('holds afterwards what it held and what came in, less what went out and what fees wait outside the bins', () => {
    fc.assert(
      fc.property(dlmmPools(anyTime), fc.boolean(), amounts(60), (pool, aToB, amountIn) => {
        const swap = meteoraDlmm.swap(pool, { aToB, amountIn, ...NOW })
        if (swap.kind === 'refused') return fc.pre(false)
        const held = (after: DlmmPool) => {
          const bins = [...after.binArrays.values()].flat()
          const sum = (side: 'amountA' | 'amountB') => bins.reduce((total, bin) => total + bin[side], 0n)
          return [sum('amountA'), sum('amountB')]
        }
        const [heldA = 0n, heldB = 0n] = held(pool)
        const feeOnA = aToB && swap.feeOnInput
        const movedA = aToB ? amountIn : -swap.amountOut
        const movedB = aToB ? -swap.amountOut : amountIn
        expect(held(swap.pool)).toEqual([
          heldA + movedA - (feeOnA ? swap.fee : 0n),
          heldB + movedB - (feeOnA ? 0n : swap.fee),
        ])
      }),
    )
  })

  // Within the decay period it may: each swap that stays in its bin lets the old volatility decay once more.
  neverGainsBySplitting(
    'is never better off with two swaps, within the filter period',
    meteoraDlmm,
    dlmmPools(fc.constant(KEPT)),
  )
  neverGainsBySplitting(
    'is never better off with two swaps, after the decay period',
    meteoraDlmm,
    dlmmPools(fc.constant(FORGOTTEN)),
  )
})

describe('every DAMM v2 pool', () => {
  holdsForEvery(meteoraDammV2, fc.oneof(concentratedPools, compoundingPools))

  // A dynamic fee may gain: a first swap lets old volatility decay. So may compounding: the first fee deepens reserve B.
  neverGainsBySplitting(
    'is never better off with two swaps under a fixed fee',
    meteoraDammV2,
    concentratedPools,
  )
})

describe('no bytes make a decoder throw', () => {
  proves('meteora-dlmm', meteoraDlmm)
  proves('meteora-dammv2', meteoraDammV2)

  function proves<P>(venue: string, program: PoolProgram<P>): void {
    test(`${program.name}: what can be decoded quotes or refuses`, () => {
      const samples = fc.constantFrom(...vectorPools(venue, program))
      const edits = fc.array(fc.tuple(fc.nat(1_111), fc.nat(255)), { maxLength: 6 })
      fc.assert(
        fc.property(
          samples,
          fc.nat(20),
          edits,
          fc.boolean(),
          amounts(64),
          (sample, which, bytes, aToB, amount) => {
            const addresses = [...sample.accounts.keys()]
            const replaced = addresses[which % addresses.length] ?? sample.address
            const account = sample.accounts.get(replaced)
            if (account === undefined) return
            const fitting = bytes.filter(([at]) => at < account.data.length)
            const data = fitting.reduce((edited, [at, value]) => changed(edited, at, value), account.data)
            const accounts = new Map(sample.accounts).set(replaced, { ...account, data })
            program.missingAccounts(accounts, sample.address)
            const decoded = program.decode(accounts, sample.address)
            if (decoded.kind === 'refused') return
            const { pool } = decoded
            program.quoteExactIn(pool, { aToB, amountIn: amount, ...NOW })
            program.quoteExactOut(pool, { aToB, amountOut: amount, ...NOW })
            program.swap(pool, { aToB, amountIn: amount, ...NOW })
            program.spotPrice(pool, aToB)
            expect([...program.segments(pool, { aToB, ...NOW })].length).toBeGreaterThanOrEqual(0)
          },
        ),
        { numRuns: 1_000 },
      )
    })

    test(`${program.name}: no text throws as an address`, () => {
      const [sample] = vectorPools(venue, program)
      const state = sample?.accounts.get(sample.address)
      if (sample === undefined || state === undefined) throw new Error('no vector')
      fc.assert(
        fc.property(fc.string(), (address) => {
          const accounts = new Map(sample.accounts).set(address, state)
          program.missingAccounts(accounts, address)
          expect(program.decode(accounts, address).kind).toMatch(/decoded|refused/)
        }),
      )
    })
  }
})
