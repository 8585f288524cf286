// Owns routes that answer with a stream. A stream is prepared before the answer begins, while the request can still be denied.

import type { FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import type { WebSocket } from 'ws'
import type { Principal } from '../../domain/access.ts'
import { principalOf, requireScope } from '../access.ts'
import type { AddressLimits } from '../addressLimits.ts'
import type { Routes } from '../app.ts'
import { ProblemBody } from '../schemas/apiSchemas.ts'
import type { MessageStream } from '../streams/messageStream.ts'
import type { Sockets } from '../streams/sockets.ts'
import type { EventStreams } from '../streams/sse.ts'

/** What a socket is opened for. */
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

export type Carriers = {
  readonly sockets: Sockets
  readonly eventStreams: EventStreams
  readonly limits: AddressLimits
}

type StreamRoute<Query extends TSchema> = {
  readonly url: string
  readonly summary: string
  readonly querystring: Query
  /** Throws a Problem where there is nothing to give. `lastEventId`: what an event source comes back with. */
  open(query: Static<Query>, principal: Principal, lastEventId: string | null): Promise<MessageStream>
}

/** One address, two carriers: a WebSocket for a request that opens one, else server-sent events. */
export function addStreamRoute<Query extends TSchema>(
  app: Routes,
  { url, summary, querystring, open }: StreamRoute<Query>,
  carriers: Carriers,
): void {
  const streamFor = (request: FastifyRequest) =>
    open(request.query as Static<Query>, principalOf(request), lastEventIdOf(request))
  app.route({
    method: 'GET',
    url,
    config: { access: 'read' },
    schema: { summary, querystring, response: { '4xx': ProblemBody, '5xx': ProblemBody } },
    preHandler: async (request) => {
      if (request.ws) request.session = await prepareStream(request, () => streamFor(request), carriers)
    },
    handler: async (request, reply) => {
      carriers.limits.holdStream(request, reply.raw)
      const stream = await streamFor(request)
      reply.hijack()
      carriers.eventStreams.follow(reply.raw, stream, principalOf(request))
      // There is nothing to wait for where only headers are asked for.
      if (request.method === 'HEAD') reply.raw.end()
    },
    wsHandler: attachSession,
  })
}

function lastEventIdOf({ headers }: FastifyRequest): string | null {
  const last = headers['last-event-id']
  return last === undefined ? null : String(last)
}

/** A socket that gives the stream. Throws a Problem where the client may not have it, or has as many as it may. */
export async function prepareStream(
  request: FastifyRequest,
  open: (principal: Principal) => Promise<MessageStream>,
  { sockets, limits }: Omit<Carriers, 'eventStreams'>,
): Promise<Session> {
  const principal = principalOf(request)
  requireScope(principal, 'read')
  limits.holdStream(request)
  const stream = await open(principal)
  const { socket } = request.raw
  // The client may leave before its upgrade is answered.
  if (socket.destroyed) stream.stop()
  else socket.once('close', stream.stop)
  return { attach: (webSocket) => sockets.follow(webSocket, stream, principal, socket) }
}
