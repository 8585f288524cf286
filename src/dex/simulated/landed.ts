// Owns the producer's memory of what landed: the replay check, for as long as the same bytes are valid, and recent entries.

import type { SwapKey } from '../../domain/ports/orders.ts'
import type { LedgerEntry } from '../../domain/ports/simulation.ts'

/** Entries kept in memory; older ones are found in the ledger. */
const KEEP_ENTRIES = 1_000

/** `before` are the signatures that landed under earlier producers, valid until slot `beforeUntil` at most. */
export function createLanded(before: ReadonlySet<string>, beforeUntil: number) {
  let landedBefore = before
  /** Slots by signature, by the last height at which those bytes are valid. */
  const slots = new Map<number, Map<string, number>>()
  const entries = new Map<string, LedgerEntry>()

  const slotOf = ({ signature, lastValidBlockHeight }: SwapKey): number | undefined =>
    slots.get(lastValidBlockHeight)?.get(signature)

  return {
    slotOf,
    entryOf: (signature: string): LedgerEntry | undefined => entries.get(signature),
    /** Replay: whether these bytes have landed already. */
    has: (swap: SwapKey): boolean => landedBefore.has(swap.signature) || slotOf(swap) !== undefined,

    remember({ signature, lastValidBlockHeight }: SwapKey, slot: number): void {
      const atHeight = slots.get(lastValidBlockHeight) ?? new Map<string, number>()
      slots.set(lastValidBlockHeight, atHeight.set(signature, slot))
    },

    keep(entry: LedgerEntry): void {
      entries.set(entry.signature, entry)
      for (const signature of entries.keys()) {
        if (entries.size <= KEEP_ENTRIES) break
        entries.delete(signature)
      }
    },

    /** Forgets the signatures whose bytes can no longer land. */
    expire(slot: number): void {
      for (const height of slots.keys()) if (height < slot) slots.delete(height)
      if (slot > beforeUntil) landedBefore = new Set()
    },

    /** Forgets what a fork undid: those bytes may land again. */
    undoAfter(slot: number): void {
      for (const atHeight of slots.values()) {
        for (const [signature, landedSlot] of atHeight) {
          if (landedSlot <= slot) continue
          atHeight.delete(signature)
          entries.delete(signature)
        }
      }
    },
  }
}
