// Meteora DAMM v2 as a pool program: what it asks for, both questions, the most it takes, its stretch, its instruction.

import { describe, expect, test } from 'vitest'
import { type DammV2Pool, meteoraDammV2 } from '../../src/dex/pools/meteoraDammV2/program.ts'
import { callOf, fetchAll, vectorPools } from './meteoraPools.ts'
import { changed, concentratedPool, inputOf } from './poolFixtures.ts'

const pools = vectorPools('meteora-dammv2', meteoraDammV2)

describe.each(pools)('$name', ({ pool, state, address, accounts }) => {
  test('every swap is quoted to the last unit, and asked back by what it pays', () => {
    for (const { aToB, amountIn, ...answer } of state.swaps) {
      const input = inputOf(state, aToB, amountIn)
      const quote = meteoraDammV2.quoteExactIn(pool, input)
      expect(quote.kind === 'quoted' ? `${quote.amountOut}` : quote.reason, amountIn).toBe(
        'amountOut' in answer ? answer.amountOut : 'insufficient_liquidity',
      )
      if (quote.kind === 'refused' || quote.amountOut === 0n) continue
      const asked = meteoraDammV2.quoteExactOut(pool, { ...input, amountOut: quote.amountOut })
      if (asked.kind === 'refused') throw new Error(asked.detail)
      expect(asked.amountIn).toBeLessThanOrEqual(input.amountIn)
      const exact = meteoraDammV2.quoteExactIn(pool, { ...input, amountIn: asked.amountIn })
      expect(exact).toMatchObject({ amountOut: quote.amountOut })
      const less = meteoraDammV2.quoteExactIn(pool, { ...input, amountIn: asked.amountIn - 1n })
      if (less.kind === 'quoted') expect(less.amountOut).toBeLessThan(quote.amountOut)
    }
  })

  test('the swap instruction is the one the venue’s SDK builds, flags and all', () => {
    const built = meteoraDammV2.swapInstruction(pool, callOf(state))
    if ('reason' in built) throw new Error(built.detail)
    const own = state.instruction?.instructions.find(({ programId }) => programId === meteoraDammV2.programId)
    expect({ ...built, data: Buffer.from(built.data).toString('base64') }).toEqual(own)
    const { amountIn, minAmountOut } = callOf(state)
    expect(meteoraDammV2.readSwapData(built.data)).toEqual({ amountIn, minAmountOut })
  })

  test('all that is missing can be found from the pool’s address alone, and is enough', () => {
    const fetched = fetchAll(meteoraDammV2, accounts, address)
    expect(meteoraDammV2.decode(fetched, address)).toEqual({ kind: 'decoded', pool })
  })

  test('the most that goes in goes in, one unit more does not, and the stretch ends there', () => {
    for (const aToB of [true, false]) {
      const quoteOf = (amountIn: bigint) =>
        meteoraDammV2.quoteExactIn(pool, inputOf(state, aToB, `${amountIn}`))
      const over = quoteOf(1n << 70n)
      if (over.kind !== 'refused' || over.mostIn === undefined) throw new Error('no most in')
      expect(quoteOf(over.mostIn)).toMatchObject({ kind: 'quoted' })
      expect(quoteOf(over.mostIn + 1n)).toEqual(over)
      const [stretch, ...others] = meteoraDammV2.segments(pool, inputOf(state, aToB, '1'))
      expect(others).toEqual([])
      expect(stretch?.capIn).toBe(Number(over.mostIn))
    }
  })

  test('the stretch pays what the quote pays, within a millionth', () => {
    for (const aToB of [true, false]) {
      const [stretch] = meteoraDammV2.segments(pool, inputOf(state, aToB, '1'))
      if (stretch === undefined) throw new Error('no stretch')
      for (let amountIn = 1_000_000_000; amountIn < stretch.capIn; amountIn = Math.floor(amountIn * 1.7)) {
        const quote = meteoraDammV2.quoteExactIn(pool, inputOf(state, aToB, `${amountIn}`))
        if (quote.kind === 'refused') throw new Error(quote.detail)
        const paid = (stretch.price * amountIn) / (1 + amountIn / stretch.depth)
        expect(Math.abs(paid / Number(quote.amountOut) - 1)).toBeLessThan(1e-6)
      }
    }
  })
})

const NOW = { slot: 1n, unixTimestamp: 1_780_000_000n }

describe('what is asked for exactly', () => {
  const pool = concentratedPool(1n << 64n, (10n ** 15n) << 64n, 5_000n)
  const compounding: DammV2Pool = {
    ...pool,
    collectFeeMode: 'compounding',
    reserveA: 10n ** 15n,
    reserveB: 10n ** 15n,
  }

  test.each([
    ['from the output', pool, true],
    ['from the output', pool, false],
    ['from B, which comes out', { ...pool, collectFeeMode: 'onlyB' as const }, true],
    ['from B, which comes in', { ...pool, collectFeeMode: 'onlyB' as const }, false],
    ['and compounds, B coming out', compounding, true],
    ['and compounds, B coming in', compounding, false],
  ])('is paid for with the least that pays it, when the fee comes %s', (_, of, aToB) => {
    for (const amountOut of [1n, 2n, 999n, 1_000_003n, 123_456_789_012n, 400_000_000_000_000n]) {
      const asked = meteoraDammV2.quoteExactOut(of, { aToB, amountOut, ...NOW })
      if (asked.kind === 'refused') throw new Error(asked.detail)
      const paid = (amountIn: bigint) => {
        const quote = meteoraDammV2.quoteExactIn(of, { aToB, amountIn, ...NOW })
        return quote.kind === 'quoted' ? quote.amountOut : 0n
      }
      expect(paid(asked.amountIn)).toBeGreaterThanOrEqual(amountOut)
      expect(paid(asked.amountIn - 1n)).toBeLessThan(amountOut)
    }
  })

  test('beyond what the pool holds is refused, with the most that would go in', () => {
    for (const of of [pool, compounding]) {
      const over = meteoraDammV2.quoteExactOut(of, { aToB: true, amountOut: 10n ** 16n, ...NOW })
      expect(over).toMatchObject({ reason: 'insufficient_liquidity', mostIn: expect.any(BigInt) })
    }
    const nothing = meteoraDammV2.quoteExactOut(pool, { aToB: true, amountOut: 0n, ...NOW })
    expect(nothing).toMatchObject({ reason: 'amount_too_small' })
  })
})

test('the fee follows the clock: a pool asked at two times answers for each', () => {
  const pool: DammV2Pool = {
    ...concentratedPool(1n << 64n, (10n ** 15n) << 64n, 5_000n),
    activationPoint: NOW.unixTimestamp,
    baseFee: {
      kind: 'timeSchedule',
      decay: 'linear',
      cliffFeeNumerator: 500_000_000n,
      reductionFactor: 40_000_000n,
      periods: 10n,
      pointsPerPeriod: 60n,
    },
  }
  const feeAt = (later: bigint) => {
    const unixTimestamp = NOW.unixTimestamp + later
    const quote = meteoraDammV2.quoteExactIn(pool, {
      aToB: true,
      amountIn: 10n ** 9n,
      slot: 1n,
      unixTimestamp,
    })
    return quote.kind === 'quoted' ? Math.round((Number(quote.fee) / 1e9) * 100) : quote.reason
  }
  expect([0n, 59n, 60n, 120n, 0n, -1n, 600n].map(feeAt)).toEqual([50, 50, 46, 42, 50, 'pool_disabled', 10])
})

test('a pool under its rate limiter, switched off or not yet open has no answer of any kind', () => {
  const pool = concentratedPool(1n << 64n, (10n ** 15n) << 64n, 5_000n)
  const limited: DammV2Pool = {
    ...pool,
    collectFeeMode: 'onlyB',
    activationPoint: NOW.unixTimestamp - 10n,
    baseFee: { kind: 'rateLimiter', feeNumerator: 10_000_000n, durationPoints: 10n },
  }
  for (const [closed, reason] of [
    [limited, 'unsupported_pool'],
    [{ ...pool, isEnabled: false }, 'pool_disabled'],
    [{ ...pool, activationPoint: NOW.unixTimestamp + 1n }, 'pool_disabled'],
  ] as const) {
    const direction = { aToB: false, ...NOW }
    const user = { user: '', userTokenA: '', userTokenB: '', minAmountOut: 1n }
    expect(meteoraDammV2.quoteExactIn(closed, { ...direction, amountIn: 1_000n })).toMatchObject({ reason })
    expect(meteoraDammV2.quoteExactOut(closed, { ...direction, amountOut: 1_000n })).toMatchObject({ reason })
    expect(meteoraDammV2.swapInstruction(closed, { ...direction, amountIn: 9n, ...user })).toMatchObject({
      reason,
    })
    expect([...meteoraDammV2.segments(closed, direction)]).toEqual([])
  }
  const after = { aToB: false, ...NOW, unixTimestamp: NOW.unixTimestamp + 1n, amountIn: 1_000n }
  expect(meteoraDammV2.quoteExactIn(limited, after)).toMatchObject({ kind: 'quoted', fee: 10n })
})

test('a pool that shares out more than its fees is refused', () => {
  const [sample] = pools
  const account = sample?.accounts.get(sample.address)
  if (sample === undefined || account === undefined) throw new Error('no vector')
  for (const edit of [
    (data: Uint8Array) => changed(data, 48, 101),
    (data: Uint8Array) => changed(data, 54, 0x11, 0x27),
  ]) {
    const accounts = new Map(sample.accounts).set(sample.address, { ...account, data: edit(account.data) })
    expect(meteoraDammV2.decode(accounts, sample.address)).toMatchObject({ reason: 'malformed_account' })
  }
})
