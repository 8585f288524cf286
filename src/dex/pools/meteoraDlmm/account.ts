// Meteora DLMM (program lb_clmm): the pool, and how it is read from its accounts.

import { type AccountLayout, addressAt, isAddress, programAccount, readPoolSide, u64At } from '../accounts.ts'
import { type AccountMap, type DecodedPool, type Refused, refused } from '../pool.ts'
import { type Bin, readBinArrays } from './bins.ts'
import {
  arraysAhead,
  binArrayAddress,
  binArrayIndexOf,
  bitmapExtensionAddress,
  DLMM_PROGRAM_ID,
  extensionArrays,
  INTERNAL_ARRAYS,
  internalArrays,
} from './bitmap.ts'
import { binPrice, type DlmmFeeParameters, type Volatility } from './fees.ts'

/** The addresses in a swap instruction, without the program's constants, the bin arrays and the user's accounts. */
export type DlmmAccounts = {
  readonly pool: string
  readonly mintA: string
  readonly mintB: string
  readonly vaultA: string
  readonly vaultB: string
  readonly tokenProgramA: string
  readonly tokenProgramB: string
  readonly oracle: string
  /** Only where the pool has one. */
  readonly bitmapExtension: string | null
}

/** All state that prices a swap, or that a swap changes; A is the program's token X. */
export type DlmmPool = {
  readonly accounts: DlmmAccounts
  readonly isEnabled: boolean
  readonly activationUnit: 'slot' | 'timestamp'
  readonly activationPoint: bigint
  /** Fees come from the input, or always from token B. */
  readonly collectFeeMode: 'input' | 'onlyB'
  readonly binStep: number
  readonly activeId: number
  readonly fees: DlmmFeeParameters
  readonly volatility: Volatility
  readonly protocolFeeA: bigint
  readonly protocolFeeB: bigint
  /** The indexes set in the bitmap, ascending. Not all of them need to be in `binArrays`. */
  readonly arraysWithLiquidity: readonly number[]
  /** By index: the non-empty bins, ascending. */
  readonly binArrays: ReadonlyMap<number, readonly Bin[]>
}

const LB_PAIR: AccountLayout = {
  name: 'DLMM pool',
  owner: DLMM_PROGRAM_ID,
  discriminator: 0x0db1_65b5_6231_0b21n,
  length: 904,
}
const BITMAP_EXTENSION: AccountLayout = {
  name: 'DLMM bitmap extension',
  owner: DLMM_PROGRAM_ID,
  discriminator: 0x0512_ed37_717c_6f50n,
  length: 1_576,
}

const BITMAP_OFFSET = 584
const FIRST_REWARD_OFFSET = 264
const SECOND_REWARD_OFFSET = 408
const NO_ADDRESS = '11111111111111111111111111111111'

const NEWEST_VERSION = 1
const MAX_BIN_ID = 443_636
const MAX_BIN_STEP = 400
/** The program's own pools stay far below: 10^9 alone would make the smallest base fee a hundred percent. */
const MAX_BASE_FEE_POWER = 9

/** How many bin arrays each way are worth fetching: the venue's SDK takes as many (`getBinArrayForSwap`). */
export const ARRAYS_EACH_WAY = 4

/**
 * What `decodeDlmmPool` still needs: the pool, its mints and vaults, then the bin arrays next to the price. The bitmap
 * extension is needed only where the price itself lies beyond the pool's own bitmap: elsewhere it may not exist.
 */
export function missingDlmmAccounts(accounts: AccountMap, poolAddress: string): readonly string[] {
  if (!accounts.has(poolAddress)) return [poolAddress]
  const state = programAccount(accounts, poolAddress, LB_PAIR)
  if ('reason' in state || !isAddress(poolAddress)) return []
  const wanted = [88, 120, 152, 184].map((offset) => addressAt(state, offset))
  const activeId = state.getInt32(76, true)
  if (needsExtension(activeId)) wanted.push(bitmapExtensionAddress(poolAddress))

  const bitmaps = readBitmaps(accounts, poolAddress, state)
  if (!('reason' in bitmaps)) {
    for (const aToB of [true, false]) {
      let room = ARRAYS_EACH_WAY
      for (const index of arraysAhead(bitmaps.arraysWithLiquidity, activeId, aToB)) {
        if (room-- === 0) break
        wanted.push(binArrayAddress(poolAddress, index))
      }
    }
  }
  return [...new Set(wanted)].filter((address) => !accounts.has(address))
}

/**
 * Reads a pool from its own account, its vaults and mints, and the bin arrays that were fetched. Layouts: lb_clmm's
 * public IDL (`LbPair`, `StaticParameters`, `VariableParameters`), the meaning of fields: dlmm-sdk `commons`.
 */
export function decodeDlmmPool(accounts: AccountMap, poolAddress: string): DecodedPool<DlmmPool> {
  const state = programAccount(accounts, poolAddress, LB_PAIR)
  if ('reason' in state) return state
  if (!isAddress(poolAddress)) return refused('malformed_account', `${poolAddress} is no address`)
  const problem = problemOf(state)
  if (problem !== undefined) return refused(problem.reason, `DLMM pool ${poolAddress} ${problem.detail}`)

  const [mintA, mintB] = [addressAt(state, 88), addressAt(state, 120)]
  const [vaultA, vaultB] = [addressAt(state, 152), addressAt(state, 184)]
  const sideA = readPoolSide(accounts, mintA, vaultA)
  if ('reason' in sideA) return sideA
  const sideB = readPoolSide(accounts, mintB, vaultB)
  if ('reason' in sideB) return sideB

  const bitmaps = readBitmaps(accounts, poolAddress, state)
  if ('reason' in bitmaps) return bitmaps
  const binArrays = readBinArrays(accounts, poolAddress, bitmaps.arraysWithLiquidity, takesLimitOrders(state))
  if ('reason' in binArrays) return binArrays

  const pairType = state.getUint8(75)
  const pool: DlmmPool = {
    accounts: {
      pool: poolAddress,
      mintA,
      mintB,
      vaultA,
      vaultB,
      tokenProgramA: sideA.tokenProgram,
      tokenProgramB: sideB.tokenProgram,
      oracle: addressAt(state, 552),
      bitmapExtension: bitmaps.bitmapExtension,
    },
    isEnabled: state.getUint8(82) === 0,
    activationUnit: state.getUint8(86) === 0 ? 'slot' : 'timestamp',
    // Only permissioned (1) and customizable (2) pairs wait for their activation.
    activationPoint: pairType === 1 || pairType === 2 ? u64At(state, 816) : 0n,
    collectFeeMode: state.getUint8(36) === 0 ? 'input' : 'onlyB',
    binStep: state.getUint16(80, true),
    activeId: state.getInt32(76, true),
    fees: readFees(state),
    volatility: {
      accumulator: state.getUint32(40, true),
      reference: state.getUint32(44, true),
      indexReference: state.getInt32(48, true),
      lastUpdateTimestamp: state.getBigInt64(56, true),
    },
    protocolFeeA: u64At(state, 216),
    protocolFeeB: u64At(state, 224),
    arraysWithLiquidity: bitmaps.arraysWithLiquidity,
    binArrays,
  }
  return { kind: 'decoded', pool }
}

/** Why the rules of a pool account are not known here; null when they are. */
function problemOf(state: DataView): Pick<Refused, 'reason' | 'detail'> | undefined {
  const unsupported = (detail: string) => ({ reason: 'unsupported_pool', detail }) as const
  const malformed = (detail: string) => ({ reason: 'malformed_account', detail }) as const
  const [pairType, status] = [state.getUint8(75), state.getUint8(82)]
  const activeId = state.getInt32(76, true)
  const binStep = state.getUint16(80, true)
  if (state.getUint8(882) > NEWEST_VERSION) return malformed(`has layout version ${state.getUint8(882)}`)
  if (pairType > 3) return unsupported(`is of the unknown pair type ${pairType}`)
  if (status > 1) return unsupported(`has the unknown status ${status}`)
  if (state.getUint8(86) > 1) return unsupported('counts an unknown activation unit')
  if (state.getUint8(36) > 1) return unsupported('collects fees in an unknown way')
  if (state.getUint8(35) > 2) return unsupported(`has the unknown function type ${state.getUint8(35)}`)
  if (state.getUint8(34) > MAX_BASE_FEE_POWER)
    return unsupported('has a base fee beyond the program’s own limit')
  if (state.getUint16(32, true) > 10_000) return malformed('gives the protocol more than every fee')
  if (binStep === 0 || binStep > MAX_BIN_STEP) return malformed(`has the bin step ${binStep}`)
  const hasPrice = Math.abs(activeId) <= MAX_BIN_ID && binPrice(activeId, binStep) !== null
  if (!hasPrice) return malformed(`is priced in bin ${activeId}, beyond the program’s prices`)
  return undefined
}

function readFees(state: DataView): DlmmFeeParameters {
  const baseFactor = BigInt(state.getUint16(8, true) * state.getUint16(80, true))
  return {
    baseFeeRate: baseFactor * 10n * 10n ** BigInt(state.getUint8(34)),
    variableFeeControl: BigInt(state.getUint32(16, true)),
    maxVolatilityAccumulator: state.getUint32(20, true),
    filterPeriodSeconds: BigInt(state.getUint16(10, true)),
    decayPeriodSeconds: BigInt(state.getUint16(12, true)),
    reductionFactorBps: state.getUint16(14, true),
    protocolShareBps: BigInt(state.getUint16(32, true)),
  }
}

/** Limit orders exist in pools made for them, and in pools without a declared purpose (`is_support_limit_order`). */
function takesLimitOrders(state: DataView): boolean {
  const functionType = state.getUint8(35)
  if (functionType !== 0) return functionType === 2
  return [FIRST_REWARD_OFFSET, SECOND_REWARD_OFFSET].every(
    (offset) => addressAt(state, offset) === NO_ADDRESS,
  )
}

type Bitmaps = Pick<DlmmPool, 'arraysWithLiquidity'> & Pick<DlmmAccounts, 'bitmapExtension'>

function needsExtension(activeId: number): boolean {
  const index = binArrayIndexOf(activeId)
  return index < -INTERNAL_ARRAYS || index >= INTERNAL_ARRAYS
}

function readBitmaps(accounts: AccountMap, poolAddress: string, state: DataView): Bitmaps | Refused {
  const internal = internalArrays(state, BITMAP_OFFSET)
  const address = bitmapExtensionAddress(poolAddress)
  if (!accounts.has(address) && !needsExtension(state.getInt32(76, true))) {
    return { arraysWithLiquidity: internal, bitmapExtension: null }
  }
  const extension = programAccount(accounts, address, BITMAP_EXTENSION)
  if ('reason' in extension) return extension
  if (addressAt(extension, 8) !== poolAddress) {
    return refused('malformed_account', `DLMM bitmap extension ${address} belongs to another pool`)
  }
  const { negative, positive } = extensionArrays(extension, 40)
  return {
    arraysWithLiquidity: [...negative.reverse(), ...internal, ...positive],
    bitmapExtension: address,
  }
}
