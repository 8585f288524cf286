// Owns the port of market data: the pools as this process last saw them, without a question to the venues.

import type { Millis, Stop } from '../../timing/clock.ts'
import type { RouteQuery } from '../route.ts'
import type { VenuePools } from '../routing/believable.ts'

/** The pools of a pair at one moment. */
export type MarketView = {
  readonly slot: number
  /** When that slot was seen. */
  readonly at: Millis
  /** Each venue's pools, or why it has none to show. */
  readonly venues: readonly VenuePools[]
}

/** What a slot has changed. */
export type MarketChange = {
  readonly slot: number
  /** The pools whose state is another one, with the two mints that each trades and, where that is known, the address that opened it. */
  readonly pools: readonly {
    readonly pool: string
    readonly mints: readonly [string, string]
    readonly creator?: string
  }[]
}

export interface MarketData {
  /** The pools that may be on a route for the query. Rejects when none can be read. */
  view(query: RouteQuery): Promise<MarketView>
  /** Calls `listener` after each slot, and whenever pools change within one. */
  onChange(listener: (change: MarketChange) => void): Stop
}
