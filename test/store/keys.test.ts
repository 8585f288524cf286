// The contract of keys and tickets, kept over the embedded database and over a Postgres server.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { localUser } from '../../src/domain/access.ts'
import type { KeyStore, NewKey } from '../../src/domain/ports/keys.ts'
import type { Sql } from '../../src/domain/ports/sql.ts'
import { openKeyRing } from '../../src/store/keyRing.ts'
import { createKeyStore } from '../../src/store/keyStore.ts'
import { migrate } from '../../src/store/migrations.ts'
import type { Random } from '../../src/timing/random.ts'
import { type Databases, distributed, embedded } from '../support/databases.ts'
import { manualClock } from '../support/manualClock.ts'
import { describeDistributed } from '../support/services.ts'

/** Longer than keys go unread, shorter than a ticket lives. */
const SOON_MS = 600
const TICKET_MS = 60_000

type Ring = Awaited<ReturnType<typeof openKeyRing>>

const random: Random = {
  next: Math.random,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
}
const wanted: NewKey = { name: 'bot', scopes: ['trade', 'read'], quotas: null, expiresAt: null }

function describeKeys(open: () => Promise<Databases>): void {
  const clock = manualClock()
  let [sql, otherSql] = [null, null] as unknown as [Sql, Sql]
  let [ring, otherRing] = [null, null] as unknown as [Ring, Ring]
  let keys: KeyStore
  let close: () => Promise<void>
  beforeAll(async () => {
    const databases = await open()
    ;({ sql, otherSql } = databases)
    await migrate(sql)
    const options = { requiresKey: false, onFault: () => {} }
    ring = await openKeyRing(sql, clock, random, options)
    otherRing = await openKeyRing(otherSql, clock, random, { ...options, requiresKey: true })
    keys = createKeyStore(sql, clock, random)
    close = async () => {
      ring.close()
      otherRing.close()
      await databases.remove()
    }
  })
  afterAll(() => close())

  /** A new key that both rings know. */
  async function known(more: Partial<NewKey> = {}) {
    const made = await keys.create({ ...wanted, ...more })
    await bothKnow(made.token, true)
    return { ...made, owner: made.key.id }
  }

  function bothKnow(token: string, isKnown: boolean): Promise<void> {
    return vi.waitFor(() => {
      clock.advance(SOON_MS)
      for (const one of [ring, otherRing]) expect(one.authenticate(token) !== null).toBe(isKnown)
    })
  }

  test('a key proves its owner and its scopes to every process, and no other secret does', async () => {
    const { key, token } = await known()
    expect(otherRing.authenticate(token)).toEqual({ owner: key.id, scopes: ['trade', 'read'], quotas: null })
    const other = await known()
    const crossed = `${token.slice(0, 21)}${other.token.slice(21)}`
    for (const text of ['', 'oee', token.slice(1), `${token}0`, token.toUpperCase(), crossed, key.id]) {
      expect(ring.authenticate(text)).toBeNull()
    }
  })

  test('of its secret nothing is stored but a digest', async () => {
    const { key, token } = await keys.create(wanted)
    const secret = token.slice(`oee_${key.id}_`.length)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    const [row] = await sql.query<{ row: string; digest: string }>(
      "select row_to_json(k)::text as row, encode(digest, 'hex') as digest from api_keys k where id = $1",
      [key.id],
    )
    expect(row?.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(row?.row).not.toContain(secret)
    expect(row?.digest).not.toBe(secret)
  })

  test('one that is revoked is known no more, to whoever it was known', async () => {
    const { key, token, owner } = await known()
    expect(await keys.revoke(key.id)).toBe(true)
    await bothKnow(token, false)
    expect(ring.isCurrent(owner)).toBe(false)
    expect(await keys.revoke('0000000000000000')).toBe(false)
  })

  test('revoking again changes nothing', async () => {
    const { key } = await known()
    await keys.revoke(key.id)
    const revokedAt = async () => (await keys.list()).find(({ id }) => id === key.id)?.revokedAt
    const before = await revokedAt()
    clock.advance(SOON_MS)
    await keys.revoke(key.id)
    expect(await revokedAt()).toBe(before)
  })

  test('one that expires is known until then', async () => {
    const expiresAt = clock.now() + 3_600_000
    const { token } = await known({ expiresAt })
    clock.advance(expiresAt - clock.now() - 1)
    expect(ring.authenticate(token)).not.toBeNull()
    clock.advance(1)
    expect(ring.authenticate(token)).toBeNull()
  })

  test('whoever has no key is the local user where none is required, and nobody elsewhere', async () => {
    expect(ring.keyless).toEqual(localUser)
    expect(otherRing.keyless).toBeNull()
    const { ticket } = await ring.issueTicket(localUser.owner)
    expect(await otherRing.redeemTicket(ticket)).toBeNull()
  })

  test('a ticket stands for its key once, in any process, and is stored as a digest', async () => {
    const { owner } = await known()
    const { ticket } = await ring.issueTicket(owner)
    const [row] = await sql.query<{ all: string }>('select json_agg(tickets)::text as all from tickets')
    expect(row?.all).toContain(owner)
    expect(row?.all).not.toContain(ticket)
    expect(await otherRing.redeemTicket(ticket)).toEqual({ owner, scopes: ['trade', 'read'], quotas: null })
    for (const one of [ring, otherRing]) expect(await one.redeemTicket(ticket)).toBeNull()
  })

  test('a ticket asked for fifty times at once stands for its key once', async () => {
    const { owner } = await known()
    const { ticket } = await ring.issueTicket(owner)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? ring : otherRing).redeemTicket(ticket)),
    )
    expect(answers.filter((principal) => principal !== null)).toHaveLength(1)
  })

  test('a ticket dies with its minute, or with its key', async () => {
    const { key, token, owner } = await known()
    const [late, orphan] = [await ring.issueTicket(owner), await ring.issueTicket(localUser.owner)]
    clock.advance(TICKET_MS)
    expect(await ring.redeemTicket(late.ticket)).toBeNull()
    // The next one issued sweeps up what has expired.
    const { ticket } = await ring.issueTicket(owner)
    const [row] = await sql.query<{ count: number }>('select count(*)::int as count from tickets')
    expect(row?.count).toBe(1)
    expect(await ring.redeemTicket(orphan.ticket)).toBeNull()
    await keys.revoke(key.id)
    await bothKnow(token, false)
    expect(await ring.redeemTicket(ticket)).toBeNull()
  })
}

describe('keys on the embedded database', () => describeKeys(embedded))
describeDistributed('keys on Postgres', () => describeKeys(distributed))
