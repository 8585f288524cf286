// Owns streams over server-sent events.

import type { ServerResponse } from 'node:http'
import type { Principal } from '../../domain/access.ts'
import { repeat } from '../../timing/repeat.ts'
import { securityHeaders } from '../edge/securityHeaders.ts'
import {
  HEARTBEAT_MS,
  MAX_BUFFERED,
  type MessageStream,
  type StreamDeps,
  type StreamMessage,
} from './messageStream.ts'

export type EventStreams = ReturnType<typeof openEventStreams>

const blocks = new WeakMap<readonly StreamMessage[], Buffer>()

/** Made once for the same array. Without an id, Last-Event-ID stays that of the last message that had one. */
function blockOf(messages: readonly StreamMessage[]): Buffer {
  const known = blocks.get(messages)
  if (known !== undefined) return known
  const texts = messages.map(
    ({ kind, text, id }) => `${id === undefined ? '' : `id: ${id}\n`}event: ${kind}\ndata: ${text}\n\n`,
  )
  const block = Buffer.from(texts.join(''))
  blocks.set(messages, block)
  return block
}

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

  function push(response: ServerResponse, text: string | Buffer, onTaken = () => {}): void {
    if (response.writableEnded) onTaken()
    else if (response.writableLength > MAX_BUFFERED) {
      response.destroy()
      onTaken()
    } else response.write(text, onTaken)
  }

  return {
    /** Answers with the messages of the stream, until it ends. */
    follow(response: ServerResponse, stream: MessageStream, { owner }: Principal): void {
      if (response.destroyed) {
        stream.stop()
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
        stream.stop()
        responses.delete(response)
        observe.streamClosed('sse')
      })
      stream.start(
        (messages, onTaken) => turns.take(() => push(response, blockOf(messages), onTaken)),
        () => turns.take(() => response.end()),
        () => response.destroy(),
      )
    },

    /** Ends every stream; clients resume at another process with Last-Event-ID. */
    close(): void {
      stopHeartbeat()
      for (const response of responses.keys()) response.end()
    },
  }
}
