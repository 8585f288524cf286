// Owns the port of the chain: signing, sending, and what became of it.

import type { Stop } from '../../timing/clock.ts'
import type { Failure } from '../failure.ts'
import type { Fill, SignedSwap } from '../order.ts'
import type { Instruction } from '../pool.ts'
import type { OrderId, OrderSpec } from '../spec.ts'
import type { Token } from '../token.ts'
import type { SwapKey } from './orders.ts'

/** What a transaction does: swaps in order, all or nothing, its output at least `minAmountOut` in total. */
export type SwapPlan = {
  readonly orderId: OrderId
  readonly tokenIn: Token
  readonly tokenOut: Token
  readonly amountIn: bigint
  readonly minAmountOut: bigint
  readonly swaps: readonly Instruction[]
}

export type Landing =
  | { readonly kind: 'landed'; readonly fill: Fill }
  /** Landed and failed, so far back that no reorg can make it succeed; the failure is one the chain proves. */
  | { readonly kind: 'reverted'; readonly failure: Failure }
  /** Proven never to land: finalized height past the last valid one, and only then the signature absent. */
  | { readonly kind: 'dropped' }
  /** Not known yet. Unknown is not dead. */
  | { readonly kind: 'unknown' }

/** A submitted swap to ask after; the spec says in which tokens to read the fill. */
export type Watched = { readonly spec: OrderSpec; readonly swap: SignedSwap }

/** How firmly a landing stands. */
export type Finality =
  /** Landed in this slot; once `isFinal`, no reorg can undo it. */
  | { readonly kind: 'landed'; readonly slot: number; readonly isFinal: boolean }
  /** Proven never to land, whatever was seen before. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'unknown' }

/** The most signatures an RPC node answers for in one request (getSignatureStatuses). */
export const MAX_LANDINGS = 256

export interface Chain {
  /** Signs the plan against a recent blockhash and sends nothing. `steps` names what the transaction does, in order. */
  sign(plan: SwapPlan): Promise<{ swap: SignedSwap; steps: readonly string[] }>
  /** Hands the bytes to the network; may be repeated. Neither outcome says anything about landing. */
  send(swap: SignedSwap): Promise<void>
  /** What became of each, in the order asked; at most MAX_LANDINGS at once. Rejects when the chain cannot be asked. */
  landings(watched: readonly Watched[]): Promise<readonly Landing[]>
  /** How firmly each of these stands, in the order asked; at most MAX_LANDINGS at once. Rejects as `landings` does. */
  finality(swaps: readonly SwapKey[]): Promise<readonly Finality[]>
  /** The newest block height there is. */
  blockHeight(): Promise<number>
  /** Calls `listener` with signatures that may have landed: a hint, nothing more. */
  onLanding(listener: (signatures: readonly string[]) => void): Stop
  ping(): Promise<void>
}
