// Owns access: who a request comes from, what that one may do, and within which limits.

import type { Millis } from '../timing/clock.ts'
import type { KeyQuotas } from './quotas.ts'

export const scopes = ['trade', 'read', 'admin'] as const

/** What a key may do: place and cancel its own orders, see them and the market, or command the engine. None implies another. */
export type Scope = (typeof scopes)[number]

/** Whom a request comes from. Orders belong to `owner`, and to nobody else. */
export type Principal = {
  readonly owner: string
  readonly scopes: readonly Scope[]
  /** Null when nothing is limited. */
  readonly limits: KeyQuotas | null
}

/** A key as it is stored, less the digest of its secret. Its id is no secret, and owns the orders placed with it. */
export type ApiKey = {
  readonly id: string
  /** For people: whose key it is, what it is for. */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly limits: KeyQuotas | null
  readonly createdAt: Millis
  readonly expiresAt: Millis | null
  readonly revokedAt: Millis | null
}

/** Whoever reaches an engine on loopback that asks for no key: the user of the machine. */
export const localUser: Principal = { owner: 'local', scopes, limits: null }

export function isUsable({ expiresAt, revokedAt }: ApiKey, now: Millis): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt)
}
