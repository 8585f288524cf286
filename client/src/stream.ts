// Owns the streams: they connect again and go on where they were. Server-sent events over fetch carry them, or sockets where
// those are asked for. Not EventSource, which sends no Authorization header and does not exist in Node.

import { OeeError } from './errors.ts'
import { badAnswer, connectionError, type Http, parsed, type Query, queryText } from './http.ts'
import { type Limit, openLimit, sleep } from './limit.ts'
import { delayBefore, isTransient } from './retry.ts'
import { openFrames } from './socket.ts'
import type { WatchOptions } from './types.ts'

/** The engine sends a comment every 20 s: a connection that is silent for longer is dead. */
const SILENCE_MS = 60_000

/** The connection is there; nothing has come yet. */
const OPENED = null

/** What to ask for, and what has been received so far. */
export type Source<T> = {
  readonly path: string
  /** The query and headers that go on behind what was received. */
  resume(): { readonly query?: Query; readonly headers?: Readonly<Record<string, string>> }
  /** The same over WebSocket, which takes no headers. */
  socket(): { readonly path: string; readonly query: Query }
  /** The message to give, or null for one that was given before. */
  receive(message: unknown): T | null
  /** Whether nothing comes any more; `end`: the engine has said so. */
  isOver(): boolean
  end(): void
}

/** The messages of a source; nothing is asked for before the first one is. Breaking out of it closes the connection. */
export function stream<T>(
  http: Http,
  source: Source<T>,
  { signal: outer, onConnection = () => {} }: WatchOptions,
): AsyncIterableIterator<T> {
  let limit: Limit | null = null
  let isClosed = false
  const messages = follow()

  async function* follow(): AsyncGenerator<T, undefined> {
    const whole = openLimit(outer)
    limit = whole
    try {
      let wasOpen = false
      for (let failures = 0; ; failures += 1) {
        let error = new OeeError('unreachable', 'The stream has ended.')
        try {
          for await (const message of connection(http, source, whole.signal)) {
            if (whole.signal.aborted) throw whole.signal.reason
            wasOpen = true
            if (message === OPENED) {
              onConnection(true)
              continue
            }
            failures = 0
            const given = source.receive(message)
            if (given !== null) yield given
            if (source.isOver()) return
          }
          if (source.isOver()) return
        } catch (reason) {
          error = reason as OeeError
        }
        if (isClosed) return
        onConnection(false)
        const delay = delayBefore(failures, error)
        const isHopeless = !isTransient(error) || delay === null || (!wasOpen && failures >= http.maxRetries)
        if (whole.signal.aborted || isHopeless) throw error
        await sleep(delay, whole.signal)
      }
    } catch (error) {
      if (!isClosed) throw error
    } finally {
      whole.close()
    }
  }

  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => messages.next(),
    // A generator that waits for its next message does not return before it: the wait is ended first.
    return() {
      isClosed = true
      limit?.abort()
      return messages.return(undefined)
    },
  }
}

/** One connection: OPENED first, then its messages until it ends or breaks. */
async function* connection<T>(http: Http, source: Source<T>, signal: AbortSignal): AsyncGenerator<unknown> {
  const isGiven = http.sockets && (yield* overSocket(http, source, signal))
  // A browser does not say why a socket has not opened. The same request over fetch is answered with the reason, or the stream.
  if (!isGiven) yield* overEvents(http, source, signal)
}

/** Returns false where no socket opens. */
async function* overSocket<T>(
  http: Http,
  source: Source<T>,
  signal: AbortSignal,
): AsyncGenerator<unknown, boolean> {
  const limit = openLimit(signal, http.attemptMs)
  try {
    const protocols = await http.protocols(limit.signal)
    const { path, query } = source.socket()
    const url = `${http.base.replace(/^http/, 'ws')}${path}${queryText(query)}`
    const frames = await openFrames(url, protocols, limit.signal)
    if (frames === null) {
      // The caller's abort is no reason to try another way.
      if (signal.aborted) throw signal.reason
      return false
    }
    const seen = () => limit.restart(SILENCE_MS)
    seen()
    yield OPENED
    for await (const text of frames) {
      seen()
      yield parsed(text) ?? badFrame()
    }
    source.end()
    return true
  } finally {
    limit.abort()
  }
}

const badFrame = (): never => {
  throw new OeeError('bad_answer', 'The stream is not one of an engine.')
}

async function* overEvents<T>(http: Http, source: Source<T>, signal: AbortSignal): AsyncGenerator<unknown> {
  const limit = openLimit(signal, http.attemptMs)
  try {
    const { query = {}, headers = {} } = source.resume()
    const accept = { accept: 'text/event-stream', ...headers }
    const response = await http.open({ method: 'GET', path: source.path, query, headers: accept }, limit)
    if (response.status === 204) return source.end()
    if (!/^text\/event-stream/.test(response.headers.get('content-type') ?? '') || response.body === null) {
      throw badAnswer(response)
    }
    const seen = () => limit.restart(SILENCE_MS)
    seen()
    yield OPENED
    for await (const data of eventData(response.body, limit.signal, seen)) yield parsed(data) ?? badFrame()
  } finally {
    limit.abort()
  }
}

/** The data of each event (HTML, 9.2.6); one that is cut short is none. `seen` is called for whatever comes. */
async function* eventData(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  seen: () => void,
): AsyncGenerator<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let data: string[] = []
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw connectionError(error, signal)
    })
    if (done) return
    seen()
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
      else if (line === '' && data.length > 0) {
        yield data.join('\n')
        data = []
      }
    }
  }
}
