// Owns what the HTTP side asks of the engine.

import type { OrderSpec } from '../domain/order.ts'
import type { Chain, Clock, OrderQueue, OrderStore, Venue } from '../domain/ports.ts'
import type { Routing } from '../domain/routing.ts'
import type { TokenList } from '../domain/token.ts'
import type { Observe } from '../observe.ts'

/** What landed on the simulated chain; amounts are base units as text. */
export type LedgerSwap = {
  readonly signature: string
  readonly orderId: string
  readonly slot: number
  readonly at: number
  readonly mintIn: string
  readonly mintOut: string
  readonly amountIn: string
  readonly amountOut: string
  readonly networkFeeLamports: string
  readonly error: { readonly code: string; readonly detail: string } | null
}

export type HttpDeps = {
  readonly store: OrderStore
  readonly queue: OrderQueue
  readonly chain: Chain
  readonly venues: readonly Venue[]
  readonly tokens: TokenList
  readonly clock: Clock
  readonly observe: Observe
  readonly version: string
  /** Whether this process takes requests; one that only works on orders still answers for its health. */
  readonly servesApi: boolean
  readonly defaultSlippageBps: number
  readonly allowedOrigins: readonly string[]
  /** A new UUIDv7. */
  newId(): string
  /** The route an order would take now, and what every venue says, late and refusing ones included. */
  routeNow(
    trade: Pick<OrderSpec, 'tokenIn' | 'tokenOut' | 'amountIn' | 'slippageBps' | 'limits'>,
  ): Promise<Routing>
  /** Null when orders trade for real. */
  readonly simulatedSwaps:
    | ((
        orderId: string | null,
        after: number,
        limit: number,
      ) => Promise<readonly { readonly number: number; readonly entry: LedgerSwap }[]>)
    | null
}

/** Until keys name owners, every request on this machine is the same user's. */
export const LOCAL_OWNER = 'local'
