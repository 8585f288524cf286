// Owns simulated transactions: what they hold and how they are signed.

import { hash } from 'node:crypto'
import { base58 } from '@scure/base'
import type { SwapPlan } from '../../domain/ports/chain.ts'
import { WRAPPED_SOL } from '../../domain/token.ts'
import { poolPrograms } from '../pools/programs.ts'

const SIGNATURE_BYTES = 64

/** The signed message, as JSON: amounts are decimal text. */
export type SimulatedTransaction = {
  /** The order id: keeps equal orders apart, and names the order in the ledger. */
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

/** Signs a plan, deterministically: the same plan under the same blockhash has the same signature. */
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

/** Stands in for Ed25519 at a fraction of its cost: 64 bytes that need the key. */
const sign = (message: string, key: string): Buffer => hash('sha512', key + message, 'buffer')

const programNames = new Map(poolPrograms.map(({ programId, name }) => [programId, name]))

/** The transaction's steps by name. SOL trades wrapped: it is wrapped and unwrapped in the same transaction. */
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
