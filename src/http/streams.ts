// Owns the streams of order events: over WebSocket and over server-sent events, both fed by the log.

import type { ServerResponse } from 'node:http'
import type { WebSocket } from 'ws'
import type { Principal } from '../domain/access.ts'
import type { LoggedEvent } from '../domain/eventCodec.ts'
import type { OrderId } from '../domain/order.ts'
import type { OrderStore } from '../domain/ports/orders.ts'
import type { Stop } from '../timing/clock.ts'
import { createFairTurns } from '../timing/fairTurns.ts'
import type { HttpDeps } from './deps.ts'
import { readJsonObject } from './json.ts'
import { Problem, problemBody, problemHeaders, problemOf, problemTable } from './problems.ts'
import { OrderRequest } from './schemas.ts'
import { securityHeaders } from './securityHeaders.ts'
import { validator } from './validation.ts'
import { textOf } from './views.ts'

export type Streams = ReturnType<typeof openStreams>

/**
 * What a client may leave unread, beyond what the system takes off our hands, before it is told to come back later. Several
 * whole logs of an order; a thousand clients that read nothing cost some 80 MB.
 */
const MAX_BUFFERED = 32_768
const PING_MS = 20_000
/** Frames of any kind that a client may send in a second. */
const MAX_FRAMES_PER_S = 20
/** Frames that make no sense before the socket is closed. */
const MAX_STRIKES = 3

const NORMAL = 1000
const GOING_AWAY = 1001
const UNSUPPORTED = 1003
const POLICY = 1008
const TRY_AGAIN_LATER = 1013
const KEY_GONE = 'the key is no longer valid'

const checkOrder = validator(OrderRequest)

type Placing = {
  /** Why no order is taken on now, asked before anything of it is read. */
  refusal(): Problem | undefined
  place(body: OrderRequest): Promise<object & { readonly orderId: OrderId }>
}

const sseText = (event: LoggedEvent) => `id: ${event.seq}\nevent: ${event.kind}\ndata: ${textOf(event)}\n\n`

/** A log that is followed from before its first reader is there: what came until then is told first. */
export type Following = {
  start(onEvent: (event: LoggedEvent) => void, onEnd: () => void): void
  /** Whether there is nothing to tell and never will be. */
  isOver(): boolean
  readonly stop: Stop
}

export function openStreams(deps: Pick<HttpDeps, 'store' | 'keys' | 'clock' | 'observe' | 'newId'>) {
  const { store, keys, clock, observe } = deps
  const sockets = new Map<WebSocket, { isAlive: boolean; readonly owner: string }>()
  const responses = new Map<ServerResponse, string>()
  const turns = createFairTurns(setImmediate)
  let stopTimer: Stop = () => {}

  /** One timer for all: a socket that has not answered since the last ping is gone, and so is one whose key is. */
  function schedule(): void {
    stopTimer = clock.after(PING_MS, () => {
      for (const [socket, state] of sockets) {
        if (!state.isAlive) socket.terminate()
        else if (!keys.isCurrent(state.owner)) socket.close(POLICY, KEY_GONE)
        else turns.take(() => socket.ping())
        state.isAlive = false
      }
      for (const [response, owner] of responses) {
        if (keys.isCurrent(owner)) turns.take(() => tell(response, ': still here\n\n'))
        else response.end()
      }
      schedule()
    })
  }
  schedule()

  function open(socket: WebSocket, { owner }: Principal): void {
    const state = { isAlive: true, owner }
    sockets.set(socket, state)
    observe.streamOpened('websocket')
    socket.on('pong', () => {
      state.isAlive = true
    })
    limitFrames(socket)
    // Protocol errors are answered by ws with the right close code; here they only must not be thrown.
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      observe.streamClosed('websocket')
    })
  }

  /** Whoever sends more in a second than any client has reason to is sent away; answering costs us, asking costs little. */
  function limitFrames(socket: WebSocket): void {
    let since = clock.now()
    let frames = 0
    const count = () => {
      const now = clock.now()
      if (now - since >= 1_000 || now < since) {
        since = now
        frames = 0
      }
      frames += 1
      if (frames > MAX_FRAMES_PER_S) socket.close(POLICY, 'too many frames')
    }
    for (const kind of ['message', 'ping', 'pong'] as const) socket.on(kind, count)
  }

  function push(socket: WebSocket, text: string): void {
    if (socket.bufferedAmount > MAX_BUFFERED) socket.close(TRY_AGAIN_LATER, 'too slow')
    else socket.send(text)
  }

  function tell(response: ServerResponse, text: string): void {
    if (response.writableEnded) return
    if (response.writableLength > MAX_BUFFERED) response.destroy()
    else response.write(text)
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
      (event) => turns.take(() => push(socket, textOf(event))),
      () => turns.take(() => socket.close(NORMAL)),
    )
  }

  /** The order is taken on, whatever becomes of this stream: a client that is sent away has what it needs to return. */
  async function streamPlaced(socket: WebSocket, id: OrderId, { owner }: Principal): Promise<void> {
    const following = await prepare({ id, owner, after: 0 }).catch(() => null)
    if (following === null) socket.close(TRY_AGAIN_LATER, 'follow the order at its wsUrl')
    else stream(socket, following)
  }

  /** Begins to follow before there is anybody to tell; null when the owner has no such order. */
  async function prepare(wanted: Parameters<OrderStore['follow']>[0]): Promise<Following | null> {
    const early: LoggedEvent[] = []
    let hasEnded = false
    let tell = (event: LoggedEvent): void => void early.push(event)
    let end = () => {
      hasEnded = true
    }
    const stop = await store.follow(
      wanted,
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
      // What comes after we have closed is not listened to.
      if (socket.readyState !== socket.OPEN) return
      if (isBinary) socket.close(UNSUPPORTED, 'text frames only')
      else onText(Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data as Buffer))
    })
  }

  function refuse(socket: WebSocket, error: unknown): void {
    const requestId = deps.newId()
    const problem = problemOf(error)
    if (problem.code === 'internal_error') observe.requestFailed(requestId, error)
    observe.denied(problem.code, requestId)
    const retryAfter = problemHeaders(problem)['retry-after']
    // A frame has no headers.
    const told = {
      ...problemBody(problem, requestId),
      ...(retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) }),
    }
    push(socket, JSON.stringify({ error: told }))
  }

  /** A frame nobody asked for is answered with an error; the third ends the socket. */
  function strike(socket: WebSocket, strikes: { count: number }, error: unknown): void {
    strikes.count += 1
    refuse(socket, error)
    if (strikes.count >= MAX_STRIKES) socket.close(POLICY, 'too many frames that make no sense')
  }

  return {
    prepare,

    follow(socket: WebSocket, following: Following, principal: Principal): void {
      open(socket, principal)
      const strikes = { count: 0 }
      listen(socket, () =>
        strike(socket, strikes, new Problem('invalid_request', { detail: 'this stream only speaks' })),
      )
      stream(socket, following)
    },

    /** The first text frame is the order; a frame that is denied may be followed by a better one. */
    placeAndFollow(socket: WebSocket, { refusal, place }: Placing, principal: Principal): void {
      open(socket, principal)
      const strikes = { count: 0 }
      let state: 'open' | 'placing' | 'placed' = 'open'
      listen(socket, async (data) => {
        if (state !== 'open') {
          return strike(socket, strikes, new Problem('invalid_request', { detail: 'one order per socket' }))
        }
        if (!keys.isCurrent(principal.owner)) return socket.close(POLICY, KEY_GONE)
        state = 'placing'
        try {
          const overload = refusal()
          if (overload !== undefined) throw overload
          const answer = await place(checkOrder(readJsonObject(data)))
          state = 'placed'
          push(socket, JSON.stringify(answer))
          await streamPlaced(socket, answer.orderId, principal)
        } catch (error) {
          state = 'open'
          // What is refused for now may well be sent again.
          if (problemTable[problemOf(error).code].status === 503) refuse(socket, error)
          else strike(socket, strikes, error)
        }
      })
    },

    followOverSse(response: ServerResponse, following: Following, principal: Principal): void {
      if (response.destroyed) {
        following.stop()
        return
      }
      responses.set(response, principal.owner)
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
        (event) => turns.take(() => tell(response, sseText(event))),
        () => turns.take(() => response.end()),
      )
    },

    /** Tells every stream that this process goes away; clients resume elsewhere behind their last seq. */
    close(): void {
      stopTimer()
      for (const socket of sockets.keys()) socket.close(GOING_AWAY, 'the server is going away')
      for (const response of responses.keys()) response.end()
    },
  }
}
