// Derives the addresses that a program owns without a key (program-derived addresses).

import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base58 } from '@scure/base'

const MARKER = new TextEncoder().encode('ProgramDerivedAddress')

/**
 * The program-derived address of `seeds`: the hash with the highest bump seed that is no point of the curve, so that
 * no key can exist for it. Source: agave `sdk/pubkey`, `find_program_address`. Throws for a `programId` that is no
 * base58 text, and for the one set of seeds in 2^255 that has no address.
 */
export function derivedAddress(seeds: readonly Uint8Array[], programId: string): string {
  const program = base58.decode(programId)
  for (let bump = 255; bump >= 0; bump--) {
    const hash = sha256.create()
    for (const seed of seeds) hash.update(seed)
    const address = hash.update(Uint8Array.of(bump)).update(program).update(MARKER).digest()
    if (!isOnCurve(address)) return base58.encode(address)
  }
  throw new Error('these seeds have no derived address')
}

/** Whether the bytes are a compressed point as Solana reads one: y taken modulo p, any order. */
function isOnCurve(bytes: Uint8Array): boolean {
  try {
    ed25519.Point.fromBytes(bytes, true)
    return true
  } catch {
    return false
  }
}
