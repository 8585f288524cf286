// The pool mathematics against the on-chain programs: every vector to the last unit, every other account refused.

import { describe, expect, test } from 'vitest'
import type { AccountMap } from '../src/dex/pools/accounts.ts'
import * as dammV2 from '../src/dex/pools/meteoraDammV2.ts'
import type { BaseFee } from '../src/dex/pools/meteoraDammV2Fees.ts'
import type { Direction, PoolProgram, SwapInput } from '../src/dex/pools/pool.ts'
import {
  AMM_V4,
  accountsOf,
  answerOf,
  CLMM,
  CPMM,
  callOf,
  changed,
  DAMM_V2,
  directionOf,
  expectSwapToEqualQuote,
  firstPool,
  inputOf,
  poolOf,
  vectorsOf,
} from './poolFixtures.ts'

describe('Raydium CPMM', () => {
  provesVectors('raydium-cpmm', CPMM)
  provesProgram('raydium-cpmm', CPMM)
})
describe('Raydium AMM v4', () => {
  provesVectors('raydium-ammv4', AMM_V4)
  provesProgram('raydium-ammv4', AMM_V4)
})
describe('Raydium CLMM', () => {
  provesVectors('raydium-clmm', CLMM)
  provesProgram('raydium-clmm', CLMM)
})
describe('Meteora DAMM v2', () => {
  provesVectors('meteora-dammv2', DAMM_V2)

  test.each(vectorsOf('meteora-dammv2'))(
    '%s: the data and accounts are those the SDK builds',
    (_, vector) => {
      for (const state of vector.states) {
        if (state.instruction === null) continue
        const { amountIn, minAmountOut, instructions: built } = state.instruction
        const own = built.find(({ programId }) => programId === DAMM_V2.programId)
        const data = bytesOf(own?.data)
        const amounts = { amountIn: BigInt(amountIn), minAmountOut: BigInt(minAmountOut) }
        expect(dammV2.encodeDammV2SwapData(amounts.amountIn, amounts.minAmountOut)).toEqual(data)
        expect(DAMM_V2.readSwapData(data)).toEqual(amounts)
        const { accounts } = poolOf(DAMM_V2, state, vector.pool)
        expect(own?.accounts.map(({ pubkey }) => pubkey)).toEqual(
          expect.arrayContaining(Object.values(accounts)),
        )
      }
    },
  )
})

/** What any program's quotes must do. */
function provesVectors<P>(name: string, program: PoolProgram<P>): void {
  const vectors = vectorsOf(name)

  describe.each(vectors)('%s', (_, vector) => {
    test('every swap is quoted to the last unit, or refused for the program’s own reason', () => {
      for (const state of vector.states) {
        const pool = poolOf(program, state, vector.pool)
        const before = structuredClone(pool)
        for (const swap of state.swaps) {
          const input = inputOf(state, swap.aToB, swap.amountIn)
          const quote = program.quoteExactIn(pool, input)
          const answer = quote.kind === 'quoted' ? `${quote.amountOut}` : quote.reason
          expect(answer, `${swap.amountIn} ${swap.aToB ? 'a to b' : 'b to a'}`).toBe(answerOf(program, swap))
          expectSwapToEqualQuote(program.swap(pool, input), quote)
        }
        expect(pool, 'a swap leaves the pool it was given alone').toEqual(before)
      }
    })

    test('the sides A and B are the vector’s, and a small swap less its fee trades at the spot price', () => {
      for (const state of vector.states) {
        const pool = poolOf(program, state, vector.pool)
        expect(program.mints(pool)).toEqual({ mintA: vector.mintA, mintB: vector.mintB })
        for (const aToB of [true, false]) {
          const input = inputOf(state, aToB, '1000000')
          const quote = program.quoteExactIn(pool, input)
          if (quote.kind === 'refused') throw new Error(quote.detail)
          const { amountOut, fee, feeOnInput } = quote
          const [net, gross] = feeOnInput
            ? [input.amountIn - fee, amountOut]
            : [input.amountIn, amountOut + fee]
          const { numerator, denominator } = program.spotPrice(pool, aToB)
          const atSpot = (net * numerator) / denominator
          expect(gross).toBeLessThanOrEqual(atSpot)
          expect(gross + 1n).toBeGreaterThanOrEqual((atSpot * 999n) / 1_000n)
        }
      }
    })

    test('a missing, truncated, foreign or relabeled account is refused, never quoted', () => {
      for (const state of vector.states) {
        const accounts = accountsOf(state)
        const used = [...accounts.keys()].filter((address) => isUsed(program, accounts, vector.pool, address))
        expect(used).toContain(vector.pool)
        expect(used.length).toBeGreaterThanOrEqual(5)
        for (const address of used) {
          for (const corrupted of corruptions(accounts, address, program.programId)) {
            expect(program.decode(corrupted, vector.pool)).toMatchObject({
              kind: 'refused',
              reason: 'malformed_account',
            })
          }
        }
      }
    })
  })

  test('the vectors hold what the tests above claim to check', () => {
    const states = vectors.flatMap(([, vector]) => vector.states)
    const swaps = states.flatMap((state) => state.swaps)
    expect(vectors.length).toBeGreaterThanOrEqual(6)
    expect(states.length).toBeGreaterThanOrEqual(18)
    expect(swaps.filter((swap) => 'amountOut' in swap).length).toBeGreaterThanOrEqual(300)
    expect(states.filter((state) => state.instruction !== null).length).toBeGreaterThanOrEqual(18)
    // CPMM refuses an amount that buys nothing; DAMM v2 takes it and pays nothing.
    const dust = swaps.filter((swap) => ('error' in swap ? true : swap.amountOut === '0'))
    expect(dust.length).toBeGreaterThan(0)
  })
}

/** What a whole program object does beside quoting an exact input. */
function provesProgram<P>(name: string, program: PoolProgram<P>): void {
  describe.each(vectorsOf(name))('%s', (_, vector) => {
    test('the swap instruction is the one the venue’s SDK builds, flag by flag and byte by byte', () => {
      for (const state of vector.states) {
        if (state.instruction === null) continue
        const built = state.instruction.instructions.find(({ programId }) => programId === program.programId)
        const call = callOf(state, state.instruction)
        const own = program.swapInstruction(poolOf(program, state, vector.pool), call)
        if ('reason' in own) throw new Error(own.detail)
        expect(own).toEqual({ ...built, data: bytesOf(built?.data) })
        const { amountIn, minAmountOut } = call
        expect(program.readSwapData(own.data)).toEqual({ amountIn, minAmountOut })
      }
    })

    test('an exact output costs the smallest input that pays it', () => {
      for (const state of vector.states) {
        const pool = poolOf(program, state, vector.pool)
        for (const swap of state.swaps) {
          if (!('amountOut' in swap)) continue
          const amountOut = BigInt(swap.amountOut)
          const needed = program.quoteExactOut(pool, { ...directionOf(state, swap.aToB), amountOut })
          if (needed.kind === 'refused') throw new Error(needed.detail)
          const paid = (amountIn: bigint) => {
            const quote = program.quoteExactIn(pool, inputOf(state, swap.aToB, amountIn))
            return quote.kind === 'quoted' ? quote.amountOut : 0n
          }
          expect(needed.amountIn).toBeLessThanOrEqual(BigInt(swap.amountIn))
          expect(paid(needed.amountIn)).toBeGreaterThanOrEqual(amountOut)
          expect(paid(needed.amountIn - 1n)).toBeLessThan(amountOut)
        }
      }
    })

    test('an amount beyond the liquidity is refused with the most that goes', () => {
      for (const state of vector.states) {
        const pool = poolOf(program, state, vector.pool)
        for (const aToB of [true, false]) {
          const at = (amountIn: bigint) => program.quoteExactIn(pool, inputOf(state, aToB, amountIn))
          const beyond = at((1n << 64n) - 1n)
          if (beyond.kind === 'quoted' || beyond.mostIn === undefined) throw new Error('no most')
          expect(beyond.reason).toBe('insufficient_liquidity')
          expect(at(beyond.mostIn)).toMatchObject({ kind: 'quoted' })
          expect(at(beyond.mostIn + 1n)).toMatchObject({ reason: 'insufficient_liquidity' })
        }
      }
    })

    test('the segments add up to what the program pays, within a millionth', () => {
      for (const state of vector.states) {
        const pool = poolOf(program, state, vector.pool)
        for (const aToB of [true, false]) {
          const sizes = Array.from({ length: 200 }, (_, i) => BigInt(Math.round(10 ** (8 + i / 20))))
          for (const amountIn of sizes) {
            const quote = program.quoteExactIn(pool, inputOf(state, aToB, amountIn))
            if (quote.kind === 'refused' || quote.amountOut < 10_000_000n) continue
            const drawn = outOfSegments(program, pool, directionOf(state, aToB), Number(amountIn))
            expect(Math.abs(drawn / Number(quote.amountOut) - 1)).toBeLessThan(1e-6)
          }
        }
      }
    })

    test('the accounts it asks for, one round after the other, are those of the vector', () => {
      for (const state of vector.states) {
        const all = accountsOf(state)
        const fetched = new Map<string, { owner: string; data: Uint8Array }>()
        for (let round = 0; round < 10; round++) {
          const missing = program.missingAccounts(fetched, vector.pool)
          if (missing.length === 0) break
          expect(new Set(missing).size).toBe(missing.length)
          for (const address of missing) {
            const account = all.get(address)
            if (account === undefined) throw new Error(`${address} is not in the vector`)
            fetched.set(address, account)
          }
        }
        expect(program.missingAccounts(fetched, vector.pool)).toEqual([])
        expect(program.decode(fetched, vector.pool)).toEqual(program.decode(all, vector.pool))
        expect(program.decode(fetched, vector.pool)).toMatchObject({ kind: 'decoded' })
      }
    })
  })

  test('what cannot be an instruction is refused, and other data is no swap', () => {
    const { pool, state } = firstPool(name, program)
    if (state.instruction === null) throw new Error('no instruction')
    const call = callOf(state, state.instruction)
    for (const wrong of [
      { amountIn: 0n },
      { amountIn: 1n << 64n },
      { minAmountOut: -1n },
      { minAmountOut: 1n << 64n },
    ]) {
      expect(program.swapInstruction(pool, { ...call, ...wrong })).toMatchObject({ kind: 'refused' })
    }
    const own = program.swapInstruction(pool, call)
    if ('reason' in own) throw new Error(own.detail)
    for (const data of [
      own.data.subarray(1),
      own.data.subarray(0, 8),
      new Uint8Array(0),
      changed(own.data, 0, 0xff),
    ]) {
      expect(program.readSwapData(data)).toBeNull()
    }
  })
}

/** What `amountIn` buys along the segments, in plain numbers. */
function outOfSegments<P>(program: PoolProgram<P>, pool: P, direction: Direction, amountIn: number): number {
  let [left, out] = [amountIn, 0]
  for (const { price, depth, capIn } of program.segments(pool, direction)) {
    const taken = Math.min(left, capIn)
    out += (price * taken) / (1 + taken / depth)
    left -= taken
    if (left <= 0) break
  }
  return out
}

const bytesOf = (base64 = '') => new Uint8Array(Buffer.from(base64, 'base64'))

/** Whether the decoder reads this account at all: a price oracle, for one, it does not. */
function isUsed<P>(program: PoolProgram<P>, accounts: AccountMap, pool: string, address: string): boolean {
  const without = new Map(accounts)
  without.delete(address)
  return program.decode(without, pool).kind === 'refused'
}

function corruptions(accounts: AccountMap, address: string, programId: string): readonly AccountMap[] {
  const account = accounts.get(address)
  if (account === undefined) return []
  const { owner, data } = account
  const without = new Map(accounts)
  without.delete(address)
  const replaced = [
    { owner, data: data.subarray(0, data.length - 1) },
    { owner, data: data.subarray(0, 7) },
    { owner, data: new Uint8Array(0) },
    { owner, data: new Uint8Array([...data, 0]) },
    { owner, data: new Uint8Array(data.length) },
    { owner: '11111111111111111111111111111111', data },
    ...(owner === programId ? [{ owner, data: changed(data, 0, 0xff) }] : []),
  ]
  return [without, ...replaced.map((instead) => new Map(accounts).set(address, instead))]
}

describe('a CPMM swap', () => {
  const { pool: sample } = firstPool('raydium-cpmm', CPMM)
  const even = { reserveA: 1_000_000_000n, reserveB: 1_000_000_000n }
  const rates = { tradeFeePpm: 10_000n, protocolFeePpm: 120_000n, fundFeePpm: 40_000n }
  const owed = { protocolFeesA: 100n, protocolFeesB: 200n, fundFeesA: 300n, fundFeesB: 400n }
  const pool = { ...sample, ...even, ...rates, ...owed }
  const input: SwapInput = { aToB: true, amountIn: 1_000_001n, slot: 0n, unixTimestamp: 1_800_000_000n }

  // One percent of 1,000,001 rounds up to 10,001, of which 12 % and 4 % round down to 1,200 and 400.
  test('rounds its fee up, and the shares of protocol and fund down, on the side that pays', () => {
    const paid = { amountOut: 989_020n, fee: 10_001n, feeOnInput: true }
    const out = even.reserveA - paid.amountOut
    expect(CPMM.swap(pool, input)).toMatchObject({
      ...paid,
      pool: { reserveA: 1_000_998_401n, reserveB: out, ...owed, protocolFeesA: 1_300n, fundFeesA: 700n },
    })
    expect(CPMM.swap(pool, { ...input, aToB: false })).toMatchObject({
      ...paid,
      pool: { reserveA: out, reserveB: 1_000_998_401n, ...owed, protocolFeesB: 1_400n, fundFeesB: 800n },
    })
  })

  test('that would buy less than one unit is too small, even when the fee leaves something to swap', () => {
    const dear = { ...pool, reserveB: 1_000n }
    expect(CPMM.quoteExactIn(dear, input)).toMatchObject({ reason: 'amount_too_small' })
    expect(CPMM.quoteExactIn(dear, { ...input, amountIn: 2_000_000n })).toMatchObject({ amountOut: 1n })
  })
})

const unsupported = (about: RegExp) => ({
  kind: 'refused',
  reason: 'unsupported_pool',
  detail: expect.stringMatching(about),
})

describe('what is not modeled is refused by name', () => {
  const [raydium, meteora] = [firstPool('raydium-cpmm', CPMM), firstPool('meteora-dammv2', DAMM_V2)]

  test.each([
    ['enabled', 390],
    ['waiting in token 0', 397],
    ['waiting in token 1', 405],
  ])('a CPMM creator fee, %s', (_, offset) => {
    const decoded = raydium.decodeWith(raydium.address, (data) => changed(data, offset, 1))
    expect(decoded).toMatchObject(unsupported(/creator fee/))
  })

  test.each([
    ['activation unit', 480, 2],
    ['way', 484, 3],
    ['fee version', 486, 2],
    ['base fee', 16, 9],
    ['layout version', 696, 2],
  ])('an unknown DAMM v2 %s', (name, offset, value) => {
    const decoded = meteora.decodeWith(meteora.address, (data) => changed(data, offset, value))
    expect(decoded).toMatchObject(unsupported(new RegExp(`unknown .*${name}|unknown ${name}`)))
  })

  test.each([
    ['transfer fee', 1],
    ['transfer hook', 14],
    ['77', 77],
  ])('a Token-2022 mint with the extension "%s", behind a harmless one', (name, extension) => {
    for (const { decodeWith, mintA } of [raydium, meteora]) {
      const decoded = decodeWith(mintA, token2022Mint([18, 64], [extension, 8]), TOKEN_2022)
      expect(decoded).toMatchObject(unsupported(new RegExp(name)))
    }
  })

  test('a Token-2022 mint with metadata only is fine, but its vault must be of that program too', () => {
    const decoded = raydium.decodeWith(raydium.mintA, token2022Mint([18, 64]), TOKEN_2022)
    expect(decoded).toMatchObject({ reason: 'malformed_account', detail: expect.stringContaining('vault') })
  })

  test('the rate limiter of DAMM v2 while it is in force, and only then', () => {
    const baseFee: BaseFee = { kind: 'rateLimiter', feeNumerator: 10_000_000n, durationPoints: 600n }
    const pool = { ...meteora.pool, baseFee, activationPoint: 1_780_000_000n }
    const at = (unixTimestamp: bigint, aToB: boolean) =>
      DAMM_V2.quoteExactIn(pool, { aToB, amountIn: 1_000_000n, slot: 0n, unixTimestamp }).kind
    expect(at(1_780_000_600n, false)).toBe('refused')
    expect(at(1_780_000_600n, true)).toBe('quoted')
    expect(at(1_780_000_601n, false)).toBe('quoted')
  })
})

const TOKEN_2022 = 'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb'

/** Turns a plain mint into a Token-2022 one with these extensions, as [type, length]. */
function token2022Mint(...extensions: readonly (readonly [type: number, length: number])[]) {
  return (mint: Uint8Array): Uint8Array => {
    const list = extensions.flatMap(([type, length]) => [type, 0, length, 0, ...new Array(length).fill(9)])
    return new Uint8Array([...mint, ...new Array(165 - mint.length).fill(0), 1, ...list])
  }
}

describe('a pool that may not trade is refused as disabled', () => {
  const [raydium, meteora] = [firstPool('raydium-cpmm', CPMM), firstPool('meteora-dammv2', DAMM_V2)]
  const input: SwapInput = { aToB: true, amountIn: 1_000_000n, slot: 100n, unixTimestamp: 1_800_000_000n }
  const disabled = { kind: 'refused', reason: 'pool_disabled' }

  test('switched off by its status', () => {
    const cpmmOff = raydium.decodeWith(raydium.address, (data) => changed(data, 329, 1 << 2))
    const dammOff = meteora.decodeWith(meteora.address, (data) => changed(data, 481, 1))
    if (cpmmOff.kind === 'refused' || dammOff.kind === 'refused') throw new Error('not decoded')
    expect(CPMM.swap(cpmmOff.pool, input)).toMatchObject(disabled)
    expect(DAMM_V2.swap(dammOff.pool, input)).toMatchObject(disabled)
  })

  test('until its opening, counted in the pool’s own unit', () => {
    const opensAt = input.unixTimestamp
    const early = { ...input, unixTimestamp: opensAt - 1n }
    const cpmmPool = { ...raydium.pool, openTimestamp: opensAt }
    expect(CPMM.swap(cpmmPool, early)).toMatchObject(disabled)
    expect(CPMM.swap(cpmmPool, input)).toMatchObject({ kind: 'swapped' })
    const dammPool = { ...meteora.pool, activationUnit: 'slot' as const, activationPoint: 100n }
    expect(DAMM_V2.swap(dammPool, { ...input, slot: 99n })).toMatchObject(disabled)
    expect(DAMM_V2.swap(dammPool, early)).toMatchObject({ kind: 'swapped' })
  })

  test('with a frozen vault', () => {
    for (const { decodeWith, pool } of [raydium, meteora]) {
      expect(decodeWith(pool.accounts.vaultA, (data) => changed(data, 108, 2))).toMatchObject(disabled)
    }
  })
})

test('a vault that holds another mint is refused', () => {
  for (const { decodeWith, pool } of [
    firstPool('raydium-cpmm', CPMM),
    firstPool('meteora-dammv2', DAMM_V2),
  ]) {
    const decoded = decodeWith(pool.accounts.vaultB, (data) => changed(data, 0, 1, 2, 3))
    expect(decoded).toMatchObject({ reason: 'malformed_account', detail: expect.stringContaining('mint') })
  }
})

describe('a DAMM v2 account', () => {
  const { address, decodeWith, pool } = firstPool('meteora-dammv2', DAMM_V2)

  test('of layout version 0 gets the reserves that its price range implies', () => {
    const untracked = (data: Uint8Array) => changed(changed(data, 680, ...new Array(16).fill(0)), 696, 0)
    expect(decodeWith(address, untracked)).toEqual({ kind: 'decoded', pool })
  })

  test('keeps the protocol’s fees apart by token', () => {
    const decoded = decodeWith(address, (data) => changed(changed(data, 392, 7), 400, 9))
    expect(decoded).toMatchObject({ pool: { protocolFeeA: 7n, protocolFeeB: 9n } })
  })

  test('priced outside its range is refused', () => {
    const decoded = decodeWith(address, (data) => changed(data, 456, ...new Array(16).fill(0xff)))
    expect(decoded).toMatchObject({ reason: 'malformed_account' })
  })
})
