// Owns the port of the queue: rings for orders that a worker should look at.

import type { OrderId } from '../spec.ts'

/** A ring may be lost, late or repeated: that costs time, never correctness. */
export interface OrderQueue {
  /** Asks a worker to look at the order, after `delayMs`. Rejects when the ring was not taken. */
  ring(id: OrderId, delayMs?: number): Promise<void>
  /** Hands rung orders to `handler`, several at a time, until stopped; stopping waits for handlers under way. */
  work(handler: (ids: readonly OrderId[]) => Promise<void>): () => Promise<void>
  /** Whether rings are taken now. While not, no new orders are accepted; the sweep finds those that were. */
  isAvailable(): boolean
  /** Resolves when rings are taken and handed to the workers of this process; asks by a trial ring. */
  ping(): Promise<void>
}
