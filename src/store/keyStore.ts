// Owns API keys in Postgres: creating, listing, revoking.

import type { ApiKey } from '../domain/access.ts'
import type { KeyStore } from '../domain/ports/keys.ts'
import type { Sql } from '../domain/ports/sql.ts'
import type { Clock, Millis } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { digestOf, newKeyId, newSecret, writeToken } from './secrets.ts'

type KeyRow = {
  readonly id: string
  readonly name: string
  readonly digest: Uint8Array
  readonly scopes: ApiKey['scopes']
  readonly quotas: ApiKey['quotas']
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
}

export type StoredKey = { readonly key: ApiKey; readonly digest: Uint8Array }

const iso = (at: Millis) => new Date(at).toISOString()

/** Every key there is, the oldest first. */
export async function selectKeys(sql: Sql): Promise<StoredKey[]> {
  const rows = await sql.query<KeyRow>('select * from api_keys order by created_at, id')
  return rows.map(({ id, name, digest, scopes, quotas, created_at, expires_at, revoked_at }) => {
    const key: ApiKey = {
      id,
      name,
      scopes,
      quotas,
      createdAt: created_at.getTime(),
      expiresAt: expires_at?.getTime() ?? null,
      revokedAt: revoked_at?.getTime() ?? null,
    }
    return { key, digest }
  })
}

export function createKeyStore(sql: Sql, clock: Clock, random: Random): KeyStore {
  return {
    async create(wanted) {
      const key: ApiKey = { ...wanted, id: newKeyId(random), createdAt: clock.now(), revokedAt: null }
      const secret = newSecret(random)
      const { id, name, scopes, quotas, createdAt, expiresAt } = key
      await sql.query(
        `insert into api_keys (id, name, digest, scopes, quotas, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [
          id,
          name,
          digestOf(secret),
          scopes,
          quotas,
          iso(createdAt),
          expiresAt === null ? null : iso(expiresAt),
        ],
      )
      return { key, token: writeToken(id, secret) }
    },
    list: async () => (await selectKeys(sql)).map(({ key }) => key),
    async revoke(id) {
      const found = await sql.query(
        'update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1 returning id',
        [id, iso(clock.now())],
      )
      return found.length > 0
    },
  }
}
