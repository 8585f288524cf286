// Owns the streams of order events: over WebSocket and over server-sent events, both fed by the log.

import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { OrderId } from '../domain/order.ts'
import type { Stop } from '../domain/ports.ts'
import type { HttpDeps } from './deps.ts'
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

type Place = (body: OrderRequest) => Promise<object & { readonly orderId: string }>

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

  function stream(socket: WebSocket, id: OrderId, after: number): void {
    const stop = store.follow(
      id,
      after,
      (event) => push(socket, textOf(event)),
      () => socket.close(NORMAL),
    )
    socket.on('close', stop)
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
    follow(socket: WebSocket, id: OrderId, after: number): void {
      open(socket)
      const strikes = { count: 0 }
      listen(socket, () =>
        strike(socket, strikes, new Problem('invalid_request', { detail: 'this stream only speaks' })),
      )
      stream(socket, id, after)
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
          stream(socket, answer.orderId as OrderId, 0)
        } catch (error) {
          state = 'open'
          strike(socket, strikes, error)
        }
      })
    },

    followOverSse(response: ServerResponse, id: OrderId, after: number): void {
      responses.add(response)
      observe.streamOpened('sse')
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      response.flushHeaders()
      const stop = store.follow(
        id,
        after,
        (event) => {
          if (response.writableLength > MAX_BUFFERED) response.destroy()
          else response.write(`id: ${event.seq}\nevent: ${event.kind}\ndata: ${textOf(event)}\n\n`)
        },
        () => response.end(),
      )
      response.on('close', () => {
        stop()
        responses.delete(response)
        observe.streamClosed('sse')
      })
    },

    /** Tells every stream that this process goes away; clients resume elsewhere behind their last seq. */
    close(): void {
      stopTimer()
      for (const socket of sockets.keys()) socket.close(GOING_AWAY, 'the server is going away')
      for (const response of responses) response.end()
    },
  }
}
