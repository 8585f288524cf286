// Owns what the HTTP side asks of the engine.

import type { OrderId } from '../domain/order.ts'
import type { Chain } from '../domain/ports/chain.ts'
import type { KeyRing } from '../domain/ports/keys.ts'
import type { Venue } from '../domain/ports/market.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import type { Simulation } from '../domain/ports/simulation.ts'
import type { TradingSwitch } from '../domain/ports/trading.ts'
import type { RouteRequest } from '../domain/route.ts'
import type { Routing } from '../domain/routing/findRoute.ts'
import type { TokenList } from '../domain/token.ts'
import type { AddressPolicy } from './addressLimits.ts'
import type { DoorDeps } from './admission.ts'
import type { AddressDeps } from './publicAddress.ts'

type Parts = DoorDeps & AddressDeps

export type HttpDeps = Parts & {
  readonly store: OrderStore
  /** Whether the store takes writes; while not, no new orders are taken on. */
  readonly writability: { isWritable(): boolean; ping(): Promise<void> }
  readonly queue: OrderQueue
  readonly keys: KeyRing
  readonly trading: TradingSwitch
  readonly chain: Chain
  readonly venues: readonly Venue[]
  readonly tokens: TokenList
  readonly version: string
  /**
   * Whether an order is rung for as soon as its first event is on the way to the database, not once it is durable. Only
   * where the ring is heard by this process alone, and its database does one thing after the other, as it was asked: what is
   * appended then follows that event, or is refused with it.
   */
  readonly ringsEarly: boolean
  /** Whether this process takes requests; one that only works on orders still answers for its health. */
  readonly servesApi: boolean
  readonly defaultSlippageBps: number
  /** Origins of pages that may use the whole API, as browsers write them. */
  readonly allowedOrigins: readonly string[]
  /** How long a request, headers and body, may take to arrive. */
  readonly requestTimeoutMs: number
  /** Connections at once; further ones are closed. */
  readonly maxConnections: number
  readonly addressLimits: AddressPolicy
  /** A new UUIDv7. */
  newId(): string
  /** The route an order would take now, and what every venue says, late and refusing ones included. */
  routeNow(trade: RouteRequest): Promise<Routing>
  /** How often this process has sent the order's swap once more; null when it does not follow it. */
  rebroadcasts(id: OrderId): number | null
  /** Null when orders trade for real. */
  readonly simulation: Simulation | null
}
