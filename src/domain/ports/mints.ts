// Owns the port of mints and their pools, as far as they decide whether a token is safe to buy.

import type { VenueName } from '../route.ts'

/** A mint account, and its Token-2022 extensions that bear on a buyer. Addresses are base58. */
export type MintInfo = {
  readonly mint: string
  readonly decimals: number
  /** Can create more of the token; null once it is given up. */
  readonly mintAuthority: string | null
  /** Can freeze any account of the token; null once it is given up. */
  readonly freezeAuthority: string | null
  readonly extensions: readonly MintExtension[]
}

export type MintExtension =
  /** Withholds a share of every transfer. */
  | { readonly kind: 'transfer_fee'; readonly feeBps: number }
  /** Can transfer and burn the tokens of any account. */
  | { readonly kind: 'permanent_delegate'; readonly delegate: string }
  /** A program that every transfer calls, and that can reject it. */
  | { readonly kind: 'transfer_hook'; readonly programId: string }
  /** One that this engine does not know: it may do anything. */
  | { readonly kind: 'unknown'; readonly extensionType: number }

/** A pool as its creator opened it. */
export type PoolOrigin = {
  readonly pool: string
  readonly venue: VenueName
  readonly creator: string
  readonly firstSlot: number
  /** The SOL in it at first, in lamports. */
  readonly liquidityLamports: bigint
  /** The SOL in it now, in lamports. */
  readonly liquidityNowLamports: bigint
}

/** The outcome of a swap that is executed and not kept (RPC simulateTransaction). */
export type TrialSwap =
  | { readonly kind: 'swapped'; readonly amountOut: bigint }
  | { readonly kind: 'reverted'; readonly detail: string }

export interface Mints {
  /** Null where there is no such mint. */
  mintInfo(mint: string): Promise<MintInfo | null>
  /** The pools that were opened for the token since this chain began; none for a token that was there before. */
  poolOrigins(mint: string): Promise<readonly PoolOrigin[]>
  /** The mints of the newest `most` tokens whose first pool the address has opened since this chain began, the oldest first. */
  launchesBy(creator: string, most: number): Promise<readonly string[]>
  /** Sells so many base units of the token in the pool, as things are now, on trial: the wallet need not hold any. */
  trySale(mint: string, pool: string, amountIn: bigint): Promise<TrialSwap>
}
