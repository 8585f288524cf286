// Owns which web pages may do what: our own may open sockets, those of ALLOWED_ORIGINS may use the whole API (CORS). Programs
// send no Origin and may. Credentials travel in Authorization alone, never by themselves, so no answer allows credentials.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from './problems.ts'
import type { Addresses } from './publicAddress.ts'
import { securityHeaders } from './securityHeaders.ts'

type Done = (error?: Error) => void

/** Refuses an upgrade from a foreign origin before it happens. */
export function originGuard(allowedOrigins: readonly string[], addresses: Addresses) {
  return ({ raw, ws }: FastifyRequest, _reply: FastifyReply, done: Done): void => {
    const { origin } = raw.headers
    const mayOpen =
      !ws || origin === undefined || allowedOrigins.includes(origin) || addresses.isOwn(origin, raw)
    done(mayOpen ? undefined : new Problem('origin_denied'))
  }
}

/** What a page may read of an answer beside its body. */
const EXPOSED = [
  'location',
  'idempotency-replayed',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'allow',
  'www-authenticate',
].join(', ')

/**
 * Lets pages of the allowed origins read every answer. Said before anything else has seen the request: refusals at the door
 * and event streams do not pass the framework's reply.
 */
export function shareAnswers(server: Server, allowedOrigins: readonly string[]): void {
  if (allowedOrigins.length === 0) return
  server.prependListener('request', ({ headers }: IncomingMessage, response: ServerResponse) => {
    response.setHeader('vary', 'origin')
    if (headers.origin === undefined || !allowedOrigins.includes(headers.origin)) return
    response.setHeader('access-control-allow-origin', headers.origin)
    response.setHeader('access-control-expose-headers', EXPOSED)
  })
}

/** A browser's question whether a page may send a request. */
const isPreflight = ({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean =>
  method === 'OPTIONS' &&
  headers.origin !== undefined &&
  headers['access-control-request-method'] !== undefined

/** Long enough to ask once in a session; browsers keep it for two hours at most. */
const MAX_AGE_S = '7200'

/** What a page is allowed to try where there is nothing: it is to read the 404. */
const ANY_METHOD = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** Answers preflights of the allowed origins, whatever limits the request itself will meet: the page is to read why. */
export function answerPreflights(allowedOrigins: readonly string[], allow: ReadonlyMap<string, string>) {
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const { headers } = request
    if (!isPreflight(request) || !allowedOrigins.includes(headers.origin ?? '')) {
      done()
      return
    }
    // Chrome asks this of pages that are not themselves on the network of the address.
    const isNear = headers['access-control-request-private-network'] === 'true'
    reply.code(204).headers({
      ...securityHeaders,
      'access-control-allow-methods': allow.get(request.routeOptions.url ?? '') ?? ANY_METHOD,
      'access-control-allow-headers': 'authorization, content-type, idempotency-key, last-event-id',
      'access-control-max-age': MAX_AGE_S,
      ...(isNear ? { 'access-control-allow-private-network': 'true' } : {}),
    })
    reply.send()
  }
}

/** Refuses the preflights that are left: those of foreign origins. */
export function refusePreflights(request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  done(isPreflight(request) ? new Problem('origin_denied') : undefined)
}
