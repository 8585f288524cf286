// Owns the streams of order events: over WebSocket and over server-sent events, both fed by the log.

import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { LoggedEvent } from '../domain/eventCodec.ts'
import type { OrderId } from '../domain/order.ts'
import type { Stop } from '../domain/ports.ts'
import { type HttpDeps, LOCAL_OWNER } from './deps.ts'
import { readJsonObject } from './json.ts'
import { textOf } from './present.ts'
import { Problem, problemBody, problemOf } from './problems.ts'
import { OrderRequest } from './schemas.ts'
import { validator } from './validation.ts'

export type Streams = ReturnType<typeof openStreams>

/** What a client may leave unread before it is told to come back later. */
const MAX_BUFFERED = 1_048_576
const PING_MS = 20_000
/** Frames that make no sense before the socket is closed. */
const MAX_STRIKES = 3

const NORMAL = 1000
const GOING_AWAY = 1001
const UNSUPPORTED = 1003
const POLICY = 1008
const TRY_AGAIN_LATER = 1013

const checkOrder = validator(OrderRequest)

type Place = (body: OrderRequest) => Promise<object & { readonly orderId: OrderId }>

/** A log that is followed from before its first reader is there: what came until then is told first. */
export type Following = {
  start(onEvent: (event: LoggedEvent) => void, onEnd: () => void): void
  /** Whether there is nothing to tell and never will be. */
  isOver(): boolean
  readonly stop: Stop
}

export function openStreams(deps: Pick<HttpDeps, 'store' | 'clock' | 'observe' | 'newId'>) {
  const { store, clock, observe } = deps
  const sockets = new Map<WebSocket, { isAlive: boolean }>()
  const responses = new Set<ServerResponse>()
  let stopTimer: Stop = () => {}

  /** One timer for all: a socket that has not answered since the last ping is gone. */
  function schedule(): void {
    stopTimer = clock.after(PING_MS, () => {
      for (const [socket, state] of sockets) {
        if (!state.isAlive) socket.terminate()
        else socket.ping()
        state.isAlive = false
      }
      for (const response of responses) response.write(': still here\n\n')
      schedule()
    })
  }
  schedule()

  function open(socket: WebSocket): void {
    const state = { isAlive: true }
    sockets.set(socket, state)
    observe.streamOpened('websocket')
    socket.on('pong', () => {
      state.isAlive = true
    })
    // Protocol errors are answered by ws with the right close code; here they only must not be thrown.
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      observe.streamClosed('websocket')
    })
  }

  function push(socket: WebSocket, text: string): void {
    if (socket.bufferedAmount > MAX_BUFFERED) socket.close(TRY_AGAIN_LATER, 'too slow')
    else socket.send(text)
  }

  /** Gives the socket what is followed, until it ends. */
  function stream(socket: WebSocket, following: Following): void {
    // One that closed meanwhile says so no more.
    if (socket.readyState !== socket.OPEN) {
      following.stop()
      return
    }
    socket.on('close', following.stop)
    following.start(
      (event) => push(socket, textOf(event)),
      () => socket.close(NORMAL),
    )
  }

  /** The order is taken on, whatever becomes of this stream: a client that is sent away has what it needs to return. */
  async function streamPlaced(socket: WebSocket, id: OrderId): Promise<void> {
    const following = await prepare(id, 0).catch(() => null)
    if (following === null) socket.close(TRY_AGAIN_LATER, 'follow the order at its wsUrl')
    else stream(socket, following)
  }

  /** Begins to follow before there is anybody to tell; null when there is no such order. */
  async function prepare(id: OrderId, after: number): Promise<Following | null> {
    const early: LoggedEvent[] = []
    let hasEnded = false
    let tell = (event: LoggedEvent): void => void early.push(event)
    let end = () => {
      hasEnded = true
    }
    const stop = await store.follow(
      { id, owner: LOCAL_OWNER, after },
      (event) => tell(event),
      () => end(),
    )
    if (stop === null) return null
    return {
      stop,
      isOver: () => hasEnded && early.length === 0,
      start(onEvent, onEnd) {
        for (const event of early) onEvent(event)
        tell = onEvent
        end = onEnd
        if (hasEnded) onEnd()
      },
    }
  }

  /** Calls `onText` for each text frame; binary frames end the socket. */
  function listen(socket: WebSocket, onText: (data: Uint8Array) => void): void {
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.close(UNSUPPORTED, 'text frames only')
      else onText(Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data as Buffer))
    })
  }

  function refuse(socket: WebSocket, error: unknown): void {
    const requestId = deps.newId()
    const problem = problemOf(error)
    if (problem.code === 'internal_error') observe.requestFailed(requestId, error)
    observe.denied(problem.code, requestId)
    push(socket, JSON.stringify({ error: problemBody(problem, requestId) }))
  }

  /** A frame nobody asked for is answered with an error; the third ends the socket. */
  function strike(socket: WebSocket, strikes: { count: number }, error: unknown): void {
    strikes.count += 1
    refuse(socket, error)
    if (strikes.count >= MAX_STRIKES) socket.close(POLICY, 'too many frames that make no sense')
  }

  return {
    prepare,

    follow(socket: WebSocket, following: Following): void {
      open(socket)
      const strikes = { count: 0 }
      listen(socket, () =>
        strike(socket, strikes, new Problem('invalid_request', { detail: 'this stream only speaks' })),
      )
      stream(socket, following)
    },

    /** The first text frame is the order; a frame that is denied may be followed by a better one. */
    placeAndFollow(socket: WebSocket, place: Place): void {
      open(socket)
      const strikes = { count: 0 }
      let state: 'open' | 'placing' | 'placed' = 'open'
      listen(socket, async (data) => {
        if (state !== 'open') {
          return strike(socket, strikes, new Problem('invalid_request', { detail: 'one order per socket' }))
        }
        state = 'placing'
        try {
          const answer = await place(checkOrder(readJsonObject(data)))
          state = 'placed'
          push(socket, JSON.stringify(answer))
          await streamPlaced(socket, answer.orderId)
        } catch (error) {
          state = 'open'
          strike(socket, strikes, error)
        }
      })
    },

    followOverSse(response: ServerResponse, following: Following): void {
      if (response.destroyed) {
        following.stop()
        return
      }
      responses.add(response)
      observe.streamOpened('sse')
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      response.flushHeaders()
      response.on('close', () => {
        following.stop()
        responses.delete(response)
        observe.streamClosed('sse')
      })
      following.start(
        (event) => {
          if (response.writableLength > MAX_BUFFERED) response.destroy()
          else response.write(`id: ${event.seq}\nevent: ${event.kind}\ndata: ${textOf(event)}\n\n`)
        },
        () => response.end(),
      )
    },

    /** Tells every stream that this process goes away; clients resume elsewhere behind their last seq. */
    close(): void {
      stopTimer()
      for (const socket of sockets.keys()) socket.close(GOING_AWAY, 'the server is going away')
      for (const response of responses) response.end()
    },
  }
}
