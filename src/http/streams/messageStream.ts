// Owns what all streams share, whatever they give and whatever carries it: their messages and their bounds.

import type { KeyRing } from '../../domain/ports/keys.ts'
import type { Observe } from '../../observe.ts'
import type { Clock, Stop } from '../../timing/clock.ts'
import type { FairTurns } from '../../timing/fairTurns.ts'

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

/** Characters given before the client has to have taken them, where a stream has much to give at once. */
export const AT_ONCE = 16_384

export type StreamMessage = {
  /** The name of the event over server-sent events. */
  readonly kind: string
  /** JSON in one line: a WebSocket frame is nothing else. */
  readonly text: string
  /** Where a client resumes behind this message, in one line: the id over server-sent events. Absent: it cannot. */
  readonly id?: string
}

/**
 * Gives messages to the client, together. `onTaken` is called once they have left this process, or can not any more. Streams that
 * give the same array share the bytes that are made of it.
 */
export type GiveMessages = (messages: readonly StreamMessage[], onTaken?: () => void) => void

/** Messages that a WebSocket or an event stream can carry. Prepared before the answer begins, while it may be an error. */
export type MessageStream = {
  /**
   * Gives what is there already, then each new message; `onEnd` follows the last one, of a stream that has a last one. `onSlow`
   * closes on a client that takes too long over them.
   */
  start(onMessages: GiveMessages, onEnd: () => void, onSlow: () => void): void
  readonly stop: Stop
}
