// Owns the mempool of the process that produces: transactions between their arrival and the block they land in.

import { seededRandom } from './market.ts'
import type { SimulatedTransaction } from './transaction.ts'

export type MempoolOptions = {
  readonly seed: number
  /** Slots between arrival and landing; both 0 lands at once. */
  readonly landingSlots: { readonly least: number; readonly most: number }
  /** Share of arrivals that are dropped silently now. */
  dropRateNow(): number
}

export type Pending = {
  readonly signature: string
  readonly transaction: SimulatedTransaction
  readonly landsAt: number
}

const MAX_BLOCK = 400

export function createMempool(options: MempoolOptions) {
  const mempool = new Map<string, Pending>()
  /** How often the same bytes were dropped: each arrival has a chance of its own. */
  const drops = new Map<string, number>()

  return {
    has: (signature: string): boolean => mempool.has(signature),
    remove: (signature: string): void => void mempool.delete(signature),

    /** Takes in what arrives in this slot; false when it is dropped. */
    arrive(signature: string, transaction: SimulatedTransaction, slot: number): boolean {
      const arrival = (drops.get(signature) ?? 0) + 1
      const chance = seededRandom(options.seed, signature, arrival)
      const dropRate = options.dropRateNow()
      if (dropRate > 0 && chance() < dropRate) {
        drops.set(signature, arrival)
        return false
      }
      drops.delete(signature)
      const { least, most } = options.landingSlots
      const landsAt = slot + least + Math.floor(chance() * (most - least + 1))
      mempool.set(signature, { signature, transaction, landsAt })
      return true
    },

    /** What lands in this slot, as much of it as one block holds. */
    dueIn(slot: number): readonly Pending[] {
      const due: Pending[] = []
      for (const pending of mempool.values()) {
        if (due.length === MAX_BLOCK) break
        if (pending.landsAt <= slot) due.push(pending)
      }
      return due
    },
  }
}
