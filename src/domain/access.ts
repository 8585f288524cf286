// Owns access: the principal behind a request, its scopes and its limits.

import type { Millis } from '../timing/clock.ts'
import type { KeyQuotas } from './quotas.ts'

export const scopes = ['trade', 'read', 'admin'] as const

/**
 * `trade` places and cancels the key's own orders, `read` sees them and the market, `admin` commands the engine. No scope
 * implies another.
 */
export type Scope = (typeof scopes)[number]

/** The authenticated sender of a request. An order belongs to exactly one `owner`. */
export type Principal = {
  readonly owner: string
  readonly scopes: readonly Scope[]
  /** Null when nothing is limited. */
  readonly quotas: KeyQuotas | null
}

/** A key as it is stored, without the digest of its secret. Its id is public and owns the orders placed with it. */
export type ApiKey = {
  readonly id: string
  /** For people: the holder or the purpose. */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly quotas: KeyQuotas | null
  readonly createdAt: Millis
  readonly expiresAt: Millis | null
  readonly revokedAt: Millis | null
}

/** The sender of every request to an engine on loopback that needs no key: the user of the machine. */
export const localUser: Principal = { owner: 'local', scopes, quotas: null }

export function isUsable({ expiresAt, revokedAt }: ApiKey, now: Millis): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt)
}
