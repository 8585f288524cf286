// Owns what a socket is opened for: prepared before the upgrade, while the request can still be denied.

import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import type { Principal } from '../domain/access.ts'
import { principalOf, requireScope } from './access.ts'
import type { AddressLimits } from './addressLimits.ts'
import type { Routes } from './app.ts'
import type { MessageStream } from './messageStream.ts'
import type { Sockets } from './sockets.ts'

export type Session = { attach(socket: WebSocket): void }

declare module 'fastify' {
  interface FastifyRequest {
    /** Null unless the request opens a socket. */
    session: Session | null
  }
}

/** To be called once, before the routes that open sockets. */
export function allowSessions(app: Routes): void {
  app.decorateRequest('session', null)
}

/** The wsHandler of such a route. */
export function attachSession(socket: WebSocket, { session }: FastifyRequest): void {
  if (session === null) throw new Error('a socket was opened for nothing')
  session.attach(socket)
}

/** A socket that gives the stream. Throws a Problem where the client may not have it, or has as many as it may. */
export async function prepareStream(
  request: FastifyRequest,
  open: (principal: Principal) => Promise<MessageStream>,
  { sockets, limits }: { readonly sockets: Sockets; readonly limits: AddressLimits },
): Promise<Session> {
  const principal = principalOf(request)
  requireScope(principal, 'read')
  limits.holdSocket(request)
  const stream = await open(principal)
  const { socket } = request.raw
  // The client may leave before its upgrade is answered.
  if (socket.destroyed) stream.stop()
  else socket.once('close', stream.stop)
  return { attach: (webSocket) => sockets.follow(webSocket, stream, principal) }
}
