// Owns the route of the stream of all orders: over WebSocket and over server-sent events.

import Type from 'typebox'
import type { Principal } from '../domain/access.ts'
import type { Pace } from '../timing/pace.ts'
import { principalOf } from './access.ts'
import type { AddressLimits } from './addressLimits.ts'
import type { Routes } from './app.ts'
import type { HttpDeps } from './deps.ts'
import { readFeedCursor } from './feedCursor.ts'
import { type FeedWanted, prepareFeed } from './feedStream.ts'
import { toFilter } from './orderFilter.ts'
import { Problem } from './problems.ts'
import { FeedQuery, ProblemBody } from './schemas.ts'
import type { Sockets } from './sockets.ts'
import type { EventStreams } from './sse.ts'
import { attachSession, prepareStream } from './streamSession.ts'

type Shared = {
  readonly sockets: Sockets
  readonly eventStreams: EventStreams
  readonly limits: AddressLimits
  /** Shared by all streams of this kind. */
  readonly pace: Pace
}

export function orderFeedRoutes(app: Routes, deps: HttpDeps, shared: Shared): void {
  async function open(query: FeedQuery, lastEventId: unknown, { owner }: Principal) {
    const { cursor = null, ...filter } = query
    // What an event source comes back with is newer than what its page asked for at first.
    const resumeAt = typeof lastEventId === 'string' ? lastEventId : cursor
    const wanted: FeedWanted = {
      filter: toFilter(filter, owner, deps.market.tokens),
      after: resumeAt === null ? null : readFeedCursor(resumeAt),
    }
    if (wanted.after !== null && !(await deps.orders.store.feed.reaches(wanted.after))) {
      throw new Problem('cursor_expired')
    }
    return prepareFeed(deps, shared.pace, wanted)
  }

  app.route({
    method: 'GET',
    url: '/api/orders/stream',
    config: { access: 'read' },
    schema: {
      summary:
        'Every event of all orders, over WebSocket or as server-sent events; first the orders as they are.',
      querystring: FeedQuery,
      response: { 200: Type.String(), '4xx': ProblemBody, '5xx': ProblemBody },
    },
    preHandler: async (request) => {
      if (!request.ws) return
      request.session = await prepareStream(
        request,
        (principal) => open(request.query, undefined, principal),
        shared,
      )
    },
    handler: async (request, reply) => {
      const principal = principalOf(request)
      const stream = await open(request.query, request.headers['last-event-id'], principal)
      reply.hijack()
      shared.eventStreams.follow(reply.raw, stream, principal)
      // There is nothing to wait for where only headers are asked for.
      if (request.method === 'HEAD') reply.raw.end()
    },
    wsHandler: attachSession,
  })
}
