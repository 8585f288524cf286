// Owns the port of API keys: as an operator changes them, and as requests prove them.

import type { Millis } from '../../timing/clock.ts'
import type { ApiKey, Principal } from '../access.ts'

export type NewKey = Pick<ApiKey, 'name' | 'scopes' | 'limits' | 'expiresAt'>

/** API keys, as whoever runs the engine changes them. */
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
  /** Whose requests carry no key; null when every request must. */
  readonly keyless: Principal | null
  /** Whom this token proves to be asking, or null: malformed, unknown, wrong, revoked and expired look alike. */
  authenticate(token: string): Principal | null
  /** Whether the owner, once let in, would be let in now. */
  isCurrent(owner: string): boolean
  /** A secret that stands in for the owner's key once, for a minute, in any process. */
  issueTicket(owner: string): Promise<{ readonly ticket: string; readonly expiresAt: Millis }>
  /** Whom the ticket stands for, the first time; null afterwards, and when it is none. */
  redeemTicket(ticket: string): Promise<Principal | null>
}
