// The pools the tests work on: the vectors of the on-chain programs, and a pool made by hand.

import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type * as dammV2 from '../../src/dex/pools/meteoraDammV2/program.ts'
import type {
  Direction,
  PoolInstruction,
  PoolProgram,
  SwapCall,
  SwapInput,
  SwapQuote,
  SwapResult,
} from '../../src/dex/pools/pool.ts'

export { meteoraDammV2 as DAMM_V2 } from '../../src/dex/pools/meteoraDammV2/program.ts'
export { raydiumAmmV4 as AMM_V4 } from '../../src/dex/pools/raydiumAmmV4/program.ts'
export { raydiumClmm as CLMM } from '../../src/dex/pools/raydiumClmm/program.ts'
export { raydiumCpmm as CPMM } from '../../src/dex/pools/raydiumCpmm/program.ts'

export type VectorSwap = { readonly aToB: boolean; readonly amountIn: string } & (
  | { readonly amountOut: string }
  | { readonly error: string }
)
type VectorAccount = { readonly owner: string; readonly data: string }
type VectorInstruction = Pick<PoolInstruction, 'programId' | 'accounts'> & { readonly data: string }
export type VectorCall = {
  readonly aToB: boolean
  readonly amountIn: string
  readonly minAmountOut: string
  readonly user: string
  readonly userTokenA: string
  readonly userTokenB: string
  readonly instructions: readonly VectorInstruction[]
}
export type VectorState = {
  readonly clock: { readonly slot: string; readonly unixTimestamp: string }
  readonly accounts: Readonly<Record<string, VectorAccount>>
  readonly swaps: readonly VectorSwap[]
  readonly instruction: VectorCall | null
}
export type Vector = {
  readonly venue: string
  readonly pool: string
  readonly mintA: string
  readonly mintB: string
  readonly states: readonly VectorState[]
}

const VECTORS = new URL('../vectors/', import.meta.url)

export function vectorsOf(venue: string): readonly (readonly [file: string, vector: Vector])[] {
  return readdirSync(VECTORS)
    .filter((file) => file.startsWith(`${venue}-`) && file.endsWith('.json'))
    .map((file) => [file, JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8'))])
}

export function accountsOf(state: VectorState): Map<string, { owner: string; data: Uint8Array }> {
  return new Map(
    Object.entries(state.accounts).map(([address, { owner, data }]) => [
      address,
      { owner, data: new Uint8Array(Buffer.from(data, 'base64')) },
    ]),
  )
}

export function poolOf<P>(program: PoolProgram<P>, state: VectorState, address: string): P {
  const decoded = program.decode(accountsOf(state), address)
  if (decoded.kind === 'refused') throw new Error(`${decoded.reason}: ${decoded.detail}`)
  return decoded.pool
}

export const directionOf = ({ clock }: VectorState, aToB: boolean): Direction => ({
  aToB,
  slot: BigInt(clock.slot),
  unixTimestamp: BigInt(clock.unixTimestamp),
})

export const inputOf = (state: VectorState, aToB: boolean, amountIn: string | bigint): SwapInput => ({
  ...directionOf(state, aToB),
  amountIn: BigInt(amountIn),
})

export const callOf = (state: VectorState, call: VectorCall): SwapCall => ({
  ...inputOf(state, call.aToB, call.amountIn),
  minAmountOut: BigInt(call.minAmountOut),
  user: call.user,
  userTokenA: call.userTokenA,
  userTokenB: call.userTokenB,
})

/** What the vector says the program answered, in the words of a quote: an amount or a reason. */
export function answerOf<P>(program: PoolProgram<P>, swap: VectorSwap): string {
  if ('amountOut' in swap) return swap.amountOut
  const code = /"Custom":(\d+)/.exec(swap.error)?.[1]
  return program.errors.get(Number(code)) ?? `an unmapped error: ${swap.error}`
}

/** The first state of the first vector, with one account's data replaced. */
export function firstPool<P>(name: string, program: PoolProgram<P>) {
  const [entry] = vectorsOf(name)
  const [state] = entry?.[1].states ?? []
  if (entry === undefined || state === undefined) throw new Error(`no vector of ${name}`)
  const { pool: address, mintA } = entry[1]
  const accounts = accountsOf(state)
  function accountsWith(replace: string, edit: (data: Uint8Array) => Uint8Array, owner?: string) {
    const account = accounts.get(replace)
    if (account === undefined) throw new Error(`no account ${replace}`)
    return new Map(accounts).set(replace, { owner: owner ?? account.owner, data: edit(account.data) })
  }
  return {
    state,
    mintA,
    pool: poolOf(program, state, address),
    accountsWith,
    decodeWith: (...edit: Parameters<typeof accountsWith>) => program.decode(accountsWith(...edit), address),
    address,
  }
}

export function expectSwapToEqualQuote<P>(swap: SwapResult<P>, quote: SwapQuote): void {
  if (swap.kind === 'refused' || quote.kind === 'refused') {
    expect(swap).toEqual(quote)
    return
  }
  const { amountOut, fee, feeOnInput } = swap
  expect({ amountOut, fee, feeOnInput }).toEqual({
    amountOut: quote.amountOut,
    fee: quote.fee,
    feeOnInput: quote.feeOnInput,
  })
}

/** One swap of a walk: what goes in is a share of all that the pool takes, the clock moves on after it. */
export type Step = { readonly aToB: boolean; readonly permille: number; readonly seconds: number }

/**
 * Walks a pool on by swaps and asks it on the way, old states after newer ones too: each must answer as a copy that shares
 * nothing with it, for whatever a program remembers of one state and uses for another must be true of both.
 */
export function expectWalkToAnswerAsCopies<P>(
  program: PoolProgram<P>,
  start: P,
  startsAt: Omit<Direction, 'aToB'>,
  steps: readonly Step[],
): void {
  let [pool, at, before] = [start, startsAt, start]
  for (const { aToB, permille, seconds } of steps) {
    const beyond = program.quoteExactIn(pool, { aToB, amountIn: (1n << 64n) - 1n, ...at })
    const mostIn = beyond.kind === 'refused' ? (beyond.mostIn ?? 1n) : 1_000_000n
    const amountIn = (mostIn * BigInt(permille)) / 1_000n + 1n
    for (const asked of [pool, before]) {
      for (const input of [true, false].map((way) => ({ aToB: way, amountIn, ...at }))) {
        expect(program.quoteExactIn(asked, input)).toEqual(
          program.quoteExactIn(structuredClone(asked), input),
        )
        const output = { ...input, amountOut: amountIn }
        expect(program.quoteExactOut(asked, output)).toEqual(
          program.quoteExactOut(structuredClone(asked), output),
        )
      }
    }
    const input = { aToB, amountIn, ...at }
    const swap = program.swap(pool, input)
    expect(swap).toEqual(program.swap(structuredClone(pool), input))
    before = pool
    if (swap.kind === 'swapped') pool = swap.pool
    at = { slot: at.slot + 1n, unixTimestamp: at.unixTimestamp + BigInt(seconds) }
  }
}

export function changed(data: Uint8Array, offset: number, ...bytes: readonly number[]): Uint8Array {
  const copy = data.slice()
  copy.set(bytes, offset)
  return copy
}

export const NO_ACCOUNTS = {
  pool: '',
  mintA: '',
  mintB: '',
  vaultA: '',
  vaultB: '',
  tokenProgramA: '',
  tokenProgramB: '',
}

/** A pool with half its liquidity on each side of the price, over a range of `widthBps` in the root each way. */
export function concentratedPool(sqrtPrice: bigint, liquidity: bigint, widthBps: bigint): dammV2.DammV2Pool {
  const sqrtMinPrice = (sqrtPrice * (10_000n - widthBps)) / 10_000n
  const sqrtMaxPrice = (sqrtPrice * 10_000n) / (10_000n - widthBps)
  return {
    accounts: NO_ACCOUNTS,
    isEnabled: true,
    activationUnit: 'timestamp',
    activationPoint: 0n,
    collectFeeMode: 'output',
    baseFee: { kind: 'static', feeNumerator: 2_500_000n },
    dynamicFee: null,
    maxFeeNumerator: 990_000_000n,
    protocolFeePercent: 20n,
    compoundingFeeBps: 0n,
    liquidity,
    sqrtMinPrice,
    sqrtMaxPrice,
    sqrtPrice,
    reserveA: (liquidity * (sqrtMaxPrice - sqrtPrice)) / (sqrtPrice * sqrtMaxPrice) + 1n,
    reserveB: ((liquidity * (sqrtPrice - sqrtMinPrice)) >> 128n) + 1n,
    protocolFeeA: 0n,
    protocolFeeB: 0n,
  }
}
