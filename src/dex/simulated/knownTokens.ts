// Owns which tokens of the simulated chain this process knows: those of its genesis, and launched ones within a second.

import type { Broadcast } from '../../domain/ports/broadcast.ts'
import { TokenList } from '../../domain/token.ts'
import type { Clock } from '../../timing/clock.ts'
import { repeat } from '../../timing/repeat.ts'
import type { Ledger } from './ledger.ts'
import { simulatedTokens } from './market.ts'

const LAUNCH_CHANNEL = 'simulation_launch'
const LOOK_MS = 1_000

export type KnownTokensDeps = {
  readonly ledger: Ledger
  readonly broadcast: Broadcast
  readonly clock: Clock
  readonly onFault: (error: unknown) => void
}

/** Rejects when the launches so far cannot be read. */
export async function openKnownTokens({ ledger, broadcast, clock, onFault }: KnownTokensDeps) {
  const tokens = new TokenList(simulatedTokens)
  let lookedUntil = 0

  async function look(): Promise<void> {
    for (const { slot, token } of await ledger.launchedAfter(lookedUntil)) {
      // Two looks at once may find the same launch.
      if (tokens.find(token.mint) === undefined) tokens.add(token)
      lookedUntil = Math.max(lookedUntil, slot)
    }
  }

  let lookUnderWay: Promise<void> = Promise.resolve()
  const lookNow = () => {
    lookUnderWay = look().catch(onFault)
  }
  await look()
  const stopLooking = repeat(clock, LOOK_MS, look, onFault)
  const stopListening = broadcast.listen(LAUNCH_CHANNEL, lookNow, lookNow)

  return {
    tokens,
    /** There is a new token: looks here, and hints to the other processes. */
    announce(): void {
      lookNow()
      broadcast.tell(LAUNCH_CHANNEL, '')
    },
    async close(): Promise<void> {
      stopListening()
      await Promise.all([stopLooking(), lookUnderWay])
    },
  }
}
