// Meteora DLMM (program lb_clmm): which bin arrays of a pool hold liquidity, in which order a swap meets them, and
// the addresses derived from a pool's own.

import { base58 } from '@scure/base'
import { derivedAddress } from '../derivedAddress.ts'

export const DLMM_PROGRAM_ID = 'LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo'

export const BINS_PER_ARRAY = 70

/** Arrays from -512 to 511 have their bit in the pool's account, those beyond in its bitmap extension. */
export const INTERNAL_ARRAYS = 512
const EXTENSION_ROWS = 12
/** The bits of one row, as of each half of the pool's own bitmap, in bytes. */
const ROW_BYTES = INTERNAL_ARRAYS / 8

const BIN_ARRAY_SEED = new TextEncoder().encode('bin_array')
const BITMAP_SEED = new TextEncoder().encode('bitmap')

export function binArrayIndexOf(binId: number): number {
  return Math.floor(binId / BINS_PER_ARRAY)
}

/** The indexes set in `LbPair.bin_array_bitmap`, which starts at `offset`: ascending. */
export function internalArrays(pool: DataView, offset: number): number[] {
  return setBits(pool, offset, 2 * ROW_BYTES).map((bit) => bit - INTERNAL_ARRAYS)
}

/**
 * The indexes set in a `BinArrayBitmapExtension`, whose rows start at `offset`: the negative ones descending, the
 * positive ones ascending. Source: lb_clmm `BinArrayBitmapExtension::to_bin_array_index`.
 */
export function extensionArrays(extension: DataView, offset: number) {
  const half = EXTENSION_ROWS * ROW_BYTES
  return {
    positive: setBits(extension, offset, half).map((bit) => bit + INTERNAL_ARRAYS),
    negative: setBits(extension, offset + half, half).map((bit) => -bit - INTERNAL_ARRAYS - 1),
  }
}

function setBits(view: DataView, offset: number, bytes: number): number[] {
  const bits: number[] = []
  for (let byte = 0; byte < bytes; byte++) {
    for (let rest = view.getUint8(offset + byte), bit = 0; rest > 0; rest >>= 1, bit++) {
      if ((rest & 1) === 1) bits.push(byte * 8 + bit)
    }
  }
  return bits
}

/** The arrays with liquidity (ascending) in the order in which a swap from `activeId` meets them. */
export function* arraysAhead(
  arraysWithLiquidity: readonly number[],
  activeId: number,
  aToB: boolean,
): Generator<number, void> {
  const start = binArrayIndexOf(activeId)
  const count = arraysWithLiquidity.length
  for (let i = 0; i < count; i++) {
    const index = arraysWithLiquidity[aToB ? count - 1 - i : i]
    if (index !== undefined && (aToB ? index <= start : index >= start)) yield index
  }
}

/** Memoized addresses of bin arrays, by pool: a derivation costs a curve check. */
const binArrayAddresses = new Map<string, Map<number, string>>()
const MOST_POOLS_KEPT = 10_000

/** The address of a bin array of a pool whose own address is `pool` in base58. */
export function binArrayAddress(pool: string, index: number): string {
  const known = binArrayAddresses.get(pool) ?? new Map<number, string>()
  const address = known.get(index) ?? deriveBinArrayAddress(pool, index)
  if (binArrayAddresses.size >= MOST_POOLS_KEPT) binArrayAddresses.clear()
  binArrayAddresses.set(pool, known.set(index, address))
  return address
}

function deriveBinArrayAddress(pool: string, index: number): string {
  const seed = new Uint8Array(8)
  new DataView(seed.buffer).setBigInt64(0, BigInt(index), true)
  return derivedAddress([BIN_ARRAY_SEED, base58.decode(pool), seed], DLMM_PROGRAM_ID)
}

const bitmapExtensionAddresses = new Map<string, string>()

export function bitmapExtensionAddress(pool: string): string {
  const address =
    bitmapExtensionAddresses.get(pool) ?? derivedAddress([BITMAP_SEED, base58.decode(pool)], DLMM_PROGRAM_ID)
  if (bitmapExtensionAddresses.size >= MOST_POOLS_KEPT) bitmapExtensionAddresses.clear()
  bitmapExtensionAddresses.set(pool, address)
  return address
}
