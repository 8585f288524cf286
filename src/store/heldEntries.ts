// Owns the answer to whether protections hold back an entry that was accepted earlier: for keys without any, from memory.

import type { HeldEntries } from '../domain/ports/heldEntries.ts'
import type { KeyRing } from '../domain/ports/keys.ts'
import { isProtected } from '../domain/quotas.ts'
import { isEntry } from '../domain/roles.ts'
import type { Clock } from '../timing/clock.ts'
import type { Statements } from './statements.ts'

export const createHeldEntries = (
  statements: Pick<Statements, 'selectEntryHold'>,
  { quotasOf }: Pick<KeyRing, 'quotasOf'>,
  clock: Clock,
): HeldEntries => ({
  async holdOf(spec) {
    const quotas = quotasOf(spec.owner)
    if (quotas === null || !isProtected(quotas) || !isEntry(spec)) return null
    const { owner, orderId, tokenIn, tokenOut } = spec
    const mints = { mintSold: tokenIn.mint, mintBought: tokenOut.mint }
    return statements.selectEntryHold({ owner, orderId, ...mints, at: clock.now() })
  },
})
