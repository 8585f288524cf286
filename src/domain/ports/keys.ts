// Owns the port of API keys: as an operator changes them, and as requests prove them.

import type { Millis } from '../../timing/clock.ts'
import type { ApiKey, Principal } from '../access.ts'
import type { KeyQuotas } from '../quotas.ts'

export type NewKey = Pick<ApiKey, 'name' | 'scopes' | 'quotas' | 'expiresAt'>

/** API keys, as an operator changes them. */
export interface KeyStore {
  /** The token is the only place where the key's secret is: it is not stored and cannot be had again. */
  create(key: NewKey): Promise<{ readonly key: ApiKey; readonly token: string }>
  /** The oldest first, those revoked and expired included. */
  list(): Promise<readonly ApiKey[]>
  /** Whether there is such a key. Revoked once is revoked for ever. */
  revoke(id: string): Promise<boolean>
}

/** API keys, as requests prove them. What KeyStore changes is known here within half a second. */
export interface KeyRing {
  /** The principal of requests without a key; null when every request needs one. */
  readonly keyless: Principal | null
  /** The principal that this token proves, or null: malformed, unknown, wrong, revoked and expired look alike. */
  authenticate(token: string): Principal | null
  /** The quotas of the owner's key, revoked ones included; null where nothing is limited. */
  quotasOf(owner: string): KeyQuotas | null
  /** Whether the owner's key is still valid: long-lived streams ask again. */
  isCurrent(owner: string): boolean
  /** A secret that stands in for the owner's key once, for a minute, in any process. */
  issueTicket(owner: string): Promise<{ readonly ticket: string; readonly expiresAt: Millis }>
  /** The principal behind the ticket, the first time; null afterwards, and for what is no ticket. */
  redeemTicket(ticket: string): Promise<Principal | null>
}
