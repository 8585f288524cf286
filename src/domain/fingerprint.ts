// Owns the fingerprint of an order: it tells a repeat of a request from another request under the same key.

import type { LegTerms, OrderSpec } from './spec.ts'

/**
 * The canonical form of all that was asked for. Two specs have the same one exactly if they differ in nothing but their ids, in times that neither asked for, and in what a
 * token that is to be launched is called.
 */
export const fingerprintOf = ({ orderId: _, ...asked }: OrderSpec): string =>
  canonical({
    ...withoutDefaults(asked),
    // A repeat may come when the token is launched, and has another name than its mint.
    ...(asked.type === 'sniper' ? { tokenOut: asked.tokenOut.mint } : {}),
  })

function withoutDefaults(asked: object): object {
  return {
    ...asked,
    ...('isDefaultExpiry' in asked && asked.isDefaultExpiry ? { expiresAt: null } : {}),
    ...('isDefaultStart' in asked && asked.isDefaultStart ? { startAt: null } : {}),
    ...('exits' in asked ? { exits: (asked.exits as readonly LegTerms[]).map(withoutDefaults) } : {}),
    ...('legs' in asked ? { legs: (asked.legs as readonly LegTerms[]).map(withoutDefaults) } : {}),
  }
}

/** JSON with sorted keys; base units are written as text. */
function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}"`
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)}}`
}
