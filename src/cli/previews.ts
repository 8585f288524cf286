// Owns the previews of an agent: which order a token stands for, so that only what was previewed is placed.

import type { OrderRequest } from 'oee-client'
import type { Random } from '../timing/random.ts'

const MOST_KEPT = 200

export function createPreviews(random: Random) {
  /** The oldest first. */
  const orders = new Map<string, OrderRequest>()
  return {
    /** A new token for the order. Beyond MOST_KEPT the oldest preview is forgotten. */
    keep(order: OrderRequest): string {
      const token = Buffer.from(random.bytes(16)).toString('hex')
      orders.set(token, order)
      const [oldest] = orders.keys()
      if (orders.size > MOST_KEPT && oldest !== undefined) orders.delete(oldest)
      return token
    },
    find: (token: string): OrderRequest | undefined => orders.get(token),
  }
}
