// Owns hints between processes: pub/sub on Redis (at-most-once), or nothing where there is only one process.

import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { connectRedis, type RedisSettings, waitMs } from './connection.ts'

export type BroadcastOptions = {
  readonly redisUrl: string
  /** Keeps several engines apart on one Redis. */
  readonly prefix: string
  /** Receives every connection fault. None of them loses more than hints. */
  readonly onFault: (error: Error) => void
}

type Listener = { readonly onText: (text: string) => void; readonly onReconnect: () => void }

/** For an engine of one process, which needs no hints. */
export const noBroadcast: Broadcast & { close(): void } = {
  tell() {},
  listen: () => () => {},
  close() {},
}

export function openBroadcast(
  clock: Clock,
  random: Random,
  options: BroadcastOptions,
): Broadcast & { close(): void } {
  const connect = (settings: RedisSettings) => connectRedis(options.redisUrl, settings, options.onFault)
  // A hint that cannot leave now is dropped: every receiver also polls.
  const publisher = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  const subscriber = connect({ maxRetriesPerRequest: null })
  const listeners = new Map<string, Set<Listener>>()
  let refusals = 0
  let stopTimer: Stop = () => {}
  subscriber.on('message', (channel: string, text: string) => {
    for (const { onText } of listeners.get(channel) ?? []) onText(text)
  })
  subscriber.on('ready', subscribeAll)

  function subscribeAll(): void {
    stopTimer()
    for (const [channel, set] of listeners) subscribe(channel, set)
  }

  /** A new subscription may have missed hints, so its listeners reread. */
  function subscribe(channel: string, whose: Iterable<Listener>): void {
    subscriber.subscribe(channel).then(
      () => {
        refusals = 0
        for (const { onReconnect } of whose) onReconnect()
      },
      (error) => {
        options.onFault(error)
        stopTimer()
        refusals += 1
        if (subscriber.status === 'ready') stopTimer = clock.after(waitMs(refusals, random), subscribeAll)
      },
    )
  }

  return {
    tell(channel, text) {
      if (publisher.status !== 'ready') return
      publisher.publish(`${options.prefix}:${channel}`, text).catch(options.onFault)
    },
    listen(channel, onText, onReconnect) {
      const name = `${options.prefix}:${channel}`
      const listener: Listener = { onText, onReconnect }
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      if (subscriber.status === 'ready') subscribe(name, [listener])
      return () => void set.delete(listener)
    },
    close() {
      stopTimer()
      publisher.disconnect()
      subscriber.disconnect()
    },
  }
}
