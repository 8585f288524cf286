// What the guards of a launch refuse, by the evidence alone.
import { describe, expect, test } from 'vitest'
import { baseUnits, bps } from '../../../src/domain/amount.ts'
import type { Consent, GuardName, Guards } from '../../../src/domain/guards.ts'
import type { MintExtension, PoolOrigin } from '../../../src/domain/ports/mints.ts'
import { type Evidence, refusalsOf, tooLate } from '../../../src/domain/triggers/launch.ts'
import { evidenceOf, originOf } from '../../support/launches.ts'
import { defaultGuards, sniperOf } from '../../support/orders.ts'

const guarded = (guards: Partial<Guards> = {}, more: Parameters<typeof sniperOf>[0] = {}) =>
  sniperOf({ ...more, guards: { ...defaultGuards, ...guards } })

const refusedBy = (evidence: Evidence, guards: Partial<Guards> = {}): readonly GuardName[] =>
  refusalsOf(guarded(guards), evidence).map(({ guard }) => guard)

const extended = (...extensions: readonly MintExtension[]): Evidence => {
  const evidence = evidenceOf()
  return { ...evidence, mint: { ...evidence.mint, extensions } }
}
const opened = (...origins: readonly PoolOrigin[]): Evidence => evidenceOf({ origins })
const returning = (lamports: bigint | null): Evidence => {
  const [sale] = evidenceOf().sales
  if (sale === undefined) throw new Error('the example is sold')
  const outcome = lamports === null ? null : ({ kind: 'swapped', amountOut: lamports } as const)
  return evidenceOf({ sales: [{ ...sale, outcome }] })
}

const SOL = 1_000_000_000n

test('a token with nothing wrong passes, and its evidence is not needed in any guard', () => {
  expect(refusedBy(evidenceOf())).toEqual([])
})

describe('by default', () => {
  const withMint = (more: Partial<Evidence['mint']>) => {
    const evidence = evidenceOf()
    return { ...evidence, mint: { ...evidence.mint, ...more } }
  }
  const faults: readonly (readonly [Consent, Evidence])[] = [
    ['mint_authority', withMint({ mintAuthority: 'creator' })],
    ['freeze_authority', withMint({ freezeAuthority: 'creator' })],
    ['permanent_delegate', extended({ kind: 'permanent_delegate', delegate: 'creator' })],
    ['transfer_hook', extended({ kind: 'transfer_hook', programId: 'program' })],
    ['transfer_fee', extended({ kind: 'transfer_fee', feeBps: 1 })],
    ['unknown_extension', extended({ kind: 'unknown', extensionType: 60_000 })],
    ['pool_age', opened()],
    ['pool_age', opened(originOf({ firstSlot: 99 - 1_500 }))],
    ['sale', returning(null)],
    ['sale', evidenceOf({ amountOut: null, sales: [] })],
    ['sale', returning(79_999_999n)],
  ]
  test.each(faults)('%s is refused, and allowed when it is named', (guard, evidence) => {
    expect(refusedBy(evidence)).toEqual([guard])
    expect(refusedBy(evidence, { allow: [guard] })).toEqual([])
  })

  test('a sale that reverts is refused with the reason that the chain gives', () => {
    const [sale] = evidenceOf().sales
    const sales =
      sale === undefined ? [] : [{ ...sale, outcome: { kind: 'reverted', detail: 'frozen' } as const }]
    expect(refusalsOf(guarded(), evidenceOf({ sales }))).toEqual([
      { guard: 'sale', detail: 'a sale in the pool pool reverts: frozen' },
    ])
  })

  test('everything that is wrong is named, each with its evidence', () => {
    const evidence = withMint({
      mintAuthority: 'Minter',
      freezeAuthority: 'Freezer',
      extensions: [{ kind: 'transfer_fee', feeBps: 500 }],
    })
    expect(refusalsOf(guarded(), evidence)).toEqual([
      { guard: 'mint_authority', detail: 'Minter can create more of the token' },
      { guard: 'freeze_authority', detail: 'Freezer can freeze any account of the token' },
      { guard: 'transfer_fee', detail: 'every transfer costs 500 bps, at most 0 are allowed' },
    ])
    expect(refusedBy(evidence, { allow: ['mint_authority', 'transfer_fee'] })).toEqual(['freeze_authority'])
  })
})

describe('the bounds', () => {
  test.each<[string, Evidence, Partial<Guards>, readonly GuardName[]]>([
    [
      'a fee at its bound',
      extended({ kind: 'transfer_fee', feeBps: 50 }),
      { maxTransferFeeBps: bps(50) },
      [],
    ],
    [
      'a fee above it',
      extended({ kind: 'transfer_fee', feeBps: 51 }),
      { maxTransferFeeBps: bps(50) },
      ['transfer_fee'],
    ],
    ['liquidity at its bound', opened(originOf()), { minLiquidityLamports: baseUnits(200n * SOL) }, []],
    [
      'less at first',
      opened(originOf({ liquidityLamports: 199n * SOL })),
      { minLiquidityLamports: baseUnits(200n * SOL) },
      ['liquidity'],
    ],
    [
      'less now',
      opened(originOf({ liquidityNowLamports: 1n })),
      { minLiquidityLamports: baseUnits(1n * SOL) },
      ['liquidity'],
    ],
    [
      'liquidity of a pool whose opening is not known',
      opened(originOf({ pool: 'another' })),
      { minLiquidityLamports: baseUnits(1n) },
      ['liquidity'],
    ],
    ['a pool at the least age', opened(originOf({ firstSlot: 95 })), { minAgeSlots: 5 }, []],
    ['a younger one', opened(originOf({ firstSlot: 96 })), { minAgeSlots: 5 }, ['pool_age']],
    ['a pool at the greatest age', opened(originOf({ firstSlot: 50 })), { maxAgeSlots: 50 }, []],
    ['an older one', opened(originOf({ firstSlot: 49 })), { maxAgeSlots: 50 }, ['pool_age']],
    [
      'a second pool of an old token',
      opened(originOf(), originOf({ pool: 'old', firstSlot: 1 })),
      { maxAgeSlots: 50 },
      ['pool_age'],
    ],
    ['a creator on the list', opened(originOf()), { allowCreators: ['creator'] }, []],
    ['one that is not', opened(originOf()), { allowCreators: ['another'] }, ['creator']],
    ['a denied one', opened(originOf()), { denyCreators: ['creator'] }, ['creator']],
    [
      'a denied one of a pool that is not bought in',
      opened(originOf(), originOf({ pool: 'other', creator: 'bad' })),
      { denyCreators: ['bad'] },
      [],
    ],
    [
      'a creator that is not known',
      opened(originOf({ pool: 'another' })),
      { denyCreators: ['bad'] },
      ['creator'],
    ],
    ['a sale at its bound', returning(50_000_000n), { minSaleBps: bps(5_000) }, []],
    ['a sale below it', returning(49_999_999n), { minSaleBps: bps(5_000) }, ['sale']],
  ])('%s', (_name, evidence, guards, refused) => {
    expect(refusedBy(evidence, guards)).toEqual(refused)
  })

  test.each([
    ['at the price', '0.25', []],
    ['below it', '0.2499', ['price']],
  ])('a token %s', (_name, limitPrice, refused) => {
    const refusals = refusalsOf(guarded({}, { limitPrice }), evidenceOf())
    expect(refusals.map(({ guard }) => guard)).toEqual(refused)
  })
})

describe('it is too late for ever', () => {
  test('once the first pool is older than allowed, and not before', () => {
    expect(tooLate(guarded({ maxAgeSlots: 50 }), opened(originOf({ firstSlot: 50 })))).toBeNull()
    expect(tooLate(guarded({ maxAgeSlots: 50 }), opened(originOf({ firstSlot: 49 })))).toEqual({
      code: 'pool_too_old',
      detail: 'the first pool of B is 51 slots old at slot 100, at most 50 are allowed',
    })
  })

  test('never where any age is allowed, or the age is not known', () => {
    expect(
      tooLate(guarded({ maxAgeSlots: 50, allow: ['pool_age'] }), opened(originOf({ firstSlot: 1 }))),
    ).toBeNull()
    expect(tooLate(guarded(), opened())).toBeNull()
  })
})
