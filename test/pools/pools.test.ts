// The pool mathematics against the on-chain programs: every vector to the last unit, every other account refused.

import { describe, expect, test } from 'vitest'
import type { BaseFee } from '../../src/dex/pools/meteoraDammV2/fees.ts'
import type { SwapInput } from '../../src/dex/pools/pool.ts'
import { provesProgram, provesVectors } from '../contracts/poolProgramContract.ts'
import { AMM_V4, CLMM, CPMM, changed, DAMM_V2, firstPool } from './poolFixtures.ts'

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
})

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

  test.each([391, 413, 636])('a CPMM pool that uses the reserved byte %i', (offset) => {
    const decoded = raydium.decodeWith(raydium.address, (data) => changed(data, offset, 1))
    expect(decoded).toMatchObject(unsupported(/reserved/))
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
