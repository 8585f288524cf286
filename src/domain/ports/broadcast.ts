// Owns the port of hints between processes.

import type { Stop } from '../../timing/clock.ts'

/** Hints between processes. What is said while a process is away is lost to it, which costs time, never correctness. */
export interface Broadcast {
  /** Tells every process that listens on the channel, this one perhaps included. */
  tell(channel: string, text: string): void
  /** `onReconnect` runs whenever something said may have been missed. */
  listen(channel: string, onText: (text: string) => void, onReconnect: () => void): Stop
}
