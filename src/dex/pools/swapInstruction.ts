// What the exact-input swap instructions of all programs share: the roles of their accounts, and their data, a
// discriminator, two u64 amounts and a fixed tail.

import { type PoolInstruction, type Refused, refused, type SwapAmounts, U64_MAX } from './pool.ts'

type AccountRole = PoolInstruction['accounts'][number]

export const MEMO_PROGRAM_ID = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'

export const signer = (pubkey: string): AccountRole => ({ pubkey, signer: true, writable: false })
export const writable = (pubkey: string): AccountRole => ({ pubkey, signer: false, writable: true })
export const readonly = (pubkey: string): AccountRole => ({ pubkey, signer: false, writable: false })

/** Throws a RangeError for an amount outside u64: a DataView wraps silently, and a different amount would be signed. */
export function requireU64(...amounts: readonly bigint[]): void {
  for (const amount of amounts) {
    if (amount < 0n || amount > U64_MAX) throw new RangeError(`${amount} is not a u64 amount`)
  }
}

/** Throws a RangeError for an amount outside u64. */
export function encodeSwapData(
  discriminator: bigint,
  { amountIn, minAmountOut }: SwapAmounts,
  tail: readonly number[] = [],
): Uint8Array {
  requireU64(amountIn, minAmountOut)
  const data = new Uint8Array(24 + tail.length)
  const view = new DataView(data.buffer)
  view.setBigUint64(0, discriminator, true)
  view.setBigUint64(8, amountIn, true)
  view.setBigUint64(16, minAmountOut, true)
  data.set(tail, 24)
  return data
}

/** Why no instruction can carry this minimum, or null: it has to be a u64. */
export function minimumRefusal(minAmountOut: bigint): Refused | null {
  if (minAmountOut < 0n) return refused('amount_too_small', 'the minimum out must not be negative')
  if (minAmountOut <= U64_MAX) return null
  return refused('insufficient_liquidity', 'no vault can hold the minimum out')
}

/** The amounts in such data, or `null` for the data of any other instruction. */
export function decodeSwapData(
  discriminator: bigint,
  data: Uint8Array,
  tail: readonly number[] = [],
): SwapAmounts | null {
  if (data.length !== 24 + tail.length) return null
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (view.getBigUint64(0, true) !== discriminator) return null
  if (tail.some((byte, i) => data[24 + i] !== byte)) return null
  return { amountIn: view.getBigUint64(8, true), minAmountOut: view.getBigUint64(16, true) }
}
