// Owns the routes of an order's stream: over WebSocket, which may also place the order, and over server-sent events.

import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { Principal } from '../../domain/access.ts'
import { parseOrderId } from '../../domain/spec.ts'
import { principalOf, requireScope } from '../access.ts'
import type { AddressLimits } from '../addressLimits.ts'
import type { Admission } from '../admission.ts'
import { EXECUTE, type Routes } from '../app.ts'
import type { HttpDeps } from '../deps.ts'
import type { Addresses } from '../edge/publicAddress.ts'
import type { Place } from '../placing.ts'
import { denied, Problem } from '../problems.ts'
import { EventsQuery, OrderParams, ProblemBody, StreamQuery } from '../schemas/apiSchemas.ts'
import { type Following, prepareFollowing } from '../streams/following.ts'
import type { Sockets } from '../streams/sockets.ts'
import type { EventStreams } from '../streams/sse.ts'
import { type Waitings, withWaiting } from '../streams/waitings.ts'
import { acceptedView } from '../views.ts'
import { attachSession, prepareStream, type Session } from './streamRoutes.ts'

type Shared = {
  readonly place: Place
  readonly sockets: Sockets
  readonly eventStreams: EventStreams
  readonly admission: Admission
  readonly limits: AddressLimits
  readonly addresses: Addresses
  readonly waitings: Waitings
}

export function orderStreamRoutes(app: Routes, deps: HttpDeps, shared: Shared): void {
  socketRoute(app, deps, shared)
  eventsRoute(app, deps, shared)
}

function socketRoute(app: Routes, deps: HttpDeps, shared: Shared): void {
  const { sockets, place, admission, limits, addresses, waitings } = shared

  app.route({
    method: 'GET',
    url: EXECUTE,
    // The scope depends on what the socket is opened for.
    config: { access: 'key' },
    schema: {
      summary: 'Follow an order over WebSocket, or place one as the first text frame.',
      querystring: StreamQuery,
      response: { '4xx': ProblemBody, '5xx': ProblemBody },
    },
    preHandler: async (request) => {
      if (!request.ws) return
      const { orderId, after, waiting } = request.query
      const wanted = waiting === 'true' ? waitings : null
      request.session =
        orderId === undefined
          ? preparePlacing(request, wanted)
          : await prepareStream(
              request,
              // 404 must come before the upgrade, so the log is followed from here on.
              (principal) =>
                follow(
                  { text: orderId, after: Number(after ?? 0), waitings: wanted },
                  principal,
                  deps.orders,
                ),
              shared,
            )
    },
    handler: async () => {
      throw new Problem('upgrade_required', {
        headers: { upgrade: 'websocket', connection: 'Upgrade, close' },
      })
    },
    wsHandler: attachSession,
  })

  /** Without an order id the socket places an order itself, so overload is answered before the upgrade. */
  function preparePlacing(request: FastifyRequest, waitings: Waitings | null): Session {
    const principal = principalOf(request)
    requireScope(principal, 'trade')
    limits.holdStream(request)
    const overload = admission.turnAway()
    if (overload !== undefined) throw overload
    return {
      attach: (socket) =>
        sockets.placeAndFollow(
          socket,
          async (body) => acceptedView((await place(body, null, principal)).order, addresses.of(request.raw)),
          principal,
          waitings,
        ),
    }
  }
}

/** The same events from the same log as over a socket, without an upgrade. */
function eventsRoute(app: Routes, deps: HttpDeps, { eventStreams, limits, waitings }: Shared): void {
  app.get(
    '/api/orders/:id/events',
    {
      config: { access: 'read' },
      schema: {
        summary: 'The events of an order as server-sent events; resumes behind Last-Event-ID.',
        params: OrderParams,
        querystring: EventsQuery,
        response: { 204: Type.Null(), '4xx': ProblemBody },
      },
    },
    async (request, reply) => {
      const last = request.headers['last-event-id']
      if (last !== undefined && !/^\d{1,9}$/.test(String(last))) {
        throw denied([
          { field: 'Last-Event-ID', code: 'invalid_type', detail: 'the id of an event: its seq' },
        ])
      }
      const principal = principalOf(request)
      limits.holdStream(request, reply.raw)
      const wanted = request.query.waiting === 'true' ? waitings : null
      const following = await follow(
        { text: request.params.id, after: Number(last ?? 0), waitings: wanted },
        principal,
        deps.orders,
      )
      // 204 keeps an EventSource from reconnecting: there is nothing to come back for.
      if (following.isOver()) return reply.code(204).send(null)
      reply.hijack()
      eventStreams.follow(reply.raw, following, principal)
      // There is nothing to wait for where only headers are asked for.
      if (request.method === 'HEAD') reply.raw.end()
    },
  )
}

/** What a stream is to give; `waitings` is null where the client has not asked for live answers. */
type Wanted = { readonly text: string; readonly after: number; readonly waitings: Waitings | null }

/** Someone else's order answers like one that does not exist: 404. */
async function follow(
  { text, after, waitings }: Wanted,
  { owner }: Principal,
  { store }: HttpDeps['orders'],
): Promise<Following> {
  const id = parseOrderId(text)
  const following = id === null ? null : await prepareFollowing(store, { id, owner, after })
  if (id === null || following === null) throw new Problem('order_not_found')
  return withWaiting(following, id, waitings)
}
