// Owns the port of hints between processes (pub/sub).

import type { Stop } from '../../timing/clock.ts'

/** Hints between processes, at most once: a process that is away misses them, which costs time, never correctness. */
export interface Broadcast {
  /** Sends to every process that listens on the channel, possibly this one too. */
  tell(channel: string, text: string): void
  /** `onReconnect` runs whenever hints may have been missed. */
  listen(channel: string, onText: (text: string) => void, onReconnect: () => void): Stop
}
