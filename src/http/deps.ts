// Owns what the HTTP side asks of the engine.

import type { AdmissionPolicy, Backlog } from '../domain/admission.ts'
import type { Candle, Interval } from '../domain/candles.ts'
import type { Chain } from '../domain/ports/chain.ts'
import type { KeyRing } from '../domain/ports/keys.ts'
import type { Venue } from '../domain/ports/market.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { Processes } from '../domain/ports/processes.ts'
import type { OrderQueue } from '../domain/ports/queue.ts'
import type { Simulation } from '../domain/ports/simulation.ts'
import type { TradingSwitch } from '../domain/ports/trading.ts'
import type { Wallet } from '../domain/ports/wallet.ts'
import type { Pair, RouteRequest } from '../domain/route.ts'
import type { Depth } from '../domain/routing/depth.ts'
import type { Routing } from '../domain/routing/findRoute.ts'
import type { OrderId } from '../domain/spec.ts'
import type { TokenList } from '../domain/token.ts'
import type { Sight, SightRequest } from '../domain/triggers/verdict.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Millis, Stop } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import type { AddressPolicy } from './addressLimits.ts'
import type { AddressDeps } from './edge/publicAddress.ts'

export type HttpDeps = {
  /** Orders: placed, canceled, read and followed. */
  readonly orders: {
    readonly store: OrderStore
    /** Whether the store takes writes; while it does not, no new orders are taken on. */
    readonly writability: { isWritable(): boolean; ping(): Promise<void> }
    readonly queue: OrderQueue
    readonly trading: TradingSwitch
    /** How often this process has sent the order's swap again; null when it does not watch the swap. */
    rebroadcasts(id: OrderId): number | null
    /** How long an order rests that names no expiry, and how long one may. */
    readonly expiry: { readonly defaultMs: Millis; readonly mostMs: Millis }
    readonly maxRestingOrders: number
  }
  /** The market: what may be traded, and at what price now. */
  readonly market: {
    readonly chain: Chain
    readonly venues: readonly Venue[]
    readonly tokens: TokenList
    readonly defaultSlippageBps: number
    /** The route an order would take now, and every venue's answer, late and refusing ones included. */
    routeNow(trade: RouteRequest): Promise<Routing>
    /** The same over the market as this process last saw it. Asks no venue; rejects when there is no market to see. */
    routeSeen(trade: RouteRequest): Promise<{ slot: number; at: Millis; routing: Routing }>
    /** What venues pay for amounts up to that of the trade, at so many sizes; null where no pool trades the pair. */
    depth(trade: RouteRequest, points: number): Promise<(Depth & { slot: number; at: Millis }) | null>
    /** Calls `listener` once in each slot, after it has changed the market. */
    onSlot(listener: () => void): Stop
    /** Of the prices that this process has seen. */
    readonly candles: {
      /** Null where no pool trades the pair; prices are tokenOut per tokenIn. Rejects when there is no market to see. */
      read(pair: Pair, interval: Interval, limit: number): Promise<readonly Candle[] | null>
      /** Calls `listener` with the newest candle, and again whenever the price has changed. */
      follow(pair: Pair, interval: Interval, listener: (candle: Candle) => void): Stop
    }
    /** What the source of a resting order shows now. */
    sightOf(asked: SightRequest): Promise<Sight>
    /** The price impact of a trade in bps where it needs consent, else null. */
    heavyImpactOf(trade: RouteRequest): Promise<number | null>
    readonly wallet: Wallet
    /** Null when orders trade for real. */
    readonly simulation: Simulation | null
  }
  /** Access: keys, origins, addresses, and what one of them may use up. */
  readonly access: AddressDeps & {
    readonly keys: KeyRing
    /** Origins of pages that may use the whole API, as browsers write them. */
    readonly allowedOrigins: readonly string[]
    readonly addressLimits: AddressPolicy
    /** Connections at once; further ones are closed. */
    readonly maxConnections: number
    /** How long a request, headers and body, may take to arrive. */
    readonly requestTimeoutMs: number
  }
  /** Admission: how many orders are let in at once. */
  readonly admission: {
    readonly policy: AdmissionPolicy
    /** Orders accepted and not closed, in all processes. */
    backlog(): Backlog
  }
  readonly processes: Processes
  /** Whether this is the only process. */
  readonly runtime: 'embedded' | 'distributed'
  readonly clock: Clock
  readonly random: Random
  readonly observe: Observe
  readonly version: string
  /** Whether this process takes requests; one that only works on orders still answers for its health. */
  readonly servesApi: boolean
  /** A new UUIDv7. */
  newId(): string
}
