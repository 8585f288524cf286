// Owns authentication: keys cached in memory and reread every 500 ms, so a request costs no query. Tickets are single-use
// and redeemed in the database.

import { isUsable, localUser, type Principal } from '../domain/access.ts'
import type { KeyRing } from '../domain/ports/keys.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { Clock } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { repeat } from '../timing/repeat.ts'
import { type StoredKey, selectKeys } from './keyStore.ts'
import { digestOf, isDigestOf, newSecret, readToken } from './secrets.ts'

export type KeyRingOptions = {
  /** Whether every request must prove a key. */
  readonly requiresKey: boolean
  /** Receives each fault of rereading; the keys read before stay valid. */
  readonly onFault: (error: unknown) => void
}

const REREAD_MS = 500
const TICKET_MS = 60_000
const TICKET = /^[0-9a-f]{64}$/

type Ring = KeyRing & {
  /** Whether any key at all is valid now. */
  hasUsableKey(): boolean
  close(): void
}

/** Resolves when the keys have been read for the first time. */
export async function openKeyRing(
  sql: Sql,
  clock: Clock,
  random: Random,
  { requiresKey, onFault }: KeyRingOptions,
): Promise<Ring> {
  let keys: ReadonlyMap<string, StoredKey> = new Map()
  const keyless = requiresKey ? null : localUser

  async function reread(): Promise<void> {
    keys = new Map((await selectKeys(sql)).map((stored) => [stored.key.id, stored]))
  }

  function principalOf(owner: string): Principal | null {
    const key = keys.get(owner)?.key
    if (key !== undefined)
      return isUsable(key, clock.now()) ? { owner, scopes: key.scopes, quotas: key.quotas } : null
    return owner === localUser.owner ? keyless : null
  }

  await reread()
  return {
    keyless,
    authenticate(token) {
      const read = readToken(token)
      const stored = read === null ? undefined : keys.get(read.id)
      if (read === null || stored === undefined || !isDigestOf(stored.digest, read.secret)) return null
      return principalOf(read.id)
    },
    quotasOf: (owner) => keys.get(owner)?.key.quotas ?? null,
    isCurrent: (owner) => principalOf(owner) !== null,
    async issueTicket(owner) {
      const ticket = newSecret(random)
      const now = clock.now()
      const expiresAt = now + TICKET_MS
      await sql.query(
        `with expired as (delete from tickets where expires_at <= $4)
         insert into tickets (digest, owner, expires_at) values ($1, $2, $3)`,
        [digestOf(ticket), owner, new Date(expiresAt).toISOString(), new Date(now).toISOString()],
      )
      return { ticket, expiresAt }
    },
    async redeemTicket(ticket) {
      if (!TICKET.test(ticket)) return null
      // Deleting makes it single-use: of two requests at once, in any two processes, one finds it gone.
      const [spent] = await sql.query<{ owner: string }>(
        'delete from tickets where digest = $1 and expires_at > $2 returning owner',
        [digestOf(ticket), new Date(clock.now()).toISOString()],
      )
      return spent === undefined ? null : principalOf(spent.owner)
    },
    hasUsableKey: () => [...keys.values()].some(({ key }) => isUsable(key, clock.now())),
    close: repeat(clock, REREAD_MS, reread, onFault),
  }
}
