// Raydium CLMM: the tick arrays of a pool, by its two bitmaps, and the initialized ticks in the fetched ones.

import { base58 } from '@scure/base'
import {
  type AccountLayout,
  addressAt,
  i128At,
  isZeroed,
  malformed,
  programAccount,
  u64At,
} from '../accounts.ts'
import { derivedAddress } from '../derivedAddress.ts'
import { type AccountMap, type Refused, refused } from '../pool.ts'
import { arrayOfTick, firstTickOf, MAX_TICK, MIN_TICK, sqrtPriceAtTick, TICKS_PER_ARRAY } from './ticks.ts'

export const CLMM_PROGRAM_ID = 'CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK'

/** A tick where liquidity changes: by `liquidityNet` when the price rises across it. `sqrtPrice` is in Q64.64. */
export type ClmmTick = { readonly index: number; readonly sqrtPrice: bigint; readonly liquidityNet: bigint }

/** The known ticks of a pool around its price. */
export type ClmmTickLine = {
  /** The initialized ticks of the fetched arrays, ascending and without a gap. */
  readonly ticks: readonly ClmmTick[]
  /** The numbers of all arrays that the bitmaps mark, ascending. */
  readonly arrays: readonly number[]
  /** Why `ticks` ends where it does; null where no further tick exists. */
  readonly unknownBelow: string | null
  readonly unknownAbove: string | null
}

/** Where a pool stands among its tick arrays. `bitmap` is the pool account's own, of arrays -512 to 511. */
export type TickPosition = {
  readonly pool: string
  readonly tickSpacing: number
  readonly tick: number
  readonly bitmap: DataView
}

const TICK_ARRAY: AccountLayout = {
  name: 'CLMM tick array',
  owner: CLMM_PROGRAM_ID,
  discriminator: 0x2a81_f931_cd55_9bc0n,
  length: 10_240,
}
const BITMAP_EXTENSION: AccountLayout = {
  name: 'CLMM bitmap extension',
  owner: CLMM_PROGRAM_ID,
  discriminator: 0x998b_8061_db24_963cn,
  length: 1_832,
}

const TICKS_OFFSET = 44
const TICK_LENGTH = 168

/** Arrays in the pool's own bitmap, half of them below tick 0. */
const ARRAYS_IN_POOL = 1_024
/** The extension's rows of 512 arrays: 14 above the pool's bitmap, and 14 below it, nearest first. */
const ROW_ARRAYS = 512
const ROW_BYTES = ROW_ARRAYS / 8
const POSITIVE_ROWS_OFFSET = 40
const NEGATIVE_ROWS_OFFSET = 936
const ROWS = 14

/** Tick arrays fetched on each side of the price: a transaction has no room to name more. */
const FETCHED_EACH_WAY = 10

const ADDRESSES_REMEMBERED = 10_000
const rememberedAddresses = new Map<string, string>()

const utf8 = new TextEncoder()

/** The address of a pool's tick array. Memoized: deriving one takes longer than decoding a pool. */
export function tickArrayAddress(pool: string, tickSpacing: number, arrayNumber: number): string {
  const firstTick = firstTickOf(arrayNumber, tickSpacing)
  const key = `${pool} ${firstTick}`
  const known = rememberedAddresses.get(key)
  if (known !== undefined) return known
  const seed = new Uint8Array(4)
  new DataView(seed.buffer).setInt32(0, firstTick)
  const seeds = [utf8.encode('tick_array'), base58.decode(pool), seed]
  return remember(key, derivedAddress(seeds, CLMM_PROGRAM_ID))
}

/** The address of the account that marks the arrays beyond the pool's own bitmap. */
export function bitmapExtensionAddress(pool: string): string {
  const known = rememberedAddresses.get(pool)
  if (known !== undefined) return known
  const seeds = [utf8.encode('pool_tick_array_bitmap_extension'), base58.decode(pool)]
  return remember(pool, derivedAddress(seeds, CLMM_PROGRAM_ID))
}

/** What `readTickLine` still needs: first the bitmap extension, then the nearest arrays on both sides. */
export function missingTickAccounts(accounts: AccountMap, position: TickPosition): readonly string[] {
  const { pool, tickSpacing } = position
  const extension = bitmapExtensionAddress(pool)
  const missing = needsExtension(tickSpacing) && !accounts.has(extension) ? [extension] : []
  const arrays = markedArrays(accounts, position)
  if ('reason' in arrays) return missing
  const { atOrBelow, above } = around(arrays, position)
  return [...atOrBelow.slice(0, FETCHED_EACH_WAY + 1), ...above.slice(0, FETCHED_EACH_WAY)]
    .map((arrayNumber) => tickArrayAddress(pool, tickSpacing, arrayNumber))
    .filter((address) => !accounts.has(address))
    .concat(missing)
}

/** Reads outwards from the price as far as arrays were fetched. Only malformed accounts are refused here. */
export function readTickLine(accounts: AccountMap, position: TickPosition): ClmmTickLine | Refused {
  const arrays = markedArrays(accounts, position)
  if ('reason' in arrays) return arrays
  const { pool, tickSpacing, tick } = position
  const extension = bitmapExtensionAddress(pool)
  const end =
    needsExtension(tickSpacing) && !accounts.has(extension)
      ? `${BITMAP_EXTENSION.name} ${extension} is missing`
      : null
  const current = arrayOfTick(tick, tickSpacing)
  if (end !== null && (current < -ARRAYS_IN_POOL / 2 || current >= ARRAYS_IN_POOL / 2)) {
    return { ticks: [], arrays, unknownBelow: end, unknownAbove: end }
  }

  const { atOrBelow, above } = around(arrays, position)
  const down = readOutwards(accounts, position, atOrBelow, end)
  if ('reason' in down) return down
  // Without the array of the price itself, its ticks above the price are unknown too.
  const isCurrentMissing = atOrBelow[0] === current && down.read.length === 0
  const up = isCurrentMissing ? down : readOutwards(accounts, position, above, end)
  if ('reason' in up) return up
  const ticks = [...down.read.reverse(), ...up.read].flat()
  return { ticks, arrays, unknownBelow: down.unknown, unknownAbove: up.unknown }
}

/** The initialized ticks of `arrays`, one list for each, up to the first array that was not fetched. */
function readOutwards(
  accounts: AccountMap,
  position: TickPosition,
  arrays: readonly number[],
  end: string | null,
): { readonly read: ClmmTick[][]; readonly unknown: string | null } | Refused {
  const read: ClmmTick[][] = []
  const current = arrayOfTick(position.tick, position.tickSpacing)
  for (const arrayNumber of arrays) {
    const address = tickArrayAddress(position.pool, position.tickSpacing, arrayNumber)
    if (!accounts.has(address)) return { read, unknown: `${TICK_ARRAY.name} ${address} is missing` }
    const ticks = readTickArray(accounts, address, position, arrayNumber)
    if ('reason' in ticks) return ticks
    // The program fails on such an array, unless it is the one it starts from.
    if (ticks.length === 0 && arrayNumber !== current) {
      return { read, unknown: `${TICK_ARRAY.name} ${address} is marked but has no initialized tick` }
    }
    read.push(ticks)
  }
  return { read, unknown: end }
}

/** Layout: raydium-clmm `states/tick_array.rs` (`TickArrayState`, `TickState`). Limit orders are refused. */
function readTickArray(
  accounts: AccountMap,
  address: string,
  { pool, tickSpacing }: TickPosition,
  arrayNumber: number,
): ClmmTick[] | Refused {
  const view = programAccount(accounts, address, TICK_ARRAY)
  if ('reason' in view) return view
  const firstTick = firstTickOf(arrayNumber, tickSpacing)
  if (addressAt(view, 8) !== pool) return malformed(TICK_ARRAY.name, address, 'belongs to another pool')
  if (view.getInt32(40, true) !== firstTick) {
    return malformed(TICK_ARRAY.name, address, `does not start at tick ${firstTick}`)
  }
  const ticks: ClmmTick[] = []
  for (let i = 0; i < TICKS_PER_ARRAY; i++) {
    const at = TICKS_OFFSET + i * TICK_LENGTH
    if (!isZeroed(view, at + 116, at + TICK_LENGTH)) {
      return refused('unsupported_pool', `CLMM pool ${pool} has limit orders (${TICK_ARRAY.name} ${address})`)
    }
    const isInitialized = u64At(view, at + 20) !== 0n || u64At(view, at + 28) !== 0n
    if (!isInitialized) continue
    const index = view.getInt32(at, true)
    if (index !== firstTick + i * tickSpacing || index < MIN_TICK || index > MAX_TICK) {
      return malformed(TICK_ARRAY.name, address, `holds tick ${index} at place ${i}`)
    }
    ticks.push({ index, sqrtPrice: sqrtPriceAtTick(index), liquidityNet: i128At(view, at + 4) })
  }
  return ticks
}

/** Whether some tick lies beyond the pool's own bitmap. */
function needsExtension(tickSpacing: number): boolean {
  return firstTickOf(ARRAYS_IN_POOL / 2, tickSpacing) < MAX_TICK
}

/** Marked arrays from the price outwards: the one that holds the price, if marked, is the first at or below it. */
export function around(
  arrays: readonly number[],
  { tick, tickSpacing }: { readonly tick: number; readonly tickSpacing: number },
): { readonly atOrBelow: readonly number[]; readonly above: readonly number[] } {
  const current = arrayOfTick(tick, tickSpacing)
  return {
    atOrBelow: arrays.filter((arrayNumber) => arrayNumber <= current).reverse(),
    above: arrays.filter((arrayNumber) => arrayNumber > current),
  }
}

/**
 * The numbers of all marked arrays, ascending. Layout: raydium-clmm `states/pool.rs` (`tick_array_bitmap`) and
 * `states/tickarray_bitmap_extension.rs`. A missing extension marks nothing; `readTickLine` minds that.
 */
function markedArrays(accounts: AccountMap, position: TickPosition): readonly number[] | Refused {
  const { pool, tickSpacing, bitmap } = position
  const inPool = markedBits(bitmap, 0, ARRAYS_IN_POOL, -ARRAYS_IN_POOL / 2)
  const address = bitmapExtensionAddress(pool)
  const marked = [inPool]
  if (accounts.has(address)) {
    const view = programAccount(accounts, address, BITMAP_EXTENSION)
    if ('reason' in view) return view
    if (addressAt(view, 8) !== pool)
      return malformed(BITMAP_EXTENSION.name, address, 'belongs to another pool')
    for (let row = 0; row < ROWS; row++) {
      const first = ARRAYS_IN_POOL / 2 + row * ROW_ARRAYS
      marked.push(markedBits(view, POSITIVE_ROWS_OFFSET + row * ROW_BYTES, ROW_ARRAYS, first))
      marked.unshift(
        markedBits(view, NEGATIVE_ROWS_OFFSET + row * ROW_BYTES, ROW_ARRAYS, -first - ROW_ARRAYS),
      )
    }
  }
  const [lowest, highest] = [arrayOfTick(MIN_TICK, tickSpacing), arrayOfTick(MAX_TICK, tickSpacing)]
  return marked.flat().filter((arrayNumber) => arrayNumber >= lowest && arrayNumber <= highest)
}

function markedBits(view: DataView, offset: number, bits: number, firstNumber: number): number[] {
  const marked: number[] = []
  for (let byte = 0; byte < bits / 8; byte++) {
    const eight = view.getUint8(offset + byte)
    if (eight === 0) continue
    for (let bit = 0; bit < 8; bit++) {
      if ((eight >> bit) & 1) marked.push(firstNumber + byte * 8 + bit)
    }
  }
  return marked
}

function remember(key: string, address: string): string {
  if (rememberedAddresses.size >= ADDRESSES_REMEMBERED) rememberedAddresses.clear()
  rememberedAddresses.set(key, address)
  return address
}
