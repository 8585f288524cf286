// The official SDKs as oracles: from the bytes of a pool's accounts to the SDK's quote of a swap.

import type { AccountMap, ProgramName } from '../../src/dex/pools/pool.ts'
import { programNamed } from '../../src/dex/pools/programs.ts'
import type { Moment, PoolState } from '../recordedPools.ts'
import type { Bn, Sdks } from './sdks.ts'

/**
 * The SDK's quote of a swap, for one pool in the SDK's own decoding. Amounts are converted to the SDK's numbers and back, as
 * any caller would have to. Null or a throw where the SDK refuses.
 */
export type Oracle = (aToB: boolean, amountIn: bigint) => bigint | null

/** The SDK's oracle for a state of a pool of that program. */
export function oracleFor(sdks: Sdks, program: ProgramName, state: PoolState<unknown>): Oracle {
  switch (program) {
    case 'raydium-cpmm':
      return cpmm(sdks, state)
    case 'raydium-amm-v4':
      return ammV4(sdks, state)
    case 'raydium-clmm':
      return clmm(sdks, state)
    case 'meteora-dlmm':
      return dlmm(sdks, state)
    case 'meteora-damm-v2':
      return dammV2(sdks, state)
  }
}

const amountOf = (amount: Bn): bigint => BigInt(amount.toString())

function bytesAt(accounts: AccountMap, address: string): Buffer {
  const account = accounts.get(address)
  if (account === undefined) throw new Error(`no account ${address}`)
  return Buffer.from(account.data)
}

/** All accounts that begin with this discriminator, by address. */
function accountsLike(accounts: AccountMap, discriminator: bigint): (readonly [string, Buffer])[] {
  return [...accounts]
    .map(([address, { data }]) => [address, Buffer.from(data)] as const)
    .filter(([, data]) => data.length >= 8 && data.readBigUInt64LE(0) === discriminator)
}

/** What a token account holds, in base units. */
const balanceAt = (accounts: AccountMap, vault: string): bigint =>
  bytesAt(accounts, vault).readBigUInt64LE(64)

/** The curve alone: `computeSwapAmount` around it charges the creator fee even where the pool has it off. */
function cpmm({ raydium, BN }: Sdks, { accounts, address }: PoolState<unknown>): Oracle {
  const pool = raydium.CpmmPoolInfoLayout.decode(bytesAt(accounts, address))
  const config = raydium.CpmmConfigInfoLayout.decode(bytesAt(accounts, pool.configId.toBase58()))
  const vaultA = new BN(`${balanceAt(accounts, pool.vaultA.toBase58())}`)
  const vaultB = new BN(`${balanceAt(accounts, pool.vaultB.toBase58())}`)
  const reserveA = vaultA.sub(pool.protocolFeesMintA).sub(pool.fundFeesMintA)
  const reserveB = vaultB.sub(pool.protocolFeesMintB).sub(pool.fundFeesMintB)
  const { tradeFeeRate, protocolFeeRate, fundFeeRate } = config
  const noCreatorFee = new BN(0)
  return (aToB, amount) => {
    const amountIn = new BN(`${amount}`)
    const [reserveIn, reserveOut] = aToB ? [reserveA, reserveB] : [reserveB, reserveA]
    const { outputAmount } = raydium.CurveCalculator.swapBaseInput(
      amountIn,
      reserveIn,
      reserveOut,
      tradeFeeRate,
      noCreatorFee,
      protocolFeeRate,
      fundFeeRate,
      true,
    )
    return amountOf(outputAmount)
  }
}

function ammV4({ raydium, ammV4: module, BN }: Sdks, { accounts, address }: PoolState<unknown>): Oracle {
  const pool = raydium.liquidityStateV4Layout.decode(bytesAt(accounts, address))
  const [vaultA, vaultB] = [pool.baseVault, pool.quoteVault].map(
    (vault) => new BN(`${balanceAt(accounts, vault.toBase58())}`),
  ) as [Bn, Bn]
  const [mintA, mintB] = [pool.baseMint.toBase58(), pool.quoteMint.toBase58()]
  const poolInfo = {
    version: 4,
    baseReserve: vaultA.sub(pool.baseNeedTakePnl),
    quoteReserve: vaultB.sub(pool.quoteNeedTakePnl),
    mintA: { address: mintA, decimals: Number(pool.baseDecimal) },
    mintB: { address: mintB, decimals: Number(pool.quoteDecimal) },
  }
  return (aToB, amount) => {
    const [mintIn, mintOut] = aToB ? [mintA, mintB] : [mintB, mintA]
    const swap = { poolInfo, amountIn: new BN(`${amount}`), mintIn, mintOut, slippage: 0 }
    return amountOf(module.computeAmountOut(swap).amountOut)
  }
}

const CLMM_TICK_ARRAY = 0x2a81_f931_cd55_9bc0n
const CLMM_BITMAP_EXTENSION = 0x998b_8061_db24_963cn
const TICKS_PER_ARRAY = 60

/** The bare step function: `getOutputAmountAndRemainAccounts` around it mostly derives addresses. */
function clmm({ raydium, BN, PublicKey }: Sdks, { accounts, address, at }: PoolState<unknown>): Oracle {
  const poolInfo = raydium.PoolInfoLayout.decode(bytesAt(accounts, address))
  const configInfo = raydium.ClmmConfigLayout.decode(bytesAt(accounts, poolInfo.configId.toBase58()))
  const [extension] = accountsLike(accounts, CLMM_BITMAP_EXTENSION)
  if (extension === undefined) throw new Error(`CLMM pool ${address} has no bitmap extension`)
  const upwards = accountsLike(accounts, CLMM_TICK_ARRAY)
    .map(([key, data]) => ({ address: new PublicKey(key), value: raydium.TickArrayLayout.decode(data) }))
    .sort((a, b) => a.value.startTickIndex - b.value.startTickIndex)
  const width = poolInfo.tickSpacing * TICKS_PER_ARRAY
  const start = Math.floor(poolInfo.tickCurrent / width) * width
  const always = {
    programId: new PublicKey(programNamed('raydium-clmm').programId),
    poolId: new PublicKey(address),
    poolInfo,
    configInfo,
    tickarrayBitmapExtension: raydium.TickArrayBitmapExtensionLayout.decode(extension[1]),
    sqrtPriceLimitX64: new BN(0),
    isBaseInput: true,
    blockTimestamp: Number(at.unixTimestamp),
    includeExtraTickArrays: false,
  }
  // Those that a swap in a direction can meet, the nearest first.
  const below = upwards.filter(({ value }) => value.startTickIndex <= start).reverse()
  const above = upwards.filter(({ value }) => value.startTickIndex >= start)
  return (aToB, amount) => {
    const tickArrays = aToB ? below : above
    const swap = { ...always, tickArrays, zeroForOne: aToB, amountSpecified: new BN(`${amount}`) }
    const { allTrade, amountCalculated } = raydium.swapInternal(swap)
    return allTrade ? amountOf(amountCalculated) : null
  }
}

const DLMM_BIN_ARRAY = 0xb546_9405_dc5c_8e5cn

/** The quote of a plain pool without a bitmap extension. It asks the host for the time: see `atMoment`. */
function dlmm({ dlmm: Dlmm, BN, PublicKey, connection }: Sdks, state: PoolState<unknown>): Oracle {
  const { accounts, address } = state
  const program = Dlmm.createProgram(connection)
  const pair = Dlmm.decodeAccount(program, 'lbPair', bytesAt(accounts, address))
  const binArrays = accountsLike(accounts, DLMM_BIN_ARRAY).map(([key, data]) => ({
    publicKey: new PublicKey(key),
    account: Dlmm.decodeAccount(program, 'binArray', data),
  }))
  const [tokenX, tokenY] = [pair.tokenXMint, pair.tokenYMint].map(plainToken)
  const clock = { epoch: new BN(0) }
  const pool = new Dlmm(new PublicKey(address), program, pair, null, tokenX, tokenY, [], clock, {})
  const noSlippage = new BN(0)
  return (aToB, amount) =>
    amountOf(pool.swapQuote(new BN(`${amount}`), aToB, noSlippage, binArrays).outAmount)
}

/** A token whose mint has no extensions. */
const plainToken = (mint: unknown) => ({ mint: { address: mint, tlvData: Buffer.alloc(0) } })

/** Runs `work` with the host's clock set to the cluster's: an SDK that reads the host's clock takes no other time. */
export function atMoment<T>({ unixTimestamp }: Moment, work: () => T): T {
  const { now } = Date
  Date.now = () => Number(unixTimestamp) * 1_000
  try {
    return work()
  } finally {
    Date.now = now
  }
}

function dammV2({ dammV2: sdk, BN, connection }: Sdks, state: PoolState<unknown>): Oracle {
  const { accounts, address, at } = state
  const { coder } = new sdk.CpAmm(connection)._program
  const pool = coder.accounts.decode('pool', bytesAt(accounts, address))
  const point = new BN(`${pool.activationType === 0 ? at.slot : at.unixTimestamp}`)
  const [decimalsA, decimalsB] = [pool.tokenAMint, pool.tokenBMint].map(
    (mint) => bytesAt(accounts, mint.toBase58())[DECIMALS_OF_MINT] ?? 0,
  ) as [number, number]
  return (aToB, amount) => {
    const amountIn = new BN(`${amount}`)
    const quote = sdk.swapQuoteExactInput(pool, point, amountIn, 0, aToB, false, decimalsA, decimalsB)
    return amountOf(quote.outputAmount)
  }
}

const DECIMALS_OF_MINT = 44
