// Owns following one order: its log as a stream of messages, subscribed before the stream is open.

import type { LoggedEvent } from '../../domain/eventCodec.ts'
import type { OrderStore } from '../../domain/ports/orders.ts'
import { messageOf } from '../views.ts'
import { AT_ONCE, type MessageStream, type StreamMessage } from './messageStream.ts'

/** A log that is already followed and has no reader yet; ends behind the last event of a closed order. */
export type Following = MessageStream & {
  /** Whether the order has closed without an event that is still to be given. */
  isOver(): boolean
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
    start(onMessages, onEnd) {
      // A long log goes out as its client takes it: at once it would make any client a slow consumer.
      const giveSome = () => {
        const portion: StreamMessage[] = []
        for (let room = AT_ONCE; room > 0 && early.length > 0; ) {
          const message = messageOf(early.shift() as LoggedEvent)
          room -= message.text.length
          portion.push(message)
        }
        if (portion.length > 0) onMessages(portion, early.length === 0 ? undefined : giveSome)
        if (early.length > 0) return
        give = (event) => onMessages([messageOf(event)])
        end = onEnd
        if (hasEnded) onEnd()
      }
      giveSome()
    },
  }
}
