// Writes decoded pools back into the bytes of their accounts, so that other decoders can read pools that were never recorded.
// Only what prices a swap is written. Offsets are those of the decoders in `src/dex/pools/`.

import { base58 } from '@scure/base'
import type { DammV2Pool } from '../src/dex/pools/meteoraDammV2/program.ts'
import { BINS_PER_ARRAY, binArrayAddress } from '../src/dex/pools/meteoraDlmm/bitmap.ts'
import { type DlmmPool, meteoraDlmm } from '../src/dex/pools/meteoraDlmm/program.ts'
import type { AccountMap } from '../src/dex/pools/pool.ts'
import type { AmmV4Pool } from '../src/dex/pools/raydiumAmmV4/program.ts'
import { type ClmmPool, raydiumClmm } from '../src/dex/pools/raydiumClmm/program.ts'
import { tickArrayAddress } from '../src/dex/pools/raydiumClmm/tickArrays.ts'
import { arrayOfTick, firstTickOf } from '../src/dex/pools/raydiumClmm/ticks.ts'
import type { CpmmPool } from '../src/dex/pools/raydiumCpmm/program.ts'

/** The accounts of one pool while they are written to; those they were copied from stay as they are. */
class Accounts {
  readonly written: Map<string, { readonly owner: string; readonly data: Uint8Array }>

  constructor(accounts: AccountMap) {
    this.written = new Map(
      [...accounts].map(([address, { owner, data }]) => [address, { owner, data: data.slice() }]),
    )
  }

  /** The bytes at an address. Throws where there is no account. */
  view(address: string): DataView {
    const account = this.written.get(address)
    if (account === undefined) throw new Error(`no account ${address}`)
    return new DataView(account.data.buffer)
  }

  /** The bytes of a new account, all zeros. */
  add(address: string, owner: string, length: number): DataView {
    this.written.set(address, { owner, data: new Uint8Array(length) })
    return this.view(address)
  }

  /** Removes all accounts that begin with this discriminator. */
  removeLike(discriminator: bigint): void {
    for (const [address, { data }] of this.written) {
      const view = new DataView(data.buffer)
      if (view.byteLength >= 8 && view.getBigUint64(0, true) === discriminator) this.written.delete(address)
    }
  }

  setBalance(vault: string, amount: bigint): void {
    this.view(vault).setBigUint64(64, amount, true)
  }
}

function setU128(view: DataView, offset: number, value: bigint): void {
  view.setBigUint64(offset, value & ((1n << 64n) - 1n), true)
  view.setBigUint64(offset + 8, BigInt.asUintN(64, value >> 64n), true)
}

function setU64s(view: DataView, values: Readonly<Record<number, bigint>>): void {
  for (const [offset, value] of Object.entries(values)) view.setBigUint64(Number(offset), value, true)
}

function setAddress(view: DataView, offset: number, address: string): void {
  new Uint8Array(view.buffer).set(base58.decode(address), offset)
}

export function writeCpmm(accounts: AccountMap, pool: CpmmPool): AccountMap {
  const target = new Accounts(accounts)
  const { accounts: names, protocolFeesA, protocolFeesB, fundFeesA, fundFeesB } = pool
  setU64s(target.view(names.pool), {
    341: protocolFeesA,
    349: protocolFeesB,
    357: fundFeesA,
    365: fundFeesB,
  })
  setU64s(target.view(names.ammConfig), {
    12: pool.tradeFeePpm,
    20: pool.protocolFeePpm,
    28: pool.fundFeePpm,
  })
  target.setBalance(names.vaultA, pool.reserveA + protocolFeesA + fundFeesA)
  target.setBalance(names.vaultB, pool.reserveB + protocolFeesB + fundFeesB)
  return target.written
}

export function writeAmmV4(accounts: AccountMap, pool: AmmV4Pool): AccountMap {
  const target = new Accounts(accounts)
  const { accounts: names, owedA, owedB } = pool
  setU64s(target.view(names.pool), {
    176: pool.feeNumerator,
    184: pool.feeDenominator,
    192: owedA,
    200: owedB,
  })
  target.setBalance(names.vaultA, pool.reserveA + owedA)
  target.setBalance(names.vaultB, pool.reserveB + owedB)
  return target.written
}

const TICKS = { discriminator: 0x2a81_f931_cd55_9bc0n, length: 10_240, first: 44, each: 168, count: 60 }
const CLMM_BITMAP = 904
const DLMM_BITMAP = 584
const BITMAP_LENGTH = 128
const ARRAYS_BELOW_ZERO = 512

/** Only the ticks that the pool lists are left. Their arrays must lie within the pool account's own bitmap. */
export function writeClmm(accounts: AccountMap, pool: ClmmPool): AccountMap {
  const target = new Accounts(accounts)
  const { accounts: names, tickSpacing, tickLine } = pool
  const state = target.view(names.pool)
  setU128(state, 237, pool.liquidity)
  setU128(state, 253, pool.sqrtPrice)
  state.setInt32(269, pool.tick, true)
  setU64s(state, {
    309: pool.protocolFeesA,
    317: pool.protocolFeesB,
    1064: pool.fundFeesA,
    1072: pool.fundFeesB,
  })
  const config = target.view(names.ammConfig)
  config.setUint32(43, Number(pool.protocolFeePpm), true)
  config.setUint32(47, Number(pool.tradeFeePpm), true)
  config.setUint32(53, Number(pool.fundFeePpm), true)
  target.setBalance(names.vaultA, pool.vaultAmountA)
  target.setBalance(names.vaultB, pool.vaultAmountB)

  clearBitmap(state, CLMM_BITMAP)
  target.removeLike(TICKS.discriminator)
  for (const number of tickLine.arrays) {
    const address = tickArrayAddress(names.pool, tickSpacing, number)
    const array = target.add(address, raydiumClmm.programId, TICKS.length)
    const firstTick = firstTickOf(number, tickSpacing)
    array.setBigUint64(0, TICKS.discriminator, true)
    setAddress(array, 8, names.pool)
    array.setInt32(40, firstTick, true)
    const ticks = tickLine.ticks.filter(({ index }) => arrayOfTick(index, tickSpacing) === number)
    for (const { index, liquidityNet } of ticks) {
      const at = TICKS.first + ((index - firstTick) / tickSpacing) * TICKS.each
      array.setInt32(at, index, true)
      setU128(array, at + 4, liquidityNet)
      // All liquidity that begins or ends here; one of zero would mean that the tick is not there.
      setU128(array, at + 20, liquidityNet > 0n ? liquidityNet : 1n - liquidityNet)
    }
    array.setUint8(TICKS.first + TICKS.count * TICKS.each, ticks.length)
    setBit(state, CLMM_BITMAP, number + ARRAYS_BELOW_ZERO)
  }
  return target.written
}

const BINS = { discriminator: 0xb546_9405_dc5c_8e5cn, length: 10_136, first: 56, each: 144 }
/** Only the bins that the pool lists are left. Their arrays must lie within the pool account's own bitmap. */
export function writeDlmm(accounts: AccountMap, pool: DlmmPool): AccountMap {
  const target = new Accounts(accounts)
  const { accounts: names, fees, volatility } = pool
  const state = target.view(names.pool)
  const feeUnit = BigInt(pool.binStep) * 10n ** BigInt(1 + state.getUint8(34))
  state.setUint16(8, Number(fees.baseFeeRate / feeUnit), true)
  state.setUint16(10, Number(fees.filterPeriodSeconds), true)
  state.setUint16(12, Number(fees.decayPeriodSeconds), true)
  state.setUint16(14, fees.reductionFactorBps, true)
  state.setUint32(16, Number(fees.variableFeeControl), true)
  state.setUint32(20, fees.maxVolatilityAccumulator, true)
  state.setUint8(36, pool.collectFeeMode === 'input' ? 0 : 1)
  state.setUint32(40, volatility.accumulator, true)
  state.setUint32(44, volatility.reference, true)
  state.setInt32(48, volatility.indexReference, true)
  state.setBigInt64(56, volatility.lastUpdateTimestamp, true)
  state.setInt32(76, pool.activeId, true)
  setU64s(state, { 216: pool.protocolFeeA, 224: pool.protocolFeeB })

  clearBitmap(state, DLMM_BITMAP)
  target.removeLike(BINS.discriminator)
  for (const [index, bins] of pool.binArrays) {
    const address = binArrayAddress(names.pool, index)
    const array = target.add(address, meteoraDlmm.programId, BINS.length)
    array.setBigUint64(0, BINS.discriminator, true)
    array.setBigInt64(8, BigInt(index), true)
    setAddress(array, 24, names.pool)
    for (const bin of bins) {
      const at = BINS.first + (bin.id - index * BINS_PER_ARRAY) * BINS.each
      setU64s(array, { [at]: bin.amountA, [at + 8]: bin.amountB })
      setU128(array, at + 16, bin.price)
    }
    setBit(state, DLMM_BITMAP, index + ARRAYS_BELOW_ZERO)
  }
  return target.written
}

const FEE_MODES = ['output', 'onlyB', 'compounding'] as const

export function writeDammV2(accounts: AccountMap, pool: DammV2Pool): AccountMap {
  const target = new Accounts(accounts)
  const state = target.view(pool.accounts.pool)
  writeBaseFee(state, pool.baseFee)
  state.setUint16(54, Number(pool.compoundingFeeBps), true)
  const { dynamicFee } = pool
  if (dynamicFee !== null) {
    state.setUint32(64, Number(dynamicFee.maxVolatilityAccumulator), true)
    state.setUint32(68, Number(dynamicFee.variableFeeControl), true)
    state.setBigUint64(80, dynamicFee.lastUpdateTimestamp, true)
    setU128(state, 104, dynamicFee.sqrtPriceReference)
    setU128(state, 120, dynamicFee.volatilityAccumulator)
    setU128(state, 136, dynamicFee.volatilityReference)
  }
  setU128(state, 360, pool.liquidity)
  setU64s(state, { 392: pool.protocolFeeA, 400: pool.protocolFeeB })
  setU128(state, 424, pool.sqrtMinPrice)
  setU128(state, 440, pool.sqrtMaxPrice)
  setU128(state, 456, pool.sqrtPrice)
  setU64s(state, { 472: pool.activationPoint, 680: pool.reserveA, 688: pool.reserveB })
  state.setUint8(484, FEE_MODES.indexOf(pool.collectFeeMode))
  // Version 1 keeps track of its reserves.
  state.setUint8(696, 1)
  return target.written
}

/** A fixed fee, or one that falls with time: the kinds that the recorded programs are asked for. */
function writeBaseFee(state: DataView, baseFee: DammV2Pool['baseFee']): void {
  new Uint8Array(state.buffer).fill(0, 8, 40)
  switch (baseFee.kind) {
    case 'static':
      state.setBigUint64(8, baseFee.feeNumerator, true)
      return
    case 'timeSchedule':
      setU64s(state, {
        8: baseFee.cliffFeeNumerator,
        24: baseFee.pointsPerPeriod,
        32: baseFee.reductionFactor,
      })
      state.setUint8(16, baseFee.decay === 'linear' ? 0 : 1)
      state.setUint16(22, Number(baseFee.periods), true)
      return
    case 'marketCapSchedule':
    case 'rateLimiter':
      throw new Error(`a ${baseFee.kind} is not written`)
  }
}

function clearBitmap(view: DataView, offset: number): void {
  new Uint8Array(view.buffer).fill(0, offset, offset + BITMAP_LENGTH)
}

function setBit(view: DataView, offset: number, bit: number): void {
  const byte = offset + (bit >> 3)
  view.setUint8(byte, view.getUint8(byte) | (1 << (bit & 7)))
}
