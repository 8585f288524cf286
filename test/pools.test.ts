// The pool mathematics against the on-chain programs: every vector to the last unit, every other account refused.

import { describe, expect, test } from 'vitest'
import type { AccountMap } from '../src/dex/pools/accounts.ts'
import type { BaseFee } from '../src/dex/pools/meteoraDammV2Fees.ts'
import type { SwapInput } from '../src/dex/pools/pool.ts'
import {
  accountsOf,
  answerOf,
  CPMM,
  changed,
  DAMM_V2,
  expectSwapToEqualQuote,
  firstPool,
  inputOf,
  poolOf,
  type Venue,
  vectorsOf,
} from './poolFixtures.ts'

describe('Raydium CPMM', () => provesVectors('raydium-cpmm', CPMM))
describe('Meteora DAMM v2', () => provesVectors('meteora-dammv2', DAMM_V2))

function provesVectors<P>(name: string, venue: Venue<P>): void {
  const vectors = vectorsOf(name)

  describe.each(vectors)('%s', (_, vector) => {
    test('every swap is quoted to the last unit, or refused for the program’s own reason', () => {
      for (const state of vector.states) {
        const pool = poolOf(venue, state, vector.pool)
        const before = structuredClone(pool)
        for (const swap of state.swaps) {
          const input = inputOf(state, swap.aToB, swap.amountIn)
          const quote = venue.quote(pool, input)
          const answer = quote.kind === 'quoted' ? `${quote.amountOut}` : quote.reason
          expect(answer, `${swap.amountIn} ${swap.aToB ? 'a to b' : 'b to a'}`).toBe(answerOf(venue, swap))
          expectSwapToEqualQuote(venue.swap(pool, input), quote)
        }
        expect(pool, 'a swap leaves the pool it was given alone').toEqual(before)
      }
    })

    test('the swap instruction’s data and accounts are those the venue’s SDK builds', () => {
      for (const state of vector.states) {
        if (state.instruction === null) continue
        const { amountIn, minAmountOut, instructions: built } = state.instruction
        const own = built.find(({ programId }) => programId === venue.programId)
        const data = new Uint8Array(Buffer.from(own?.data ?? '', 'base64'))
        const amounts = { amountIn: BigInt(amountIn), minAmountOut: BigInt(minAmountOut) }
        expect(venue.encodeSwapData(amounts.amountIn, amounts.minAmountOut)).toEqual(data)
        expect(venue.decodeSwapData(data)).toEqual(amounts)
        const { accounts } = poolOf(venue, state, vector.pool) as { accounts: Record<string, string> }
        expect(own?.accounts.map(({ pubkey }) => pubkey)).toEqual(
          expect.arrayContaining(Object.values(accounts)),
        )
      }
    })

    test('the sides A and B are the vector’s, and a small swap less its fee trades at the spot price', () => {
      for (const state of vector.states) {
        const pool = poolOf(venue, state, vector.pool)
        expect(pool).toMatchObject({ accounts: { mintA: vector.mintA, mintB: vector.mintB } })
        for (const aToB of [true, false]) {
          const input = inputOf(state, aToB, '1000000')
          const quote = venue.quote(pool, input)
          if (quote.kind === 'refused') throw new Error(quote.detail)
          const { amountOut, fee, feeOnInput } = quote
          const [net, gross] = feeOnInput
            ? [input.amountIn - fee, amountOut]
            : [input.amountIn, amountOut + fee]
          const { numerator, denominator } = venue.spotPrice(pool, aToB)
          const atSpot = (net * numerator) / denominator
          expect(gross).toBeLessThanOrEqual(atSpot)
          expect(gross + 1n).toBeGreaterThanOrEqual((atSpot * 999n) / 1_000n)
        }
      }
    })

    test('a missing, truncated, foreign or relabeled account is refused, never quoted', () => {
      for (const state of vector.states) {
        const accounts = accountsOf(state)
        const used = [...accounts.keys()].filter((address) => isUsed(venue, accounts, vector.pool, address))
        expect(used).toContain(vector.pool)
        expect(used.length).toBeGreaterThanOrEqual(5)
        for (const address of used) {
          for (const corrupted of corruptions(accounts, address, venue.programId)) {
            expect(venue.decode(corrupted, vector.pool)).toMatchObject({
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
    expect(swaps.filter((swap) => 'amountOut' in swap).length).toBeGreaterThanOrEqual(400)
    expect(states.filter((state) => state.instruction !== null).length).toBeGreaterThanOrEqual(18)
    // CPMM refuses an amount that buys nothing; DAMM v2 takes it and pays nothing.
    const dust = swaps.filter((swap) => ('error' in swap ? true : swap.amountOut === '0'))
    expect(dust.length).toBeGreaterThan(0)
  })
}

/** Whether the decoder reads this account at all: a price oracle, for one, it does not. */
function isUsed<P>(venue: Venue<P>, accounts: AccountMap, pool: string, address: string): boolean {
  const without = new Map(accounts)
  without.delete(address)
  return venue.decode(without, pool).kind === 'refused'
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
    ...(owner === programId ? [{ owner, data: changed(data, 0, (data[0] ?? 0) ^ 1) }] : []),
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
    expect(CPMM.quote(dear, input)).toMatchObject({ reason: 'amount_too_small' })
    expect(CPMM.quote(dear, { ...input, amountIn: 2_000_000n })).toMatchObject({ amountOut: 1n })
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
      DAMM_V2.quote(pool, { aToB, amountIn: 1_000_000n, slot: 0n, unixTimestamp }).kind
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
