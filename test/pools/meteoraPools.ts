// Meteora pools for tests: those of the vectors through a PoolProgram, and a DLMM pool made by hand.

import type { DlmmPool } from '../../src/dex/pools/meteoraDlmm/account.ts'
import type { Bin } from '../../src/dex/pools/meteoraDlmm/bins.ts'
import { binArrayIndexOf } from '../../src/dex/pools/meteoraDlmm/bitmap.ts'
import { binPrice } from '../../src/dex/pools/meteoraDlmm/fees.ts'
import type { AccountMap, PoolProgram, SwapCall } from '../../src/dex/pools/pool.ts'
import { accountsOf, inputOf, NO_ACCOUNTS, type VectorState, vectorsOf } from './poolFixtures.ts'

export type VectorPool<P> = {
  readonly name: string
  readonly address: string
  readonly pool: P
  readonly state: VectorState
  readonly accounts: AccountMap
}

/** Every state of every vector of a venue, decoded. */
export function vectorPools<P>(venue: string, program: PoolProgram<P>): readonly VectorPool<P>[] {
  return vectorsOf(venue).flatMap(([file, { pool: address, states }]) =>
    states.map((state, i) => {
      const accounts = accountsOf(state)
      const decoded = program.decode(accounts, address)
      if (decoded.kind === 'refused') throw new Error(`${file}: ${decoded.detail}`)
      return { name: `${file} state ${i}`, address, pool: decoded.pool, state, accounts }
    }),
  )
}

/** The swap that a vector's instruction stands for. */
export function callOf(state: VectorState): SwapCall {
  const call = state.instruction as unknown as Record<'user' | 'userTokenA' | 'userTokenB', string> & {
    readonly aToB: boolean
    readonly amountIn: string
    readonly minAmountOut: string
  }
  const { user, userTokenA, userTokenB } = call
  const minAmountOut = BigInt(call.minAmountOut)
  return { ...inputOf(state, call.aToB, call.amountIn), minAmountOut, user, userTokenA, userTokenB }
}

/** Fetches what `missingAccounts` asks for from `chain` until nothing is missing; throws if that never ends. */
export function fetchAll<P>(program: PoolProgram<P>, chain: AccountMap, address: string): AccountMap {
  const fetched = new Map<string, { owner: string; data: Uint8Array }>()
  for (let round = 0; round < 10; round++) {
    const missing = program.missingAccounts(fetched, address)
    if (missing.length === 0) return fetched
    for (const wanted of missing) {
      const account = chain.get(wanted)
      if (account === undefined) throw new Error(`${wanted} does not exist`)
      fetched.set(wanted, account)
    }
  }
  throw new Error('still missing something after ten rounds')
}

export const NOON = 1_780_000_000n

/** A bin of a pool whose bin step is `binStep`, at the program's own price. */
export function binAt(id: number, binStep: number, amountA: bigint, amountB: bigint): Bin {
  const price = binPrice(id, binStep)
  if (price === null) throw new Error(`no price in bin ${id}`)
  return { id, price, amountA, amountB, limitOrderA: 0n, limitOrderB: 0n }
}

/** An open pool of these bins: a tenth of a percent in every bin, no variable fee, long forgotten volatility. */
export function dlmmPool(bins: readonly Bin[], changes: Partial<DlmmPool> = {}): DlmmPool {
  const indexes = [...new Set(bins.map(({ id }) => binArrayIndexOf(id)))].sort((a, b) => a - b)
  return {
    accounts: {
      ...NO_ACCOUNTS,
      pool: 'So11111111111111111111111111111111111111112',
      oracle: '',
      bitmapExtension: null,
    },
    isEnabled: true,
    activationUnit: 'timestamp',
    activationPoint: 0n,
    collectFeeMode: 'input',
    binStep: 10,
    activeId: 0,
    fees: {
      baseFeeRate: 1_000_000n,
      variableFeeControl: 0n,
      maxVolatilityAccumulator: 350_000,
      filterPeriodSeconds: 30n,
      decayPeriodSeconds: 600n,
      reductionFactorBps: 5_000,
      protocolShareBps: 500n,
    },
    volatility: { accumulator: 0, reference: 0, indexReference: 0, lastUpdateTimestamp: 0n },
    protocolFeeA: 0n,
    protocolFeeB: 0n,
    arraysWithLiquidity: indexes,
    binArrays: new Map(
      indexes.map((index) => [index, bins.filter(({ id }) => binArrayIndexOf(id) === index)]),
    ),
    ...changes,
  }
}
