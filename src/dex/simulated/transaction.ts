// Owns simulated transactions: what they say, how they are signed, and what the chain makes of them.

import { hash } from 'node:crypto'
import { base58 } from '@scure/base'
import type { Instruction } from '../../domain/pool.ts'
import type { SwapPlan } from '../../domain/ports/chain.ts'
import { WRAPPED_SOL } from '../../domain/token.ts'
import { type ExecutedSwap, executeSwap, type SwapError } from '../mockDexRouter.ts'
import { poolPrograms } from '../pools/programs.ts'
import type { SimulatedPool } from './market.ts'

/** Lamports per transaction: the signature's base fee (5,000) and a priority fee. Paid for reverted ones too. */
export const NETWORK_FEE_LAMPORTS = 15_000n

const SIGNATURE_BYTES = 64

/** The signed message. Amounts are decimal text, so that the bytes are plain JSON. */
export type SimulatedTransaction = {
  /** The memo: makes equal orders different transactions, and tells the ledger whose swap it was. */
  readonly memo: string
  readonly blockhash: string
  readonly lastValidBlockHeight: number
  readonly mintIn: string
  readonly mintOut: string
  readonly amountIn: string
  readonly minAmountOut: string
  readonly swaps: readonly {
    readonly programId: string
    readonly accounts: readonly string[]
    readonly data: string
  }[]
}

export type SignedTransaction = { readonly signature: string; readonly wire: Uint8Array }

/** Signs a plan: the same plan under the same blockhash is the same transaction with the same signature. */
export function signPlan(
  plan: SwapPlan,
  blockhash: string,
  lastValidBlockHeight: number,
  key: string,
): SignedTransaction {
  const transaction: SimulatedTransaction = {
    memo: plan.orderId,
    blockhash,
    lastValidBlockHeight,
    mintIn: plan.tokenIn.mint,
    mintOut: plan.tokenOut.mint,
    amountIn: plan.amountIn.toString(),
    minAmountOut: plan.minAmountOut.toString(),
    swaps: plan.swaps.map((swap) => ({ ...swap, data: Buffer.from(swap.data).toString('base64') })),
  }
  const message = JSON.stringify(transaction)
  const signature = sign(message, key)
  return { signature: base58.encode(signature), wire: Buffer.concat([signature, Buffer.from(message)]) }
}

/** The transaction that the bytes carry, or null when the signature is not its own. */
export function readTransaction(wire: Uint8Array, key: string): SimulatedTransaction | null {
  const bytes = Buffer.from(wire)
  const message = bytes.toString('utf8', SIGNATURE_BYTES)
  if (!sign(message, key).equals(bytes.subarray(0, SIGNATURE_BYTES))) return null
  return JSON.parse(message) as SimulatedTransaction
}

/** A stand-in for Ed25519: 64 bytes that only the holder of the key can make, at a fraction of the time. */
const sign = (message: string, key: string): Buffer => hash('sha512', key + message, 'buffer')

const programNames = new Map(poolPrograms.map(({ programId, name }) => [programId, name]))

/** What the transaction does, step by step. SOL trades wrapped: it goes in and comes out in the same transaction. */
export function stepsOf({ tokenIn, tokenOut, swaps }: SwapPlan): string[] {
  const sellsSol = tokenIn.mint === WRAPPED_SOL
  return [
    'compute-budget',
    'memo',
    `create-account ${tokenOut.symbol}`,
    ...(sellsSol ? ['wrap SOL'] : []),
    ...swaps.map(({ programId }) => `swap ${programNames.get(programId) ?? programId}`),
    ...(sellsSol || tokenOut.mint === WRAPPED_SOL ? ['unwrap SOL'] : []),
  ]
}

export type Balances = ReadonlyMap<string, bigint>

export type Executed =
  | { readonly kind: 'landed'; readonly amountOut: bigint; readonly swaps: readonly ExecutedSwap[] }
  | { readonly kind: 'reverted'; readonly error: SwapError | { code: 'insufficient_funds'; detail: string } }

/**
 * Runs a transaction on pools and wallet: all of it or, for any error, nothing. A token on the way is spent from what
 * the swaps before have paid; what is left of it stays in the wallet.
 */
export function execute(
  transaction: SimulatedTransaction,
  pools: ReadonlyMap<string, SimulatedPool>,
  wallet: Balances,
  at: { readonly slot: bigint; readonly unixTimestamp: bigint },
): Executed {
  const balances = new Map<string, bigint>()
  const balanceOf = (mint: string) => balances.get(mint) ?? wallet.get(mint) ?? 0n
  const touched = new Map<string, SimulatedPool>()
  const poolAt = (address: string) => touched.get(address) ?? pools.get(address)
  const swaps: ExecutedSwap[] = []
  for (const swap of transaction.swaps) {
    const done = executeSwap(poolAt, readInstruction(swap), at)
    if ('code' in done) return { kind: 'reverted', error: done }
    const { pool, mintIn, amountIn, mintOut, amountOut } = done
    const held = balanceOf(mintIn)
    if (held < amountIn) {
      const detail = `the wallet holds ${held} of ${mintIn}, the swap takes ${amountIn}`
      return { kind: 'reverted', error: { code: 'insufficient_funds', detail } }
    }
    balances.set(mintIn, held - amountIn)
    balances.set(mintOut, balanceOf(mintOut) + amountOut)
    touched.set(pool.address, pool)
    swaps.push(done)
  }
  const amountOut = swaps
    .filter((swap) => swap.mintOut === transaction.mintOut)
    .reduce((sum, s) => sum + s.amountOut, 0n)
  if (amountOut < BigInt(transaction.minAmountOut)) {
    const detail = `the route would pay ${amountOut}, the minimum is ${transaction.minAmountOut}`
    return { kind: 'reverted', error: { code: 'slippage_exceeded', detail } }
  }
  return { kind: 'landed', amountOut, swaps }
}

const readInstruction = (swap: SimulatedTransaction['swaps'][number]): Instruction => ({
  ...swap,
  data: Buffer.from(swap.data, 'base64'),
})
