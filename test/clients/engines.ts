// Owns the engines that clients of others trade with: one that fills orders, one on which they wait, so that there is time to
// cancel them; and one key for both.
import type { KeyLimits } from '../../src/domain/limits.ts'
import { type EmbeddedEngine, type Settings, startEmbedded } from '../engines.ts'

export type Ground = {
  readonly engine: EmbeddedEngine
  readonly waiting: EmbeddedEngine
  readonly key: string
  stop(): Promise<void>
}

/** No venue answers, and the next attempt is far away. */
const WAITING: Settings = { SIM_VENUE_FAULTS: 'raydium=down,meteora=down', RETRY_BACKOFF_MS: '600000' }
/** The same key in both databases needs the same chance. */
const ALWAYS_THE_SAME = { next: () => 0.5, bytes: (length: number) => new Uint8Array(length).fill(7) }

async function startWithKey(settings: Settings, limits: KeyLimits | null) {
  const engine = await startEmbedded(settings)
  const key = { name: 'client', scopes: ['trade', 'read'], limits, expiresAt: null } as const
  const { token } = await engine.changeKeys(
    (keys) => keys.create(key),
    { ...settings, REQUIRE_API_KEYS: 'always' },
    ALWAYS_THE_SAME,
  )
  return { engine, token }
}

export async function startGround(settings: Settings = {}, limits: KeyLimits | null = null): Promise<Ground> {
  const [filling, waiting] = await Promise.all([
    startWithKey(settings, limits),
    startWithKey({ ...settings, ...WAITING }, limits),
  ])
  return {
    engine: filling.engine,
    waiting: waiting.engine,
    key: filling.token,
    async stop() {
      await Promise.all([filling.engine.stop(), waiting.engine.stop()])
    },
  }
}
