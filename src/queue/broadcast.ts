// Owns hints between processes: publish and subscribe on Redis, or nobody to tell inside one process.

import type { Broadcast } from '../domain/ports/broadcast.ts'
import type { Clock, Stop } from '../timing/clock.ts'
import type { Random } from '../timing/random.ts'
import { connectRedis, type RedisSettings, waitMs } from './connection.ts'

export type BroadcastOptions = {
  readonly redisUrl: string
  /** Keeps several engines apart on one Redis. */
  readonly prefix: string
  /** Told of every connection fault; none of them loses more than hints. */
  readonly onFault: (error: Error) => void
}

type Listener = { readonly onText: (text: string) => void; readonly onReconnect: () => void }

/** For an engine of one process: it hears of its own doings without. */
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
  // A hint that cannot leave now is dropped: whoever misses it looks for itself before long.
  const speaker = connect({ enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  const hearer = connect({ maxRetriesPerRequest: null })
  const listeners = new Map<string, Set<Listener>>()
  let refusals = 0
  let stopTimer: Stop = () => {}
  hearer.on('message', (channel: string, text: string) => {
    for (const { onText } of listeners.get(channel) ?? []) onText(text)
  })
  hearer.on('ready', subscribeAll)

  function subscribeAll(): void {
    stopTimer()
    for (const [channel, set] of listeners) subscribe(channel, set)
  }

  /** Whoever listens is told to look for itself once it hears again. */
  function subscribe(channel: string, whose: Iterable<Listener>): void {
    hearer.subscribe(channel).then(
      () => {
        refusals = 0
        for (const { onReconnect } of whose) onReconnect()
      },
      (error) => {
        options.onFault(error)
        stopTimer()
        refusals += 1
        if (hearer.status === 'ready') stopTimer = clock.after(waitMs(refusals, random), subscribeAll)
      },
    )
  }

  return {
    tell(channel, text) {
      if (speaker.status !== 'ready') return
      speaker.publish(`${options.prefix}:${channel}`, text).catch(options.onFault)
    },
    listen(channel, onText, onReconnect) {
      const name = `${options.prefix}:${channel}`
      const listener: Listener = { onText, onReconnect }
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      if (hearer.status === 'ready') subscribe(name, [listener])
      return () => void set.delete(listener)
    },
    close() {
      stopTimer()
      speaker.disconnect()
      hearer.disconnect()
    },
  }
}
