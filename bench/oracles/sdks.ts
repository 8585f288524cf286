// Loads the venues' official SDKs, if they are installed here, and declares the few functions in use.
// The types are written down by hand: the engine is checked without these packages.

import { createRequire } from 'node:module'

/** A big number of bn.js, which all three SDKs use. */
export type Bn = { toString(): string; isZero(): boolean; sub(other: Bn): Bn }
type Address = { toBase58(): string }
type Layout<T> = { decode(data: Buffer): T }

type RaydiumSdk = {
  readonly CpmmPoolInfoLayout: Layout<
    Readonly<Record<'protocolFeesMintA' | 'protocolFeesMintB' | 'fundFeesMintA' | 'fundFeesMintB', Bn>> &
      Readonly<Record<'configId' | 'vaultA' | 'vaultB', Address>>
  >
  readonly CpmmConfigInfoLayout: Layout<
    Readonly<Record<'tradeFeeRate' | 'protocolFeeRate' | 'fundFeeRate', Bn>>
  >
  readonly CurveCalculator: {
    swapBaseInput(
      amountIn: Bn,
      reserveIn: Bn,
      reserveOut: Bn,
      tradeFeeRate: Bn,
      creatorFeeRate: Bn,
      protocolFeeRate: Bn,
      fundFeeRate: Bn,
      isCreatorFeeOnInput: boolean,
    ): { readonly outputAmount: Bn }
  }
  readonly liquidityStateV4Layout: Layout<
    Readonly<Record<'baseNeedTakePnl' | 'quoteNeedTakePnl' | 'baseDecimal' | 'quoteDecimal', Bn>> &
      Readonly<Record<'baseVault' | 'quoteVault' | 'baseMint' | 'quoteMint', Address>>
  >
  readonly Raydium: { load(config: object): Promise<{ readonly liquidity: AmmV4Module }> }
  readonly PoolInfoLayout: Layout<{
    readonly configId: Address
    readonly tickCurrent: number
    readonly tickSpacing: number
  }>
  readonly ClmmConfigLayout: Layout<object>
  readonly TickArrayLayout: Layout<{ readonly startTickIndex: number }>
  readonly TickArrayBitmapExtensionLayout: Layout<object>
  swapInternal(swap: object): { readonly allTrade: boolean; readonly amountCalculated: Bn }
}
export type AmmV4Module = { computeAmountOut(swap: object): { readonly amountOut: Bn } }

/** An Anchor program, by which an SDK decodes accounts. */
type AnchorProgram<T> = {
  readonly coder: { readonly accounts: { decode(name: string, data: Buffer): T } }
}
type DlmmSdk = {
  new (
    ...parts: readonly unknown[]
  ): {
    swapQuote(
      amountIn: Bn,
      swapForY: boolean,
      slippage: Bn,
      binArrays: readonly object[],
    ): { readonly outAmount: Bn }
  }
  createProgram(connection: object): object
  decodeAccount(
    program: object,
    name: string,
    data: Buffer,
  ): { readonly tokenXMint: Address; readonly tokenYMint: Address }
}
type DammV2Pool = {
  readonly activationType: number
  readonly tokenAMint: Address
  readonly tokenBMint: Address
}
type DammV2Sdk = {
  readonly CpAmm: new (connection: object) => { readonly _program: AnchorProgram<DammV2Pool> }
  swapQuoteExactInput(
    pool: DammV2Pool,
    currentPoint: Bn,
    amountIn: Bn,
    slippage: number,
    aToB: boolean,
    hasReferral: boolean,
    decimalsA: number,
    decimalsB: number,
  ): { readonly outputAmount: Bn }
}

export type Sdks = {
  readonly raydium: RaydiumSdk
  readonly dlmm: DlmmSdk
  readonly dammV2: DammV2Sdk
  readonly ammV4: AmmV4Module
  readonly BN: new (text: string | number) => Bn
  readonly PublicKey: new (address: string) => Address
  /** To nowhere: quotes are made from accounts at hand. */
  readonly connection: object
}

/** The SDKs, or null where they are not installed. */
export async function loadSdks(): Promise<Sdks | null> {
  // One of them cannot be imported, only required.
  const require = createRequire(import.meta.url)
  try {
    require.resolve('@raydium-io/raydium-sdk-v2')
  } catch {
    return null
  }
  const { Connection, PublicKey } = require('@solana/web3.js')
  const connection = new Connection('http://127.0.0.1:9')
  const raydium: RaydiumSdk = require('@raydium-io/raydium-sdk-v2')
  const { liquidity } = await raydium.Raydium.load({
    connection,
    disableFeatureCheck: true,
    disableLoadToken: true,
  })
  return {
    raydium,
    dlmm: require('@meteora-ag/dlmm'),
    dammV2: require('@meteora-ag/cp-amm-sdk'),
    ammV4: liquidity,
    BN: require('bn.js'),
    PublicKey,
    connection,
  }
}
