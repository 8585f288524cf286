// Owns the port of what protections of keys hold back.

import type { EntryHold } from '../quotas.ts'
import type { OrderSpec } from '../spec.ts'

export interface HeldEntries {
  /** What keeps this order from starting now; null where nothing does, as for every exit. Rejects as the store does. */
  holdOf(spec: OrderSpec): Promise<EntryHold | null>
}
