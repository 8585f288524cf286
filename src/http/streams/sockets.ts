// Owns streams over WebSocket, and placing an order as the first frame of one.

import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Principal } from '../../domain/access.ts'
import type { OrderStore } from '../../domain/ports/orders.ts'
import type { OrderId } from '../../domain/spec.ts'
import { repeat } from '../../timing/repeat.ts'
import { Problem, problemBody, problemHeaders, problemOf, problemTable } from '../problems.ts'
import { readJsonObject } from '../requests/json.ts'
import { validator } from '../requests/validation.ts'
import { OrderRequest } from '../schemas/orderSchemas.ts'
import { prepareFollowing } from './following.ts'
import { framesOf } from './frames.ts'
import {
  HEARTBEAT_MS,
  MAX_BUFFERED,
  type MessageStream,
  type StreamDeps,
  type StreamMessage,
} from './messageStream.ts'
import { type Waitings, withWaiting } from './waitings.ts'

/** Frames of any kind that a client may send in a second. */
const MAX_FRAMES_PER_S = 20
/** Frames at fault before the socket is closed. */
const MAX_STRIKES = 3

// Close codes (RFC 6455, 7.4.1, and its IANA registry).
const NORMAL = 1000
const GOING_AWAY = 1001
const UNSUPPORTED = 1003
const POLICY = 1008
const TRY_AGAIN_LATER = 1013
const TOO_SLOW = 'too slow'
const KEY_GONE = 'the key is no longer valid'

const checkOrder = validator(OrderRequest)

type SocketDeps = StreamDeps & {
  readonly store: Pick<OrderStore, 'follow'>
  newId(): string
}

/** Places the order of a frame and returns the answer to it; throws a Problem when there is none. */
type PlaceFrame = (body: OrderRequest) => Promise<object & { readonly orderId: OrderId }>

export type Sockets = ReturnType<typeof openSockets>

export function openSockets(deps: SocketDeps) {
  const open = openSocketRegister(deps)

  return {
    /** `transport`: the connection beneath the socket, where many messages of one moment are to leave together. */
    follow(
      socket: WebSocket,
      stream: MessageStream,
      principal: Principal,
      transport: Socket | null = null,
    ): void {
      open.add(socket, principal)
      const strike = createStrikes(socket, deps)
      onFrame(socket, () => strike(new Problem('invalid_request', { detail: 'this stream only speaks' })))
      carry(socket, stream, transport, deps)
    },

    /**
     * The first text frame is the order; a frame that is denied may be followed by a better one. `waitings` is null where
     * the client has not asked for live answers.
     */
    placeAndFollow(
      socket: WebSocket,
      place: PlaceFrame,
      principal: Principal,
      waitings: Waitings | null,
    ): void {
      open.add(socket, principal)
      const strike = createStrikes(socket, deps)
      let takesOrder = true
      onFrame(socket, async (data) => {
        if (!takesOrder) return strike(new Problem('invalid_request', { detail: 'one order per socket' }))
        if (!deps.keys.isCurrent(principal.owner)) return socket.close(POLICY, KEY_GONE)
        takesOrder = false
        let answer: Awaited<ReturnType<PlaceFrame>>
        try {
          answer = await place(checkOrder(readJsonObject(data)))
        } catch (error) {
          takesOrder = true
          // What is denied only for now may be sent again.
          if (problemTable[problemOf(error).code].status === 503) answerError(socket, error, deps)
          else strike(error)
          return
        }
        push(socket, JSON.stringify(answer))
        await followPlaced(socket, { id: answer.orderId, owner: principal.owner }, waitings, deps)
      })
    },

    /** Closes every socket; clients resume at another process behind the last message they have received. */
    close: open.close,
  }
}

/** The order exists, whatever becomes of its stream: a client that is closed on has the id to come back with. */
async function followPlaced(
  socket: WebSocket,
  { id, owner }: { readonly id: OrderId; readonly owner: string },
  waitings: Waitings | null,
  deps: SocketDeps,
): Promise<void> {
  try {
    const following = await prepareFollowing(deps.store, { id, owner, after: 0 })
    if (following !== null) return carry(socket, withWaiting(following, id, waitings), null, deps)
  } catch {
    // As for an order that is not there.
  }
  socket.close(TRY_AGAIN_LATER, 'follow the order at its wsUrl')
}

/** Gives the socket the messages of the stream, until it ends. */
function carry(
  socket: WebSocket,
  stream: MessageStream,
  transport: Socket | null,
  { turns }: SocketDeps,
): void {
  // A socket that closed before this line emits no further `close`.
  if (socket.readyState !== socket.OPEN) {
    stream.stop()
    return
  }
  socket.on('close', stream.stop)
  stream.start(
    (messages, onTaken) => turns.take(() => pushAll(socket, transport, messages, onTaken)),
    () => turns.take(() => socket.close(NORMAL)),
    () => socket.close(TRY_AGAIN_LATER, TOO_SLOW),
  )
}

/** The open sockets, each with the owner whose key opened it: pinged, checked and counted. */
function openSocketRegister({ keys, clock, observe, turns }: SocketDeps) {
  const sockets = new Map<WebSocket, { isAlive: boolean; readonly owner: string }>()

  const stopHeartbeat = repeat(clock, HEARTBEAT_MS, beat, (error) => observe.requestFailed('socket', error))

  /** A socket without a pong since the last ping is dead. A socket whose key was revoked is closed. */
  async function beat(): Promise<void> {
    for (const [socket, state] of sockets) {
      if (!state.isAlive) socket.terminate()
      else if (!keys.isCurrent(state.owner)) socket.close(POLICY, KEY_GONE)
      else turns.take(() => socket.ping())
      state.isAlive = false
    }
  }

  /** Closes a socket that floods: a frame costs us more than it costs its sender. */
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

  return {
    add(socket: WebSocket, { owner }: Principal): void {
      const state = { isAlive: true, owner }
      sockets.set(socket, state)
      observe.streamOpened('websocket')
      socket.on('pong', () => {
        state.isAlive = true
      })
      limitFrames(socket)
      // ws answers protocol errors with the right close code; without a listener they would end the process.
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        observe.streamClosed('websocket')
      })
    },
    close(): void {
      stopHeartbeat()
      for (const socket of sockets.keys()) socket.close(GOING_AWAY, 'the server is going away')
    },
  }
}

/** What is written in one turn goes to the kernel at once: a call for each message costs more than the message. */
function corkForNow(transport: Socket): void {
  if (transport.writableCorked > 0) return
  transport.cork()
  process.nextTick(() => transport.uncork())
}

/** `transport`: the connection beneath the socket. Several messages go to it as one block of bytes. */
function pushAll(
  socket: WebSocket,
  transport: Socket | null,
  messages: readonly StreamMessage[],
  onTaken?: () => void,
): void {
  if (transport !== null && messages.length > 1 && hasRoom(socket)) {
    transport.write(framesOf(messages), onTaken)
    return
  }
  if (transport !== null) corkForNow(transport)
  const last = messages.length - 1
  for (const [i, { text }] of messages.entries()) push(socket, text, i === last ? onTaken : undefined)
}

const hasRoom = ({ readyState, OPEN, bufferedAmount }: WebSocket) =>
  readyState === OPEN && bufferedAmount <= MAX_BUFFERED

function push(socket: WebSocket, text: string, onTaken?: () => void): void {
  if (socket.bufferedAmount > MAX_BUFFERED) {
    socket.close(TRY_AGAIN_LATER, TOO_SLOW)
    onTaken?.()
  } else socket.send(text, onTaken)
}

/** Calls `onText` for each text frame; a binary frame closes the socket. */
function onFrame(socket: WebSocket, onText: (data: Uint8Array) => void): void {
  socket.on('message', (data, isBinary) => {
    // Frames may still arrive after we have closed.
    if (socket.readyState !== socket.OPEN) return
    if (isBinary) socket.close(UNSUPPORTED, 'text frames only')
    else onText(Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data as Buffer))
  })
}

/** Answers a frame at fault with an error; the third closes the socket. */
function createStrikes(socket: WebSocket, deps: SocketDeps): (error: unknown) => void {
  let strikes = 0
  return (error) => {
    strikes += 1
    answerError(socket, error, deps)
    if (strikes >= MAX_STRIKES) socket.close(POLICY, 'too many frames that make no sense')
  }
}

function answerError(socket: WebSocket, error: unknown, { newId, observe }: SocketDeps): void {
  const requestId = newId()
  const problem = problemOf(error)
  if (problem.code === 'internal_error') observe.requestFailed(requestId, error)
  observe.denied(problem.code, requestId)
  const retryAfter = problemHeaders(problem)['retry-after']
  const body = {
    ...problemBody(problem, requestId),
    // A frame has no headers.
    ...(retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) }),
  }
  push(socket, JSON.stringify({ error: body }))
}
