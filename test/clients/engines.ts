// Owns the engines that clients of others trade with: one that fills orders, one on which they wait, so that there is time to
// cancel them; and one key for both.
import { readConfig } from '../../src/config.ts'
import type { KeyQuotas } from '../../src/domain/quotas.ts'
import { start } from '../../src/index.ts'
import { openPglite } from '../../src/store/embedded/pglite.ts'
import { createKeyStore } from '../../src/store/keyStore.ts'
import { migrate } from '../../src/store/migrations.ts'
import { freshFolder } from '../support/embeddedFolder.ts'
import type { Settings } from '../support/engines.ts'

type Keyed = { readonly url: string; readonly token: string; stop(): Promise<void> }

export type Ground = {
  /** Where orders are filled. */
  readonly url: string
  /** Where they wait. */
  readonly waitingUrl: string
  readonly key: string
  stop(): Promise<void>
}

const COMMON: Settings = {
  PORT: '0',
  LOG_LEVEL: 'silent',
  SIM_SPEED: 'instant',
  REQUIRE_API_KEYS: 'always',
}
/** No venue answers, and the next attempt is far away. */
const WAITING: Settings = { SIM_VENUE_FAULTS: 'raydium=down,meteora=down', RETRY_BACKOFF_MS: '600000' }
const clock = { now: Date.now, after: () => () => {} }
/** The same key in both databases needs the same chance. */
const random = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length).fill(7) }

async function startWithKey(settings: Settings, limits: KeyQuotas | null): Promise<Keyed> {
  const folder = await freshFolder()
  const sql = await openPglite(folder.database)
  await migrate(sql)
  const wanted = { name: 'client', scopes: ['trade', 'read'], quotas: limits, expiresAt: null } as const
  const { token } = await createKeyStore(sql, clock, random).create(wanted)
  await sql.close()
  const engine = await start(readConfig({ ...COMMON, DATA_DIR: folder.path, ...settings }))
  return { url: engine.url, token, stop: () => engine.stop('the test is over').finally(folder.remove) }
}

export async function startGround(settings: Settings = {}, limits: KeyQuotas | null = null): Promise<Ground> {
  const filling = await startWithKey(settings, limits)
  const waiting = await startWithKey({ ...settings, ...WAITING }, limits)
  return {
    url: filling.url,
    waitingUrl: waiting.url,
    key: filling.token,
    async stop() {
      await Promise.all([filling.stop(), waiting.stop()])
    },
  }
}
