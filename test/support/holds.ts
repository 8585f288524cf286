// Owns stand-ins that hold no order back.
import { MAX_BASE_UNITS } from '../../src/domain/amount.ts'
import type { HoldDeps } from '../../src/workers/holds.ts'

/** Protections that hold back nothing, and a wallet that holds enough for every order. */
export const nothingHeld: Omit<HoldDeps, 'clock'> = {
  heldEntries: { holdOf: async () => null },
  wallet: { holds: async () => MAX_BASE_UNITS },
}
