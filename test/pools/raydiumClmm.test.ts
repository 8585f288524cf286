// Raydium CLMM in particular: what its accounts may say, and how ticks bound a swap.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SwapInput, SwapQuote } from '../../src/dex/pools/pool.ts'
import type { ClmmPool } from '../../src/dex/pools/raydiumClmm/program.ts'
import { tickArrayAddress } from '../../src/dex/pools/raydiumClmm/tickArrays.ts'
import {
  arrayOfTick,
  MAX_SQRT_PRICE,
  MAX_TICK,
  MIN_SQRT_PRICE,
  MIN_TICK,
  sqrtPriceAtTick,
  tickAtSqrtPrice,
} from '../../src/dex/pools/raydiumClmm/ticks.ts'
import { stepByStep } from './clmmStepByStep.ts'
import { clmmPools, NOW, sizeIn, sizes } from './poolArbitraries.ts'
import {
  accountsOf,
  CLMM,
  changed,
  firstPool,
  inputOf,
  poolOf,
  type VectorState,
  vectorsOf,
} from './poolFixtures.ts'

const LATER: SwapInput = { aToB: true, amountIn: 1_000_000n, slot: 0n, unixTimestamp: 1_800_000_000n }
const disabled = { kind: 'refused', reason: 'pool_disabled' }
const NO_ACCOUNT = { owner: '', data: new Uint8Array(0) }
const malformed = { kind: 'refused', reason: 'malformed_account' }
const unsupported = (about: string) => ({
  kind: 'refused',
  reason: 'unsupported_pool',
  detail: expect.stringContaining(about),
})

describe('a Raydium CLMM account', () => {
  const { address, decodeWith, pool, state } = firstPool('raydium-clmm', CLMM)
  const { accounts, tickLine, tickSpacing } = pool
  const someArray = tickArrayAddress(address, tickSpacing, tickLine.arrays[0] ?? 0)

  test.each([
    ['one fixed token', 390],
    ['reserved', 391],
    ['dynamic fee', 1_096],
    ['dynamic fee', 1_175],
    ['reserved', 1_176],
    ['reserved', 1_543],
  ])('that shows "%s" is refused by name', (about, offset) => {
    expect(decodeWith(address, (data) => changed(data, offset, 1))).toMatchObject(unsupported(about))
  })

  // order_phase, orders_amount, part_filled_orders_remaining, unfilled_ratio_x64 and the padding of the last tick.
  test.each([116, 124, 132, 140, 167])(
    'with limit orders, by byte %i of a tick, is refused by name',
    (offset) => {
      const decoded = decodeWith(someArray, (data) => changed(data, 44 + 59 * 168 + offset, 1))
      expect(decoded).toMatchObject(unsupported('limit orders'))
    },
  )

  test('switched off, or not open yet, may not swap', () => {
    const off = decodeWith(address, (data) => changed(data, 389, 1 << 4))
    if (off.kind === 'refused') throw new Error(off.detail)
    expect(CLMM.quoteExactIn(off.pool, LATER)).toMatchObject(disabled)
    const opening = { ...pool, openTimestamp: LATER.unixTimestamp }
    expect(CLMM.swap(opening, LATER)).toMatchObject(disabled)
    expect([...CLMM.segments(opening, LATER)]).toEqual([])
    expect(CLMM.swap(opening, { ...LATER, unixTimestamp: LATER.unixTimestamp + 1n }).kind).toBe('swapped')
  })

  test('priced outside its range, or without spacing, is malformed', () => {
    expect(decodeWith(address, (data) => changed(data, 235, 0, 0))).toMatchObject(malformed)
    expect(decodeWith(address, (data) => changed(data, 269, 0, 0, 0, 0x7f))).toMatchObject(malformed)
    expect(decodeWith(address, (data) => changed(data, 253, ...new Array(16).fill(0xff)))).toMatchObject(
      malformed,
    )
  })

  test('under an address that is none is malformed, and nothing is asked for', () => {
    const moved = new Map(accountsOf(state)).set('no address', accountsOf(state).get(address) ?? NO_ACCOUNT)
    expect(CLMM.decode(moved, 'no address')).toMatchObject(malformed)
    expect(CLMM.missingAccounts(moved, 'no address')).toEqual([])
  })

  test('has every tick array and its bitmap extension checked', () => {
    for (const replaced of [someArray, accounts.bitmapExtension]) {
      for (const edit of [
        (data: Uint8Array) => data.subarray(1),
        (data: Uint8Array) => changed(data, 0, 0xff),
        (data: Uint8Array) => changed(data, 8, (data[8] ?? 0) ^ 1),
      ]) {
        expect(decodeWith(replaced, edit)).toMatchObject(malformed)
      }
      expect(decodeWith(replaced, (data) => data, 'foreign')).toMatchObject(malformed)
    }
    expect(decodeWith(someArray, (data) => changed(data, 40, 1))).toMatchObject(malformed)
  })
})

describe('a Raydium CLMM swap', () => {
  const states = vectorsOf('raydium-clmm').flatMap(([, { pool, states }]) =>
    states.map((state) => ({ state, address: pool })),
  )

  test('that would reach a missing tick array is refused naming it; one that stops before is exact', () => {
    let [reaching, stopping] = [0, 0]
    for (const { state, address } of states) {
      const complete = poolOf(CLMM, state, address)
      for (const arrayNumber of complete.tickLine.arrays) {
        const missing = tickArrayAddress(address, complete.tickSpacing, arrayNumber)
        const accounts = accountsOf(state)
        accounts.delete(missing)
        const decoded = CLMM.decode(accounts, address)
        if (decoded.kind === 'refused') throw new Error(decoded.detail)
        for (const swap of state.swaps) {
          const input = inputOf(state, swap.aToB, swap.amountIn)
          const [quote, truth] = [decoded.pool, complete].map((pool) => CLMM.quoteExactIn(pool, input)) as [
            SwapQuote,
            SwapQuote,
          ]
          if (quote.kind === 'refused' && quote.reason === 'malformed_account') {
            expect(quote.detail).toContain(missing)
            reaching++
          } else {
            expect(quote).toEqual(truth)
            stopping++
          }
        }
      }
    }
    expect(reaching).toBeGreaterThan(500)
    expect(stopping).toBeGreaterThan(1_000)
  })

  test('without the bitmap extension never crosses the last tick of a pool that may have ticks beyond', () => {
    for (const { state, address } of states) {
      const complete = poolOf(CLMM, state, address)
      const accounts = accountsOf(state)
      accounts.delete(complete.accounts.bitmapExtension)
      const decoded = CLMM.decode(accounts, address)
      if (decoded.kind === 'refused') throw new Error(decoded.detail)
      const reason = complete.tickSpacing < 15 ? 'malformed_account' : 'insufficient_liquidity'
      const beyond = CLMM.quoteExactIn(decoded.pool, inputOf(state, true, 1n << 60n))
      expect(beyond).toMatchObject({ reason })
    }
  })

  test('names the tick arrays it crosses, two against its direction and the next one', () => {
    const call = { minAmountOut: 1n, user: '', userTokenA: '', userTokenB: '' }
    let crossing = 0
    for (const { state, address } of states) {
      const pool = poolOf(CLMM, state, address)
      for (const input of sharesOfAll(pool, state)) {
        const after = CLMM.swap(pool, input)
        const built = CLMM.swapInstruction(pool, { ...input, ...call })
        if (after.kind === 'refused' || 'reason' in built) {
          expect('reason' in built).toBe(after.kind === 'refused')
          continue
        }
        const named = built.accounts.slice(14).map(({ pubkey }) => pubkey)
        const crossed = arraysBetween(pool, after.pool, input.aToB)
        expect(new Set(named).size).toBe(named.length)
        expect(named.filter((array) => crossed.includes(array))).toEqual(crossed)
        if (crossed.length > 1) crossing++
      }
    }
    expect(crossing).toBeGreaterThan(50)
  })

  test('leaves the pool so that the way back starts where it ended', () => {
    for (const { state, address } of states) {
      const pool = poolOf(CLMM, state, address)
      for (const swap of state.swaps) {
        const after = CLMM.swap(pool, inputOf(state, swap.aToB, swap.amountIn))
        if (after.kind === 'refused') continue
        const { tick, sqrtPrice, liquidity } = after.pool
        const inRange = pool.tickLine.ticks
          .filter(({ index }) => index <= tick)
          .reduce((sum, { liquidityNet }) => sum + liquidityNet, 0n)
        expect(liquidity).toBe(inRange)
        expect([tick, tick + 1]).toContain(tickAtSqrtPrice(sqrtPrice))
      }
    }
  })

  test('that ends exactly on a tick has crossed it', () => {
    for (const { state, address } of states) {
      const pool = poolOf(CLMM, state, address)
      for (const aToB of [true, false]) {
        const beyond = CLMM.quoteExactIn(pool, inputOf(state, aToB, 1n << 63n))
        if (beyond.kind === 'quoted' || beyond.mostIn === undefined) throw new Error('no end')
        const after = CLMM.swap(pool, inputOf(state, aToB, beyond.mostIn))
        const { ticks } = pool.tickLine
        const last = aToB ? (ticks[0]?.index ?? 0) - 1 : ticks[ticks.length - 1]?.index
        expect(after).toMatchObject({ pool: { tick: last, liquidity: 0n } })
      }
    }
  })
})

/** Swaps of 5 % to 105 % of all that the pool takes, both ways. */
function sharesOfAll(pool: ClmmPool, state: VectorState): readonly SwapInput[] {
  return [true, false].flatMap((aToB) => {
    const beyond = CLMM.quoteExactIn(pool, inputOf(state, aToB, 1n << 63n))
    const mostIn = (beyond.kind === 'refused' && beyond.mostIn) || 0n
    return Array.from({ length: 21 }, (_, i) => inputOf(state, aToB, (mostIn * BigInt(5 + i * 5)) / 100n))
  })
}

/** Addresses of the marked arrays from the first that the swap needs to the one that holds its last tick. */
function arraysBetween(before: ClmmPool, after: ClmmPool, aToB: boolean): readonly string[] {
  const [from, to] = [before.tick, after.tick].map((tick) => arrayOfTick(tick, before.tickSpacing)) as [
    number,
    number,
  ]
  const { arrays } = before.tickLine
  const between = aToB
    ? arrays.filter((array) => array <= from && array >= to).reverse()
    : arrays.filter((array) => array >= from && array <= to)
  return between.map((array) => tickArrayAddress(before.accounts.pool, before.tickSpacing, array))
}

test('a CLMM swap is the program’s loop, on pools of any price and depth', () => {
  let crossing = 0
  fc.assert(
    fc.property(clmmPools, fc.boolean(), sizes, (pool, aToB, size) => {
      const amountIn = sizeIn(CLMM, pool, aToB, size)
      const swap = CLMM.swap(pool, { aToB, amountIn, ...NOW })
      if (swap.kind === 'refused') return fc.pre(false)
      const { amountOut, fee } = swap
      const { sqrtPrice, tick, liquidity, vaultAmountA, vaultAmountB } = swap.pool
      const [protocolFees, fundFees] = aToB
        ? [swap.pool.protocolFeesA, swap.pool.fundFeesA]
        : [swap.pool.protocolFeesB, swap.pool.fundFeesB]
      const after = { amountOut, fee, protocolFees, fundFees, sqrtPrice, tick, liquidity }
      expect(after).toEqual(stepByStep(pool, aToB, amountIn))
      const moved = [vaultAmountA - pool.vaultAmountA, vaultAmountB - pool.vaultAmountB]
      expect(moved).toEqual(aToB ? [amountIn, -amountOut] : [-amountOut, amountIn])
      if (liquidity !== pool.liquidity) crossing++
    }),
    { numRuns: 500 },
  )
  expect(crossing).toBeGreaterThan(50)
})

describe('ticks', () => {
  test('have the outermost prices of the program', () => {
    expect(sqrtPriceAtTick(MIN_TICK)).toBe(MIN_SQRT_PRICE)
    expect(sqrtPriceAtTick(0)).toBe(1n << 64n)
    expect(sqrtPriceAtTick(MAX_TICK)).toBe(MAX_SQRT_PRICE)
  })

  test('are found again by their price, and by every price up to the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_TICK, max: MAX_TICK - 1 }), fc.nat(1_000), (tick, permille) => {
        const [low, high] = [sqrtPriceAtTick(tick), sqrtPriceAtTick(tick + 1)]
        expect(low).toBeLessThan(high)
        expect(tickAtSqrtPrice(low)).toBe(tick)
        expect(tickAtSqrtPrice(low + ((high - low - 1n) * BigInt(permille)) / 1_000n)).toBe(tick)
      }),
    )
  })
})
