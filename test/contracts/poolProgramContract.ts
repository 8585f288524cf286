// The contract of a pool program, kept by each against the vectors of the real program on the chain.

import { describe, expect, test } from 'vitest'
import type { AccountMap, Direction, PoolProgram } from '../../src/dex/pools/pool.ts'
import {
  accountsOf,
  answerOf,
  callOf,
  changed,
  directionOf,
  expectSwapToEqualQuote,
  firstPool,
  inputOf,
  poolOf,
  vectorsOf,
} from '../pools/poolFixtures.ts'

/** What any program's quotes must do. */
export function provesVectors<P>(name: string, program: PoolProgram<P>): void {
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
export function provesProgram<P>(name: string, program: PoolProgram<P>): void {
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
