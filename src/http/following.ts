// Owns what all streams of order events share: their bounds, and following an order before its stream is open.

import type { LoggedEvent } from '../domain/eventCodec.ts'
import type { KeyRing } from '../domain/ports/keys.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { Observe } from '../observe.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import type { FairTurns } from '../timing/fairTurns.ts'

export type StreamDeps = {
  readonly keys: Pick<KeyRing, 'isCurrent'>
  readonly clock: Clock
  readonly observe: Observe
  /** Shared by all streams of this process, whatever carries them. */
  readonly turns: FairTurns
}

/** How often an open stream shows that it is alive, and its key is checked again. */
export const HEARTBEAT_MS = 20_000

/**
 * Slow consumers: bytes buffered per client, beyond the kernel's socket buffer, before we close. Room for several whole
 * logs of an order; a thousand clients that read nothing cost some 80 MB.
 */
export const MAX_BUFFERED = 32_768

/** A log that is already followed and has no reader yet. */
export type Following = {
  /**
   * Gives all events so far, then each new one; `onEnd` follows the last event of a closed order. `onLive` receives messages
   * that have no place in the log, where the client has asked for them.
   */
  start(onEvent: (event: LoggedEvent) => void, onEnd: () => void, onLive: (text: string) => void): void
  /** Whether the order has closed without an event that is still to be given. */
  isOver(): boolean
  readonly stop: Stop
}

/**
 * Follows before the answer begins, while 404 is still possible for an order that the owner does not have: then null.
 * Subscribed first, opened second: no event can fall between the two.
 */
export async function prepareFollowing(
  store: Pick<OrderStore, 'follow'>,
  wanted: Parameters<OrderStore['follow']>[0],
): Promise<Following | null> {
  const early: LoggedEvent[] = []
  let hasEnded = false
  let give = (event: LoggedEvent): void => void early.push(event)
  let end = () => {
    hasEnded = true
  }
  const stop = await store.follow(
    wanted,
    (event) => give(event),
    () => end(),
  )
  if (stop === null) return null
  return {
    stop,
    isOver: () => hasEnded && early.length === 0,
    start(onEvent, onEnd) {
      for (const event of early) onEvent(event)
      give = onEvent
      end = onEnd
      if (hasEnded) onEnd()
    },
  }
}
