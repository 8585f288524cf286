// Meteora DLMM (program lb_clmm): the bins of a pool, and how they are read from its bin arrays.

import { type AccountLayout, addressAt, programAccount, u64At, u128At } from '../accounts.ts'
import { type AccountMap, type Refused, refused } from '../pool.ts'
import { BINS_PER_ARRAY, binArrayAddress, DLMM_PROGRAM_ID } from './bitmap.ts'

/** One price level, B per A as Q64.64. Amounts are base units; that of a limit order is what it still sells of A or B. */
export type Bin = {
  readonly id: number
  readonly price: bigint
  readonly amountA: bigint
  readonly amountB: bigint
  readonly limitOrderA: bigint
  readonly limitOrderB: bigint
}

const BIN_ARRAY: AccountLayout = {
  name: 'DLMM bin array',
  owner: DLMM_PROGRAM_ID,
  discriminator: 0xb546_9405_dc5c_8e5cn,
  length: 10_136,
}

const NEWEST_VERSION = 2
const BIN_OFFSET = 56
const BIN_LENGTH = 144

/**
 * The fetched bin arrays of a pool, by index. Limit orders are read only `withOrders`: in pools without them the same bytes
 * have another meaning.
 */
export function readBinArrays(
  accounts: AccountMap,
  poolAddress: string,
  arraysWithLiquidity: readonly number[],
  withOrders: boolean,
): ReadonlyMap<number, readonly Bin[]> | Refused {
  const binArrays = new Map<number, readonly Bin[]>()
  for (const index of arraysWithLiquidity) {
    const address = binArrayAddress(poolAddress, index)
    if (!accounts.has(address)) continue
    const array = programAccount(accounts, address, BIN_ARRAY)
    if ('reason' in array) return array
    const malformed = (problem: string) =>
      refused('malformed_account', `DLMM bin array ${address} ${problem}`)
    if (addressAt(array, 24) !== poolAddress) return malformed('belongs to another pool')
    if (array.getBigInt64(8, true) !== BigInt(index)) return malformed('has another index')
    const version = array.getUint8(16)
    if (version > NEWEST_VERSION) return malformed(`has layout version ${version}`)
    const bins = readBins(array, index, withOrders)
    if (bins === null) return malformed('holds liquidity without a price')
    binArrays.set(index, bins)
  }
  return binArrays
}

/** The non-empty bins; null if one has no price, which the program fills in together with the array. */
function readBins(array: DataView, index: number, withOrders: boolean): readonly Bin[] | null {
  const bins: Bin[] = []
  for (let i = 0; i < BINS_PER_ARRAY; i++) {
    const at = BIN_OFFSET + i * BIN_LENGTH
    const [amountA, amountB] = [u64At(array, at), u64At(array, at + 8)]
    const orders = withOrders ? u64At(array, at + 112) + u64At(array, at + 128) : 0n
    if (amountA === 0n && amountB === 0n && orders === 0n) continue
    const id = index * BINS_PER_ARRAY + i
    const price = u128At(array, at + 16)
    if (price === 0n) return null
    const sellsA = array.getUint8(at + 140) !== 0
    bins.push({
      id,
      price,
      amountA,
      amountB,
      limitOrderA: sellsA ? orders : 0n,
      limitOrderB: sellsA ? 0n : orders,
    })
  }
  return bins
}
