// Owns the hook around the ports of an engine: a test stands before and behind each with it. By default there is nothing.

import type { Chain } from './domain/ports/chain.ts'
import type { OrderStore } from './domain/ports/orders.ts'
import type { OrderQueue } from './domain/ports/queue.ts'
import type { Statements } from './store/statements.ts'
import type { RouteNow } from './workers/router.ts'

export type ClosableQueue = OrderQueue & { close(): Promise<void> }

export type Around = {
  readonly statements: (statements: Statements) => Statements
  readonly store: (store: OrderStore) => OrderStore
  readonly queue: (queue: ClosableQueue) => ClosableQueue
  readonly chain: (chain: Chain) => Chain
  readonly router: (routeNow: RouteNow) => RouteNow
}

export const nothingAround: Around = {
  statements: (statements) => statements,
  store: (store) => store,
  queue: (queue) => queue,
  chain: (chain) => chain,
  router: (routeNow) => routeNow,
}
