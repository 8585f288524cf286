// Owns the streams of order events over server-sent events.

import type { ServerResponse } from 'node:http'
import type { Principal } from '../domain/access.ts'
import type { LoggedEvent } from '../domain/eventCodec.ts'
import { repeat } from '../timing/repeat.ts'
import { type Following, HEARTBEAT_MS, MAX_BUFFERED, type StreamDeps } from './following.ts'
import { securityHeaders } from './securityHeaders.ts'
import { textOf } from './views.ts'

export type EventStreams = ReturnType<typeof openEventStreams>

const sseText = (event: LoggedEvent) => `id: ${event.seq}\nevent: ${event.kind}\ndata: ${textOf(event)}\n\n`

/** Without an id: Last-Event-ID stays that of the last event of the log. */
const liveText = (text: string) => `event: waiting\ndata: ${text}\n\n`

export function openEventStreams({ keys, clock, observe, turns }: StreamDeps) {
  /** Each open response, with the owner whose key opened it. */
  const responses = new Map<ServerResponse, string>()

  const stopHeartbeat = repeat(clock, HEARTBEAT_MS, beat, (error) => observe.requestFailed('sse', error))

  /** A comment keeps proxies from closing a silent stream. A stream whose key was revoked ends. */
  async function beat(): Promise<void> {
    for (const [response, owner] of responses) {
      if (keys.isCurrent(owner)) turns.take(() => push(response, ': still here\n\n'))
      else response.end()
    }
  }

  function push(response: ServerResponse, text: string): void {
    if (response.writableEnded) return
    if (response.writableLength > MAX_BUFFERED) response.destroy()
    else response.write(text)
  }

  return {
    /** Answers with the events, from the first that is kept to the last of the order. */
    follow(response: ServerResponse, following: Following, { owner }: Principal): void {
      if (response.destroyed) {
        following.stop()
        return
      }
      responses.set(response, owner)
      observe.streamOpened('sse')
      response.writeHead(200, {
        ...securityHeaders,
        'content-type': 'text/event-stream',
        'x-accel-buffering': 'no',
      })
      response.flushHeaders()
      response.on('close', () => {
        following.stop()
        responses.delete(response)
        observe.streamClosed('sse')
      })
      following.start(
        (event) => turns.take(() => push(response, sseText(event))),
        () => turns.take(() => response.end()),
        (text) => turns.take(() => push(response, liveText(text))),
      )
    },

    /** Ends every stream; clients resume at another process with Last-Event-ID. */
    close(): void {
      stopHeartbeat()
      for (const response of responses.keys()) response.end()
    },
  }
}
