// Owns the port of the queue of orders to look at.

import type { OrderId } from '../order.ts'

/** A doorbell: a lost, late or repeated ring costs time, never correctness. */
export interface OrderQueue {
  /** Asks a worker to look at the order, after `delayMs`. Rejects when the ring was not taken. */
  ring(id: OrderId, delayMs?: number): Promise<void>
  /** Hands rung orders to `handler`, several at a time, until stopped; stopping waits for handlers under way. */
  work(handler: (ids: readonly OrderId[]) => Promise<void>): () => Promise<void>
  /** Whether rings are being taken now. While not, no new orders are: those already taken are found by the sweep. */
  isAvailable(): boolean
  /** Resolves when rings are taken, and handed on to those here who work; asks by a ring. */
  ping(): Promise<void>
}
