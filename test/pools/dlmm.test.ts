// Meteora DLMM against its program: the vectors, states that the program left in a VM, and each rule by hand.

import { describe, expect, test } from 'vitest'
import type { DlmmPool } from '../../src/dex/pools/meteoraDlmm/account.ts'
import { binArrayAddress, bitmapExtensionAddress } from '../../src/dex/pools/meteoraDlmm/bitmap.ts'
import { binPrice } from '../../src/dex/pools/meteoraDlmm/fees.ts'
import { meteoraDlmm } from '../../src/dex/pools/meteoraDlmm/program.ts'
import type { SwapInput } from '../../src/dex/pools/pool.ts'
import { binAt, callOf, dlmmPool, fetchAll, NOON, type VectorPool, vectorPools } from './meteoraPools.ts'
import { changed, inputOf } from './poolFixtures.ts'

const pools = vectorPools('meteora-dlmm', meteoraDlmm)

function vectorPool(name: string): VectorPool<DlmmPool> {
  const found = pools.find((pool) => pool.name === name)
  if (found === undefined) throw new Error(`no vector ${name}`)
  return found
}

const input = (aToB: boolean, amountIn: bigint, unixTimestamp = NOON): SwapInput => ({
  aToB,
  amountIn,
  slot: 1n,
  unixTimestamp,
})

function swapped(pool: DlmmPool, swap: SwapInput) {
  const result = meteoraDlmm.swap(pool, swap)
  if (result.kind === 'refused') throw new Error(`${result.reason}: ${result.detail}`)
  return result
}

describe.each(pools)('$name', ({ pool, state, address, accounts }) => {
  test('every swap is quoted to the last unit, or refused for the program’s own reason', () => {
    const before = structuredClone(pool)
    for (const swap of state.swaps) {
      const quote = meteoraDlmm.quoteExactIn(pool, inputOf(state, swap.aToB, swap.amountIn))
      const answer = quote.kind === 'quoted' ? `${quote.amountOut}` : quote.reason
      const code = 'error' in swap ? Number(/"Custom":(\d+)/.exec(swap.error)?.[1]) : undefined
      const expected = 'amountOut' in swap ? swap.amountOut : meteoraDlmm.errors.get(code ?? 0)
      expect(answer, `${swap.amountIn} ${swap.aToB ? 'a to b' : 'b to a'}`).toBe(expected)
    }
    expect(pool, 'quotes leave the pool alone').toEqual(before)
  })

  test('the swap instruction is the one the venue’s SDK builds, flags and all', () => {
    const built = meteoraDlmm.swapInstruction(pool, callOf(state))
    if ('reason' in built) throw new Error(built.detail)
    const own = state.instruction?.instructions.find(({ programId }) => programId === meteoraDlmm.programId)
    expect({ ...built, data: Buffer.from(built.data).toString('base64') }).toEqual(own)
    const { amountIn, minAmountOut } = callOf(state)
    expect(meteoraDlmm.readSwapData(built.data)).toEqual({ amountIn, minAmountOut })
  })

  test('all that is missing can be found from the pool’s address alone, and is enough', () => {
    const fetched = fetchAll(meteoraDlmm, accounts, address)
    expect(meteoraDlmm.decode(fetched, address)).toEqual({ kind: 'decoded', pool })
    expect(fetched.has(pool.accounts.oracle), 'the oracle is named, not read').toBe(false)
  })

  test('the stretches pay what the quote pays, within a millionth', () => {
    for (const aToB of [true, false]) {
      const stretches = [...meteoraDlmm.segments(pool, inputOf(state, aToB, '1'))]
      const capIn = stretches.reduce((sum, stretch) => sum + stretch.capIn, 0)
      for (let amountIn = 1_000_000_000; amountIn < capIn; amountIn = Math.floor(amountIn * 1.3)) {
        const quote = meteoraDlmm.quoteExactIn(pool, inputOf(state, aToB, `${amountIn}`))
        if (quote.kind === 'refused') throw new Error(quote.detail)
        let [rest, paid] = [amountIn, 0]
        for (const stretch of stretches) {
          const taken = Math.min(rest, stretch.capIn)
          paid += stretch.price * taken
          rest -= taken
        }
        expect(Math.abs(paid / Number(quote.amountOut) - 1)).toBeLessThan(1e-6)
      }
    }
  })

  test('the most that goes in goes in, and one unit more does not', () => {
    for (const aToB of [true, false]) {
      const over = meteoraDlmm.quoteExactIn(pool, inputOf(state, aToB, `${1n << 70n}`))
      if (over.kind !== 'refused' || over.mostIn === undefined) throw new Error('no most in')
      const quoteOf = (amountIn: bigint) =>
        meteoraDlmm.quoteExactIn(pool, inputOf(state, aToB, `${amountIn}`))
      expect(quoteOf(over.mostIn)).toMatchObject({ kind: 'quoted' })
      expect(quoteOf(over.mostIn + 1n)).toMatchObject({
        reason: 'insufficient_liquidity',
        mostIn: over.mostIn,
      })
    }
  })
})

test('the vectors hold what the tests above claim to check', () => {
  const swaps = pools.flatMap(({ state }) => state.swaps)
  expect(pools.length).toBeGreaterThanOrEqual(18)
  expect(swaps.filter((swap) => 'amountOut' in swap).length).toBeGreaterThanOrEqual(350)
  for (const code of [6036, 6039]) {
    expect(swaps.some((swap) => 'error' in swap && swap.error.includes(`${code}`))).toBe(true)
  }
  expect(pools.every(({ state }) => state.instruction !== null)).toBe(true)
})

/** Swaps in a row, with what the program left behind after each. The program of 2025-12, run in a VM. */
describe('swaps in a row leave the pool as the program leaves it', () => {
  test.each([
    [
      'meteora-dlmm-5.json state 0',
      [
        [false, 18n, 1_780_000_102n, 54n, [-579, 10_000, 0, -580, 1_780_000_102n], [0n, 0n]],
        [false, 84n, 1_780_000_133n, 263n, [-579, 5_000, 5_000, -579, 1_780_000_102n], [0n, 0n]],
        [
          false,
          455_000_128_229n,
          1_780_000_162n,
          1_397_731_418_603n,
          [-550, 292_500, 2_500, -579, 1_780_000_162n],
          [0n, 129_621_652n],
        ],
        [
          true,
          411_119_182_368n,
          1_780_000_791n,
          135_722_308_511n,
          [-558, 80_000, 0, -550, 1_780_000_791n],
          [28_048_421n, 129_621_652n],
        ],
        [
          false,
          136_012_165_873n,
          1_780_000_821n,
          410_558_213_870n,
          [-550, 120_000, 40_000, -558, 1_780_000_821n],
          [28_048_421n, 144_114_515n],
        ],
        [
          true,
          1_940n,
          1_780_000_821n,
          644n,
          [-550, 120_000, 40_000, -558, 1_780_000_821n],
          [28_048_421n, 144_114_515n],
        ],
        [
          false,
          570n,
          1_780_001_420n,
          1_707n,
          [-550, 60_000, 60_000, -550, 1_780_000_821n],
          [28_048_421n, 144_114_515n],
        ],
      ],
    ],
    [
      'meteora-dlmm-5.json state 2',
      [
        [
          false,
          383_898_063_236n,
          1_780_000_244n,
          1_182_369_824_871n,
          [-553, 256_250, 6_250, -578, 1_780_000_244n],
          [461_562n, 91_554_487n],
        ],
        [
          true,
          472_662_485n,
          1_780_000_275n,
          155_999_521n,
          [-553, 128_125, 128_125, -553, 1_780_000_244n],
          [547_269n, 91_554_487n],
        ],
        [
          true,
          51_072_499n,
          1_780_000_275n,
          16_889_509n,
          [-553, 64_062, 64_062, -553, 1_780_000_244n],
          [551_499n, 91_554_487n],
        ],
        [
          true,
          499_791_754_700n,
          1_780_000_275n,
          163_511_117_064n,
          [-563, 132_031, 32_031, -553, 1_780_000_275n],
          [56_980_013n, 91_554_487n],
        ],
      ],
    ],
  ] as const)('%s', (name, swaps) => {
    let { pool } = vectorPool(name)
    for (const [aToB, amountIn, now, amountOut, moved, [protocolFeeA, protocolFeeB]] of swaps) {
      const result = swapped(pool, input(aToB, amountIn, now))
      const [activeId, accumulator, reference, indexReference, lastUpdateTimestamp] = moved
      expect(result).toMatchObject({
        amountOut,
        pool: {
          activeId,
          volatility: { accumulator, reference, indexReference, lastUpdateTimestamp },
          protocolFeeA,
          protocolFeeB,
        },
      })
      pool = result.pool
    }
  })
})

describe('one bin at par, a tenth of a percent of fee', () => {
  const bin = binAt(0, 10, 1_000_000n, 1_000_000n)
  const pool = dlmmPool([bin])

  test('rounds the fee up and takes it from the input', () => {
    expect(meteoraDlmm.quoteExactIn(pool, input(true, 10_001n))).toEqual({
      kind: 'quoted',
      amountOut: 9_990n,
      fee: 11n,
      feeOnInput: true,
    })
  })

  test('takes the fee from the output where fees are always B, but from the input when B comes in', () => {
    const onlyB = { ...pool, collectFeeMode: 'onlyB' as const }
    expect(meteoraDlmm.quoteExactIn(onlyB, input(true, 10_001n))).toEqual({
      kind: 'quoted',
      amountOut: 9_990n,
      fee: 11n,
      feeOnInput: false,
    })
    expect(meteoraDlmm.quoteExactIn(onlyB, input(false, 10_001n))).toMatchObject({ feeOnInput: true })
  })

  test('keeps the input less its fee, and the protocol its share of the fee', () => {
    expect(swapped(pool, input(true, 100_000n)).pool).toMatchObject({
      binArrays: new Map([[0, [{ ...bin, amountA: 1_099_900n, amountB: 900_100n }]]]),
      protocolFeeA: 5n,
      protocolFeeB: 0n,
    })
  })

  test('is emptied by what the fee leaves of a little more than all it has, and takes no more', () => {
    const all = meteoraDlmm.quoteExactIn(pool, input(true, 1_001_002n))
    expect(all).toMatchObject({ amountOut: 1_000_000n, fee: 1_002n })
    expect(meteoraDlmm.quoteExactIn(pool, input(true, 1_001_003n))).toMatchObject({
      reason: 'insufficient_liquidity',
      mostIn: 1_001_002n,
    })
  })

  test('pays one unit or nothing: what buys less is too small', () => {
    expect(meteoraDlmm.quoteExactIn(pool, input(true, 1n))).toMatchObject({ reason: 'amount_too_small' })
    expect(meteoraDlmm.quoteExactIn(pool, input(true, 2n))).toMatchObject({ amountOut: 1n, fee: 1n })
  })

  test('gives the protocol the whole of a last unit that only pays a fee', () => {
    const next = { ...pool, ...dlmmPool([bin, binAt(-1, 10, 0n, 1_000n)]) }
    const { pool: after } = swapped(next, input(true, 1_001_003n))
    // 1,002 of fee in the first bin, of which 5 % are 50; 1 in the second.
    expect(after).toMatchObject({ activeId: -1, protocolFeeA: 51n })
  })
})

describe('the fee of a bin', () => {
  const bins = [-3, -2, -1, 0, 1, 2, 3].map((id) =>
    binAt(id, 10, id < 0 ? 0n : 1_000_000n, id > 0 ? 0n : 1_000_000n),
  )
  const fees = { ...dlmmPool([]).fees, variableFeeControl: 40_000n }
  const feeOf = (volatility: Partial<DlmmPool['volatility']>, now = NOON, activeId = 0) => {
    const pool = dlmmPool(bins, { fees, activeId })
    const moved = { ...pool, volatility: { ...pool.volatility, ...volatility } }
    const quote = meteoraDlmm.quoteExactIn(moved, input(true, 100_000n, now))
    return quote.kind === 'quoted' ? quote.fee : quote.reason
  }
  const lastUpdateTimestamp = NOON - 1_000n
  const stirred = { accumulator: 200_000, reference: 50_000, indexReference: 2, lastUpdateTimestamp }

  // Variable rate: 40,000 · (volatility · bin step)² / 10^11, in parts per billion, beside the base of 10^6.
  test.each([
    ['counts from the old reference within the filter period', 29n, 70_000],
    ['counts a part of the old volatility from the active bin within the decay period', 30n, 100_000],
    ['does so up to the last second', 599n, 100_000],
    ['counts nothing after it', 600n, 0],
  ])('%s', (_, elapsed, volatility) => {
    const rate = 1_000_000 + (40_000 * (volatility * 10) ** 2) / 1e11
    expect(feeOf(stirred, lastUpdateTimestamp + elapsed)).toBe(BigInt(Math.ceil(rate / 10_000)))
  })

  test('grows with each bin that a swap goes on to', () => {
    const pool = dlmmPool(bins, { fees })
    const rates = [0, 10_000, 20_000].map(
      (volatility) => 1_000_000 + (40_000 * (volatility * 10) ** 2) / 1e11,
    )
    const sizes = [...meteoraDlmm.segments(pool, input(true, 1n))].map(({ price, capIn }) => price * capIn)
    expect(sizes).toHaveLength(4)
    const all = swapped(pool, input(true, 3_000_000n))
    const expected = rates.reduce((sum, rate) => sum + rate * 1e-9 * 1_000_000, 0)
    expect(Number(all.fee)).toBeGreaterThan(expected)
    expect(Number(all.fee)).toBeLessThan(expected * 1.003)
    expect(all.pool.volatility).toMatchObject({ accumulator: 20_000, reference: 0, indexReference: 0 })
  })

  test('is never more than a tenth, nor its volatility more than the pool’s limit', () => {
    const greedy = { ...fees, variableFeeControl: 10_000_000n }
    const pool = dlmmPool(bins, { fees: { ...greedy, maxVolatilityAccumulator: 15_000 } })
    const capped = swapped(pool, input(true, 2_100_000n)).pool
    expect(capped.volatility.accumulator).toBe(15_000)
    const dear = dlmmPool(bins, { fees: { ...greedy, baseFeeRate: 99_999_999n }, volatility: stirred })
    expect(meteoraDlmm.quoteExactIn(dear, input(true, 100_000n, lastUpdateTimestamp + 5n))).toMatchObject({
      fee: 10_000n,
    })
  })

  test('refuses a decay that the program’s 32 bits cannot hold', () => {
    expect(feeOf({ ...stirred, accumulator: 900_000 }, lastUpdateTimestamp + 60n)).toBe('unsupported_pool')
  })
})

test('a swap within one bin is not the last one that volatility remembers', () => {
  const bins = [binAt(0, 10, 1_000_000n, 1_000_000n), binAt(1, 10, 1_000_000n, 0n)]
  const pool = dlmmPool(bins)
  expect(swapped(pool, input(false, 1_000n)).pool.volatility.lastUpdateTimestamp).toBe(0n)
  const crossed = swapped(pool, input(false, 1_500_000n)).pool
  expect(crossed).toMatchObject({ activeId: 1, volatility: { lastUpdateTimestamp: NOON } })
})

test('a price is the program’s power: inverted, rounded down at each step, inverted back', () => {
  const { pool } = vectorPool('meteora-dlmm-3.json state 0')
  const stored = [...pool.binArrays.values()].flat()
  expect(stored.length).toBeGreaterThan(50)
  for (const { id, price } of stored) expect(binPrice(id, pool.binStep)).toBe(price)
  expect(binPrice(0, 10)).toBe(1n << 64n)
  expect(binPrice(443_636, 400)).toBeNull()
})

describe('bins that lie apart', () => {
  const far = [-150, 0, 80, 300].map((id) => binAt(id, 1, id < 0 ? 0n : 1_000n, id > 0 ? 0n : 1_000n))
  const pool = dlmmPool(far, { binStep: 1 })

  test('are reached over empty ones', () => {
    expect(swapped(pool, input(false, 1_500n)).pool.activeId).toBe(80)
    expect(swapped(pool, input(true, 1_500n)).pool.activeId).toBe(-150)
  })

  test('are not quoted without the bin array that holds them, by its name', () => {
    const { accounts, binArrays } = pool
    const without = { ...pool, binArrays: new Map([...binArrays].filter(([index]) => index !== 1)) }
    expect(meteoraDlmm.quoteExactIn(without, input(false, 1_000n))).toMatchObject({ kind: 'quoted' })
    for (const amountIn of [1_500n, 5_000n]) {
      expect(meteoraDlmm.quoteExactIn(without, input(false, amountIn))).toMatchObject({
        reason: 'malformed_account',
        detail: expect.stringContaining(binArrayAddress(accounts.pool, 1)),
      })
    }
    expect([...meteoraDlmm.segments(without, input(false, 1n))]).toHaveLength(1)
  })

  test('are passed to the program: the next four arrays, or as many as the swap crosses', () => {
    const many = [0, 70, 140, 210, 280, 350, 420].map((id) => binAt(id, 1, 1_000n, 0n))
    const wide = dlmmPool(many, { binStep: 1 })
    const arraysFor = (amountIn: bigint) => {
      const user = { user: '', userTokenA: '', userTokenB: '', minAmountOut: 1n }
      const built = meteoraDlmm.swapInstruction(wide, { ...input(false, amountIn), ...user })
      return 'reason' in built ? built : built.accounts.slice(16).map(({ pubkey }) => pubkey)
    }
    const addresses = (count: number) =>
      Array.from({ length: count }, (_, index) => binArrayAddress(wide.accounts.pool, index))
    expect(arraysFor(500n)).toEqual(addresses(4))
    expect(arraysFor(5_800n)).toEqual(addresses(6))
  })
})

describe('what is not modeled is refused by name', () => {
  const { accounts, address, pool } = vectorPool('meteora-dlmm-1.json state 1')
  const decodeWith = (replace: string, edit: (data: Uint8Array) => Uint8Array) => {
    const account = accounts.get(replace)
    if (account === undefined) throw new Error(`no account ${replace}`)
    return meteoraDlmm.decode(
      new Map(accounts).set(replace, { ...account, data: edit(account.data) }),
      address,
    )
  }
  const arrayAddress = binArrayAddress(address, -7)
  /** Where the active bin, -426, lies in array -7: the 65th of its 70. */
  const activeBin = 56 + 64 * 144

  test.each([
    ['a pair type', 75, 4, /pair type/],
    ['a status', 82, 2, /status/],
    ['an activation unit', 86, 2, /activation/],
    ['a way to collect fees', 36, 2, /collects fees/],
    ['a function type', 35, 3, /function type/],
    ['a base fee', 34, 10, /base fee/],
  ])('%s from the future', (_, offset, value, about) => {
    expect(decodeWith(address, (data) => changed(data, offset, value))).toMatchObject({
      reason: 'unsupported_pool',
      detail: expect.stringMatching(about),
    })
  })

  test.each([
    ['open', 112],
    ['half-filled', 128],
  ])('an %s limit order, as soon as a swap reaches its bin', (_, offset) => {
    const decoded = decodeWith(arrayAddress, (data) => changed(data, activeBin + offset, 9))
    if (decoded.kind === 'refused') throw new Error(decoded.detail)
    expect(meteoraDlmm.quoteExactIn(decoded.pool, input(true, 1_000n))).toMatchObject({
      reason: 'unsupported_pool',
      detail: expect.stringContaining('limit orders'),
    })
    // It sells B, so who brings B does not meet it.
    expect(meteoraDlmm.quoteExactIn(decoded.pool, input(false, 1_000n))).toMatchObject({ kind: 'quoted' })
  })

  test('but what looks like a limit order in a pool that takes none is not one', () => {
    const mining = (data: Uint8Array) => changed(data, 35, 1)
    const order = new Map(accounts)
    for (const [replace, edit] of [
      [address, mining],
      [arrayAddress, (data: Uint8Array) => changed(data, activeBin + 112, 9)],
    ] as const) {
      const account = accounts.get(replace)
      if (account !== undefined) order.set(replace, { ...account, data: edit(account.data) })
    }
    const decoded = meteoraDlmm.decode(order, address)
    if (decoded.kind === 'refused') throw new Error(decoded.detail)
    const swap = input(true, 1_000n, 1_780_000_321n)
    expect(meteoraDlmm.quoteExactIn(decoded.pool, swap)).toEqual(meteoraDlmm.quoteExactIn(pool, swap))
  })

  test.each([
    ['of a newer version', address, (data: Uint8Array) => changed(data, 882, 2)],
    ['without a bin step', address, (data: Uint8Array) => changed(data, 80, 0, 0)],
    ['priced beyond its range', address, (data: Uint8Array) => changed(data, 76, 0, 0, 0, 127)],
    ['priced beyond 128 bits', address, (data: Uint8Array) => changed(data, 76, 0x00, 0x70, 0, 0)],
    ['truncated', address, (data: Uint8Array) => data.subarray(0, 903)],
    ['of another program’s layout', address, (data: Uint8Array) => changed(data, 0, 1)],
    ['whose bin array has a newer version', arrayAddress, (data: Uint8Array) => changed(data, 16, 3)],
    ['whose bin array has another index', arrayAddress, (data: Uint8Array) => changed(data, 8, 1)],
    ['whose bin array is another pool’s', arrayAddress, (data: Uint8Array) => changed(data, 24, 1, 2, 3)],
    ['whose bin array is truncated', arrayAddress, (data: Uint8Array) => data.subarray(1)],
    [
      'with liquidity that has no price',
      arrayAddress,
      (data: Uint8Array) => changed(data, activeBin + 16, ...new Array(16).fill(0)),
    ],
  ])('a pool %s', (_, replace, edit) => {
    expect(decodeWith(replace, edit)).toMatchObject({
      reason: 'malformed_account',
      detail: expect.stringContaining(replace),
    })
  })

  test('a pool that is switched off, or not yet open in its own unit of time', () => {
    const disabled = { kind: 'refused', reason: 'pool_disabled' }
    const off = decodeWith(address, (data) => changed(data, 82, 1))
    if (off.kind === 'refused') throw new Error(off.detail)
    expect(meteoraDlmm.swap(off.pool, input(true, 1_000n))).toMatchObject(disabled)
    expect(meteoraDlmm.quoteExactOut(off.pool, { ...input(true, 1n), amountOut: 1n })).toMatchObject(disabled)

    // A permissioned pair that opens at slot 7: customizable ones wait, those without permission do not.
    const opening = (pairType: number) =>
      decodeWith(address, (data) => changed(changed(data, 75, pairType), 816, 7))
    for (const [pairType, expected] of [
      [0, 'quoted'],
      [1, 'refused'],
      [2, 'refused'],
      [3, 'quoted'],
    ] as const) {
      const decoded = opening(pairType)
      if (decoded.kind === 'refused') throw new Error(decoded.detail)
      expect(meteoraDlmm.quoteExactIn(decoded.pool, input(true, 1_000n)).kind).toBe(expected)
      expect(meteoraDlmm.quoteExactIn(decoded.pool, { ...input(true, 1_000n), slot: 7n }).kind).toBe('quoted')
    }
  })
})

describe('a pool priced beyond its own bitmap', () => {
  const { accounts, address } = vectorPool('meteora-dlmm-1.json state 1')
  const account = (edit: (data: Uint8Array) => Uint8Array) => {
    const { owner, data } = accounts.get(address) ?? { owner: '', data: new Uint8Array() }
    return new Map(accounts).set(address, { owner, data: edit(data) })
  }
  /** Bin 70 · 600, in array 600, of a pool with a bin step of one. */
  const beyond = account((data) => changed(data, 76, 0x10, 0xa4, 0, 0, 1, 0))
  const extension = bitmapExtensionAddress(address)
  const withExtension = (edit: (data: Uint8Array) => Uint8Array) => {
    const data = new Uint8Array(1_576)
    data.set([80, 111, 124, 113, 55, 237, 18, 5])
    data.set(accounts.get(binArrayAddress(address, -7))?.data.subarray(24, 56) ?? [], 8)
    return new Map(beyond).set(extension, { owner: meteoraDlmm.programId, data: edit(data) })
  }

  test('asks for its bitmap extension, and is refused without', () => {
    expect(meteoraDlmm.missingAccounts(beyond, address)).toContain(extension)
    expect(meteoraDlmm.decode(beyond, address)).toMatchObject({
      reason: 'malformed_account',
      detail: expect.stringContaining(extension),
    })
    const foreign = withExtension((data) => changed(data, 8, 0))
    expect(meteoraDlmm.decode(foreign, address)).toMatchObject({ reason: 'malformed_account' })
  })

  test('finds its arrays in both bitmaps, and asks for those next to the price', () => {
    // Rows count from ±512: bit 88 of the first positive row is array 600, bit 1 of the second negative one -1026.
    const full = withExtension((data) => changed(changed(data, 40 + 11, 1), 40 + 768 + 64, 2))
    const decoded = meteoraDlmm.decode(full, address)
    if (decoded.kind === 'refused') throw new Error(decoded.detail)
    expect(decoded.pool).toMatchObject({
      arraysWithLiquidity: [-1026, -7, 600],
      accounts: { bitmapExtension: extension },
    })
    expect(meteoraDlmm.missingAccounts(full, address)).toEqual([
      binArrayAddress(address, 600),
      binArrayAddress(address, -1026),
    ])
  })
})
